"""Ways to start an embedding table, each with its source in the literature."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from explorer.embeddings.embedding import Embedding
from explorer.errors import UserError
from explorer.texts import _
from explorer.transformer.tape import Array
from explorer.transformer.vocabulary import Vocabulary
from explorer.translation.table import Projection, Start, generator, table

Draw = Callable[[np.random.Generator, int, int], Array]  # (V, d) numbers

RANDOM: dict[str, tuple[str, Draw]] = {
    "zeros": (
        _("All words alike and without a direction: nothing tells them apart but their gradients."),
        lambda random, words, d: np.zeros((words, d)),
    ),
    "constant": (
        _("All words alike, 0.1 in every column."),
        lambda random, words, d: np.full((words, d), 0.1),
    ),
    "uniform": (
        _("Uniform from −0.25 to 0.25 (Kim 2014)."),
        lambda random, words, d: random.uniform(-0.25, 0.25, (words, d)),
    ),
    "normal": (
        _("Normal with standard deviation 0.02 (Radford et al. 2018; Devlin et al. 2019)."),
        lambda random, words, d: random.normal(0, 0.02, (words, d)),
    ),
    "xavier": (
        _("Uniform with variance 2 / (V + d) (Glorot & Bengio 2010)."),
        lambda random, words, d: random.uniform(-1, 1, (words, d)) * np.sqrt(6 / (words + d)),
    ),
    "he": (
        _("Normal with variance 2 / d (He et al. 2015)."),
        lambda random, words, d: random.normal(0, np.sqrt(2 / d), (words, d)),
    ),
    "unit": (
        _("Normal with variance 1 / d, rows of length about 1, as the paper's √d expects (Vaswani et al. 2017)."),
        lambda random, words, d: random.normal(0, d**-0.5, (words, d)),
    ),
}
"""Starts that need no vectors: name → what it is, and how it is drawn."""

FROM_VECTORS = {
    "pretrained": _("The vectors of a model, words it lacks drawn with the same spread (Kim 2014; Qi et al. 2018)."),
    "shuffled": _("The same vectors, each given to another word: their distribution without their meaning."),
    "matched": _("Random numbers with the spread of the vectors: their scale without their directions."),
    "scratch": _("Word2Vec trained on the source side of the training pairs alone (Neishi et al. 2017)."),
}
SCALES = {
    "raw": _("as the model has them"),
    "unit": _("with every row at length 1"),
    "xavier": _("rescaled to Xavier's spread (Kim, Balasubramanian & Kang 2024)"),
    "fresh": _("rescaled so that frequent words spread as the vectors of a new model do, by 1/√d_model"),
    "wide": _("rescaled to rows of mean length 5.3, as published GloVe vectors of frequent words have"),
}
TRAININGS = {
    "tuned": _("trained along with the rest"),
    "frozen": _("kept as they start"),
    "thawed": _("kept at first, trained from a step on (Howard & Ruder 2018)"),
}
PROJECTIONS = {
    "pca": _("brought to d_model by PCA"),
    "learned": _("kept at their own size, with a matrix to d_model that is trained in any case"),
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
            raise UserError(
                _("There is no start “{start}”. Take one of {known}.", start=self.start, known=", ".join(known))
            )
        if self.training not in TRAININGS:
            raise UserError(
                _(
                    "There is no training “{training}”. Take one of {trainings}.",
                    training=self.training,
                    trainings=", ".join(TRAININGS),
                )
            )
        if (self.training == "thawed") != (self.thaw > 0):
            raise UserError(
                _(
                    "A thawed table needs the step it is thawed at, and no other has one; this has {thaw}.",
                    thaw=self.thaw,
                )
            )
        if self.start in RANDOM and (self.model or self.scale):
            raise UserError(
                _(
                    "The start “{start}” needs no vectors, but a model or a scale is given. Leave them out.",
                    start=self.start,
                )
            )
        if self.start in FROM_VECTORS and self.scale not in SCALES:
            raise UserError(
                _(
                    "The start “{start}” needs a scale: {scales}; this one is “{scale}”.",
                    start=self.start,
                    scales=", ".join(SCALES),
                    scale=self.scale,
                )
            )
        if (self.start in FROM_VECTORS and self.start != "scratch") != bool(self.model):
            raise UserError(
                _("The start “{start}” takes no model.", start=self.start)
                if self.model
                else _("The start “{start}” needs a model.", start=self.start)
            )
        if self.projection not in PROJECTIONS:
            raise UserError(
                _(
                    "There is no projection “{projection}”. Take one of {projections}.",
                    projection=self.projection,
                    projections=", ".join(PROJECTIONS),
                )
            )
        if self.projection == "learned" and not self.model:
            raise UserError(
                _(
                    "The start “{start}” is drawn or trained at the size that it is to have, so nothing is there to "
                    "project. Leave the projection out.",
                    start=self.start,
                )
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
        return _(
            "{from_vectors} Taken {scales}{projection}.",
            from_vectors=FROM_VECTORS[self.start],
            scales=SCALES[self.scale],
            projection=projection,
        )


def start(strategy: Strategy, vocabulary: Vocabulary, d_model: int, embedding: Embedding | None, seed: int) -> Start:
    """The table a strategy gives the words of a vocabulary, the marks among them.

    `embedding` holds the vectors of a start that needs some. Raises UserError as `Projection` and `table` do.
    """
    if strategy.start in RANDOM:
        return Start(RANDOM[strategy.start][1](generator(seed), len(vocabulary), d_model), 0)
    if embedding is None:
        raise UserError(_("The start “{start}” needs vectors, and none are given.", start=strategy.start))
    projection = Projection(embedding, d_model, strategy.projection)
    return table(projection, vocabulary, seed, strategy.scale, start=strategy.start)
