"""The evidence beside neighbours is of the vector that was searched with."""

import numpy as np

from explorer.embeddings.embedding import Embedding
from explorer.embeddings.percentiles import shares_of_words
from explorer.embeddings.queries import resolve
from explorer.embeddings.tags import encode_tags
from explorer.questions.words import Neighbours


def test_a_formula_asked_with_a_part_of_speech_is_compared_by_the_vector_of_that_tag(monkeypatch):
    generator = np.random.default_rng(0)
    tags = ["NOUN", "VERB"] * 300
    words = [f"{'play' if number < 2 else f'word{number}'}_{tag}" for number, tag in enumerate(tags)]
    vectors = generator.normal(size=(len(words), 8)).astype(np.float32)
    inverse = (1 / np.linalg.norm(vectors, axis=1)).astype(np.float32)
    counts = np.arange(len(words), 0, -1) * 50
    tagged = Embedding("tagged", words, vectors, inverse, counts, encode_tags(tags))
    monkeypatch.setattr(Neighbours, "embedding", property(lambda _: tagged))
    text = "play - word7"
    noun, verb = (resolve(tagged, text, pos).vector for pos in ("NOUN", "VERB"))
    assert not np.array_equal(noun, verb)
    answer = Neighbours(word=text, n=5, pos="VERB").answer()
    shares, _pairs = shares_of_words(tagged, verb, [row.word for row in answer.rows])
    assert [row.percentile for row in answer.rows] == shares
