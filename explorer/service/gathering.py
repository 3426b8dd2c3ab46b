"""Light questions that come at the same moment are answered together: by one thread, after one reading of the vectors.

With a thread for each, they would take the interpreter from each other all the time, which costs more than the answers.
Nobody waits for others to come: together are those that came while the ones before were answered.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from contextvars import Context, copy_context
from dataclasses import dataclass
from typing import Any

from anyio.lowlevel import RunVar

from explorer.embeddings.search.nearest import Results, results, shared_results
from explorer.questions.question import Question

MOST_TOGETHER = 64  # with more, a reading is hardly cheaper for each, and the first waits for the last

_thread = ThreadPoolExecutor(1, "light questions")


@dataclass(frozen=True, eq=False)
class _Inquiry:
    question: Question
    compute: Callable[[], Any]
    context: Context
    outcome: asyncio.Future[Any]


class Gathering:
    """The light questions that wait in an event loop."""

    def __init__(self) -> None:
        self._waiting: list[_Inquiry] = []
        self._is_busy = False

    async def outcome(self, question: Question, compute: Callable[[], Any]) -> Any:
        """What `compute` returns, or raises; it asks the question, which is light."""
        loop = asyncio.get_running_loop()
        inquiry = _Inquiry(question, compute, copy_context(), loop.create_future())
        self._waiting.append(inquiry)
        if not self._is_busy:
            self._is_busy = True
            loop.call_soon(self._begin)  # after those that are here already
        return await inquiry.outcome

    def _begin(self) -> None:
        together, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
        self._is_busy = bool(together)
        if together:
            work = asyncio.get_running_loop().run_in_executor(_thread, _outcomes, together)
            work.add_done_callback(lambda _: self._deliver(together, work))

    def _deliver(self, together: list[_Inquiry], work: asyncio.Future[list[Any]]) -> None:
        failure = work.exception()
        outcomes = [(None, failure)] * len(together) if failure else work.result()
        for inquiry, (answer, error) in zip(together, outcomes, strict=True):
            if inquiry.outcome.done():  # nobody waits any more
                continue
            if error is None:
                inquiry.outcome.set_result(answer)
            else:
                inquiry.outcome.set_exception(error)
        self._begin()


def _outcomes(together: list[_Inquiry]) -> list[tuple[Any, BaseException | None]]:
    """What is returned, or raised, for each."""
    searches = []
    for inquiry in together:
        with suppress(Exception):  # its answer will say what is wrong
            searches.append(inquiry.context.run(inquiry.question.search))
    known: Results = {}
    with suppress(Exception):  # each then searches alone
        known = results(search for search in searches if search)
    return [inquiry.context.run(_outcome, inquiry.compute, known) for inquiry in together]


def _outcome(compute: Callable[[], Any], known: Results) -> tuple[Any, BaseException | None]:
    shared_results.set(known)
    try:
        return compute(), None
    except BaseException as error:  # is raised where somebody waits for it
        return None, error


_gathering: RunVar[Gathering] = RunVar("gathering")


def gathering() -> Gathering:
    """That of the event loop which runs."""
    try:
        return _gathering.get()
    except LookupError:
        _gathering.set(Gathering())
        return _gathering.get()
