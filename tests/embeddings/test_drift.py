"""Drift: the cosines of words with one word from model to model, against cosines one by one."""

import numpy as np
import pytest

from explorer.embeddings.drift import drift
from explorer.embeddings.lookup import WordNotFound
from explorer.errors import UserError
from tests.embeddings.test_side_by_side import WORDS, random_model


@pytest.fixture
def years():
    return [
        random_model(f"of {year}", words, year) for year, words in ((1900, WORDS), (1950, WORDS[1:]), (2000, WORDS))
    ]


def cosine(model, first, second):
    a, b = (model.vector(word).astype(float) for word in (first, second))
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)


def test_each_cosine_is_that_of_its_model(years):
    answer = drift(years, "w3", ["w5", "w0"])
    assert answer.models == ("of 1900", "of 1950", "of 2000")
    expected = [cosine(model, "w3", "w5") for model in years]
    np.testing.assert_allclose(answer.cosines[0], expected, atol=1e-6)
    assert answer.cosines[1][1] is None  # of 1950 lacks w0
    assert answer.table().header == ("word", *answer.models)


def test_the_nearest_of_each_model_are_followed_where_no_word_is_named(years):
    answer = drift(years, "w3", n=2)
    nearest = [max(WORDS[1:], key=lambda word: cosine(model, "w3", word) if word != "w3" else -2) for model in years]
    assert set(nearest) <= set(answer.words)
    assert len(answer.words) <= 6


def test_what_changed_most_is_said(years):
    answer = drift(years, "w3", WORDS[4:20])
    rises = {word: row[-1] - row[0] for word, row in zip(answer.words, answer.cosines, strict=True)}
    assert f"“{max(rises, key=rises.get)}” came nearer than the others" in answer.sentences[1]
    assert f"“{min(rises, key=rises.get)}” went further away than the others" in answer.sentences[2]


def test_a_model_that_lacks_the_word_is_said_and_stops_no_other(years):
    answer = drift(years, "w0", ["w1"])
    assert answer.lacking == ("of 1950",)
    assert answer.cosines[0][1] is None
    assert answer.sentences[0] == "“w0” is not in “of 1950”."


def test_what_cannot_be_followed_is_a_sentence(years):
    with pytest.raises(UserError, match="two models or more"):
        drift(years[:1], "w3")
    with pytest.raises(WordNotFound, match="“nowhere” is not among"):
        drift(years, "nowhere")
    with pytest.raises(UserError, match="No model has “nowhere”"):
        drift(years, "w3", ["nowhere"])
