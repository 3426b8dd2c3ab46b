"""Models side by side, against plain loops over sets."""

import csv
import io

import numpy as np
import pytest

from explorer.embeddings.embedding import Embedding
from explorer.embeddings.lookup import WordNotFound
from explorer.embeddings.neighbours import neighbours
from explorer.embeddings.side_by_side import disagreement, side_by_side
from explorer.errors import UserError


def model(name, words, vectors):
    norms = np.linalg.norm(vectors, axis=1)
    counts = np.arange(len(words), 0, -1) * 100
    return Embedding(name, words, vectors, (1 / norms).astype(np.float32), counts, np.zeros(len(words), np.uint8))


def random_model(name, words, seed, dimensions=8):
    return model(name, words, np.random.default_rng(seed).normal(size=(len(words), dimensions)).astype(np.float32))


WORDS = [f"w{number}" for number in range(60)]


@pytest.fixture
def two():
    return random_model("one", WORDS, 0), random_model(
        "two", [*WORDS[:40], *(f"v{i}" for i in range(20))], 1, dimensions=5
    )


def test_each_column_is_the_models_own_answer(two):
    answer = side_by_side(two, "w3", n=7)
    assert [column.answer for column in answer.columns] == [neighbours(embedding, "w3", 7) for embedding in two]


def test_ranks_join_the_words_that_both_have(two):
    answer = side_by_side(two, "w3", n=20)
    ours = [[row.word for row in column.answer.rows] for column in answer.columns]
    expected = {word: (ours[0].index(word) + 1, ours[1].index(word) + 1) for word in ours[0] if word in ours[1]}
    assert answer.ranks == expected
    rows = list(csv.DictReader(io.StringIO(answer.as_csv())))
    assert len(rows) == 40
    assert {row["word"] for row in rows if row["models"] == "2"} == set(expected)


def test_a_model_without_the_word_says_so_and_the_others_answer(two):
    answer = side_by_side(two, "w50")
    assert answer.columns[0].answer is not None
    assert answer.columns[1].answer is None
    assert "not among the 60 words of two" in answer.columns[1].problem
    with pytest.raises(WordNotFound, match="of one"):
        side_by_side(two, "nowhere")
    with pytest.raises(UserError, match="choose at least one"):
        side_by_side([], "w3")


def test_overlaps_are_the_jaccard_index_of_the_neighbourhoods_among_shared_words(two):
    answer, same = disagreement(*two, k=5), []
    assert answer.words == tuple(WORDS[:40])
    for word, overlap in zip(answer.words, answer.overlaps, strict=True):
        sets = []
        for embedding in two:
            cosine = {
                other: float(np.dot(embedding.vector(word), embedding.vector(other)))
                / np.linalg.norm(embedding.vector(word)) / np.linalg.norm(embedding.vector(other))
                for other in answer.words
                if other != word
            }  # fmt: skip
            sets.append(set(sorted(cosine, key=cosine.get)[-5:]))
        same.append(len(sets[0] & sets[1]))
        assert overlap == pytest.approx(same[-1] / len(sets[0] | sets[1]))
    assert answer.mean_shared == pytest.approx(sum(same) / len(same))
    assert answer.histogram().tolist() == [list(answer.shared).count(number) for number in range(6)]
    ordered = answer.between(0, 2)
    assert {word for word, _ in ordered} == {w for w, s in zip(answer.words, answer.shared, strict=True) if s <= 2}
    assert [overlap for _, overlap in ordered] == sorted(overlap for _, overlap in ordered)


def test_a_turned_model_agrees_on_everything_and_progress_ends_at_one():
    one = random_model("one", WORDS, 0)
    turn, _ = np.linalg.qr(np.random.default_rng(2).normal(size=(8, 8)))
    shares = []
    answer = disagreement(one, model("turned", WORDS, (one.vectors @ turn).astype(np.float32)), 5, 50, shares.append)
    assert answer.mean == 1
    assert len(answer.words) == 50
    assert shares == sorted(shares)
    assert shares[-1] == 1


@pytest.mark.parametrize(
    ("k", "most", "sentence"),
    [(0, 100, "k is 0"), (5, 5, "number of words is 5"), (50, 100, "share 40 words"), (5, 10**6, "1,000,000")],
)
def test_what_cannot_be_compared_is_said(two, k, most, sentence):
    with pytest.raises(UserError, match=sentence):
        disagreement(*two, k=k, most=most)


def test_models_without_a_common_word_are_refused(two):
    with pytest.raises(UserError, match="have no word in common"):
        disagreement(two[0], random_model("other", ["a", "b", "c"], 3))


def test_each_column_says_how_high_cosines_are_in_its_model(two):
    answer = side_by_side(two, "w3", n=7)
    for embedding, column in zip(two, answer.columns, strict=True):
        unit = embedding.vectors.astype(np.float64) * np.asarray(embedding.inverse_norms)[:, None]
        pairs = (unit @ unit.T)[np.triu_indices(embedding.size, k=1)]
        assert column.rare_cosine == pytest.approx(np.quantile(pairs, 0.999), abs=1e-6)
        assert f"has a cosine above {column.rare_cosine:.2f}" in column.how[-1]
    assert answer.comparable[0] in answer.sentences
    assert side_by_side(two[:1], "w3").comparable == ()
