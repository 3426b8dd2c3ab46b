"""Percentiles among random pairs, against plain loops."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.embeddings import catalog
from explorer.embeddings.embedding import Embedding
from explorer.embeddings.lookup import WordNotFound
from explorer.embeddings.percentiles import (
    RANDOM_PAIRS,
    SMALLEST_BAND,
    Percentile,
    band_starts,
    percentile,
    percentiles,
    random_pairs,
)
from explorer.errors import UserError


def embedding(vectors, counts=None, name="made"):
    vectors = np.asarray(vectors, dtype=np.float32)
    n = len(vectors)
    norms = np.linalg.norm(vectors, axis=1)
    return Embedding(
        name=name,
        words=[f"w{row}" for row in range(n)],
        vectors=vectors,
        inverse_norms=np.divide(1, norms, out=np.zeros_like(norms), where=norms > 0),
        counts=np.zeros(n, dtype=np.int64) if counts is None else np.asarray(counts),
        tag_codes=np.zeros(n, dtype=np.uint8),
    )


def cosine(a, b):
    return float(np.dot(a, b) / np.linalg.norm(a) / np.linalg.norm(b))


def test_in_a_small_model_all_pairs_are_compared_with():
    model = embedding(np.random.default_rng(0).normal(size=(40, 5)))
    answer = percentile(model, "w3", "w7")
    every = [cosine(a, b) for a, b in itertools.combinations(model.vectors, 2)]
    assert answer.pairs == len(every) == 780
    assert answer.similarity == pytest.approx(cosine(model.vectors[3], model.vectors[7]), abs=1e-6)
    assert answer.share == pytest.approx(np.mean(np.array(every) < answer.similarity - 1e-6), abs=1e-9)


def test_the_share_comes_near_that_of_all_pairs_of_both_bands():
    random = np.random.default_rng(1)
    model = embedding(random.normal(size=(2400, 6)), counts=[900] * 800 + [400] * 800 + [100] * 800)
    assert band_starts(model).tolist() == [0, 800, 1600]
    answer = percentile(model, "w5", "w2000")
    unit = model.vectors * model.inverse_norms[:, None]
    every = unit[:800] @ unit[1600:].T
    assert answer.pairs == RANDOM_PAIRS
    assert answer.share == pytest.approx(np.mean(every < answer.similarity), abs=0.02)  # 4 standard errors


def test_it_is_the_same_every_time_and_both_ways_round():
    vectors = np.random.default_rng(2).normal(size=(1500, 4))
    shares = [
        percentile(embedding(vectors), *pair).share for pair in [("w1", "w1400"), ("w1", "w1400"), ("w1400", "w1")]
    ]
    assert len(set(shares)) == 1
    model = embedding(vectors)
    others = ["w9", "w700", "w1400"]
    together, alone = percentiles(model, "w1", others), [percentile(model, "w1", other) for other in others]
    assert [answer.as_json() for answer in together] == [answer.as_json() for answer in alone]
    assert percentiles(model, "w1", []) == []


@settings(max_examples=50, deadline=None)
@given(counts=st.lists(st.integers(1, 10**6), min_size=2, max_size=3000), seed=st.integers(0, 9))
def test_bands_are_wide_enough_and_no_wider_than_they_must_be(counts, seed):
    counts = sorted(counts, reverse=True)
    counts += np.random.default_rng(seed).integers(1, counts[-1] + 1, 2000)[::-1].tolist()
    counts.sort(reverse=True)
    starts = [*band_starts(embedding(np.ones((len(counts), 1)), counts)), len(counts)]
    for start, stop in itertools.pairwise(starts):
        assert stop - start >= SMALLEST_BAND
    for start, stop in itertools.pairwise(starts[:-1]):  # the last takes up a remainder that is too small
        assert stop == start + SMALLEST_BAND or counts[stop - 1] >= counts[start] / 2


def test_without_counts_bands_double_by_rank():
    assert band_starts(embedding(np.ones((5000, 1)))).tolist() == [0, 500, 1002, 2006, 4014]


@pytest.mark.parametrize(("left", "right"), [((0, 600), (0, 600)), ((500, 900), (500, 900)), ((0, 500), (700, 2000))])
def test_random_pairs_are_of_different_words_of_both_ranges(left, right):
    rows, others = random_pairs(np.arange(*left), np.arange(*right))
    assert len(rows) == len(others) == RANDOM_PAIRS
    assert (rows != others).all()
    for places, (start, stop) in ((rows, left), (others, right)):
        assert start == places.min() < places.max() == stop - 1


@pytest.mark.parametrize(
    ("lower", "says"),
    [
        (10_000, "0 of 10,000 random pairs of equally frequent words have a cosine as high"),
        (9_999, "1 of 10,000 random pairs of equally frequent words has a cosine as high"),
        (5_000, "5,000 of 10,000 random pairs of equally frequent words have a cosine as high"),
        (0, "10,000 of 10,000 random pairs of equally frequent words have a cosine as high"),
    ],
)
def test_no_more_is_said_than_10_000_pairs_can_show(lower, says):
    random = np.repeat(np.float32([0.1, 0.5]), [lower, 10_000 - lower])
    assert Percentile("a", "b", 0.5, random).sentence == says


def test_similar_words_of_the_shipped_model_stand_out():
    model = catalog.load()
    assert percentile(model, "airplane", "aeroplane").share > 0.999
    assert percentile(model, "airplane", "banana").share < 0.99


def test_what_cannot_be_compared_is_said():
    with pytest.raises(UserError, match="a single word"):
        percentile(embedding([[1.0]]), "w0", "w0")
    with pytest.raises(WordNotFound):
        percentile(embedding(np.eye(3)), "w0", "nowhere")
