"""The whole pass in one picture: the encoder, the decoder and the output, drawn from the numbers of the trace."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from explorer.answers import Table
from explorer.lessons.flow import (
    ADD,
    ATTENTIONS,
    CROSS,
    FEED_FORWARD,
    LAST_NORM,
    LOSS,
    MASKED,
    NORM,
    OPTIMISER,
    OUTPUT,
    POOLING,
    POSITIONS,
    PROBABILITIES,
    VECTORS,
    Box,
    flow,
)
from explorer.lessons.lesson import Lesson
from explorer.lessons.pictures.attention import attention_lines
from explorer.lessons.pictures.next_word import Bar, next_words, ranked
from explorer.lessons.pictures.picture import (
    Link,
    Picture,
    anchor,
    both,
    coarse,
    document,
    fitting,
    head_colour,
    heat,
    number,
    plain,
    size_of,
    text,
)
from explorer.lessons.steps import GRADIENT
from explorer.lessons.summaries import steepest_cell, turned
from explorer.palette import Scale
from explorer.texts import _, _n
from explorer.transformer.tape import Array

# A side has a column of what is computed, and beside it one of what that is added to, so that four rows hold a layer.
_WIDE, _NARROW, _OUTPUT_WIDE = 184.0, 100.0, 196.0  # boxes
_BETWEEN, _DOWN, _TOP, _PADDING = 14.0, 13.0, 24.0, 8.0
_LEFT = (10.0, 344.0, 674.0)  # of each side
_READABLE = 14  # the size of the smallest words: a page shows the picture at its own size or larger
_LEGEND = 500.0
_TILE, _TILES = 36.0, 4  # the square of a head, and how many of them stand side by side
_HEADINGS = (_("Encoder: reads the source"), _("Decoder: reads the target so far"), _("Output"))
_OF_A_LABEL = (_("Encoder: reads the text"), _("The whole text"), _("Output"))
_OUTPUT = (OUTPUT, PROBABILITIES, LOSS, OPTIMISER)
_BESIDE = (POSITIONS, NORM, ADD)  # boxes that stand beside the one before them
_SUMS = (*_BESIDE, LAST_NORM)
_MOST_HEADS, _MOST_POSITIONS = 8, 8


@dataclass(frozen=True)
class _Place:
    """Where a box stands."""

    side: int  # encoder, decoder or output
    x: float
    y: float
    width: float
    height: float

    @property
    def inside(self) -> float:
        return self.width - 2 * _PADDING

    @property
    def right(self) -> float:
        return self.x + self.width

    @property
    def low(self) -> float:
        return self.y + self.height

    @property
    def middle(self) -> float:
        return self.y + self.height / 2


@dataclass(frozen=True)
class Stop:
    """Where a walk through the picture stands: a box by its number, on the way `back` or not, the first of its steps
    there, and a sentence with this lesson's own words and numbers."""

    box: int
    back: bool
    key: str
    sentence: str


@dataclass(frozen=True, eq=False)
class Whole(Picture):
    """The boxes of `explorer.lessons.flow` with the tensors that come out of them."""

    lesson: Lesson

    @cached_property
    def boxes(self) -> tuple[Box, ...]:
        return flow(self.lesson).boxes

    @property
    def headline(self) -> str:
        return _("The whole pass: {sentences}", sentences=" → ".join(self.lesson.example.sides))

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
        source, target = example.sides
        return (
            _(
                "We want a computer to turn “{source}” into “{target}”, word by word.",
                source=source,
                target=target,
            ),
            numbers,
            values,
            layer,
            _(
                "At the end each row gives a score to each of the {count:,} words of the target's vocabulary, and so a "
                "probability to be the next word.",
                count=len(trace.labels("probabilities")[1]),
            ),
            _(
                "The loss says how improbable the right words are: here it is {loss}, and guessing would give "
                "{guessing}. The way back finds each number's part in it, and a step lowers it.",
                loss=number(float(trace["loss"].value), 4),
                guessing=number(math.log(len(trace.labels("probabilities")[1])), 4),
            ),
        )

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
                stops.append(Stop(box, back, step.key, said))
        return tuple(stops)

    def tensor_of(self, box: Box) -> str:
        """The tensor that a box shows; empty where it shows none."""
        trace = self.lesson.trace
        wanted = ".activation" if box.kind == FEED_FORWARD else ".weights" if box.kind in ATTENTIONS else ""
        keys = [key for key in box.keys if key in trace and (not wanted or key.endswith(wanted))]
        return keys[-1] if keys else ""

    def as_json(self) -> dict[str, Any]:
        trace = self.lesson.trace
        return {
            "boxes": [
                {
                    "label": box.label,
                    "name": box.name,
                    "steps": [*box.keys, *box.back],
                    **(
                        {"tensor": name, "shape": list(trace[name].shape), "numbers": plain(trace[name].value)}
                        if (name := self.tensor_of(box))
                        else {}
                    ),
                }
                for box in self.boxes
            ],
            "edges": [list(edge) for edge in flow(self.lesson).edges],
            "stops": [
                {"box": stop.box, "back": stop.back, "step": stop.key, "sentence": stop.sentence} for stop in self.stops
            ],
        }

    def table(self) -> Table:
        rows = (
            (self.boxes[stop.box].name, "back" if stop.back else "forward", stop.key, stop.sentence)
            for stop in self.stops
        )
        return Table(("box", "way", "step", "sentence"), tuple(rows))

    def as_svg(self, link: Link | None = None) -> str:
        places = self._places()
        used = sorted({place.side for place in places})
        headings = _OF_A_LABEL if self.lesson.example.label else _HEADINGS
        bottom = max(place.low for place in places) + _DOWN
        body = [text(_LEFT[side], 15, headings[side], 15, "quiet", longest=40) for side in used]
        body += [self._way(places[start], places[end], kind) for start, end, kind in flow(self.lesson).edges]
        for number_, (box, place) in enumerate(zip(self.boxes, places, strict=True)):
            card = f'<rect class="card" x="{place.x:g}" y="{place.y:g}" width="{place.width:g}" '
            inside = f'{card}height="{place.height:g}" rx="6"/>' + "".join(self._inside(box, place))
            key = next(iter((*box.keys, *box.back)))
            body.append(anchor(link, key, box.name, inside, number=number_, back=next(iter(box.back), "")))
        about = _(
            "{count} boxes from the words to the prediction. A strong colour is a large number: blue above zero, "
            "orange below zero, violet for shares.",
            count=len(self.boxes),
        )
        if "loss" in self.lesson.trace:
            loss = _("The loss is {loss}.", loss=number(float(self.lesson.trace["loss"].value), 4))
            about = f"{about} {loss}"
        body.append(_legend(_LEFT[0], bottom + 9))
        heads = (f".head{head}{{{both('fill', head_colour(head))}}}" for head in range(_MOST_HEADS))
        style = "".join(
            (".way{stroke-width:1.5}.way.residual{stroke-dasharray:3 3}.way.memory{stroke-width:2.5}", *heads)
        )
        width = max(_LEGEND, *(place.right for place in places)) + 4
        return document(width, bottom + 15, self.headline, about, body, "whole", style, link is not None)

    def _places(self) -> list[_Place]:
        """Each box below those of its side, or beside what it is added to."""
        ends = [_TOP] * 3
        places: list[_Place] = []
        for box in self.boxes:
            side = 2 if box.kind in _OUTPUT else box.column
            x, y, height = _LEFT[side], ends[side], self._height(box)
            width = _OUTPUT_WIDE if side == 2 else _WIDE
            if box.kind in _SUMS:
                x, width = x + _WIDE + _BETWEEN, _NARROW
            if box.kind in _BESIDE:
                y, height = places[-1].y, places[-1].height
            places.append(_Place(side, x, y, width, height))
            ends[side] = y + height + _DOWN
        return places

    # What a box shows.

    def _rows(self, box: Box) -> float:
        """The height of a row of a strip, such that many words have room."""
        return min(11.0, max(3.0, 40.0 / self._tokens(box)))

    def _tokens(self, box: Box) -> int:
        trace = self.lesson.trace
        return max(1, len(trace.tokens if box.column == 0 else trace.target))  # a text's label has one row

    def _height(self, box: Box) -> float:
        if box.kind == VECTORS:
            return 32 + 17.0 * self._tokens(box)
        if box.kind == PROBABILITIES:
            return 32 + 21.0 * min(self._tokens(box), _MOST_POSITIONS)
        if box.kind == LOSS:
            return 66
        if box.kind == OPTIMISER:
            return 52
        if box.kind in ATTENTIONS:
            heads = min(_MOST_HEADS, self.lesson.example.translator.configuration.heads)
            return 30 + (_TILE + 6) * math.ceil(heads / _TILES)
        return 36 + self._rows(box) * self._tokens(box)

    def _inside(self, box: Box, place: _Place) -> Iterator[str]:
        trace, name = self.lesson.trace, self.tensor_of(box)
        tensor = trace[name] if name else None
        kind, x, y, end = box.kind, place.x + _PADDING, place.y, place.right - _PADDING
        yield text(x, y + 19, box.label, _READABLE, longest=40)
        if tensor is None:
            before, after = float(trace["loss"].value), self.lesson.update.loss
            words = _("loss {before} → {after}", before=number(before), after=number(after))
            yield text(x, y + 41, words, 15, longest=40)
            return
        if kind not in (LOSS, *_SUMS, *ATTENTIONS):
            yield text(end, y + 19, size_of(tensor.shape), _READABLE, "quiet", "end")
        if kind == LOSS:
            said = _("mean of −Σ q ln p") if self.lesson.example.smoothing else _("mean of −ln p")
            yield text(end, y + 19, said, _READABLE, "quiet", "end", longest=40)
            yield text(x, y + 53, number(float(tensor.value), 4), 28, "ink bold")
        elif kind == PROBABILITIES:
            yield from self._bars(x, y + 28, place.inside)
        elif kind in ATTENTIONS:
            for head, weights in enumerate(tensor.value[:_MOST_HEADS]):
                left, top = x + head % _TILES * (_TILE + 6), y + 29 + head // _TILES * (_TILE + 6)
                yield heat(left + 1, top, _TILE - 2, _TILE - 8, weights, Scale(1.0, shares=True))
                below = top + _TILE - 5
                yield f'<rect class="head{head}" x="{left:g}" y="{below:g}" width="{_TILE:g}" height="4" rx="2"/>'
            count = len(tensor.value)
            if count * (_TILE + 6) < place.inside - 70:
                heads = _n("{count} head", "{count} heads", count)
                size = _("of {size}", size=size_of(tensor.shape[1:]))
                yield text(end, y + 24 + _TILE / 2, heads, _READABLE, "quiet", "end")
                yield text(end, y + 41 + _TILE / 2, size, _READABLE, "quiet", "end")
        elif kind == VECTORS:
            tokens = trace.tokens if box.column == 0 else trace.target
            for row, word in enumerate(tokens):
                yield text(x, y + 40 + 17 * row, fitting(word, 84, _READABLE), _READABLE)
                strip = coarse(tensor.value[row : row + 1])
                yield heat(x + 88, y + 29 + 17 * row, place.inside - 88, 13, strip, trace.scale(name))
        elif kind == POSITIONS:  # a row stands beside that of its word
            for row in range(len(tensor.value)):
                strip = coarse(tensor.value[row : row + 1])
                yield heat(x, y + 29 + 17 * row, place.inside, 13, strip, trace.scale(name))
        else:
            rows = tensor.value
            yield heat(x, y + 28, place.inside, self._rows(box) * len(rows), coarse(rows), trace.scale(name))

    def _bars(self, x: float, y: float, width: float) -> Iterator[str]:
        """At each position the likeliest word, or the likeliest label."""
        positions = self._predictions
        words, digits = 62.0, 48.0
        for place, (after, bars) in enumerate(positions[:_MOST_POSITIONS]):
            base = y + 21 * place
            best = bars[0]
            room = width - words - digits
            yield text(x, base + 13, fitting(after, words, _READABLE), _READABLE, "quiet")
            looks = "strong" if best.right else "soft"
            long = room * best.probability
            yield f'<rect class="{looks}" x="{x + words:g}" y="{base + 17:g}" width="{long:.2f}" height="3"/>'
            said = fitting(best.word, room - 16, _READABLE) + (" ✓" if best.right else "")
            yield text(x + words, base + 13, said, _READABLE, longest=60)
            yield text(x + width, base + 13, number(best.probability), _READABLE, "ink", "end")

    @property
    def _predictions(self) -> tuple[tuple[str, tuple[Bar, ...]], ...]:
        example, trace = self.lesson.example, self.lesson.trace
        if not example.label:
            return next_words(trace).positions
        return ((_("text"), ranked(trace["labels.probabilities"].value[0], example.labels, example.label)),)

    @staticmethod
    def _way(start: _Place, end: _Place, kind: str) -> str:
        if kind == "residual":  # the sums follow each other down their column
            x = start.x + start.width * 0.7
            return (
                f'<path class="way residual" d="M{x:g} {start.low:g}V{end.y:g}"/>'
                f'<path class="way" d="M{x - 4:g} {end.y - 5:g}l4 5l4 -5"/>'
            )
        if start.side != end.side:
            lane = end.x - 18 + (6 if kind == "memory" else 0)
            looks = "way memory" if kind == "memory" else "way"
            return (
                f'<path class="{looks}" d="M{start.right:g} {start.middle:g}H{lane:g}V{end.middle:g}H{end.x:g}'
                'm-6 -5l6 5l-6 5"/>'
            )
        if start.y == end.y:
            return f'<path class="way" d="M{start.right:g} {start.middle:g}H{end.x:g}m-5 -4l5 4l-5 4"/>'
        if start.x == end.x:
            x = start.x + start.width * (0.3 if start.width == _NARROW else 0.5)
            return f'<path class="way" d="M{x:g} {start.low:g}V{end.y:g}m-4 -5l4 5l4 -5"/>'
        x, across, between = start.x + start.width * 0.3, end.x + end.width / 2, (start.low + end.y) / 2
        return f'<path class="way" d="M{x:g} {start.low:g}V{between:g}H{across:g}V{end.y:g}m-4 -5l4 5l4 -5"/>'

    # What a walk says at a box.

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
        words = trace.tokens if box.column == 0 else trace.target
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
                about = _("A word of the target may look only at itself and at words before it.")
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


def _legend(x: float, y: float) -> str:
    parts = []
    for number_, words, scale in (
        (1.0, _("above 0"), Scale(1.0)),
        (-1.0, _("below 0"), Scale(1.0)),
        (1.0, _("share"), Scale(1.0, shares=True)),
    ):
        steps = np.linspace(0, number_, 9)[None]
        parts.append(heat(x + 1, y - 11, 54, 12, steps, scale) + text(x + 62, y, words, _READABLE, "quiet"))
        x += 132
    return "".join(parts) + text(x - 14, y, _("stronger: further from 0"), _READABLE, "quiet")
