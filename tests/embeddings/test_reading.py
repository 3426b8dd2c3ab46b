"""Questions of several threads that share a reading of the vectors."""

from concurrent.futures import ThreadPoolExecutor
from threading import Event

import numpy as np
import pytest

from explorer.embeddings.search import exact
from explorer.embeddings.search.reading import Reading
from tests.patience import PATIENCE

RANDOM = np.random.default_rng(0)
VECTORS = RANDOM.normal(size=(5000, 20)).astype(np.float32)
INVERSE_NORMS = 1 / np.linalg.norm(VECTORS, axis=1)
QUERIES = [*VECTORS[:6], *RANDOM.normal(size=(6, 20))]  # float32 and float64


def ask_at_once(monkeypatch, queries):
    """The futures of all queries, of which the first is being answered while the others come."""
    reading, begun, go_on = Reading(VECTORS, INVERSE_NORMS), Event(), Event()
    many = exact.nearest_of_many

    def wait(*arguments):
        begun.set()
        go_on.wait(PATIENCE)
        return many(*arguments)

    monkeypatch.setattr(exact, "nearest_of_many", wait)
    with ThreadPoolExecutor(len(queries)) as threads:
        futures = [threads.submit(reading.nearest, queries[0], 5)]
        begun.wait(PATIENCE)
        futures += [threads.submit(reading.nearest, query, k) for k, query in enumerate(queries[1:], start=1)]
        while len(reading._waiting) < len(queries) - 1:
            assert not any(future.done() for future in futures)  # none has failed meanwhile
        monkeypatch.undo()
        go_on.set()
    return futures


def test_who_waits_is_answered_by_the_next_reading_as_if_he_were_alone(monkeypatch):
    many, sizes = exact.nearest_of_many, []
    monkeypatch.setattr(exact, "nearest_of_many", lambda *given: sizes.append(len(given[2])) or many(*given))
    with monkeypatch.context() as inner:
        futures = ask_at_once(inner, QUERIES)
    assert sizes == [1, len(QUERIES) - 1]
    for k, (query, future) in enumerate(zip(QUERIES, futures, strict=True)):
        rows, scores = exact.nearest(VECTORS, INVERSE_NORMS, query, k or 5)
        np.testing.assert_array_equal(future.result()[0], rows)
        np.testing.assert_array_equal(future.result()[1], scores)


def no_memory_for_several(monkeypatch):
    """From now on, a reading for several queries fails."""
    many = exact.nearest_of_many

    def fail_for_several(*given):
        if len(given[2]) > 1:
            raise MemoryError
        return many(*given)

    monkeypatch.setattr(exact, "nearest_of_many", fail_for_several)


def test_an_error_reaches_all_who_wait_and_the_next_is_answered(monkeypatch):
    no_memory_for_several(monkeypatch)
    with monkeypatch.context() as inner:
        first, *others = ask_at_once(inner, QUERIES)
    assert len(first.result()[0]) == 5
    for future in others:
        with pytest.raises(MemoryError):
            future.result()
    assert len(Reading(VECTORS, INVERSE_NORMS).nearest(QUERIES[0], 3)[0]) == 3
