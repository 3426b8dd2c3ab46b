"""The service under load: the API beside WebVectors' design, visitors of pages, memory; with one worker and with two.

python -m benchmarks.service [--workers 1 2] [--clients 50] [--seconds 10] [--questions 10]    (100,000 words × 100)

Clients, server and what it is compared with share the machine. WebVectors' design is a daemon that answers each
connection in a thread, with gensim's most_similar; a stand-in of it is below, without the web server that stands before
it there. Aims on 2 cores: p99 ≤ 0.05 s and five times its requests; pages as in benchmarks.sessions.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import re
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import numpy as np

from benchmarks.sessions import DIMENSIONS, ROOT, WORDS, make_model, visit

NEAREST = 10


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as free:
        port: int = free.getsockname()[1]
        return port


def wait_for(process: subprocess.Popen[bytes], port: int, numbers: set[int]) -> None:
    """Return when these workers of a server answer, or its only process."""
    there: set[int] = set()
    while there != numbers:
        if process.poll() is not None:
            raise SystemExit("The server did not start.")
        try:
            text = urllib.request.urlopen(f"http://127.0.0.1:{port}/metrics", timeout=5).read().decode()
            there = {int(number) for number in re.findall(r'process_open_fds\{worker="(\d+)"\}', text)} or {0}
        except OSError:
            time.sleep(0.2)


@contextmanager
def served(workers: int, errors=None):
    """The port of the app with so many workers, and its process; its `errors` may go into a file."""
    port = free_port()
    command = [sys.executable, "-m", "explorer", "serve", "--port", str(port), "--workers", str(workers)]
    environment = os.environ | {"STREAMLIT_SERVER_HEADLESS": "true", "STREAMLIT_SERVER_FILE_WATCHER_TYPE": "none"}
    process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.DEVNULL, stderr=errors)
    try:
        wait_for(process, port, set(range(workers)))
        wait_until_idle(processes(process.pid))
        yield port, process
    finally:
        process.terminate()
        process.wait()


def wait_until_idle(workers: list[int]) -> None:
    """Return when processes compute no more: a server that has begun asks itself a first question of each kind."""

    def seconds() -> float:
        times = [Path(f"/proc/{each}/stat").read_text().rpartition(")")[2].split() for each in workers]
        return sum(int(each[11]) + int(each[12]) for each in times) / os.sysconf("SC_CLK_TCK")

    before, now = -1.0, seconds()
    while now - before > 0.1:
        time.sleep(2)
        before, now = now, seconds()


@contextmanager
def daemon():
    """The port of the stand-in for WebVectors' daemon."""
    port = free_port()
    command = [sys.executable, "-m", "benchmarks.service", "--daemon", str(port)]
    # As the app sets it as well: with a thread each, many are served sooner than with all threads for one.
    process = subprocess.Popen(command, cwd=ROOT, env=os.environ | {"OPENBLAS_NUM_THREADS": "1"})
    try:
        while not accepts(port):
            time.sleep(0.2)
        yield port
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


def measure(ask, port: int, clients: int, seconds: float) -> str:
    """Requests a second of so many clients that ask as fast as they are answered, and how long answers took."""
    random = np.random.default_rng(1)

    def words():
        while True:
            yield f"word{random.integers(WORDS)}"

    async def all_clients(seconds: float) -> list[float]:
        times: list[float] = []
        end = time.perf_counter() + seconds
        await asyncio.gather(*(ask(port, words(), end, times) for _ in range(clients)))
        return times

    asyncio.run(all_clients(2))  # to warm up
    start = time.perf_counter()
    times = asyncio.run(all_clients(seconds))
    rate = len(times) / (time.perf_counter() - start)
    return f"{rate:,.0f} | {np.median(times):.3f} | {np.quantile(times, 0.99):.3f}"


def visits(port: int, sessions: int, questions: int) -> str:
    """How long visitors waited for the first page and for further answers."""
    first: list[float] = []
    later: list[float] = []
    begun = threading.Barrier(sessions)
    shared = (questions, begun, first, later)
    visitors = [threading.Thread(target=visit, args=(port, number, *shared)) for number in range(sessions)]
    for visitor in visitors:
        visitor.start()
    for visitor in visitors:
        visitor.join()
    if len(first) < sessions:
        raise SystemExit(f"{sessions - len(first)} of {sessions} visitors got no page.")
    return " | ".join(f"{np.median(times):.3f} | {np.quantile(times, 0.95):.3f}" for times in (first, later))


def processes(parent: int) -> list[int]:
    """The workers of a server, or the server where it has none."""
    children = Path(f"/proc/{parent}/task/{parent}/children").read_text().split()
    return [int(child) for child in children] or [parent]


def memory(process: int, of: str = "") -> dict[str, float]:
    """Megabytes of a process: of all, or of what it maps of files whose path ends so."""
    if not of:
        text = Path(f"/proc/{process}/smaps_rollup").read_text()
    else:
        maps = re.split(r"(?m)^(?=[0-9a-f]+-[0-9a-f]+ )", Path(f"/proc/{process}/smaps").read_text())
        text = "".join(part for part in maps if part.partition("\n")[0].endswith(of))
    kinds = ("Rss", "Pss", "Private_Dirty")
    return {kind: sum(map(int, re.findall(rf"(?m)^{kind}: +(\d+) kB", text))) / 1024 for kind in kinds}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--workers", type=int, nargs="+", default=[1, 2])
    parser.add_argument("--clients", type=int, default=50)
    parser.add_argument("--seconds", type=float, default=10)
    parser.add_argument("--questions", type=int, default=10)
    parser.add_argument("--daemon", type=int, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.daemon:
        signal.signal(signal.SIGTERM, lambda *_: os._exit(0))
        return be_daemon(options.daemon)
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"EXPLORER_MODELS": f"{folder}/models", "EXPLORER_CACHE": f"{folder}/cache"}
        Path(folder, "models").mkdir()
        make_model(Path(folder))
        print(f"{os.cpu_count()} cores, {WORDS:,} words × {DIMENSIONS}, {options.clients} clients or visitors\n")
        print("| neighbours asked of | requests/s | median, s | 99%, s |\n|---|---|---|---|")
        with daemon() as port:
            print(f"| a daemon with gensim | {measure(ask_daemon, port, options.clients, options.seconds)} |")
        pages, held = [], []
        for workers in options.workers:
            with served(workers) as (port, process):
                print(f"| the API, {workers} workers | {measure(ask_api, port, options.clients, options.seconds)} |")
                pages.append(f"| {workers} | {visits(port, options.clients, options.questions)} |")
                for each in processes(process.pid):
                    cells = [*memory(each).values(), *memory(each, "vectors.npy").values()]
                    held.append(f"| one of {workers} | {' | '.join(f'{cell:.0f}' for cell in cells)} |")
        print("\n| workers | first page, s: median | 95% | further answers, s: median | 95% |\n|---|---|---|---|---|")
        print("\n".join(pages))
        print("\n| process | RSS, MB | PSS | own | its vectors: RSS | PSS | own |\n|---|---|---|---|---|---|---|")
        print("\n".join(held))


if __name__ == "__main__":
    main()
