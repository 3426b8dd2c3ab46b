"""Where a model has no map of all its words yet: a button that computes it, and how far that is."""

from __future__ import annotations

import streamlit as st

from explorer.questions.jobs import Project
from explorer.texts import _
from explorer.ui.job_list import job_list
from explorer.ui.jobs import running, start
from explorer.ui.messages import problems_shown, say
from explorer.ui.rights import CLOSED, may_change


def offer_to_place(model: str) -> None:
    """What stands there of a model whose words have no map yet: the job that computes it, or a button that begins
    it."""
    job_list(Project.kind, name=model)
    if any(job.name == model for job in running(Project.kind)):
        return
    say(
        _(
            "No map of all words of {model} has been computed yet. It takes some minutes, once. The command "
            "“explorer project {model}” does the same.",
            model=model,
        )
    )
    if not may_change():
        say(CLOSED)
    elif st.button(_("Compute the map"), type="primary", key=f"compute {model}"):
        with problems_shown():
            start(model, Project(model=model))
            st.rerun()
