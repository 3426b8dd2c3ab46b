"""Neighbours that survive another seed: counted in the sisters' lists, and nothing claimed without them."""

import numpy as np
import pytest

from explorer.embeddings import catalog
from explorer.embeddings.stability import Survival, survivors
from explorer.errors import UserError
from tests.embeddings.test_percentiles import embedding


@pytest.fixture
def model(tmp_path, monkeypatch):
    monkeypatch.setattr(catalog, "MODELS", tmp_path)
    (tmp_path / "made").mkdir()
    return embedding(np.eye(30))


@pytest.fixture
def sisters(model):
    """Three sisters, which know the 20 nearest of the first 25 words: each word's next 20, 19 and 18 ones, and w0."""
    rows = np.zeros((3, 25, 20), dtype=np.uint32)
    for sister in range(3):
        for row in range(25):
            near = [(row + 1 + step) % 30 for step in range(20 - sister)]
            rows[sister, row, : len(near)] = near
    path = catalog.MODELS / "made" / "sisters.npz"
    np.savez_compressed(path, seeds=np.array([2, 3, 4]), rows=rows)
    return path


def test_each_neighbour_is_counted_in_the_sisters_lists(model, sisters):
    answer = survivors(model, "w1", ["w2", "w20", "w21", "w29"])
    assert answer == Survival(sisters=3, depth=20, survived=(3, 2, 1, 0))


def test_nothing_is_claimed_without_sisters_or_about_words_they_were_not_asked(model, sisters):
    assert survivors(model, "w25", ["w26"]) is None
    sisters.unlink()
    assert survivors(model, "w1", ["w2"]) is None


def write_text(path):
    path.write_text("not an archive")


def write_pickle(path):
    np.savez(path, seeds=np.array([1]), rows=np.array([[{}]], dtype=object))


def write_one_array(path):
    np.savez(path, seeds=np.array([1]))


def write_flat(path):
    np.savez(path, seeds=np.array([1]), rows=np.zeros(3, dtype=np.uint32))


def write_no_archive(path):
    with path.open("wb") as out:
        np.save(out, np.zeros((1, 3, 20), dtype=np.uint32))


def write_no_seeds(path):
    np.savez(path, seeds=np.array(1), rows=np.zeros((1, 3, 20), dtype=np.uint32))


def write_other_words(path):
    np.savez(path, seeds=np.array([1]), rows=np.full((1, 3, 20), 30, dtype=np.uint32))


@pytest.mark.parametrize(
    "write",
    [write_text, write_pickle, write_one_array, write_flat, write_no_archive, write_no_seeds, write_other_words],
)
def test_sisters_that_are_damaged_are_refused_in_words(model, sisters, write):
    sisters.unlink()
    write(sisters)
    with pytest.raises(UserError, match=r"sisters"):
        survivors(model, "w1", ["w2"])
