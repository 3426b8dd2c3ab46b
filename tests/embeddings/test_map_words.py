"""Which words a map shows, against the neighbours and the vocabulary."""

import io
import zipfile

import numpy as np
import pytest

from explorer.embeddings.bounds import MOST_AROUND
from explorer.embeddings.map_words import around, listed, most_frequent, projector_archive, with_centre
from explorer.embeddings.neighbours import neighbours
from explorer.errors import UserError
from tests.embeddings.small import embedding_of


def test_around_a_word_lie_its_neighbours_and_the_word_itself(tiny):
    words = around(tiny, "airplane", 3)
    rows = neighbours(tiny, "airplane", 3).rows
    assert words.centre == "airplane"
    assert words.words == ("airplane", *(row.word for row in rows))
    assert [row.similarity for row in words.rows] == [1.0, *(row.similarity for row in rows)]
    assert [(row.pos, row.count, row.tier) for row in words.rows[1:]] == [
        (row.pos, row.count, row.tier) for row in rows
    ]


def test_the_range_of_closeness_leaves_the_word_itself_out(tiny):
    cosines = [row.similarity for row in neighbours(tiny, "airplane", 3).rows]
    assert around(tiny, "airplane", 3).closeness == (cosines[-1], cosines[0])
    assert listed(tiny, ["plane"]).closeness == (0.0, 0.0)


def test_a_phrase_that_is_no_word_is_not_on_its_own_map(tiny):
    words = around(tiny, "fly + plane", 3)
    assert (words.centre, len(words.words)) == ("fly + plane", 3)
    assert words.centre not in words.words
    assert "mean of" in words.sentences[0]


def test_a_phrase_can_be_drawn_as_the_centre_at_the_vector_that_the_list_was_asked_with(tiny):
    words = with_centre(tiny, around(tiny, "fly + plane", 3), "fly + plane")
    assert words.words == ("fly + plane", *around(tiny, "fly + plane", 3).words)
    part = words.vectors_in(tiny)
    units = part.units(part.rows_of(words.words))
    np.testing.assert_allclose(units[0] @ units[1:].T, [row.similarity for row in words.rows[1:]], atol=1e-6)
    assert (words.rows[0].count, words.rows[0].pos) == (None, "")
    assert part.has_counts
    plane = around(tiny, "plane", 3)
    assert with_centre(tiny, plane, "plane") is plane


def test_a_list_is_taken_in_its_order_each_word_once_and_names_what_is_unknown(tiny):
    words = listed(tiny, ["plane", "Fly", "fly", "zebra"])
    assert words.words == ("plane", "fly")
    assert words.sentences == ("1 word of your list is not in the vocabulary: “zebra”.",)
    assert words.rows[0].similarity is None


def test_the_most_frequent_are_the_first_of_the_model(tiny):
    assert most_frequent(tiny, 3).words == tuple(tiny.words[:3])
    assert most_frequent(tiny, 5000).words == tuple(tiny.words)


def test_a_model_without_counts_claims_no_frequency():
    (row,) = listed(embedding_of(["a", "b"]), ["a"]).rows
    assert (row.count, row.tier) == (None, None)


@pytest.mark.parametrize("ask", [lambda m: around(m, "fly", 0), lambda m: around(m, "fly", MOST_AROUND + 1)])
def test_what_is_too_few_or_too_many_around_a_word_is_said(tiny, ask):
    with pytest.raises(UserError, match="from 1 to 500 words around one"):
        ask(tiny)


@pytest.mark.parametrize("n", [0, 5001])
def test_what_is_too_few_or_too_many_is_said(tiny, n):
    with pytest.raises(UserError, match="from 1 to 5,000 words"):
        most_frequent(tiny, n)


def test_the_projectors_tables_hold_these_words_and_their_vectors(tiny):
    with zipfile.ZipFile(io.BytesIO(projector_archive(tiny, ["fly", "plane"]))) as archive:
        vectors = np.loadtxt(io.BytesIO(archive.read("vectors.tsv")), delimiter="\t", dtype=np.float32)
        metadata = archive.read("metadata.tsv").decode().splitlines()
    np.testing.assert_array_equal(vectors, [tiny.vector("fly"), tiny.vector("plane")])
    assert metadata == ["word\tpos\tcount", "fly\tVERB\t300", "plane\tNOUN\t400"]
