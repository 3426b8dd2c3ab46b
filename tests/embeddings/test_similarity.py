"""Pairs, matrices and the odd one out, against gensim and SciPy."""

import csv
import io

import numpy as np
import pytest
from gensim.models import KeyedVectors
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.cluster.hierarchy import leaves_list, linkage
from scipy.spatial.distance import cdist, pdist

from explorer.embeddings.embedding import Embedding
from explorer.embeddings.lookup import WordNotFound
from explorer.embeddings.matrix import matrix
from explorer.embeddings.odd_one_out import odd_one_out
from explorer.embeddings.similarity import read_pairs, similarities, similarity
from explorer.errors import UserError

WORDS = [f"word{number}" for number in range(40)]


@pytest.fixture(scope="module")
def keyed():
    vectors = KeyedVectors(12)
    vectors.add_vectors(WORDS, np.random.default_rng(0).normal(size=(len(WORDS), 12)).astype(np.float32))
    return vectors


@pytest.fixture(scope="module")
def embedding(keyed):
    return Embedding(
        name="random",
        words=WORDS,
        vectors=keyed.vectors,
        inverse_norms=1 / np.linalg.norm(keyed.vectors, axis=1),
        counts=np.arange(len(WORDS), 0, -1),
        tag_codes=np.zeros(len(WORDS), np.uint8),
    )


def test_a_pair_is_gensims_similarity(embedding, keyed):
    for word in WORDS:
        pair = similarity(embedding, "word3", word)
        assert (pair.first, pair.second) == ("word3", word)
        assert pair.similarity == pytest.approx(float(keyed.similarity("word3", word)), abs=1e-6)


def test_several_words_are_gensims_n_similarity_of_unit_vectors(embedding, keyed):
    units = KeyedVectors(keyed.vector_size)
    units.add_vectors(WORDS, keyed.get_normed_vectors())
    pair = similarity(embedding, "word1 WORD2  word3", "word4 word5")
    expected = units.n_similarity(["word1", "word2", "word3"], ["word4", "word5"])
    assert pair.similarity == pytest.approx(float(expected), abs=1e-6)
    assert len(pair.notes) == 2
    assert "mean of “word4” and “word5”" in pair.notes[1]
    with pytest.raises(WordNotFound, match="“nothing” is not among"):
        similarity(embedding, "word1 nothing", "word2")


def test_a_batch_is_its_pairs_and_an_unknown_word_stops_none_of_them(embedding):
    batch = similarities(embedding, [("word1", "Word2"), ("word1", "wrod3"), ("", "word1"), ("word4", "word5 word6")])
    assert [row.similarity for row in batch.rows] == [
        similarity(embedding, "word1", "word2").similarity,
        None,
        None,
        similarity(embedding, "word4", "word5 word6").similarity,
    ]
    assert "Did you mean word3" in batch.rows[1].note
    assert "There is no word" in batch.rows[2].note
    assert "is the mean of" in batch.rows[3].note
    lines = list(csv.DictReader(io.StringIO(batch.as_csv())))
    assert [line["second"] for line in lines] == ["word2", "wrod3", "word1", "word5 word6"]
    assert float(lines[0]["similarity"]) == batch.as_json()["pairs"][0]["similarity"]
    assert lines[1]["similarity"] == ""


def test_of_very_many_unknown_words_only_the_first_get_suggestions(embedding):
    rows = similarities(embedding, [(f"wrod{number}", "word1") for number in range(40)]).rows
    assert all(row.similarity is None and f"“wrod{number}” is not among" in row.note for number, row in enumerate(rows))
    assert "Did you mean word0" in rows[0].note
    assert "Did you mean" not in rows[-1].note


def test_pairs_are_read_with_commas_tabs_semicolons_or_a_space():
    text = "king queen\n\n  new york , los angeles \nman\twoman\r\ntake-off;landing\n"
    assert read_pairs(text) == [
        ("king", "queen"),
        ("new york", "los angeles"),
        ("man", "woman"),
        ("take-off", "landing"),
    ]


@pytest.mark.parametrize("line", ["king", "king, queen, prince", "king,", "a b c", "," * 1000])
def test_a_line_that_is_no_pair_is_named(line):
    with pytest.raises(UserError, match=r"Line 3, “.{1,41}”, is no pair"):
        read_pairs(f"king queen\n\n{line}")


def test_no_pairs_and_too_many_are_refused(embedding):
    with pytest.raises(UserError, match="no pairs"):
        similarities(embedding, read_pairs(" \n"))
    with pytest.raises(UserError, match="1,001 pairs"):
        similarities(embedding, [("word1", "word2")] * 1001)


def test_the_matrix_is_scipys_distances_in_scipys_leaf_order(embedding, keyed):
    words = WORDS[::3]
    answer = matrix(embedding, words)
    rows = [keyed[word].astype(np.float64) for word in words]
    tree = linkage(pdist(rows, "cosine"), "average", optimal_ordering=True)
    assert answer.words == tuple(words[leaf] for leaf in leaves_list(tree))
    ordered = [keyed[word].astype(np.float64) for word in answer.words]
    np.testing.assert_allclose(answer.cosines, 1 - cdist(ordered, ordered, "cosine"), atol=1e-9)
    np.testing.assert_allclose(
        answer.cosines, np.array([keyed.distances(word, answer.words) for word in answer.words]) * -1 + 1, atol=1e-6
    )


@settings(max_examples=30, deadline=None)
@given(st.permutations(range(12)))
def test_clustering_puts_similar_words_together_in_whatever_order_they_were_typed(order):
    directions = np.repeat(np.eye(3), 4, axis=0)  # three groups of four words
    vectors = (directions + 0.1 * np.random.default_rng(1).random((12, 3))).astype(np.float32)
    words = [f"{group}{number}" for group in "abc" for number in range(4)]
    embedding = Embedding("groups", words, vectors, np.ones(12), np.ones(12), np.zeros(12, np.uint8))
    answer = matrix(embedding, [words[place] for place in order])
    groups = "".join(word[0] for word in answer.words)
    assert sorted(groups[start : start + 4] for start in (0, 4, 8)) == ["aaaa", "bbbb", "cccc"]
    np.testing.assert_array_equal(answer.cosines, answer.cosines.T)
    np.testing.assert_allclose(answer.cosines.diagonal(), 1, atol=1e-12)


def test_a_matrix_travels_as_json_and_csv(embedding):
    answer = matrix(embedding, ["word1", "word2", "WORD2", "word3"])
    header, *rows = csv.reader(io.StringIO(answer.as_csv()))
    assert header == ["", *answer.words] == ["", *answer.as_json()["words"]]
    assert len(answer.words) == 3
    assert [[float(cell) for cell in row[1:]] for row in rows] == answer.as_json()["cosines"]


def test_the_odd_one_out_is_gensims(embedding, keyed):
    for start in range(0, 36):
        words = WORDS[start : start + 5]
        answer = odd_one_out(embedding, words)
        ranked = keyed.rank_by_centrality(words)
        assert answer.word == answer.as_json()["odd_one_out"] == keyed.doesnt_match(words)
        assert [row.word for row in answer.rows] == [word for _, word in ranked]
        np.testing.assert_allclose([row.similarity for row in answer.rows], [score for score, _ in ranked], atol=1e-6)


def test_a_row_of_zeros_is_similar_to_nothing():
    vectors = np.array([[1, 0], [0, 1], [0, 0]], np.float32)
    embedding = Embedding("zeros", ["a", "b", "zero"], vectors, np.array([1, 1, 0]), np.ones(3), np.zeros(3, np.uint8))
    for first, second in (("a", "zero"), ("zero", "zero")):
        pair = similarity(embedding, first, second)
        assert (pair.similarity, pair.notes) == (None, ("The vector of “zero” is all zeros: nothing is near to it.",))
    (row,) = similarities(embedding, [("zero", "a")]).rows
    assert (row.similarity, row.note) == (None, "The vector of “zero” is all zeros: nothing is near to it.")
    for question in (matrix, odd_one_out):
        with pytest.raises(UserError, match=r"vector of “zero” is all zeros: nothing is near to it. Leave it out"):
            question(embedding, embedding.words)


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ([], "at least [23] different words, but here is none"),
        (["word1"], "but here is only word1"),
        (["word1", "WORD1", "Word1"], "but here is only word1"),
        (["word1"] * 1000, "1,000 words, but 100 can"),
        (["word1", "wrod2", "word3"], "Did you mean word2"),
        (["word1", "wrod2", "x"], "“wrod2”, “x” are not among the 40 words"),
        (["a", "b", "c", "d", "e", "f", "a"], "“e” and 1 more are not among"),
        (["word1", ""], "There is no word"),
        (["x" * 101, "word1"], "has 101 characters"),
    ],
)
@pytest.mark.parametrize("ask", [matrix, odd_one_out])
def test_a_list_that_cannot_be_compared_is_refused_in_words(embedding, ask, asked, says):
    with pytest.raises(UserError, match=says):
        ask(embedding, asked)
