"""Many visitors on one process: each asks for the neighbours of a word every second, over the pages' own websocket.

python -m benchmarks.sessions [--sessions 50] [--questions 10]    (100,000 words × 100 dimensions)

Aims on 2 cores: the first page within 1.2 s, each further answer within 0.2 s, at the 95th percentile.
"""

from __future__ import annotations

import argparse
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from pathlib import Path
from urllib.error import URLError

import numpy as np

ROOT = Path(__file__).resolve().parents[1]
WORDS, DIMENSIONS = 100_000, 100
THINKING = 1.0  # seconds between an answer and the next question


def make_model(folder: Path) -> None:
    """Vectors drawn at random, imported as a user would."""
    text = folder / "drawn.txt"
    random = np.random.default_rng(0)
    with open(text, "w") as out:
        out.write(f"{WORDS} {DIMENSIONS}\n")
        for start in range(0, WORDS, 1000):
            rows = random.normal(size=(1000, DIMENSIONS))
            out.writelines(
                f"word{start + i} {' '.join(f'{x:.4f}' for x in row)}\n" for i, row in enumerate(rows.tolist())
            )
    command = [sys.executable, "-m", "explorer", "import", str(text), "--name", "drawn"]
    subprocess.run(command, check=True, cwd=ROOT, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    text.unlink()


def serve(port: int, script: str = "streamlit_app.py") -> subprocess.Popen[bytes]:
    options = {"server.port": port, "server.headless": "true", "server.fileWatcherType": "none"}
    command = [sys.executable, "-m", "streamlit", "run", script]
    process = subprocess.Popen(
        [*command, *(f"--{name}={value}" for name, value in options.items())],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    deadline = time.monotonic() + 60
    while time.monotonic() < deadline:
        try:
            urllib.request.urlopen(f"http://localhost:{port}/_stcore/health", timeout=2)
            return process
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.2)
    raise SystemExit("The server did not start.")


def visit(port: int, number: int, questions: int, begun: threading.Barrier, first: list[float], later: list[float]):
    """One visitor: a first page, then questions, each a run of the whole page until the server says that it is done."""
    from streamlit.proto.BackMsg_pb2 import BackMsg
    from streamlit.proto.ForwardMsg_pb2 import ForwardMsg
    from websockets.sync.client import connect

    def ask(connection, word: str) -> float:
        question = BackMsg()
        question.rerun_script.query_string = f"word={word}&model=drawn"
        question.rerun_script.page_name = "neighbours"
        start, received = time.perf_counter(), b""
        connection.send(question.SerializeToString())
        while True:
            message = connection.recv(timeout=60)
            received += message
            answer = ForwardMsg()
            answer.ParseFromString(message)
            if answer.WhichOneof("type") == "script_finished":
                if received.count(b"similarity") < 10:  # the word and its ten neighbours, each with its numbers
                    raise SystemExit("A visitor got a page without an answer.")
                return time.perf_counter() - start

    begun.wait()
    time.sleep(THINKING * (number % 10) / 10)  # visitors do not come in step
    start = time.perf_counter()
    with connect(f"ws://localhost:{port}/_stcore/stream", max_size=None) as connection:
        ask(connection, f"word{number}")
        first.append(time.perf_counter() - start)
        for question in range(questions):
            time.sleep(THINKING)
            later.append(ask(connection, f"word{1000 * (question + 1) + number}"))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--sessions", type=int, default=50)
    parser.add_argument("--questions", type=int, default=10)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        os.environ |= {"EXPLORER_MODELS": f"{folder}/models", "EXPLORER_CACHE": f"{folder}/cache"}
        Path(folder, "models").mkdir()
        make_model(Path(folder))
        with socket.socket() as free:
            free.bind(("localhost", 0))
            port = free.getsockname()[1]
        server = serve(port)
        try:
            print(f"{os.cpu_count()} cores, {WORDS:,} words × {DIMENSIONS}, {THINKING:g} s between questions")
            print("| visitors | first page, s: median (95%) | further answers, s: median (95%) |\n|---|---|---|")
            for sessions in (1, options.sessions):
                first: list[float] = []
                later: list[float] = []
                begun = threading.Barrier(sessions)
                visitors = [
                    threading.Thread(target=visit, args=(port, number, options.questions, begun, first, later))
                    for number in range(sessions)
                ]
                for visitor in visitors:
                    visitor.start()
                for visitor in visitors:
                    visitor.join()
                if len(first) < sessions:
                    raise SystemExit(f"{sessions - len(first)} of {sessions} visitors got no page.")
                cells = (f"{statistics.median(s):.3f} ({np.quantile(s, 0.95):.3f})" for s in (first, later))
                print(f"| {sessions} | {' | '.join(cells)} |")
        finally:
            server.terminate()
            server.wait()


if __name__ == "__main__":
    main()
