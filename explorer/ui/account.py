"""The page Account: who is logged in, tokens for programs, jobs that run, and what people have made."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import streamlit as st

from explorer.access import rights, tokens
from explorer.access.belongings import Belonging
from explorer.access.rights import Right, Somebody
from explorer.embeddings import catalog
from explorer.errors import NotThere
from explorer.initialisation import library
from explorer.service.jobs import queue
from explorer.texts import _
from explorer.ui.initialisation import comparisons
from explorer.ui.job_list import job_going_on
from explorer.ui.jobs import remove_model
from explorer.ui.messages import as_label, problems_shown, say

_MAY = {Right.ASK: _("ask"), Right.ADMINISTER: _("administer")}
_MADE, _NAME = "token that was just made", "name of a token"  # in the state of the session
_Made = tuple[str, str, Belonging, Callable[[str, bool], None], Callable[[str], None]]


def account() -> None:
    """Draw it, for somebody who has logged in."""
    me = rights.somebody()
    with st.container(horizontal_alignment="center"), st.container(width=1120):
        st.set_page_config(page_title="Account")
        with st.container(horizontal=True, vertical_alignment="bottom", horizontal_alignment="distribute"):
            st.title(_("Account"), anchor=False, width="content")
            st.button(_("Log out"), on_click=st.logout)
        if me.may(Right.ADMINISTER):
            say(_("You are logged in as {name}. You administer this server.", name=me.name))
        else:
            say(_("You are logged in as {name}.", name=me.name))

        st.header(_("Tokens for programs"), anchor=False)
        st.markdown(
            _(
                "A program asks the API for you with a token: it sends the header `Authorization: Bearer TOKEN`. It "
                "sees what you see. When you revoke a token, it counts no more, at once."
            )
        )
        _new_token(me)
        _known_tokens(me)

        st.header(_("Jobs"), anchor=False)
        _jobs(me)

        st.header(_("What people have made") if me.may(Right.ADMINISTER) else _("What you have made"), anchor=False)
        _what_was_made(me)


def _new_token(me: Somebody) -> None:
    allowed = [scope for scope in tokens.SCOPES if me.may(scope)]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        name = st.text_input(_("Name of a new token"), key=_NAME, placeholder=_("such as the program"), width=330)
        scopes = allowed
        if len(allowed) > 1:
            scopes = st.multiselect(_("It may"), allowed, [Right.ASK], format_func=_MAY.__getitem__, width=330)
        pressed = st.button(_("Make a token"))
    if pressed:
        with problems_shown():
            st.session_state[_MADE] = tokens.make(name, scopes, me.owner, me.name)
    if secret := st.session_state.pop(_MADE, ""):
        say(_("This is the token. Copy it now: it is shown once, and the server keeps its hash alone."), "answer")
        st.code(secret, language=None)


def _known_tokens(me: Somebody) -> None:
    for token in tokens.of(None if me.may(Right.ADMINISTER) else me.owner):
        whose = "" if token.owner == me.owner else token.person or _("of the server itself")
        may = _(" and ").join(_MAY[scope] for scope in tokens.SCOPES if scope in token.scopes)
        facts = (f"`{token.id}`", _("may {rights}", rights=may), _("made on {day}", day=token.made), as_label(whose))
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            st.markdown(" · ".join(filter(None, (f"**{as_label(token.name)}**", *facts))), width="stretch")
            if st.button(_("Revoke"), key=f"revoke {token.hash}"):
                with problems_shown():
                    tokens.revoke(token.hash)
                    st.rerun()


@st.fragment(run_every=2.0)
def _jobs(me: Somebody) -> None:
    """What runs or waits of what this one began; for who administers, of what all began."""
    going_on = [job for job in queue.going_on() if me.may_remove(job.belonging)]
    if not going_on:
        say(_("Nothing is going on. Imports, downloads, comparisons and trainings that run or wait will stand here."))
    for job in going_on:
        whose = "" if job.belonging.owner == me.owner else as_label(job.belonging.person or _("of the server itself"))
        facts = (as_label(job.title), f"**{as_label(job.name)}**" * bool(job.name), whose)
        job_going_on(job, about=" · ".join(filter(None, facts)))


def _made(me: Somebody) -> Iterator[_Made]:
    """What people have made that this one may remove: its kind, its name, whose it is, what shares and what deletes
    it."""
    for name in catalog.names():
        try:
            belonging = catalog.belonging(name)
        except NotThere:  # it has just gone
            continue
        if belonging.owner and me.may_remove(belonging):
            yield _("model"), name, belonging, catalog.share, remove_model
    for name in library.names():
        belonging = library.belonging(name)
        if belonging.owner and me.may_remove(belonging):
            yield _("comparison"), name, belonging, library.share, comparisons.remove


def _what_was_made(me: Somebody) -> None:
    entries = list(_made(me))
    if not entries:
        say(_("There is nothing yet. Imported models and comparisons will stand here."))
    for kind, name, belonging, share, delete in entries:
        seen = _("everybody sees it") if belonging.shared else _("its owner alone sees it")
        whose = "" if belonging.owner == me.owner else as_label(belonging.person)
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            facts = " · ".join(filter(None, (f"**{as_label(name)}**", kind, whose, seen)))
            st.markdown(facts, width="stretch")
            with problems_shown():
                if me.may(Right.ADMINISTER):
                    label = _("Stop sharing") if belonging.shared else _("Share with everybody")
                    if st.button(label, key=f"share {kind} {name}"):
                        share(name, not belonging.shared)
                        st.rerun()
                with st.popover(_("Remove")):
                    st.markdown(_("This deletes it, and what was uploaded for it alone."))
                    if st.button(as_label(_("Remove {name}", name=name)), key=f"remove {kind} {name}"):
                        delete(name)
                        st.rerun()
