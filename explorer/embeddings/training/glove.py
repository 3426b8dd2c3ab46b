"""GloVe: vectors whose products give the logarithm of how often two words stand near each other.

Pennington, Socher & Manning 2014, doi:10.3115/v1/D14-1162. Co-occurrences X are counted once; then the objective J of
the paper's equation 8 is lowered. The paper takes a gradient step for one cell of X after the other, which is slow in
NumPy. Here the vectors of words and those of contexts are improved by turns: with the ones held fixed, J falls apart
into a weighted least-squares problem for each of the others, which some conjugate-gradient steps bring down.
"""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import scipy
from scipy.sparse import coo_array, csr_array

from explorer.embeddings.training.corpus import CorpusError
from explorer.embeddings.training.defaults import GLOVE
from explorer.embeddings.training.making import (
    UNTITLED,
    About,
    Sentences,
    StageProgress,
    Trained,
    TrainingError,
    at_least_one,
    check_seed,
    make_model,
)
from explorer.texts import _

_PIECE = 2_000_000  # tokens counted at a time: a gigabyte with a window of 10
_STEPS = 5  # of the conjugate gradient for a word in half a sweep


@dataclass(frozen=True)
class Options:
    """How to get from a corpus to vectors; anything that cannot work raises TrainingError."""

    window: int = GLOVE["window"]  # words looked at on either side; one k words away counts 1/k
    dimensions: int = GLOVE["dimensions"]
    sweeps: int = GLOVE["sweeps"]  # a sweep improves every word's and every context's vector once
    maximum: float = GLOVE["maximum"]  # x_max: cells of X that are larger count no more; the paper has 100
    exponent: float = GLOVE["exponent"]  # α of the weighting function
    ridge: float = GLOVE[
        "ridge"
    ]  # what a squared length costs, beside the paper's objective, for the sake of rare words
    minimum_count: int = GLOVE["minimum_count"]  # rarer words get no vector
    seed: int = GLOVE["seed"]

    def __post_init__(self) -> None:
        at_least_one(self, "window", "dimensions", "sweeps", "minimum_count")
        for name in ("maximum", "exponent"):
            if not 0 < getattr(self, name) < float("inf"):
                raise TrainingError(
                    _(
                        "The {name} is {getattr}; it must be above 0, and finite.",
                        name=name,
                        getattr=getattr(self, name),
                    )
                )
        if not 0 <= self.ridge < float("inf"):
            raise TrainingError(_("The ridge is {ridge}; it must be at least 0, and finite.", ridge=self.ridge))
        check_seed(self.seed)


def train(
    corpus: Path,
    out: Path,
    options: Options = Options(),
    about: About = UNTITLED,
    progress: StageProgress = lambda stage, share: None,
) -> dict[str, Any]:
    """Train GloVe on a corpus of one paragraph a line, write the model folder `out` and return its card.

    The stages and errors are those of `making.make_model`; those of its own are "counting" and "training".
    """
    recipe = {"library": f"scipy {scipy.__version__}", "method": "glove", **asdict(options)}
    return make_model(corpus, out, partial(_fit, options), options.minimum_count, recipe, about, progress)


def _fit(options: Options, sentences: Sentences, progress: StageProgress) -> Trained:
    counts = count_cooccurrences(
        _paragraphs(sentences, lambda share: progress("counting", share)), len(sentences.vocabulary), options.window
    )
    if not counts.nnz:
        raise CorpusError(_("No two words stand near each other in this corpus. A line should be a paragraph."))
    vectors = factorise(counts, options, lambda share: progress("training", share))
    return Trained(vectors, card={"cooccurrences": {"cells": counts.nnz}})


def _paragraphs(sentences: Sentences, progress: Callable[[float], None]) -> Iterator[list[int]]:
    """The words of each paragraph that have a vector, as rows of the vocabulary."""
    rows = {word: row for row, word in enumerate(sentences.vocabulary)}
    with open(sentences.path, encoding="utf-8") as lines:
        for number, line in enumerate(lines):
            yield [rows[word] for word in line.split() if word in rows]
            if number % 4096 == 0:
                progress(number / sentences.paragraphs)
    progress(1.0)


def count_cooccurrences(paragraphs: Iterable[list[int]], size: int, window: int, piece: int = _PIECE) -> csr_array:
    """X, (size, size) float64: how often words stand near each other, a pair that is k ≤ `window` words apart as 1/k.

    A paragraph is a list of rows; pairs do not reach beyond it. X is symmetric, so that a word beside itself counts
    twice, as in the authors' program. It is counted in pieces of so many words.
    """
    upper = csr_array((size, size))
    for words, owners in _pieces(paragraphs, piece):
        upper = upper + _count_piece(words, owners, size, window)
    return (upper + upper.T).tocsr()


def _pieces(paragraphs: Iterable[list[int]], piece: int) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    """Whole paragraphs laid end to end until they have `piece` words: the words (n,), and their paragraphs' numbers."""
    words: list[int] = []
    lengths: list[int] = []
    for paragraph in paragraphs:
        words += paragraph
        lengths.append(len(paragraph))
        if len(words) >= piece:
            yield np.array(words, dtype=np.int64), np.repeat(np.arange(len(lengths)), lengths)
            words, lengths = [], []
    yield np.array(words, dtype=np.int64), np.repeat(np.arange(len(lengths)), lengths)


def _count_piece(words: np.ndarray, owners: np.ndarray, size: int, window: int) -> csr_array:
    """The upper triangle of X for one piece, with half of what its diagonal will be."""
    cells, values = [], []
    for distance in range(1, window + 1):
        together = owners[:-distance] == owners[distance:]
        left, right = words[:-distance][together], words[distance:][together]
        cell, count = np.unique(np.minimum(left, right) * size + np.maximum(left, right), return_counts=True)
        cells.append(cell)
        values.append(count / distance)
    rows, columns = np.divmod(np.concatenate(cells), size)
    return coo_array((np.concatenate(values), (rows, columns)), shape=(size, size)).tocsr()


def weights(counts: np.ndarray, options: Options) -> np.ndarray:
    """f(X), the paper's equation 9: (X / x_max)^α, and never above 1."""
    weighted: np.ndarray = np.minimum(counts / options.maximum, 1) ** options.exponent
    return weighted


def factorise(
    cooccurrences: csr_array, options: Options, progress: Callable[[float], None] = lambda share: None
) -> np.ndarray:
    """GloVe's vectors, (V, d) float32: the sum of a word's vector and its context vector, as in the paper.

    `cooccurrences` is X, (V, V), symmetric. `progress` is told the share of the work that is done.
    """
    problem = Problem.of(cooccurrences, options)
    rng = np.random.default_rng(options.seed)
    shape = (cooccurrences.shape[0], options.dimensions + 1)  # the last column is the bias
    words, contexts = (rng.random(shape, dtype=np.float32) - 0.5 for _ in range(2))
    progress(0.0)
    for half in range(2 * options.sweeps):
        improved, fixed = (words, contexts) if half % 2 == 0 else (contexts, words)
        problem.improve(improved, fixed, partial(_report, progress, half, 2 * options.sweeps))
    progress(1.0)
    vectors: np.ndarray = words[:, :-1] + contexts[:, :-1]
    return vectors


def _report(progress: Callable[[float], None], done: int, parts: int, share: float) -> None:
    progress((done + share) / parts)


@dataclass(frozen=True)
class Problem:
    """Σ f(Xᵢⱼ) (wᵢ·w̃ⱼ + bᵢ + b̃ⱼ − log Xᵢⱼ)² over the cells of X that are not 0, plus ridge · (‖w, b‖² + ‖w̃, b̃‖²).

    Vectors are (V, d + 1), the last column their bias. As X is symmetric, its rows serve words and contexts alike.
    """

    starts: np.ndarray  # (V + 1,) where the cells of a row begin
    columns: np.ndarray  # (n,)
    weights: np.ndarray  # (n,) f(X)
    logarithms: np.ndarray  # (n,) log X
    ridge: float

    @classmethod
    def of(cls, cooccurrences: csr_array, options: Options, dtype: type[np.floating[Any]] = np.float32) -> "Problem":
        """The problem for X, (V, V), reckoned with in this precision."""
        counts = cooccurrences.data
        return cls(
            cooccurrences.indptr,
            cooccurrences.indices,
            weights(counts, options).astype(dtype),
            np.log(counts).astype(dtype),
            options.ridge,
        )

    def objective(self, words: np.ndarray, contexts: np.ndarray) -> float:
        """The sum above."""
        total = self.ridge * (float(np.square(words).sum()) + float(np.square(contexts).sum()))
        for row in range(len(words)):
            *_, weight, residual = self._row(row, words[row], contexts)
            total += float(weight @ residual**2)
        return total

    def improve(
        self,
        vectors: np.ndarray,
        fixed: np.ndarray,
        progress: Callable[[float], None] = lambda share: None,
        steps: int = _STEPS,
    ) -> None:
        """Lower the objective in every row of `vectors` (words or contexts), the others being `fixed`, in place.

        Each row takes some steps of the conjugate gradient (Hestenes & Stiefel 1952) from where it stands.
        """
        for row, vector in enumerate(vectors):
            design, weight, residual = self._row(row, vector, fixed)
            descent = (weight * residual) @ design - self.ridge * vector  # (d + 1,) half of minus the gradient
            direction, square = descent, float(descent @ descent)
            for _step in range(steps):
                curved = (weight * (design @ direction)) @ design + self.ridge * direction
                curvature = float(direction @ curved)
                if square == 0 or curvature <= 0:
                    break  # the row is where it should be
                length = square / curvature
                vector += length * direction
                descent = descent - length * curved
                before, square = square, float(descent @ descent)
                direction = descent + square / before * direction
            if row % 256 == 0:
                progress(float(self.starts[row] / len(self.columns)))

    def _row(self, row: int, vector: np.ndarray, fixed: np.ndarray) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
        """One row's least-squares problem: the design (n, d + 1), the weights (n,), the residuals (n,)."""
        cells = slice(self.starts[row], self.starts[row + 1])
        design = fixed[self.columns[cells]]
        target = self.logarithms[cells] - design[:, -1]
        design[:, -1] = 1
        return design, self.weights[cells], target - design @ vector
