"""A training that is watched: what it has recorded, as curves, translations, weights, words and lessons."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from threading import Lock

import numpy as np

from explorer.answers import csv_text
from explorer.errors import UserError
from explorer.lessons.example import Example, trained_example
from explorer.lessons.moments import Facts, Losses, Moment, moments
from explorer.lessons.numbers import rounded
from explorer.lessons.repetition import why_it_repeats
from explorer.texts import _, _n
from explorer.transformer import checkpoint
from explorer.transformer.batches import Pair
from explorer.transformer.decoding import greedy
from explorer.transformer.inspection import Nearest, nearest_in_table
from explorer.transformer.optimisers import Adam
from explorer.transformer.tape import Array
from explorer.transformer.vocabulary import MARKS

_MOST_TRANSLATIONS = 1_000  # that are remembered


@dataclass(frozen=True)
class Said:
    """What a model makes of a sentence by itself, the likeliest word at each step, from the checkpoint at update
    `first` to the one at `last`."""

    first: int
    last: int
    words: tuple[str, ...]


@dataclass(frozen=True)
class WeightAt:
    """One weight at one moment: its value, Adam's means of its gradient and of the gradient's square, and the learning
    rate of the update that led to them."""

    step: int
    value: float
    m: float
    v: float
    rate: float

    @property
    def size(self) -> float:
        """√v, in the gradient's own unit."""
        return math.sqrt(self.v)

    @property
    def corrected(self) -> tuple[float, float]:
        """m̂ and v̂, without the pull to zero of a mean that began there; zeros before the first update."""
        adam = Adam()
        means = ((self.m, adam.beta1), (self.v, adam.beta2))
        m, v = (mean / (1 - beta**self.step) if self.step else 0.0 for mean, beta in means)
        return m, v

    @property
    def change(self) -> float:
        """What that update added to the weight, -η m̂ / (√v̂ + ε) (Kingma & Ba 2015, algorithm 1)."""
        m, v = self.corrected
        return -self.rate * m / (math.sqrt(v) + Adam().epsilon)


class Learning:
    """What a training has recorded in its folder so far, to be looked back at. `read_on` reads what is new."""

    def __init__(self, folder: Path) -> None:
        """Raises FileNotFoundError for a folder in which no training has begun, or that is just being deleted."""
        self._folder, self._facts = folder, Facts.read(folder)
        self._file = Losses(folder)
        self._losses: list[float] = []
        self._moments: list[Moment] = []
        self._translations: dict[tuple[int, tuple[str, ...]], tuple[str, ...]] = {}
        self._reading = Lock()  # several visitors may look at one training
        self.read_on()
        if not self._moments:
            raise FileNotFoundError(folder)
        self._start = checkpoint.resume(self._moments[0].path)  # the training as it was before the first update

    def read_on(self) -> None:
        """Read what was recorded since the last time."""
        with self._reading:
            self._losses += self._file.further()
            self._moments += [Moment.read(path) for path in moments(self._folder)[len(self._moments) :]]

    @property
    def sentence(self) -> str:
        """What the training is."""
        return self._facts.sentence

    @property
    def updates(self) -> int:
        """How many it has, if nobody stops it."""
        return self._facts.updates

    @property
    def has_validation(self) -> bool:
        """Whether moments are measured on held-out pairs, and not on those that it learns from."""
        return self._facts.has_validation

    @property
    def step(self) -> int:
        """How many updates it has had."""
        return len(self._losses)

    @property
    def losses(self) -> tuple[float, ...]:
        """The training loss of each update so far."""
        return tuple(self._losses)

    @property
    def moments(self) -> tuple[Moment, ...]:
        """What can be looked back at, in order; the first is before the first update."""
        return tuple(self._moments)

    def moment(self, step: int) -> Moment:
        """The last moment at or before a step."""
        steps = [moment.step for moment in self._moments]
        return self._moments[max(0, bisect_right(steps, step) - 1)]

    @property
    def shapes(self) -> dict[str, tuple[int, ...]]:
        """The shape of each parameter."""
        return {name: array.shape for name, array in self._start.translator.parameters.items()}

    def words(self, side: str) -> tuple[str, ...]:
        """The vocabulary of the `source` or the `target`, special tokens included."""
        return self._start.translator.vocabulary(side).words

    @property
    def guessing(self) -> float:
        """The loss of a model that finds all entries of the target's vocabulary equally probable: ln V."""
        return math.log(self.target_words)

    @property
    def target_words(self) -> int:
        """V, the entries of the target's vocabulary, special tokens included."""
        return self._start.translator.configuration.target_words

    @property
    def beginning(self) -> str:
        """How the loss before the first update compares with guessing, and why, in sentences."""
        loss = self._moments[0].measure.loss
        said = _(
            "Guessing costs ln {words:,} = {guessing}: each of the {words:,} entries of the target's vocabulary gets "
            "the same probability. Before the first update, the loss is {loss}.",
            words=self.target_words,
            guessing=rounded(self.guessing, 2),
            loss=rounded(loss, 2),
        )
        if loss <= self.guessing:
            return said
        why = why_it_repeats(self._start.translator.configuration, self._facts.repetition)
        why = why or _("Random weights prefer some words without a reason, which costs more than guessing.")
        return f"{said} {why}"

    def measured(self, moment: Moment) -> str:
        """The loss and the token accuracy of a moment, in a sentence."""
        values = {"loss": moment.measure.loss, "accuracy": moment.measure.accuracy}
        if self.has_validation:
            return _n(
                "After {count:,} update: validation loss {loss:.4f}, token accuracy {accuracy:.1%}.",
                "After {count:,} updates: validation loss {loss:.4f}, token accuracy {accuracy:.1%}.",
                moment.step,
                **values,
            )
        return _n(
            "After {count:,} update, on the training pairs: loss {loss:.4f}, token accuracy {accuracy:.1%}.",
            "After {count:,} updates, on the training pairs: loss {loss:.4f}, token accuracy {accuracy:.1%}.",
            moment.step,
            **values,
        )

    def loss_in_words(self, moment: Moment) -> str:
        """What the loss of a moment means as a probability."""
        return _(
            "The loss of a token is −ln p, in nats (units of the natural logarithm), where p is the probability that "
            "the model gives to the right token: 0 if it is certain of it. A mean loss of {loss} nats is that of a "
            "model with p = {probability} at every token.",
            loss=rounded(moment.measure.loss, 2),
            probability=rounded(1 / moment.measure.perplexity, 4),
        )

    def translation_at(self, moment: Moment, source: Sequence[str]) -> tuple[str, ...]:
        """What the model of a moment makes of a sentence by itself (greedy decoding). Raises UserError as that does."""
        key = moment.step, tuple(source)
        words = self._translations.get(key)
        if words is None:
            words = greedy(moment.translator, source).words
            if len(self._translations) >= _MOST_TRANSLATIONS:
                self._translations.clear()  # another visitor may look at the same moment
            self._translations[key] = words
        return words

    def translations(self, source: Sequence[str]) -> tuple[Said, ...]:
        """What the model has made of a sentence so far: one entry for all moments in a row that say the same."""
        said = ((moment.step, self.translation_at(moment, source)) for moment in self.moments)
        same = ((words, [step for step, _same in group]) for words, group in groupby(said, lambda each: each[1]))
        return tuple(Said(steps[0], steps[-1], words) for words, steps in same)

    @property
    def pair(self) -> Pair:
        """A pair to begin looking at."""
        return self._facts.pair

    @property
    def agreement(self) -> str:
        """Whether the validation losses are those of the run of a comparison that is repeated, in a sentence; empty
        where none is."""
        if not (expected := self._facts.expected):
            return ""
        pairs = [(m.measure.loss, expected[m.step]) for m in self._moments if m.step in expected]
        if all(loss == other for loss, other in pairs):
            return _("All {pairs} validation losses are those of the comparison, to the last digit.", pairs=len(pairs))
        furthest = max(abs(loss - other) for loss, other in pairs)
        return _(
            "The validation losses differ from those of the comparison by up to {furthest:.2g}: it was computed by "
            "another processor or another library, which rounds otherwise.",
            furthest=furthest,
        )

    def example_at(self, moment: Moment, source: Sequence[str], target: Sequence[str] | None) -> Example:
        """A sentence pair to tell a lesson of, with the weights of a moment. Raises UserError as `trained_example`."""
        recipe = self._start.recipe
        example = trained_example(moment.translator, source, target, smoothing=recipe.smoothing)
        if moment.step:
            origin = _(
                "These are the vectors and all other weights of this training after {updates:,} updates.",
                updates=moment.step,
            )
        else:
            origin = _("These are the vectors and all other weights of this training before the first update.")
        title = _("After {updates:,} updates", updates=moment.step)
        trained_with = example.trained_with if moment.step else (0.0, 0.0)
        return replace(example, title=title, origin=origin, rate=recipe.rate, trained_with=trained_with)

    def curve_csv(self) -> str:
        """A line an update, from before the first: its training loss, and what was measured where a moment was kept."""
        measured = {moment.step: moment.measure for moment in self.moments}
        rows = (
            (step, loss, *((found.loss, found.accuracy) if (found := measured.get(step)) else (None, None)))
            for step, loss in enumerate((None, *self.losses))
        )
        held_out = "validation" if self.has_validation else "all_pairs"
        return csv_text(("update", "training_loss", f"{held_out}_loss", f"{held_out}_accuracy"), rows)

    def weight(self, name: str, *index: int) -> tuple[WeightAt, ...]:
        """One weight at every moment. Raises UserError for no such weight."""
        shape = self.shapes.get(name)
        if shape is None or len(index) != len(shape) or any(not 0 <= i < n for i, n in zip(index, shape, strict=True)):
            raise UserError(
                _("There is no weight {index} in a parameter called “{name}”.", index=list(index), name=name)
            )
        rate = self._start.rate
        return tuple(
            WeightAt(moment.step, *moment.weight(name, *index), rate(max(1, moment.step))) for moment in self._moments
        )

    def neighbours(self, word: str, moment: Moment, n: int = 8) -> tuple[Nearest, ...]:
        """The words nearest to one in the source's table at a moment, and how their ranks have risen since the start.

        None for a word that is not in the vocabulary."""
        words = self.words("source")
        first, now = (nearest_in_table(at.table, words, word, len(words)) for at in (self._moments[0], moment))
        ranks = {other: rank for rank, (other, _) in enumerate(first)}
        return tuple(Nearest(other, cosine, ranks[other] - rank) for rank, (other, cosine) in enumerate(now[:n]))

    def around(self, word: str, n: int = 6) -> tuple[str, ...]:
        """The word, then its `n` neighbours before the first update and those at the last moment: the same words
        whichever moment is looked at, so that a map of them stays put."""
        ends = (near.word for at in (0, -1) for near in self.neighbours(word, self._moments[at], n))
        return tuple(dict.fromkeys((word, *ends)))

    def embedding_map(self, words: Sequence[str]) -> tuple[Array, ...]:
        """Where the source's words stand at each moment: an array (n, 2) each, on the axes of the last one's PCA.

        Raises UserError for fewer than three words that the model knows.
        """
        from sklearn.decomposition import PCA  # takes a second to import, and the map alone needs it

        vocabulary = self._start.translator.source
        known = [word for word in words if word in vocabulary and word not in MARKS]
        if len(known) < 3:
            raise UserError(
                _(
                    "A map needs at least three words that the model knows, but there are only {count}.",
                    count=len(known),
                )
            )
        rows = vocabulary.ids(known)
        tables = [moment.table[rows].astype(np.float64) for moment in self._moments]
        pca = PCA(2, svd_solver="full").fit(tables[-1])
        return tuple(pca.transform(table) for table in tables)
