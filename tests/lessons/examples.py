"""Lessons that several tests go through, each computed once."""

from dataclasses import replace
from functools import cache

import numpy as np

from explorer.embeddings.embedding import Embedding
from explorer.lessons.example import article_example, own_example, trained_example
from explorer.lessons.lesson import lesson
from explorer.transformer import checkpoint
from explorer.transformer.configuration import Configuration
from explorer.translation.translators import SHIPPED


def small_embedding():
    words = ["you", "are", "welcome", "de", "nada", "here"]
    vectors = np.random.default_rng(0).normal(size=(6, 12)).astype(np.float32)
    inverse = (1 / np.linalg.norm(vectors, axis=1)).astype(np.float32)
    return Embedding("small", words, vectors, inverse, np.arange(6, 0, -1), np.zeros(6, np.uint8))


EXAMPLES = {
    "article": article_example,
    "two layers": lambda: article_example(seed=1, layers=2, heads=1),
    "phrase book": lambda: trained_example(checkpoint.load(SHIPPED), ["you", "are", "welcome"], ["de", "nada"]),
    "as in training": lambda: replace(article_example(seed=1), smoothing=0.1, dropout=0.2),
    "own": lambda: own_example(small_embedding(), ["you", "are", "you"], ["de", "nada"], Configuration(4)),
}


@cache
def example_lesson(name):
    return lesson(EXAMPLES[name]())
