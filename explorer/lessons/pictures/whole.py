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

# A side has a column of what is computed, and beside it one of what that is added to, so that four rows hold a layer.
_WIDE, _NARROW, _OUTPUT_WIDE = 184.0, 100.0, 196.0  # boxes
_BETWEEN, _DOWN, _TOP, _PADDING = 14.0, 13.0, 24.0, 8.0
_LEFT = (10.0, 344.0, 674.0)  # of each side
_READABLE = 14  # the size of the smallest words: a page shows the picture at its own size or larger
_LEGEND = 500.0
_TILE, _TILES = 36.0, 4  # the square of a head, and how many of them stand side by side
_HEADINGS = ("Encoder: reads the source", "Decoder: reads the target so far", "Output")
_OUTPUT = ("Output layer", "Probabilities", "Loss", "Optimiser")
_BESIDE = ("+ positions", "Add & norm", "Add")  # boxes that stand beside the one before them
_SUMS = (*_BESIDE, "Last norm")
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
        return f"The whole pass: {' → '.join(self.lesson.example.sides)}"

    @property
    def sentences(self) -> tuple[str, ...]:
        """What the picture is about, in six sentences; in four of the encoder alone."""
        example, trace = self.lesson.example, self.lesson.trace
        d_model = example.translator.configuration.d_model
        if example.embedding is not None:
            origin = f"here they come from {example.embedding.name}, whose training is over"
        elif example.at_will:
            origin = "only here they are arbitrary, to compute along"
        else:
            origin = "here they are those of a training"
        numbers = (
            f"A computer can only compute with numbers, so each word is a row of {d_model} numbers, its embedding: "
            "words that are used alike should get similar rows."
        )
        values = (
            "Nobody writes these numbers: they start at random, and training moves them a little with every sentence; "
            f"{origin}."
        )
        layer = (
            "A layer lets each word collect from other words (attention), works on each word alone (feed-forward), "
            "and adds what it finds to the word's row."
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
            f"We want a computer to turn “{source}” into “{target}”, word by word.",
            numbers,
            values,
            layer,
            f"At the end each row is compared with all {len(trace.labels('probabilities')[1]):,} words of the target's "
            "vocabulary: each gets a probability to be the next word.",
            f"The loss, here {number(float(trace['loss'].value), 4)}, says how improbable the right words are; the "
            "way back finds each number's part in it, and a small step lowers it.",
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
        places = self._places()
        used = sorted({place.side for place in places})
        bottom = max(place.low for place in places) + _DOWN
        body = [text(_LEFT[side], 15, _HEADINGS[side], 15, "quiet", longest=40) for side in used]
        body += [self._way(places[start], places[end], kind) for start, end, kind in flow(self.lesson).edges]
        for number_, (box, place) in enumerate(zip(self.boxes, places, strict=True)):
            card = f'<rect class="card" x="{place.x:g}" y="{place.y:g}" width="{place.width:g}" '
            inside = f'{card}height="{place.height:g}" rx="6"/>' + "".join(self._inside(box, place))
            key = next(iter((*box.keys, *box.back)))
            body.append(anchor(link, key, box.name, inside, number=number_, back=next(iter(box.back), "")))
        loss = (
            f" The loss is {number(float(self.lesson.trace['loss'].value), 4)}." if "loss" in self.lesson.trace else ""
        )
        about = (
            f"{len(self.boxes)} boxes from the words to the prediction. Bright is large: blue above zero, orange below "
            f"zero, violet for shares.{loss}"
        )
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
            side = 2 if box.label in _OUTPUT else box.column
            x, y, height = _LEFT[side], ends[side], self._height(box)
            width = _OUTPUT_WIDE if side == 2 else _WIDE
            if box.label in _SUMS:
                x, width = x + _WIDE + _BETWEEN, _NARROW
            if box.label in _BESIDE:
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
        return len(trace.tokens if box.column == 0 else trace.target)

    def _height(self, box: Box) -> float:
        match box.label:
            case "Source vectors" | "Target vectors":
                return 32 + 17.0 * self._tokens(box)
            case "Probabilities":
                return 32 + 21.0 * min(self._tokens(box), _MOST_POSITIONS)
            case "Loss":
                return 66
            case "Optimiser":
                return 52
            case label if "ttention" in label:
                heads = min(_MOST_HEADS, self.lesson.example.translator.configuration.heads)
                return 30 + (_TILE + 6) * math.ceil(heads / _TILES)
            case _:
                return 36 + self._rows(box) * self._tokens(box)

    def _inside(self, box: Box, place: _Place) -> Iterator[str]:
        trace, name = self.lesson.trace, self.tensor_of(box)
        tensor = trace[name] if name else None
        label, x, y, end = box.label, place.x + _PADDING, place.y, place.right - _PADDING
        yield text(x, y + 19, label, _READABLE, longest=40)
        if tensor is None:
            before, after = float(trace["loss"].value), self.lesson.update.loss
            yield text(x, y + 41, f"loss {number(before)} → {number(after)}", 15, longest=40)
            return
        if label not in ("Loss", *_SUMS) and "ttention" not in label:
            yield text(end, y + 19, size_of(tensor.shape), _READABLE, "quiet", "end")
        if label == "Loss":
            said = "mean of −Σ q ln p" if self.lesson.example.smoothing else "mean of −ln p"
            yield text(end, y + 19, said, _READABLE, "quiet", "end", longest=40)
            yield text(x, y + 53, number(float(tensor.value), 4), 28, "ink bold")
        elif label == "Probabilities":
            yield from self._bars(x, y + 28, place.inside)
        elif "ttention" in label:
            for head, weights in enumerate(tensor.value[:_MOST_HEADS]):
                left, top = x + head % _TILES * (_TILE + 6), y + 29 + head // _TILES * (_TILE + 6)
                yield heat(left + 1, top, _TILE - 2, _TILE - 8, weights, Scale(1.0, shares=True))
                below = top + _TILE - 5
                yield f'<rect class="head{head}" x="{left:g}" y="{below:g}" width="{_TILE:g}" height="4" rx="2"/>'
            count = len(tensor.value)
            if count * (_TILE + 6) < place.inside - 70:
                yield text(end, y + 24 + _TILE / 2, f"{count} head{'s' * (count > 1)}", _READABLE, "quiet", "end")
                yield text(end, y + 41 + _TILE / 2, f"of {size_of(tensor.shape[1:])}", _READABLE, "quiet", "end")
        elif label.endswith("vectors"):
            tokens = trace.tokens if box.column == 0 else trace.target
            for row, word in enumerate(tokens):
                yield text(x, y + 40 + 17 * row, fitting(word, 84, _READABLE), _READABLE)
                strip = coarse(tensor.value[row : row + 1])
                yield heat(x + 88, y + 29 + 17 * row, place.inside - 88, 13, strip, trace.scale(name))
        elif label == "+ positions":  # a row stands beside that of its word
            for row in range(len(tensor.value)):
                strip = coarse(tensor.value[row : row + 1])
                yield heat(x, y + 29 + 17 * row, place.inside, 13, strip, trace.scale(name))
        else:
            rows = tensor.value
            yield heat(x, y + 28, place.inside, self._rows(box) * len(rows), coarse(rows), trace.scale(name))

    def _bars(self, x: float, y: float, width: float) -> Iterator[str]:
        """At each position the likeliest word."""
        positions = next_words(self.lesson.trace).positions
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
        parts.append(heat(x + 1, y - 11, 54, 12, steps, scale) + text(x + 62, y, words, _READABLE, "quiet"))
        x += 132
    return "".join(parts) + text(x - 14, y, "bright is large", _READABLE, "quiet")
