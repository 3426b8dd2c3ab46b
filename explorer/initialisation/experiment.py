"""One job of a plan: a model started by a strategy, trained, measured on the way and at the end."""

from __future__ import annotations

import hashlib
import json
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from statistics import fmean
from typing import Any, NamedTuple
from weakref import WeakKeyDictionary

import numpy as np
from threadpoolctl import threadpool_limits

from explorer.embeddings import catalog
from explorer.embeddings.embedding import Embedding
from explorer.errors import UserError
from explorer.initialisation import scratch
from explorer.initialisation.plan import Job, Plan
from explorer.initialisation.results import Neighbour, Result
from explorer.initialisation.strategies import Strategy, start, vectors
from explorer.initialisation.tasks import Task
from explorer.texts import _
from explorer.transformer.batches import Batches, Pair
from explorer.transformer.classifier import Classifier
from explorer.transformer.configuration import Configuration
from explorer.transformer.confusion import label_scores
from explorer.transformer.convolution import ConvolutionalClassifier
from explorer.transformer.inspection import heads, nearest_in_table, widths
from explorer.transformer.language import LanguageModel
from explorer.transformer.reader import Reader
from explorer.transformer.scoring import score
from explorer.transformer.tape import Array, Tape
from explorer.transformer.trace import Trace
from explorer.transformer.training import NUMPY, Diverged, Measure, Recipe, Training, measure
from explorer.transformer.translator import Translator
from explorer.translation.table import Start

TABLE = "source.table"  # that an arm starts; of a language model it is the target's
_VERSION = 1  # raised when the same plan gives other numbers than before
_OF_LABELS = ("labels", "pooling")  # what a configuration says of classifiers, and decides nothing elsewhere
_PROBES = ("attention_entropies", "vector_lengths", "position_lengths")  # columns of a Probe's numbers
_PROBED = 4  # validation pairs that attention and lengths are measured on
_NEIGHBOURS = 8
_fingerprints: WeakKeyDictionary[Embedding, str] = WeakKeyDictionary()  # it keeps no model in memory


@dataclass(frozen=True, eq=False)
class Prepared:
    """A translator, or a classifier, as a job starts it, and what it is trained with."""

    translator: Reader
    train: Sequence[Pair]
    task: Task
    recipe: Recipe
    covered: int  # rows of the source's table that come from vectors
    trained: int  # parameters that training may change, at its end

    def held_out(self) -> Batches:
        """What validation is measured on; the size of the batches decides its last digits."""
        return Batches(self.translator, self.task.validation, 64)


def prepare(plan: Plan, job: Job) -> Prepared:
    """What a job starts from. All but the source's table follows from the seed, so arms of one seed are pairs: the same
    other weights, the same training pairs, in the same order.

    Raises UserError for a share smaller than a batch, and for vectors that cannot be used.
    """
    data = plan.data.fold(job.seed)
    train = data.share(job.share, job.seed)
    if len(train) < plan.batch_size:
        raise UserError(
            _(
                "{share:.0%} of the training pairs are {train}, fewer than a batch of {batch_size}. "
                "Take a smaller batch_size or a larger share.",
                share=job.share,
                train=len(train),
                batch_size=plan.batch_size,
            )
        )
    embedding = _vectors(job.strategy, train, plan.model.d_model, job.seed)
    begun = start(job.strategy, data.source, plan.model.d_model, embedding, job.seed, [words for words, _ in train])
    configuration = replace(plan.model, source_width=begun.source_width, longest=data.longest)
    translator = _fresh(configuration, data, job.seed, begun.table, plan.is_convolutional)
    recipe = Recipe(
        epochs=-(-plan.updates // -(-len(train) // plan.batch_size)),
        batch_size=plan.batch_size,
        rate=job.rate,
        **_training(job.strategy, translator.table, begun),
        seed=job.seed,
        backend=plan.backend,
    )
    every = sum(array.size for array in translator.parameters.values())
    kept = len(begun.table) - len(recipe.trained_rows) if job.strategy.training == "frozen" else 0
    frozen = kept * begun.table.shape[1]
    return Prepared(translator, train, data, recipe, begun.covered, every - frozen)


def _training(strategy: Strategy, table: str, begun: Start) -> dict[str, Any]:
    """What a recipe says of the table."""
    if strategy.training in ("frozen", "thawed"):
        rows = begun.missing if strategy.missing == "learned" else ()
        return {"frozen": (table,), "thaw": strategy.thaw, "trained_rows": rows}
    if strategy.training in ("slower", "gradual"):
        return {"slow": (table,), "slow_share": strategy.rate, "slow_steps": strategy.thaw}
    return {}


def _fresh(configuration: Configuration, data: Task, seed: int, table: Array, is_convolutional: bool) -> Reader:
    """A model for a task, its source's table given."""
    if is_convolutional:
        return ConvolutionalClassifier.fresh(configuration, data.source, data.classes, seed, table, np.float32)
    if data.is_language:
        return LanguageModel.fresh(configuration, data.source, seed, {"target.table": table}, np.float32)
    tables = {TABLE: table}
    if data.classes:
        return Classifier.fresh(configuration, data.source, data.classes, seed, tables, np.float32)
    return Translator.fresh(configuration, data.source, data.target, seed, tables, np.float32)


def run(plan: Plan, job: Job) -> Result:
    """Train and measure. On one thread, whatever the machine has, so that the same job gives the same numbers.

    A training that diverges ends early, and the result says so. Raises UserError as `prepare`.
    """
    with threadpool_limits(1):
        begun = time.perf_counter()
        prepared = prepare(plan, job)
        training = Training(prepared.translator, prepared.recipe)
        held_out = prepared.held_out()
        table = prepared.translator.table
        first = training.translator.parameters[table].copy()
        curves = _Curves()
        best: dict[str, Array] = {}

        def look(measured: Measure) -> None:
            nonlocal best
            if not curves.validation_losses or measured.loss < min(curves.validation_losses):
                best = {name: array.copy() for name, array in training.translator.parameters.items()}
            probed = None if plan.is_convolutional else probe(training.translator, prepared.task)
            curves.add(training, measured, probed, _drift(first, training.translator.parameters[table]))

        def after_each(training: Training[Reader]) -> None:
            curves.gradients.append(training.gradient_length)
            if training.step % plan.measured_every == 0 or training.step == plan.updates:
                look(measure(training.translator, held_out, training.step))

        error = ""
        look(measure(training.translator, held_out))
        try:
            training.run(
                prepared.train, (), after_each, lambda: training.step >= plan.updates or curves.stall(plan.patience)
            )
        except Diverged as diverged:
            error = str(diverged)
        return Result(
            **about(plan, job),
            error=error,
            seconds=time.perf_counter() - begun,
            pairs=len(prepared.train),
            words=len(prepared.task.source),
            covered=prepared.covered,
            parameters=sum(array.size for array in prepared.translator.parameters.values()),
            trained=prepared.trained,
            best_step=curves.steps[int(np.argmin(curves.validation_losses))],
            **_scores(replace(training.translator, parameters=best), prepared.task.test),
            **curves.as_columns(),
            neighbours=_neighbours(plan.watch, prepared.task, first, training.translator.parameters[table]),
        )


def _scores(model: Reader, test: Sequence[Pair]) -> dict[str, Any]:
    """The columns of what is measured on the test part."""
    if isinstance(model, Translator):
        scores = score(model, test)
        columns = ("loss", "token_accuracy", "exact", "chrf", "bleu")
        return {name: getattr(scores, name) for name in columns}
    if isinstance(model, LanguageModel):
        measured = measure(model, Batches(model, test, 64))
        return {"loss": measured.loss, "token_accuracy": measured.accuracy}
    assert isinstance(model, Classifier | ConvolutionalClassifier)
    labels = label_scores(model, test)
    return {
        "loss": labels.loss,
        "token_accuracy": labels.confusion.accuracy,
        "exact": labels.confusion.accuracy,
        "macro_f1": labels.confusion.macro_f1,
        "calibration_error": labels.calibration_error,
        "confusion": tuple(labels.confusion.counts.ravel().tolist()),
    }


def about(plan: Plan, job: Job, data: str = "") -> dict[str, Any]:
    """The columns that say which job a row is of; its `digest` follows from all that decides the numbers. `data` is the
    digest of the plan's task, where its pairs are not at hand."""
    decides = {
        "version": _VERSION,
        "task": data or plan.data.digest,
        "model": _decides(plan),
        "settings": [
            plan.updates,
            plan.batch_size,
            plan.measured_every,
            plan.watch,
            *[plan.patience] * bool(plan.patience),
        ],
        "strategy": job.strategy.decides,
        **({"language": True} if plan.language else {}),
        **({"backend": plan.backend} if plan.backend != NUMPY else {}),
        "vectors": "+".join(_fingerprint(catalog.load(model)) for model in job.strategy.models),
        "job": [job.share, job.seed, job.rate],
    }
    return {
        "digest": hashlib.sha256(json.dumps(decides, sort_keys=True).encode()).hexdigest()[:32],
        "task": plan.public.task,
        "arm": job.arm,
        "strategy": job.strategy.name,
        "search": job.search,
        "share": job.share,
        "seed": job.seed,
        "rate": job.rate,
    }


def _decides(plan: Plan) -> dict[str, Any]:
    """What of a plan's network decides numbers."""
    if plan.is_convolutional:
        return {"network": plan.network, **plan.model_options}
    return {name: value for name, value in asdict(plan.model).items() if plan.text or name not in _OF_LABELS}


def _fingerprint(embedding: Embedding) -> str:
    """Of the vectors that a model's name stands for today: how many there are, and the most frequent ones' numbers."""
    if embedding not in _fingerprints:
        digest = hashlib.sha256(embedding.vectors[:5000].tobytes())
        digest.update(f"{len(embedding.words)} {embedding.dimensions}".encode())
        _fingerprints[embedding] = digest.hexdigest()
    return _fingerprints[embedding]


def _vectors(strategy: Strategy, train: Sequence[Pair], dimensions: int, seed: int) -> Embedding | None:
    if strategy.start == "scratch":
        return scratch.embedding([source for source, _ in train], dimensions, seed)
    if not strategy.models:
        return None
    return vectors([catalog.load(model) for model in strategy.models], strategy.join, strategy.centring)


class Probe(NamedTuple):
    """Means over the probed pairs: bits of attention entropy over all heads, ‖√d E‖ and ‖PE‖ of the source's tokens."""

    entropy: float
    vectors: float
    positions: float


def probed(model: Reader, data: Task) -> Iterator[Trace]:
    """The passes of some validation pairs through a model."""
    for pair in data.validation[:_PROBED]:
        tape = Tape(model.parameters)
        model.logits(tape, model.ids(pair))
        yield Trace(tape, *pair)


def probe(model: Reader, data: Task) -> Probe:
    """Of a transformer: other networks have neither attention nor positions."""
    rows = []
    for trace in probed(model, data):
        lengths = widths(trace, model.side)
        rows.append((fmean(head.entropy for head in heads(trace)), lengths.vectors, lengths.positions))
    return Probe(*map(fmean, zip(*rows, strict=True)))


class _Curves:
    """What is measured on the way, a number for each measurement in each list."""

    def __init__(self) -> None:
        self.steps: list[int] = []
        self.gradients: list[float] = []  # since the last measurement
        self.validation_losses: list[float] = []
        self._others: dict[str, list[float]] = {}

    def add(self, training: Training[Reader], measured: Measure, probe: Probe | None, drift: float) -> None:
        since = training.losses[self.steps[-1] if self.steps else 0 :]
        self.steps.append(training.step)
        self.validation_losses.append(measured.loss)
        for column, number in {
            "validation_accuracies": measured.accuracy,
            "training_losses": fmean(since) if since else measured.loss,
            "gradient_norms": fmean(self.gradients) if self.gradients else 0.0,
            "drifts": drift,
            **(dict(zip(_PROBES, probe, strict=True)) if probe else {}),
        }.items():
            self._others.setdefault(column, []).append(number)
        self.gradients.clear()

    def stall(self, patience: int) -> bool:
        """Whether the last measurements, as many as `patience` says, have found no lower validation loss."""
        since = len(self.validation_losses) - 1 - int(np.argmin(self.validation_losses))
        return bool(patience) and since >= patience

    def as_columns(self) -> dict[str, Any]:
        columns: dict[str, list[Any]] = {
            "steps": self.steps,
            "validation_losses": self.validation_losses,
            **self._others,
        }
        return {name: tuple(numbers) for name, numbers in columns.items()}


def _drift(first: Array, now: Array) -> float:
    """How far a table has moved, as a share of the length that it had."""
    length = float(np.linalg.norm(first))
    return float(np.linalg.norm(now - first)) / length if length else 0.0


def _neighbours(words: Sequence[str], data: Task, first: Array, last: Array) -> tuple[Neighbour, ...]:
    """The nearest words of the watched ones in the table before training, and after it with the places they rose."""
    known, rows = data.source.words, []
    for word in words:
        before = nearest_in_table(first, known, word, len(known))
        ranks = {other: rank for rank, (other, _) in enumerate(before)}
        rows += [Neighbour(word, "before", other, cosine, 0) for other, cosine in before[:_NEIGHBOURS]]
        rows += [
            Neighbour(word, "after", other, cosine, ranks.get(other, rank) - rank)
            for rank, (other, cosine) in enumerate(nearest_in_table(last, known, word, _NEIGHBOURS))
        ]
    return tuple(rows)
