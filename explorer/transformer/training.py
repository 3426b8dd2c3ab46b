"""Training a translator or a classifier: steps, validation, early stopping, snapshots; it resumes to the same bits."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Generic, TypeVar

import numpy as np

from explorer.errors import UserError
from explorer.texts import _
from explorer.transformer.batches import Batch, Batches, Pair
from explorer.transformer.memory import keep_freed_memory
from explorer.transformer.model import cross_entropy
from explorer.transformer.optimisers import FlatParameters, Optimiser, clip, optimiser, warm_up
from explorer.transformer.reader import Reader
from explorer.transformer.tape import Array, Tape

Learner = TypeVar("Learner", bound=Reader)
NUMPY, PYTORCH = BACKENDS = ("numpy", "pytorch")


class Diverged(UserError):
    """The loss or a gradient stopped being a number; `training` still holds the last good state."""


@dataclass(frozen=True)
class Recipe:
    """How to train. Raises UserError for what makes no sense."""

    epochs: int = 20
    batch_size: int = 32
    optimiser: str = "adam"  # "sgd", "adam" or "adamw"
    rate: float = 1e-3  # the learning rate; with warm-up, a factor on the paper's schedule
    warm_up_steps: int = 0  # 0 is a constant rate
    longest_gradient: float = 1.0  # gradients longer than this are clipped; 0 leaves them
    smoothing: float = 0.0
    patience: int = 0  # validations in a row without a better loss before it stops; 0 never stops early
    frozen: tuple[str, ...] = ()  # parameters that keep what they start with …
    thaw: int = 0  # … up to this step; 0 is for good
    trained_rows: tuple[int, ...] = ()  # … but for these of their rows, which are trained from the first step
    slow: tuple[str, ...] = ()  # parameters that change by a share …
    slow_share: float = 1.0  # … this, of what the learning rate would change them by,
    slow_steps: int = 0  # which grows from 0 to this over so many steps; 0 is at once
    backend: str = NUMPY  # what computes a step; "pytorch" gives the same numbers but for rounding
    snapshots: tuple[int, ...] = ()  # steps after which the parameters are kept
    seed: int = 0

    def __post_init__(self) -> None:
        for name in ("epochs", "batch_size"):
            if getattr(self, name) < 1:
                raise UserError(_("{name} is {value}, but must be at least 1.", name=name, value=getattr(self, name)))
        for name in ("warm_up_steps", "longest_gradient", "patience", "thaw", "slow_share", "slow_steps", "seed"):
            if not getattr(self, name) >= 0:
                raise UserError(_("{name} is {value}, but must be 0 or more.", name=name, value=getattr(self, name)))
        if not (math.isfinite(self.rate) and self.rate > 0):
            raise UserError(_("The learning rate is {rate}, but must be a number above 0.", rate=self.rate))
        if not 0 <= self.smoothing < 1:
            raise UserError(
                _("smoothing is {smoothing}, but must be at least 0 and less than 1.", smoothing=self.smoothing)
            )
        optimiser(self.optimiser)
        if self.backend not in BACKENDS:
            raise UserError(
                _(
                    "The backend is “{backend}”, but must be {backends}.",
                    backend=self.backend,
                    backends=" or ".join(BACKENDS),
                )
            )
        if self.frozen and (self.thaw or self.trained_rows) and self.optimiser == "adamw":
            raise UserError(
                _(
                    "AdamW shrinks weights that have no gradient, so it cannot keep a table frozen up to a step, nor "
                    "some of its rows alone. Take Adam."
                )
            )


@dataclass(frozen=True)
class Measure:
    """What validation finds: mean loss a token, e to that loss, share of tokens whose likeliest word is right."""

    step: int
    loss: float
    perplexity: float
    accuracy: float


@dataclass
class Training(Generic[Learner]):
    """A training under way, of a `translator` or of another model that reads. `step` counts updates, `losses` has one
    number a step, `measures` one entry an epoch, `gradient_length` is that of the last step's whole gradient, before
    clipping."""

    translator: Learner
    recipe: Recipe
    step: int = 0
    losses: list[float] = field(default_factory=list)
    measures: list[Measure] = field(default_factory=list)
    snapshots: dict[int, dict[str, Array]] = field(default_factory=dict)
    gradient_length: float = 0.0

    def __post_init__(self) -> None:
        recipe = self.recipe
        if lost := [name for name in (*recipe.frozen, *recipe.slow) if name not in self.translator.parameters]:
            raise UserError(_("There is no parameter “{lost}” to keep frozen.", lost=lost[0]))
        self._for_good = for_good = () if recipe.thaw or recipe.trained_rows else recipe.frozen
        self._flat = FlatParameters(self.translator.parameters, for_good)
        self.translator = replace(self.translator, parameters=self._flat.arrays)
        self._weights = self._flat.flat[: self._flat.learnable]
        self._gradient = np.zeros_like(self._weights)
        by_name = self._flat.view(self._gradient)
        self._frozen = [by_name[name] for name in recipe.frozen if name not in for_good]
        self._before = self._weights.copy()
        before = self._flat.view(self._before)
        self._slow = [(self._flat.arrays[name], before[name]) for name in recipe.slow if name not in for_good]
        self._trained_rows = list(self.recipe.trained_rows)
        self.optimiser: Optimiser = optimiser(self.recipe.optimiser)

    def run(
        self,
        train: Sequence[Pair],
        validation: Sequence[Pair] = (),
        progress: Callable[[Training[Learner]], None] = lambda training: None,
        cancelled: Callable[[], bool] = lambda: False,
    ) -> Training[Learner]:
        """Train until the recipe's last epoch, early stopping, or cancellation; `progress` is told after each step.

        Continues after `step`: the order of batches and dropout follow from seed and step alone.
        Raises Diverged, UserError for pairs that cannot be used.
        """
        keep_freed_memory()
        batches = Batches(self.translator, train, self.recipe.batch_size)
        held_out = Batches(self.translator, validation, self.recipe.batch_size) if validation else None
        for epoch in range(self.step // len(batches), self.recipe.epochs):
            if self._has_stalled():
                break
            for batch in batches.shuffled(self.recipe.seed, epoch)[self.step % len(batches) :]:
                if cancelled():
                    return self
                self.update(batch)
                if held_out and self.step % len(batches) == 0:
                    self.measures.append(measure(self.translator, held_out, self.step))
                progress(self)
        return self

    def update(self, batch: Batch) -> float:
        """One step: forward, backward, clip, and the optimiser's change; the loss before it."""
        tape = self._tape()
        logits = self.translator.logits(tape, batch)
        loss = cross_entropy(logits, batch.expected, self.recipe.smoothing, self.translator.counted(batch))
        self._flat.gather(tape.backward(loss), self._gradient)
        if self.step < self.recipe.thaw or not self.recipe.thaw:
            for gradient in self._frozen:
                trained = gradient[self._trained_rows]
                gradient[...] = 0
                gradient[self._trained_rows] = trained
        value = float(loss.value)
        self.gradient_length = length = clip(self._gradient, self.recipe.longest_gradient or math.inf)
        weights = self._weights
        if math.isfinite(value) and math.isfinite(length):
            self._before[:] = weights
            self.optimiser.step(weights, self._gradient, self.rate(self.step + 1), self.step + 1)
            self._slow_down()
            self.translator.constrain()
        if not (math.isfinite(value) and math.isfinite(length) and math.isfinite(np.dot(weights, weights))):
            weights[:] = self._before
            raise Diverged(
                _(
                    "Training diverged at step {step}: the loss is {value:g}, the gradient's length {length:g}. "
                    "The weights are as they were before it. Lower the learning rate ({rate:g}).",
                    step=self.step + 1,
                    value=value,
                    length=length,
                    rate=self.recipe.rate,
                )
            )
        self.step += 1
        self.losses.append(value)
        if self.step in self.recipe.snapshots:
            self.snapshots[self.step] = {name: array.copy() for name, array in self._flat.arrays.items()}
        return value

    def _slow_down(self) -> None:
        """Take back what slow parameters have changed too much; of Adam a smaller gradient would not do it."""
        recipe = self.recipe
        share = recipe.slow_share * (min(1, (self.step + 1) / recipe.slow_steps) if recipe.slow_steps else 1)
        for now, before in self._slow if share != 1 else ():
            now[...] = before + now.dtype.type(share) * (now - before)

    def rate(self, step: int) -> float:
        """The learning rate of a step."""
        recipe = self.recipe
        if not recipe.warm_up_steps:
            return recipe.rate
        return recipe.rate * warm_up(step, self.translator.configuration.d_model, recipe.warm_up_steps)

    def highest_rate(self, steps: int) -> float:
        """The highest learning rate of a training of so many steps."""
        return self.rate(max(1, min(steps, self.recipe.warm_up_steps)))

    def optimiser_state(self) -> dict[str, dict[str, Array]]:
        """Adam's m and v, or SGD's velocity, by parameter."""
        return {name: self._flat.view(flat) for name, flat in self.optimiser.state.items()}

    def restore(self, step: int, state: dict[str, dict[str, Array]], losses: list[float]) -> None:
        """Go on from a step with the optimiser's state of then; the parameters are the translator's."""
        self.step, self.losses = int(step), list(losses)
        learnable = self._flat.view(self._weights)
        self.optimiser.state = {
            key: np.concatenate([arrays[name].ravel() for name in learnable]) for key, arrays in state.items()
        }

    def _tape(self) -> Tape:
        """What computes a step, in NumPy or in PyTorch."""
        parameters, random = self.translator.parameters, self._dropout_random()
        if self.recipe.backend == PYTORCH:
            # PyTorch is installed apart, and takes a second to import.
            from explorer.transformer.pytorch_tape import PyTorchTape

            return PyTorchTape(parameters, random, self._for_good)
        return Tape(parameters, tracing=False, random=random, frozen=self._for_good)

    def _dropout_random(self) -> np.random.Generator | None:
        if not self.translator.configuration.dropout:
            return None
        return np.random.default_rng([self.recipe.seed, self.step, 1])

    def _has_stalled(self) -> bool:
        patience, losses = self.recipe.patience, [measured.loss for measured in self.measures]
        return bool(patience) and len(losses) > patience and min(losses[-patience:]) >= min(losses[:-patience])


def measure(model: Reader, batches: Batches, step: int = 0) -> Measure:
    """Loss, perplexity and accuracy over all tokens or labels of `batches`, teacher-forced, without dropout."""
    total = right = count = 0.0
    for batch in batches.in_order():
        tape = Tape(model.parameters, tracing=False)
        logits, counted = model.logits(tape, batch), model.counted(batch)
        total += float(cross_entropy(logits, batch.expected, counted=counted).value) * counted.sum()
        right += ((logits.value.argmax(axis=-1) == batch.expected) & counted).sum()
        count += counted.sum()
    loss = float(total / count)
    return Measure(step, loss, math.exp(min(loss, 700)), float(right / count))
