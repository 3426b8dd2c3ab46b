"""The memory of a training: what a step frees, the next one takes."""

import platform

import numpy as np
import pytest

from explorer.transformer.batches import Batch
from explorer.transformer.memory import keep_freed_memory
from explorer.transformer.model import Configuration
from explorer.transformer.training import Recipe, Training
from explorer.transformer.translator import Translator
from explorer.transformer.vocabulary import MARKS, Vocabulary


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="other C libraries have no such switch")
def test_a_step_takes_the_memory_that_the_step_before_it_freed():
    """Pages that the system hands out anew are counted as faults."""
    import resource  # not on Windows

    words = Vocabulary([*MARKS, *map(str, range(1000 - len(MARKS)))])
    translator = Translator.fresh(Configuration(128, 4, 2), words, words, seed=0, dtype=np.float32)
    training = Training(translator, Recipe())
    keep_freed_memory()  # as `run` does
    batch = Batch(*np.random.default_rng(0).integers(len(MARKS), 1000, (3, 64, 16)))
    for _ in range(3):
        training.update(batch)
    before = resource.getrusage(resource.RUSAGE_THREAD).ru_minflt
    training.update(batch)
    assert resource.getrusage(resource.RUSAGE_THREAD).ru_minflt - before < 1000  # by itself glibc takes 2,000 to 12,000
