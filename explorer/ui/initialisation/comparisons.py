"""The comparison of initialisations that a page carries out in the background."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import streamlit as st

from explorer.access import belongings, rights
from explorer.embeddings import catalog
from explorer.errors import UserError, named
from explorer.files import write_file
from explorer.initialisation import library, uploads
from explorer.initialisation import plan as plans
from explorer.initialisation.page_limits import check_page_limits
from explorer.initialisation.plan import PLAN_FILE, Plan, PlanError
from explorer.initialisation.tasks import NAMES as TASKS
from explorer.questions.jobs import Compare
from explorer.texts import _
from explorer.ui.jobs import (
    folder,
    forget_work_on,
    is_busy,
    is_going_on,
    running,
    start,
)


def plan_of_visitor(text: str) -> Plan:
    """A plan that a visitor wrote. Raises PlanError for text that is no plan, and for more than a page carries out.

    A file is allowed as a task, by its name alone too, if a comparison at hand has it already with the same columns:
    from others a visitor would learn what else the file holds.
    """
    plan = plans.parse(text, _("The plan"))
    at_hand = [other for other in map(_readable, library.names()) if other and other.task not in TASKS]
    same = [other for other in at_hand if plan.task in (other.task, other.public.task)]
    same.sort(key=lambda other: other.name != plan.name)  # files of two folders may have one name
    for other in same:
        if (other.columns, other.language) == (plan.columns, plan.language):
            plan = replace(plan, task=other.task)
            check_page_limits(plan, [other.task])
            return plan
    if same:
        columns = named(list(filter(None, same[0].columns))) or _("none")
        raise PlanError(
            _(
                "A page compares on “{task}” with the columns alone that a comparison at hand has: {columns}.",
                task=same[0].public.task,
                columns=columns,
            )
        )
    check_page_limits(plan, TASKS)
    return plan


def _readable(name: str) -> Plan | None:
    try:
        return library.plan(name)
    except UserError:
        return None


def under_way() -> list[str]:
    """The names of the comparisons that run or wait."""
    return [job.name for job in running(Compare.kind)]


def begin_and_show(name: str, plan: Callable[[], Plan], refusal: str) -> None:
    """Begin before the page is drawn again, so that its progress appears at once; `name` and `refusal` are the places
    in the session of the comparison's name and of the sentence that says why not."""
    try:
        begin(st.session_state[name], plan())
    except UserError as error:
        st.session_state[refusal] = str(error)
    else:
        st.query_params.from_dict({"run": st.session_state[name]})


def begin(name: str, plan: Plan) -> None:
    """Carry out a plan in the background, or go on with it, and keep its results under a name. It takes all cores, so
    it waits while another comparison is under way.

    Raises UserError for a name that is taken.
    """
    plan = replace(plan, name=name)
    if library.is_shipped(name):
        raise UserError(_("“{name}” is the name of a shipped comparison. Take another name.", name=name))
    if name in library.names() and library.plan(name) != plan:
        raise UserError(
            _("There is a comparison called “{name}” already, with another plan. Take another name.", name=name)
        )
    check_own(name, plan)
    with folder() as place:
        write_file(place / PLAN_FILE, plan.as_toml().encode())
        job = Compare(plan=str(place / PLAN_FILE), out=library.own_folder(plan))
        start(name, job, place)


def remove(name: str) -> None:
    """Delete a comparison with its results, and the table that was uploaded for it alone. Raises UserError for one that
    is under way, which would write on."""
    if is_going_on(Compare.kind, name):
        raise UserError(_("“{name}” is under way. Cancel it, and remove it when it has ended.", name=name))
    task = library.plan(name).task
    library.remove(name)
    forget_work_on(name)
    if not is_busy(Compare.kind):  # one that prepares may need it
        uploads.forget(task)


def check_own(name: str, plan: Plan) -> None:
    """Where people log in: raise UserError for a name under which somebody else's results stand, and for a plan with a
    model that this visitor does not see."""
    if belongings.sees is belongings.everything:
        return
    belonging = library.belonging(name)
    if library.has_begun(name) and not rights.somebody().may_remove(belonging):
        raise UserError(
            _("Somebody else has a comparison called “{name}”. Take another name.", name=name)
            if belonging.owner
            else _("A command made “{name}”, so a command goes on with it. Take another name.", name=name)
        )
    for strategy in plan.arms.values():
        for model in strategy.models:
            catalog.belonging(model)
