"""How much somebody on another machine may ask of the API, and who may send files."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from contextlib import nullcontext
from hashlib import blake2b
from urllib.parse import quote, urlencode

from starlette.datastructures import Headers
from starlette.responses import RedirectResponse
from starlette.types import ASGIApp, Receive, Scope, Send

from explorer import serving
from explorer.access import rights
from explorer.access.rights import Kind, Right
from explorer.questions.words import Complete
from explorer.service.answering import Refusal
from explorer.service.commons import BUCKETS, COMING, FILES, RECEIVING, SLOTS, Commons
from explorer.service.http import counted_as, refused
from explorer.service.journal import is_of_api
from explorer.texts import _, _n

_NEIGHBOURS = 8  # slots in which an address may stand: of these, the one that was quiet for longest is forgotten first
_FILES_HELD = 2  # largest files together, of all sessions
_COMPLETION = f"/api/v1/{Complete.name}"  # asked at every key press in a box for words
_UPLOADS, _FILES, _METRICS = "/_stcore/upload_file/", "/media/", ("/metrics", "/_stcore/metrics")


class Rate:
    """At most so many requests a minute of each address, at all workers together: a bucket of tokens that refills
    evenly. 0 is no limit."""

    def __init__(self, most: int, clock: Callable[[], float] = time.monotonic, memory: Commons | None = None) -> None:
        self._most, self._clock = most, clock
        self._memory = memory or Commons()

    def wait(self, address: str, apart: str = "") -> int:
        """0 for a request that is answered, and is counted; else after how many seconds the next one is. Those of a
        kind that is named are counted `apart` from the others."""
        if not self._most:
            return 0
        now = self._clock()
        with self._memory.alone(BUCKETS):
            place, key, tokens, then = self._bucket(serving.household(address) + apart, now)
            tokens = min(float(self._most), tokens + (now - then) * self._most / 60)
            self._memory.fill(place, key, tokens - 1 if tokens >= 1 else tokens, now)
        return 0 if tokens >= 1 else math.ceil((1 - tokens) * 60 / self._most)

    def _bucket(self, household: str, now: float) -> tuple[int, int, float, float]:
        """The slot of an address, its key there, its tokens, and when these were counted. A new one has all tokens."""
        key = int.from_bytes(blake2b(household.encode(), digest_size=8).digest(), "big") or 1
        slots = []
        for step in range(_NEIGHBOURS):
            place = (key + step) % SLOTS
            kept, tokens, then = self._memory.slot(place)
            if kept == key:
                return place, key, tokens, then
            slots.append((kept != 0, then, place))
        return min(slots)[2], key, float(self._most), now


class Limits:
    """Middleware that bounds the requests of other machines, and takes files only of those who may import.

    `held` counts the bytes of the files that are in memory: those of one session may be any number. Those that are
    on their way count as well, and those of the other workers.
    """

    def __init__(
        self, app: ASGIApp, rate: Rate, held: Callable[[], int] = lambda: 0, memory: Commons | None = None
    ) -> None:
        self._app, self._rate, self._held = app, rate, held
        self._memory = memory or Commons()
        self._coming = 0  # bytes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        coming = _size(scope)
        # Two files that come at the same moment do not both get the last place.
        with self._memory.alone(RECEIVING) if coming else nullcontext():
            refusal = self._refusal(scope)
            if refusal is None:
                self._come(coming)
        if refusal is not None:
            await refusal(scope, receive, send)
            return
        try:
            await self._app(scope, receive, send)
        finally:
            self._come(-coming)

    def _come(self, size: int) -> None:
        """So many bytes more are on their way; they are held when they have come."""
        if size:
            self._coming += size
            self._memory.say(FILES, self._held())
            self._memory.say(COMING, self._coming)

    @property
    def _files(self) -> float:
        """The bytes of files that the server holds, and will hold soon."""
        return self._held() + self._coming + self._memory.of_others(FILES) + self._memory.of_others(COMING)

    def _refusal(self, scope: Scope) -> ASGIApp | None:
        address, headers = asker(scope)
        path, who = scope["path"], rights.somebody()
        if path.startswith(_UPLOADS) and scope["method"] not in ("OPTIONS", "GET", "HEAD"):
            here = serving.is_here(address, headers)
            if not who.may(Right.CHANGE):
                return refused(Refusal(_("Visitors may not import here, so no file is taken."), 403))
            most = _FILES_HELD * serving.settings().upload * 2**20
            if (size := _size(scope)) and not here and self._files + size > most:
                sentence = _("The server holds as many uploaded files as it may. Send this one again in a while.")
                return refused(Refusal(sentence, 503, retry_after=60))
        elif is_of_api(path):
            apart = _COMPLETION if path.endswith(_COMPLETION) else ""
            if not serving.is_here(address, headers) and (wait := self._rate.wait(counted_as(address), apart)):
                return refused(_too_many(wait))
            return _to_login(scope, headers) or _without(Right.ASK)
        elif path.startswith(_FILES):
            return _to_login(scope, headers) or _without(Right.ASK)
        elif path in _METRICS and address is not None:  # a worker that asks another one has no address
            return _without(Right.ADMINISTER) if serving.settings().login else None
        return None


def _to_login(scope: Scope, headers: Headers) -> ASGIApp | None:
    """Where somebody is led who opens a talk or a result in a browser before they have logged in: to the login, which
    leads back."""
    path, who = scope["path"], rights.somebody()
    is_page = scope["method"] == "GET" and "/api/" not in f"{path}/" and "text/html" in headers.get("accept", "")
    if not is_page or who.kind is not Kind.STRANGER or who.refusal:
        return None
    query = scope["query_string"].decode("latin-1")
    asked = f"{quote(path)}?{query}" if query else quote(path)
    return RedirectResponse(f"/?{urlencode({'asked': asked})}", 303)


def _without(right: Right) -> ASGIApp | None:
    """What somebody is answered who lacks a right: that they have to log in, or that they may not."""
    who = rights.somebody()
    if who.may(right):
        return None
    if who.kind is not Kind.STRANGER:
        return refused(Refusal(_("The right “{right}” is missing: this may not be asked here.", right=right), 403))
    wrong, remedy = (
        who.refusal or _("One has to log in here."),
        _("Log in on the pages, or send a token: Authorization: Bearer TOKEN."),
    )
    response = refused(Refusal(f"{wrong} {remedy}", 401))
    response.headers["WWW-Authenticate"] = 'Bearer realm="Embedding Explorer"'
    return response


def _too_many(wait: int) -> Refusal:
    by_person = rights.somebody().owner and serving.settings().login
    sentence = (
        _n(
            "These are more requests than one person may send a minute. Ask again in {count} second.",
            "These are more requests than one person may send a minute. Ask again in {count} seconds.",
            wait,
        )
        if by_person
        else _n(
            "These are more requests than one address may send a minute. Ask again in {count} second.",
            "These are more requests than one address may send a minute. Ask again in {count} seconds.",
            wait,
        )
    )
    return Refusal(sentence, 429, retry_after=wait)


def _size(scope: Scope) -> int:
    """The bytes of the file that a request sends: as many as it announces, and otherwise as many as a file may have."""
    if not scope["path"].startswith(_UPLOADS) or scope["method"] != "PUT":
        return 0
    headers = Headers(scope=scope)
    length = headers.get("content-length", "")
    if "transfer-encoding" not in headers and length.isascii() and length.isdecimal():
        return int(length)
    return serving.settings().upload * 2**20


def asker(scope: Scope) -> tuple[str | None, Headers]:
    """From which address a request or a connection comes, as far as it is known, and its headers."""
    client = scope.get("client")
    return client[0] if client else None, Headers(scope=scope)
