"""What a plan will take here, as a page says it before the first run."""

from __future__ import annotations

import streamlit as st

from explorer.initialisation.cost import cores, cost
from explorer.initialisation.plan import Plan

_KEY = "costs of plans"  # in the session, each by its plan


def expected_cost(plan: Plan) -> str:
    """A sentence, measured once for each plan. Raises UserError for a plan that cannot be carried out."""
    known: dict[str, str] = st.session_state.setdefault(_KEY, {})
    text = plan.as_toml()
    if text not in known:
        known[text] = cost(plan, cores()).sentence
    return known[text]
