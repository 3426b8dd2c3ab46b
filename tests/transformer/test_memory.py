"""The memory of a training: what a step frees, the next one takes."""

import platform

import numpy as np
import pytest

from explorer.transformer.configuration import Configuration
from explorer.transformer.training import Recipe, Training
from explorer.transformer.translator import Translator
from explorer.transformer.vocabulary import MARKS, Vocabulary


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no such switch")
def test_a_step_takes_the_memory_that_the_step_before_it_freed():
    """Pages that the system hands out anew are counted as faults."""
    import resource  # not on Windows

    words = Vocabulary([*MARKS, *map(str, range(1000 - len(MARKS)))])
    translator = Translator.fresh(Configuration(128, 4, 2), words, words, seed=0, dtype=np.float32)
    pairs = [
        (tuple(f"{random}" for random in row), ("1",) * 15)
        for row in np.random.default_rng(0).integers(900, size=(64, 15))
    ]
    faults = []

    def after_each(_training):
        faults.append(resource.getrusage(resource.RUSAGE_THREAD).ru_minflt)

    Training(translator, Recipe(batch_size=64, epochs=5)).run(pairs, (), after_each)
    assert faults[-1] - faults[-2] < 1000  # by itself glibc takes 2,000 to 12,000
