"""Opening the shipped model and asking it for neighbours, beside gensim on the same file in the same run.

python -m benchmarks.vectors
"""

import os

# One BLAS thread for both: with more, spin-waiting decides what is measured on a busy machine.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import statistics
import subprocess
import sys
import time

import numpy as np

from explorer.embeddings import catalog
from explorer.embeddings.model_files import VECTORS, VOCABULARY

PROCESSES = 5
QUERIES = 300

OPEN_OURS = """
import time
from explorer.embeddings import catalog
start = time.perf_counter()
catalog.load()
print(time.perf_counter() - start)
"""
OPEN_GENSIM = f"""
import time
from gensim.models import KeyedVectors
from explorer.embeddings import catalog
folder = catalog.MODELS / catalog.DEFAULT
start = time.perf_counter()
KeyedVectors.load_word2vec_format(str(folder / "{VECTORS}"), fvocab=str(folder / "{VOCABULARY}"), binary=True)
print(time.perf_counter() - start)
"""


def seconds_in_fresh_processes(code: str, processes: int) -> list[float]:
    run = [sys.executable, "-c", code]
    return [float(subprocess.run(run, capture_output=True, check=True, text=True).stdout) for _ in range(processes)]


def seconds_of_queries(ask, words) -> list[float]:
    seconds = []
    for word in words:
        start = time.perf_counter()
        ask(word)
        seconds.append(time.perf_counter() - start)
    return seconds


def row(what: str, ours: list[float], theirs: list[float]) -> str:
    def cell(seconds):
        low, middle, high = min(seconds), statistics.median(seconds), max(seconds)
        return f"{middle * 1000:,.2f} ({low * 1000:,.2f}–{high * 1000:,.2f})"

    ratio = statistics.median(ours) / statistics.median(theirs)
    return f"| {what} | {cell(ours)} | {cell(theirs)} | {ratio:.3f} |"


def main() -> None:
    from gensim.models import KeyedVectors

    from explorer.embeddings.neighbours import neighbours

    embedding = catalog.load()  # converted now, if it was not before
    folder = catalog.MODELS / catalog.DEFAULT
    gensim_vectors = KeyedVectors.load_word2vec_format(str(folder / VECTORS), binary=True)
    gensim_vectors.fill_norms()
    words = [str(word) for word in np.random.default_rng(0).choice(embedding.words, QUERIES)]

    print(f"{embedding.name}: {embedding.size:,} words × {embedding.dimensions} dimensions, {os.cpu_count()} cores")
    print("| ms: median (lowest–highest) | Embedding Explorer | gensim | ratio |")
    print("|---|---|---|---|")
    opening = (
        seconds_in_fresh_processes(OPEN_OURS, PROCESSES),
        seconds_in_fresh_processes(OPEN_GENSIM, PROCESSES),
    )
    print(row(f"opening, second time, {PROCESSES} fresh processes", *opening))
    for k in (10, 100):
        asked = (
            seconds_of_queries(lambda word, k=k: neighbours(embedding, word, k), words),
            seconds_of_queries(lambda word, k=k: gensim_vectors.most_similar(word, topn=k), words),
        )
        print(row(f"{k} nearest, {QUERIES} words", *asked))
    nouns = seconds_of_queries(lambda word: neighbours(embedding, word, 10, pos="NOUN"), words)
    plain = seconds_of_queries(lambda word: neighbours(embedding, word, 10), words)
    print(
        f"\n10 nearest nouns take {statistics.median(nouns) / statistics.median(plain):.2f} of the time of 10 nearest."
    )


if __name__ == "__main__":
    main()
