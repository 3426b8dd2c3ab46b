"""Ways to start an embedding table, each with its source in the literature."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any, ClassVar

import numpy as np

from explorer.answers import Entries
from explorer.embeddings.centring import all_but_the_top, centred
from explorer.embeddings.embedding import Embedding
from explorer.embeddings.meta import concatenation, mean
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
        _("Normal with standard deviation 0.02, as GPT-2 and BERT have it (Radford et al. 2019; Devlin et al. 2019)."),
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
        _(
            "Normal with variance 1 / d, rows of length about 1, as the paper's √d expects (Vaswani et al. 2017) and "
            "fairseq has it (Ott et al. 2019)."
        ),
        lambda random, words, d: random.normal(0, d**-0.5, (words, d)),
    ),
    "pytorch": (
        _("Normal with variance 1, as PyTorch's nn.Embedding and T5 have it (Paszke et al. 2019; Raffel et al. 2020)."),
        lambda random, words, d: random.normal(0, 1, (words, d)),
    ),
    "keras": (
        _("Uniform from −0.05 to 0.05, as Keras' Embedding layer has it (Chollet 2015)."),
        lambda random, words, d: random.uniform(-0.05, 0.05, (words, d)),
    ),
    "lsuv": (
        _("Orthonormal columns, scaled so that the training words' vectors have variance 1 (Mishkin & Matas 2016)."),
        lambda random, words, d: _orthonormal(random, words, d),
    ),
}
"""Starts that need no vectors: name → what it is, and how it is drawn."""
CALLED = {"gpt-2": "normal", "bert": "normal", "fairseq": "unit", "t5": "pytorch", "glorot": "xavier", "kaiming": "he"}
"""Further names of starts that need no vectors."""

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
    "fresh": _("rescaled so that frequent words spread as the vectors of a new model do, by 1/√d_model (√d-aware)"),
    "wide": _("rescaled to rows of mean length 5.3, as published GloVe vectors of frequent words have"),
}
TRAININGS = {
    "tuned": _("trained along with the rest"),
    "frozen": _("kept as they start"),
    "thawed": _("kept at first, trained from a step on (Howard & Ruder 2018)"),
    "gradual": _("trained at a rate that grows from 0 to that of the rest over some steps (after Howard & Ruder 2018)"),
    "slower": _("trained at a smaller rate than the rest (discriminative fine-tuning, Howard & Ruder 2018)"),
}
PROJECTIONS = {
    "pca": _("brought to d_model by PCA"),
    "learned": _("kept at their own size, with a matrix to d_model that is trained in any case"),
    "padded": _("filled up with zeros to d_model"),
}
CENTRINGS = {
    "centred": _("the mean vector taken away"),
    "all-but-the-top": _("the mean and the leading principal components taken away (Mu & Viswanath 2018)"),
}
JOINS = {
    "concatenated": _("the models' vectors side by side, each at length 1 (Yin & Schütze 2016)"),
    "averaged": _("the mean of the models' vectors, each at length 1 (Coates & Bollegala 2018)"),
}
MISSING = {
    "drawn": _("drawn with the spread of the others (Kim 2014)"),
    "subwords": _("the mean of the vectors of their parts, where the model has some (Bojanowski et al. 2017)"),
    "neighbours": _("the mean of the words beside them in the training text (Lazaridou et al. 2017)"),
    "learned": _("drawn, and trained although the others are kept"),
}


@dataclass(frozen=True)
class Option:
    """What an option of an arm may say, what that is, and where it comes from."""

    option: str
    value: str
    meaning: str
    problem: ClassVar[str] = ""


@dataclass(frozen=True)
class Options(Entries):
    """All that arms may say."""

    entries: tuple[Option, ...]
    columns = ("option", "value", "meaning")


def options() -> Options:
    """What each option of an arm may say."""
    named = {name: meaning for name, (meaning, _draw) in RANDOM.items()}
    named |= {name: _("The same as {start}.", start=start) for name, start in CALLED.items()}
    every = {
        "start": named | FROM_VECTORS,
        "scale": SCALES,
        "centring": CENTRINGS,
        "projection": PROJECTIONS,
        "join": JOINS,
        "missing": MISSING,
        "training": TRAININGS,
    }
    return Options(tuple(Option(name, *row) for name, values in every.items() for row in values.items()))


@dataclass(frozen=True)
class Strategy:
    """One way to start the source's embedding table, and whether training may change it.

    `start` is one of RANDOM or FROM_VECTORS; vectors come from the model `model`, with `others` as `join` says, lose
    what `centring` takes away, are brought to the size of the model by `projection` and scaled by `scale`. Words that
    they lack are `missing`. Raises UserError for what does not go together.
    """

    start: str  # what the table is made of
    model: str = ""  # whose vectors are taken
    scale: str = ""  # how long the vectors' rows are
    training: str = "tuned"  # whether and when the table is trained
    thaw: int = 0  # the update after which a thawed table is trained, or at which a gradual one has the full rate
    projection: str = "pca"  # how vectors of another size are brought to d_model
    centring: str = ""  # what is taken away from the vectors first
    others: tuple[str, ...] = ()  # further models
    join: str = ""  # how their vectors become one
    missing: str = "drawn"  # what words have that the vectors lack
    rate: float = 1.0  # of a slower table: its share of the learning rate

    def __post_init__(self) -> None:
        object.__setattr__(self, "start", CALLED.get(self.start, self.start))
        object.__setattr__(self, "others", tuple(self.others))  # a plan's file has a list
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
        if (self.training in ("thawed", "gradual")) != (self.thaw > 0):
            raise UserError(
                _(
                    "A thawed table needs the step it is thawed at, a gradual one that of its full rate, and no other "
                    "has one; this has {thaw}.",
                    thaw=self.thaw,
                )
            )
        if not (0 < self.rate < 1 if self.training == "slower" else self.rate == 1):
            raise UserError(
                _(
                    "A slower table needs a rate above 0 and below 1, its share of the learning rate, and no other has "
                    "one; this has {rate:g}.",
                    rate=self.rate,
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

        self._check_vectors()

    def _check_vectors(self) -> None:
        """What goes with vectors of a model alone."""
        known = {"centring": CENTRINGS, "join": JOINS, "missing": MISSING}
        for name, options in known.items():
            value = getattr(self, name)
            if value != _OWN[name] and value not in options:
                raise UserError(
                    _(
                        "There is no {name} “{value}”. Take one of {options}.",
                        name=name,
                        value=value,
                        options=", ".join(options),
                    )
                )
        if not self.model and (own := [name for name in _OWN if getattr(self, name) != _OWN[name]]):
            raise UserError(
                _("The start “{start}” has no vectors of a model, so {own} says nothing.", start=self.start, own=own[0])
            )
        if bool(self.join) != bool(self.others):
            raise UserError(_("Joining needs others, the further models, and join, which says how."))
        if self.missing == "subwords" and (self.centring or self.others):
            raise UserError(_("Subwords make vectors of a single model as it is: leave centring and others out."))
        if self.missing == "learned" and self.training not in ("frozen", "thawed"):
            raise UserError(_("The missing words of a table that is not kept are learned in any case: leave it out."))

    @property
    def models(self) -> tuple[str, ...]:
        """All models whose vectors are taken."""
        return (self.model, *self.others) if self.model else ()

    @property
    def decides(self) -> dict[str, Any]:
        """All that decides numbers; of what came after the first results only what says something."""
        return {name: value for name, value in asdict(self).items() if name not in _LATER or value != _LATER[name]}

    @property
    def name(self) -> str:
        """Such as "pretrained wiki-en-glove, xavier, frozen", or "…, learned projection, frozen"."""
        vectors = f" {' + '.join(self.models)} {self.join}".rstrip()
        parts = [f"{self.start}{vectors if self.models else ''}", self.centring, self.scale]
        if self.projection != "pca":
            parts.append(f"{self.projection} projection" if self.projection == "learned" else self.projection)
        if self.missing != "drawn":
            parts.append(f"missing words {self.missing}")
        training = {"thawed": f"thawed at {self.thaw}", "gradual": f"gradually tuned up to {self.thaw}"}
        training["slower"] = f"tuned at {self.rate:g} of the rate"
        return ", ".join(filter(None, [*parts, training.get(self.training, self.training)]))

    @property
    def source(self) -> str:
        """What it is and where it comes from."""
        if self.start in RANDOM:
            return RANDOM[self.start][0]
        further = [
            PROJECTIONS[self.projection] if self.projection != "pca" else "",
            CENTRINGS.get(self.centring, ""),
            JOINS.get(self.join, ""),
            _("missing words {missing}", missing=MISSING[self.missing]) if self.missing != "drawn" else "",
        ]
        return _(
            "{from_vectors} Taken {scales}{projection}.",
            from_vectors=FROM_VECTORS[self.start],
            scales=SCALES[self.scale],
            projection="".join(f"; {each}" for each in further if each),
        )


_LATER: dict[str, Any] = {"centring": "", "others": (), "join": "", "missing": "drawn", "rate": 1.0}
_OWN = {name: default for name, default in _LATER.items() if name != "rate"}  # of vectors alone


def vectors(embeddings: Sequence[Embedding], join: str = "", centring: str = "") -> Embedding:
    """The vectors of a model or of several, joined and centred; kept for the next job of the same arm."""
    return _vectors(tuple(embeddings), join, centring)


@lru_cache(maxsize=2)
def _vectors(embeddings: tuple[Embedding, ...], join: str, centring: str) -> Embedding:
    embedding = embeddings[0]
    if join:
        embedding = (concatenation if join == "concatenated" else mean)(embeddings)
    if centring:
        embedding = (centred if centring == "centred" else all_but_the_top)(embedding)
    return embedding


def start(
    strategy: Strategy,
    vocabulary: Vocabulary,
    d_model: int,
    embedding: Embedding | None,
    seed: int,
    sentences: Sequence[Sequence[str]] = (),
) -> Start:
    """The table a strategy gives the words of a vocabulary, the marks among them.

    `embedding` holds the vectors of a start that needs some, `sentences` what is trained on, which some starts look
    at. Raises UserError as `Projection` and `table` do.
    """
    if strategy.start in RANDOM:
        drawn = RANDOM[strategy.start][1](generator(seed), len(vocabulary), d_model)
        if strategy.start == "lsuv":
            ids = [number for sentence in sentences for number in vocabulary.ids(sentence)]
            drawn /= drawn[ids or slice(None)].std()
        return Start(drawn, 0)
    if embedding is None:
        raise UserError(_("The start “{start}” needs vectors, and none are given.", start=strategy.start))
    projection = Projection(embedding, d_model, strategy.projection)
    options: dict[str, Any] = {"start": strategy.start, "missing": strategy.missing, "sentences": sentences}
    return table(projection, vocabulary, seed, strategy.scale, **options)


def _orthonormal(random: np.random.Generator, words: int, d: int) -> Array:
    """Columns of length 1 that are at right angles; rows, where there are fewer of them (Saxe et al. 2014)."""
    tall = np.linalg.qr(random.normal(0, 1, (max(words, d), min(words, d))))[0]
    return np.asarray(tall if words >= d else tall.T)
