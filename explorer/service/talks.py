"""Talks over HTTP: the page of one at `/talk?deck=NAME`, and what a live scene asks for at `/talk/view?page=…`.

Where a talk has a room, phones reach it: `/` leads in, `/talk/room` says what happens there as server-sent events and
takes what somebody does by POST, and `/talk/phone` has the presenter's next code. Who somebody is stands in a cookie.
"""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import anyio
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response, StreamingResponse
from starlette.routing import Route

from explorer import places
from explorer.access import rights
from explorer.errors import UserError
from explorer.initialisation import library
from explorer.service.answering import Refusal, as_json, refusal
from explorer.service.asking import asking
from explorer.service.http import asker_of, parameters, refused, sent
from explorer.talks.deck import Deck, names, open_deck
from explorer.talks.rehearsal import Talk, rehearse
from explorer.talks.room import Refused, Room, subjects
from explorer.talks.state import LONGEST_PAGE
from explorer.texts import _

_LONGEST_ACT = 10_000  # bytes
_QUIET = 4.0  # seconds after which everything is said again: a page that hears nothing for longer is cut off
_PAUSES = {True: 0.03, False: 0.3}  # seconds between two messages to who presents, and to a visitor

State = tuple[tuple[str, int], ...]  # of folders: their paths, and when they changed last

_computing = anyio.CapacityLimiter(2)  # talks and live scenes at once: the pages need threads as well


def routes(deck: Callable[[str], Deck] = open_deck) -> list[Route]:
    """Where talks are; `deck` opens the one of a name."""

    def page(request: Request) -> Response:
        named = parameters(request).get("deck", [""])[0]
        if not named:
            raise UserError(_("Name a talk: /talk?deck=NAME. There are: {names}.", names=", ".join(names())))
        return _html(page_of(deck(named)))

    async def talk(request: Request) -> Response:
        return await _answered(page, request)

    async def view(request: Request) -> Response:
        return await _answered(_view, request)

    return [Route("/talk", talk), Route("/talk/view", view)]


def rehearsal_of(deck: Deck) -> Talk:
    """A talk with every scene computed; the same talk is computed once, until a model or a comparison changes."""
    return _rehearsal(deck, at_hand())


def page_of(deck: Deck) -> str:
    """The page of a talk."""
    return _page_with(deck, at_hand())


@lru_cache(maxsize=8)
def _rehearsal(deck: Deck, _state: State) -> Talk:
    return rehearse(deck)


@lru_cache(maxsize=8)
def _page_with(deck: Deck, state: State) -> str:
    from explorer.talks.document import as_html

    return as_html(_rehearsal(deck, state))


def at_hand() -> State:
    """The models and comparisons that answers come from, when each was last exchanged, and for whom they are."""
    homes = dict.fromkeys((places.SHIPPED_MODELS, library.SHIPPED, places.MODELS, places.RESULTS))
    folders = sorted(folder for home in homes for folder in home.glob("*"))
    states = []
    for folder in folders:
        with suppress(FileNotFoundError):  # it is being removed
            states.append((str(folder), folder.stat().st_mtime_ns))
    return ((rights.somebody().view, 0), *states)


async def _answered(answer: Callable[[Request], Response], request: Request) -> Response:
    """An answer that takes long to find, or why there is none."""

    def compute() -> Response:
        asking.set(asker_of(request, "talk"))
        return answer(request)

    try:
        return await run_sync(compute, limiter=_computing)
    except UserError as error:
        return _refused(error)


def _refused(error: UserError) -> Response:
    if isinstance(error, Refused):
        return refused(Refusal(str(error), error.status))
    return refused(refusal(error, "talk"))


def _html(text: str) -> Response:
    return HTMLResponse(text, headers={"X-Content-Type-Options": "nosniff"})


def _page(request: Request) -> str:
    page = parameters(request).get("page", [""])[0]
    if not page or len(page) > LONGEST_PAGE:
        raise UserError(_("Name the page to draw, such as /talk/view?page=neighbours%3Fword%3Dairplane."))
    return page


def _view(request: Request) -> Response:
    """The drawing of a page, as a live scene asks for it."""
    return sent(_drawing(_page(request), at_hand()), "json")


@lru_cache(maxsize=64)
def _drawing(page: str, _state: State) -> str:
    from explorer.talks.views import view

    return as_json({"drawing": view(page).drawing})


@dataclass(frozen=True)
class Served:
    """A talk with a room that phones reach at `link`."""

    deck: Deck
    room: Room
    link: str

    @classmethod
    def at(cls, link: str, deck: Deck) -> Served:
        return cls(deck, Room(subjects(rehearsal_of(deck))), link)

    @property
    def remote(self) -> str:
        """Where the presenter's phone asks for the code."""
        return f"{self.link}talk#presenter"

    def routes(self) -> list[Route]:
        return [
            Route("/", self._enter),
            Route("/talk", self._talk),
            Route("/talk/view", self._view),
            Route("/talk/room", self._listen, methods=["GET"]),
            Route("/talk/room", self._act, methods=["POST"]),
            Route("/talk/phone", self._phone),
        ]

    # Who somebody is

    def _person(self, request: Request) -> str:
        """The presenter's name, where the cookies have it, or else the visitor's."""
        presenter = request.cookies.get(f"presenter-{self.room.name}", "")
        if self.room.is_presenter(presenter):
            return presenter
        return request.cookies.get(f"visitor-{self.room.name}", "")

    def _know(self, response: Response, kind: str, name: str) -> None:
        """Have a browser say who it is from now on, to this server alone."""
        response.set_cookie(f"{kind}-{self.room.name}", name, httponly=True, samesite="lax")

    # Pages

    async def _enter(self, request: Request) -> Response:
        response = RedirectResponse("/talk")
        key = request.query_params.get("key", "")
        if self.room.is_presenter(key):
            self._know(response, "presenter", key)
        return response

    async def _talk(self, request: Request) -> Response:
        person = self._person(request)
        presents = self.room.is_presenter(person)
        response = _html(await run_sync(_page_in, self, presents, limiter=_computing))
        response.headers["Cache-Control"] = "no-store"  # it differs by who asks
        if not presents and (name := self.room.admit(person, _address(request))):
            self._know(response, "visitor", name)
        return response

    async def _view(self, request: Request) -> Response:
        """What a live scene shows: for who does not present, only what it shows now."""

        def answer(request: Request) -> Response:
            if not self.room.is_presenter(self._person(request)) and _page(request) != self.room.state.page:
                raise Refused(_("Only the presenter can do this."), 403)
            return _view(request)

        return await _answered(answer, request)

    async def _phone(self, request: Request) -> Response:
        """The next code of the presenter's phone, with a picture that takes it there."""
        if not self.room.is_presenter(self._person(request)):
            return _refused(Refused(_("Only the presenter can do this."), 403))
        link = f"{self.remote}={self.room.code}"
        return sent(as_json({"code": self.room.code, "link": self.remote, "picture": _picture(link)}), "json")

    # What happens

    async def _act(self, request: Request) -> Response:
        origin, host = request.headers.get("origin"), request.headers.get("host", "")
        if origin is not None and origin.partition("://")[2] != host:  # without one, it is no browser
            return _refused(Refused(_("Another page may do nothing here."), 403))
        try:
            said = await _read(request)
            person, address = self._person(request), _address(request)
            if isinstance(said, dict) and isinstance(code := said.get("code"), str):
                response = sent("{}", "json")
                self._know(response, "presenter", self.room.let_in(code, address))
                return response
            self.room.act(said, person, address)
        except UserError as error:
            return _refused(error)
        return sent("{}", "json")

    async def _listen(self, request: Request) -> Response:
        person = self._person(request)
        try:
            self.room.check_listener(person)
        except UserError as error:
            return _refused(error)
        events = self.events(person, request.query_params.get("stage", ""))
        return StreamingResponse(events, headers={"Cache-Control": "no-store"}, media_type="text/event-stream")

    async def events(self, person: str, stage: str = "") -> AsyncIterator[str]:
        """What happens in the room, as somebody may hear it: everything at first, and again at each change and after a
        while without one."""
        presents = self.room.is_presenter(person)
        woken = anyio.Event()
        with self.room.listener(person, lambda: woken.set(), stage):
            heard, laser, said_at = "", None, 0.0
            while True:
                woken = anyio.Event()
                news, now = self.room.news(presents), anyio.current_time()
                if news != heard or now >= said_at + _QUIET:
                    heard, said_at = news, now
                    yield f"data: {news}\n\n"
                if presents and self.room.laser != laser:
                    laser = self.room.laser
                    yield f"event: laser\ndata: {json.dumps(laser)}\n\n"
                await anyio.sleep(_PAUSES[presents])
                with anyio.move_on_after(_QUIET):
                    await woken.wait()


@lru_cache(maxsize=2)
def _page_in(served: Served, presents: bool) -> str:
    """The page of a talk with its room; the notes are for who presents."""
    from explorer.talks.document import as_html

    room: Mapping[str, Any] = {
        "name": served.room.name,
        "presents": presents,
        "link": served.link,
        "picture": _picture(served.link),
    }
    return as_html(rehearsal_of(served.deck), room)


def _picture(link: str) -> str:
    """The QR code of a link, dark on white with its quiet zone, as an address of a picture."""
    import segno

    return segno.make_qr(link).svg_data_uri(border=4, light="#fff", dark="#000", omitsize=True)


def _address(request: Request) -> str:
    return request.client.host if request.client else ""


async def _read(request: Request) -> object:
    """What is posted, read no further than the most that one does. Raises UserError for what is no JSON."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LONGEST_ACT:
            raise Refused(_("This is longer than what one can do here."), 413)
    try:
        return json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UserError(_("This is not JSON. Send an object with one name and its value.")) from error
