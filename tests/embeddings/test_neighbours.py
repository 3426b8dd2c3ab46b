"""Neighbours and similarity against gensim's most_similar, and what may not be asked."""

import csv
import io
import math

import numpy as np
import pytest
from gensim.models import KeyedVectors
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.embeddings import store
from explorer.embeddings.neighbours import neighbours
from explorer.embeddings.search import exact
from explorer.embeddings.similarity import similarity
from explorer.errors import UserError


@pytest.fixture
def gensim_vectors(model_folder):
    return KeyedVectors.load_word2vec_format(str(model_folder / store.VECTORS), binary=True)


def test_neighbours_equal_gensims(tiny, gensim_vectors):
    for word in tiny.words:
        answer = neighbours(tiny, word, n=7)
        expected = gensim_vectors.most_similar(word, topn=7)
        assert [row.word for row in answer.rows] == [name for name, _ in expected]
        np.testing.assert_allclose([row.similarity for row in answer.rows], [s for _, s in expected], atol=1e-6)
        assert [row.rank for row in answer.rows] == list(range(1, 8))


def test_similarity_equals_gensims_and_the_neighbour_lists(tiny, gensim_vectors):
    pair = similarity(tiny, "airplane", "Paris")
    assert pair.similarity == pytest.approx(float(gensim_vectors.similarity("airplane", "Paris")), abs=1e-6)
    listed = {row.word: row.similarity for row in neighbours(tiny, "airplane", n=7).rows}
    assert pair.similarity == pytest.approx(listed["Paris"], abs=1e-6)
    assert similarity(tiny, "plane", "plane").similarity == pytest.approx(1, abs=1e-6)


def test_a_filter_applies_before_the_first_n_are_taken(tiny):
    assert [row.word for row in neighbours(tiny, "airplane", n=3, pos="NOUN").rows] == ["plane", "aircraft", "dc-3"]
    assert [row.word for row in neighbours(tiny, "airplane", n=2, pos="noun", minimum_count=200).rows] == [
        "plane",
        "aircraft",
    ]
    assert [row.word for row in neighbours(tiny, "fly", n=5, pos="VERB").rows] == []


@settings(max_examples=50, deadline=None)
@given(
    rows=st.integers(1, 60),
    dimensions=st.integers(1, 8),
    k=st.integers(1, 70),
    share=st.floats(0, 1),
    seed=st.integers(0, 2**20),
)
def test_nearest_is_a_full_sort_cut_off(rows, dimensions, k, share, seed):
    random = np.random.default_rng(seed)
    vectors = random.integers(-2, 3, (rows, dimensions)).astype(np.float32)  # small integers make ties likely
    query = random.normal(size=dimensions).astype(np.float32)
    allowed = random.random(rows) < share
    norms = np.linalg.norm(vectors, axis=1)
    inverse_norms = np.divide(1, norms, out=np.zeros_like(norms), where=norms > 0)

    found, similarities = exact.nearest(vectors, inverse_norms, query, k, allowed)

    def cosine(row):
        lengths = math.hypot(*query.tolist()) * math.hypot(*vectors[row].tolist())
        products = zip(query.tolist(), vectors[row].tolist(), strict=True)
        return sum(q * x for q, x in products) / lengths if lengths else 0.0

    best = sorted((cosine(row) for row in range(rows) if allowed[row]), reverse=True)[:k]
    np.testing.assert_allclose(similarities, best, atol=1e-6)
    np.testing.assert_allclose(similarities, [cosine(row) for row in found], atol=1e-6)
    assert allowed[found].all()
    assert len(set(found.tolist())) == len(found)


def test_ties_go_to_the_lower_row():
    rows, _ = exact.nearest(np.ones((1000, 3), np.float32), np.ones(1000), np.ones(3), 5, np.ones(1000, dtype=bool))
    assert rows.tolist() == [0, 1, 2, 3, 4]


def test_an_answer_travels_as_json_and_csv(tiny):
    answer = neighbours(tiny, "Airplane", n=2)
    assert answer.asked == "Airplane"
    document = answer.as_json()
    assert (document["model"], document["word"]) == ("tiny", "airplane")
    assert set(document["neighbours"][0]) == {"rank", "word", "similarity", "pos", "count"}
    rows = list(csv.DictReader(io.StringIO(answer.as_csv())))
    assert [row["word"] for row in rows] == [row["word"] for row in document["neighbours"]]
    assert float(rows[0]["similarity"]) == document["neighbours"][0]["similarity"]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"n": 0}, "n is 0"),
        ({"n": -1}, "n is -1"),
        ({"n": 10**9}, "n is 1,000,000,000, but must be from 1 to 10,000"),
        ({"pos": "FOO"}, "“FOO” is not a part of speech"),
        ({"minimum_count": -5}, "minimum count is -5"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(tiny, asked, says):
    with pytest.raises(UserError, match=says):
        neighbours(tiny, "airplane", **asked)
