"""The files of a model folder, read back by gensim and by the standard library."""

import tomllib

import numpy as np
import pytest
from gensim.models import KeyedVectors

from explorer.embeddings.training.folder import (
    grid_step,
    round_to_grid,
    write_card,
    write_vectors,
    write_vocabulary,
)

WORDS = ["the", "of", "don't", "dc-3", "łódź", "東京", "u.s"]


def unit_vectors(count, dimensions):
    vectors = np.random.default_rng(0).normal(size=(count, dimensions))
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


def test_gensim_reads_back_the_very_words_vectors_and_counts(tmp_path):
    vectors = round_to_grid(unit_vectors(len(WORDS), 5))
    counts = {word: 100 - rank for rank, word in enumerate(WORDS)}
    write_vectors(tmp_path / "v.bin.xz", WORDS, vectors)
    write_vocabulary(tmp_path / "c.txt.xz", counts)
    loaded = KeyedVectors.load_word2vec_format(tmp_path / "v.bin.xz", fvocab=tmp_path / "c.txt.xz", binary=True)
    assert loaded.index_to_key == WORDS
    np.testing.assert_array_equal(loaded.vectors, vectors)
    assert {word: loaded.get_vecattr(word, "count") for word in WORDS} == counts


@pytest.mark.parametrize("dimensions", [2, 50, 100, 150, 200, 256, 300, 400])
def test_rounding_hardly_turns_a_vector_and_leaves_few_values(dimensions):
    unit = unit_vectors(500, dimensions)
    rounded = round_to_grid(unit)
    cosines = (unit * rounded).sum(axis=1) / np.linalg.norm(rounded, axis=1)
    assert cosines.mean() > 0.995
    assert len(np.unique(rounded)) < 128
    assert not np.signbit(rounded[rounded == 0]).any()
    assert 0.15 <= grid_step(dimensions) * np.sqrt(dimensions) <= 0.3


def test_a_card_is_toml_whatever_is_written_in_it(tmp_path):
    card = {"title": 'A "title" [x] = \\ „ü“', "description": "two\nlines", "neighbours": {"u.s": {"don't": 0.5}}}
    write_card(tmp_path / "card.toml", card)
    assert tomllib.loads((tmp_path / "card.toml").read_text(encoding="utf-8")) == card
