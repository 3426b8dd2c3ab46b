"""A cookie by which a browser is known again where nobody logs in: what a visitor makes is theirs, and others cannot
remove it."""

from __future__ import annotations

import secrets
from hashlib import sha256

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

COOKIE = "explorer-visitor"
_YEAR = 365 * 24 * 3600  # seconds


def owner(secret: str | None) -> str:
    """What stands beside what a browser made, of which nobody learns its secret; empty for one that has none."""
    return sha256(secret.encode()).hexdigest()[:32] if secret else ""


class Owners:
    """Middleware that gives the cookie to a browser which loads a page without it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or COOKIE in cookie_parser(Headers(scope=scope).get("cookie", "")):
            await self._app(scope, receive, send)
            return

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=list(message["headers"]))
                if headers.get("content-type", "").startswith("text/html"):
                    own = f"{COOKIE}={secrets.token_urlsafe(24)}; Path=/; Max-Age={_YEAR}; HttpOnly; SameSite=Lax"
                    headers.append("set-cookie", own)
                    message = {**message, "headers": headers.raw}
            await send(message)

        await self._app(scope, receive, send_with_cookie)
