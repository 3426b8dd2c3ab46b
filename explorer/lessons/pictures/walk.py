"""A walk through the whole pass: what it is about, and where it stops, each stop with a sentence of its own numbers."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from explorer.lessons.flow import (
    ADD,
    ATTENTIONS,
    CROSS,
    FEED_FORWARD,
    LAST_NORM,
    LOSS,
    MASKED,
    NORM,
    OUTPUT,
    POOLING,
    POSITIONS,
    PROBABILITIES,
    VECTORS,
    Box,
    flow,
    tokens_of,
)
from explorer.lessons.lesson import Lesson
from explorer.lessons.pictures.attention import attention_lines
from explorer.lessons.pictures.next_word import next_words
from explorer.lessons.pictures.picture import number
from explorer.lessons.steps import GRADIENT
from explorer.lessons.summaries import steepest_cell, turned
from explorer.texts import _
from explorer.transformer.tape import Array


@dataclass(frozen=True)
class Stop:
    """Where a walk through the picture stands: a box by its number, on the way `back` or not, the first of its steps
    there, and a sentence with this lesson's own words and numbers."""

    box: int
    back: bool
    key: str
    sentence: str


@dataclass(frozen=True, eq=False)
class Walk:
    """The boxes of `explorer.lessons.flow` in the order of the steps, in words."""

    lesson: Lesson

    @cached_property
    def boxes(self) -> tuple[Box, ...]:
        return flow(self.lesson).boxes

    @property
    def sentences(self) -> tuple[str, ...]:
        """What the picture is about, in six sentences; in four of the encoder alone."""
        example, trace = self.lesson.example, self.lesson.trace
        d_model = example.translator.configuration.d_model
        numbers = _(
            "A computer can only compute with numbers, so each word is a row of {d_model} numbers, its embedding: "
            "words that are used alike should get similar rows.",
            d_model=d_model,
        )
        if example.embedding is not None:
            values = _(
                "Nobody writes these numbers: they start at random, and training moves them a little with every "
                "sentence; here they come from {name}, whose training is over.",
                name=example.embedding.name,
            )
        elif example.at_will:
            values = _(
                "Usually nobody writes these numbers: they start at random, and training moves them a little with "
                "every sentence; here they are arbitrary ones, few enough to compute everything by hand."
            )
        else:
            values = _(
                "Nobody writes these numbers: they start at random, and training moves them a little with every "
                "sentence; here they are those of a training."
            )
        layer = _(
            "A layer lets each word collect from other words (attention), works on each word alone (feed-forward), "
            "and adds what it finds to the word's row."
        )
        if example.encoder_only:
            sentence = " ".join(example.source)
            return (
                _("We want numbers for what each word of “{sentence}” means in this sentence.", sentence=sentence),
                numbers,
                values,
                layer,
            )
        if example.label:
            return (
                _(
                    "We want a computer to tell which label the text “{text}” has: {labels}.",
                    text=" ".join(example.source),
                    labels=", ".join(example.labels),
                ),
                numbers,
                values,
                layer,
                _(
                    "At the end the rows become one vector for the text. It gives a score to each of the {count} "
                    "labels, and so a probability.",
                    count=len(example.labels),
                ),
                self._said_of_the_loss(),
            )
        if example.is_of_language:
            wanted = _(
                "We want a computer to tell, after each word of “{sentence}”, which word comes next.",
                sentence=" ".join(example.target),
            )
        else:
            source, target = example.sides
            wanted = _(
                "We want a computer to turn “{source}” into “{target}”, word by word.", source=source, target=target
            )
        return (
            wanted,
            numbers,
            values,
            layer,
            _(
                "At the end each row gives a score to each of the {count:,} words that the model can say, and so a "
                "probability to be the next word.",
                count=len(trace.labels("probabilities")[1]),
            ),
            self._said_of_the_loss_of_words(),
        )

    def _said_of_the_loss_of_words(self) -> str:
        trace = self.lesson.trace
        loss, guessing = float(trace["loss"].value), math.log(len(trace.labels("probabilities")[1]))
        compared = _(
            "The loss says how improbable the right words are: here it is {loss}, and guessing would give {guessing}.",
            loss=number(loss, 4),
            guessing=number(guessing, 4),
        )
        way_back = _(
            "The way back finds how the loss changes with each number, and a step of the optimiser makes it smaller."
        )
        return " ".join(filter(None, (compared, self._why_worse_than_guessing(loss, guessing), way_back)))

    def _why_worse_than_guessing(self, loss: float, guessing: float) -> str:
        """Empty where it is no worse."""
        if loss <= guessing:
            return ""
        if self.lesson.example.caution:
            return _("It is worse than guessing because nothing is trained yet.")
        return _("It is worse than guessing because the model expects other words than this target.")

    @cached_property
    def stops(self) -> tuple[Stop, ...]:
        """The boxes in the order of the steps, forward and then back."""
        homes = {
            key: (place, key in box.back) for place, box in enumerate(self.boxes) for key in (*box.keys, *box.back)
        }
        stops: list[Stop] = []
        for step in self.lesson.steps:
            box, back = homes[step.key]
            if not stops or (stops[-1].box, stops[-1].back) != (box, back):
                said = self._said_back(self.boxes[box]) if back else self._said(self.boxes[box])
                if self.boxes[box].kind == PROBABILITIES and not back:
                    said = f"{said} {self.lesson.example.caution}".rstrip()
                stops.append(Stop(box, back, step.key, said))
        return tuple(stops)

    def tensor_of(self, box: Box) -> str:
        """The tensor that a box shows; empty where it shows none."""
        trace = self.lesson.trace
        wanted = ".activation" if box.kind == FEED_FORWARD else ".weights" if box.kind in ATTENTIONS else ""
        keys = [key for key in box.keys if key in trace and (not wanted or key.endswith(wanted))]
        return keys[-1] if keys else ""

    def _said(self, box: Box) -> str:
        trace, name = self.lesson.trace, self.tensor_of(box)
        if not name:
            before, after = float(trace["loss"].value), self.lesson.update.loss
            return _(
                "The weights move a little against their gradients: the loss goes from {before} to {after}.",
                before=number(before),
                after=number(after),
            )
        value = trace[name].value
        if self.lesson.example.label and box.column:
            return self._said_of_a_label(box, value)
        words = tokens_of(trace, box)
        last = words[-1]
        if box.kind == VECTORS:
            some = ", ".join(number(each, 2) for each in value[-1][:4].tolist())
            more = " …" if value.shape[1] > 4 else ""
            return _(
                "Each of the {count} words becomes a row of {width} numbers: “{word}” is {numbers}.",
                count=len(words),
                width=value.shape[1],
                word=last,
                numbers=some + more,
            )
        if box.kind == POSITIONS:
            return _(
                "A row that stands for its position is added to each word: “{word}” has position {place} of {place}.",
                word=last,
                place=len(words),
            )
        if box.kind in ATTENTIONS:
            lines = attention_lines(trace, name)
            head, key = np.unravel_index(value[:, -1].argmax(), value[:, -1].shape)
            share = number(float(value[head, -1, key]))
            looks = _(
                "“{word}” looks most at “{other}”: weight {share}, in head {head}.",
                word=last,
                other=lines.keys[key],
                share=share,
                head=int(head) + 1,
            )
            if box.kind == MASKED:
                about = _("A word may look only at itself and at the words before it.")
            elif box.kind == CROSS:
                about = _("Now the target looks at the source.")
            else:
                about = _("Each word collects from the words around it.")
            return f"{about} {looks}"
        if box.kind in (NORM, ADD, LAST_NORM):
            return self._said_of_a_norm(box, name, last)
        if box.kind == FEED_FORWARD:
            above = int(np.count_nonzero(value > 0))
            return _(
                "Each row alone goes through {width} hidden numbers: {above:,} of all {count:,} are above 0.",
                width=value.shape[1],
                above=above,
                count=value.size,
            )
        if box.kind == OUTPUT:
            row, token = np.unravel_index(value.argmax(), value.shape)
            return _(
                "Each row gets a score for each of {count:,} words: the highest is {score}, for “{word}” after "
                "“{token}”.",
                count=value.shape[1],
                score=number(float(value[row, token])),
                word=trace.labels(name)[1][token],
                token=words[row],
            )
        if box.kind == PROBABILITIES:
            word, bars = next_words(trace).positions[0]
            expected = next(bar for bar in bars if bar.right)
            if expected is bars[0]:
                return _(
                    "Softmax makes shares of the scores: after “{token}” the model would say “{word}” ({share}), which "
                    "is right.",
                    token=word,
                    word=expected.word,
                    share=number(expected.probability),
                )
            return _(
                "Softmax makes shares of the scores: after “{token}” the model would say “{word}” ({share}); the right "
                "word, “{right}”, has {right_share}.",
                token=word,
                word=bars[0].word,
                share=number(bars[0].probability),
                right=expected.word,
                right_share=number(expected.probability),
            )
        count, loss = len(trace.labels("probabilities")[1]), number(float(value), 4)
        if smoothing := self.lesson.example.smoothing:
            surprise = _(
                "The loss is {loss}: how surprised the model is by the right words, and with label smoothing "
                "{smoothing:g} a little by all others.",
                loss=loss,
                smoothing=smoothing,
            )
        else:
            surprise = _("The loss is {loss}: how surprised the model is by the right words.", loss=loss)
        guessing = _(
            "Guessing among all {count:,} words would give ln {count:,} = {loss}.",
            count=count,
            loss=number(math.log(count), 4),
        )
        return f"{surprise} {guessing}"

    def _said_of_a_label(self, box: Box, value: Array) -> str:
        example = self.lesson.example
        if box.kind == POOLING:
            return _(
                "The rows of all words become one vector of {width} numbers, which stands for the text.",
                width=value.shape[-1],
            )
        if box.kind == LOSS:
            return self._said_of_the_loss()
        most = int(value[0].argmax())
        values = {"label": example.labels[most], "number": number(float(value[0, most])), "right": example.label}
        if box.kind == OUTPUT:
            return _("The vector gives each label a score: the highest is {number}, for “{label}”.", **values)
        return _("Softmax makes shares of the scores: “{label}” has {number}; the right label is “{right}”.", **values)

    def _said_of_the_loss(self) -> str:
        count, loss = len(self.lesson.example.labels), float(self.lesson.trace["loss"].value)
        return _(
            "The loss says how improbable the right label is: here it is {loss}, and guessing among {count} labels "
            "would give ln {count} = {guessing}.",
            loss=number(loss, 4),
            count=count,
            guessing=number(math.log(count), 4),
        )

    def _said_of_a_norm(self, box: Box, name: str, last: str) -> str:
        place = self.boxes.index(box)
        row = self.lesson.trace[name].value[-1]
        if box.kind == LAST_NORM:
            long = number(float(np.linalg.norm(row)), 2)
            return _(
                "A last layer norm scales and shifts each row before it leaves: “{word}” is {length} long now.",
                word=last,
                length=long,
            )
        before = self.tensor_of(self.boxes[place - 2])
        angle = turned(self.lesson.trace[before].value[-1], row)
        if box.kind == NORM:
            return _(
                "The result is added to what was there before, and a layer norm follows: the row of “{word}” has "
                "turned by {angle:.0f}°.",
                word=last,
                angle=angle,
            )
        return _(
            "The result is added to what was there before: the row of “{word}” has turned by {angle:.0f}°.",
            word=last,
            angle=angle,
        )

    def _said_back(self, box: Box) -> str:
        step = self.lesson.step(box.back[0])
        if box.kind == LOSS:
            return _(
                "The way back: for every number before the loss, how much would the loss change if it changed a little?"
            )
        shown = [each for each in step.shown if each.side == GRADIENT]
        name = box.name[0].lower() + box.name[1:]
        through = _("Back through {name}.", name=name)
        named, change = steepest_cell(self.lesson, shown[0])
        if change:
            steepest = _("The loss reacts most to {number}: {change}", number=named, change=change)
        else:
            steepest = _("The loss reacts most to none of the numbers of {name}: their gradient is 0.", name=named)
        return f"{through} {steepest}"
