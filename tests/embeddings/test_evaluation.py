"""Benchmarks through gensim's own functions and files, against a reckoning of our own."""

from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors
from gensim.test.utils import datapath
from scipy.stats import spearmanr

from explorer.embeddings.evaluation import Score, analogies, evaluate, word_pairs


def analogy_questions():
    lines = Path(datapath("questions-words.txt")).read_text(encoding="utf-8").splitlines()
    return [line.lower().split() for line in lines if not line.startswith(":")]


def share_of_analogies_right(words, unit_vectors):
    """3CosAdd in matrix products: the share answered rightly of the questions with known words only, and how many."""
    places = {word: place for place, word in enumerate(words)}
    asked = [[places[word] for word in question] for question in analogy_questions() if set(question) <= places.keys()]
    right = 0
    for a, b, c, d in (np.array(block).T for block in np.array_split(asked, max(1, len(asked) // 500))):
        scores = (unit_vectors[b] - unit_vectors[a] + unit_vectors[c]) @ unit_vectors.T
        for known in (a, b, c):
            scores[np.arange(len(a)), known] = -np.inf
        right += int((scores.argmax(axis=1) == d).sum())
    return right / len(asked), len(asked)


@pytest.fixture(scope="module")
def vectors():
    """The words of the family analogies, their vectors so placed that some analogies come out."""
    rng = np.random.default_rng(0)
    words = list(dict.fromkeys(word for question in analogy_questions()[8363:8869] for word in question))
    keyed = KeyedVectors(20)
    keyed.add_vectors(words, rng.normal(size=(len(words), 20)).astype(np.float32))
    return keyed


def test_analogies_agree_with_a_reckoning_of_our_own(vectors):
    unit = vectors.vectors / np.linalg.norm(vectors.vectors, axis=1, keepdims=True)
    share, asked = share_of_analogies_right(vectors.index_to_key, unit)
    assert asked >= 506
    assert analogies(vectors) == Score(pytest.approx(share), asked / 19544)


def test_word_pairs_agree_with_a_reckoning_of_our_own():
    rows = [line.split("\t") for line in Path(datapath("wordsim353.tsv")).read_text().splitlines() if line[0] != "#"]
    words = sorted({word.lower() for row in rows[:200] for word in row[:2]})
    keyed = KeyedVectors(8)
    keyed.add_vectors(words, np.random.default_rng(1).normal(size=(len(words), 8)).astype(np.float32))
    known = [(a.lower(), b.lower(), float(s)) for a, b, s in rows if {a.lower(), b.lower()} <= set(words)]
    rho = spearmanr([s for *_, s in known], [keyed.similarity(a, b) for a, b, _ in known]).statistic
    score = word_pairs(keyed, "wordsim353")
    assert score.value == pytest.approx(rho)
    assert score.coverage == pytest.approx(len(known) / len(rows))


@pytest.mark.parametrize("words", [["zzz", "yyy"], ["stock", "jaguar"]])
def test_vectors_that_know_too_few_words_have_no_score(words):
    keyed = KeyedVectors(3)
    keyed.add_vectors(words, np.eye(2, 3, dtype=np.float32))
    assert {name: score.value for name, score in evaluate(keyed).items()} == dict.fromkeys(
        ["analogies", "wordsim353", "simlex999"]
    )
