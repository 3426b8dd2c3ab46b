"""Neighbours and similarity against gensim's most_similar, and what may not be asked."""

import csv
import io
from dataclasses import replace

import numpy as np
import pytest
from gensim.models import KeyedVectors
from scipy.spatial.distance import cdist

from explorer.embeddings import catalog, store
from explorer.embeddings.neighbours import neighbours
from explorer.embeddings.similarity import similarity
from explorer.errors import UserError
from tests.embeddings.small import embedding_of


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


@pytest.mark.parametrize(("metric", "scipys"), [("euclidean", "euclidean"), ("dot", lambda q, x: q @ x)])
def test_neighbours_by_other_metrics_are_scipys(tiny, metric, scipys):
    scores = cdist(tiny.vector("airplane")[None], tiny.vectors, scipys)[0]
    order = np.argsort(scores if metric == "euclidean" else -scores, kind="stable")
    answer = neighbours(tiny, "airplane", n=7, metric=metric)
    assert [row.word for row in answer.rows] == [tiny.words[row] for row in order if tiny.words[row] != "airplane"]
    for row in answer.rows:
        assert row.score == pytest.approx(scores[tiny.rows[row.word]], abs=1e-6)
        assert row.similarity == pytest.approx(similarity(tiny, "airplane", row.word).similarity, abs=1e-6)


def test_neighbours_among_a_list_are_the_list_in_the_order_of_gensims_cosines(tiny, gensim_vectors):
    listed = ["Paris", "plane", "dc-3", "zeppelin"]
    answer = neighbours(tiny, "airplane", among=listed)
    expected = sorted(listed[:3], key=lambda word: -gensim_vectors.similarity("airplane", word))
    assert [row.word for row in answer.rows] == expected
    assert answer.unknown == ("zeppelin",)


def test_where_counts_are_unknown_none_are_shown(tiny):
    uncounted = replace(tiny, counts=np.zeros_like(tiny.counts))
    assert {(row.count, row.tier) for row in neighbours(uncounted, "airplane").rows} == {(None, None)}


def test_an_answer_travels_as_json_and_csv(tiny):
    answer = neighbours(tiny, "Airplane", n=2)
    assert answer.asked == "Airplane"
    document = answer.as_json()
    assert (document["model"], document["word"]) == ("tiny", "airplane")
    assert set(document["neighbours"][0]) == {
        *("rank", "word", "pos", "similarity", "count", "tier", "score", "percentile", "survived", "tags")
    }
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
        ({"metric": "manhattan"}, "“manhattan” is not a metric"),
    ],
)
def test_what_makes_no_sense_is_refused_in_words(tiny, asked, says):
    with pytest.raises(UserError, match=says):
        neighbours(tiny, "airplane", **asked)


def test_a_model_of_one_word_has_no_other():
    answer = neighbours(embedding_of(["alone"]), "alone")
    assert answer.sentences[-1] == "The model has no other word, so nothing is near."


def test_a_rare_word_is_said_to_be_rare():
    rare = neighbours(catalog.load(), "toit", 2)
    assert (rare.tier, rare.count) == ("low", int(catalog.load().counts[catalog.load().rows["toit"]]))
    assert f"“toit” occurs only {rare.count} times" in rare.sentences[0]
    assert neighbours(catalog.load(), "airplane", 2).sentences == []
    assert rare.as_json()["count"] == rare.count
