"""Ways to start an embedding table, each with its source in the literature."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from explorer.embeddings.embedding import Embedding
from explorer.errors import UserError
from explorer.transformer.tape import Array
from explorer.transformer.vocabulary import Vocabulary

Draw = Callable[[np.random.Generator, int, int], Array]  # (V, d) numbers

RANDOM: dict[str, tuple[str, Draw]] = {
    "zeros": (
        "All words alike and without a direction: nothing tells them apart but their gradients.",
        lambda random, words, d: np.zeros((words, d)),
    ),
    "constant": (
        "All words alike, 0.1 in every column.",
        lambda random, words, d: np.full((words, d), 0.1),
    ),
    "uniform": (
        "Uniform from −0.25 to 0.25 (Kim 2014).",
        lambda random, words, d: random.uniform(-0.25, 0.25, (words, d)),
    ),
    "normal": (
        "Normal with standard deviation 0.02 (Radford et al. 2018; Devlin et al. 2019).",
        lambda random, words, d: random.normal(0, 0.02, (words, d)),
    ),
    "xavier": (
        "Uniform with variance 2 / (V + d) (Glorot & Bengio 2010).",
        lambda random, words, d: random.uniform(-1, 1, (words, d)) * np.sqrt(6 / (words + d)),
    ),
    "he": (
        "Normal with variance 2 / d (He et al. 2015).",
        lambda random, words, d: random.normal(0, np.sqrt(2 / d), (words, d)),
    ),
    "unit": (
        "Normal with variance 1 / d, rows of length about 1, as the paper's √d expects (Vaswani et al. 2017).",
        lambda random, words, d: random.normal(0, d**-0.5, (words, d)),
    ),
}
"""Starts that need no vectors: name → what it is, and how it is drawn."""

FROM_VECTORS = {
    "pretrained": "The vectors of a model, words it lacks drawn with the same spread (Kim 2014; Qi et al. 2018).",
    "shuffled": "The same vectors, each given to another word: their distribution without their meaning.",
    "matched": "Random numbers with the spread of the vectors: their scale without their directions.",
    "scratch": "Word2Vec trained on the source side of the training pairs alone (Neishi et al. 2017).",
}
SCALES = {
    "raw": "as the model has them",
    "unit": "every row at length 1",
    "xavier": "rescaled to Xavier's spread (Kim, Balasubramanian & Kang 2024)",
}
TRAININGS = {
    "tuned": "trained along with the rest",
    "frozen": "kept as they start",
    "thawed": "kept at first, trained from a step on (Howard & Ruder 2018)",
}


@dataclass(frozen=True)
class Strategy:
    """One way to start the source's embedding table, and whether training may change it.

    `start` is one of RANDOM or FROM_VECTORS; vectors come from the model `model` and are scaled by `scale`. Raises
    UserError for what does not go together.
    """

    start: str
    model: str = ""
    scale: str = ""
    training: str = "tuned"
    thaw: int = 0  # the step after which a thawed table is trained

    def __post_init__(self) -> None:
        known = [*RANDOM, *FROM_VECTORS]
        if self.start not in known:
            raise UserError(f"There is no start “{self.start}”. Take one of {', '.join(known)}.")
        if self.training not in TRAININGS:
            raise UserError(f"There is no training “{self.training}”. Take one of {', '.join(TRAININGS)}.")
        if (self.training == "thawed") != (self.thaw > 0):
            raise UserError(
                f"A thawed table needs the step it is thawed at, and no other has one; this has {self.thaw}."
            )
        if self.start in RANDOM and (self.model or self.scale):
            raise UserError(
                f"The start “{self.start}” needs no vectors, but a model or a scale is given. Leave them out."
            )
        if self.start in FROM_VECTORS and self.scale not in SCALES:
            raise UserError(f"The start “{self.start}” needs a scale: {', '.join(SCALES)}; this one is “{self.scale}”.")
        if (self.start in FROM_VECTORS and self.start != "scratch") != bool(self.model):
            raise UserError(f"The start “{self.start}” {'takes no' if self.model else 'needs a'} model.")

    @property
    def name(self) -> str:
        """Such as "pretrained wiki-en-glove, xavier, frozen"."""
        vectors = f" {self.model}" if self.model else ""
        scale = f", {self.scale}" if self.scale else ""
        training = f"thawed at {self.thaw}" if self.thaw else self.training
        return f"{self.start}{vectors}{scale}, {training}"

    @property
    def source(self) -> str:
        """What it is and where it comes from."""
        return RANDOM[self.start][0] if self.start in RANDOM else f"{FROM_VECTORS[self.start]} {SCALES[self.scale]}."


@dataclass(frozen=True, eq=False)
class Start:
    """A table to start from (V, d) float64, and how many of its words the vectors cover."""

    table: Array
    covered: int


def start(strategy: Strategy, vocabulary: Vocabulary, d_model: int, embedding: Embedding | None, seed: int) -> Start:
    """The table a strategy gives the words of a vocabulary, the marks among them.

    `embedding` holds the vectors of a start that needs some. Vectors of more dimensions than `d_model` are projected by
    PCA over all of the model's 5,000 most frequent words, the same for every vocabulary. Words that it lacks are drawn
    with the standard deviation of those that it has. Raises UserError where it has none of them, or too few dimensions.
    """
    random = np.random.default_rng([seed, 2])  # of its own: all else is drawn alike, whatever the table is
    size = len(vocabulary)
    if strategy.start in RANDOM:
        return Start(RANDOM[strategy.start][1](random, size, d_model), 0)
    if embedding is None:
        raise UserError(f"The start “{strategy.start}” needs vectors, and none are given.")
    covered = [number for number, word in enumerate(vocabulary.words) if word in embedding]
    if not covered:
        raise UserError(f"{embedding.name} holds none of the {size:,} words to start. Take vectors of their language.")
    rows = _scaled(
        _projected(embedding, [vocabulary.words[number] for number in covered], d_model), strategy.scale, size
    )
    table = random.normal(0, rows.std(), (size, d_model))
    if strategy.start == "shuffled":
        rows = random.permutation(rows)
    if strategy.start != "matched":
        table[covered] = rows
    return Start(table, len(covered))


def _projected(embedding: Embedding, words: Sequence[str], d_model: int) -> Array:
    """The words' vectors (n, d_model) float64."""
    vectors = np.stack([embedding.vector(word) for word in words]).astype(np.float64)
    if embedding.dimensions == d_model:
        return vectors
    if embedding.dimensions < d_model:
        raise UserError(
            f"The vectors of {embedding.name} have {embedding.dimensions} dimensions, fewer than d_model = {d_model}. "
            f"Take a d_model of at most {embedding.dimensions}."
        )
    from sklearn.decomposition import PCA  # takes a second to import, and is needed for other sizes alone

    frequent = embedding.vectors[: max(5000, d_model)].astype(np.float64)
    if len(frequent) < d_model:
        raise UserError(
            f"{embedding.name} has {len(frequent):,} words, too few to project their vectors to {d_model} dimensions."
        )
    return np.asarray(PCA(d_model, svd_solver="covariance_eigh").fit(frequent).transform(vectors))


def _scaled(rows: Array, scale: str, words: int) -> Array:
    if scale == "unit":
        lengths = np.linalg.norm(rows, axis=1, keepdims=True)
        units: Array = np.divide(rows, lengths, where=lengths > 0, out=np.zeros_like(rows))
        return units
    if scale == "xavier":
        scaled: Array = rows * (np.sqrt(2 / (words + rows.shape[1])) / rows.std())
        return scaled
    return rows
