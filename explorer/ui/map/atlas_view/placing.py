"""Where a model has no map of all its words yet: a button that computes it, and how far that is."""

from __future__ import annotations

import streamlit as st

from explorer.embeddings import atlas
from explorer.questions.jobs import Project
from explorer.texts import _
from explorer.ui.jobs import jobs_to_show, may_cancel, start
from explorer.ui.messages import problems_shown, say
from explorer.ui.rights import CLOSED, may_change

_PLACING = "Map of all words"


@st.fragment(run_every=1.0)
def offer_to_place(model: str) -> None:
    """What stands there of a model whose words have no map yet: the job that computes it, looked at every second."""
    if atlas.has_atlas(model):
        st.rerun()
    for job in jobs_to_show(_PLACING):
        if job.name == model and job.running:
            done = _("The words of {model} are being placed …", model=model)
            st.progress(job.share, " ".join(filter(None, (done, job.left))))
            if may_cancel(job) and st.button(_("Cancel"), key=f"cancel {model}"):
                job.cancel()
            return
        if job.name == model and job.problem:
            say(job.problem, "problem")
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
            start(_PLACING, model, Project(model=model))
            st.rerun()
