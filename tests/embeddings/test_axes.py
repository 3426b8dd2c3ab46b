"""Semantic axes against gensim's vectors and a plain computation, and their symmetries."""

import csv
import io

import numpy as np
import pytest
from gensim.models import KeyedVectors
from scipy.spatial.distance import cosine

from explorer.embeddings.axes import place
from explorer.embeddings.embedding import Embedding
from explorer.errors import UserError

WORDS = ["cheap", "poor", "expensive", "small", "large", *(f"word{i}" for i in range(20))]


@pytest.fixture(scope="module")
def keyed():
    vectors = KeyedVectors(10)
    vectors.add_vectors(WORDS, np.random.default_rng(5).normal(size=(len(WORDS), 10)).astype(np.float32))
    return vectors


@pytest.fixture(scope="module")
def embedding(keyed):
    inverse_norms = 1 / np.linalg.norm(keyed.vectors, axis=1)
    counts = np.arange(len(WORDS), 0, -1)
    return Embedding("random", WORDS, keyed.vectors, inverse_norms, counts, np.zeros(len(WORDS), np.uint8))


def test_a_position_is_the_cosine_with_the_difference_of_the_means(embedding, keyed):
    ends = [(["cheap", "poor"], ["expensive"]), (["small"], ["large"])]
    answer = place(embedding, WORDS, ends)
    assert [axis.name for axis in answer.axes] == ["cheap, poor – expensive", "small – large"]
    assert answer.positions.shape == (len(WORDS), 2)
    for column, (start, end) in enumerate(ends):
        means = [keyed.get_mean_vector(side, pre_normalize=True, post_normalize=False) for side in (start, end)]
        for word, position in zip(answer.words, answer.positions[:, column], strict=True):
            assert position == pytest.approx(1 - cosine(keyed[word], means[1] - means[0]), abs=1e-6)


def test_words_come_by_rising_position_on_the_first_axis(embedding):
    answer = place(embedding, WORDS, [(["cheap"], ["expensive"])])
    assert (np.diff(answer.positions[:, 0]) >= 0).all()
    assert sorted(answer.words) == sorted(WORDS)


def test_swapping_the_ends_mirrors_the_axis(embedding):
    there = place(embedding, WORDS, [(["cheap"], ["expensive"])])
    back = place(embedding, WORDS, [(["expensive"], ["cheap"])])
    assert back.words == there.words[::-1]
    np.testing.assert_allclose(back.positions[::-1], -there.positions, atol=1e-12)
    between = dict(zip(there.words, there.positions[:, 0].tolist(), strict=True))
    assert between["expensive"] == pytest.approx(-between["cheap"])
    assert between["expensive"] > 0


def test_a_placement_travels_as_json_and_csv(embedding):
    answer = place(embedding, ["word1", "WORD2"], [(["cheap"], ["expensive"]), (["small"], ["large"])])
    document = answer.as_json()
    assert document["axes"][1] == {"start": ["small"], "end": ["large"]}
    rows = list(csv.DictReader(io.StringIO(answer.as_csv())))
    assert [row["word"] for row in rows] == [row["word"] for row in document["words"]]
    assert float(rows[0]["small – large"]) == document["words"][0]["positions"][1]


@pytest.mark.parametrize(
    ("words", "ends", "says"),
    [
        (["word1"], [], "There are 0 axes"),
        (["word1"], [(["cheap"], ["expensive"])] * 11, "There are 11 axes"),
        (["word1"], [(["cheap"], [])], "“cheap” stands at one end of an axis and nothing at the other"),
        (["word1"], [([], [])], "Nothing stands at one end"),
        (["word1"], [(["cheap", "poor"], ["poor", "Cheap"])], "Both ends of the axis .* are the same"),
        ([], [(["cheap"], ["expensive"])], "takes a word, but here is none"),
        (["word1"] * 1000, [(["cheap"], ["expensive"])], "1,000 words"),
        (["word1"], [(["cheap"], ["expnsive"])], "Did you mean expensive"),
    ],
)
def test_what_is_no_axis_is_refused_in_words(embedding, words, ends, says):
    with pytest.raises(UserError, match=says):
        place(embedding, words, ends)
