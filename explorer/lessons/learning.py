"""A training to watch: it runs beside the page, can be paused and stopped, and keeps checkpoints to look back at."""

from __future__ import annotations

import math
import threading
import time
from bisect import bisect_right
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import groupby

import numpy as np

from explorer.answers import csv_text
from explorer.errors import UserError
from explorer.lessons.example import Example, trained_example
from explorer.lessons.moments import MOST_KEPT, Moment, bytes_of
from explorer.lessons.numbers import rounded
from explorer.lessons.repetition import repetition, why_it_repeats
from explorer.texts import _, _n
from explorer.transformer.batches import Batches, Pair
from explorer.transformer.decoding import greedy
from explorer.transformer.inspection import Nearest, nearest_in_table
from explorer.transformer.optimisers import Adam
from explorer.transformer.recipe_bounds import MOST_WATCHED
from explorer.transformer.tape import Array
from explorer.transformer.training import Recipe, Training, measure
from explorer.transformer.translator import Translator
from explorer.transformer.vocabulary import MARKS

_MEASURED = 256  # pairs of the validation part that each moment is measured on
_ABANDONED = 90.0  # seconds after the last look at which it ends by itself; a tab in the background looks once a minute
_PAIR: Pair = (("you", "are", "welcome"), ("de", "nada"))
_MOST_TRANSLATIONS = 1_000  # that are remembered
_PAUSE = 0.05  # seconds between two looks at whether a pause is over


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
    """A training of `updates` steps in a thread of its own. The page that shows it calls `look` regularly; a training
    that nobody has looked at for a while ends, so that a closed tab leaves nothing running."""

    def __init__(
        self,
        translator: Translator,
        train: Sequence[Pair],
        validation: Sequence[Pair] | Batches,
        recipe: Recipe,
        updates: int,
        moments: Sequence[int] = (),
    ):
        """Checks everything; `start` begins. Moments are kept at the steps of `moments`, else ever further apart, each
        measured on the first pairs of `validation`, or on all of its batches. Raises UserError for what cannot be
        trained on."""
        if not 1 <= updates <= MOST_WATCHED:
            raise UserError(
                _(
                    "The number of updates is {updates:,}, but must be from 1 to {most:,}.",
                    updates=updates,
                    most=MOST_WATCHED,
                )
            )
        batches = Batches(translator, train, recipe.batch_size)
        self.updates = updates
        epochs = -(-updates // len(batches))
        self._training = Training(translator, replace(recipe, epochs=epochs, snapshots=()))
        self._train = train
        if isinstance(validation, Batches):
            self._held_out = validation
        else:
            self._held_out = Batches(translator, validation[:_MEASURED], recipe.batch_size) if validation else batches
        self._moments: list[Moment] = []
        self.has_validation = bool(validation)  # else the moments are measured on the pairs it is trained on
        self._wanted = {*_as_many_as_fit(moments or _moments_of(updates), translator), updates}
        self.most_bytes = (len(self._wanted) + 1) * bytes_of(translator.parameters)  # of all moments
        self._translations: dict[tuple[int, tuple[str, ...]], tuple[str, ...]] = {}
        self._looked = time.monotonic()
        self._going = threading.Event()
        self._going.set()
        self._cancelled = False
        self._thread: threading.Thread | None = None
        self.problem = ""  # why it ended early, in a sentence

    def start(self) -> None:
        self._keep()
        self._thread = threading.Thread(target=self._run, daemon=True)
        self._thread.start()

    def look(self) -> None:
        """Say that somebody is still watching."""
        self._looked = time.monotonic()

    def pause(self) -> None:
        self._going.clear()

    def go_on(self) -> None:
        self._going.set()

    def cancel(self) -> None:
        """End after the update under way; what has been learnt stays to be looked at."""
        self._cancelled = True
        self._going.set()

    def wait(self, seconds: float | None = None) -> None:
        """Until the training has ended, or so many seconds have passed."""
        assert self._thread
        self._thread.join(seconds)

    @property
    def running(self) -> bool:
        return self._thread is not None and self._thread.is_alive()

    @property
    def paused(self) -> bool:
        return self.running and not self._going.is_set()

    @property
    def step(self) -> int:
        return self._training.step

    @property
    def losses(self) -> tuple[float, ...]:
        """The training loss of each update so far."""
        return tuple(self._training.losses)

    @property
    def moments(self) -> tuple[Moment, ...]:
        """What can be looked back at, in order; the first is before the first update."""
        return tuple(self._moments)

    def moment(self, step: int) -> Moment:
        """The last moment at or before a step."""
        steps = [moment.step for moment in self._moments]
        return self._moments[max(0, bisect_right(steps, step) - 1)]

    def translator_at(self, moment: Moment) -> Translator:
        return replace(self._training.translator, parameters=moment.parameters)

    @property
    def guessing(self) -> float:
        """The loss of a model that finds all entries of the target's vocabulary equally probable: ln V."""
        return math.log(self.target_words)

    @property
    def target_words(self) -> int:
        """V, the entries of the target's vocabulary, special tokens included."""
        return self._training.translator.configuration.target_words

    @cached_property
    def repetition(self) -> float:
        """The mean probability, before the first update, of the token just read, over what moments are measured on."""
        return repetition(self.translator_at(self._moments[0]), self._held_out)

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
        why = why_it_repeats(self._training.translator.configuration, self.repetition)
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
        if key not in self._translations:
            if len(self._translations) >= _MOST_TRANSLATIONS:
                self._translations.clear()
            self._translations[key] = greedy(self.translator_at(moment), source).words
        return self._translations[key]

    def translations(self, source: Sequence[str]) -> tuple[Said, ...]:
        """What the model has made of a sentence so far: one entry for all moments in a row that say the same."""
        said = ((moment.step, self.translation_at(moment, source)) for moment in self.moments)
        same = ((words, [step for step, _same in group]) for words, group in groupby(said, lambda each: each[1]))
        return tuple(Said(steps[0], steps[-1], words) for words, steps in same)

    def first_pair(self) -> Pair:
        """A pair to begin looking at: the article's where the model knows its words, else the first it learns from."""
        translator = self._training.translator
        if all(word in translator.source for word in _PAIR[0]) and all(word in translator.target for word in _PAIR[1]):
            return _PAIR
        return self._train[0]

    def example_at(self, moment: Moment, source: Sequence[str], target: Sequence[str] | None) -> Example:
        """A sentence pair to tell a lesson of, with the weights of a moment. Raises UserError as `trained_example`."""
        recipe = self._training.recipe
        example = trained_example(self.translator_at(moment), source, target, smoothing=recipe.smoothing)
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
        first = self._moments[0].parameters
        if (
            name not in first
            or len(index) != first[name].ndim
            or any(not 0 <= i < size for i, size in zip(index, first[name].shape, strict=True))
        ):
            raise UserError(
                _("There is no weight {index} in a parameter called “{name}”.", index=list(index), name=name)
            )
        points = []
        for moment in self._moments:
            m, v = (float(moment.optimiser[key][name][index]) if moment.optimiser else 0.0 for key in ("m", "v"))
            rate = self._training.rate(max(1, moment.step))
            points.append(WeightAt(moment.step, float(moment.parameters[name][index]), m, v, rate))
        return tuple(points)

    def neighbours(self, word: str, moment: Moment, n: int = 8) -> tuple[Nearest, ...]:
        """The words nearest to one in the source's table at a moment, and how their ranks have risen since the start.

        None for a word that is not in the vocabulary."""
        words = self._training.translator.source.words
        tables = (kept.parameters["source.table"] for kept in (self._moments[0], moment))
        first, now = (nearest_in_table(table, words, word, len(words)) for table in tables)
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

        vocabulary = self._training.translator.source
        known = [word for word in words if word in vocabulary and word not in MARKS]
        if len(known) < 3:
            raise UserError(
                _(
                    "A map needs at least three words that the model knows, but there are only {count}.",
                    count=len(known),
                )
            )
        rows = vocabulary.ids(known)
        tables = [moment.parameters["source.table"][rows].astype(np.float64) for moment in self._moments]
        pca = PCA(2, svd_solver="full").fit(tables[-1])
        return tuple(pca.transform(table) for table in tables)

    def _run(self) -> None:
        try:
            self._training.run(self._train, (), self._after_each, self._stops)
        except UserError as error:
            self.problem = str(error)
        except MemoryError:
            self.problem = _(
                "This training needs more memory than this machine has. Take a smaller d_model or smaller batches."
            )
        if self._moments[-1].step != self.step:
            with suppress(UserError):  # a full disk has been said by then
                self._keep()

    def _after_each(self, training: Training[Translator]) -> None:
        if training.step in self._wanted:
            self._keep()

    def _stops(self) -> bool:
        while not self._going.is_set() and not self._is_abandoned():
            time.sleep(_PAUSE)
        return self._cancelled or self.step >= self.updates or self._is_abandoned()

    def _is_abandoned(self) -> bool:
        if time.monotonic() - self._looked > _ABANDONED:
            self.problem = _("The training was stopped because nobody was watching it any more.")
            return True
        return False

    def _keep(self) -> None:
        training = self._training
        self._moments.append(Moment.of(training, measure(training.translator, self._held_out, self.step)))


def _moments_of(updates: int) -> list[int]:
    """Which steps are kept: every one of the first few, then further and further apart, at most some forty."""
    steps, step = [], 1.0
    while step < updates:
        steps.append(round(step))
        step = max(step + 1, step * 1.18)
    return [*dict.fromkeys(steps), updates]


def _as_many_as_fit(steps: Sequence[int], translator: Translator) -> Sequence[int]:
    """Of these steps so many, evenly chosen, that all moments stay within the limit: the first and the last, which are
    always kept, too."""
    return steps[:: -(-len(steps) // max(1, MOST_KEPT // bytes_of(translator.parameters) - 2))]
