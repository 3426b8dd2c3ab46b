"""Attention as lines between two columns of words, and all heads of all layers as a board."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.answers import Table
from explorer.errors import UserError
from explorer.lessons.pictures.picture import (
    Link,
    Picture,
    anchor,
    both,
    document,
    fitting,
    head_colour,
    number,
    shown,
    text,
)
from explorer.palette import PAPER
from explorer.texts import _
from explorer.transformer.tape import Array
from explorer.transformer.trace import Trace

_NAME = re.compile(r"(encoder|decoder)\.(\d+)\.(self|cross)_attention\.weights")
_FAINTEST = 0.005  # a weight below it would be a line of less than a twentieth of a pixel
_THICKEST = 9.0
_SIDE, _BETWEEN = 190, 340  # pixels: a column of words, and the room for lines


@dataclass(frozen=True)
class AttentionLines(Picture):
    """The weights (head, query, key) of one attention, and the words that look (`queries`) and are looked at."""

    name: str
    queries: tuple[str, ...]
    keys: tuple[str, ...]
    weights: Array  # (h, T_q, T_k)

    @property
    def headline(self) -> str:
        return kind_of(self.name)

    def as_json(self) -> dict[str, Any]:
        return {
            "tensor": self.name,
            "queries": list(self.queries),
            "keys": list(self.keys),
            "weights": self.weights.tolist(),
        }

    def table(self) -> Table:
        rows = (
            (head + 1, self.queries[query], self.keys[key], float(weight))
            for (head, query, key), weight in np.ndenumerate(self.weights)
        )
        return Table(("head", "query", "key", "weight"), tuple(rows))

    def as_svg(self, link: Link | None = None) -> str:
        """Each word that looks is a group of its own: pointed at, or reached by Tab, it is alone with its numbers."""
        heads = len(self.weights)
        step = max(40.0, 7.0 * heads + 14)
        longest = max(len(self.queries), len(self.keys))
        top = 74.0
        height = top + longest * step + 8
        legend = []
        x = 0.0
        for head in range(heads):
            name = _("head {head}", head=head + 1)
            legend.append(
                f'<g class="head h{head}"><rect x="{x:g}" y="32" width="22" height="6" rx="3"/>'
                f"{text(x + 28, 40, name, 15)}</g>"
            )
            x += 96
        rows_of_legend = "".join(legend)
        between = text(_SIDE - 14, 62, _("this word looks …"), 15, "quiet", "end") + text(
            _SIDE + _BETWEEN + 14, 62, _("… at this one"), 15, "quiet"
        )
        width = max(float(2 * _SIDE + _BETWEEN), x)
        keys = "".join(
            text(_SIDE + _BETWEEN + 14, top + (place + 0.5) * step + 6, fitting(word, _SIDE - 20, 18), 18)
            for place, word in enumerate(self.keys)
        )
        rows = "".join(self._row(query, top, step) for query in range(len(self.queries)))
        about = _(
            "A line from a word on the left to one on the right is as thick as its attention weight. Weights below "
            "{least} have no line.",
            least=_FAINTEST,
        )
        body = [text(2, 18, self.headline, 17, "ink bold", longest=80), rows_of_legend, between, keys, rows]
        return document(
            width,
            height,
            f"{self.headline}: {' '.join(self.queries)}",
            f"{self._said()} {about}",
            body,
            "lines",
            _style(heads),
        )

    def _said(self) -> str:
        """The heaviest weight of each word, over all heads."""
        parts = []
        for query, word in enumerate(self.queries):
            head, key = np.unravel_index(self.weights[:, query].argmax(), self.weights[:, query].shape)
            share = number(float(self.weights[head, query, key]))
            parts.append(
                _(
                    "{word} looks most at {other} ({share}, head {head})",
                    word=word,
                    other=self.keys[key],
                    share=share,
                    head=int(head) + 1,
                )
            )
        return "; ".join(parts) + "."

    def _row(self, query: int, top: float, step: float) -> str:
        heads = len(self.weights)
        apart = min(7.0, (step - 12) / heads)
        y1 = top + (query + 0.5) * step
        lines, numbers = [], []
        for head in range(heads):
            aside = (head - (heads - 1) / 2) * apart
            for key, weight in enumerate(self.weights[head, query].tolist()):
                if weight < _FAINTEST:
                    continue
                y2 = top + (key + 0.5) * step
                middle = _SIDE + _BETWEEN / 2
                lines.append(
                    f'<path class="h{head}" stroke-width="{weight * _THICKEST:.2f}" d="M{_SIDE} {y1 + aside:.1f}'
                    f'C{middle:g} {y1 + aside:.1f} {middle:g} {y2 + aside:.1f} {_SIDE + _BETWEEN} {y2 + aside:.1f}"/>'
                )
        for key in range(len(self.keys)):
            y2 = top + (key + 0.5) * step + 5
            spans = " ".join(
                f'<tspan class="h{head}">{number(float(self.weights[head, query, key]), 2)}</tspan>'
                for head in range(min(heads, 4))
            )
            numbers.append(
                f'<text class="number" x="{_SIDE + _BETWEEN - 10}" y="{y2:g}" font-size="15" text-anchor="end">'
                f"{spans}</text>"
            )
        looks = [
            f"{word} {', '.join(number(float(w), 2) for w in self.weights[:, query, key])}"
            for key, word in enumerate(self.keys)
        ]
        word = self.queries[query]
        area = f'<rect x="0" y="{y1 - step / 2:g}" width="{_SIDE}" height="{step:g}" fill="transparent"/>'
        label = shown(_("{word} looks at {others}", word=word, others="; ".join(looks)), 3000)
        return (
            f'<g class="looking" aria-label="{label}">{area}'
            f"{text(_SIDE - 14, y1 + 6, fitting(word, _SIDE - 20, 18), 18, 'ink', 'end')}"
            f'{"".join(lines)}<g class="numbers">{"".join(numbers)}</g></g>'
        )


@dataclass(frozen=True)
class Board(Picture):
    """The lines of every head of every attention of a pass, small: a row a layer, a column a head."""

    attentions: tuple[AttentionLines, ...]

    @property
    def headline(self) -> str:
        return _("Every head of every layer")

    def as_json(self) -> list[dict[str, Any]]:
        return [attention.as_json() for attention in self.attentions]

    def table(self) -> Table:
        rows = ((each.name, *row) for each in self.attentions for row in each.table().rows)
        return Table(("tensor", "head", "query", "key", "weight"), tuple(rows))

    def as_svg(self, link: Link | None = None) -> str:
        heads = max((len(attention.weights) for attention in self.attentions), default=0)
        wide, high, aside, top = 96, 72, 252, 62
        body = [text(0, 20, self.headline, 17, "ink bold", longest=80)]
        body += [
            text(aside + head * (wide + 14) + wide / 2, 50, _("head {head}", head=head + 1), 14, "quiet", "middle")
            for head in range(heads)
        ]
        y = float(top)
        for attention in self.attentions:
            across = aside + len(attention.weights) * (wide + 14)
            inside = [f'<rect x="0" y="{y:g}" width="{across}" height="{high}" fill="transparent"/>']
            inside += [text(0, y + high / 2 + 5, attention.headline, 15, "ink", longest=60)]
            for head in range(len(attention.weights)):
                x = aside + head * (wide + 14)
                inside.append(f'<rect class="card" x="{x}" y="{y:g}" width="{wide}" height="{high}" rx="4"/>')
                inside += _thumbnail(attention.weights[head], head, x + 8, y + 6, wide - 16, high - 12)
            body.append(anchor(link, attention.name, attention.headline, "".join(inside)))
            y += high + 14
        width = aside + heads * (wide + 14)
        about = _(
            "In each small picture words look from the left at words on the right; thickness is the attention weight."
        )
        return document(width, y, self.headline, about, body, "lines", _style(heads), link is not None)


def attention_lines(trace: Trace, name: str) -> AttentionLines:
    """The lines of a tensor of attention weights. Raises UserError for one that is none."""
    if name not in trace or not _NAME.fullmatch(name):
        there = ", ".join(each.name for each in attentions(trace))
        raise UserError(
            _("“{name}” is no attention of this pass. Take one of {attentions}.", name=name[:60], attentions=there)
        )
    _heads, queries, keys = trace.labels(name)
    return AttentionLines(name, queries, keys, trace[name].value)


def attentions(trace: Trace) -> tuple[AttentionLines, ...]:
    """Of every attention of a pass, in the order they were computed."""
    names = [tensor.name for tensor in trace if _NAME.fullmatch(tensor.name)]
    return tuple(attention_lines(trace, name) for name in names)


def board(trace: Trace) -> Board:
    return Board(attentions(trace))


def kind_of(name: str) -> str:
    """What a tensor of weights is called: “Masked self-attention, decoder layer 1”."""
    match = _NAME.fullmatch(name)
    assert match is not None
    stack, layer, looks = match.groups()
    place = int(layer) + 1
    if looks == "cross":
        return _("Cross-attention, decoder layer {layer}", layer=place)
    if stack == "encoder":
        return _("Self-attention, encoder layer {layer}", layer=place)
    return _("Masked self-attention, decoder layer {layer}", layer=place)


def _thumbnail(weights: Array, head: int, x: float, y: float, width: float, height: float) -> Iterator[str]:
    queries, keys = weights.shape
    for (query, key), weight in np.ndenumerate(weights):
        if weight >= 0.05:
            y1, y2 = y + (query + 0.5) * height / queries, y + (key + 0.5) * height / keys
            thick = weight * min(5.0, height / max(queries, keys) / 2)
            yield f'<path class="h{head}" stroke-width="{thick:.2f}" d="M{x:g} {y1:.1f}L{x + width:g} {y2:.1f}"/>'


def _style(heads: int) -> str:
    rules = [
        "path{fill:none;stroke-opacity:.72}.numbers{visibility:hidden;font-weight:600}.looking{cursor:default}"
        f".number{{paint-order:stroke;{both('stroke', PAPER)}stroke-width:5px;stroke-linejoin:round}}"
        ".looking:is(:hover,:focus) .numbers{visibility:visible}.looking:is(:hover,:focus) path{stroke-opacity:1}"
        ".looking:is(:hover,:focus) text{font-weight:600}&:has(.looking:hover) .looking:not(:hover) path{"
        "stroke-opacity:.05}&:has(.looking:focus):not(:has(.looking:hover)) .looking:not(:focus) path{"
        "stroke-opacity:.05}"
    ]
    for head in range(heads):
        stroke, fill = (both(property_, head_colour(head)) for property_ in ("stroke", "fill"))
        rules.append(f"path.h{head}{{{stroke}}}.h{head} rect,tspan.h{head}{{{fill}}}")
    return "".join(rules)
