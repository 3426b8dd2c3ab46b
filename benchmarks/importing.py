"""Importing a text of vectors and opening it again, beside gensim's reader on the same file in the same run.

python -m benchmarks.importing [words] [dimensions]     (default: 400,000 words × 300 dimensions, 1 GB of text)
"""

import json
import os

# One BLAS thread for both: with more, spin-waiting decides what is measured on a busy machine.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

from explorer.embeddings import catalog

WORDS, DIMENSIONS = 400_000, 300
OPENINGS = 5

# Each in a process of its own. What a process needs before it reads (the interpreter, NumPy, gensim) is subtracted
# from its peak of memory, and not in its seconds.
MEASURE = """
import json, resource, sys, time
import numpy as np
{before}
def peak():
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024
start = peak(), time.perf_counter(), time.process_time()
{measured}
now = peak(), time.perf_counter(), time.process_time()
print(json.dumps([b - a for a, b in zip(start, now)]))
"""
IMPORT = (
    "from pathlib import Path; from explorer.embeddings.importing import import_model; import tomli_w",
    "import_model(Path(sys.argv[1]), 'synthetic')",
)
OPEN = ("from explorer.embeddings import catalog", "catalog.load('synthetic')")
GENSIM = (
    "from gensim.models import KeyedVectors",
    "KeyedVectors.load_word2vec_format(sys.argv[1], no_header=True)",
)


def write_text(path: Path, words: int, dimensions: int) -> None:
    """GloVe text with as many digits as GloVe has; 1,000 rows are drawn and repeated, as the parsers cannot tell."""
    rows = np.random.default_rng(0).normal(scale=0.4, size=(min(words, 1000), dimensions))
    numbers = [" ".join(f"{value:.5g}" for value in row) for row in rows]
    with path.open("w", encoding="utf-8") as out:
        out.writelines(f"word{row} {numbers[row % len(numbers)]}\n" for row in range(words))


def measure(code: tuple[str, str], file: Path, environment: dict[str, str]) -> tuple[float, float, float]:
    """Bytes of peak memory, seconds, and seconds of CPU that some code takes in a fresh process."""
    before, measured = code
    run = [sys.executable, "-c", MEASURE.format(before=before, measured=measured), str(file)]
    finished = subprocess.run(run, capture_output=True, check=True, text=True, env=os.environ | environment)
    peak, seconds, cpu = json.loads(finished.stdout)
    return peak, seconds, cpu


def main(words: int = WORDS, dimensions: int = DIMENSIONS) -> None:
    with tempfile.TemporaryDirectory() as folder:
        models = Path(folder) / "models"
        models.mkdir()
        shutil.copy(catalog.LEXICON, models)
        own = {"EXPLORER_MODELS": str(models), "EXPLORER_CACHE": str(Path(folder) / "cache")}
        file = Path(folder) / "synthetic.txt"
        write_text(file, words, dimensions)

        array = 4 * words * dimensions
        importing = measure(IMPORT, file, own)
        openings = sorted(measure(OPEN, file, own)[1] for _ in range(OPENINGS))
        theirs = measure(GENSIM, file, own)
        size = f"{file.stat().st_size / 1e6:,.0f} MB of text"

    print(f"{words:,} words × {dimensions} dimensions, {size}, {os.cpu_count()} cores")
    print("| | Embedding Explorer | gensim | ratio |")
    print("|---|---|---|---|")
    print(f"| reading the text, s of CPU | {importing[2]:.2f} | {theirs[2]:.2f} | {theirs[2] / importing[2]:.1f} |")
    print(f"| reading the text, s | {importing[1]:.2f} | {theirs[1]:.2f} | {theirs[1] / importing[1]:.1f} |")
    print(f"| peak memory / size of the array | {importing[0] / array:.2f} | {theirs[0] / array:.2f} | |")
    opening = openings[len(openings) // 2]
    print(f"| opening it again, ms (median of {OPENINGS}) | {opening * 1000:.1f} | | {theirs[1] / opening:,.0f} |")


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
