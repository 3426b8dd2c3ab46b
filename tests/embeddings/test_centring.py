"""Centring and all-but-the-top, against scikit-learn's PCA."""

import numpy as np
import pytest
from sklearn.decomposition import PCA

from explorer.embeddings.centring import all_but_the_top, centred, most_frequent, principal_components
from explorer.embeddings.neighbours import neighbours
from explorer.errors import UserError
from tests.embeddings.test_percentiles import embedding


@pytest.fixture(scope="module")
def model():
    random = np.random.default_rng(0)
    return embedding(random.normal(size=(60, 8)) * np.arange(1, 9) + 2, counts=range(60, 0, -1))


def test_components_are_scikit_learns(model):
    pca = PCA().fit(model.vectors.astype(np.float64))
    variances, axes = principal_components(model)
    np.testing.assert_allclose(variances, pca.explained_variance_ * 59 / 60, rtol=1e-6)
    np.testing.assert_allclose(np.abs((axes * pca.components_).sum(axis=1)), 1, atol=1e-6)


def test_centred_vectors_have_the_mean_taken_away(model):
    np.testing.assert_allclose(centred(model).vectors, model.vectors - model.vectors.mean(axis=0), atol=1e-6)


@pytest.mark.parametrize("components", [1, 3, 7])
def test_all_but_the_top_lacks_the_first_components_and_has_the_rest(model, components):
    coordinates = PCA().fit_transform(model.vectors.astype(np.float64))
    ours = all_but_the_top(model, components).vectors
    np.testing.assert_allclose(ours @ ours.T, coordinates[:, components:] @ coordinates[:, components:].T, atol=1e-3)


def test_a_hundredth_of_the_dimensions_is_taken_away_by_default():
    model = embedding(np.random.default_rng(1).normal(size=(400, 300)))
    np.testing.assert_array_equal(all_but_the_top(model).vectors, all_but_the_top(model, 3).vectors)
    assert all_but_the_top(embedding(np.eye(3))).name == "made, all but the top 1"


def test_what_comes_out_can_be_asked_as_any_embedding(model):
    for space in (centred(model), all_but_the_top(model), most_frequent(model, 20)):
        np.testing.assert_allclose(np.linalg.norm(space.vectors, axis=1) * space.inverse_norms, 1, atol=1e-6)
        assert len(neighbours(space, "w3", 5).rows) == 5
        assert space.count("w3") == model.count("w3")


def test_the_most_frequent_words_are_the_first_and_share_their_vectors(model):
    few = most_frequent(model, 20)
    assert few.words == model.words[:20]
    assert np.shares_memory(few.vectors, model.vectors)
    assert most_frequent(model, 1000).size == model.size


@pytest.mark.parametrize("components", [0, -1, 8, 1000])
def test_components_that_cannot_be_taken_away_are_refused(model, components):
    with pytest.raises(UserError, match="components cannot be taken away from vectors of 8 dimensions"):
        all_but_the_top(model, components)
