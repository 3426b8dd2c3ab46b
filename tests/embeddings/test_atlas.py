"""The map of all words: how it is computed, kept and asked."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest
from scipy.stats import spearmanr

from explorer.embeddings import atlas as atlases
from explorer.embeddings import catalog, placing
from explorer.embeddings.atlas import JUDGED, NOWHERE, atlas_of, read_atlas
from explorer.embeddings.atlas_part import atlas_part
from explorer.embeddings.cluster_names import are_forms, cluster_names
from explorer.embeddings.map_words import listed
from explorer.embeddings.neighbours import neighbours
from explorer.errors import Cancelled, NotThere, UserError
from explorer.questions.maps import Atlas, atlas_beside
from tests.embeddings.small import embedding_of

GROUPS = 4
WORDS = [f"{'abcd'[number % GROUPS]}word{chr(97 + number // 26 % 26)}{chr(97 + number % 26)}" for number in range(240)]


def grouped():
    """Words in four groups, told by their first letter, and one with a vector of zeros."""
    embedding = embedding_of(WORDS, dimensions=6)
    middles = np.random.default_rng(1).normal(size=(GROUPS, 6)) * 12
    vectors = (embedding.vectors + middles[np.arange(len(WORDS)) % GROUPS]).astype(np.float32)
    vectors[7] = 0
    lengths = np.linalg.norm(vectors, axis=1)
    return replace(
        embedding, vectors=vectors, inverse_norms=np.divide(1, lengths, out=np.zeros(240), where=lengths > 0)
    )


@pytest.fixture(scope="module")
def quick():
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(placing, "_EARLY", 60)
        patch.setattr(placing, "_LATE", 60)
        patch.setattr(placing, "_PATCH", 10)
        yield


@pytest.fixture(scope="module")
def computed(quick):
    return placing.place_all(grouped(), perplexity=10, seed=0)


def test_words_of_a_group_lie_together_and_clusters_are_nested(computed):
    placed = computed.placed
    assert computed.clusters[7] == NOWHERE
    assert len(placed) == 239
    assert np.abs(computed.positions.astype(int)).max() == atlases.REACH
    groups = placed % GROUPS
    places = computed.positions[placed].astype(float)
    distances = np.linalg.norm(places[:, None] - places[None], axis=2) + np.eye(len(placed)) * 1e9
    assert (groups[distances.argmin(axis=1)] == groups).mean() > 0.98
    assert computed.true_neighbours > JUDGED / 3
    for level in range(1, computed.depth + 1):
        mine = [rows for rows, its in zip(computed.members, computed.levels, strict=True) if its == level]
        assert sorted(np.concatenate(mine).tolist()) == placed.tolist()
    for cluster, parent in enumerate(computed.parents.tolist()):
        assert parent < 0 or set(computed.members[cluster]) <= set(computed.members[parent])
        assert {row for row in computed.names[cluster].tolist() if row >= 0} <= set(computed.members[cluster].tolist())


def test_the_same_seed_gives_the_same_map_and_progress_can_stop_it(quick, computed):
    shares = []
    again = placing.place_all(grouped(), 10, 0, lambda doing, share: shares.append(share))
    for name in atlases.LAYOUT:
        assert (getattr(again, name) == getattr(computed, name)).all(), name
    assert shares == sorted(shares)
    assert shares[-1] == 1

    def stop(doing, share):
        if share > 0.5:
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        placing.place_all(grouped(), 10, 0, stop)
    with pytest.raises(UserError, match="has 20 words with a vector, but a map of all words needs 50"):
        placing.place_all(embedding_of(WORDS[:20]), 10, 0)


@pytest.fixture
def beside_its_model(computed, tmp_path, monkeypatch):
    """A model with its map in a folder of its own."""
    monkeypatch.setattr(catalog, "folder", lambda name: tmp_path)
    placing.write_atlas(grouped(), computed)
    return tmp_path / "atlas.npz"


def test_a_map_is_kept_beside_its_model_and_belongs_to_its_words(beside_its_model, computed):
    kept = atlas_of(grouped())
    assert (kept.positions == computed.positions).all()
    with pytest.raises(UserError, match="is of another vocabulary"):
        atlas_of(replace(grouped(), words=WORDS[::-1]))
    part = atlas_part(grouped(), listed(grouped(), [WORDS[0], WORDS[1]]))
    assert [row["word"] for row in part.as_json()["points"]] == WORDS[:2]
    beside_its_model.unlink()
    with pytest.raises(NotThere, match="Compute it: `explorer project small`"):
        atlas_of(grouped())


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("positions", np.zeros((240, 3), np.int16)),
        ("clusters", np.full(240, 999, np.uint16)),
        ("parents", np.arange(3, dtype=np.int32)),
        ("names", np.full((1, 3), 10**6, np.int32)),
        ("kept", np.array([object()] * 240)),
    ],
)
def test_a_damaged_map_is_refused(beside_its_model, computed, name, values):
    arrays = {each: getattr(computed, each) for each in atlases.LAYOUT} | {name: values}
    np.savez(beside_its_model, **arrays)
    with pytest.raises(UserError, match=r"cannot be read: .+ Compute it anew, or delete it\."):
        read_atlas(beside_its_model)
    beside_its_model.write_bytes(b"no archive")
    with pytest.raises(UserError, match="cannot be read"):
        read_atlas(beside_its_model)


def test_the_shipped_model_has_its_map_from_the_first_second():
    part = Atlas(around="airplane", n=5).answer()
    embedding = catalog.load()
    assert len(part.atlas.placed) == embedding.size
    expected = ["airplane", *(row.word for row in neighbours(embedding, "airplane", 5).rows)]
    assert list(part.drawn.words) == expected
    assert part.centre_place == part.places[0]
    assert part.atlas.true_neighbours > 2.5
    assert part.atlas.depth == 3
    row = dict(zip(part.table().header, part.table().rows[0], strict=True))
    answer = part.as_json()
    line = answer["clusters"][answer["points"][0]["cluster"]]
    for level in (3, 2, 1):
        assert (row[f"cluster_{level}"], line["level"]) == (line["name"], level)
        line = answer["clusters"][line["parent"] or 0]
    whole = atlas_part(embedding)
    assert whole.table().rows[embedding.rows["airplane"]] == part.table().rows[0]


def test_the_map_is_dense_where_its_words_have_many_around(computed):
    density, places = computed.density, computed.positions[computed.placed].astype(float)
    assert (np.bincount(density) // 23 == 1).all()  # tenths of 239 words
    distances = np.linalg.norm(places[:, None] - places[None], axis=2)
    around = (distances < 0.05 * atlases.REACH).sum(axis=1)
    means = [around[density == group].mean() for group in (0, 4, 9)]
    assert means == sorted(means)
    assert means[2] > 1.5 * means[0]
    near = np.exp(-((distances / (2 * atlases.REACH / 256)) ** 2) / (2 * 2**2)).sum(axis=1)  # a Gaussian of two cells
    assert spearmanr(near, density).statistic > 0.95


def test_a_map_is_turned_over_that_of_another_model():
    first, second = "wiki-en-word2vec", "wiki-en-glove"
    own, plain, turned, itself = (
        Atlas(model=model, most_frequent=2_000, over=over).answer()
        for model, over in ((first, None), (second, None), (second, first), (first, first))
    )
    (a, b), (c, d) = turned.turn.matrix
    assert abs(a * c + b * d) < 1e-9  # a turn, perhaps with a mirror, and hardly smaller
    assert 0.95 < np.hypot(a, b) <= 1
    np.testing.assert_allclose(np.array(plain.places) @ turned.turn.matrix, turned.places, atol=2e-4)
    away = [np.linalg.norm(np.subtract(own.places, part.places), axis=1).mean() for part in (turned, plain)]
    assert away[0] < 0.8 * away[1]
    assert turned.turn.away < 0.8 * turned.turn.at_random
    assert turned.turn.sentence in turned.sentences
    assert turned.as_json()["over"] == first
    assert itself.places == own.places
    assert itself.turn.away == pytest.approx(0, abs=1e-9)


def test_a_formula_lies_where_most_of_its_neighbours_lie():
    part = Atlas(around="king - man + woman", n=10).answer()
    assert part.drawn.centre not in part.drawn.words
    assert part.centre_place in part.places
    beside = atlas_beside(neighbours(catalog.load(), "king - man + woman", 10))
    assert beside.centre_place == part.centre_place


def test_clusters_are_named_by_no_two_forms_of_a_word():
    clusters = SimpleNamespace(**{cluster.name: cluster for cluster in Atlas(most_frequent=1).answer().clusters})
    for name in vars(clusters):
        words = name.split(", ")
        assert not any(are_forms(a, b) for at, a in enumerate(words) for b in words[:at])


@pytest.mark.parametrize("model", catalog.names())
def test_no_region_is_named_by_markup_or_by_a_word_that_texts_do_not_know(model):
    embedding, atlas = catalog.load(model), atlases.atlas_of(catalog.load(model))
    names = [embedding.words[row] for row in atlas.names[atlas.levels == 1].ravel().tolist() if row >= 0]
    assert len(names) == 3 * (atlas.levels == 1).sum()
    assert {"notoc", "onlyinclude", "colspan"}.isdisjoint(names)
    assert all(embedding.tag(word) not in ("", "X", "PUNCT") for word in names)


def test_clusters_are_named_anew_as_they_are_kept():
    embedding, atlas = catalog.load(), atlases.atlas_of(catalog.load())
    rows = atlas.placed
    units = np.ascontiguousarray(embedding.units(rows))
    names = cluster_names(embedding, rows, units, atlas.clusters[rows], atlas.levels, atlas.parents)
    np.testing.assert_array_equal(names, atlas.names)
