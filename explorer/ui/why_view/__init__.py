"""Why two words are similar: how high their cosine is, what it is made of, and what is near to both.

It is one component: a browser takes longer for its headings, texts, charts and tables as elements of their own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import streamlit as st

from explorer.embeddings.contributions import Contributions
from explorer.embeddings.percentiles import Percentile
from explorer.texts import _, _n
from explorer.ui import bar_chart, plain_table, word_table
from explorer.ui.dom import script
from explorer.ui.plain_table import Cell, Column
from explorer.ui.word_table import Row
from explorer.writing.numbers import MINUS

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "explorer_why",
    css=plain_table.STYLE + bar_chart.STYLE + (_HERE / "why.css").read_text(encoding="utf-8"),
    js=script(bar_chart.BARS, plain_table.ROWS, word_table.ROWS, _HERE / "why.js"),
)


def why_view(why: Contributions, percentile: Percentile) -> None:
    """Draw a cosine among those of random pairs, its shares by dimension, and the words that are near to both."""
    data = {
        "answer": f"{why.first} · {why.second}: {_rounded(why.similarity)}",
        "percentile": _percentile_bars(percentile),
        "shares": _share_bars(why),
        "dimensions": _largest(why),
        "shared": _shared(why) if why.shared else None,
        "texts": {
            "high": _("How high is it?"),
            "percentile": _(
                "{answer}. {sentence}. Percentiles can be compared across models and frequencies. Cosines cannot.",
                answer="{word}",
                sentence=percentile.sentence,
            ),
            "made": _("What is it made of?"),
            "sum": _(
                "The cosine is the sum of {shares} products, one per dimension of the two unit vectors. A single "
                "dimension seldom means anything. The words at its two ends show what it separates.",
                shares=len(why.shares),
            ),
            "near": _("What is near to both?"),
            "none": _("No word is among the {looked_at} nearest neighbours of both.", looked_at=why.looked_at),
        },
    }
    _component(key="why", data=data)


def _percentile_bars(answer: Percentile) -> dict[str, Any]:
    """A cosine among those of random pairs."""
    pairs = answer.histogram
    return bar_chart.data(
        pairs.counts,
        start=pairs.middles[0],
        width=pairs.width,
        labels=(_("cosine"), _("random pairs")),
        bar=_("{y} pairs near {x}"),
        alt=_("The cosine of the two words among those of random pairs"),
        line=(answer.similarity, f"{answer.first} · {answer.second}"),
    )


def _share_bars(why: Contributions) -> dict[str, Any]:
    """The share of every dimension, in the model's order."""
    return bar_chart.data(
        why.shares,
        start=0,
        width=1,
        labels=(_("dimension"), _("share of the cosine")),
        bar=_("dimension {x}: {y}"),
        alt=_("The share of each dimension; the table has the largest"),
    )


def _largest(why: Contributions) -> dict[str, Any]:
    columns = [
        Column("dimension"),
        *(Column(name, number=True) for name in ("share", f"in {why.first}", f"in {why.second}")),
        Column("lowest"),
        Column("highest"),
    ]
    rows = [
        [
            Cell(str(each.index)),
            *(Cell(_rounded(number)) for number in (each.share, each.first, each.second)),
            *(Cell(", ".join(words)) for words in (each.lowest, each.highest)),
        ]
        for each in why.largest
    ]
    return plain_table.data(_("The largest shares"), columns, rows)


def _shared(why: Contributions) -> dict[str, Any]:
    caption = _n(
        "{count} word is among the {looked_at} nearest neighbours of both",
        "{count} words are among the {looked_at} nearest neighbours of both",
        len(why.shared),
        looked_at=why.looked_at,
    )
    rows = [Row((near.word,), near.lower, (_rounded(near.to_first), _rounded(near.to_second))) for near in why.shared]
    headings = ("rank", "word", f"to {why.first}", f"to {why.second}")
    return word_table.data(caption, headings, rows, _("the lower cosine"), why.model)


def _rounded(number: float) -> str:
    return f"{number:.4f}".replace("-", MINUS)
