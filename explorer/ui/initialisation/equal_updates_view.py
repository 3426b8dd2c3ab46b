"""Which arms learn faster and which are better in the end, in words and in numbers."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st

from explorer.questions.comparisons import EqualUpdates
from explorer.ui.messages import as_label, say


def equal_updates_view(comparison: str, shares: Sequence[float]) -> None:
    """Draw it for a comparison, size by size."""
    answers = [EqualUpdates(comparison=comparison, size=share).answer() for share in shares]
    for share, answer in zip(shares, answers, strict=True):
        say(" ".join((*answer.compared, *answer.higher_rates)))
        table = answer.by_arm(share)
        st.table([dict(zip(table.header, map(as_label, row), strict=True)) for row in table.rows])
    st.markdown(answer.legend)
    sentences = dict.fromkeys(sentence for answer in answers for sentence in answer.sentences)
    st.markdown("\n".join(f"- {as_label(sentence)}" for sentence in sentences))
