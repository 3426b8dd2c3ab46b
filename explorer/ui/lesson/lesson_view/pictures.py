"""The pictures of a lesson on the page: the whole pass, which plays, and those that belong to a step."""

from __future__ import annotations

import functools
from collections.abc import Callable
from dataclasses import replace
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import quote

import streamlit as st

from explorer.lessons import bounds
from explorer.lessons.lesson import Lesson
from explorer.lessons.pictures.attention import attention_lines, attentions, board
from explorer.lessons.pictures.decoding import WordByWord, word_by_word
from explorer.lessons.pictures.next_word import next_words
from explorer.lessons.pictures.picture import Picture
from explorer.lessons.pictures.tree import BeamTree, beam_tree
from explorer.lessons.pictures.whole import Whole
from explorer.lessons.steps import Step, Table
from explorer.lessons.summaries import summary
from explorer.questions.lessons import Picture as Asked
from explorer.questions.transformer import Translate
from explorer.texts import _
from explorer.transformer.bounds import LENGTH_PENALTY
from explorer.ui.declared import control
from explorer.ui.dom import script
from explorer.ui.lesson.lesson_view import state
from explorer.ui.messages import problems_shown
from explorer.ui.parameters import Number, Tabs

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "explorer_pictures",
    css=(_HERE / "pictures.css").read_text(encoding="utf-8"),
    js=script(_HERE / "pictures.js"),
)

TEMPERATURE = control(Translate, "temperature", Number, default=1.0, step=0.1)
TOP_K = control(Translate, "top_k", label=_("top-k (0: all words)"), default=0)
TOP_P = control(Translate, "top_p", label=_("top-p"), default=1.0, step=0.05)
_CHOSEN = Tabs("choose", _("The next word"), ["likeliest", "drawn"])
_CHOICES = {"likeliest": _("The likeliest word"), "drawn": _("A word drawn")}
_SEED = control(Translate, "seed", name="draw", default=0)
_BEAM = control(Asked, "beam", default=bounds.BEAM_WIDTH)
_PENALTY = control(Asked, "penalty", default=LENGTH_PENALTY, step=0.1)
CONTROLS = (TEMPERATURE, TOP_K, TOP_P, _CHOSEN, _SEED, _BEAM, _PENALTY)


_MOST_ROWS = 12  # of all heads together, that leave room for the lines below them
_TEXTS = {  # of the script, which fills in {place}, {count} and {words}
    "download": _("Download SVG"),
    "begin": _(
        "Press Play, or the space bar: a light walks through the model in the order of the steps, forward and then "
        "back."
    ),
    "play": _("▶ Play"),
    "pause": _("❚❚ Pause"),
    "before": _("The box before"),
    "after": _("The next box"),
    "speed": _("Speed"),
    "enter": _("Step by step →"),
    "forward": _("{place} of {count}, forward"),
    "back": _("{place} of {count}, back"),
    "next_word": _("Next word"),
    "word_back": _("One word back"),
    "start": _("From the start"),
    "words": _("Word {place} of {count}: {words}"),
}

_ARTICLE = _("The example is that of the article “How Model Training Works”.")
_PAPER = _("The model: “Attention Is All You Need” (Vaswani et al., 2017).")

Go = Callable[[str], None]


def is_overview() -> bool:
    """Whether the address names no step, so that the whole is shown."""
    return state.STEP not in st.query_params and state.CELL not in st.query_params


def overview_view(lesson: Lesson, go: Go) -> None:
    """The whole pass in a few sentences and one picture; `go` is called with the key of the component that a reader
    leaves for a step by."""
    whole = Whole(lesson)
    left, right = st.columns([24, 76], gap="medium")
    with left:
        title = escape(_("The whole in one picture"))
        sentences = "".join(f"<li>{escape(sentence)}</li>" for sentence in whole.sentences)
        source = escape(f"{_ARTICLE if lesson.example.at_will else ''} {_PAPER}".strip())
        st.html(
            f'<h2 class="explorer-overview">{title}</h2><ol class="explorer-overview">{sentences}</ol>'
            f'<p class="explorer-overview">{source}</p>'
        )
    with right:
        _draw(
            "whole",
            [whole.as_svg(lambda key: f"?step={quote(key)}")],
            "whole",
            go,
            stops=[
                {"box": stop.box, "back": stop.back, "key": stop.key, "sentence": stop.sentence} for stop in whole.stops
            ],
            first=lesson.steps[0].key,
            file=whole.as_svg(),
        )


def step_pictures(lesson: Lesson, step: Step, go: Go) -> None:
    """The picture that belongs to a step, where one does."""
    if has_lines(lesson, step):
        if not is_long(lesson, step):
            lines_view(lesson, step, go)
        if len(attentions(lesson.trace)) > 1:
            _drawn("board", board(lesson.trace), go, _("All heads of all layers"))
    elif step.key in ("probabilities", "next.words"):
        _drawn("next-word", next_words(lesson.trace), go)
    elif step.key == "next.greedy":
        with st.container(horizontal=True):
            _CHOSEN.draw(show=_CHOICES.__getitem__)
            if _CHOSEN.value == "drawn":
                for each in (TEMPERATURE, TOP_K, TOP_P, _SEED):
                    each.draw(width=140)
        with problems_shown():
            words = _decoded(lesson)
            svgs = [words.step_svg(place) for place in range(len(words.steps))]
            _draw("decoding", svgs, "decoding", go, chosen=[each.chosen for each in words.steps], file=words.as_svg())
    elif step.key == "next.beam":
        with st.container(horizontal=True):
            _BEAM.draw(width=200)
            _PENALTY.draw(width=200)
        with problems_shown():
            _drawn("beam", _searched(lesson), go)


def has_lines(lesson: Lesson, step: Step) -> bool:
    """Whether a step shows the weights of an attention, which can be drawn as lines."""
    return step.key.endswith("attention.weights") and step.key in lesson.trace


def is_long(lesson: Lesson, step: Step) -> bool:
    """Whether the matrices of an attention fill a window, so that its lines stand before them."""
    heads, queries, _keys = lesson.trace[step.key].value.shape
    return bool(heads * queries > _MOST_ROWS)


def lines_view(lesson: Lesson, step: Step, go: Go) -> None:
    """The weights of an attention as lines."""
    lines = attention_lines(lesson.trace, step.key)
    _draw("lines", [lines.as_svg()], step.key, go, file=lines.as_svg())


def step_tables(lesson: Lesson, step: Step) -> tuple[Table, ...]:
    """The tables of a step; of words that are drawn, instead of taken, those of the words drawn."""
    if step.key != "next.greedy" or _CHOSEN.value != "drawn":
        return step.tables
    columns = (_("so far"), _("word drawn"), _("its probability"), _("words left"))
    steps = _decoded(lesson).steps
    rows = tuple((" ".join(each.so_far), each.chosen, each.probability, f"{each.kept:,}") for each in steps)
    return (replace(step.tables[0], columns=columns, rows=rows),)


def talk_picture(lesson: Lesson, step: Step, go: Go) -> bool:
    """The picture of a step in a talk, behind its equations if it has some; whether there is one."""
    chosen: list[str] = []
    if has_lines(lesson, step):
        svgs = [attention_lines(lesson.trace, step.key).as_svg()]
    elif step.key == "next.words":
        svgs = [next_words(lesson.trace).for_talk()]
    elif step.key == "next.greedy":
        words = _decoded(lesson)
        svgs = [words.step_svg(place, in_talk=True) for place in range(len(words.steps))]
        chosen = [each.chosen for each in words.steps]
    elif step.key == "next.beam":
        svgs = [_searched(lesson).for_talk()]
    else:
        return False
    kind = "decoding" if chosen else "lines" if has_lines(lesson, step) else "beam"
    _draw(kind, svgs, step.key, go, chosen=chosen, talk=True)
    return True


def _decoded(lesson: Lesson) -> WordByWord:
    """The likeliest words, or words drawn as the address says."""
    how = (TEMPERATURE.value, TOP_K.value or 0, TOP_P.value, _SEED.value or 0) if _CHOSEN.value == "drawn" else ()
    return word_by_word(lesson.example.translator, lesson.example.source, *how)


def _searched(lesson: Lesson) -> BeamTree:
    beam = _BEAM.value or bounds.BEAM_WIDTH
    return beam_tree(lesson.example.translator, lesson.example.source, beam, _PENALTY.value)


def chapter_summary(lesson: Lesson, step: Step) -> None:
    """What has just become of the words, below the last step of a chapter."""
    chapter = lesson.chapter(step)
    if step.key == chapter.steps[-1].key and (said := summary(lesson, chapter)):
        title = escape(_("At the end of this chapter"))
        st.html(f'<p class="explorer-summary"><b>{title}</b> {escape(said)}</p>')


def _drawn(kind: str, picture: Picture, go: Go, folded: str = "") -> None:
    svg = picture.as_svg(lambda key: f"?step={quote(key)}") if kind == "board" else picture.as_svg()
    _draw(kind, [svg], kind, go, folded=folded, file=picture.as_svg())


def _draw(kind: str, svgs: list[str], name: str, go: Go, **more: Any) -> None:
    key = f"picture {kind}"
    data = {"kind": kind, "svgs": svgs, "name": name, "texts": _TEXTS} | more
    _component(key=key, data=data, on_step_change=functools.partial(go, key))
