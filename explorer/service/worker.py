"""One of several processes that serve: it takes connections from `explorer.service.workers` instead of a port."""

from __future__ import annotations

import asyncio
import os
import signal
import socket
from functools import partial
from typing import Any

import uvicorn
from starlette.datastructures import Headers, MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from explorer import serving
from explorer.service import commons
from explorer.service.journal import is_of_api
from explorer.service.workers import ADOPTED, CHANNEL, READY, cookie, named

_SISTERS_TIME = 5  # seconds for an answer
_adopted = "explorer.adopted"  # in the state of a connection


class Worker(uvicorn.Server):
    """A server of connections that a channel brings."""

    def __init__(self, config: uvicorn.Config, channel: socket.socket) -> None:
        super().__init__(config)
        self._channel = channel
        self._beginning: set[asyncio.Task[Any]] = set()

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets=[])
        self._channel.setblocking(False)
        asyncio.get_running_loop().add_reader(self._channel, self._take)
        self._channel.send(READY)

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        asyncio.get_running_loop().remove_reader(self._channel)
        self._channel.shutdown(socket.SHUT_RDWR)  # nothing more comes
        await super().shutdown(sockets)

    def _take(self) -> None:
        """Begin to serve a connection."""
        loop = asyncio.get_running_loop()
        try:
            why, files, _flags, _address = socket.recv_fds(self._channel, 1, 1)
        except BlockingIOError:
            return
        if not why:  # who brings connections is no more
            loop.remove_reader(self._channel)
            signal.raise_signal(signal.SIGTERM)
        for file in files:
            connection = socket.socket(fileno=file)
            connection.setblocking(False)
            protocol: Any = partial(
                self.config.http_protocol_class,  # type: ignore[call-arg]
                config=self.config,
                server_state=self.server_state,
                app_state={**self.lifespan.state, _adopted: why == ADOPTED},
            )
            task = loop.create_task(_begin(loop, protocol, connection))
            self._beginning.add(task)
            task.add_done_callback(self._beginning.discard)


async def _begin(loop: asyncio.AbstractEventLoop, protocol: Any, connection: socket.socket) -> None:
    try:
        await loop.connect_accepted_socket(protocol, connection)
    except OSError:  # it has left again
        connection.close()


class Visitors:
    """Middleware that keeps a visitor with their worker: it gives them its cookie.

    A browser keeps connections open. One that came to this worker before the visitor got another one's cookie is closed
    and its request sent again, which brings it there. A proxy sends requests of many visitors over one connection: for
    each it gets a new one.
    """

    def __init__(self, app: ASGIApp, number: int, port: int) -> None:
        self._app, self._number, self._cookie, self._named = app, number, cookie(port), named(port)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] not in ("http", "websocket"):
            await self._app(scope, receive, send)
            return
        headers = Headers(scope=scope)
        is_proxied = any(name in headers for name in serving.FORWARDED)
        own: list[tuple[str, str]] = [("connection", "close")] if is_proxied and scope["type"] == "http" else []
        if not (scope["type"] == "http" and is_of_api(scope["path"])):
            cookies = b"".join(b"\r\ncookie:%b\r" % value for name, value in scope["headers"] if name == b"cookie")
            number = int(match[1]) if (match := self._named.search(cookies)) else None
            if number is None or (number != self._number and scope.get("state", {}).get(_adopted)):
                own = [("set-cookie", f"{self._cookie}={self._number}; Path=/; HttpOnly; SameSite=Lax")]
                own += [("connection", "close")] if scope["type"] == "http" else []
            elif number != self._number and scope["type"] == "http":
                await _send_again(scope, receive, send)
                return

        async def send_with_headers(message: Message) -> None:
            if message["type"] in ("http.response.start", "websocket.accept"):
                answer = MutableHeaders(raw=list(message.get("headers", [])))
                for name, value in own:
                    answer.append(name, value)
                message = {**message, "headers": answer.raw}
            await send(message)

        await self._app(scope, receive, send_with_headers if own else send)


async def _send_again(scope: Scope, receive: Receive, send: Send) -> None:
    """Have a browser ask the same on a new connection. What it sends is read first: a connection that is closed before
    is broken off, and the browser does not see the answer."""
    while (await receive()).get("more_body", False):
        pass
    query = scope["query_string"]
    address = scope.get("raw_path", scope["path"].encode()) + (b"?" + query if query else b"")
    if address.startswith(b"//"):  # which would be another host's
        address = b"/." + address
    headers = [(b"location", address), (b"connection", b"close"), (b"content-length", b"0")]
    await send({"type": "http.response.start", "status": 307, "headers": headers})
    await send({"type": "http.response.body", "body": b""})


async def of_sisters(path: str) -> dict[int, str]:
    """What the other workers that there are answer at an address, by their numbers."""
    own = commons.commons().number
    numbers = [number for number in range(serving.settings().workers) if number != own]
    answers = await asyncio.gather(*(_of_sister(number, path) for number in numbers))
    return {number: answer for number, answer in zip(numbers, answers, strict=True) if answer}


async def _of_sister(number: int, path: str) -> str:
    """The answer of one, over a connection that comes to it like those of visitors; empty where there is none."""
    ours, theirs = socket.socketpair()
    try:
        with theirs:
            socket.send_fds(_channels[0], [bytes([number])], [theirs.fileno()])
        async with asyncio.timeout(_SISTERS_TIME):
            reader, writer = await asyncio.open_connection(sock=ours)
            writer.write(f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n".encode())
            answer = await reader.read()
            writer.close()
    except (OSError, TimeoutError):
        ours.close()
        return ""
    head, _, body = answer.partition(b"\r\n\r\n")
    return body.decode() if head.startswith(b"HTTP/1.1 200") else ""


_channels: list[socket.socket] = []


def serve(config: uvicorn.Config) -> None:
    """Serve the connections that come by the channel of this process, until a signal ends it or who sends them does."""
    channel = socket.socket(fileno=int(os.environ[CHANNEL]))
    os.set_inheritable(channel.fileno(), False)
    _channels.append(channel)
    Worker(config, channel).run(sockets=[])


def main() -> None:
    """Serve the pages as one of several processes: what `streamlit run` does, without a port of its own."""
    from streamlit.web import cli
    from streamlit.web.server.starlette import starlette_server

    from explorer.places import APP

    class Runner(starlette_server.UvicornRunner):
        def run(self) -> None:
            serve(uvicorn.Config(self._app, **starlette_server._get_uvicorn_config_kwargs()))

    starlette_server.UvicornRunner = Runner  # type: ignore[misc]
    options = {"server.address": serving.settings().host, "server.port": serving.settings().port}
    cli.main(["run", str(APP), *(f"--{name}={value}" for name, value in options.items())])
