"""Exact search against plain loops and scipy's distances: one query or many, each metric, with a mask or without."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.spatial.distance import cdist
from sklearn.neighbors import NearestNeighbors

from explorer.embeddings.bounds import METRICS
from explorer.embeddings.search import exact
from explorer.embeddings.search.exact import nearest, nearest_of_each, nearest_of_many


def inverse(vectors):
    norms = np.linalg.norm(vectors, axis=1)
    return np.divide(1, norms, out=np.zeros_like(norms), where=norms > 0)


def scores_by_loop(vectors, query, metric):
    """One score a row, by the textbook."""
    scores = []
    for row in vectors.tolist():
        product = sum(q * x for q, x in zip(query.tolist(), row, strict=True))
        lengths = math.hypot(*query.tolist()) * math.hypot(*row)
        cosine = product / lengths if lengths else 0.0
        scores.append({"cosine": cosine, "dot": product, "euclidean": math.dist(query.tolist(), row)}[metric])
    return np.array(scores)


@pytest.mark.parametrize("metric", METRICS)
@settings(max_examples=50, deadline=None)
@given(
    rows=st.integers(1, 60),
    dimensions=st.integers(1, 8),
    k=st.integers(1, 70),
    share=st.sampled_from([None, 0.0, 0.05, 0.5, 1.0]),
    seed=st.integers(0, 2**20),
)
def test_nearest_is_a_full_sort_cut_off(metric, rows, dimensions, k, share, seed):
    random = np.random.default_rng(seed)
    vectors = random.integers(-2, 3, (rows, dimensions)).astype(np.float32)  # small integers make ties likely
    query = random.normal(size=dimensions).astype(np.float32)
    allowed = None if share is None else random.random(rows) < share

    nearest_rows, scores = nearest(vectors, inverse(vectors), query, k, allowed, metric)

    expected = scores_by_loop(vectors, query, metric)
    may = vectors.any(axis=1) if allowed is None else allowed & vectors.any(axis=1)  # zeros are near to nothing
    best = np.sort(expected[may])
    best = best[:k] if metric == "euclidean" else best[::-1][:k]
    np.testing.assert_allclose(scores, best, atol=1e-12)
    np.testing.assert_allclose(scores, expected[nearest_rows], atol=1e-12)
    assert may[nearest_rows].all()
    assert len(set(nearest_rows.tolist())) == len(nearest_rows)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("share", [None, 0.0, 0.02, 0.6])
def test_many_queries_at_once_find_what_each_finds_alone(metric, share, monkeypatch):
    for size in ("_BLOCK", "_SCORES"):
        monkeypatch.setattr(exact, size, 100)  # so that the best of several blocks are put together
    random = np.random.default_rng(0)
    vectors = random.normal(size=(777, 6)).astype(np.float32)
    queries = np.vstack([random.normal(size=(8, 6)), vectors[3], np.zeros(6)]).astype(np.float32)
    allowed = None if share is None else random.random(777) < share
    for k in (1, 10, 250):
        rows, scores = nearest_of_many(vectors, inverse(vectors), queries, k, allowed, metric)
        for query, its_rows, its_scores in zip(queries, rows, scores, strict=True):
            alone, alone_scores = nearest(vectors, inverse(vectors), query, k, allowed, metric)
            if query.any() or metric == "euclidean":
                np.testing.assert_array_equal(its_scores, alone_scores)
            if query.any():  # the zero query is as near to all by cosine and dot product
                assert its_rows.tolist() == alone.tolist()


def test_euclidean_distances_are_scipys(monkeypatch):
    """Also of vectors that lie close together and far from zero, where ‖q‖² − 2q·x + ‖x‖² cancels in float32."""
    random = np.random.default_rng(1)
    vectors = (100 + random.normal(size=(500, 20))).astype(np.float32)
    expected = cdist(vectors[:1], vectors)[0]
    rows, distances = nearest(vectors, inverse(vectors), vectors[0], 10, metric="euclidean")
    np.testing.assert_allclose(distances, np.sort(expected)[:10], rtol=1e-6)
    np.testing.assert_allclose(distances, expected[rows], rtol=1e-6)
    assert (rows[0], distances[0]) == (0, 0)


@pytest.mark.parametrize("metric", METRICS)
@pytest.mark.parametrize("middle", [1, 100, 10_000])
def test_vectors_far_from_zero_are_told_apart(metric, middle):
    """Their products differ by less than float32 can tell."""
    random = np.random.default_rng(2)
    vectors = (middle + 0.05 * random.normal(size=(3000, 20))).astype(np.float32)
    queries = vectors[:4]
    with_float64 = {
        "cosine": lambda query: -cdist([query], vectors.astype(float), "cosine")[0],
        "dot": lambda query: vectors.astype(float) @ query,
        "euclidean": lambda query: -cdist([query], vectors.astype(float))[0],
    }[metric]
    many, _ = nearest_of_many(vectors, inverse(vectors), queries, 10, None, metric)
    for query, its_rows in zip(queries.astype(float), many, strict=True):
        rows, _ = nearest(vectors, inverse(vectors), query, 10, None, metric)
        assert rows.tolist() == its_rows.tolist()
        expected = with_float64(query)
        np.testing.assert_allclose(expected[rows], np.sort(expected)[::-1][:10], rtol=1e-12, atol=1e-15)


def test_ties_go_to_the_lower_row():
    vectors, allowed = np.ones((1000, 3), np.float32), np.ones(1000, dtype=bool)
    for metric in METRICS:
        for mask in (None, allowed, np.arange(1000) >= 950):
            first = 950 if mask is not None and not mask[0] else 0
            rows, _ = nearest(vectors, inverse(vectors), np.ones(3), 5, mask, metric)
            assert rows.tolist() == [first + i for i in range(5)]
            rows, _ = nearest_of_many(vectors, inverse(vectors), np.ones((2, 3)), 5, mask, metric)
            assert rows.tolist() == [[first + i for i in range(5)]] * 2


def test_the_nearest_of_each_row_are_scikit_learns():
    vectors = np.random.default_rng(0).normal(size=(600, 12)).astype(np.float32)
    expected = NearestNeighbors(n_neighbors=8, metric="cosine").fit(vectors).kneighbors(return_distance=False)
    shares: list[float] = []
    rows = nearest_of_each(vectors, 1 / np.linalg.norm(vectors, axis=1), 8, shares.append)
    np.testing.assert_array_equal(rows, expected)
    assert shares == [512 / 600, 1]


def test_no_row_is_its_own_neighbour_even_among_its_doubles():
    nearest = nearest_of_each(np.ones((30, 2), np.float32), np.full(30, 0.5**0.5, np.float32), 5)
    assert nearest.shape == (30, 5)
    assert (nearest != np.arange(30)[:, None]).all()
