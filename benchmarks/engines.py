"""Engines beside the exact search: how long a model takes to load, how long a question takes, what the engine finds.

python -m benchmarks.engines [WORDS …] [--dimensions 100]    (100,000 words by default)

Vectors are drawn at random, with the structure that vectors of words have. The engines are milvus-lite as a file, and
the standalone server of Milvus 2.3.5 where `pip install --no-deps milvus==2.3.5` has brought it. It listens to the
network while it runs. At the end stands what 100 million vectors would take, computed from what was measured.
"""

from __future__ import annotations

import os

# One BLAS thread for all: with more, spin-waiting decides what is measured on a busy machine.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import argparse
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path

import numpy as np

from benchmarks import search
from benchmarks.search import seconds_in_turn
from explorer.embeddings.embedding import Embedding
from explorer.embeddings.engine.connection import Engine
from explorer.embeddings.engine.pushing import push
from explorer.embeddings.engine.vocabulary import open_model
from explorer.embeddings.neighbours import neighbours
from tests.embeddings.engines import Standalone

ROUNDS = 30
MOST_IN_FILE = 200_000  # words: a file is there to try it
MANY = 100_000_000  # vectors that the last lines are about
MACHINE = 64e9  # bytes of memory of a machine that they would lie on,
FILLED = 0.7  # and the share of it that they may fill


@dataclass(frozen=True)
class Measured:
    """What an engine took: seconds to load all rows and to index them, and bytes of its memory a row."""

    rows: int
    loading: float
    indexing: float
    bytes: float
    opening: float
    words: float  # bytes of this process's memory a word


@contextmanager
def engines(folder: Path, size: int) -> Iterator[dict[str, tuple[Engine, Callable[[], int]]]]:
    """The engines that are installed, and how much memory each holds."""
    there: dict[str, tuple[Engine, Callable[[], int]]] = {}
    if size <= MOST_IN_FILE:
        there["milvus-lite, a file"] = (Engine(str(folder / "vectors.db")), resident)
    server = Standalone(folder / "milvus")
    if reason := server.is_missing():
        print(f"Without the standalone server: {reason}.", file=sys.stderr)
        yield there
        return
    server.start()
    try:
        yield there | {"Milvus 2.3.5, standalone": (Engine(server.address), lambda: server.resident)}
    finally:
        server.kill()


def resident() -> int:
    """Bytes of memory of this process, without the files that it maps."""
    pages = Path("/proc/self/statm").read_text().split()
    return (int(pages[1]) - int(pages[2])) * os.sysconf("SC_PAGE_SIZE")


def measured(embedding: Embedding, engine: Engine, memory: Callable[[], int]) -> tuple[Measured, Embedding]:
    """Load a model and open it again."""
    began: dict[str, float] = {}
    before = memory()
    pushed = push(embedding, {"title": "random"}, engine, lambda doing, _: began.setdefault(doing, time.perf_counter()))  # type: ignore[arg-type]
    after = memory()
    start = time.perf_counter()
    there = open_model(engine, pushed.entry)
    opening = time.perf_counter() - start
    objects: list[object] = [*there.words, *there.rows.values(), there.words, there.rows]
    arrays = (there.inverse_norms, there.counts, there.tag_codes)
    words = (sum(map(sys.getsizeof, objects)) + sum(array.nbytes for array in arrays)) / there.size
    loading, indexing = began["indexing"] - began["loading"], began["measuring"] - began["indexing"]
    return Measured(embedding.size, loading, indexing, (after - before) / embedding.size, opening, words), there


def compare(size: int, folder: Path) -> Measured | None:
    """Print one model's table; what the standalone server took, where there is one."""
    search.draw(folder, size)
    here = search.opened(folder)
    random = np.random.default_rng(1)
    words = iter(np.resize(random.integers(0, size, 1000), 100_000))
    asked: dict[str, Callable[[], object]] = {}
    taken: dict[str, Measured] = {}
    models = {"exact, in this process": here}
    with engines(folder, size) as there:
        for name, (engine, memory) in there.items():
            taken[name], models[name] = measured(here, engine, memory)
        kinds: dict[str, dict[str, object]] = {"": {}, ", adverbs (4%)": {"pos": "ADV"}}
        for kind, how in kinds.items():
            for name, model in models.items():
                asked[name + kind] = lambda model=model, how=how: neighbours(model, f"word{next(words)}", 10, **how)  # type: ignore[misc]
        seconds = seconds_in_turn(asked, ROUNDS)
        print(f"\n{size:,} words × {search.DIMENSIONS} dimensions")
        print("\n| engine | load, rows/s | index, s | its memory, bytes a row | open, s | words here, bytes each |")
        print("|---|---|---|---|---|---|")
        for name, one in taken.items():
            print(
                f"| {name} | {one.rows / one.loading:,.0f} | {one.indexing:.1f} | {one.bytes:,.0f} | {one.opening:.1f} "
                f"| {one.words:,.0f} |"
            )
        print("\n| 10 nearest, ms: median (lowest–highest) | | of the exact search, medians | lowest | recall |")
        print("|---|---|---|---|---|")
        for kind in kinds:
            for name, model in models.items():
                recall = model.remote.entry.recall if model.remote else None
                share = "1" if recall is None else f"{recall.filtered if kind else recall.all:.3f}"
                row(name + kind, seconds[name + kind], seconds[f"exact, in this process{kind}"], share)
    return taken.get("Milvus 2.3.5, standalone")


def row(what: str, seconds: list[float], beside: list[float], recall: str) -> None:
    low, middle, high = (f(seconds) * 1000 for f in (min, statistics.median, max))
    ratios = " | ".join(f"{of(seconds) / of(beside):.2f}" for of in (statistics.median, min))
    print(f"| {what} | {middle:,.2f} ({low:,.2f}–{high:,.2f}) | {ratios} | {recall} |")


def extrapolate(one: Measured, dimensions: int) -> None:
    """Print what many vectors would take, in proportion to what was measured."""
    memory = MANY * one.bytes
    shards = int(np.ceil(memory / (MACHINE * FILLED)))
    indexing = one.indexing / one.rows * np.log2(MANY / shards) / np.log2(one.rows) * MANY / 3600
    print(f"\n{MANY:,} × {dimensions}, in proportion to {one.rows:,} rows on the standalone server:")
    print(f"- memory of the engine: {memory / 1e9:,.0f} GB: {shards} machines of {MACHINE / 1e9:.0f} GB, each filled "
          f"to {FILLED:.0%}")  # fmt: skip
    print(f"- vectors on disk: {MANY * dimensions * 4 / 1e9:,.0f} GB, before copies of them")
    print(f"- loading by one client: {MANY / one.rows * one.loading / 3600:,.1f} hours")
    print(f"- building the index, n log n in each shard: {indexing:,.0f} hours of a machine like this one, "
          f"{indexing / shards:,.1f} hours on {shards} at once")  # fmt: skip
    print(f"- words in each process that serves: {MANY * one.words / 1e9:,.0f} GB, fetched in "
          f"{MANY / one.rows * one.opening / 3600:,.1f} hours")  # fmt: skip


def machine() -> str:
    total = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") / 2**30
    version = subprocess.run([sys.executable, "--version"], capture_output=True, check=True, text=True).stdout.strip()
    return f"{date.today()}, {os.cpu_count()} cores, {total:.0f} GiB, {version}, one BLAS thread"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.engines")
    parser.add_argument("words", type=int, nargs="*", default=[100_000])
    parser.add_argument("--dimensions", type=int, default=100)
    options = parser.parse_args()
    search.DIMENSIONS = options.dimensions
    print(machine())
    last = None
    for size in options.words:
        with tempfile.TemporaryDirectory() as folder:
            last = compare(size, Path(folder)) or last
    if last:
        extrapolate(last, options.dimensions)


if __name__ == "__main__":
    main()
