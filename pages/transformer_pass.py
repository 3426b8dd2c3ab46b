"""Transformer pass: words go through a transformer, and every number on the way is shown."""

import streamlit as st

from explorer.data.pairs import PHRASEBOOK_ORIGIN
from explorer.embeddings import catalog
from explorer.embeddings.vocabulary import look_up
from explorer.errors import UserError
from explorer.initialisation.fitting import SHIPPED, words_of
from explorer.lessons.forward import forward_chapters
from explorer.transformer import article, checkpoint
from explorer.transformer.decoding import greedy
from explorer.transformer.encoding import encode
from explorer.transformer.passing import teacher_forced_pass
from explorer.ui.matrix_view import scale_limits
from explorer.ui.messages import as_label, problems_shown, say
from explorer.ui.navigation import PASS
from explorer.ui.parameters import Choice, Number, Words
from explorer.ui.step_view import chapter_view

MOST_WORDS = 24
ARTICLE, PHRASEBOOK = "article", "phrasebook"
TITLES = {name: catalog.title(name) for name in catalog.names()} | {
    ARTICLE: "The article: You are welcome (4 dimensions)",
    PHRASEBOOK: "Phrase book: English to Spanish, trained",
}
ABOUT = {
    ARTICLE: "The article's example through the whole model: encoder, decoder, probabilities and loss. Its vectors are "
    "the article's to the digit; its other matrices are random, drawn from the seed.",
    PHRASEBOOK: "A sentence and its translation through a small model that was trained on the phrase book, from the "
    f"shipped vectors: what it finds likely after each word, and the loss. {PHRASEBOOK_ORIGIN}",
}
ENCODER_ALONE = (
    "Each word's vector goes through the encoder of *Attention Is All You Need*, step by step. Its matrices are "
    "random, drawn from the seed: nothing here has been trained."
)

SOURCE = Words("source", "Source", ("you", "are", "welcome"))
TARGET = Words("target", "Target", ("de", "nada"))
MODEL = Choice("model", "Vectors or model", [*catalog.names(), ARTICLE, PHRASEBOOK])
WORDS = Words("words", "Words", catalog.examples(MODEL.value, ("airplane", "aeroplane", "aircraft"), least=2))
LAYERS = Number("layers", "Layers", 2, least=1, most=12)
ARTICLE_LAYERS = Number("layers", "Layers", 1, least=1, most=12)
HEADS = Number("heads", "Heads", 2, least=1, most=64)
WIDTH = Number("d_model", "d_model", None, least=1, most=1024)
HIDDEN = Number("d_ff", "d_ff", None, least=1, most=4096)
ARTICLE_HIDDEN = Number("d_ff", "d_ff", 8, least=1, most=4096)
SEED = Number("seed", "Seed of the weights", 0, least=0, most=999_999_999)


def few(words):
    if len(words) > MOST_WORDS:
        raise UserError(f"These are {len(words):,} words, but this page shows {MOST_WORDS} at most: leave some out.")
    return words


def trace_of_the_pass():
    if MODEL.value == ARTICLE:
        translator = article.translator(SEED.value, ARTICLE_LAYERS.value, HEADS.value, ARTICLE_HIDDEN.value)
        return teacher_forced_pass(translator, article.TOKENS, article.TARGET)
    if MODEL.value == PHRASEBOOK:
        source, target = (words_of(" ".join(few(side.value))) for side in (SOURCE, TARGET))
        return teacher_forced_pass(checkpoint.load(SHIPPED), source, target)
    tokens, vectors = look_up(catalog.load(MODEL.value), few(WORDS.value))
    return encode(
        tokens,
        vectors,
        layers=LAYERS.value,
        heads=HEADS.value,
        d_ff=HIDDEN.value,
        d_model=WIDTH.value,
        seed=SEED.value,
    )


st.title("Transformer pass", anchor=False)
about = ABOUT.get(MODEL.value, ENCODER_ALONE)
st.markdown(f"{about} Point at a cell to read all digits of its number; with a small d_model the numbers stand there.")

with st.container(horizontal=True):
    MODEL.draw(width=370, show=TITLES.get)
    if MODEL.value == ARTICLE:
        st.text_input("Source", " ".join(article.TOKENS), width=300, disabled=True)
        st.text_input("Target", " ".join(article.TARGET), width=300, disabled=True)
    elif MODEL.value == PHRASEBOOK:
        SOURCE.draw(width=300)
        TARGET.draw(width=300)
    else:
        WORDS.draw(width=420)
if MODEL.value != PHRASEBOOK:
    with st.container(horizontal=True):
        (ARTICLE_LAYERS if MODEL.value == ARTICLE else LAYERS).draw(width=130)
        HEADS.draw(width=130)
        if MODEL.value == ARTICLE:
            ARTICLE_HIDDEN.draw(width=130)
        else:
            WIDTH.draw(width=185, when_open="as the vectors")
            HIDDEN.draw(width=185, when_open="4 × d_model")
        SEED.draw(width=160)

with problems_shown():
    trace = trace_of_the_pass()
    if MODEL.value == PHRASEBOOK:
        translator, source = checkpoint.load(SHIPPED), words_of(" ".join(SOURCE.value))
        if unknown := translator.unknown(source):
            say(f"The model does not know {', '.join(unknown)}, and reads <unk> there.")
        answer = greedy(translator, source).words
        if answer != tuple(TARGET.value):
            label = f"The model's own translation is “{as_label(' '.join(answer))}”: take it as the target →"
            query = {"model": PHRASEBOOK, "source": ",".join(source), "target": ",".join(answer)}
            st.page_link(PASS, label=label, query_params=query)
    limits = scale_limits(trace)
    for chapter in forward_chapters(trace):
        chapter_view(trace, chapter, limits)
