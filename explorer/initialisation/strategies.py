"""Ways to start an embedding table, each with its source in the literature."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from explorer.embeddings.embedding import Embedding
from explorer.errors import UserError
from explorer.transformer.tape import Array
from explorer.transformer.vocabulary import Vocabulary
from explorer.translation.table import Projection, Start, generator, table

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
    "unit": "with every row at length 1",
    "xavier": "rescaled to Xavier's spread (Kim, Balasubramanian & Kang 2024)",
    "fresh": "rescaled so that frequent words spread as the vectors of a new model do, by 1/√d_model",
    "wide": "rescaled to rows of mean length 5.3, as published GloVe vectors of frequent words have",
}
TRAININGS = {
    "tuned": "trained along with the rest",
    "frozen": "kept as they start",
    "thawed": "kept at first, trained from a step on (Howard & Ruder 2018)",
}
PROJECTIONS = {
    "pca": "brought to d_model by PCA",
    "learned": "kept at their own size, with a matrix to d_model that is trained in any case",
}


@dataclass(frozen=True)
class Strategy:
    """One way to start the source's embedding table, and whether training may change it.

    `start` is one of RANDOM or FROM_VECTORS; vectors come from the model `model`, are scaled by `scale` and brought to
    the size of the translator by `projection`. Raises UserError for what does not go together.
    """

    start: str
    model: str = ""
    scale: str = ""
    training: str = "tuned"
    thaw: int = 0  # the step after which a thawed table is trained
    projection: str = "pca"  # or "learned"

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
        if self.projection not in PROJECTIONS:
            raise UserError(f"There is no projection “{self.projection}”. Take one of {', '.join(PROJECTIONS)}.")
        if self.projection == "learned" and not self.model:
            raise UserError(
                f"The start “{self.start}” is drawn or trained at the size that it is to have, so nothing is there to "
                "project. Leave the projection out."
            )

    @property
    def name(self) -> str:
        """Such as "pretrained wiki-en-glove, xavier, frozen", or "…, learned projection, frozen"."""
        vectors = f" {self.model}" if self.model else ""
        scale = f", {self.scale}" if self.scale else ""
        projection = ", learned projection" if self.projection == "learned" else ""
        training = f"thawed at {self.thaw}" if self.thaw else self.training
        return f"{self.start}{vectors}{scale}{projection}, {training}"

    @property
    def source(self) -> str:
        """What it is and where it comes from."""
        if self.start in RANDOM:
            return RANDOM[self.start][0]
        projection = f"; {PROJECTIONS[self.projection]}" if self.projection == "learned" else ""
        return f"{FROM_VECTORS[self.start]} Taken {SCALES[self.scale]}{projection}."


def start(strategy: Strategy, vocabulary: Vocabulary, d_model: int, embedding: Embedding | None, seed: int) -> Start:
    """The table a strategy gives the words of a vocabulary, the marks among them.

    `embedding` holds the vectors of a start that needs some. Raises UserError as `Projection` and `table` do.
    """
    if strategy.start in RANDOM:
        return Start(RANDOM[strategy.start][1](generator(seed), len(vocabulary), d_model), 0)
    if embedding is None:
        raise UserError(f"The start “{strategy.start}” needs vectors, and none are given.")
    projection = Projection(embedding, d_model, strategy.projection)
    return table(projection, vocabulary, seed, strategy.scale, start=strategy.start)
