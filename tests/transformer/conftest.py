"""A toy language: numbers in words, translated to numbers of another kind in reverse order."""

import numpy as np
import pytest

from explorer.transformer.configuration import Configuration
from explorer.transformer.parameters import initial_parameters
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


def random_sizes(random, seed):
    """What a random classifier and a random language model have in common."""
    heads = int(random.integers(1, 5))
    return {
        "d_model": heads * int(random.integers(1, 5)),
        "heads": heads,
        "layers": int(random.integers(1, 4)),
        "d_ff": int(random.integers(1, 20)),
        "norm": ("post", "pre")[seed % 2],
        "activation": ("relu", "gelu")[seed // 2 % 2],
        "scaled": bool(random.integers(2)),
        "longest": 9,
        "source_width": 3 if seed % 5 == 4 else 0,
    }


def uneven_parameters(configuration, seed, random):
    """Initial parameters, none of which is 0 or 1 any more."""
    parameters = initial_parameters(configuration, seed)
    return {name: array + random.normal(0, 0.1, array.shape) for name, array in parameters.items()}


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
