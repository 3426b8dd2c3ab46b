"""The pictures in the doors of Home, drawn from numbers that `python -m tools.doors` took from what comes along."""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
import streamlit as st

from explorer.lessons.pictures.next_word import Bar, bar_mark
from explorer.lessons.pictures.picture import both, document, heat, number, text
from explorer.palette import INK, NEGATIVE, PAPER, POSITIVE, Scale
from explorer.texts import _

NUMBERS = Path(__file__).parent / "numbers.json"
FORMULA = "king - man + woman"
ARMS = ("word2vec, Xavier", "GloVe, Xavier", "word2vec, Xavier, frozen", "word2vec, wide")
"""The arms of a comparison that are drawn, by the names that its page gives them."""

_WIDTH, _HEIGHT = 320.0, 150.0
_STYLE = "&{font-family:var(--st-font,sans-serif)}"
# st.html takes every drawing out, and an image would not follow the theme of the page.
_component = st.components.v2.component(
    "explorer_door",
    css=".door-picture svg { display: block; width: 100%; max-width: 24rem; height: auto; margin: 0 auto; }",
    html='<div class="door-picture"></div>',
    js="""
export default ({ data, parentElement }) => {
  parentElement.querySelector("div").innerHTML = data.svgs[0];
};
""",
)


def door_picture(name: str) -> None:
    """Draw the picture of `similarity`, `initialisation` or `transformer`."""
    _component(key=f"door {name}", data={"svgs": [_drawing(name)]})


@cache
def numbers() -> dict[str, Any]:
    """What the pictures are drawn from, by their names."""
    read: dict[str, Any] = json.loads(NUMBERS.read_text(encoding="utf-8"))
    return read


@cache
def _drawing(name: str) -> str:
    return _PICTURES[name](numbers()[name])


def _similarity(rows: Sequence[tuple[str, float]]) -> str:
    formula = f"{FORMULA.replace('-', '−')} ≈ {rows[0][0]}"
    bars = [Bar(word, cosine, False) for word, cosine in rows]  # a tick means something else in the table of this page
    body = [text(0, 20, formula, 17, "ink bold", longest=40)]
    body += [bar_mark(bar, 0, 32 + 29 * place, _WIDTH, 26, 15, 120) for place, bar in enumerate(bars)]
    said = ", ".join(f"{bar.word} {number(bar.probability)}" for bar in bars)
    return document(_WIDTH, _HEIGHT, formula, said, body, "door", _STYLE)


def _initialisation(measured: dict[str, Any]) -> str:
    rows = measured["arms"]
    left, right = 165.0, _WIDTH - 8
    ends = [float(each) for row in rows for each in row["interval"]]
    low, high = min(0.0, *ends), max(0.0, *ends)

    def place(value: float) -> float:
        return left + (value - low) / (high - low) * (right - left)

    zero = place(0)
    body = [f'<path class="line" style="{both("stroke", INK)}" d="M{zero:.1f} 24V122"/>']
    for at, row in enumerate(rows):
        y, (least, mean, most) = 38 + 25 * at, map(place, row["interval"])
        stops = POSITIVE if mean < zero else NEGATIVE  # of a loss, less is better
        colours = (stops[0][2], stops[1][2])
        body += [
            text(left - 12, y + 5, row["arm"], 13, anchor="end", longest=30),
            f'<path style="{both("stroke", colours)}" stroke-width="3" d="M{least:.1f} {y}H{most:.1f}"/>',
            f'<circle style="{both("fill", colours if row["significant"] else PAPER)}{both("stroke", colours)}" '
            f'cx="{mean:.1f}" cy="{y}" r="6"/>',
        ]
    share_of_all = f"{100 * measured['share']:g}%"
    size = _("{percentages} of the pairs", percentages=share_of_all)
    body += [
        text(0, 16, size, 14, "quiet"),
        text(zero, 16, _("random start"), 14, "quiet", "middle"),
        text(zero - 10, 144, _("← better"), 14, "quiet", "end"),
        text(zero + 10, 144, _("worse →"), 14, "quiet"),
    ]
    said = "; ".join(f"{row['arm']} {number(row['interval'][1])}" for row in rows)
    title = _("Loss after training with {size}, compared with a random start", size=size)
    return document(_WIDTH, _HEIGHT, title, said, body, "door", _STYLE)


def _transformer(rows: Sequence[dict[str, Any]]) -> str:
    vectors = np.array([row["vector"] for row in rows])
    scale = Scale(float(np.abs(vectors).max()))
    body = [
        '<path class="way" stroke-width="2" d="M174 82h26m-7 -5l7 5l-7 5"/>',
        text(_WIDTH, 14, _("next word and its probability"), 14, "quiet", "end", 40),
    ]
    for at, row in enumerate(rows):
        y, (following, probability) = 28 + 36 * at, row["next"]
        body += [
            text(0, y + 19, row["word"], 15),
            heat(74, y + 4, 84, 20, vectors[at : at + 1], scale),
            text(216, y + 19, following, 15, "ink bold"),
            text(_WIDTH, y + 19, number(probability), 15, "ink", "end"),
        ]
    sentence, answer = (" ".join(words) for words in zip(*((row["word"], row["next"][0]) for row in rows), strict=True))
    return document(_WIDTH, _HEIGHT, f"{sentence} → {answer}", "", body, "door", _STYLE)


_PICTURES: dict[str, Callable[[Any], str]] = {
    "similarity": _similarity,
    "initialisation": _initialisation,
    "transformer": _transformer,
}
