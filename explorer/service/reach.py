"""From where the server is reached: the machine's addresses, and which names and pages it answers to."""

from __future__ import annotations

import fcntl
import ipaddress
import socket
import struct
import sys
from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from functools import lru_cache
from textwrap import wrap
from urllib.parse import urlsplit

from starlette.datastructures import Headers
from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from explorer.serving import Serving, is_loopback
from explorer.texts import _

# What a page may load, and where to it may send, is this server alone. Streamlit's pages and the talks have scripts in
# the page, compile some, and load components from blobs.
_POLICY = {
    "default-src": "'self'",
    "script-src": "'self' 'unsafe-inline' 'unsafe-eval' blob: data:",
    "style-src": "'self' 'unsafe-inline'",
    "img-src": "'self' data: blob:",
    "font-src": "'self' data:",
    "media-src": "'self' data: blob:",
    "connect-src": "'self' data: blob:",
    "worker-src": "'self' blob:",
    "frame-src": "'self' blob: data:",
    "object-src": "'none'",
    "base-uri": "'self'",
    "form-action": "'self'",
    "frame-ancestors": "'self'",
}
HEADERS = {
    "Content-Security-Policy": "; ".join(f"{what} {whence}" for what, whence in _POLICY.items()),
    "X-Frame-Options": "SAMEORIGIN",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",  # an address holds what was asked
}
_RAW_HEADERS = {name.lower().encode(): value.encode() for name, value in HEADERS.items()}
_SIOCGIFADDR = 0xC0206921 if sys.platform == "darwin" else 0x8915  # asks the kernel for an interface's address


def own_addresses() -> list[str]:
    """The IPv4 addresses of this machine's interfaces, loopback left out, as its kernel knows them: nobody is asked."""
    addresses = []
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        for _, interface in socket.if_nameindex():
            try:
                answer = fcntl.ioctl(any_socket, _SIOCGIFADDR, struct.pack("256s", interface.encode()[:15]))
            except OSError:  # it has none
                continue
            address = socket.inet_ntoa(answer[20:24])
            if not is_loopback(address):
                addresses.append(address)
    return addresses


def own_names() -> set[str]:
    """What this machine calls itself, and what a network without a name server calls it."""
    name = socket.gethostname().lower()
    return {"localhost", name, f"{name.partition('.')[0]}.local"}


def announcement(urls: Sequence[str], alone: bool, settings: Serving) -> str:
    """What a server that has started says: its addresses and, unless it is reached from here `alone`, what others may
    do."""
    rights = (
        _("Who opens it logs in. Who has not logged in is told nothing.")
        if settings.login
        else _(
            "It has no users and no passwords: everybody who reaches these addresses can use it, import models, and "
            "delete those that they have imported. They can change all talks."
        )
        if settings.open
        else _(
            "It has no users and no passwords: everybody who reaches these addresses can use it. From this machine you "
            "can import, delete and train; others can after explorer serve --open."
        )
    )
    lines = ["", _("Embedding Explorer is at"), *(f"  {url}" for url in urls), ""]
    if not alone or settings.login:
        lines += [*wrap(rights, 103), ""]
    return "\n".join(f"  {line}".rstrip() for line in lines)


class Door:
    """Middleware that answers those who come to the server itself, and tells browsers to frame it nowhere else.

    A page of another site could otherwise frame the app and have its buttons clicked, open its websocket, or, under a
    name of its own that it points to this machine, read the API. Such a page always comes by a name: a server is
    answered for by any address in numbers, by `names` (patterns such as *.example.org), and by no other name.
    `origins` (patterns as well) are those of pages elsewhere that may open the websocket.
    """

    def __init__(self, app: ASGIApp, names: Iterable[str], origins: Iterable[str]) -> None:
        self._app = app
        self._names = {name.lower().rstrip(".") for name in names if name}
        self._origins = [origin.rstrip("/") for origin in origins]
        self._knows = lru_cache(16)(self._is_known)  # most requests name the same host; others may be long

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            await self._answer(scope, receive, send)
        elif scope["type"] == "websocket" and self._is_foreign(Headers(scope=scope)):
            await send({"type": "websocket.close", "code": 1008})
        else:
            await self._app(scope, receive, send)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                others = [each for each in message.get("headers", ()) if each[0].lower() not in _RAW_HEADERS]
                message = {**message, "headers": [*others, *_RAW_HEADERS.items()]}
            await send(message)

        headers = Headers(scope=scope)
        host = headers.get("host", "")
        app: ASGIApp = self._app
        if not self._knows(host):
            sentence = _(
                "This server does not answer to “{host}”. Take its address in numbers, or start it with this name in "
                "the environment variable STREAMLIT_BROWSER_SERVER_ADDRESS.\n",
                host=host[:100],
            )
            app = PlainTextResponse(sentence, 400)
        elif self._is_of_foreign_page(headers):
            app = PlainTextResponse(_("A page of another site may not ask this server.") + "\n", 403)
        await app(scope, receive, send_with_headers)

    def _is_of_foreign_page(self, headers: Headers) -> bool:
        """Whether the script of a page elsewhere asks, or what it embeds; a link that somebody follows is fine."""
        if "origin" in headers:
            return self._is_foreign(headers)
        return headers.get("sec-fetch-site") == "cross-site" and headers.get("sec-fetch-mode") != "navigate"

    def _is_foreign(self, headers: Headers) -> bool:
        host, origin = headers.get("host", ""), headers.get("origin")
        if not self._knows(host):
            return True
        if origin is None or origin.partition("://")[2] == host:  # without one, it is no browser
            return False
        return not any(fnmatchcase(origin, pattern) for pattern in self._origins)

    def _is_known(self, host: str) -> bool:
        try:
            name = (urlsplit(f"//{host}").hostname or "").rstrip(".")
        except ValueError:
            return False
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return any(fnmatchcase(name, pattern) for pattern in self._names)
        return True
