"""Talks: those at hand to show and take along, and an outline in which one's own is made."""

from dataclasses import replace
from functools import partial
from pathlib import Path

import streamlit as st

from explorer.answers import size_written
from explorer.errors import UserError
from explorer.questions.talks import Decks
from explorer.service.talks import State
from explorer.service.talks import at_hand as state_at_hand
from explorer.talks.browser import as_pdf, as_pictures, has_browser
from explorer.talks.deck import (
    REVEALS,
    Deck,
    Scene,
    check_new,
    move,
    name_of,
    open_deck,
    own_names,
    read_deck,
    remove,
    remove_talk,
    save,
)
from explorer.talks.document import as_html
from explorer.talks.rehearsal import SceneRehearsal, Talk, rehearse_scene
from explorer.texts import _, _n
from explorer.ui.left_out import say_what_is_left_out
from explorer.ui.messages import as_label, problems_shown, say
from explorer.ui.navigation import TALKS, is_arrival
from explorer.ui.outline import outline
from explorer.ui.parameters import Number, Text
from explorer.ui.rights import CLOSED, check_change, may_change
from explorer.ui.theme import is_dark

REVEAL_NAMES = {
    "": _("All at once"),
    "rows": _("Row by row"),
    "lines": _("Line by line"),
    "cells": _("Cell by cell"),
    "answer": _("The answer at the end"),
}
PREVIEW = 405  # pixels of height, of a scene of 720
LARGEST_DECK = 2**20  # bytes, the 1 MB that the box says
KNOWN = "talk as this visitor knows it"
EDITION = "edition of the boxes"  # they begin anew where their scene was changed by something else than by them

TALK = Text("talk", _("Talk"))
SCENE = Number("scene", _("Scene"), 1, least=1, most=200)


def rehearsal(deck: Deck, state: State) -> Talk:
    """The talk with every scene computed."""
    scenes = (scene_rehearsal(replace(scene, notes=""), str(deck.folder), state) for scene in deck.scenes)
    return Talk(deck, tuple(replace(each, scene=scene) for each, scene in zip(scenes, deck.scenes, strict=True)))


@st.cache_data(max_entries=400, show_spinner=_("Computing the scenes …"))
def scene_rehearsal(scene: Scene, folder: str, state: State) -> SceneRehearsal:
    """A scene, computed once until a model or a comparison changes: what is done to others does not wait for it."""
    return rehearse_scene(scene, Path(folder))


def at_hand():
    st.header(_("Talks at hand"), anchor=False)
    answer = Decks().answer()
    for sentence in answer.sentences:
        say(sentence, "problem")
    for entry in answer.entries:
        if entry.problem:
            continue
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            facts = _n(
                "{count} scene · {minutes:.1f} min",
                "{count} scenes · {minutes:.1f} min",
                entry.scenes,
                minutes=entry.minutes,
            )
            st.markdown(f"**{as_label(entry.title)}**  \n{as_label(facts)}", width="stretch")
            st.link_button(_("Show"), f"talk?deck={entry.name}")
            if not may_change():
                continue
            if entry.own:
                st.page_link(TALKS, label=_("Edit"), query_params={"talk": entry.name})
            else:
                st.button(_("Make it mine"), key=f"copy {entry.name}", on_click=copy, args=(entry.name,))


def copy(name):
    """Open one's own copy of a talk that came along; the first time it is made."""
    own = f"my-{name}"
    if own not in own_names():
        with problems_shown():
            save(own, open_deck(name))
    st.query_params.from_dict({"talk": own})


def begin():
    """Open a file of a talk, or begin a new one."""
    with st.container(horizontal=True, vertical_alignment="bottom"):
        title = st.text_input(_("Title of a new talk"), "", key="new_talk", width=320)
        if st.button(_("Begin"), disabled=not title.strip()):
            with problems_shown():
                keep(name_of(title), Deck(title, (Scene(title=title),)))
    upload = st.file_uploader(_("Or open the TOML file of a talk"), type="toml", key="talk_file", max_upload_size=1)
    if upload is not None and st.button(_("Open {file}", file=as_label(upload.name))):
        with problems_shown():
            if upload.size > LARGEST_DECK:
                raise UserError(_("The file has {size}: a talk is smaller.", size=size_written(upload.size)))
            try:
                text = upload.getvalue().decode("utf-8-sig")
            except UnicodeDecodeError:
                raise UserError(_("The talk “{name}” cannot be read: it is not UTF-8.", name=upload.name)) from None
            deck = read_deck(text, upload.name)
            keep(name_of(upload.name.removesuffix(".toml")), deck)


def keep(name, deck):
    check_new(name)
    save(name, deck)
    st.query_params.from_dict({"talk": name})
    st.rerun()


def edit(name):
    check_change()
    deck = open_deck(name)
    place = SCENE.value - 1 if SCENE.value and SCENE.value <= len(deck.scenes) else 0

    known = None if is_arrival() else st.session_state.get(KNOWN)
    if known and known[0] == name and known[1] != deck:
        begin_boxes()
        say(
            _("This talk was changed in another window. It stands here as it is now, without what you typed meanwhile.")
        )
    st.session_state[KNOWN] = name, deck

    def typed():
        """The talk with what stands in the boxes, also where no run of the page has seen it yet."""
        scene = as_typed(name, place, deck.scenes[place])
        return replace(deck, scenes=(*deck.scenes[:place], scene, *deck.scenes[place + 1 :]))

    def turn_to(at):
        if typed() != deck:
            change(typed(), at)
        st.query_params["scene"] = str(at + 1)

    def change(changed, now):
        with problems_shown():
            save(name, changed)
            st.session_state[KNOWN] = name, open_deck(name)
            st.query_params["scene"] = str(now + 1)

    def rearrange(changed, now):
        change(changed, now)
        begin_boxes()

    talk = rehearsal(deck, state_at_hand())
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(as_label(deck.title), anchor=False, width="stretch")
        st.link_button(_("Show"), f"talk?deck={name}", type="primary")
        st.download_button(_("HTML"), as_html(talk), f"{name}.html", "text/html", on_click="ignore")
        if has_browser():
            st.download_button(_("PDF"), partial(as_pdf, talk), f"{name}.pdf", "application/pdf", on_click="ignore")
            pictures = partial(as_pictures, talk)
            st.download_button(_("Pictures"), pictures, f"{name}.zip", "application/zip", on_click="ignore")
        st.download_button(_("TOML"), talk.as_deck().as_toml(), f"{name}.toml", "application/toml", on_click="ignore")
        with st.popover(_("Remove …")):
            st.button(_("Remove the whole talk"), on_click=discard, args=(name,))
    say(talk.headline)
    left, right = st.columns([34, 66], gap="medium")
    with left:
        titles = [scene.title or _("without a title") for scene in talk.scenes]
        outline(
            titles,
            place,
            on_open=turn_to,
            on_move=lambda start, end: rearrange(move(typed(), start, end), end),
            on_remove=lambda at: rearrange(remove(typed(), at), 0),
        )
        new = {
            _("Add a scene of text"): Scene(title=_("A new scene")),
            _("Add a question to the room"): Scene(
                ask=_("What does the room think?"), choices=(_("yes"), _("no")), answer=_("yes"), reveal="answer"
            ),
        }
        for label, scene in new.items():
            if st.button(label):
                change(replace(deck, scenes=(*deck.scenes, scene)), len(deck.scenes))
                st.rerun()
    with right:
        shown = talk.scenes[place]
        if shown.problem:
            say(shown.problem, "problem")
        scheme = "dark" if is_dark() else "light"
        whole = replace(shown, scene=replace(shown.scene, reveal=""))
        st.iframe(as_html(replace(talk, scenes=(whole,)), scheme=scheme), height=PREVIEW)
        scene = form(name, place, deck.scenes[place])
        if scene != deck.scenes[place]:
            change(replace(deck, scenes=(*deck.scenes[:place], scene, *deck.scenes[place + 1 :])), place)
            st.rerun()


def discard(name):
    with problems_shown():
        check_change()
        remove_talk(name)
        st.query_params.clear()


def begin_boxes():
    st.session_state[EDITION] = st.session_state.get(EDITION, 0) + 1


def key(name, place, field):
    return f"{name} {place} {field} {st.session_state.get(EDITION, 0)}"


def texts_of(scene):
    """What the boxes of a scene hold."""
    lines, marks = "\n".join(scene.text), "; ".join(scene.highlight)
    return {
        "title": scene.title,
        "notes": scene.notes,
        "page": scene.page,
        "text": lines,
        "ask": scene.ask,
        "choices": "; ".join(scene.choices),
        "answer": scene.answer,
        "reveal": scene.reveal,
        "highlight": marks,
    }


def as_typed(name, place, scene):
    """The scene as its boxes say it."""
    texts = {field: st.session_state.get(key(name, place, field), text) for field, text in texts_of(scene).items()}
    choices, marks = (
        tuple(filter(None, (part.strip() for part in texts[field].split(";")))) for field in ("choices", "highlight")
    )
    lines = tuple(line for line in texts["text"].splitlines() if line.strip())
    return replace(
        scene,
        title=texts["title"].strip(),
        notes=texts["notes"].strip(),
        page=texts["page"].strip(),
        text=lines,
        ask=texts["ask"].strip(),
        choices=choices,
        answer=texts["answer"].strip(),
        reveal=texts["reveal"],
        highlight=marks,
        shows=scene.shows if texts["page"].strip() == scene.page else "",
    )


def form(name, place, scene):
    """Draw the boxes of a scene; the scene as they say it. A box stays the same while another one is read: who goes on
    typing loses nothing."""
    shown = ("ask", "choices", "answer") if scene.ask else ("page", "text")
    keys = {field: key(name, place, field) for field in ("title", "notes", *shown, "reveal", "highlight")}
    for field, own in keys.items():
        st.session_state.setdefault(own, texts_of(scene)[field])
    st.text_input(_("Title"), key=keys["title"])
    st.text_area(_("Speaker's notes"), key=keys["notes"], height=140)
    if scene.ask:
        st.text_input(_("The question"), key=keys["ask"])
        st.text_input(_("Its choices, with semicolons"), key=keys["choices"])
        st.text_input(_("Its answer"), key=keys["answer"])
    else:
        st.text_input(_("What it shows: the address of a page"), key=keys["page"])
        st.text_area(_("Or lines of text"), key=keys["text"], height=90)
    with st.container(horizontal=True):
        st.selectbox(
            _("What appears at a press"),
            list(REVEALS),
            format_func=lambda reveal: REVEAL_NAMES[reveal],
            key=keys["reveal"],
        )
        label = _("What matters: words or cells (row,column), with semicolons")
        st.text_input(label, key=keys["highlight"])
    return as_typed(name, place, scene)


with st.container(horizontal_alignment="center"), st.container(width=1120):
    st.title(_("Talks"), anchor=False)
    st.markdown(
        _(
            "Scenes that are computed in advance; you turn them with a clicker. No network is needed. On every page, "
            "*Add this view to a talk* makes a scene of what is there."
        )
    )
    say_what_is_left_out(TALK, SCENE)
    with problems_shown():
        if TALK.text:
            edit(TALK.text)
            st.page_link(TALKS, label=_("← All talks"))
        else:
            at_hand()
            st.header(_("A talk of your own"), anchor=False)
            if may_change():
                begin()
            else:
                say(CLOSED)
