"""A training to watch: it keeps checkpoints, for others to look at meanwhile, and can be paused."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from time import sleep

from explorer.errors import Cancelled, UserError
from explorer.lessons import moments
from explorer.lessons.moments import MOST_KEPT, Facts, Losses, Moment, bytes_of
from explorer.lessons.repetition import repetition
from explorer.texts import _, _n
from explorer.transformer.batches import Batches, Pair
from explorer.transformer.recipe_bounds import MOST_WATCHED
from explorer.transformer.training import Measure, Recipe, Training, measure
from explorer.transformer.translator import Translator

_MEASURED = 256  # pairs of the validation part that each moment is measured on
_PAIR: Pair = (("you", "are", "welcome"), ("de", "nada"))
_LOOKS = 0.05  # seconds between two looks at whether a pause is over


class Trainer:
    """A training of `updates` steps; `sentence` describes it."""

    def __init__(
        self,
        translator: Translator,
        train: Sequence[Pair],
        validation: Sequence[Pair] | Batches,
        recipe: Recipe,
        updates: int,
        kept: Sequence[int] = (),
        sentence: str = "",
        expected: Mapping[int, float] | None = None,
    ):
        """Checks everything; `train` begins. Moments are kept at the steps of `kept`, else ever further apart, each
        measured on the first pairs of `validation`, or on all of its batches. `expected` are the validation losses of a
        run of a comparison that is repeated. Raises UserError for what cannot be trained on, and for a model of which
        even two checkpoints take too much of the disk."""
        if not 1 <= updates <= MOST_WATCHED:
            raise UserError(
                _(
                    "The number of updates is {updates:,}, but must be from 1 to {most:,}.",
                    updates=updates,
                    most=MOST_WATCHED,
                )
            )
        self._kept = {0, *_as_many_as_fit(kept or _steps_of(updates), translator), updates}
        batches = Batches(translator, train, recipe.batch_size)
        epochs = -(-updates // len(batches))
        self._training = Training(translator, replace(recipe, epochs=epochs, snapshots=()))
        self._train = train
        if isinstance(validation, Batches):
            self._held_out = validation
        else:
            self._held_out = Batches(translator, validation[:_MEASURED], recipe.batch_size) if validation else batches
        self._has_validation = bool(validation)  # else the moments are measured on the pairs it is trained on
        self.sentence, self._updates, self._expected = sentence, updates, expected or {}

    def train(
        self,
        folder: Path,
        progress: Callable[[str, float], object] = lambda doing, share: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> None:
        """Train, and record it in a folder. However it ends, what was learnt until then is kept; but of what a signal
        breaks off within an update, the last checkpoint.

        Raises Cancelled where it was, UserError for a folder that has a training or cannot be written, for a full disk
        and for a training that diverges.
        """
        training, losses = self._training, Losses(folder)
        self._begin(folder)

        def after_each(training: Training[Translator]) -> None:
            losses.add(training.losses[-1])
            if training.step in self._kept:
                self._keep(folder)
            progress("training", training.step / self._updates)

        def stops() -> bool:
            while moments.is_paused(folder) and not cancelled():
                sleep(_LOOKS)
            return training.step >= self._updates or cancelled()

        try:
            training.run(self._train, (), after_each, stops)
        except Exception:  # a KeyboardInterrupt is none: it may have left half an update behind
            with suppress(UserError, MemoryError):  # a full disk has been said by then
                self._keep_last(folder)
            raise
        self._keep_last(folder)
        if training.step < self._updates:
            raise Cancelled(
                _n(
                    "The training was stopped after {count:,} update. What it has learnt until then is kept.",
                    "The training was stopped after {count:,} updates. What it has learnt until then is kept.",
                    training.step,
                )
            )

    def _begin(self, folder: Path) -> None:
        """Write what is known before the first update: then there is something to look at."""
        try:
            folder.mkdir(exist_ok=True)
        except OSError as error:
            raise UserError(
                _("The folder {folder} cannot be made: {reason}.", folder=folder, reason=error.strerror)
            ) from error
        if moments.moments(folder):
            raise UserError(_("The folder {folder} has a training already. Take another one.", folder=folder))
        translator, first = self._training.translator, self._keep(folder)
        repeats = repetition(translator, self._held_out) if first.loss > math.log(len(translator.target)) else 0.0
        Facts(self.sentence, self._updates, self._has_validation, self._pair(), repeats, self._expected).write(folder)

    def _pair(self) -> Pair:
        """A pair to begin looking at: the article's where the model knows its words, else the first it learns from."""
        translator = self._training.translator
        if all(word in translator.source for word in _PAIR[0]) and all(word in translator.target for word in _PAIR[1]):
            return _PAIR
        return self._train[0]

    def _keep_last(self, folder: Path) -> None:
        if self._training.step not in self._kept:
            self._keep(folder)

    def _keep(self, folder: Path) -> Measure:
        training = self._training
        return Moment.write(folder, training, measure(training.translator, self._held_out, training.step)).measure


def _steps_of(updates: int) -> list[int]:
    """Which steps are kept: every one of the first few, then further and further apart, at most some forty."""
    steps, step = [], 1.0
    while step < updates:
        steps.append(round(step))
        step = max(step + 1, step * 1.18)
    return [*dict.fromkeys(steps), updates]


def _as_many_as_fit(steps: Sequence[int], translator: Translator) -> Sequence[int]:
    """Of these steps so many, evenly chosen, that all moments stay within the limit: the first and the last, which are
    always kept, too. Raises UserError where these two alone do not."""
    size = bytes_of(translator.parameters)
    between = MOST_KEPT // size - 2
    if between < 0:
        raise UserError(
            _(
                "A checkpoint of this model takes {size:,} MB. The first and the last one take more than the {most:,} "
                "MB that a training may keep. Take a smaller d_model, or pairs with fewer different words.",
                size=round(size / 2**20),
                most=MOST_KEPT // 2**20,
            )
        )
    return steps[:: -(-len(steps) // between)] if between else ()
