"""A comparison by a plan that a visitor writes."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

import streamlit as st

from explorer.errors import UserError
from explorer.initialisation import library
from explorer.initialisation import plan as plans
from explorer.initialisation.coverage import before
from explorer.initialisation.plan import Plan
from explorer.initialisation.texts_at_hand import check_texts
from explorer.questions.comparisons import Strategies
from explorer.questions.jobs import Compare
from explorer.texts import _
from explorer.ui.initialisation.comparisons import begin_and_show, plan_of_visitor
from explorer.ui.initialisation.expected_cost import expected_cost
from explorer.ui.initialisation.selection import selection
from explorer.ui.job_list import job_list
from explorer.ui.messages import say
from explorer.ui.parameters import Choice
from explorer.ui.rights import CLOSED, may_change


def _plan_text(name: str) -> str:
    """A shipped plan with its comments, or that of a comparison at hand."""
    if name in plans.NAMES:
        return (plans.PLANS / f"{name}.toml").read_text(encoding="utf-8")
    return library.plan(name).public.as_toml()


def own_plan(names: Sequence[str]) -> None:
    """Write a plan, beginning with one that came along or with that of a comparison of these names, and start it."""
    st.header(_("By a plan"), anchor=False)
    st.markdown(
        _(
            "The comparison continues when you close the tab, and finished runs are kept. Only one comparison runs at "
            "a time. To compare on sentence pairs of your own, use the command line: `explorer compare plan.toml`."
        )
    )
    if not may_change():
        say(CLOSED)
        return
    begun = Choice("plan", _("Start from the plan"), list(dict.fromkeys([*plans.NAMES, *names])))
    begun.draw(width=300)
    selection([begun.value], begun.options, "plan")
    box = f"plan {begun.value}"
    plan = plan_of_visitor(st.text_area(_("The plan, as TOML"), _plan_text(begun.value), key=box, height=360))
    with st.expander(_("What an arm can say")):
        st.markdown(
            _(
                "Each arm is a table of the plan: `start` says what its vectors are, and the other options what "
                "becomes of them. `model` names a model, `others` further ones, `thaw` a number of updates, and `rate` "
                "the share of the learning rate that a slower table has."
            )
        )
        table = Strategies().answer().table()
        st.table([dict(zip(table.header, row, strict=True)) for row in table.rows])
    expected = st.container()  # filled at the end: it takes a while, and Start need not wait
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = f"name of {plan.name}"
        st.text_input(_("Name"), f"my {plan.name}", key=name, width=300)
        pressed = partial(begin_and_show, name, lambda: plan_of_visitor(st.session_state[box]), "refusal")
        st.button(_("Start"), on_click=pressed)
    if refusal := st.session_state.pop("refusal", ""):
        say(refusal, "problem")
    job_list(Compare.kind, "beside Start")
    with expected:
        _say_expected(plan)


def _say_expected(plan: Plan) -> None:
    """How many words have a vector and what the runs cost, or why there can be none: better now than after hours."""
    try:
        check_texts(plan)
        with st.spinner(_("Measuring what it takes …")):
            sentences = (*before(plan), *plan.notes, expected_cost(plan))
    except UserError as error:
        say(str(error), "problem")
    else:
        for sentence in sentences:
            say(sentence)
