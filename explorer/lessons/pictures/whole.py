"""The whole pass in one picture: the encoder, the decoder and the output, drawn from the numbers of the trace."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from explorer.answers import Table
from explorer.lessons.flow import Box, flow
from explorer.lessons.lesson import Lesson
from explorer.lessons.pictures.attention import attention_lines
from explorer.lessons.pictures.next_word import next_words
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

_WIDE, _ACROSS, _DOWN, _TOP = 268.0, 344.0, 12.0, 32.0  # a box, from one column to the next, between boxes, a heading
_INSIDE = _WIDE - 24
_HEADINGS = ("Encoder: reads the source", "Decoder: reads the target so far", "Output")
_OUTPUT = ("Output layer", "Probabilities", "Loss", "Optimiser")
_MOST_HEADS, _MOST_POSITIONS = 8, 8


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
        return f"The whole pass: {' → '.join(self.lesson.example.sides)}"

    @property
    def sentences(self) -> tuple[str, ...]:
        """What the picture is about, in six sentences; in four of the encoder alone."""
        example, trace = self.lesson.example, self.lesson.trace
        d_model = example.translator.configuration.d_model
        if example.embedding is not None:
            origin = f"here they come from {example.embedding.name}, whose training is over"
        elif example.at_will:
            origin = "only here they are arbitrary ones, so that one can compute along"
        else:
            origin = "here training has set them"
        numbers = (
            f"A computer can only compute with numbers, so each word is a row of {d_model} numbers, its embedding: "
            "words that are used alike should get rows that point the same way."
        )
        values = (
            "Nobody writes these numbers down by hand: a model starts with random ones, and training moves them a "
            f"little with every sentence; {origin}."
        )
        layer = (
            "A layer lets each word look at the other words and collect from them (attention), then works on each word "
            "alone (feed-forward), and adds what it finds to the word's row."
        )
        if example.encoder_only:
            sentence = " ".join(example.source)
            return (
                f"We want numbers for what each word of “{sentence}” means in this sentence.",
                numbers,
                values,
                layer,
            )
        source, target = example.sides
        return (
            f"We want a computer to turn “{source}” into “{target}”, one word after the other.",
            numbers,
            values,
            layer,
            f"At the end each row is compared with all {len(trace.labels('probabilities')[1]):,} words of the target's "
            "vocabulary, which gives each of them a probability to be the next word.",
            f"The loss, here {number(float(trace['loss'].value), 4)}, says how small the probability of the right "
            "words is; the way back finds each number's part in it, and a small step against that makes it smaller.",
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
        wanted = ".activation" if box.label == "Feed-forward" else ".weights" if "ttention" in box.label else ""
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
        columns = [2 if box.label in _OUTPUT else box.column for box in self.boxes]
        heights = [self._height(box) for box in self.boxes]
        ends = [_TOP] * 3
        places: list[tuple[float, float]] = []
        for column, height in zip(columns, heights, strict=True):
            places.append((column * _ACROSS + 20, ends[column]))
            ends[column] += height + _DOWN
        bottom = max(ends)
        used = sorted(set(columns))
        body = [text(column * _ACROSS + 20, 20, _HEADINGS[column], 15, "quiet", longest=40) for column in used]
        for start, end, kind in flow(self.lesson).edges:
            body.append(self._way(places, heights, columns, start, end, kind))
        for place, (box, (x, y), height) in enumerate(zip(self.boxes, places, heights, strict=True)):
            inside = f'<rect class="card" x="{x:g}" y="{y:g}" width="{_WIDE:g}" height="{height:g}" rx="6"/>' + "".join(
                self._inside(box, x + 12, y)
            )
            key = next(iter((*box.keys, *box.back)))
            body.append(anchor(link, key, box.name, inside, number=place, back=next(iter(box.back), "")))
        loss = (
            f" The loss is {number(float(self.lesson.trace['loss'].value), 4)}." if "loss" in self.lesson.trace else ""
        )
        about = (
            f"{len(self.boxes)} boxes from the words to the prediction. Bright is large: blue above zero, orange below "
            f"zero, violet for shares.{loss}"
        )
        body.append(_legend(20, bottom + 14))
        heads = (f".head{head}{{{both('fill', head_colour(head))}}}" for head in range(_MOST_HEADS))
        style = "".join(
            (".way{stroke-width:1.5}.way.residual{stroke-dasharray:3 3}.way.memory{stroke-width:2.5}", *heads)
        )
        return document(
            (used[-1]) * _ACROSS + _WIDE + 40, bottom + 26, self.headline, about, body, "whole", style, link is not None
        )

    # What a box shows.

    def _rows(self, box: Box) -> float:
        """The height of a row of a strip, such that many words have room."""
        return min(13.0, max(3.0, 40.0 / self._tokens(box)))

    def _tokens(self, box: Box) -> int:
        trace = self.lesson.trace
        return len(trace.tokens if box.column == 0 else trace.target)

    def _height(self, box: Box) -> float:
        match box.label:
            case "Source vectors" | "Target vectors":
                return 36 + 17.0 * self._tokens(box)
            case "Add & norm" | "Add" | "Last norm":
                return 32
            case "Probabilities":
                return 40 + 21.0 * min(self._tokens(box), _MOST_POSITIONS)
            case "Loss":
                return 76
            case "Optimiser":
                return 58
            case label if "ttention" in label:
                return 38 + self._tile(box)
            case _:
                return 38 + self._rows(box) * self._tokens(box)

    def _tile(self, box: Box) -> float:
        heads = min(_MOST_HEADS, self.lesson.example.translator.configuration.heads)
        return min(50.0, _INSIDE / heads - 6)

    def _inside(self, box: Box, x: float, y: float) -> Iterator[str]:
        trace, name = self.lesson.trace, self.tensor_of(box)
        tensor = trace[name] if name else None
        label = box.label
        thin = label in ("Add & norm", "Add", "Last norm")
        yield text(x, y + 21, label, 15 if not thin else 14, "ink" if thin else "ink bold", longest=40)
        if tensor is None:
            before, after = float(trace["loss"].value), self.lesson.update.loss
            yield text(x, y + 46, f"loss {number(before)} → {number(after)}", 16, longest=40)
            return
        if label != "Loss" and not thin and "ttention" not in label:
            yield text(x + _INSIDE, y + 20, size_of(tensor.shape), 13, "quiet", "end")
        if label == "Loss":
            loss = float(tensor.value)
            yield text(x, y + 56, number(loss, 4), 28, "ink bold")
            said = "mean of −Σ q ln p" if self.lesson.example.smoothing else "mean of −ln p"
            yield text(x + 116, y + 55, said, 14, "quiet", longest=40)
        elif label == "Probabilities":
            yield from self._bars(x, y + 34)
        elif "ttention" in label:
            tile = self._tile(box)
            for head, weights in enumerate(tensor.value[:_MOST_HEADS]):
                left = x + head * (tile + 6)
                yield heat(left + 1, y + 31, tile - 2, tile - 8, weights, Scale(1.0, shares=True))
                below = y + 27 + tile
                yield f'<rect class="head{head}" x="{left:g}" y="{below:g}" width="{tile:g}" height="4" rx="2"/>'
            count = len(tensor.value)
            if min(count, _MOST_HEADS) * (tile + 6) < _INSIDE - 70:
                yield text(x + _INSIDE, y + 30 + tile / 2, f"{count} head{'s' * (count > 1)}", 13, "quiet", "end")
                yield text(x + _INSIDE, y + 47 + tile / 2, f"of {size_of(tensor.shape[1:])}", 13, "quiet", "end")
        elif thin:
            height = min(20.0, 6.0 * self._tokens(box))
            yield heat(x + _INSIDE - 130, y + 16 - height / 2, 130, height, coarse(tensor.value), trace.scale(name))
        elif label.endswith("vectors"):
            tokens = trace.tokens if box.column == 0 else trace.target
            for place, word in enumerate(tokens):
                yield text(x, y + 43 + 17 * place, fitting(word, 84, 14), 14)
                strip = coarse(tensor.value[place : place + 1])
                yield heat(x + 90, y + 32 + 17 * place, _INSIDE - 90, 13, strip, trace.scale(name))
        else:
            rows = tensor.value
            yield heat(x, y + 30, _INSIDE, self._rows(box) * len(rows), coarse(rows), trace.scale(name))

    def _bars(self, x: float, y: float) -> Iterator[str]:
        """At each position the likeliest word."""
        positions = next_words(self.lesson.trace).positions
        for place, (after, bars) in enumerate(positions[:_MOST_POSITIONS]):
            base = y + 21 * place
            best = bars[0]
            room = _INSIDE - 82
            yield text(x, base + 14, fitting(after, 76, 13), 13, "quiet")
            looks = "strong" if best.right else "soft"
            long = room * best.probability
            yield f'<rect class="{looks}" x="{x + 80:g}" y="{base + 15:g}" width="{long:.2f}" height="3"/>'
            yield text(
                x + 80, base + 12, fitting(best.word, room - 60, 14) + (" ✓" if best.right else ""), 14, longest=60
            )
            yield text(x + _INSIDE, base + 12, number(best.probability), 14, "ink", "end")

    @staticmethod
    def _way(
        places: list[tuple[float, float]], heights: list[float], columns: list[int], start: int, end: int, kind: str
    ) -> str:
        (x1, y1), (x2, y2) = places[start], places[end]
        low = y1 + heights[start]
        if kind == "residual":
            side = x1 - 9
            middle, target = y1 + heights[start] / 2, y2 + heights[end] / 2
            return f'<path class="way residual" d="M{x1:g} {middle:g}H{side:g}V{target:g}H{x2:g}"/>'
        if columns[start] == columns[end]:
            x = x1 + _WIDE / 2
            return f'<path class="way" d="M{x:g} {low:g}V{y2:g}m-4 -5l4 5l4 -5"/>'
        lane = x1 + _WIDE + (_ACROSS - _WIDE) / 2 - (10 if kind == "memory" else -2)
        middle, target = y1 + heights[start] / 2, y2 + heights[end] / 2
        looks = "way memory" if kind == "memory" else "way"
        return f'<path class="{looks}" d="M{x1 + _WIDE:g} {middle:g}H{lane:g}V{target:g}H{x2:g}m-6 -5l6 5l-6 5"/>'

    # What a walk says at a box.

    def _said(self, box: Box) -> str:
        trace, name = self.lesson.trace, self.tensor_of(box)
        if not name:
            before, after = float(trace["loss"].value), self.lesson.update.loss
            return (
                "All weights move a little against their gradients: the loss goes from "
                f"{number(before)} to {number(after)}."
            )
        value = trace[name].value
        words = trace.tokens if box.column == 0 else trace.target
        last = words[-1]
        if box.label.endswith("vectors"):
            some = ", ".join(number(each, 2) for each in value[-1][:4].tolist())
            more = " …" if value.shape[1] > 4 else ""
            return (
                f"Each of the {len(words)} words becomes a row of {value.shape[1]} numbers: “{last}” is {some}{more}."
            )
        if box.label == "+ positions":
            return (
                f"A row that stands for its position is added to each word: “{last}” has position {len(words)} of "
                f"{len(words)}."
            )
        if "ttention" in box.label:
            lines = attention_lines(trace, name)
            head, key = np.unravel_index(value[:, -1].argmax(), value[:, -1].shape)
            share = number(float(value[head, -1, key]))
            looks = f"“{last}” looks most at “{lines.keys[key]}”: weight {share}, in head {int(head) + 1}"
            if box.label.startswith("Masked"):
                return f"A word of the target may look only at itself and at words before it. {looks}."
            if box.label.startswith("Cross"):
                return f"Now the target looks at the source. {looks}."
            return f"Each word collects from the words around it. {looks}."
        if box.label in ("Add & norm", "Add", "Last norm"):
            return self._said_of_a_norm(box, name, last)
        if box.label == "Feed-forward":
            above = int(np.count_nonzero(value > 0))
            return (
                f"Each row alone goes through {value.shape[1]} hidden numbers: {above:,} of all {value.size:,} are "
                "above 0."
            )
        if box.label == "Output layer":
            row, token = np.unravel_index(value.argmax(), value.shape)
            return (
                f"Each row gets a score for each of {value.shape[1]:,} words: the highest is "
                f"{number(float(value[row, token]))}, for “{trace.labels(name)[1][token]}” after “{words[row]}”."
            )
        if box.label == "Probabilities":
            word, bars = next_words(trace).positions[0]
            expected = next(bar for bar in bars if bar.right)
            guess = f"after “{word}” the model would say “{bars[0].word}” ({number(bars[0].probability)})"
            if expected is bars[0]:
                return f"Softmax makes shares of the scores: {guess}, which is right."
            return (
                f"Softmax makes shares of the scores: {guess}; the right word, “{expected.word}”, has "
                f"{number(expected.probability)}."
            )
        count = len(trace.labels("probabilities")[1])
        by = "the right words"
        if smoothing := self.lesson.example.smoothing:
            by += f", and with label smoothing {smoothing:g} a little by all others"
        return (
            f"The loss is {number(float(value), 4)}: how surprised the model is by {by}. Guessing among all "
            f"{count:,} words would give ln {count:,} = {number(math.log(count), 4)}."
        )

    def _said_of_a_norm(self, box: Box, name: str, last: str) -> str:
        place = self.boxes.index(box)
        row = self.lesson.trace[name].value[-1]
        if box.label == "Last norm":
            long = number(float(np.linalg.norm(row)), 2)
            return f"Each row is brought to mean 0 and deviation 1 before it leaves: “{last}” is {long} long now."
        before = self.tensor_of(self.boxes[place - 2])
        then = " and each row is brought to mean 0 and deviation 1" if box.label == "Add & norm" else ""
        angle = turned(self.lesson.trace[before].value[-1], row)
        return f"The result is added to what was there before{then}: the row of “{last}” has turned by {angle:.0f}°."

    def _said_back(self, box: Box) -> str:
        step = self.lesson.step(box.back[0])
        if box.label == "Loss":
            return (
                "The way back: for every number before the loss, how much would the loss change if it changed a little?"
            )
        shown = [each for each in step.shown if each.side == GRADIENT]
        name = box.name[0].lower() + box.name[1:]
        return f"Back through {name}. The loss reacts most to {steepest_cell(self.lesson, shown[0])}"


def _legend(x: float, y: float) -> str:
    parts = []
    for number_, words, scale in (
        (1.0, "above 0", Scale(1.0)),
        (-1.0, "below 0", Scale(1.0)),
        (1.0, "share", Scale(1.0, shares=True)),
    ):
        steps = np.linspace(0, number_, 9)[None]
        parts.append(heat(x + 1, y - 11, 54, 12, steps, scale) + text(x + 62, y, words, 13, "quiet"))
        x += 136
    return "".join(parts) + text(x, y, "bright is large", 13, "quiet")
