"""A line of JSON on standard error for each answer of the API: which question it was and how it went, without words."""

from __future__ import annotations

import json
import logging
import re
import sys
import time
import traceback
from datetime import UTC, datetime
from typing import Any

from starlette.types import ASGIApp, Message, Receive, Scope, Send

from explorer.service import metrics

_log = logging.getLogger("explorer.answers")
_NOTES = "explorer.notes"  # where in a request's scope its handler writes what it learns of it


def is_of_api(path: str) -> bool:
    """Whether an address asks a question, rather than for a page and what belongs to it."""
    return "/api/" in f"{path}/" or re.match("/(talk(/|$)|atlas$|[a-z]{2}/)", path) is not None


def note(scope: Scope, **notes: Any) -> None:
    """Have the line of a request say something more."""
    scope.get(_NOTES, {}).update(notes)


class Journal:
    """Middleware that measures and logs the answers of the API; with `queries`, also what was asked."""

    def __init__(self, app: ASGIApp, queries: bool = False) -> None:
        self._app, self._queries = app, queries

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not is_of_api(scope["path"]):
            await self._app(scope, receive, send)
            return
        notes: dict[str, Any] = {}
        status, size, start = 500, 0, time.perf_counter()

        async def count(message: Message) -> None:
            nonlocal status, size
            if message["type"] == "http.response.start":
                status = message["status"]
            else:
                size += len(message.get("body", b""))
            await send(message)

        try:
            await self._app({**scope, _NOTES: notes}, receive, count)
        finally:
            seconds = time.perf_counter() - start
            metrics.observe_request(status, seconds, size)
            asked = {"path": scope["path"], "query": scope["query_string"].decode("latin-1")} if self._queries else {}
            line = {"method": scope["method"], "status": status, "seconds": round(seconds, 4), "bytes": size}
            _log.info(
                "answer", extra={"notes": {**notes, **line, "address": (scope.get("client") or (None,))[0], **asked}}
            )


class Lines(logging.Formatter):
    """Records as JSON, one a line. Of an error, the message may hold what was asked: it stands there with `queries`."""

    def __init__(self, queries: bool = False) -> None:
        super().__init__()
        self._queries = queries

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": datetime.fromtimestamp(record.created, UTC).isoformat(timespec="milliseconds"),
            "level": record.levelname.lower(),
            "message": record.getMessage(),
            **getattr(record, "notes", {}),
        }
        if record.exc_info and (error := record.exc_info[1]):
            line["error"] = type(error).__name__
            line["traceback"] = [
                f"{frame.name}, line {frame.lineno}" for frame in traceback.extract_tb(error.__traceback__)
            ]
            if self._queries:
                line["problem"] = str(error)
        return json.dumps(line)


def begin(log: str) -> None:
    """Write the log to standard error, as the option `log` says; with “none” everything stays as Python has it."""
    if log == "none":
        return
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(Lines(log == "queries"))
    logger = logging.getLogger("explorer")
    logger.handlers, logger.propagate = [handler], False
    logger.setLevel(logging.INFO)
