"""Runs of pages take turns."""

import threading
from contextlib import ExitStack

import pytest

from explorer.ui.turns import Turns

_PATIENCE = 60  # seconds; nothing waits for as long unless it hangs


def _run(turns: Turns, name: str, line: list[str], end: threading.Event) -> threading.Thread:
    """A thread that is in its turn until `end`."""

    def run() -> None:
        with turns.turn():
            line.append(name)
            end.wait(_PATIENCE)

    thread = threading.Thread(target=run, name=name)
    thread.start()
    return thread


def _last_in_line(turns: Turns, before: object) -> None:
    while turns._last is before:
        threading.Event().wait(0.001)


def test_who_comes_first_is_first_and_one_at_a_time():
    turns, line = Turns(longest=_PATIENCE), []
    ends = [threading.Event() for _ in range(5)]
    threads = []
    for number, end in enumerate(ends):
        before = turns._last
        threads.append(_run(turns, str(number), line, end))
        _last_in_line(turns, before)
    for number, (thread, end) in enumerate(zip(threads, ends, strict=True)):
        end.set()
        thread.join(_PATIENCE)
        assert line[: number + 1] == [str(place) for place in range(number + 1)]
        assert len(line) <= number + 2


def test_a_turn_that_does_not_end_holds_up_nobody_for_longer_than_stated():
    turns, line, never = Turns(longest=0.01), [], threading.Event()
    stuck = _run(turns, "stuck", line, never)
    while not line:
        pass
    done = threading.Event()
    done.set()
    _run(turns, "next", line, done).join(_PATIENCE)
    assert line == ["stuck", "next"]
    assert stuck.is_alive()
    never.set()
    stuck.join(_PATIENCE)


@pytest.mark.parametrize("error", [ValueError, SystemExit])
def test_a_turn_ends_with_an_error(error):
    turns = Turns(longest=_PATIENCE)
    with pytest.raises(error), turns.turn():
        raise error
    with turns.turn():
        pass


def test_a_turn_within_a_turn_is_part_of_it():
    turns = Turns(longest=_PATIENCE)
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(turns.turn())
