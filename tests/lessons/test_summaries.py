"""What ends a chapter: numbers of the trace in one or two sentences."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from explorer.embeddings import catalog
from explorer.lessons.example import article_example, own_example, trained_example
from explorer.lessons.lesson import lesson
from explorer.lessons.summaries import stream, summary
from explorer.transformer.configuration import Configuration
from explorer.transformer.vocabulary import MARKS
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
    row = table[ARTICLE.example.translator.source.words.index("welcome")]
    cosine = float(row @ after / (np.linalg.norm(row) * long[1]))
    sentence = said("Encoder, layer 1")
    assert sentence.startswith(
        f"“welcome” was a row of length {long[0]:.2f} and is now one of length {long[1]:.2f}; "
        f"it turned by {angle:.0f}°."
    )
    assert sentence.endswith(f"Its cosine to the word's own vector is {cosine:.2f}.")


def test_vectors_chosen_at_will_have_no_nearest_words_and_others_none_that_point_elsewhere():
    for told in LESSONS.values():
        for chapter in told.chapters:
            sentence = summary(told, chapter)
            near = re.findall(r"“[^”]+” \((−?\d\.\d\d)\)", sentence.partition("By cosine")[2])
            assert not (near and told.example.at_will)
            assert all(0 <= float(cosine) < 1 for cosine in near)
            if "no cosine is above 0" in sentence or "no other cosine is above 0" in sentence:
                assert not near


def test_the_nearest_words_are_those_of_the_table():
    told = LESSONS["norm first"]
    translator, row = told.example.translator, told.trace["encoder.0.feed_forward.residual"].value[-1]
    table, words = translator.vectors("source"), translator.source.words
    cosines = table @ row / np.linalg.norm(table, axis=1) / np.linalg.norm(row)
    nearest = max(range(len(MARKS), len(words)), key=lambda place: cosines[place])
    sentence = said("Encoder, layer 1", told)
    assert f"“{words[nearest]}” ({cosines[nearest]:.2f})" in sentence


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
    sentence = said("Back: how wrong was that?")
    assert f"0.001 more there makes the loss larger by about {0.001 * slopes.max():.2g}." in sentence


def test_what_a_little_more_of_a_number_does_to_the_loss_is_true():
    trace, losses = ARTICLE.trace, ARTICLE.trace["losses"].value
    share = trace["probabilities"].value[0, trace.labels("probabilities")[1].index("de")]
    change = (-math.log(share + 0.001) - losses[0]) / len(losses)
    about = float(re.search(r"smaller by about (\S+)\.", said("Back: the next word"))[1])
    assert -change == pytest.approx(about, rel=0.05)


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
