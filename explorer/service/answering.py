"""From a question that comes from afar to its answer: asked in a thread, given up when nobody waits for it any more,
and every mistake told as a sentence. HTTP and agents share it.
"""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from threading import Event, Timer
from time import monotonic

import anyio
from anyio.to_thread import run_sync

from explorer.access.discretion import without_places
from explorer.errors import NotThere, UserError
from explorer.questions.question import Basis, Progress, Question
from explorer.service.answer_cache import AnswerCache
from explorer.service.asking import Asker, GivenUp, OutOfTime, asking, observe_kept
from explorer.service.gathering import MOST_TOGETHER, gathering
from explorer.texts import _

LONGEST_ANSWER = 50_000_000  # characters
LONGEST_WAIT = 30  # seconds that a question from elsewhere waits for its turn

# Pages compute in the same process: many questions at once would leave them little of it.
_quick = anyio.CapacityLimiter(16)
_long = anyio.CapacityLimiter(2)  # those that may take longer than seconds
_turns: dict[tuple[str, int], tuple[anyio.Semaphore, int]] = {}  # of an address: half of so many places, not all
_ending, _over = Event(), Event()
answers = AnswerCache()
"""The answers to light questions."""


@dataclass(frozen=True)
class Refusal:
    """Why there is no answer: a sentence, the status that HTTP has for it, what may have been meant, and after how many
    seconds the same may be asked again, where that helps."""

    sentence: str
    status: int = 400
    suggestions: tuple[str, ...] = ()
    retry_after: int | None = None


def end(grace: float) -> None:
    """The server ends: give up the questions that are long and not answered in so many seconds."""
    _ending.set()
    if grace:
        timer = Timer(grace, _over.set)
        timer.daemon = True
        timer.start()
    else:
        _over.set()


def is_ending() -> bool:
    """Whether the server ends, and should be asked no more."""
    return _ending.is_set()


async def answered(
    question: type[Question],
    ask: Callable[[], Question],
    form: str = "json",
    left: Callable[[], Awaitable[None]] | None = None,
    part: str = "",
    asker: Asker | None = None,
    is_short: bool = False,
) -> str | Refusal:
    """The answer's text to the question that `ask` makes of what came: JSON or a `part` of that, CSV, or with the form
    `excel` CSV with a byte order mark.

    `left` returns as soon as nobody waits any more. A question that is long then ends with its next progress, and when
    this coroutine is cancelled. `asker` is who asks; one from elsewhere does not wait for long for a turn. What came
    `is_short` where it is read at once: the question may be light then.
    """
    gone, asked_at = Event(), monotonic()

    def progress(doing: str, share: float) -> None:
        if gone.is_set() or _over.is_set():
            raise GivenUp

    def compute(ask: Callable[[], Question] = ask) -> str | Refusal:
        asking.set(asker)
        if asker and asker.address and monotonic() - asked_at > LONGEST_WAIT:
            return Refusal(_("Too many questions wait for an answer at the moment."), 503, retry_after=LONGEST_WAIT)
        return _written(question, ask, progress, form, part)

    address = asker.address if asker else ""
    if is_short and question.basis is not Question.basis and (light := _light(ask)):
        inquiry, basis = light
        if text := answers.get(basis, inquiry, form, part):
            observe_kept(inquiry, asker)
            return text
        async with _turn(address, MOST_TOGETHER):
            outcome: str | Refusal = await gathering().outcome(inquiry, lambda: compute(lambda: inquiry))
        if isinstance(outcome, str):
            answers.keep(outcome, basis, inquiry, form, part)
        return outcome

    async def watch() -> None:
        if left is not None:
            await left()
            gone.set()

    async with anyio.create_task_group() as group:
        if question.is_long:
            group.start_soon(watch)
        limiter = _long if question.is_long else _quick
        try:
            async with _turn(address, int(limiter.total_tokens)):
                answer = await run_sync(compute, limiter=limiter, abandon_on_cancel=question.is_long)
        finally:
            gone.set()
            group.cancel_scope.cancel()
    return answer


def _light(ask: Callable[[], Question]) -> tuple[Question, Basis] | None:
    """The question, where it is a light one, and what its answer is made from."""
    try:
        inquiry = ask()
        basis = inquiry.basis()
    except UserError:  # which is said where it is answered
        return None
    return (inquiry, basis) if basis else None


@asynccontextmanager
async def _turn(address: str, places: int) -> AsyncIterator[None]:
    """The turn of an address, which has half of the places at most, for others wait as well."""
    if not address:
        yield
        return
    key = (address, places)
    semaphore, waiting = _turns.get(key, (anyio.Semaphore(places // 2), 0))
    _turns[key] = semaphore, waiting + 1
    try:
        async with semaphore:
            yield
    finally:
        semaphore, waiting = _turns.pop(key)
        if waiting > 1:
            _turns[key] = semaphore, waiting - 1


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
    except GivenUp:
        return Refusal(_("This question was given up, for nobody waits for its answer or the server ends."), 503)
    except Exception as error:
        return refusal(error, question.name)


def refusal(error: Exception, name: str) -> Refusal:
    """An error as a sentence; one of the program goes into the log."""
    if isinstance(error, UserError):
        status = 404 if isinstance(error, NotThere) else 503 if isinstance(error, OutOfTime) else 400
        return Refusal(without_places(str(error)), status, tuple(error.suggestions))
    if isinstance(error, MemoryError):
        return Refusal(_("The answer needs more memory than the server has. Ask for smaller sizes."))
    logging.getLogger(__name__).error("There is no answer to %s", name, exc_info=error)
    return Refusal(_("This is an error of the program, not of the question: the log of the server says more."), 500)


def as_json(answer: object) -> str:
    """An answer as JSON, which knows no NaN and no infinity."""
    return json.dumps(answer, ensure_ascii=False, allow_nan=False)
