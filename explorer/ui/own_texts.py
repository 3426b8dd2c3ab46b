"""A comparison on a visitor's own labelled texts: a table is uploaded, its columns are chosen, its cost is said."""

from __future__ import annotations

from pathlib import Path

import streamlit as st

from explorer.data.tables import FORMATS, open_table
from explorer.initialisation import uploads
from explorer.initialisation.cost import cores, cost
from explorer.initialisation.plan import Plan
from explorer.initialisation.text_plans import likely_columns, name_for, plan_for
from explorer.questions.jobs.comparison import Compare
from explorer.texts import _
from explorer.ui.comparisons import begin_and_show
from explorer.ui.declared import control
from explorer.ui.messages import as_label, say

NAME, REFUSAL, _COST = "name of own texts", "refusal of own texts", "cost of own texts"  # in the session


def own_texts() -> None:
    """Draw it. Raises UserError for a table that cannot be compared on."""
    st.markdown(
        _(
            "Give a table with a text and a label in each row ({formats}; a spreadsheet as CSV). Random vectors are "
            "compared with those of a model, frozen and tuned, in telling the labels apart. The table is kept on this "
            "server, where every visitor sees its labels and the results, but not its texts.",
            formats=", ".join(FORMATS),
        )
    )
    upload = st.file_uploader(_("A table of labelled texts"), key="own texts", width=676)
    if upload is None:
        return
    path = uploads.keep(upload.name, upload.getvalue())
    text, label, part = _columns(path, upload.name)
    controls = [control(Compare, name, name=f"texts_{name}") for name in ("vectors", "seeds", "pooling")]
    with st.container(horizontal=True):
        for each in controls:
            each.draw(width=200)
    with st.spinner(_("Reading the texts …")):
        vectors, seeds, pooling = (each.value for each in controls)
        plan = plan_for(path.name, text, label, part, vectors, seeds, pooling, name_for(upload.name))
        plan.within_page_limits([plan.task])
        facts = (plan.data.description, *plan.data.notes, plan.searched_on_tests, plan.too_few_seeds, _cost(plan))
        for sentence in filter(None, facts):
            say(sentence)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        st.text_input(_("Name"), plan.name, key=NAME, width=300)
        st.button(_("Compare"), on_click=begin_and_show, args=(NAME, lambda: plan, REFUSAL))
    if refusal := st.session_state.pop(REFUSAL, ""):
        say(refusal, "problem")


def _columns(path: Path, file: str) -> tuple[str, str, str]:
    """Which columns are what, as chosen; those are proposed whose names say so."""
    columns = list(open_table(path, file).columns)
    likely = likely_columns(columns)
    chosen = []
    with st.container(horizontal=True):
        for name, proposed in zip(("text", "label", "part"), likely, strict=True):
            options = [*([""] if name == "part" else []), *columns]
            declared = Compare.parameters[name]
            chosen.append(
                st.selectbox(
                    declared.label,
                    options,
                    options.index(proposed),
                    key=f"{name} of {path.name}",
                    format_func=lambda option: as_label(option) or _("none: drawn"),
                    help=declared.described,
                    width=200,
                )
            )
    return chosen[0], chosen[1], chosen[2]


def _cost(plan: Plan) -> str:
    """What it takes, measured once for each plan."""
    known = st.session_state.get(_COST)
    if known is None or known[0] != plan:
        st.session_state[_COST] = known = (plan, cost(plan, cores()).sentence)
    return known[1]
