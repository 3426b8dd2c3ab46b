"""The service under load: the API beside WebVectors' design, visitors of pages, memory; with one worker and with two.

python -m benchmarks.service [--workers 1 2] [--clients 50] [--seconds 10] [--questions 10]    (100,000 words × 100)

Clients, server and what it is compared with share the machine. WebVectors' design is a daemon that answers each
connection in a thread, with gensim's most_similar; a stand-in of it is in benchmarks.asking, without the web server
that stands before it there. Aims on 2 cores: p99 ≤ 0.05 s and five times its requests; pages as in benchmarks.sessions.

The API keeps answers, so it is asked in three ways: for other words all the time, of which it has none; for words as
people ask, few of them often; and for one word. The share that was kept stands beside it.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from contextlib import contextmanager
from itertools import repeat
from pathlib import Path

os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # as the app has it: with a thread each, many are served sooner

import numpy as np

from benchmarks.asking import (
    NEAREST,
    ask_api,
    ask_daemon,
    be_daemon,
    daemon,
    free_port,
    measure,
    other_words,
    outcomes,
    processes,
    processor_time,
    words_as_people_ask,
)
from benchmarks.sessions import DIMENSIONS, ROOT, WORDS, make_model, visit


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
    before, now = -1.0, processor_time(workers)
    while now - before > 0.1:
        time.sleep(2)
        before, now = now, processor_time(workers)


def bare_product() -> list[str]:
    """How often a second one process multiplies all vectors with one and takes the highest, and what that costs."""
    from explorer.embeddings import catalog

    model = catalog.load("drawn")
    start, computed = time.perf_counter(), time.process_time()
    for row in range(200):
        np.argpartition(-(model.vectors @ model.vectors[row]) * model.inverse_norms, NEAREST)
    rate = 200 / (time.perf_counter() - start)
    return [f"{rate:,.0f}", "", "", f"{5 * (time.process_time() - computed):.2f}", "", ""]


def stages() -> list[str]:
    """What one question costs in each stage, in one process: the time that its thread computed. What HTTP and the
    layers of the server cost is seen where one word is asked for: all answers are kept then."""
    from explorer.embeddings import catalog
    from explorer.embeddings.search.nearest import results, shared_results
    from explorer.questions.words import Neighbours

    model, words = catalog.load("drawn"), other_words(2)
    for word in (next(words) for _ in range(200)):  # which draws the random pairs that cosines are compared with
        Neighbours(word=word, model=model.name).answer()
    rows = ["| a question in one process | computed, ms each |", "|---|---|"]
    for together in (50, 25, 1):
        searching, answering, times = 0.0, 0.0, 10
        for _ in range(times):
            questions = [Neighbours(word=next(words), model=model.name, n=NEAREST) for _ in range(together)]
            start = time.thread_time()
            known = results(filter(None, [question.search() for question in questions]))
            searching += time.thread_time() - start
            shared_results.set(known)
            start = time.thread_time()
            for question in questions:
                json.dumps(question.answer().as_json())
            answering += time.thread_time() - start
        if together == 50:
            rows.append(f"| the answer from what was found, as JSON | {1000 * answering / times / together:.2f} |")
        rows.append(f"| search, {together} together | {1000 * searching / times / together:.2f} |")
    return [*rows, ""]


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
        print("\n".join(stages()))
        print(
            "| neighbours asked of | kept | requests/s | median, s | 99%, s | computed, ms each | by the clients | "
            "mean at least, s |"
        )
        print("|---|---|---|---|---|---|---|---|")
        print(f"| NumPy: the bare product in one process | | {' | '.join(bare_product())} |")
        load = (options.clients, options.seconds)
        with daemon() as (port, process):
            figures = measure(ask_daemon, port, process.pid, other_words(1), *load)
            print(f"| a daemon with gensim | | {' | '.join(figures)} |")
        pages, held = [], []
        for workers in options.workers:
            with served(workers) as (port, process):
                for which, words in (
                    ("other words", other_words(1)),
                    ("words as people ask", words_as_people_ask(1)),
                    ("one word", repeat("word1")),
                ):
                    before = outcomes(port)
                    figures = measure(ask_api, port, process.pid, words, *load)
                    asked = {name: count - before.get(name, 0) for name, count in outcomes(port).items()}
                    kept = asked.get("kept", 0) / sum(asked.values())
                    print(f"| the API, {workers} workers: {which} | {kept:.0%} | {' | '.join(figures)} |")
                visits(port, 2 * workers, 1)  # by now a server has opened the models that came along
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
