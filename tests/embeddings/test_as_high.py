"""With what a cosine is compared is said as it is: by frequency, by rank, or with the words of a small model."""

import numpy as np
import pytest

from explorer.embeddings.evidence import with_evidence
from explorer.embeddings.neighbours import neighbours
from explorer.embeddings.percentiles import percentile, percentiles
from explorer.embeddings.similarity import similarities
from tests.embeddings.small import embedding_of


def model(words, counts=None):
    return embedding_of([f"w{row}" for row in range(words)], counts, dimensions=20)


@pytest.mark.parametrize(
    ("words", "counted", "says"),
    [
        (50, False, "of the 1,225 pairs of the model’s words have a cosine as high"),
        (50, True, "of the 1,225 pairs of the model’s words have a cosine as high"),
        (600, False, "of 10,000 random pairs of the model’s words have a cosine as high"),
        (1500, False, "of 10,000 random pairs of words with similar ranks have a cosine as high"),
        (1500, True, "of 10,000 random pairs of equally frequent words have a cosine as high"),
    ],
)
def test_a_cosine_is_compared_with_pairs_that_the_sentence_names(words, counted, says):
    embedding = model(words, np.geomspace(1e6, 1, words).astype(np.int64) if counted else None)
    assert percentile(embedding, "w3", "w4").sentence.endswith(says)
    answer = with_evidence(embedding, neighbours(embedding, "w3", 20))
    assert answer.compared(answer.rows[-1]).endswith(says)


@pytest.mark.parametrize("words", [50, 600])
def test_a_batch_counts_the_same_pairs_as_one_question(words):
    embedding = model(words)
    batch, one = similarities(embedding, [("w3", "w4")]), percentile(embedding, "w3", "w4")
    assert batch.rows[0].above == batch.text_of("percentile", one.share) == one.text_of("share", one.share)


def test_of_a_tiny_model_no_cosine_is_called_high():
    for asked in ("w3", "w3 - w4"):
        answer = with_evidence(model(50), neighbours(model(50), asked))
        assert answer.reading.endswith("A model of 50 words is too small to call a cosine high or low.")
        assert "is high" not in answer.reading


@pytest.mark.parametrize(("words", "number"), [(50, 49), (600, 599)])
def test_of_a_formula_as_high_counts_the_other_words_that_are_no_lower(words, number):
    answer = with_evidence(embedding := model(words), neighbours(embedding, "w3 - w4", 20))
    unit = embedding.vectors / np.linalg.norm(embedding.vectors, axis=1, keepdims=True)
    vector = unit[3] - unit[4]
    cosines = dict(zip(embedding.words, unit @ vector / np.linalg.norm(vector), strict=True))
    for row in answer.rows:
        count = sum(cosine >= cosines[row.word] for word, cosine in cosines.items() if word != row.word)
        assert answer.compared(row).startswith(f"{count} in {number} of the model’s words ")


def test_of_a_formula_each_word_is_compared_with_equally_many_however_many_are_asked_for():
    embedding = model(3000, np.geomspace(1e6, 1, 3000).astype(np.int64))
    few, many = (with_evidence(embedding, neighbours(embedding, "w3 - w4", n)) for n in (5, 40))
    assert [few.compared(row) for row in few.rows] == [many.compared(row) for row in many.rows[:5]]
    assert few.random_pairs == 499  # beside the word itself, in a band of 500


def test_as_high_counts_the_pairs_that_are_no_lower():
    embedding = model(50)
    unit = embedding.vectors / np.linalg.norm(embedding.vectors, axis=1, keepdims=True)
    pairs = (unit @ unit.T)[np.triu_indices(50, k=1)]
    for compared in percentiles(embedding, "w3", ["w4", "w9", "w20"]):
        count = int((pairs >= compared.similarity - 1e-6).sum())
        assert compared.sentence.startswith(f"{count:,} of the 1,225 pairs ")


def test_a_column_that_does_not_follow_the_cosine_says_why():
    answer = with_evidence(embedding := model(50), neighbours(embedding, "w3"))
    assert answer.out_of_order == ""  # all are compared with the same pairs
    first, second, *_ = answer.rows
    mixed = [vars(first) | {"percentile": 0.8}, vars(second) | {"percentile": 0.9}]
    swapped = type(answer)(**vars(answer) | {"rows": tuple(type(first)(**row) for row in mixed)})
    assert swapped.out_of_order.startswith("Each word is compared with words of about its own frequency or rank")
