"""From a question that comes from afar to its answer: asked in a thread, given up when nobody waits for it any more,
and every mistake told as a sentence. HTTP and agents share it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from threading import Event

import anyio
from anyio.to_thread import run_sync

from explorer.discretion import without_places
from explorer.errors import NotThere, UserError
from explorer.questions.question import Progress, Question
from explorer.texts import _

LONGEST_ANSWER = 50_000_000  # characters
_LONG_AT_ONCE = 2  # questions that take longer than seconds, so that they do not take all threads of the pages

_long = anyio.CapacityLimiter(_LONG_AT_ONCE)
_ending = Event()


@dataclass(frozen=True)
class Refusal:
    """Why there is no answer: a sentence, the status that HTTP has for it, and what may have been meant."""

    sentence: str
    status: int = 400
    suggestions: tuple[str, ...] = ()


class _GivenUp(Exception):
    """Nobody waits for the answer any more, or the server ends."""


def give_up_all() -> None:
    """End all questions that are long, and those that come from now on: the server ends."""
    _ending.set()


async def answered(
    question: type[Question],
    ask: Callable[[], Question],
    form: str = "json",
    left: Callable[[], Awaitable[None]] | None = None,
    part: str = "",
) -> str | Refusal:
    """The answer's text to the question that `ask` makes of what came: JSON or a `part` of that, CSV, or with the form
    `excel` CSV with a byte order mark.

    `left` returns as soon as nobody waits any more. A question that is long then ends with its next progress, and when
    this coroutine is cancelled.
    """
    gone = Event()

    def progress(doing: str, share: float) -> None:
        if gone.is_set() or _ending.is_set():
            raise _GivenUp

    async def watch() -> None:
        if left is not None:
            await left()
            gone.set()

    async with anyio.create_task_group() as group:
        if question.is_long:
            group.start_soon(watch)
        try:
            answer = await run_sync(
                lambda: _written(question, ask, progress, form, part),
                limiter=_long if question.is_long else None,
                abandon_on_cancel=question.is_long,
            )
        finally:
            gone.set()
            group.cancel_scope.cancel()
    return answer


def _written(
    question: type[Question], ask: Callable[[], Question], progress: Progress, form: str, part: str
) -> str | Refusal:
    try:
        progress("", 0)  # it may have waited for its turn for long
        inquiry = ask()
        inquiry.check_form(form)
        answer = inquiry.answer(progress)
        if form == "json":
            text = as_json(answer.as_json()[part] if part else answer.as_json())
        else:
            text = answer.as_csv(byte_order_mark=form == "excel")
        if len(text) > LONGEST_ANSWER:
            raise UserError(
                _(
                    "The answer has {text:,} characters, but at most {longest_answer:,} are sent. Ask for less, or "
                    "ask on the command line or in Python.",
                    text=len(text),
                    longest_answer=LONGEST_ANSWER,
                )
            )
        return text
    except _GivenUp:
        return Refusal(_("This question was given up, for nobody waits for its answer or the server ends."), 503)
    except Exception as error:
        return refusal(error, question.name)


def refusal(error: Exception, name: str) -> Refusal:
    """An error as a sentence; one of the program goes into the log."""
    if isinstance(error, UserError):
        status = 404 if isinstance(error, NotThere) else 400
        return Refusal(without_places(str(error)), status, tuple(error.suggestions))
    if isinstance(error, MemoryError):
        return Refusal(_("The answer needs more memory than the server has. Ask for smaller sizes."))
    logging.getLogger(__name__).error("There is no answer to %s", name, exc_info=error)
    return Refusal(_("This is an error of the program, not of the question: the log of the server says more."), 500)


def as_json(answer: object) -> str:
    """An answer as JSON, which knows no NaN and no infinity."""
    return json.dumps(answer, ensure_ascii=False, allow_nan=False)
