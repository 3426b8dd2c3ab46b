"""Transformer pass: words' vectors go through the encoder, and every number on the way is shown."""

import streamlit as st

from explorer.embeddings import catalog
from explorer.embeddings.vocabulary import look_up
from explorer.errors import UserError
from explorer.transformer import article
from explorer.transformer.encoding import encode
from explorer.ui.matrix_view import scale_limits
from explorer.ui.messages import problems_shown
from explorer.ui.parameters import Choice, Number, Words
from explorer.ui.step_view import chapter_view
from explorer.ui.steps import chapters

MOST_WORDS = 24
ARTICLE = "article"
TITLES = {ARTICLE: "The article: You are welcome (4 dimensions)"} | {
    name: catalog.card(name).title for name in catalog.names()
}

WORDS = Words("words", "Words", ("airplane", "aeroplane", "aircraft"))
MODEL = Choice("model", "Vectors", [*catalog.names(), ARTICLE])
LAYERS = Number("layers", "Layers", 2, least=1, most=12)
HEADS = Number("heads", "Heads", 2, least=1, most=64)
WIDTH = Number("d_model", "d_model", None, least=1, most=1024)
HIDDEN = Number("d_ff", "d_ff", None, least=1, most=4096)
SEED = Number("seed", "Seed of the weights", 0, least=0, most=999_999_999)


def tokens_and_vectors():
    if MODEL.value == ARTICLE:
        return article.TOKENS, article.VECTORS
    words = WORDS.value
    if len(words) > MOST_WORDS:
        raise UserError(f"These are {len(words):,} words, but this page shows {MOST_WORDS} at most: leave some out.")
    return look_up(catalog.load(MODEL.value), words)


st.title("Transformer pass", anchor=False)
st.markdown(
    "Each word's vector goes through the encoder of *Attention Is All You Need*, step by step. Its weights are random, "
    "drawn from the seed: nothing here has been trained. Point at a cell to read all digits of its number; "
    "with a small d_model the numbers themselves stand there.",
    width=820,
)

with st.container(horizontal=True):
    if MODEL.value == ARTICLE:
        st.text_input("Words", " ".join(article.TOKENS), width=420, disabled=True)
    else:
        WORDS.draw(width=420)
    MODEL.draw(width=370, show=TITLES.get)
with st.container(horizontal=True):
    LAYERS.draw(width=130)
    HEADS.draw(width=130)
    WIDTH.draw(width=185, when_open="as the vectors")
    HIDDEN.draw(width=185, when_open="4 × d_model")
    SEED.draw(width=160)

with problems_shown():
    tokens, vectors = tokens_and_vectors()
    trace = encode(
        tokens,
        vectors,
        layers=LAYERS.value,
        heads=HEADS.value,
        d_ff=HIDDEN.value,
        d_model=WIDTH.value,
        seed=SEED.value,
    )
    limits = scale_limits(trace)
    for chapter in chapters(trace):
        chapter_view(trace, chapter, limits)
