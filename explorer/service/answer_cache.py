"""Answers that somebody has asked for before, to be given again: most questions ask about few words."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Hashable
from sys import getsizeof
from weakref import ref

from explorer.questions.question import Basis

MOST = 32 * 2**20  # bytes of all answers, and of what they are found by
_KEY = 1_000  # bytes that an answer is found by, roughly


class AnswerCache:
    """The answers that were asked for last, by what they are made from and what was asked. No model stays open for
    them."""

    def __init__(self, most: int = MOST) -> None:
        self._most, self._size = most, 0
        self._answers: OrderedDict[Hashable, str] = OrderedDict()  # the one that was asked for last stands last

    def get(self, basis: Basis, *asked: Hashable) -> str | None:
        """The answer, where it is kept."""
        key = self._key(basis, asked)
        if answer := self._answers.get(key):
            self._answers.move_to_end(key)
        return answer

    def keep(self, answer: str, basis: Basis, *asked: Hashable) -> None:
        """Keep an answer, and let go of those for which there is no more room."""
        key = self._key(basis, asked)
        if key not in self._answers:
            self._size += _size(answer)
        self._answers[key] = answer
        while self._size > self._most:
            _oldest, answer = self._answers.popitem(last=False)
            self._size -= _size(answer)

    @staticmethod
    def _key(basis: Basis, asked: tuple[Hashable, ...]) -> Hashable:
        return ref(basis.embedding), basis.state, asked


def _size(answer: str) -> int:
    return getsizeof(answer) + _KEY
