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
    LAST_NORM,
    LOSS,
    NORM,
    OPTIMISER,
    OUTPUT,
    POSITIONS,
    PROBABILITIES,
    VECTORS,
    Box,
    flow,
    tokens_of,
)
from explorer.lessons.lesson import Lesson
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
from explorer.lessons.pictures.walk import Stop, Walk
from explorer.palette import Scale
from explorer.texts import _, _n

# A side has a column of what is computed, and beside it one of what that is added to, so that four rows hold a layer.
_WIDE, _NARROW, _OUTPUT_WIDE = 184.0, 100.0, 216.0  # boxes
_BETWEEN, _DOWN, _TOP, _PADDING = 14.0, 13.0, 24.0, 8.0
_LEFT = (10.0, 344.0, 674.0)  # of each side
_READABLE = 14  # the size of the smallest words: a page shows the picture at its own size or larger
_LEGEND = 560.0
_TILE, _TILES = 36.0, 4  # the square of a head, and how many of them stand side by side
_HEADINGS = (_("Encoder: reads the source"), _("Decoder: reads the target so far"), _("Output"))
_OF_LANGUAGE = (_("Decoder: reads the words so far"), "", _("Output"))
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


@dataclass(frozen=True, eq=False)
class Whole(Picture):
    """The boxes of `explorer.lessons.flow` with the tensors that come out of them."""

    lesson: Lesson

    @cached_property
    def walk(self) -> Walk:
        return Walk(self.lesson)

    @property
    def boxes(self) -> tuple[Box, ...]:
        return self.walk.boxes

    @property
    def stops(self) -> tuple[Stop, ...]:
        return self.walk.stops

    @property
    def headline(self) -> str:
        return _("The whole pass: {sentences}", sentences=" → ".join(self.lesson.example.sides))

    @property
    def sentences(self) -> tuple[str, ...]:
        return self.walk.sentences

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
                        if (name := self.walk.tensor_of(box))
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
        example = self.lesson.example
        headings = _OF_LANGUAGE if example.is_of_language else _OF_A_LABEL if example.label else _HEADINGS
        bottom = max(place.low for place in places) + _DOWN
        body = [text(_LEFT[column], 15, headings[side], 15, "quiet", longest=40) for column, side in enumerate(used)]
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
        sides = [2 if box.kind in _OUTPUT else box.column for box in self.boxes]
        lefts = dict(zip(sorted(set(sides)), _LEFT, strict=False))  # a model without an encoder begins at the left
        for box, side in zip(self.boxes, sides, strict=True):
            x, y, height = lefts[side], ends[side], self._height(box)
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
        return max(1, len(tokens_of(self.lesson.trace, box)))  # a text's label has one row

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
        trace, name = self.lesson.trace, self.walk.tensor_of(box)
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
            tokens = tokens_of(trace, box)
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
        words, digits = 70.0, 48.0
        for place, (after, bars) in enumerate(positions[:_MOST_POSITIONS]):
            base = y + 21 * place
            best = bars[0]
            room = width - words - digits
            yield text(x, base + 13, fitting(after, words - 8, _READABLE), _READABLE, "quiet")
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
