"""Vectors of the training text alone: every word has one, the seed decides them, and they know the text."""

import os
import subprocess
import sys
from collections import Counter

import numpy as np
import pytest

from explorer.errors import UserError
from explorer.initialisation import scratch
from explorer.initialisation.strategies import Strategy, start
from explorer.initialisation.tasks import PARTS_OF_SPEECH, PHRASE_BOOK, task


@pytest.fixture(scope="module")
def sentences():
    return [source for source, _ in task(PHRASE_BOOK).share(0.05, seed=0)]


def test_every_word_of_the_text_has_a_vector_and_its_count(sentences):
    vectors = scratch.embedding(sentences, 16, seed=0)
    counts = Counter(word for words in sentences for word in words)
    assert dict(zip(vectors.words, vectors.counts.tolist(), strict=True)) == counts
    assert vectors.counts.tolist() == sorted(vectors.counts.tolist(), reverse=True)
    assert vectors.vectors.shape == (len(counts), 16)
    np.testing.assert_allclose(vectors.inverse_norms * np.linalg.norm(vectors.vectors, axis=1), 1, rtol=1e-5)


def test_words_that_stand_in_the_same_places_become_neighbours():
    text = [
        [who, does, "some", what] for who in ("she", "he") for does in ("eats", "cooks") for what in ("rice", "fish")
    ]
    vectors = scratch.embedding(text * 20, 8, seed=1)
    units = vectors.vectors * vectors.inverse_norms[:, None]
    for word, twin in (("she", "he"), ("eats", "cooks"), ("rice", "fish")):
        cosines = units @ units[vectors.rows[word]]
        assert vectors.words[int(np.argsort(-cosines)[1])] == twin


def test_the_seed_decides_and_pythons_hashing_does_not():
    code = (
        "from explorer.initialisation import scratch;"
        "found = scratch.embedding([list('abcd'), list('bdce')] * 9, 4, seed={});"
        "print(found.words, found.vectors.tobytes().hex())"
    )

    def run(seed, hashing):
        environment = os.environ | {"PYTHONHASHSEED": str(hashing)}
        command = [sys.executable, "-c", code.format(seed)]
        return subprocess.run(command, env=environment, capture_output=True, text=True, check=True).stdout

    first = run(1, 1)
    assert run(1, 2) == first
    there = scratch.embedding([list("abcd"), list("bdce")] * 9, 4, seed=2)
    assert there.vectors.tobytes().hex() not in first


def test_a_table_starts_from_them(sentences):
    vectors = scratch.embedding(sentences, 16, seed=3)
    vocabulary = task(PHRASE_BOOK).source
    started = start(Strategy("scratch", scale="raw"), vocabulary, 16, vectors, seed=0)
    assert started.covered == len(vectors.words) < len(vocabulary)
    word = sentences[0][0]
    np.testing.assert_array_equal(started.table[vocabulary.ids([word])[0]], vectors.vector(word))


def test_single_words_have_no_neighbours_to_learn_from():
    sentences = [source for source, _ in task(PARTS_OF_SPEECH).train]
    with pytest.raises(UserError, match="every training text is a single word"):
        scratch.embedding(sentences, 8, seed=0)
