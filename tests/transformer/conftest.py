"""A toy language: numbers in words, translated to numbers of another kind in reverse order."""

import numpy as np
import pytest

from explorer.transformer.model import Configuration
from explorer.transformer.translator import Translator
from explorer.transformer.vocabulary import Vocabulary

ENGLISH = "one two three four five six".split()
SPANISH = "uno dos tres cuatro cinco seis".split()


def toy_pairs(count=120, seed=0):
    random = np.random.default_rng(seed)
    pairs = []
    for _ in range(count):
        numbers = random.integers(0, 6, random.integers(1, 5))
        pairs.append(([ENGLISH[n] for n in numbers], [SPANISH[n] for n in numbers[::-1]]))
    return pairs


def toy_translator(seed=0, dtype=np.float32, **changes):
    source, target = Vocabulary.of([ENGLISH]), Vocabulary.of([SPANISH])
    sizes = {"d_model": 16, "heads": 2, "layers": 1, "longest": 8, "scaled": True, "tied": True} | changes
    configuration = Configuration(**sizes, source_words=len(source), target_words=len(target))
    fresh = Translator.fresh(configuration, source, target, seed)
    parameters = {name: array.astype(dtype) for name, array in fresh.parameters.items()}
    return Translator(configuration, parameters, source, target)


@pytest.fixture(scope="session")
def trained_toy():
    from explorer.transformer.training import Recipe, Training

    training = Training(toy_translator(norm="pre"), Recipe(epochs=40, batch_size=16, rate=5e-3))
    return training.run(toy_pairs(800)).translator
