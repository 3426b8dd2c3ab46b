"""Rows of an embedding: their units, and an embedding of some of them."""

import numpy as np
import pytest

from explorer.embeddings.embedding import Embedding


@pytest.fixture
def three():
    vectors = np.array([[3, 4], [0, 0], [0, -2]], dtype=np.float32)
    inverse_norms = np.array([1 / 5, 0, 1 / 2], dtype=np.float32)
    return Embedding(
        "three", ["a", "b", "c"], vectors, inverse_norms, np.array([9, 5, 5]), np.array([1, 2, 3], np.uint8)
    )


@pytest.mark.parametrize("rows", [[2, 0], np.array([2, 0]), slice(0, 3, 2)])
def test_units_have_length_one_and_the_type_of_the_vectors(three, rows):
    units = three.units(rows)
    assert units.dtype == np.float32
    expected = np.array([[0.6, 0.8], [0, -1]] if isinstance(rows, slice) else [[0, -1], [0.6, 0.8]])
    np.testing.assert_allclose(units, expected, rtol=1e-6)


def test_the_unit_of_a_row_of_zeros_is_zeros(three):
    np.testing.assert_array_equal(three.units(three.rows_of(["b"])), [[0, 0]])


def test_a_subset_keeps_each_word_beside_its_own_numbers(three):
    part = three.subset([2, 0])
    assert (list(part.words), part.rows) == (["c", "a"], {"c": 0, "a": 1})
    for word in part.words:
        np.testing.assert_array_equal(part.vector(word), three.vector(word))
        assert (part.count(word), part.tag(word)) == (three.count(word), three.tag(word))
    np.testing.assert_array_equal(part.units([0]), three.units([2]))


def test_a_subset_by_a_slice_copies_no_vector(three):
    assert np.shares_memory(three.subset(slice(2)).vectors, three.vectors)
    assert list(three.subset(slice(2)).words) == ["a", "b"]


def test_a_word_that_is_not_there_has_no_row(three):
    with pytest.raises(KeyError):
        three.rows_of(["a", "nowhere"])
