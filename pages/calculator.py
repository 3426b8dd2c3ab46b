"""Calculator: what several words say together, by a formula, in pairs, as a matrix, on semantic axes."""

import streamlit as st

from explorer.embeddings import catalog
from explorer.errors import UserError
from explorer.questions import openings
from explorer.questions.vectors import Analogy, Matrix, OddOneOut, Placement, Similarity
from explorer.texts import _, _n
from explorer.ui.action_bar import action_bar
from explorer.ui.axes_chart import axes_chart
from explorer.ui.centred import centred
from explorer.ui.declared import control
from explorer.ui.declared import question as question_of
from explorer.ui.left_out import say_what_is_left_out
from explorer.ui.messages import problems_shown, say
from explorer.ui.parameters import Tabs, Words
from explorer.ui.tensor_view import labelled_matrix
from explorer.ui.word_box import word_box
from explorer.ui.word_table import Row, word_table

MODELS = catalog.names()
METHOD_NAMES = {"add": _("Add (3CosAdd)"), "multiply": _("Multiply (3CosMul)")}

MODEL = control(Analogy, "model")


FORMULA = control(Analogy, "formula", default=openings.formula(MODEL.text))
METHOD = control(Analogy, "method")
COUNT = control(Analogy, "n")
FORMS = control(Analogy, "without_forms", name="forms", options=["kept", "left out"], aliases=["without_forms"])
PAIRS = control(Similarity, "pairs", default=openings.pairs(MODEL.text), command="similarity --pairs")
MATRIX = control(Matrix, "words", Words, default=openings.compared(MODEL.text))
ODD = control(OddOneOut, "words", Words, aliases=["among"], default=openings.among(MODEL.text))
PLACED = control(Placement, "words", Words, aliases=["placed"], default=openings.placed(MODEL.text))
FIRST_AXIS, SECOND_AXIS = openings.ends(MODEL.text)
ENDS = (
    (Words("left", _("Left end"), FIRST_AXIS[0]), Words("right", _("Right end"), FIRST_AXIS[1])),
    (Words("lower", _("Lower end"), SECOND_AXIS[0]), Words("upper", _("Upper end"), SECOND_AXIS[1])),
    (Words("third_start", _("Third axis, from")), Words("third_end", _("Third axis, to"))),
)


def model_box():
    if len(MODELS) > 1:
        MODEL.draw(width=240)


def ask_formula():
    st.markdown(
        _(
            "Add and subtract words. A number before a word is its weight, as in `0.5 * queen`. Put phrases in quotes, "
            'as in `"new york"`.'
        )
    )
    with st.container(horizontal=True):
        with st.container(width=330):
            word_box(FORMULA, MODEL, several=True)
        METHOD.draw(width=180, show=METHOD_NAMES.get)
        COUNT.draw(width=130)
        model_box()
        FORMS.draw(width=130)
    analogy = question_of(Analogy, MODEL, FORMULA, METHOD, COUNT, FORMS)
    answer, embedding = analogy.answer(), analogy.embedding
    among = _n(
        "among the {count:,} word of {model}",
        "among the {count:,} words of {model}",
        embedding.size,
        model=embedding.name,
    )
    rows = [Row((row.word,), row.score, (row.parts_of_speech,)) for row in answer.rows]
    headings = ("rank", "word", _("part of speech"))
    caption = _(
        "Nearest to {formula} by {measure}, {among}", formula=answer.formula, measure=answer.measure, among=among
    )
    word_table(caption, headings, rows, answer.measure, answer.model, "formula_table")
    return analogy, answer


def ask_pairs():
    st.markdown(_("How similar are two words? Write one pair per line, with a comma between its words or phrases."))
    with st.container(horizontal=True):
        PAIRS.draw(width=420)
        model_box()
    similarity = question_of(Similarity, MODEL, PAIRS)
    answer = similarity.answer()
    rows = [Row((row.first, row.second), row.similarity, (row.above,), row.note) for row in answer.rows]
    headings = (_("no."), _("first"), _("second"), _("random pairs"))
    caption = _("The cosine of each pair in {title}", title=answer.model)
    word_table(caption, headings, rows, "cosine", answer.model, "pairs_table")
    return similarity, answer


def ask_matrix():
    st.markdown(_("How similar is each word to every other? Similar words are placed together."))
    with st.container(horizontal=True):
        with st.container(width=800):
            word_box(MATRIX, MODEL)
        model_box()
    matrix = question_of(Matrix, MODEL, MATRIX)
    answer = matrix.answer()
    shape = _("of each word with every other, in {title}", title=answer.model)
    labelled_matrix("cosine", shape, answer.cosines, answer.words, answer.words, 1.0, "matrix")
    return matrix, answer


def ask_odd_one_out():
    st.markdown(_("Which word fits the others least? It is the word farthest from the mean of all."))
    with st.container(horizontal=True):
        with st.container(width=800):
            word_box(ODD, MODEL)
        model_box()
    odd_one_out = question_of(OddOneOut, MODEL, ODD)
    answer = odd_one_out.answer()
    say(_("The odd one out is {word}.", word=answer.word), "answer")
    caption = _("The cosine of each word with the mean of all, in {title}", title=answer.model)
    rows = [Row((row.word,), row.similarity) for row in answer.rows]
    word_table(caption, ("rank", "word"), rows, "cosine", answer.model, "odd_table")
    return odd_one_out, answer


def ask_axes():
    st.markdown(_("Where do words lie between two ends, such as cheap and expensive? Each end is one or more words."))
    with st.container(horizontal=True):
        with st.container(width=800):
            word_box(PLACED, MODEL)
        model_box()
    with st.container(horizontal=True):
        for start, end in ENDS:
            for words in (start, end):
                with st.container(width=170):
                    word_box(words, MODEL)
    ends = [(start.value, end.value) for start, end in ENDS if start.value or end.value]
    placement = question_of(Placement, MODEL, PLACED, axis=ends)
    answer = placement.answer()
    axes_chart(answer, "axes_chart")
    names = [axis.name for axis in answer.axes]
    shape = _("with each axis, in {title}", title=answer.model)
    labelled_matrix("cosine", shape, answer.positions, answer.words, names, answer.furthest, "axes_table")
    return placement, answer


TABS = {
    "formula": (_("Formula"), ask_formula),
    "pairs": (_("Pairs"), ask_pairs),
    "matrix": (_("Matrix"), ask_matrix),
    "odd": (_("Odd one out"), ask_odd_one_out),
    "axes": (_("Axes"), ask_axes),
}
TAB = Tabs("ask", _("What to ask"), list(TABS), synonyms=openings.COMMANDS)
KNOWN = (TAB, MODEL, FORMULA, METHOD, COUNT, FORMS, PAIRS, MATRIX, "among", "placed", *ENDS[0], *ENDS[1], *ENDS[2])

with centred():
    st.title(_("Calculator"), anchor=False)
    TAB.draw(show=lambda tab: TABS[tab][0])
    say_what_is_left_out(*KNOWN)
    with problems_shown():
        if TAB.value not in TABS:
            raise UserError(_("There is nothing called “{value}” to ask here. Choose one above.", value=TAB.value))
        name, ask = TABS[TAB.value]
        st.set_page_config(page_title=f"{name} · Calculator")
        question, answer = ask()
        for sentence in dict.fromkeys((*answer.notes, *answer.sentences)):
            say(sentence)
        action_bar(question, download=question)
