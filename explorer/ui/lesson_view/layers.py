"""Through the layers: what each token is near to after each, where the heads look, how wide words and places are."""

from __future__ import annotations

import math
from html import escape

import streamlit as st

from explorer.lessons.lesson import Lesson
from explorer.lessons.numbers import rounded
from explorer.transformer.inspection import Nearest, heads, through_the_layers, widths
from explorer.ui.messages import say
from explorer.ui.parameters import Tabs

_SIDE = Tabs("side", "Side", ["source", "target"])
_SUBLAYERS = {"self_attention": "self-attention", "cross_attention": "cross-attention"}


def layers_view(now: Lesson, sides: tuple[str, ...]) -> None:
    """Draw the section; `sides` are those whose vectors are rescaled already."""
    side = _SIDE.options[0]
    if not now.example.encoder_only:
        _SIDE.draw(show=str.capitalize)
        side = _SIDE.value if _SIDE.value in _SIDE.options else side
    st.header("The nearest words after each layer", anchor=False)
    _nearest(now, side)
    st.header("Word vectors and positions", anchor=False)
    _widths(now, side, sides)
    st.header("The heads", anchor=False)
    _heads(now)


def _nearest(now: Lesson, side: str) -> None:
    layers = through_the_layers(now.example.translator, now.trace, side)
    say(
        "For each token: the words of the model's vocabulary whose vectors are nearest to its row, by cosine. An arrow "
        "says how many places a word has moved up or down since the layer before."
    )
    rows = [
        [
            layer.name,
            *(f"<ol>{''.join(_near(word, layer is layers[0]) for word in words)}</ol>" for words in layer.nearest),
        ]
        for layer in layers
    ]
    _table(f"Nearest words, {side}", ["after", *map(escape, layers[0].tokens)], rows)


def _near(word: Nearest, first: bool) -> str:
    moved = f"{'↑' if word.risen > 0 else '↓'}{abs(word.risen)}" if word.risen else ""
    if word.risen is None and not first:
        moved = "new"
    return f"<li>{escape(word.word)} <small>{rounded(word.similarity, 2)} {moved}</small></li>"


def _widths(now: Lesson, side: str, sides: tuple[str, ...]) -> None:
    lengths = widths(now.trace, side)
    say(
        f"When the two are added, a token's vector has the length {rounded(lengths.vectors, 3)} and the row of its "
        f"position the length {rounded(lengths.positions, 3)} (means over this sentence). If one is much longer, it "
        "hides the other."
    )
    if side in sides:
        st.button("Undo the rescaling", on_click=_rescale, args=(side, sides))
    elif math.isfinite(lengths.factor):
        label = f"Multiply the {side} vectors by {rounded(lengths.factor, 3)}, so that both have the same length"
        st.button(label, on_click=_rescale, args=(side, sides))


def _rescale(side: str, sides: tuple[str, ...]) -> None:
    kept = [other for other in sides if other != side] if side in sides else [*sides, side]
    if kept:
        st.query_params["rescaled"] = ",".join(kept)
    else:
        st.query_params.pop("rescaled", None)


def _heads(now: Lesson) -> None:
    say(
        "Entropy says how widely a head looks: 0 bits if each token looks at a single one, log₂ n bits if each "
        "looks at all n alike. The norm is the mean length of the vectors that the head passes on."
    )
    rows = []
    for head in heads(now.trace):
        stack, layer, sublayer = head.attention.split(".")
        name = f"{stack} layer {int(layer) + 1}, {_SUBLAYERS[sublayer]}"
        rows.append([name, str(head.head), rounded(head.entropy, 3), rounded(head.norm, 3)])
    _table("Entropy and norm of each head", ["attention", "head", "entropy in bits", "norm"], rows, numbers=3)


def _table(caption: str, columns: list[str], rows: list[list[str]], numbers: int = 0) -> None:
    """A table of HTML that is escaped already; its last `numbers` columns are numbers."""

    def kind(place: int) -> str:
        return ' class="number"' if place >= len(columns) - numbers else ""

    head = "".join(f'<th scope="col"{kind(place)}>{name}</th>' for place, name in enumerate(columns))
    lines = (
        f'<tr><th scope="row">{row[0]}</th>'
        + "".join(f"<td{kind(place)}>{cell}</td>" for place, cell in enumerate(row[1:], start=1))
        + "</tr>"
        for row in rows
    )
    st.html(
        f'<div class="explorer-scroll" tabindex="0" role="region" aria-label="{caption}">'
        f'<table class="explorer-layers"><caption>{caption}</caption><thead><tr>{head}</tr></thead>'
        f"<tbody>{''.join(lines)}</tbody></table></div>"
    )
