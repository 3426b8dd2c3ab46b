"""Exact search on vectors drawn at random, beside the bare matrix-vector product and gensim on the same mapped array.

python -m benchmarks.search [WORDS …] [--approximate]    (400,000 and 1,000,000 words by default, 300 dimensions)

With --approximate an index is built instead and asked beside the exact search: on the vectors drawn at random, on the
vectors of the shipped models, and on as many as asked for that are drawn around the vectors of the default one.
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
from collections.abc import Callable
from pathlib import Path

import numpy as np

from explorer.embeddings import catalog
from explorer.embeddings.bounds import METRICS
from explorer.embeddings.embedding import Embedding
from explorer.embeddings.neighbours import neighbours
from explorer.embeddings.patterns import matching, suggestions
from explorer.embeddings.search import approximate
from explorer.embeddings.search.exact import nearest, nearest_of_many
from explorer.embeddings.tags import code_of

DIMENSIONS = 300
FACTORS = 30  # directions that most of the variance lies in, as it does for vectors of words
ROUNDS = 30
BATCH = 100
PROCESSES = 5
NOUNS, ADVERBS = 0.4, 0.04  # the shares of the two parts of speech that are asked for

FIRST_QUERY = """
import sys, time
import numpy as np
folder = sys.argv[1]
vectors = np.load(f"{folder}/vectors.npy", mmap_mode="r")
vectors.sum()  # the file is in the page cache, as after a first visit, though not in this process's memory
words = [f"word{number}" for number in range(len(vectors))]
"""
OURS_COLD = f"""{FIRST_QUERY}
vectors = np.load(f"{{folder}}/vectors.npy", mmap_mode="r")
from benchmarks.search import opened
from explorer.embeddings.neighbours import neighbours
embedding = opened(folder)
start = time.perf_counter()
neighbours(embedding, "word7", 10)
print(time.perf_counter() - start)
"""
GENSIM_COLD = f"""{FIRST_QUERY}
from gensim.models import KeyedVectors
gensim_vectors = KeyedVectors(vectors.shape[1])
gensim_vectors.index_to_key = words
gensim_vectors.key_to_index = {{word: row for row, word in enumerate(words)}}
gensim_vectors.vectors = np.load(f"{{folder}}/vectors.npy", mmap_mode="r")
start = time.perf_counter()
gensim_vectors.most_similar("word7", topn=10)
print(time.perf_counter() - start)
"""


def draw(folder: Path, size: int) -> None:
    """Write vectors (size, 300), their norms and tags; the counts fall as Zipf's law has it."""
    random = np.random.default_rng(0)
    mixing = random.standard_normal((FACTORS, DIMENSIONS), dtype=np.float32)
    vectors = np.lib.format.open_memmap(folder / "vectors.npy", "w+", np.float32, (size, DIMENSIONS))
    for start in range(0, size, 50_000):
        block = vectors[start : start + 50_000]
        block[:] = random.standard_normal((len(block), FACTORS), dtype=np.float32) @ mixing
        block += random.standard_normal(block.shape, dtype=np.float32)
    np.save(folder / "inverse_norms.npy", (1 / np.linalg.norm(vectors, axis=1)).astype(np.float32))
    tags = random.choice([code_of("NOUN"), code_of("ADV"), 0], size, p=[NOUNS, ADVERBS, 1 - NOUNS - ADVERBS])
    np.save(folder / "tag_codes.npy", tags.astype(np.uint8))
    np.save(folder / "counts.npy", (1e8 / np.arange(1, size + 1)).astype(np.int64) + 1)


def draw_alike(folder: Path, size: int) -> None:
    """Write vectors (size, d) like those of words: all of the default model, and others drawn around them.

    Each of the others lies on the way (a fifth to four fifths) from a word to one of its 10 nearest, moved by a third
    of the difference of two random words; so both its neighbourhood and the directions are as those of real words.
    """
    random = np.random.default_rng(0)
    model = catalog.load()
    units = model.units(slice(None))
    index = approximate.build(model, folder)
    nearest_10 = np.stack([np.resize(index.nearest(unit, 11)[0][1:], 10) for unit in units])
    parts = [units]
    while sum(map(len, parts)) < size:
        mates = units[nearest_10[np.arange(len(units)), random.integers(0, 10, len(units))]]
        shares = random.uniform(0.2, 0.8, (len(units), 1)).astype(np.float32)
        some, others = random.integers(0, len(units), (2, len(units)))
        parts.append(units + shares * (mates - units) + (units[some] - units[others]) / 3)
    vectors = np.concatenate(parts)[:size][random.permutation(size)]
    np.save(folder / "vectors.npy", vectors)
    np.save(folder / "inverse_norms.npy", (1 / np.linalg.norm(vectors, axis=1)).astype(np.float32))
    np.save(folder / "tag_codes.npy", np.zeros(size, np.uint8))
    np.save(folder / "counts.npy", np.zeros(size, np.int64))


def opened(folder: str | Path) -> Embedding:
    arrays = {
        name: np.load(Path(folder) / f"{name}.npy", mmap_mode="r")
        for name in ("vectors", "inverse_norms", "counts", "tag_codes")
    }
    return Embedding("random", [f"word{number}" for number in range(len(arrays["vectors"]))], **arrays)


def gensim_of(embedding: Embedding):
    from gensim.models import KeyedVectors

    vectors = KeyedVectors(embedding.dimensions)
    vectors.index_to_key, vectors.key_to_index = list(embedding.words), dict(embedding.rows)
    vectors.vectors, vectors.norms = embedding.vectors, 1 / embedding.inverse_norms
    return vectors


def seconds_in_turn(asked: dict[str, Callable[[], object]], rounds: int) -> dict[str, list[float]]:
    """Each in turn, so that whatever else the machine does meets all of them; the first round is not counted."""
    seconds: dict[str, list[float]] = {name: [] for name in asked}
    for number in range(rounds + 1):
        for name, ask in asked.items():
            start = time.perf_counter()
            ask()
            if number:
                seconds[name].append(time.perf_counter() - start)
    return seconds


def first_query(code: str, folder: Path) -> list[float]:
    run = [sys.executable, "-c", code, str(folder)]
    return [float(subprocess.run(run, capture_output=True, check=True, text=True).stdout) for _ in range(PROCESSES)]


def row(what: str, seconds: list[float], beside: list[float]) -> None:
    low, middle, high = (f(seconds) * 1000 for f in (min, statistics.median, max))
    ratios = (f"{of(seconds) / of(beside):.2f}" for of in (statistics.median, min))
    print(f"| {what} | {middle:,.2f} ({low:,.2f}–{high:,.2f}) | {' | '.join(ratios)} |")


def measure(size: int, folder: Path) -> None:
    draw(folder, size)
    embedding = opened(folder)
    vectors, gensim_vectors = embedding.vectors, gensim_of(embedding)
    random = np.random.default_rng(1)
    words = iter(np.resize(random.integers(0, size, 1000), 100_000))
    query = np.array(vectors[7])
    queries = np.array(vectors[np.sort(random.choice(size, BATCH, replace=False))])

    def ask(**how: object) -> Callable[[], object]:
        return lambda: neighbours(embedding, f"word{next(words)}", 10, **how)  # type: ignore[arg-type]

    seconds = seconds_in_turn(
        {
            "the bare product": lambda: vectors @ query,
            "gensim, warm": lambda: gensim_vectors.most_similar(f"word{next(words)}", topn=10),
            **{f"10 nearest, {metric}": ask(metric=metric) for metric in METRICS},
            "10 nearest nouns (40% of the words)": ask(pos="NOUN"),
            "10 nearest adverbs (4%)": ask(pos="ADV"),
            "100 nearest": lambda: neighbours(embedding, f"word{next(words)}", 100),
        },
        ROUNDS,
    )
    print(f"\n{size:,} words × {DIMENSIONS} dimensions")
    print("| ms: median (lowest–highest) | | relative to the bare product, medians | lowest |\n|---|---|---|---|")
    for what, taken in seconds.items():
        row(what, taken, seconds["the bare product"])

    batch = seconds_in_turn(
        {
            "batch": lambda: nearest_of_many(vectors, embedding.inverse_norms, queries, 10),
            "single": lambda: [ask()() for _ in range(BATCH)],
        },
        3,
    )
    print(f"\n| {BATCH} queries | ms | of one after the other, medians | lowest |\n|---|---|---|---|")
    row("in one reading of the matrix", batch["batch"], batch["single"])

    cold = first_query(GENSIM_COLD, folder)
    print(f"\n| the first query, {PROCESSES} fresh processes | ms | of gensim's, medians | lowest |\n|---|---|---|---|")
    row("Embedding Explorer", first_query(OURS_COLD, folder), cold)
    row("gensim", cold, cold)

    typed = seconds_in_turn(
        {"suggestions": lambda: suggestions(embedding, "word9"), "regex": lambda: matching(embedding, "(a+)+[89]$")}, 5
    )
    complete_ms, regex_ms = (statistics.median(typed[name]) * 1000 for name in ("suggestions", "regex"))
    print(f"\nA completion takes {complete_ms:.1f} ms, a regular expression {regex_ms:.1f} ms.")


def measure_approximate(what: str, embedding: Embedding, folder: Path) -> None:
    start, cpu = time.perf_counter(), time.process_time()
    index = approximate.build(embedding, folder)
    built, cpu = time.perf_counter() - start, time.process_time() - cpu
    queries = iter(np.array(embedding.vectors[np.random.default_rng(2).choice(embedding.size, 1000)]))
    seconds = seconds_in_turn(
        {
            "approximate": lambda: index.nearest(next(queries), 10),
            "exact": lambda: nearest(embedding.vectors, embedding.inverse_norms, next(queries), 10),
        },
        10 * ROUNDS,
    )
    exact, ours = (statistics.median(seconds[name]) * 1000 for name in ("exact", "approximate"))
    print(
        f"| {what}: {embedding.size:,} × {embedding.dimensions} | {index.recall:.3f} | {ours:.2f} | {exact:.2f} | "
        f"{exact / ours:.0f} | {min(seconds['exact']) / min(seconds['approximate']):.0f} | {built:.0f} ({cpu:.0f}) |"
    )


def measure_approximates(size: int, folder: Path) -> None:
    print("\n| vectors | recall@10 | ms, approximate | ms, exact | times as fast, medians | lowest | built, s (CPU) |")
    print("|---|---|---|---|---|---|---|")
    measure_approximate("drawn at random", opened(folder), folder)
    for name in catalog.names():
        measure_approximate(name, catalog.load(name), folder)
    draw_alike(folder, size)
    measure_approximate("drawn around words", opened(folder), folder)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.search")
    parser.add_argument("words", type=int, nargs="*", default=[400_000, 1_000_000])
    parser.add_argument("--approximate", action="store_true")
    options = parser.parse_args()
    print(f"{os.cpu_count()} cores, one BLAS thread")
    for size in options.words:
        with tempfile.TemporaryDirectory() as folder:
            if options.approximate:
                draw(Path(folder), size)
                measure_approximates(size, Path(folder))
            else:
                measure(size, Path(folder))


if __name__ == "__main__":
    main()
