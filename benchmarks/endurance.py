"""Visitors and programs for a long time, and a worker killed now and then: is any answer lost, does memory grow?

python -m benchmarks.endurance [--minutes 30] [--kill 60] [--visitors 50] [--clients 50] [--workers 2]

Each visitor asks for the neighbours of a word every second, over the pages' own websocket, and each client the same of
the API. Who gets no answer, because the worker was killed that had the question, asks again: as a browser and a program
do. An answer is lost where asking again for half a minute brings none. Memory is that of all processes together, what
they share counted once (PSS), after a quarter of the time and at the end; `--kill 0` kills nobody.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import random
import re
import signal
import tempfile
import time
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from benchmarks.service import memory, processes, served
from benchmarks.sessions import THINKING, WORDS, make_model

PATIENCE = 30  # seconds
NEAREST = 10


@dataclass
class Record:
    """What happened: seconds of each answer, how often somebody had to ask again, and what was never answered."""

    answers: list[float] = field(default_factory=list)
    repetitions: int = 0
    lost: list[str] = field(default_factory=list)
    killed: int = 0
    megabytes: list[float] = field(default_factory=list)

    @property
    def growth(self) -> float:
        """By which share the memory grew after a quarter of the time."""
        warm = self.megabytes[len(self.megabytes) // 4]
        return self.megabytes[-1] / warm - 1

    def __str__(self) -> str:
        ordered = sorted(self.answers)
        return (
            f"{len(ordered):,} answers, median {ordered[len(ordered) // 2]:.3f} s, "
            f"99% within {ordered[int(0.99 * len(ordered))]:.3f} s; {self.killed} workers killed, "
            f"{self.repetitions:,} asked again, {len(self.lost)} lost; "
            f"memory {self.megabytes[len(self.megabytes) // 4]:,.0f} MB, then {self.megabytes[-1]:,.0f} MB "
            f"({self.growth:+.1%})"
        )


class Asker:
    """Somebody who asks at a port until the end, and asks again where no answer comes."""

    def __init__(self, port: int, record: Record, number: int) -> None:
        self.port, self.record, self.random = port, record, random.Random(number)

    async def ask_until(self, end: float) -> None:
        await asyncio.sleep(self.random.random() * THINKING)
        while time.monotonic() < end:
            word, start = f"word{self.random.randrange(WORDS)}", time.monotonic()
            while not await self.answered(word):
                self.record.repetitions += 1
                if time.monotonic() - start > PATIENCE:
                    self.record.lost.append(word)
                    break
                await asyncio.sleep(0.1)
            self.record.answers.append(time.monotonic() - start)
            await asyncio.sleep(THINKING)
        await self.leave()

    async def answered(self, word: str) -> bool:
        try:
            async with asyncio.timeout(PATIENCE):
                return await self.ask(word)
        except Exception:  # whatever a connection does whose other end was killed
            await self.leave()
            return False

    async def ask(self, word: str) -> bool:
        raise NotImplementedError

    async def leave(self) -> None:
        raise NotImplementedError


class Client(Asker):
    """A program that asks the API over one connection."""

    writer: asyncio.StreamWriter | None = None

    async def ask(self, word: str) -> bool:
        if self.writer is None:
            self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port)
        address = f"/api/v1/neighbours?word={word}&model=drawn&n={NEAREST}"
        self.writer.write(f"GET {address} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode())
        head = await self.reader.readuntil(b"\r\n\r\n")
        body = await self.reader.readexactly(int(head.partition(b"content-length: ")[2].split(b"\r")[0]))
        return head.startswith(b"HTTP/1.1 200") and body.count(b'"word"') >= NEAREST

    async def leave(self) -> None:
        if self.writer is not None:
            self.writer.close()
        self.writer = None


class Visitor(Asker):
    """A browser at the page of neighbours, which keeps its cookies."""

    cookie = ""
    connection: Any = None

    async def ask(self, word: str) -> bool:
        from streamlit.proto.BackMsg_pb2 import BackMsg
        from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
        from websockets.asyncio.client import connect

        if self.connection is None:
            headers = {"Cookie": self.cookie} if self.cookie else {}
            url = f"ws://127.0.0.1:{self.port}/_stcore/stream"
            self.connection = await connect(url, max_size=None, additional_headers=headers)
            if given := self.connection.response.headers.get("set-cookie"):
                self.cookie = given.partition(";")[0]
        question = BackMsg()
        question.rerun_script.query_string = f"word={word}&model=drawn"
        question.rerun_script.page_name = "neighbours"
        await self.connection.send(question.SerializeToString())
        received = 0
        while True:
            message = await self.connection.recv()
            received += message.count(b"similarity")
            answer = ForwardMsg()
            answer.ParseFromString(message)
            if answer.WhichOneof("type") == "script_finished":
                return bool(received >= NEAREST)

    async def leave(self) -> None:
        connection, self.connection = self.connection, None
        if connection is not None:
            await connection.close()


async def endure(port: int, parent: int, minutes: float, kill: float, visitors: int, clients: int) -> Record:
    """What happens at a server in so many minutes, of whose workers one is killed every so many seconds."""
    record = Record()
    end = time.monotonic() + 60 * minutes

    async def kill_now_and_then() -> None:
        while kill:
            await asyncio.sleep(kill)
            if end - time.monotonic() > kill / 2 and len(workers := processes(parent)) > 1:
                os.kill(workers[record.killed % len(workers)], signal.SIGKILL)
                record.killed += 1

    async def measure() -> None:
        while True:
            with suppress(FileNotFoundError, ProcessLookupError):  # one has just been killed
                record.megabytes.append(sum(memory(each)["Pss"] for each in processes(parent)))
            await asyncio.sleep(min(5.0, 3 * minutes))

    others = [asyncio.create_task(other()) for other in (kill_now_and_then, measure)]
    kinds = [Visitor] * visitors + [Client] * clients
    await asyncio.gather(*(kind(port, record, number).ask_until(end) for number, kind in enumerate(kinds)))
    for other in others:
        other.cancel()
    return record


def run(minutes: float, kill: float, visitors: int = 50, clients: int = 50, workers: int = 2) -> tuple[Record, str]:
    """The record of a server of its own with a model of its own, and what it said on standard error."""
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"EXPLORER_MODELS": f"{folder}/models", "EXPLORER_CACHE": f"{folder}/cache"}
        Path(folder, "models").mkdir()
        make_model(Path(folder))
        log = Path(folder, "log")
        with log.open("w") as errors, served(workers, errors) as (port, process):
            record = asyncio.run(endure(port, process.pid, minutes, kill, visitors, clients))
        return record, re.sub(r"Worker \d+ ended with status -9\. It starts again\.\n", "", log.read_text())


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--minutes", type=float, default=30)
    parser.add_argument("--kill", type=float, default=60)
    for name, default in (("visitors", 50), ("clients", 50), ("workers", 2)):
        parser.add_argument(f"--{name}", type=int, default=default)
    options = parser.parse_args()
    record, errors = run(**vars(options))
    print(f"{options.minutes:g} min, {options.visitors} visitors and {options.clients} clients: {record}")
    print(errors, end="")


if __name__ == "__main__":
    main()
