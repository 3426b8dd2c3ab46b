"""Many visitors and programs for some minutes, while workers are killed."""

import os

import pytest

from benchmarks.endurance import run

MINUTES = float(os.environ.get("MINUTES", "3"))  # MINUTES=30 pytest -m nightly tests/service/test_endurance.py


@pytest.fixture(autouse=True)
def _environment(monkeypatch):
    for name in ("EXPLORER_MODELS", "EXPLORER_CACHE"):
        monkeypatch.setenv(name, os.environ.get(name, ""))  # it is as before afterwards


@pytest.mark.nightly
@pytest.mark.parametrize("kill", [0, 60])
def test_no_answer_is_lost_and_memory_does_not_grow(kill):
    record, errors = run(MINUTES, kill)
    print(record)
    assert (record.lost, errors) == ([], "")
    assert record.killed > 0 if kill else (record.repetitions, record.killed) == (0, 0)
    assert kill or record.growth < 0.05  # a worker that begins anew has less than before
