"""Many clients that ask for neighbours as fast as they are answered, of the API and of WebVectors' design."""

from __future__ import annotations

import asyncio
import json
import os
import re
import socket
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import cycle
from pathlib import Path

import numpy as np
import uvloop

from benchmarks.sessions import DIMENSIONS, ROOT, WORDS

NEAREST = 10


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def processes(parent: int) -> list[int]:
    """The workers of a server, or the server where it has none."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(child) for child in children] or [parent]


def processor_time(workers: list[int]) -> float:
    """Seconds that processes have computed."""
    times = [Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split() for each in workers]
    return sum(int(each[11]) + int(each[12]) for each in times) / os.sysconf("SC_CLK_TCK")


@contextmanager
def daemon():
    """The port of the stand-in for WebVectors' daemon, and its process."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.service", "--daemon", str(port)]
    process = subprocess.Popen(command, cwd=ROOT)
    try:
        while not accepts(port):
            time.sleep(0.2)
        yield port, process
    finally:
        process.terminate()
        process.wait()


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def be_daemon(port: int) -> None:
    """Answer {"query": word, "nf": n} on each connection, in a thread, with gensim."""
    from gensim.models import KeyedVectors

    from explorer.embeddings import catalog

    model = catalog.load("drawn")
    vectors = KeyedVectors(DIMENSIONS)
    vectors.add_vectors(list(model.words), np.array(model.vectors))
    vectors.fill_norms()

    def answer(connection: socket.socket) -> None:
        with connection:
            if not (text := connection.recv(1024)):
                return
            query = json.loads(text)
            nearest = vectors.most_similar(positive=[query["query"]], topn=query["nf"])
            connection.sendall(json.dumps({"neighbors": nearest}).encode())

    with socket.create_server(("127.0.0.1", port), backlog=1024) as listening:
        while True:
            threading.Thread(target=answer, args=(listening.accept()[0],), daemon=True).start()


async def ask_api(port: int, words, end: float, times: list[float]) -> None:
    """One client: a question after the other over one connection."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    for word in words:
        if (start := time.perf_counter()) > end:
            break
        writer.write(
            f"GET /api/v1/neighbours?word={word}&model=drawn&n={NEAREST} HTTP/1.1\r\nHost: 127.0.0.1\r\n\r\n".encode()
        )
        head = await reader.readuntil(b"\r\n\r\n")
        body = await reader.readexactly(int(head.partition(b"content-length: ")[2].split(b"\r")[0]))
        times.append(time.perf_counter() - start)
        if not head.startswith(b"HTTP/1.1 200") or body.count(b'"word"') < NEAREST:
            raise SystemExit(f"The API did not answer: {body[:200]!r}")
    writer.close()


async def ask_daemon(port: int, words, end: float, times: list[float]) -> None:
    """One client: a connection for each question, as WebVectors' web server does it."""
    for word in words:
        if (start := time.perf_counter()) > end:
            break
        reader, writer = await asyncio.open_connection("127.0.0.1", port)
        writer.write(json.dumps({"query": word, "nf": NEAREST}).encode())
        if len(json.loads(await reader.read())["neighbors"]) < NEAREST:
            raise SystemExit("The daemon did not answer.")
        writer.close()
        times.append(time.perf_counter() - start)


def other_words(seed: int) -> Iterator[str]:
    """All words in a random order: none twice."""
    return (f"word{row}" for row in cycle(np.random.default_rng(seed).permutation(WORDS).tolist()))


def words_as_people_ask(seed: int) -> Iterator[str]:
    """Words of which the n-th most wanted is asked for with a probability of 1/n of that of the first (Zipf's law)."""
    random = np.random.default_rng(seed)
    shares = 1 / np.arange(1, WORDS + 1)
    while True:
        yield from (f"word{row}" for row in random.choice(WORDS, 10_000, p=shares / shares.sum()).tolist())


def measure(ask, port: int, process: int, words: Iterator[str], clients: int, seconds: float) -> list[str]:
    """Requests a second of so many clients that ask as fast as they are answered; how long answers took; how long the
    server and the clients computed for each, which hardly depends on what else the machine does.

    Last comes how long answers would take on average if all cores did this and nothing else: as each client waits for
    its answer, that is the time in which all of them are answered once (Little 1961, "A Proof for the Queuing Formula
    L = λW").
    """

    async def all_clients(seconds: float) -> list[float]:
        times: list[float] = []
        end = time.perf_counter() + seconds
        await asyncio.gather(*(ask(port, words, end, times) for _ in range(clients)))
        return times

    uvloop.run(all_clients(2))  # to warm up
    start, computed, own = time.perf_counter(), processor_time(processes(process)), time.process_time()
    times = uvloop.run(all_clients(seconds))
    rate = len(times) / (time.perf_counter() - start)
    cost = (processor_time(processes(process)) - computed) / len(times)
    own = (time.process_time() - own) / len(times)
    median, highest = np.quantile(times, [0.5, 0.99])
    floor = clients * (cost + own) / (os.cpu_count() or 1)
    each = (f"{seconds:.3f}" for seconds in (median, highest))
    return [f"{rate:,.0f}", *each, f"{1000 * cost:.2f}", f"{1000 * own:.2f}", f"{floor:.3f}"]


def outcomes(port: int) -> dict[str, float]:
    """How many questions for neighbours the API has answered, and how many of these with an answer that was kept."""
    text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=60).read().decode()
    counts: dict[str, float] = {}
    for labels, count in re.findall(r"^explorer_question_seconds_count\{(.*)\} (\S+)", text, re.MULTILINE):
        if 'door="api"' in labels and 'question="neighbours"' in labels:
            outcome = re.findall(r'outcome="(.*?)"', labels)[0]
            counts[outcome] = counts.get(outcome, 0) + float(count)
    return counts
