"""Why two words are similar: how high their cosine is, what it is made of, and what is near to both."""

from __future__ import annotations

import streamlit as st

from explorer.embeddings.contributions import Contributions
from explorer.embeddings.percentiles import Percentile
from explorer.texts import _, _n
from explorer.ui.health_charts import percentile_chart, shares_chart
from explorer.ui.messages import as_label, say
from explorer.ui.word_table import Row, word_table
from explorer.writing.numbers import MINUS


def why_view(why: Contributions, percentile: Percentile) -> None:
    """Draw a cosine among those of random pairs, its shares by dimension, and the words that are near to both."""
    pair = f"{as_label(why.first)} · {as_label(why.second)}"
    st.header(_("How high is it?"), anchor=False)
    st.markdown(
        _(
            "**{pair}: {rounded}.** {sentence}. Percentiles can be compared across models "
            "and frequencies. Cosines cannot.",
            pair=pair,
            rounded=_rounded(why.similarity),
            sentence=percentile.sentence,
        )
    )
    percentile_chart(percentile)

    st.header(_("What is it made of?"), anchor=False)
    st.markdown(
        _(
            "The cosine is the sum of {shares} products, one per dimension of the two unit vectors. A single "
            "dimension seldom means anything. The words at its two ends show what it separates.",
            shares=len(why.shares),
        )
    )
    shares_chart(why)
    st.table(
        [
            {
                "dimension": str(each.index),
                "share": _rounded(each.share),
                f"in {as_label(why.first)}": _rounded(each.first),
                f"in {as_label(why.second)}": _rounded(each.second),
                "lowest": as_label(", ".join(each.lowest)),
                "highest": as_label(", ".join(each.highest)),
            }
            for each in why.largest
        ]
    )

    st.header(_("What is near to both?"), anchor=False)
    if not why.shared:
        return say(_("No word is among the {looked_at} nearest neighbours of both.", looked_at=why.looked_at))
    caption = _n(
        "{count} word is among the {looked_at} nearest neighbours of both",
        "{count} words are among the {looked_at} nearest neighbours of both",
        len(why.shared),
        looked_at=why.looked_at,
    )
    rows = [Row((near.word,), near.lower, (_rounded(near.to_first), _rounded(near.to_second))) for near in why.shared]
    headings = ("rank", "word", f"to {why.first}", f"to {why.second}")
    word_table(caption, headings, rows, _("the lower cosine"), why.model, "shared")
    return None


def _rounded(number: float) -> str:
    return f"{number:.4f}".replace("-", MINUS)
