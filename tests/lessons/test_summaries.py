"""What ends a chapter: numbers of the trace in one or two sentences."""

import math
from dataclasses import replace

import numpy as np
import pytest

from explorer.embeddings import catalog
from explorer.lessons.example import article_example, own_example, trained_example
from explorer.lessons.lesson import lesson
from explorer.lessons.summaries import stream, summary
from explorer.transformer.model import Configuration
from tests.transformer.conftest import toy_translator

ARTICLE = lesson(article_example())
SPARE = lesson(replace(article_example(), smoothing=0.1, dropout=0.1))
PRE = own_example(catalog.load(), ["good", "day"], ["buenos", "días"], Configuration(d_model=8, layers=2, norm="pre"))
LESSONS = {
    "article": ARTICLE,
    "smoothing and dropout": SPARE,
    "norm first": lesson(PRE),
    "projection": lesson(trained_example(toy_translator(source_width=5), ["two", "one", "two"], ["uno"])),
}


def said(title, told=ARTICLE):
    return summary(told, next(chapter for chapter in told.chapters if chapter.title == title))


@pytest.mark.parametrize("name", LESSONS)
def test_every_chapter_ends_with_a_sentence(name):
    for chapter in LESSONS[name].chapters:
        sentence = summary(LESSONS[name], chapter)
        assert sentence.endswith("."), chapter.title
        assert any(sign.isdigit() for sign in sentence), sentence


def test_a_layer_says_how_the_last_word_has_changed():
    before, after = (ARTICLE.trace[name].value[-1] for name in ("source.input", "encoder.0.feed_forward.norm"))
    long = [float(np.linalg.norm(row)) for row in (before, after)]
    angle = math.degrees(math.acos(before @ after / (long[0] * long[1])))
    table = ARTICLE.example.translator.vectors("source")
    row = table[ARTICLE.example.translator.source.words.index("You")]
    cosine = float(row @ after / (np.linalg.norm(row) * long[1]))
    sentence = said("Encoder, layer 1")
    assert sentence.startswith(
        f"“welcome” was a row of length {long[0]:.2f} and is now one of length {long[1]:.2f}; "
        f"it turned by {angle:.0f}°."
    )
    assert f"“You” ({cosine:.2f})" in sentence


def test_the_prediction_and_the_loss_are_summed_up():
    loss = float(ARTICLE.trace["loss"].value)
    assert f"{loss:.4f}" in said("How wrong was that?")
    assert f"ln 6 = {math.log(6):.4f}" in said("How wrong was that?")
    assert "1 of 3 positions" in said("The next word")
    assert f"from {loss:.4f} to {ARTICLE.update.loss:.4f}" in said("One step of the optimiser")


def test_the_loss_with_label_smoothing_is_not_read_as_a_probability():
    loss, sentence = float(SPARE.trace["loss"].value), said("How wrong was that?", SPARE)
    assert sentence.startswith(
        f"The loss is {loss:.4f}. With label smoothing 0.1, all words have a part in it. Guessing"
    )
    assert f"{math.exp(-loss):.4f}" not in sentence


def test_the_way_back_begins_at_the_losses_of_the_words():
    slopes = ARTICLE.trace["losses"].gradient
    assert f"about {0.01 * slopes.max():.5f} more loss" in said("Back: how wrong was that?")


def test_the_stream_goes_on_behind_dropout():
    assert stream(SPARE.trace)[:4] == [
        "source.embedding",
        "source.input",
        "source.dropout",
        "encoder.0.self_attention.norm",
    ]


def test_the_stream_follows_the_norms_or_the_sums():
    assert stream(ARTICLE.trace)[:4] == [
        "source.embedding",
        "source.input",
        "encoder.0.self_attention.norm",
        "encoder.0.feed_forward.norm",
    ]
    names = stream(LESSONS["norm first"].trace)
    assert "encoder.0.self_attention.residual" in names
    assert "encoder.norm" in names
