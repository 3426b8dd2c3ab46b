"""A comparison on a visitor's own texts: a table is uploaded and its columns are chosen, or a plain text; what it costs
is said."""

from __future__ import annotations

from itertools import islice
from pathlib import Path

import streamlit as st

from explorer import serving
from explorer.data.tables import FORMATS, open_table
from explorer.data.unpacked import is_plain_text
from explorer.initialisation import uploads
from explorer.initialisation.coverage import before
from explorer.initialisation.page_limits import check_page_limits
from explorer.initialisation.text_plans import is_header, language_plan, likely_columns, name_for, plan_for, quick
from explorer.questions.jobs.comparison import Compare
from explorer.texts import _
from explorer.ui.declared import control
from explorer.ui.initialisation.comparisons import begin_and_show
from explorer.ui.initialisation.expected_cost import expected_cost
from explorer.ui.messages import say
from explorer.ui.parameters import Choice

NAME, _PROPOSED = "name of own texts", "proposed name of own texts"  # in the session, as what follows
REFUSAL = "refusal of own texts"
_SAMPLE = 200  # rows by which columns are told apart
_HOW_MUCH = {"quick": _("a first look"), "whole": _("the whole comparison")}  # which has a number of seeds to choose


def own_texts() -> None:
    """Draw it. Raises UserError for a table that cannot be compared on."""
    st.markdown(
        _(
            "Give a table with a text and a label in each row ({formats}; a spreadsheet as CSV). Random vectors are "
            "compared with those of a model, frozen and tuned, in telling the labels apart; a first look compares "
            "random and tuned ones alone. Or give a plain text (txt) with a sentence or a paragraph on each line: they "
            "are compared in a language model of it. The file is kept on this server.",
            formats=", ".join(FORMATS),
        )
        + " "
        + (
            _("You alone see its labels and the results, until an administrator shares them.")
            if serving.settings().login
            else _("Every visitor sees its labels and the results, but not its texts.")
        )
    )
    upload = st.file_uploader(
        _("A table of labelled texts, or a plain text"),
        key="own texts",
        max_upload_size=min(uploads.LARGEST // 2**20, serving.settings().upload),
        width=676,
    )
    if upload is None:
        return
    path = uploads.keep(upload.name, upload.getvalue())
    is_text = is_plain_text(path, upload.name, is_header)
    columns = None if is_text else _columns(path, upload.name)
    how_much = Choice("texts_quick", _("How much"), list(_HOW_MUCH))
    names = ("vectors", *([] if is_text else ["pooling"]), *(["seeds"] if how_much.value == "whole" else []))
    controls = {name: control(Compare, name, name=f"texts_{name}") for name in names}
    with st.container(horizontal=True):
        how_much.draw(width=200, show=_HOW_MUCH.__getitem__)
        for each in controls.values():
            each.draw(width=200)
    with st.spinner(_("Reading the texts …")):
        options = {name: each.value for name, each in controls.items()}
        called = name_for(upload.name)
        plan = (
            plan_for(path.name, *columns, **options, name=called)
            if columns
            else language_plan(path.name, **options, name=called)
        )
        if how_much.value == "quick":
            plan = quick(plan)
        check_page_limits(plan, [plan.task])
        facts = (plan.data.description, *plan.data.notes, *before(plan), plan.searched_on_tests, plan.too_few_seeds)
        for sentence in filter(None, (*facts, expected_cost(plan))):
            say(sentence)
    with st.container(horizontal=True, vertical_alignment="bottom"):
        if st.session_state.get(_PROPOSED) != plan.name:
            st.session_state[_PROPOSED] = st.session_state[NAME] = plan.name
        st.text_input(_("Name"), key=NAME, width=300)
        st.button(_("Compare"), on_click=begin_and_show, args=(NAME, lambda: plan, REFUSAL))
    if refusal := st.session_state.pop(REFUSAL, ""):
        say(refusal, "problem")


def _columns(path: Path, file: str) -> tuple[str, str, str]:
    """Which columns are what, as chosen; those are proposed whose names say so."""
    table = open_table(path, file)
    columns = list(table.columns)
    likely = likely_columns(columns, [cells for _place, cells in islice(table.rows(*columns), _SAMPLE)])
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
                    format_func=lambda option: option or _("none: drawn"),  # plain text, no Markdown
                    help=declared.help,
                    width=200,
                )
            )
    return chosen[0], chosen[1], chosen[2]
