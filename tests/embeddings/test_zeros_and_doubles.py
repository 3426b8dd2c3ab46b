"""Vectors that are all zeros, alike, or of one or two dimensions: an answer, or a sentence; never a NaN."""

import json
import warnings

import numpy as np
import pytest

from explorer.embeddings.alignment import align, aligned_map
from explorer.embeddings.analogy import analogy
from explorer.embeddings.axes import place
from explorer.embeddings.bounds import METRICS
from explorer.embeddings.contributions import contributions
from explorer.embeddings.embedding import Embedding
from explorer.embeddings.evaluation import evaluate_model
from explorer.embeddings.graph import neighbour_graph
from explorer.embeddings.health import examine
from explorer.embeddings.map_words import around, listed, most_frequent
from explorer.embeddings.matrix import matrix
from explorer.embeddings.neighbours import neighbours
from explorer.embeddings.odd_one_out import odd_one_out
from explorer.embeddings.percentiles import percentile
from explorer.embeddings.projection import project
from explorer.embeddings.side_by_side import disagreement, side_by_side
from explorer.embeddings.similarity import similarity
from explorer.errors import UserError

ZEROS = ("waxwing", "rudat", "weeked")
SENTENCE = "The vector of “waxwing” is all zeros: nothing is near to it."


def embedding_of(vectors, words=None, name="odd"):
    vectors = np.asarray(vectors, dtype=np.float32)
    norms = np.linalg.norm(vectors.astype(np.float64), axis=1)
    return Embedding(
        name,
        list(words or (f"w{row}" for row in range(len(vectors)))),
        vectors,
        np.divide(1, norms, out=np.zeros_like(norms), where=norms > 0).astype(np.float32),
        np.zeros(len(vectors), np.int64),
        np.zeros(len(vectors), np.uint8),
    )


def random_vectors(rows, dimensions, seed=0):
    return np.random.default_rng(seed).normal(size=(rows, dimensions))


WORDS = ("harbour", "ferry", "anchor", "lantern", "violet", *ZEROS)
SPARSE = embedding_of(np.vstack([random_vectors(5, 3), np.zeros((3, 3))]), WORDS)


@pytest.mark.parametrize("metric", METRICS)
def test_nothing_is_near_to_a_vector_of_zeros_nor_is_it_near_to_anything(metric):
    nothing = neighbours(SPARSE, "waxwing", metric=metric)
    assert (nothing.rows, nothing.sentences) == ((), [SENTENCE])
    assert {row.word for row in neighbours(SPARSE, "harbour", metric=metric).rows} == {*WORDS[1:5]}
    assert side_by_side([SPARSE], "waxwing").columns[0].answer.sentences == [SENTENCE]


@pytest.mark.parametrize("method", ["add", "multiply"])
def test_an_analogy_answers_no_zeros_and_takes_none(method):
    assert {row.word for row in analogy(SPARSE, "harbour - ferry", method=method).rows} == {*WORDS[2:5]}
    for formula in ("waxwing - harbour", "harbour - waxwing"):
        with pytest.raises(UserError, match=SENTENCE):
            analogy(SPARSE, formula, method=method)


@pytest.mark.parametrize(
    "question",
    [
        lambda: percentile(SPARSE, "waxwing", "harbour"),
        lambda: percentile(SPARSE, "harbour", "waxwing"),
        lambda: contributions(SPARSE, "harbour", "waxwing"),
        lambda: matrix(SPARSE, WORDS),
        lambda: odd_one_out(SPARSE, WORDS),
        lambda: place(SPARSE, ["waxwing"], [(["harbour"], ["ferry"])]),
        lambda: place(SPARSE, ["anchor"], [(["harbour"], ["waxwing"])]),
        lambda: around(SPARSE, "waxwing"),
        lambda: project(SPARSE, WORDS),
        lambda: neighbour_graph(SPARSE, WORDS, threshold=-1),
        lambda: aligned_map(align(SPARSE, SPARSE), "waxwing"),
    ],
)
def test_a_question_that_takes_a_direction_says_that_zeros_have_none(question):
    with pytest.raises(UserError, match=r"of “waxwing”.* is all zeros"):
        question()


def test_what_is_taken_by_the_many_leaves_zeros_out_and_says_so():
    sentence = "These words are not on the map, because their vectors are all zeros: “waxwing”, “rudat”, “weeked”."
    for map_words in (most_frequent(SPARSE, 8), listed(SPARSE, WORDS)):
        assert (map_words.words, map_words.sentences) == (WORDS[:5], (sentence,))
    assert around(SPARSE, "harbour").words == around(embedding_of(SPARSE.vectors[:5], WORDS[:5]), "harbour").words
    other = embedding_of(np.vstack([np.zeros((1, 4)), random_vectors(7, 4, seed=1)]), WORDS)
    assert disagreement(SPARSE, other, k=2).words == WORDS[1:5]
    assert align(SPARSE, other).anchors == 3


def test_random_pairs_have_a_cosine():
    compared = percentile(SPARSE, "harbour", "ferry")
    assert compared.pairs == 5 * 4 / 2
    np.testing.assert_allclose(
        compared.random, np.sort([similarity(SPARSE, a, b).similarity for a, b in pairs()]), atol=1e-6
    )


def pairs():
    return [(first, second) for place, first in enumerate(WORDS[:5]) for second in WORDS[place + 1 : 5]]


def test_health_is_that_of_the_words_that_have_a_direction():
    vectors = random_vectors(150, 6)
    sick = examine(embedding_of(np.insert(vectors, 40, 0, axis=0)))
    for space, alone in zip(sick, examine(embedding_of(vectors)), strict=True):
        assert (space.words, space.left_out) == (150, 1)
        assert space.anisotropy.mean_cosine == alone.anisotropy.mean_cosine
        assert space.hubness.orphans == alone.hubness.orphans
    assert sick[0].note == "Words whose vectors are all zeros are left out: 1."


def test_benchmarks_ask_about_no_zeros():
    words = ("tiger", "cat", "book", "paper", "king", "queen", "plane", "car")
    *_, scores = evaluate_model(embedding_of(np.vstack([random_vectors(7, 6), np.zeros((1, 6))]), words))
    *_, known = evaluate_model(embedding_of(random_vectors(7, 6), words[:7]))
    assert scores.word_pairs["wordsim353"].asked > 2
    assert scores.word_pairs == known.word_pairs


def test_words_that_are_all_alike_have_no_health_but_a_sentence():
    with pytest.raises(UserError, match="its words are nearly all alike"):
        examine(embedding_of(np.tile(random_vectors(1, 5), (200, 1))))


ALIKE = {
    "all the same": np.tile(random_vectors(1, 5), (20, 1)),
    "all in one direction": np.outer(np.arange(1, 21), [1, 2, 3.3]),
    "two that are the same": np.ones((2, 3)),
    "one dimension": random_vectors(12, 1),
    "two dimensions": random_vectors(12, 2),
    "groups of doubles": np.repeat(random_vectors(4, 5), 12, axis=0),
    "doubles among others": np.vstack([np.repeat(random_vectors(3, 5), 12, axis=0), random_vectors(30, 5, seed=1)]),
}


@pytest.mark.parametrize("name", ALIKE)
@pytest.mark.parametrize("dimensions", [2, 3])
@pytest.mark.parametrize("method", ["pca", "t-sne"])
def test_words_with_one_vector_lie_on_one_point_and_every_number_is_one(name, dimensions, method):
    embedding = embedding_of(ALIKE[name])
    units = (embedding.vectors * embedding.inverse_norms[:, None]).round(5)
    different = len(np.unique(units, axis=0))
    if method == "t-sne" and different < 4:
        with pytest.raises(UserError, match=r"different vectors|at least 4 words"):
            project(embedding, embedding.words, method, dimensions)
        return
    with warnings.catch_warnings():
        warnings.simplefilter("error", RuntimeWarning)
        projection = project(embedding, embedding.words, method, dimensions)
    json.dumps(projection.as_json(), allow_nan=False)
    assert projection.coordinates.shape == (embedding.size, dimensions)
    assert len(np.unique(projection.coordinates, axis=0)) == different
    assert 0 <= projection.trustworthiness <= 1


def test_equal_vectors_are_joined_at_the_threshold_of_1():
    embedding = embedding_of(np.repeat(random_vectors(5, 7), 4, axis=0))
    graph = neighbour_graph(embedding, embedding.words, threshold=1)
    assert len(graph.edges) == 5 * 4 * 3 / 2


@pytest.mark.parametrize("seed", range(5))
def test_no_cosine_leaves_what_cosines_can_be(seed):
    """Each direction twice, at sizes from 1e-15 to 1e15: in float32, some products come out above 1."""
    directions = random_vectors(60, 23, seed)
    sizes = 10.0 ** np.random.default_rng(seed).integers(-15, 15, (120, 1))
    embedding = embedding_of(np.vstack([directions, -directions]) * sizes)
    for word in embedding.words[:20]:
        rows = neighbours(embedding, word, n=119).rows
        cosines = [row.similarity for row in rows] + [row.score for row in rows]
        cosines += [row.similarity for row in neighbours(embedding, word, n=119, metric="euclidean").rows]
        cosines += [row.score for row in analogy(embedding, word, n=119).rows]
        assert min(cosines) >= -1
        assert max(cosines) <= 1
    alignment = align(embedding, embedding)
    assert alignment.fit <= 1
    assert all(-1 <= point.similarity <= 1 for point in aligned_map(alignment, "w0").points)
