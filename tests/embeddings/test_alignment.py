"""Turning one model's space onto another's, against scipy and against a turn that is known."""

import numpy as np
import pytest
from scipy.linalg import orthogonal_procrustes

from explorer.embeddings.alignment import align, aligned_map
from explorer.errors import UserError
from tests.embeddings.test_side_by_side import WORDS, model, random_model


def units(vectors):
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_the_rotation_is_scipys():
    one, two = random_model("one", WORDS, 0), random_model("two", WORDS, 1)
    fitted = [row for row in range(60) if row % 5]
    a, b = (units(embedding.vectors.astype(float))[fitted] for embedding in (one, two))
    expected, _ = orthogonal_procrustes(a - a.mean(axis=0), b - b.mean(axis=0))
    alignment = align(one, two)
    np.testing.assert_allclose(alignment.rotation, expected, atol=1e-6)
    assert alignment.anchors == 48


def test_a_turned_copy_lies_exactly_over_the_original():
    one = random_model("one", WORDS, 0)
    turn, _ = np.linalg.qr(np.random.default_rng(2).normal(size=(8, 8)))
    turned = model("turned", WORDS, (one.vectors @ turn).astype(np.float32))
    alignment = align(one, turned)
    assert alignment.fit == pytest.approx(1, abs=1e-6)
    np.testing.assert_allclose(alignment.of_first(WORDS), alignment.of_second(WORDS), atol=1e-5)
    picture = aligned_map(alignment, "w3", n=6)
    assert picture.points[0].word == "w3"
    assert len(picture.points) == 7
    assert all(point.similarity == pytest.approx(1, abs=1e-6) for point in picture.points)
    for point in picture.points:
        np.testing.assert_allclose(point.first, point.second, atol=1e-4)


def test_models_of_different_width_can_be_aligned():
    wide, narrow = random_model("wide", WORDS, 0), random_model("narrow", WORDS, 1, dimensions=3)
    for first, second in ((wide, narrow), (narrow, wide)):
        alignment = align(first, second)
        small = min(alignment.rotation.shape)
        product = alignment.rotation.T @ alignment.rotation
        if alignment.rotation.shape[0] < alignment.rotation.shape[1]:
            product = alignment.rotation @ alignment.rotation.T
        np.testing.assert_allclose(product, np.eye(small), atol=1e-9)
        assert 0 < aligned_map(alignment, "w0").shown <= 1


def test_too_few_shared_words_are_refused():
    with pytest.raises(UserError, match="share 2 words"):
        align(random_model("one", ["a", "b", "c"], 0), random_model("two", ["a", "b", "d"], 1))
