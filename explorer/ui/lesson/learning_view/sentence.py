"""A sentence pair through a training: what it is translated to, and its matrices and next words at a checkpoint."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import suppress

import streamlit as st

from explorer.answers import csv_text
from explorer.errors import UserError
from explorer.lessons.equations.matrices import Draughtsman
from explorer.lessons.learning import Learning
from explorer.lessons.lesson import Lesson, lesson
from explorer.lessons.moments import Moment
from explorer.lessons.numbers import whole_or_rounded
from explorer.lessons.steps import Shown, Table
from explorer.texts import _, _n
from explorer.translation.sentences import words_of
from explorer.ui.lesson.lesson_view.exports import figure_downloads, lesson_download
from explorer.ui.messages import as_label, problems_shown, say
from explorer.ui.navigation import LESSON
from explorer.ui.parameters import Choice, Text
from explorer.ui.tensor_view import matrix_view

_TABLES = ("source.table", "target.table")
_ATTENTION = "cross_attention.weights"
_DECIMALS = 4
_MATRIX_DECIMALS = 3  # so that four heads stand beside one another
_MOST_WORDS = 8  # of a translation; an untrained model can repeat one until it has no room left
_ROWS = 20  # that are in sight, of a list that can be scrolled


def pair_boxes(learning: Learning) -> list[Text]:
    """The controls of the sentence pair that is looked at."""
    first = [" ".join(words) for words in learning.pair]
    return [Text(*box) for box in zip(("source", "target"), (_("Source"), _("Target")), first, strict=True)]


def quoted(words: Sequence[str]) -> str:
    """A translation in quotes, of a long one its beginning."""
    if not words:
        return _("nothing: the sentence ends at once")
    if len(words) <= _MOST_WORDS:
        return f"“{' '.join(words)}”"
    beginning = " ".join(words[:_MOST_WORDS])
    return _n("“{words} …”, {count} word", "“{words} …”, {count} words", len(words), words=beginning)


def history(learning: Learning, moment: Moment | None = None) -> None:
    """What the model has made of the source since the beginning, with a mark where the moment is."""
    source, target = (words_of(box.value) for box in pair_boxes(learning))
    with suppress(UserError):
        translations = learning.translations(source)
        st.subheader(_("“{source}” while it learns", source=as_label(" ".join(source))), anchor=False)
        columns = {
            _("after update"): [
                f"{each.first:,}"
                if each.first == each.last
                else _("{first:,} to {last:,}", first=each.first, last=each.last)
                for each in translations
            ],
            _("its own translation"): [quoted(each.words) for each in translations],
            _("as in the target"): ["✓" if list(each.words) == target else "" for each in translations],
        }
        if moment:
            here = ["●" if each.first <= moment.step <= each.last else "" for each in translations]
            columns[_("this checkpoint")] = here
        height = 35 * (_ROWS + 1)
        st.dataframe(columns, hide_index=True, height="content" if len(translations) <= _ROWS else height)


def sentence(key: str, learning: Learning, moment: Moment) -> None:
    """What the model makes of a sentence pair at a moment: its attention, any other matrix, the words it would say."""
    st.header(_("A sentence at this checkpoint"), anchor=False)
    boxes = pair_boxes(learning)
    with st.container(horizontal=True):
        for box in boxes:
            box.draw(width=300)
        place = st.empty()
    with problems_shown():
        source, target = (words_of(box.value) for box in boxes)
        here = lesson(learning.example_at(moment, source, target))
        for warning in here.warnings:
            say(warning)
        matrix = _matrix_choice(here)
        with place:
            matrix.draw(width=420)
        if matrix.value not in matrix.options:
            raise UserError(_("This model has no matrix “{matrix}”. Choose one above.", matrix=matrix.value))
        drawn = Draughtsman(here, _MATRIX_DECIMALS).tensor(here.trace[matrix.value].node)
        matrix_view(drawn, key="moment matrix")
        words = here.step("next.words").tables[0]
        _next_words(words)
        st.page_link(
            LESSON,
            label=_("This checkpoint, step by step in the lesson →"),
            query_params=_address(key, moment, source, target),
        )
        _exports(moment, here, matrix.value, words)


def _address(key: str, moment: Moment, source: Sequence[str], target: Sequence[str]) -> dict[str, str]:
    """The address of the lesson of a sentence pair with the weights of a moment."""
    words = {"source": ",".join(source), "target": ",".join(target)}
    return {"lesson": "checkpoint", "training": key, "update": str(moment.step), **words}


def _matrix_choice(here: Lesson) -> Choice:
    """Every tensor of the pass and every parameter but the tables, the last layer's cross-attention first."""
    tensors = [*here.trace, *here.trace.parameters.values()]
    names = [tensor.name for tensor in tensors if tensor.name not in _TABLES]
    default = [name for name in names if name.endswith(_ATTENTION)][-1]
    return Choice(
        "matrix", _("Attention, or any other matrix"), [default, *(name for name in names if name != default)]
    )


def _next_words(words: Table) -> None:
    """The predicted words with rounded numbers, which stand below one another at their right."""
    st.subheader(_("Predicted next words"), anchor=False)
    columns = zip(words.columns, zip(*words.rows, strict=True), words.numeric, strict=True)
    texts = {name: [whole_or_rounded(cell, _DECIMALS) for cell in cells] for name, cells, _ in columns}
    right = {
        name: st.column_config.TextColumn(alignment="right")
        for name, is_number in zip(words.columns, words.numeric, strict=True)
        if is_number
    }
    st.dataframe(texts, hide_index=True, column_config=right)


@st.fragment
def _exports(moment: Moment, here: Lesson, matrix: str, words: Table) -> None:
    name = f"after-{moment.step}-" + "-".join((*here.example.source, *here.example.target))[:60]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        lesson_download(here, name, None, _DECIMALS, _("This checkpoint as a lesson"))
        figure_downloads(here, Shown(matrix), _DECIMALS, _("Matrix as {form}"))
        text = csv_text(words.columns, words.rows)
        st.download_button(_("Next words as CSV"), text, f"{name}.csv", "text/csv", on_click="ignore")
