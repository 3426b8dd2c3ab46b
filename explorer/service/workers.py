"""Several processes behind one port: `explorer serve --workers 2`.

A page of Streamlit is a conversation: its websocket, uploads, pictures and scripts must all reach the process that has
the visitor's session. So one process, which imports no page, accepts every connection, looks at what it asks first
without taking that from it, and hands the connection itself over to a worker: that of the visitor's cookie, or the next
one. From then on worker and visitor speak without anybody between them, and the worker sees the visitor's own address.
`explorer.service.worker` is the other end.

A worker that ends is started again; its visitors connect again, meanwhile to another one.
"""

from __future__ import annotations

import asyncio
import os
import re
import resource
import secrets
import signal
import socket
import subprocess
import sys
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass

from explorer.places import PACKAGE
from explorer.service import commons
from explorer.texts import _

CHANNEL = "EXPLORER_CHANNEL"  # in the environment of a worker: the socket by which connections come to it
FIRST = "EXPLORER_FIRST"  # there for the worker that says where the app is
READY = b"\xff"  # what a worker says when it may be asked; another byte is the number of the sister that it asks
OWN, ADOPTED = b"o", b"a"  # what comes with a connection: it names this worker or none; or one that is not there

_LONGEST_HEAD = 65_536  # bytes of a request in which a cookie is looked for
_PATIENCE = 60  # seconds in which a connection has to ask something, and a worker to be there for it
_SHORT_LIFE = 10  # seconds: a worker that ends before is started again after a while only
_LONGEST_PAUSE = 30
# -P: from whatever folder it is started, no file there passes for a module
_COMMAND = (sys.executable, "-P", str(PACKAGE / "service" / "__main__.py"))


def run(listening: socket.socket, count: int, command: Sequence[str] = _COMMAND) -> int:
    """Serve what comes to a socket with so many workers until a signal ends it; the status of the process then."""
    _, most = resource.getrlimit(resource.RLIMIT_NOFILE)
    with suppress(ValueError, OSError):  # each connection is a file, here and in its worker
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, most))
    # Of pages and files that one worker has signed another one takes the signature as well.
    os.environ.setdefault("STREAMLIT_SERVER_COOKIE_SECRET", secrets.token_hex(32))
    with commons.new() as memory:
        os.environ[commons.FILE] = str(memory.fileno())
        return asyncio.run(Workers(listening, count, command, memory.fileno()).serve())


def cookie(port: int | str) -> str:
    """The name of the cookie that says which worker has a visitor: the ports of a machine share their cookies."""
    return f"explorer-worker-{port}"


def named(port: int | str) -> re.Pattern[bytes]:
    """What finds in the head of a request which worker the cookie names. Both ends read it by this, for if they
    disagreed, a browser would be sent to and fro without end."""
    name = re.escape(cookie(port)).encode()
    return re.compile(rb"\r\n(?i:cookie):(?:[^\r]*[ \t;])?%b=(0|[1-9][0-9]?[0-9]?)[ \t]*[;\r]" % name)


@dataclass(eq=False)
class _Worker:
    """A process, and the socket by which it gets its connections."""

    process: subprocess.Popen[bytes]
    channel: socket.socket
    is_ready: bool = False


class Workers:
    """Processes of a command, and who of them gets the next connection of a socket that listens; `memory` is a file
    that they have in common."""

    def __init__(self, listening: socket.socket, count: int, command: Sequence[str], memory: int) -> None:
        self._listening, self._count, self._command, self._memory = listening, count, tuple(command), memory
        self._named = named(listening.getsockname()[1])
        self._waiting = ThreadPoolExecutor(count, "worker")  # each worker is waited for, all the time
        self._workers: dict[int, _Worker] = {}
        self._next = 0
        self._first, self._any, self._end = asyncio.Event(), asyncio.Event(), asyncio.Event()
        self._arriving: set[asyncio.Task[None]] = set()
        self._status = 0

    async def serve(self) -> int:
        """Serve until a signal comes or the first worker cannot begin; the status of the process then."""
        loop = asyncio.get_running_loop()
        for number in (signal.SIGTERM, signal.SIGINT, signal.SIGHUP):
            if number != signal.SIGHUP or signal.getsignal(number) is signal.SIG_DFL:  # nohup has set it aside
                loop.add_signal_handler(number, self._stop, number)
        self._listening.setblocking(False)
        accepting = asyncio.create_task(self._accept())
        keeping = [asyncio.create_task(self._keep(number)) for number in range(self._count)]
        await self._end.wait()
        accepting.cancel()
        self._listening.close()
        for arriving in self._arriving:
            arriving.cancel()
        await asyncio.gather(*keeping)
        return self._status

    def _stop(self, number: int) -> None:
        """Have the workers end as the signal says: answers in flight are finished."""
        self._end.set()
        self._first.set()
        for worker in self._workers.values():
            worker.process.send_signal(number)

    # Processes

    async def _keep(self, number: int) -> None:
        """Start a worker, and start it again when it ends. The first one begins alone: what the cache lacks is made
        once."""
        loop = asyncio.get_running_loop()
        if number:
            await self._first.wait()
        pause = 0.0
        while not self._end.is_set():
            begun = loop.time()
            worker = self._workers[number] = self._started(number)
            status = await loop.run_in_executor(self._waiting, worker.process.wait)
            self._forget(worker)
            worker.channel.close()
            if not self._first.is_set():  # it could not even begin, and says why
                self._status = status or 1
                self._stop(signal.SIGTERM)
            elif not self._end.is_set():
                sentence = _(
                    "Worker {number} ended with status {status}. It starts again.", number=number, status=status
                )
                print(sentence, file=sys.stderr, flush=True)
            pause = min(2 * pause + 1, _LONGEST_PAUSE) if loop.time() - begun < _SHORT_LIFE else 0.0
            with suppress(TimeoutError):
                await asyncio.wait_for(self._end.wait(), pause)

    def _started(self, number: int) -> _Worker:
        ours, theirs = socket.socketpair()
        environment = os.environ | {CHANNEL: str(theirs.fileno()), commons.NUMBER: str(number)}
        if not self._first.is_set():
            environment[FIRST] = "1"
        with theirs:
            process = subprocess.Popen(
                self._command,
                env=environment,
                pass_fds=[theirs.fileno(), self._memory],
                start_new_session=True,  # Ctrl-C comes to this process alone, which passes it on
            )
        ours.setblocking(False)
        worker = _Worker(process, ours)
        asyncio.get_running_loop().add_reader(ours, self._hear, worker)
        return worker

    def _hear(self, worker: _Worker) -> None:
        """What a worker says: that it may be asked, or which sister a connection is for; nothing where it ends."""
        try:
            said, files, _flags, _address = socket.recv_fds(worker.channel, 1, 1)
        except OSError:
            said, files = b"", []
        if said == READY:
            worker.is_ready = True
            self._first.set()
            self._any.set()
        elif not said:
            self._forget(worker)
        for file in files:
            with socket.socket(fileno=file) as connection, suppress(OSError):
                if (sister := self._workers.get(said[0])) and sister.is_ready:
                    socket.send_fds(sister.channel, [OWN], [connection.fileno()])

    def _forget(self, worker: _Worker) -> None:
        """Give a worker nothing more."""
        asyncio.get_running_loop().remove_reader(worker.channel)
        worker.is_ready = False
        if not self._ready:
            self._any.clear()

    @property
    def _ready(self) -> list[int]:
        return [number for number, worker in sorted(self._workers.items()) if worker.is_ready]

    # Connections

    async def _accept(self) -> None:
        while True:
            try:
                connection, _address = await asyncio.get_running_loop().sock_accept(self._listening)
            except OSError:  # it has left again, or there are as many as the machine allows
                await asyncio.sleep(0.1)
                continue
            task = asyncio.create_task(self._hand_over(connection))
            self._arriving.add(task)
            task.add_done_callback(self._arriving.discard)

    async def _hand_over(self, connection: socket.socket) -> None:
        with connection, suppress(OSError, TimeoutError):
            async with asyncio.timeout(_PATIENCE):
                if not (head := await _head(connection)):
                    return
                while True:
                    await self._any.wait()
                    number, why = self._choice(head)
                    try:
                        socket.send_fds(self._workers[number].channel, [why], [connection.fileno()])
                        return
                    except OSError:  # it has just ended, or has as many before it as go in
                        await asyncio.sleep(0.05)

    def _choice(self, head: bytes) -> tuple[int, bytes]:
        """The number of the worker that gets a connection which begins so, and why."""
        ready, named = self._ready, self._named.search(head.partition(b"\r\n\r\n")[0] + b"\r")
        if named and int(named[1]) in ready:
            return int(named[1]), OWN
        self._next += 1
        return ready[self._next % len(ready)], ADOPTED if named else OWN


async def _head(connection: socket.socket) -> bytes:
    """The head of the first request of a connection, or what there is of it when it ends; it stays to be read."""
    size = 0
    while True:
        await _readable(connection)
        head = connection.recv(_LONGEST_HEAD, socket.MSG_PEEK)
        if len(head) in (size, _LONGEST_HEAD) or b"\r\n\r\n" in head:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, 1)
            return head
        size = len(head)
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_RCVLOWAT, size + 1)  # else it is readable all the time


async def _readable(connection: socket.socket) -> None:
    """Return when there is something to read."""
    loop = asyncio.get_running_loop()
    ready = asyncio.Event()
    loop.add_reader(connection, ready.set)
    try:
        await ready.wait()
    finally:
        loop.remove_reader(connection)
