"""Runs of pages take turns."""

import threading
from contextlib import ExitStack

import pytest

from explorer.ui.turns import Turns
from tests.patience import PATIENCE


class Run(threading.Thread):
    """A thread that is in its turn until `end`."""

    def __init__(self, turns, name, line):
        super().__init__(name=name, daemon=True)
        self.turns, self.line = turns, line
        self.begun, self.end = threading.Event(), threading.Event()
        self.start()

    def run(self):
        with self.turns.turn():
            self.line.append(self.name)
            self.begun.set()
            self.end.wait(PATIENCE)

    def finish(self):
        self.end.set()
        self.join(PATIENCE)
        assert not self.is_alive()


def test_one_is_in_its_turn_at_a_time_and_the_next_begins_when_it_ends():
    turns, line = Turns(longest=PATIENCE), []
    first = Run(turns, "first", line)
    assert first.begun.wait(PATIENCE)
    second = Run(turns, "second", line)
    assert not second.begun.wait(0.05)
    first.finish()
    assert second.begun.wait(PATIENCE)
    second.finish()
    assert line == ["first", "second"]


def test_who_comes_first_is_first():
    turns, line, waiting = Turns(longest=PATIENCE), [], []
    first = Run(turns, "0", line)
    assert first.begun.wait(PATIENCE)
    for number in range(1, 6):
        last = turns._last
        waiting.append(Run(turns, str(number), line))
        for _ in range(10_000):
            if turns._last is not last:
                break
            waiting[-1].join(0.001)
        assert turns._last is not last
    for each in (first, *waiting):
        each.end.set()
    for each in (first, *waiting):
        each.finish()
    assert line == ["0", "1", "2", "3", "4", "5"]


def test_a_turn_that_does_not_end_holds_up_nobody_for_longer_than_stated():
    turns, line = Turns(longest=0.01), []
    stuck = Run(turns, "stuck", line)
    assert stuck.begun.wait(PATIENCE)
    following = Run(turns, "next", line)
    assert following.begun.wait(PATIENCE)
    following.finish()
    assert stuck.is_alive()
    stuck.finish()


@pytest.mark.parametrize("error", [ValueError, SystemExit])
def test_a_turn_ends_with_an_error(error):
    turns = Turns(longest=PATIENCE)
    with pytest.raises(error), turns.turn():
        raise error
    with turns.turn():
        pass


def test_a_turn_within_a_turn_is_part_of_it():
    turns = Turns(longest=PATIENCE)
    with ExitStack() as stack:
        for _ in range(3):
            stack.enter_context(turns.turn())
