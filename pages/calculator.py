"""Calculator: what several words say together, by a formula, in pairs, as a matrix, on semantic axes."""

from functools import partial

import streamlit as st

from explorer.embeddings import catalog, recipes
from explorer.embeddings.analogy import METHODS, analogy
from explorer.embeddings.axes import place
from explorer.embeddings.formula import Formula, Term
from explorer.embeddings.matrix import matrix
from explorer.embeddings.odd_one_out import odd_one_out
from explorer.embeddings.similarity import read_pairs, similarities
from explorer.errors import UserError
from explorer.ui.axes_chart import axes_chart
from explorer.ui.downloads import downloads
from explorer.ui.matrix_view import labelled_matrix
from explorer.ui.messages import problems_shown, say
from explorer.ui.parameters import Choice, Lines, Number, Tabs, Text, Words, folded
from explorer.ui.word_table import Row, word_table

MODELS = catalog.names()
METHOD_NAMES = {"add": "Add (3CosAdd)", "multiply": "Multiply (3CosMul)"}

MODEL = Choice("model", "Model", MODELS or [catalog.DEFAULT])


def examples(wanted, least):
    return catalog.examples(MODEL.value, wanted.split(), least)


def example_formula():
    signs = (1.0, -1.0, 1.0)
    return str(Formula(tuple(map(Term, signs, examples("king man woman", 3)))))


def example_pairs():
    pairs = ("king, queen", "car, automobile", "car, banana", "prime minister, president")
    words = examples("king queen car automobile banana prime minister president", 8)
    if "king" in words:
        return "\n".join(pairs)
    return "\n".join(map(", ".join, zip(words[::2], words[1::2], strict=False)))


FORMULA = Text("formula", "Formula", example_formula())
METHOD = Choice("method", "Method", list(METHODS))
COUNT = Number("n", "Answers", 10, least=1, most=1000)
PAIRS = Lines("pairs", "Pairs", example_pairs())
MATRIX = Words("words", "Words", examples("king queen prince princess car truck bus train dog cat horse cow", 4))
ODD = Words("among", "Words", examples("breakfast cereal dinner lunch", 3))
THINGS = "bread wine car bicycle yacht hut villa palace ring diamond truck ship toy"
PLACED = Words("placed", "Words", examples(THINGS, 4))
EXAMPLE_ENDS = examples("cheap expensive small large", 4)
ENDS = (
    (Words("left", "Left end", EXAMPLE_ENDS[:1]), Words("right", "Right end", EXAMPLE_ENDS[1:2])),
    (Words("lower", "Lower end", EXAMPLE_ENDS[2:3]), Words("upper", "Upper end", EXAMPLE_ENDS[3:])),
    (Words("third_start", "Third axis, from"), Words("third_end", "Third axis, to")),
)


def opened():
    """The chosen model and its title; the choice is drawn where there is one."""
    if len(MODELS) > 1:
        MODEL.draw(width=240)
    embedding = catalog.load(MODEL.value)
    return embedding, catalog.title(embedding.name)


def ask_formula():
    st.markdown(
        "Add words and take others away. A number before a word is its weight, as in `0.5 * queen`; what has spaces or "
        'signs in it stands in quotes, as in `"new york"`.'
    )
    with st.container(horizontal=True):
        FORMULA.draw(width=420)
        METHOD.draw(width=210, show=METHOD_NAMES.get)
        COUNT.draw(width=130)
        embedding, title = opened()
    asked = (FORMULA.value, COUNT.value, METHOD.value)
    answer = analogy(embedding, *asked)
    caption = f"Nearest to {answer.formula} by {answer.measure}, among the {embedding.size:,} words of {title}"
    rows = [Row((row.word,), row.score, (row.pos,)) for row in answer.rows]
    word_table(caption, ("rank", "word", "part of speech"), rows, answer.measure, embedding.name, "formula_table")
    return answer, partial(recipes.analogy, embedding, *asked)


def ask_pairs():
    st.markdown("How similar are two words? Write a pair a line, with a comma between its two words or phrases.")
    with st.container(horizontal=True):
        PAIRS.draw(width=420)
        embedding, title = opened()
    pairs = read_pairs(PAIRS.within_a_link("similarity --pairs"))
    answer = similarities(embedding, pairs)
    rows = [Row((row.first, row.second), row.similarity, problem=row.note) for row in answer.rows]
    headings = ("no.", "first", "second")
    word_table(f"The cosine of each pair in {title}", headings, rows, "cosine", embedding.name, "pairs_table")
    alone = len(pairs) == 1 and answer.rows[0].similarity is not None
    return answer, partial(recipes.similarity, embedding, *pairs[0]) if alone else None


def ask_matrix():
    st.markdown("How similar is each word to each other? Those that are alike stand side by side.")
    with st.container(horizontal=True):
        MATRIX.draw(width=800)
        embedding, title = opened()
    answer = matrix(embedding, MATRIX.value)
    shape = f"of each word with each other, in {title}"
    labelled_matrix("cosine", shape, answer.cosines, answer.words, answer.words, 1.0, "matrix")
    return answer, partial(recipes.matrix, embedding, MATRIX.value)


def ask_odd_one_out():
    st.markdown("Which word fits the others least? The one that is farthest from the mean of all.")
    with st.container(horizontal=True):
        ODD.draw(width=800)
        embedding, title = opened()
    answer = odd_one_out(embedding, ODD.value)
    caption = f"The odd one out is {answer.word}: its cosine with the mean of all is the lowest, in {title}"
    rows = [Row((row.word,), row.similarity) for row in answer.rows]
    word_table(caption, ("rank", "word"), rows, "cosine", embedding.name, "odd_table")
    return answer, partial(recipes.odd_one_out, embedding, ODD.value)


def ask_axes():
    st.markdown("Where do words lie between two ends, such as cheap and expensive? An end is one word or several.")
    with st.container(horizontal=True):
        PLACED.draw(width=800)
        embedding, title = opened()
    with st.container(horizontal=True):
        for start, end in ENDS:
            start.draw(width=170)
            end.draw(width=170)
    ends = [(start.value, end.value) for start, end in ENDS if start.value or end.value]
    answer = place(embedding, PLACED.value, ends)
    axes_chart(answer, "axes_chart")
    names = [axis.name for axis in answer.axes]
    labelled_matrix("cosine", f"with each axis, in {title}", answer.positions, answer.words, names, None, "axes_table")
    return answer, partial(recipes.axes, embedding, PLACED.value, ends)


ASKED = {
    "formula": ("Formula", ask_formula),
    "pairs": ("Pairs", ask_pairs),
    "matrix": ("Matrix", ask_matrix),
    "odd": ("Odd one out", ask_odd_one_out),
    "axes": ("Axes", ask_axes),
}
TAB = Tabs("ask", "What to ask", list(ASKED))

with st.container(horizontal_alignment="center"), st.container(width=1120):
    st.title("Calculator", anchor=False)
    TAB.draw(show=lambda tab: ASKED[tab][0])
    with problems_shown(linked=False):
        if TAB.value not in ASKED:
            raise UserError(f"There is nothing called “{TAB.value}” to ask here: choose one above.")
        name, ask = ASKED[TAB.value]
        st.set_page_config(page_title=f"{name} · Calculator")
        answer, recipe = ask()
        for note in answer.notes:
            say(note)
        downloads(TAB.value, answer.as_json(), answer.as_csv())
        if recipe:
            with folded("Copy as Python", "python") as part:
                if part.open:
                    st.code(recipe(), None, wrap_lines=True)  # without colours, which few could read
