"""Sister models: their neighbours against gensim's, and what is written where."""

import os
import tomllib
from dataclasses import replace

import numpy as np
import pytest
from gensim.models import KeyedVectors

from explorer.embeddings.model_files import SISTERS
from explorer.embeddings.training.making import TrainingError
from explorer.embeddings.training.sisters import make_sisters, nearest_rows
from explorer.embeddings.training.word2vec import Options, Training, train
from tests.embeddings.training.test_word2vec import write_corpus

OPTIONS = Options(trainings=(Training(dimensions=6, epochs=1),), dimensions=6, minimum_count=5)


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A corpus, a model, and its sisters."""
    folder = tmp_path_factory.mktemp("sisters")
    corpus = write_corpus(folder / "corpus.txt")
    train(corpus, folder / "model", OPTIONS)
    make_sisters(corpus, folder / "model", OPTIONS, seeds=[2, 3], words=9)
    return folder


def test_nearest_rows_are_gensims(monkeypatch):
    monkeypatch.setattr("explorer.embeddings.training.sisters._BLOCK", 7)
    vectors = np.random.default_rng(0).normal(size=(60, 5)).astype(np.float32)
    keyed = KeyedVectors(5)
    keyed.add_vectors(list(range(60)), vectors)
    rows = nearest_rows(vectors, 40)
    assert rows.shape == (40, 20)
    assert rows.dtype == np.uint32
    for row in range(40):
        assert rows[row].tolist() == [near for near, _ in keyed.most_similar(row, topn=20)]


def test_sisters_are_the_neighbours_under_each_seed(folder, tmp_path):
    with np.load(folder / "model" / SISTERS, allow_pickle=False) as arrays:
        seeds, rows = arrays["seeds"], arrays["rows"]
    assert seeds.tolist() == [2, 3]
    assert rows.shape == (2, 9, 14)  # there are 15 words
    assert not np.array_equal(rows[0], rows[1])
    train(folder / "corpus.txt", tmp_path / "sister", replace(OPTIONS, seed=3))
    sister = KeyedVectors.load_word2vec_format(tmp_path / "sister" / "vectors.bin.xz", binary=True)
    nearest = nearest_rows(sister.vectors, 9)  # rounded, so that only the nearest few are sure to be the same
    assert np.mean(nearest[:, 0] == rows[1, :, 0]) > 0.5


def test_the_card_keeps_what_it_said_and_tells_the_recipe_of_the_sisters(folder):
    card = tomllib.loads((folder / "model" / "card.toml").read_text())
    assert card["title"] == ""
    files = [path for path in (folder / "model").iterdir() if path.name != "card.toml"]
    assert card["size"] == sum(path.stat().st_size for path in files)
    assert card["sisters"]["seeds"] == [2, 3]
    assert (card["sisters"]["words"], card["sisters"]["neighbours"]) == (9, 14)
    assert card["sisters"]["trainings"][0]["epochs"] == 1
    assert sorted(os.listdir(folder / "model")) == ["card.toml", SISTERS, "vectors.bin.xz", "vocabulary.txt.xz"]


def test_what_cannot_work_is_refused_with_a_sentence_and_leaves_nothing_behind(folder, tmp_path):
    corpus, model = folder / "corpus.txt", tmp_path / "model"
    with pytest.raises(TrainingError, match="There is no model"):
        make_sisters(corpus, model, OPTIONS, [2])
    train(corpus, model, OPTIONS)
    before = sorted(os.listdir(model))
    for seeds in ([], [2, 2], [-1]):
        with pytest.raises(TrainingError, match=r"\.$"):
            make_sisters(corpus, model, OPTIONS, seeds)
    with pytest.raises(TrainingError, match="other words than model"):
        make_sisters(corpus, model, replace(OPTIONS, minimum_count=101), [2])
    with pytest.raises(TrainingError, match="there already"):
        make_sisters(corpus, folder / "model", OPTIONS, [2])
    assert sorted(os.listdir(model)) == before
