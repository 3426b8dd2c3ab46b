"""Drift: ranks and cosines of words for one word from model to model, against ranks and cosines one by one."""

from dataclasses import replace

import numpy as np
import pytest

from explorer.embeddings.drift import drift
from explorer.embeddings.lookup import WordNotFound
from explorer.errors import UserError
from explorer.questions.models import Drift
from tests.embeddings.test_side_by_side import WORDS, random_model


@pytest.fixture
def years():
    return [
        random_model(f"of {year}", words, year) for year, words in ((1900, WORDS), (1950, WORDS[1:]), (2000, WORDS))
    ]


def cosine(model, first, second):
    a, b = (model.vector(word).astype(float) for word in (first, second))
    return a @ b / np.linalg.norm(a) / np.linalg.norm(b)


def rank(model, asked, word, among):
    nearer = [each for each in among if each != asked and cosine(model, asked, each) > cosine(model, asked, word)]
    return 1 + len(nearer)


def test_each_rank_is_that_among_the_words_that_all_models_have(years):
    words = ["w5", "w0", "w9"]
    answer = drift(years, "w3", words)
    shared = WORDS[1:]
    assert answer.compared == len(shared)
    for word, ranks in zip(words, answer.ranks, strict=True):
        assert ranks == tuple(rank(year, "w3", word, shared) if word in year else None for year in years)
    nearest = [row for row in drift(years, "w3", WORDS[4:]).ranks if 1 in row]
    assert nearest
    assert drift(years, "w3", ["w3", "w5"]).ranks[0] == (None, None, None)  # no neighbour of itself


def test_a_rank_does_not_change_with_the_scale_of_cosines(years):
    first = years[0]
    common = np.abs(first.vectors).max() * 3 * np.ones(first.dimensions, np.float32)  # which all words then share
    vectors = (first.vectors + common).astype(np.float32)
    narrow = replace(first, name="narrow", vectors=vectors, inverse_norms=1 / np.linalg.norm(vectors, axis=1))
    answer = drift([first, narrow], "w3", WORDS[4:20])
    assert {change.rise > 1 for change in answer.changes} == {True, False}  # though every cosine rose
    assert all(row[1] > row[0] for row in answer.cosines)


def test_each_cosine_is_that_of_its_model(years):
    answer = drift(years, "w3", ["w5", "w0"])
    assert answer.models == ("of 1900", "of 1950", "of 2000")
    expected = [cosine(model, "w3", "w5") for model in years]
    np.testing.assert_allclose(answer.cosines[0], expected, atol=1e-6)
    assert answer.cosines[1][1] is None  # of 1950 lacks w0
    measures = [f"{measure} in {model}" for measure in ("rank", "cosine") for model in answer.models]
    assert answer.table().header == ("word", *measures)
    assert answer.table().rows[0] == ("w5", *answer.ranks[0], *answer.cosines[0])


def test_the_nearest_of_each_model_are_followed_where_no_word_is_named(years):
    answer = drift(years, "w3", n=2)
    nearest = [max(WORDS[1:], key=lambda word: cosine(model, "w3", word) if word != "w3" else -2) for model in years]
    assert set(nearest) <= set(answer.words)
    assert len(answer.words) <= 6


def test_what_changed_most_is_said(years):
    answer = drift(years, "w3", WORDS[4:20])
    rises = {word: row[0] / row[-1] for word, row in zip(answer.words, answer.ranks, strict=True)}
    assert f"“{max(rises, key=rises.get)}” is nearer in of 2000 (rank " in answer.sentences[1]
    assert f"“{min(rises, key=rises.get)}” is further away in of 2000 (rank " in answer.sentences[2]


def test_a_model_that_lacks_the_word_is_said_and_stops_no_other(years):
    answer = drift(years, "w0", ["w1"])
    assert answer.lacking == ("of 1950",)
    assert answer.cosines[0][1] is None
    assert answer.sentences[0] == "“w0” is not in “of 1950”."


def test_models_of_one_text_are_said_to_show_no_times(years):
    answer = Drift(word="airplane", words=("airliner",), models=("wiki-en-word2vec", "wiki-en-glove")).answer()
    assert "2013): the lines compare ways of training, not times" in answer.sentences[0]
    assert "2013" in answer.as_json()["corpus"]
    assert not any("not times" in sentence for sentence in drift(years, "w3").sentences)


def test_what_cannot_be_followed_is_a_sentence(years):
    with pytest.raises(UserError, match="two models or more"):
        drift(years[:1], "w3")
    with pytest.raises(WordNotFound, match="“nowhere” is not among"):
        drift(years, "nowhere")
    with pytest.raises(UserError, match="No model has “nowhere”"):
        drift(years, "w3", ["nowhere"])


def test_models_that_share_hardly_a_word_are_not_compared(years):
    strangers = random_model("strangers", ["w1", *(f"v{number}" for number in range(20))], 1)
    with pytest.raises(UserError, match="have 1 of their words in common, too few for ranks"):
        drift([years[0], strangers], "w1")
