"""Which arms learn faster and which are better in the end, in words and in numbers."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from explorer.questions.comparisons import EqualUpdates
from explorer.texts import _
from explorer.ui.messages import as_label, say


def equal_updates_view(comparison: str, shares: Sequence[float]) -> None:
    """Draw it for a comparison, size by size."""
    for share in shares:
        answer = EqualUpdates(comparison=comparison, size=share).answer()
        say(" ".join(answer.compared))
        table = answer.by_arm(share)
        st.table([dict(zip(table.header, map(as_label, row), strict=True)) for row in table.rows])
    st.markdown(
        _(
            "The number is the validation loss, and beside it the difference to the baseline with its 95% interval: "
            "■ significant after Holm’s correction for the arms of one size at one point, ○ not significant."
        )
    )
    st.markdown("\n".join(f"- {as_label(sentence)}" for sentence in answer.sentences[:2]))
