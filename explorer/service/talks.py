"""Talks over HTTP: the page of one at `/talk?deck=NAME`, and what a live scene asks for at `/talk/view?page=…`."""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response
from starlette.routing import Route

from explorer.errors import UserError
from explorer.service.answering import as_json, refusal
from explorer.service.http import parameters, refused, sent
from explorer.talks.deck import Deck, names, open_deck
from explorer.texts import _

_LONGEST_PAGE = 4_000  # characters of an address


def routes(deck: Callable[[str], Deck] = open_deck) -> list[Route]:
    """Where talks are; `deck` opens the one of a name."""

    async def talk(request: Request) -> Response:
        def page() -> str:
            named = parameters(request).get("deck", [""])[0]
            if not named:
                raise UserError(_("Name a talk: /talk?deck=NAME. There are: {names}.", names=", ".join(names())))
            return page_of(deck(named))

        try:
            return HTMLResponse(await run_in_threadpool(page), headers={"X-Content-Type-Options": "nosniff"})
        except UserError as error:
            return refused(refusal(error, "talk"))

    return [Route("/talk", talk), Route("/talk/view", _view)]


@lru_cache(maxsize=8)
def page_of(deck: Deck) -> str:
    """The page of a talk; the same talk is computed once."""
    from explorer.talks.document import as_html
    from explorer.talks.rehearsal import rehearse

    return as_html(rehearse(deck))


async def _view(request: Request) -> Response:
    """The drawing of a page, as a live scene asks for it."""

    def drawing() -> str:
        from explorer.talks.views import view

        page = parameters(request).get("page", [""])[0]
        if not page or len(page) > _LONGEST_PAGE:
            raise UserError(_("Name the page to draw, such as /talk/view?page=neighbours%3Fword%3Dairplane."))
        return as_json({"drawing": view(page).drawing})

    try:
        return sent(await run_in_threadpool(drawing), "json")
    except UserError as error:
        return refused(refusal(error, "talk/view"))
