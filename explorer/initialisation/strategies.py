"""Ways to start an embedding table, each with its source in the literature."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from explorer.embeddings.embedding import Embedding
from explorer.errors import UserError
from explorer.texts import _
from explorer.transformer.tape import Array
from explorer.transformer.vocabulary import Vocabulary

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
_WIDE = 5.3  # of the 76 words of gensim's sample of them, test_glove.txt


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


@dataclass(frozen=True, eq=False)
class Start:
    """A table to start from (V, k) float64, and how many of its words the vectors cover.

    `source_width` is what the translator's `Configuration` has to have: 0 where k is d_model, k where a projection is
    learned. `parameter_count` then says what the arm costs.
    """

    table: Array
    covered: int
    source_width: int = 0


def start(strategy: Strategy, vocabulary: Vocabulary, d_model: int, embedding: Embedding | None, seed: int) -> Start:
    """The table a strategy gives the words of a vocabulary, the marks among them.

    `embedding` holds the vectors of a start that needs some. Vectors of more dimensions than `d_model` are projected by
    PCA over all of the model's 5,000 most frequent words, the same for every vocabulary, or keep their size where a
    projection is learned. Words that it lacks are drawn with the standard deviation of those that it has. Raises
    UserError where it has none of them, or too few dimensions for a PCA.
    """
    random = np.random.default_rng([seed, 0, 2])  # of its own: all else is drawn alike, whatever the table is
    size = len(vocabulary)
    if strategy.start in RANDOM:
        return Start(RANDOM[strategy.start][1](random, size, d_model), 0)
    if embedding is None:
        raise UserError(_("The start “{start}” needs vectors, and none are given.", start=strategy.start))
    covered = [number for number, word in enumerate(vocabulary.words) if word in embedding]
    if not covered:
        raise UserError(
            _(
                "{name} holds none of the {size:,} words to start. Take vectors of their language.",
                name=embedding.name,
                size=size,
            )
        )
    source_width = embedding.dimensions if strategy.projection == "learned" else 0
    width = source_width or d_model
    rows = _scaled(_projected(embedding, [vocabulary.words[number] for number in covered], width), strategy.scale, size)
    table = random.normal(0, rows.std(), (size, width))
    if strategy.start == "shuffled":
        rows = random.permutation(rows)
    if strategy.start != "matched":
        table[covered] = rows
    return Start(table, len(covered), source_width)


def _projected(embedding: Embedding, words: Sequence[str], d_model: int) -> Array:
    """The words' vectors (n, d_model) float64."""
    vectors = np.stack([embedding.vector(word) for word in words]).astype(np.float64)
    if embedding.dimensions == d_model:
        return vectors
    if embedding.dimensions < d_model:
        raise UserError(
            _(
                "The vectors of {name} have {dimensions} dimensions, fewer than d_model = {d_model}. "
                'Take a d_model of at most {dimensions}, or write projection = "learned" into the arm: a matrix '
                "that is trained brings them to d_model then.",
                name=embedding.name,
                dimensions=embedding.dimensions,
                d_model=d_model,
            )
        )
    from sklearn.decomposition import PCA  # takes a second to import, and is needed for other sizes alone

    frequent = embedding.vectors[: max(5000, d_model)].astype(np.float64)
    if len(frequent) < d_model:
        raise UserError(
            _(
                "{name} has {frequent:,} words, too few to project their vectors to {d_model} dimensions. "
                'Take a smaller d_model, or write projection = "learned" into the arm.',
                name=embedding.name,
                frequent=len(frequent),
                d_model=d_model,
            )
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
    if scale == "wide":
        wide: Array = rows * (_WIDE / np.linalg.norm(rows, axis=1).mean())
        return wide
    return rows
