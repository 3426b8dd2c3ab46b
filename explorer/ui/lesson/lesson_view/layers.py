"""Through the layers: what each token is near to after each, where the heads look, how wide words and places are."""

from __future__ import annotations

import math
from html import escape

import streamlit as st

from explorer.lessons.lesson import Lesson
from explorer.lessons.numbers import rounded
from explorer.texts import _
from explorer.transformer.inspection import Nearest, heads, through_the_layers, widths
from explorer.ui.messages import say
from explorer.ui.parameters import Tabs

SIDE = Tabs("side", _("Side"), ["source", "target"])
_SIDES = {"source": _("Source"), "target": _("Target")}
_HEADS = {
    "encoder.self_attention": _("encoder layer {layer}, self-attention"),
    "decoder.self_attention": _("decoder layer {layer}, self-attention"),
    "decoder.cross_attention": _("decoder layer {layer}, cross-attention"),
}


def layers_view(now: Lesson, sides: tuple[str, ...]) -> None:
    """Draw the section; `sides` are those whose vectors are rescaled already."""
    side = SIDE.options[0]
    if now.example.is_of_language:
        side = now.example.translator.side
    elif now.example.target:
        SIDE.draw(show=_SIDES.__getitem__)
        side = SIDE.value if SIDE.value in SIDE.options else side
    st.header(_("The nearest words after each layer"), anchor=False)
    _nearest(now, side)
    st.header(_("Word vectors and positions"), anchor=False)
    _widths(now, side, sides)
    st.header(_("The heads"), anchor=False)
    _heads(now)


def _nearest(now: Lesson, side: str) -> None:
    layers = through_the_layers(now.example.translator, now.trace, side)
    say(
        _(
            "For each token: the words of the model's vocabulary whose vectors are nearest to its row, by cosine. An "
            "arrow says how many places a word has moved up or down since the layer before."
        )
    )
    rows = [
        [
            layer.name,
            *(f"<ol>{''.join(_near(word, layer is layers[0]) for word in words)}</ol>" for words in layer.nearest),
        ]
        for layer in layers
    ]
    if now.example.is_of_language:
        caption = _("Nearest words")
    else:
        caption = _("Nearest words, source") if side == "source" else _("Nearest words, target")
    _table(caption, [_("after"), *map(escape, layers[0].tokens)], rows)


def _near(word: Nearest, first: bool) -> str:
    moved = f"{'↑' if word.risen > 0 else '↓'}{abs(word.risen)}" if word.risen else ""
    if word.risen is None and not first:
        moved = _("new")
    return f"<li>{escape(word.word)} <small>{rounded(word.similarity, 2)} {moved}</small></li>"


def _widths(now: Lesson, side: str, sides: tuple[str, ...]) -> None:
    lengths = widths(now.trace, side)
    say(
        _(
            "When the two are added, a token's vector has the length {vectors} and the row of its position the "
            "length {positions} (means over this sentence). If one is much longer, it hides the other.",
            vectors=rounded(lengths.vectors, 3),
            positions=rounded(lengths.positions, 3),
        )
    )
    if side in sides:
        st.button(_("Undo the rescaling"), on_click=_rescale, args=(side, sides))
    elif math.isfinite(lengths.factor):
        factor = rounded(lengths.factor, 3)
        if now.example.is_of_language:
            label = _("Multiply the vectors by {factor}, so that both have the same length", factor=factor)
        elif side == "source":
            label = _("Multiply the source vectors by {factor}, so that both have the same length", factor=factor)
        else:
            label = _("Multiply the target vectors by {factor}, so that both have the same length", factor=factor)
        st.button(label, on_click=_rescale, args=(side, sides))


def _rescale(side: str, sides: tuple[str, ...]) -> None:
    kept = [other for other in sides if other != side] if side in sides else [*sides, side]
    if kept:
        st.query_params["rescaled"] = ",".join(kept)
    else:
        st.query_params.pop("rescaled", None)


def _heads(now: Lesson) -> None:
    say(
        _(
            "Entropy says how widely a head looks: 0 bits if each token looks at a single one, log₂ n bits if each "
            "looks at all n alike. The norm is the mean length of the vectors that the head passes on."
        )
    )
    rows = []
    for head in heads(now.trace):
        stack, layer, sublayer = head.attention.split(".")
        name = _HEADS[f"{stack}.{sublayer}"].format(layer=int(layer) + 1)
        rows.append([name, str(head.head), rounded(head.entropy, 3), rounded(head.norm, 3)])
    _table(
        _("Entropy and norm of each head"),
        [_("attention"), _("head"), _("entropy in bits"), _("norm")],
        rows,
        numbers=3,
    )


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
