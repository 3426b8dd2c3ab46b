"""Questions in the process that serves them: how long each took at which door is counted, and one from elsewhere is
given up when it has been computed for long enough. The questions themselves know nothing of it."""

from __future__ import annotations

import math
import time
from collections.abc import Callable, Iterable
from contextvars import ContextVar
from dataclasses import dataclass
from functools import wraps
from typing import Any

from explorer.answers import Answer
from explorer.errors import UserError
from explorer.questions.question import Progress, Question, silent
from explorer.service import metrics
from explorer.texts import _n


@dataclass(frozen=True)
class Asker:
    """Who asks: by which `door`, how many `seconds` an answer may take to compute, and from which `address`, where what
    one address asks at once is bounded."""

    door: str
    seconds: float = math.inf
    address: str = ""


class OutOfTime(UserError):
    """An answer takes longer to compute than who asks may have it computed."""


class GivenUp(Exception):
    """Nobody waits for the answer any more, or the server ends."""


asking: ContextVar[Asker | None] = ContextVar("asking", default=None)
_inside: ContextVar[bool] = ContextVar("inside", default=False)


def patience(seconds: int, is_here: bool) -> float:
    """How long an answer may take: from this machine, and where no limit is set, as long as it needs."""
    return math.inf if is_here or not seconds else float(seconds)


def watch(questions: Iterable[type[Question]], page: Callable[[], Asker]) -> None:
    """Count and bound all questions from now on; `page` says who asks where no door has said so."""
    for question in questions:
        _watch(question, page)


def observe_kept(question: Question, asker: Asker | None) -> None:
    """Count a question whose answer was at hand."""
    metrics.observe_question(question.name, asker.door if asker else "", "kept", 0)


def _watch(question: type[Question], page: Callable[[], Asker]) -> None:
    compute = question.answer

    @wraps(compute)
    def answer(self: Question, progress: Progress = silent, *watching: Any) -> Answer:
        if _inside.get():  # a question that another one asks is part of its answer
            return compute(self, progress, *watching)
        asker = asking.get() or page()
        start = time.perf_counter()

        def patient(doing: str, share: float) -> None:
            if time.perf_counter() - start > asker.seconds:
                raise OutOfTime(
                    _n(
                        "This takes longer than the second that visitors of this server have. Ask for less, or ask on "
                        "a machine of your own.",
                        "This takes longer than the {count} seconds that visitors of this server have. Ask for less, "
                        "or ask on a machine of your own.",
                        round(asker.seconds),
                    )
                )
            progress(doing, share)

        token = _inside.set(True)
        outcome = "failed"
        try:
            result = compute(self, patient, *watching)
            outcome = "answered"
            return result
        except OutOfTime:
            outcome = "out of time"
            raise
        except UserError:
            outcome = "refused"
            raise
        except GivenUp:
            outcome = "given up"
            raise
        finally:
            _inside.reset(token)
            metrics.observe_question(question.name, asker.door, outcome, time.perf_counter() - start)

    question.answer = answer  # type: ignore[method-assign]
