"""Maps of words, against scikit-learn and against plain loops over neighbours."""

import importlib.util

import numpy as np
import pytest
from sklearn.decomposition import PCA
from sklearn.manifold import trustworthiness

from explorer.embeddings import projection
from explorer.embeddings.embedding import Embedding
from explorer.embeddings.projection import project
from explorer.errors import UserError


@pytest.fixture(scope="module")
def model():
    """Sixty words in three clouds, in eight dimensions."""
    random = np.random.default_rng(0)
    centres = random.normal(0, 3, (3, 8))
    vectors = (np.repeat(centres, 20, axis=0) + random.normal(0, 0.4, (60, 8))).astype(np.float32)
    words = [f"w{number}" for number in range(60)]
    inverse = (1 / np.linalg.norm(vectors, axis=1)).astype(np.float32)
    return Embedding("clouds", words, vectors, inverse, np.arange(60, 0, -1), np.zeros(60, np.uint8))


def nearest(points, k, cosine=False):
    """By a plain loop: for each point the set of its k nearest others."""
    sets = []
    for i, a in enumerate(points):
        distances = {
            j: 1 - a @ b / np.linalg.norm(a) / np.linalg.norm(b) if cosine else np.linalg.norm(a - b)
            for j, b in enumerate(points)
            if i != j
        }
        sets.append(set(sorted(distances, key=distances.get)[:k]))
    return sets


@pytest.mark.parametrize("dimensions", [2, 3])
def test_pca_is_scikit_learns_on_unit_vectors(model, dimensions):
    projection = project(model, model.words, "pca", dimensions)
    units = model.vectors.astype(float) / np.linalg.norm(model.vectors.astype(float), axis=1, keepdims=True)
    pca = PCA(dimensions).fit(units)
    np.testing.assert_allclose(np.abs(projection.coordinates), np.abs(pca.transform(units)), atol=1e-6)
    assert projection.shown == pytest.approx(pca.explained_variance_ratio_.sum(), abs=1e-6)


@pytest.mark.parametrize("method", ["pca", "t-sne"])
def test_each_point_says_which_share_of_its_neighbours_is_true(model, method):
    projection = project(model, model.words, method, seed=1)
    in_space, on_map = nearest(model.vectors, 10, cosine=True), nearest(projection.coordinates, 10)
    np.testing.assert_allclose(projection.kept, [len(a & b) / 10 for a, b in zip(in_space, on_map, strict=True)])
    assert 0.8 < projection.trustworthiness <= 1


@pytest.mark.parametrize("count", [5, 60])
@pytest.mark.parametrize("block", [7, 60])
def test_the_trustworthiness_is_scikit_learns(model, monkeypatch, count, block):
    monkeypatch.setattr(projection, "_BLOCK", block)
    answer = project(model, model.words[:count])
    expected = trustworthiness(model.vectors[:count], answer.coordinates, n_neighbors=answer.k, metric="cosine")
    assert answer.trustworthiness == pytest.approx(expected, abs=1e-12)


def test_a_map_that_loses_nothing_is_trusted_wholly():
    vectors = np.stack([np.cos(np.linspace(0, 2, 30)), np.sin(np.linspace(0, 2, 30))], axis=1).astype(np.float32)
    words = [f"w{number}" for number in range(30)]
    circle = Embedding("arc", words, vectors, np.ones(30, np.float32), np.ones(30, int), np.zeros(30, np.uint8))
    projection = project(circle, words)
    assert projection.shown == pytest.approx(1)
    assert projection.trustworthiness == pytest.approx(1)


def test_the_same_seed_draws_the_same_t_sne_and_reports_its_progress(model):
    shares = []
    first = project(model, model.words, "t-sne", seed=3, progress=shares.append)
    again = project(model, model.words, "t-sne", seed=3)
    np.testing.assert_array_equal(first.coordinates, again.coordinates)
    assert shares == sorted(shares)
    assert shares[-1] == 1


def test_a_t_sne_is_stopped_by_its_progress(model):
    class Stop(Exception):
        pass

    def stop(share):
        raise Stop

    with pytest.raises(Stop):
        project(model, model.words, "t-sne", progress=stop)


def test_few_words_make_a_map_too(model):
    assert project(model, model.words[:2]).coordinates.shape == (2, 2)
    assert project(model, model.words[:2]).sentences == ("A map of two words is always right: give more words.",)
    assert project(model, model.words[:4]).sentences[0].startswith("“kept” is 1 where a word's nearest word")
    assert project(model, model.words[:2], dimensions=3).coordinates.shape == (2, 3)
    assert project(model, model.words[:4], "t-sne").coordinates.shape == (4, 2)
    assert project(model, model.words[:12], "t-sne", dimensions=3).coordinates.shape == (12, 3)


@pytest.mark.parametrize(
    ("words", "options", "sentence"),
    [
        (["w1"], {}, "map of 1 word shows nothing"),
        ([], {}, "map of 0 words"),
        (["w1", "w2", "w1"], {}, "“w1” is in the list twice"),
        (["w1", "w2"], {"method": "magic"}, "“magic” is not a kind of map"),
        (["w1", "w2"], {"dimensions": 4}, "2 or 3 dimensions, not 4"),
        (["w1", "w2"], {"method": "t-sne"}, "at least 4 words"),
        (["w1", "w2"], {"perplexity": 0}, "perplexity is 0"),
    ],
)
def test_what_cannot_be_drawn_is_said(model, words, options, sentence):
    with pytest.raises(UserError, match=sentence):
        project(model, words, **options)


def test_umap_is_followed_by_the_epochs_that_it_counts():
    shares = []
    bar = projection._Epochs(shares.append)
    for text in ("\r0/500", "\r120/500", "", "\r500/500", "\n"):
        bar.write(text)
    assert shares == [0, 0.24, 1]


def test_umap_is_an_extra(model):
    if importlib.util.find_spec("umap"):
        shares = []
        followed = project(model, model.words, "umap", progress=shares.append).coordinates
        assert (followed.shape, shares[-1]) == ((60, 2), 1)
        np.testing.assert_array_equal(followed, project(model, model.words, "umap").coordinates)
    else:
        with pytest.raises(UserError, match="pip install umap-learn"):
            project(model, model.words, "umap")


def test_t_sne_can_be_watched_settling(model):
    """What is seen last is nearly the map itself: openTSNE shows its places before it takes the last step."""
    seen = []
    drawn = project(model, model.words[:12], "t-sne", perplexity=3, watch=seen.append)
    assert len(seen) == 30
    size = np.ptp(drawn.coordinates)
    assert np.abs(seen[-1] - drawn.coordinates).max() < 0.01 * size < np.abs(seen[0] - drawn.coordinates).max()
