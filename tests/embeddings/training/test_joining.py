"""Joining several trainings: centring, turning, whitening."""

import numpy as np

from explorer.embeddings.training import joining
from explorer.embeddings.training.joining import join


def test_join_at_full_rank_without_whitening_only_centres_and_turns():
    rng = np.random.default_rng(0)
    parts = [rng.normal(size=(40, 4)), 100 * rng.normal(size=(40, 3))]
    side_by_side = np.hstack([part / np.linalg.norm(part, axis=1, keepdims=True) for part in parts])
    centred = side_by_side - side_by_side.mean(axis=0)
    centred /= np.linalg.norm(centred, axis=1, keepdims=True)
    joined = join(parts, dimensions=7, whitening=0)
    np.testing.assert_allclose(joined @ joined.T, centred @ centred.T, atol=1e-12)


def test_join_with_full_whitening_makes_all_components_alike(monkeypatch):
    monkeypatch.setattr(joining, "unit", lambda vectors: vectors)
    part = np.random.default_rng(0).normal(size=(200, 6)) * [9, 5, 3, 2, 1, 0.5]
    np.testing.assert_allclose(np.cov(join([part], 6, 1.0).T, bias=True), np.eye(6), atol=1e-9)
    np.testing.assert_allclose(
        np.cov(join([part], 4, 0.5).T, bias=True),
        np.diag(np.sqrt(np.linalg.eigvalsh(np.cov(part.T, bias=True))[::-1][:4])),
        atol=1e-9,
    )


def test_joining_the_same_parts_in_another_basis_gives_the_same_cosines():
    rng = np.random.default_rng(0)
    part = rng.normal(size=(50, 6)) * [5, 4, 3, 2, 1, 1]
    turned = part @ np.linalg.qr(rng.normal(size=(6, 6)))[0]
    one, other = join([part], 4, 0.5), join([turned], 4, 0.5)
    np.testing.assert_allclose(one @ one.T, other @ other.T, atol=1e-9)
    np.testing.assert_allclose(np.linalg.norm(one, axis=1), 1)


def test_fewer_words_than_dimensions_stay_finite():
    assert np.isfinite(join([np.random.default_rng(0).normal(size=(3, 10))], 10, 1.0)).all()
