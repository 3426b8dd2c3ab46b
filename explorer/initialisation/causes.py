"""Why an arm does better or worse: what each arm's table is like at its start and after a small training, and what its
gradients are."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

import numpy as np
from scipy.stats import spearmanr
from threadpoolctl import threadpool_limits

from explorer.embeddings import catalog
from explorer.embeddings.lexicon import Lexicon, read_lexicon
from explorer.errors import Cancelled, UserError
from explorer.initialisation import experiment, tables
from explorer.initialisation.explanation import Explanation
from explorer.initialisation.plan import Job, Plan
from explorer.initialisation.sharpness import Sublayer, sharpness, sublayers
from explorer.initialisation.words import arms_named, size
from explorer.texts import _
from explorer.transformer.batches import Batches
from explorer.transformer.model import cross_entropy
from explorer.transformer.reader import Batch, Reader
from explorer.transformer.tape import Tape
from explorer.transformer.training import Diverged, Training, measure
from explorer.transformer.vocabulary import MARKS

START, END = "start", "end"
_BATCHES = 16  # whose gradients are compared
_FEWEST_ARMS = 5  # for a rank correlation between arms

Tell = Callable[[str, float], None]


@dataclass(frozen=True)
class Row:
    """An arm's table at the start or at the end of its training, and the loss there. None where it has no such number:
    a frozen table no gradient that it would follow, words without tags no part of speech."""

    arm: str
    moment: str
    loss: float  # on the validation part
    effective_rank: float
    isotropy: float
    vector_length: float  # ‖√d·E‖, mean over tokens
    position_length: float  # ‖PE‖
    ratio: float  # of the former to the latter
    signal_frequent: float | None  # to noise, median over the rows of the most frequent third of the words
    signal_rare: float | None  # of the rarest third
    tags_read: float | None
    frequency_read: float | None
    sharpness: float | None = None  # at the start, the largest eigenvalue of the Hessian of a batch's loss


_PROPERTIES = {
    "ratio": _("the length of the scaled embeddings beside that of the positions"),
    "effective_rank": _("the effective rank"),
    "isotropy": _("the isotropy"),
    "signal_rare": _("the signal to noise of rare words' gradients"),
    "tags_read": _("how well parts of speech are read from the table"),
    "frequency_read": _("how well frequency is read from the table"),
    "sharpness": _("the sharpness of the loss"),
}


class Causes(Explanation):
    """What each arm of a plan has at its start and after some updates."""

    row = Row

    def __init__(
        self,
        plan: Plan,
        share: float,
        updates: int,
        rows: Sequence[Row],
        commonest: float | None,
        sublayers: Sequence[Sublayer] = (),
    ) -> None:
        """`commonest` is the share of words with the most frequent of the tags that the probe is asked for."""
        super().__init__(plan, share, updates, rows)
        self.commonest, self.sublayers = commonest, tuple(sublayers)

    @classmethod
    def of_json(cls, plan: Plan, content: dict[str, Any]) -> Causes:
        rows = [cls.row(**row) for row in content["rows"]]
        added = [Sublayer(**each) for each in content["sublayers"]]
        return cls(plan, content["size"], content["updates"], rows, content["commonest_tag"], added)

    @property
    def headline(self) -> str:
        """Which arm is ahead, and what goes along with it."""
        ends = {row.arm: row.loss for row in self.rows if row.moment == END}
        best, worst = min(ends, key=ends.__getitem__), max(ends, key=ends.__getitem__)
        return _(
            "After {updates:,} updates with {size} (one seed), “{best}” has the lowest validation loss, {low:.3f}, and "
            "“{worst}” the highest, {high:.3f}.",
            updates=self.updates,
            size=size(self.share, self.plan),
            best=best,
            worst=worst,
            low=ends[best],
            high=ends[worst],
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        return tuple(self._sentences())

    def _sentences(self) -> Iterator[str]:
        starts = [row for row in self.rows if row.moment == START]
        if wide := [row.arm for row in starts if row.ratio > 1]:
            yield _(
                "At the start, the scaled embeddings are longer than the positions in {arms}: the order of the words "
                "is harder to see there (Kim, Balasubramanian & Kang 2024).",
                arms=arms_named(wide),
            )
        if along := self._along(starts):
            name, correlation = max(along.items(), key=lambda each: abs(each[1]))
            yield _(
                "Of what the tables are like at the start, {name} goes along best with the loss after the training "
                "(rank correlation {correlation:+.2f} over {arms} arms). That two things go along does not show that "
                "one causes the other, and of several numbers the best one is partly lucky.",
                name=_PROPERTIES[name],
                correlation=correlation,
                arms=len(starts),
            )
        yield _(
            "Effective rank (Roy & Vetterli 2007): how many directions a table uses. Isotropy (Mu & Viswanath 2018): 1 "
            "where all directions are used alike. Signal to noise: how long the mean gradient of a word's row is "
            "beside its spread over {batches} batches; the median over the most frequent and the rarest third of the "
            "words. Parts of speech (share that is right) and log frequency (R²) are read by a linear probe, from rows "
            "that it did not see. Sharpness: how fast the loss curves in its steepest direction; a plain gradient step "
            "of more than two over it overshoots (Cohen et al. 2021).",
            batches=_BATCHES,
        )
        if self.sublayers:
            yield _(
                "Each sublayer adds something to the vectors that enter it: the share is the length of what is added, "
                "divided by that of what enters. Where it is small, the sublayer hardly changes what it reads."
            )
        if self.commonest is not None and any(row.tags_read is not None for row in self.rows):
            yield _(
                "Always guessing the most frequent part of speech is right for {share:.1%} of the words.",
                share=self.commonest,
            )

    def _along(self, starts: Sequence[Row]) -> dict[str, float]:
        """The rank correlation over the arms of each property with the loss at the end, where there are enough arms."""
        losses = {row.arm: row.loss for row in self.rows if row.moment == END}
        along = {}
        for name in _PROPERTIES if len(starts) >= _FEWEST_ARMS else ():
            numbers = [getattr(row, name) for row in starts]
            if all(number is not None for number in numbers) and len(set(numbers)) > 1:
                correlation = float(spearmanr(numbers, [losses[row.arm] for row in starts]).statistic)
                if math.isfinite(correlation):
                    along[name] = correlation
        return along

    @property
    def measures(self) -> dict[str, Any]:
        return {"commonest_tag": self.commonest, "sublayers": [asdict(each) for each in self.sublayers]}


def causes(
    plan: Plan,
    updates: int,
    share: float | None = None,
    tell: Tell = lambda stage, done: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Causes:
    """Train each arm of a plan from its first seed, with the middle one of its rates, for so many updates, and look at
    its table before and after.

    Raises UserError as `experiment.prepare`, for a share that the plan does not have, and for a training that diverges;
    Cancelled when told to stop.
    """
    share = size_of(plan, share)
    rows: list[Row] = []
    added: list[Sublayer] = []
    commonest, lexicon = None, read_lexicon(catalog.LEXICON)
    with threadpool_limits(1):
        for place, arm in enumerate(plan.arms):
            done = place / len(plan.arms)
            tell(_("training “{arm}”", arm=arm), done)
            job = Job(arm, plan.arms[arm], share, plan.seeds[0], middle_rate(plan))
            prepared = experiment.prepare(plan, job)
            words = _Words(prepared, lexicon)
            commonest = tables.commonest(words.tags)
            begun = _row(arm, START, prepared, prepared.translator, words)
            steepest = sharpness(
                prepared.translator, _batches(prepared, prepared.translator)[0], prepared.recipe.frozen
            )
            rows.append(replace(begun, sharpness=steepest))
            added += sublayers(arm, START, prepared.translator, prepared.task)
            model = trained(plan, prepared, updates, cancelled)
            rows.append(_row(arm, END, prepared, model, words))
            added += sublayers(arm, END, model, prepared.task)
    tell(_("done"), 1.0)
    return Causes(plan, share, updates, rows, commonest, added)


def size_of(plan: Plan, share: float | None) -> float:
    """A size of a plan, the smallest where it is left open: with few examples, what a table begins with matters most.
    Raises UserError for another, and for a network without positions."""
    if plan.is_convolutional:
        raise UserError(
            _(
                "“{name}” trains a convolutional network, which has no position vectors, with which this question "
                "compares its table. Take a comparison of transformers.",
                name=plan.name,
            )
        )
    if share is not None and share not in plan.sizes:
        raise UserError(
            _(
                "The plan “{name}” has no size {share:g}. Take one of {sizes}.",
                name=plan.name,
                share=share,
                sizes=", ".join(f"{each:g}" for each in plan.sizes),
            )
        )
    return min(plan.sizes) if share is None else share


def middle_rate(plan: Plan) -> float:
    """The middle one of a plan's learning rates, the lower of two."""
    return sorted(plan.rates)[(len(plan.rates) - 1) // 2]


def trained(plan: Plan, prepared: experiment.Prepared, updates: int, cancelled: Callable[[], bool]) -> Reader:
    """What a job's model is after so many updates. Raises Cancelled when told to stop, UserError where it diverges."""
    epochs = -(-updates // -(-len(prepared.train) // plan.batch_size))
    training = Training(prepared.translator, replace(prepared.recipe, epochs=epochs))
    try:
        training.run(prepared.train, (), cancelled=lambda: training.step >= updates or cancelled())
    except Diverged as error:
        raise UserError(str(error)) from error
    if cancelled():
        raise Cancelled(_("It was stopped; nothing was kept."))
    return training.translator


class _Words:
    """The words that training reads, with how often and as what part of speech, by their rows of the table."""

    def __init__(self, prepared: experiment.Prepared, lexicon: Lexicon) -> None:
        known = prepared.task.source.words
        counts = Counter(word for words, _answer in prepared.train for word in words)
        self.rows = [row for row, word in enumerate(known) if row >= len(MARKS) and counts[word]]
        self.counts = [counts[known[row]] for row in self.rows]
        self.tags = [lexicon.main_tag(known[row]) for row in self.rows]


def _row(arm: str, moment: str, prepared: experiment.Prepared, model: Reader, words: _Words) -> Row:
    table = np.asarray(model.parameters[model.table], dtype=np.float64)
    own = table[words.rows]
    lengths = experiment.probe(model, prepared.task)
    frequent, rare = _signals(prepared, model, words)
    return Row(
        arm,
        moment,
        measure(model, prepared.held_out()).loss,
        tables.effective_rank(own),
        tables.isotropy(own),
        lengths.vectors,
        lengths.positions,
        lengths.vectors / lengths.positions,
        frequent,
        rare,
        tables.tags_read(own, words.tags),
        tables.frequency_read(own, words.counts),
    )


def _batches(prepared: experiment.Prepared, model: Reader) -> list[Batch]:
    recipe = prepared.recipe
    return Batches(model, prepared.train, recipe.batch_size).shuffled(recipe.seed, 0)


def _signals(prepared: experiment.Prepared, model: Reader, words: _Words) -> tuple[float | None, float | None]:
    """The signal to noise of the most frequent and of the rarest third of the words whose rows have gradients."""
    recipe, gradients = prepared.recipe, []
    for batch in _batches(prepared, model)[:_BATCHES]:
        tape = Tape(model.parameters, tracing=False)
        loss = cross_entropy(model.logits(tape, batch), batch.expected, recipe.smoothing, model.counted(batch))
        gradients.append(tape.backward(loss)[model.table][words.rows])
    signals = tables.signal_to_noise(np.array(gradients, dtype=np.float64))
    order = np.argsort(words.counts, kind="stable")[::-1]
    told = [float(signals[row]) for row in order if np.isfinite(signals[row])]
    third = len(told) // 3
    if not third:
        return None, None
    return float(np.median(told[:third])), float(np.median(told[-third:]))
