"""The terms of a comparison, explained: one list for the page, the commands and the reports."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, NamedTuple

from explorer.texts import _

if TYPE_CHECKING:
    from explorer.initialisation.summary import Summary

_IN_NATS = frozenset(("loss", "label_loss", "area"))


class Term(NamedTuple):
    name: str
    meaning: str

    def __str__(self) -> str:
        return f"{self.name}: {self.meaning}"


def terms(summary: Summary) -> tuple[Term, ...]:
    """Those of the page and the reports; of arms, runs and measures those that the comparison has."""
    return (*_of_the_starts(summary), *_of_the_runs(summary), *_of_the_measures(summary), *_of_the_tests())


def _of_the_starts(summary: Summary) -> Iterator[Term]:
    plan = summary.plan
    yield Term(
        _("Arm"),
        _(
            "one way to start and to train the embedding table, which has a vector for each word. Apart from this "
            "table, and the learning rate that suits the arm best, all arms are trained alike."
        ),
    )
    yield Term(
        _("Baseline"), _("the arm with which the others are compared, here “{baseline}”.", baseline=plan.baseline)
    )
    if any(strategy.start == "pretrained" for strategy in plan.arms.values()):
        yield Term(
            _("Pre-trained vectors"),
            _(
                "vectors that were learned from another text before. Frozen (static) vectors stay as they are during "
                "training; tuned (non-static) ones are trained along; thawed ones are trained from a later update on."
            ),
        )


def _of_the_runs(summary: Summary) -> Iterator[Term]:
    plan = summary.plan
    yield Term(
        _("Seed"),
        _(
            "the number from which all random choices of a run follow. Two runs of one seed differ only in the arm, so "
            "they are compared as a pair."
        ),
    )
    if plan.folds:
        yield Term(
            _("Fold"),
            _("one of {folds} parts of the texts. Each seed tests on another fold.", folds=plan.folds),
        )
    if plan.early_end:
        yield Term(_("Look"), _("a planned evaluation of the runs so far, after which the comparison may end early."))
    yield Term(_("Update"), _("one change of the weights that are trained, after one batch of training examples."))
    yield Term(_("Learning rate"), _("how far one update moves the weights."))
    yield Term(_("Still improving"), _("the run had its lowest validation loss at its last measurement."))
    yield Term(_("Held-out"), _("measured on the test part, from which the run does not learn."))


def _of_the_measures(summary: Summary) -> Iterator[Term]:
    explained = {
        "exact": _("the share of the answers that are right in every word."),
        "token_accuracy": _("the share of the tokens (words and marks of an answer) that are right."),
        "chrf": _(
            "how many short sequences of letters an answer shares with the right one, from 0 to 100 (Popović 2015)."
        ),
        "macro_f1": _(
            "the mean of the F1 of all labels, so a rare label counts as much as a frequent one. F1 is the harmonic "
            "mean of precision and recall."
        ),
        "calibration_error": _(
            "how far the probabilities that the model states are from how often it is right, on average."
        ),
        "perplexity": _(
            "e to the power of the held-out loss, at best 1. At a perplexity of 50, the model is as unsure as if it "
            "had to choose among 50 equally probable tokens."
        ),
        "area": _("the validation loss, averaged over all updates. The sooner the loss falls, the lower is this mean."),
        "steps": _(
            "the first measured update at which the validation loss is {threshold:g} or less. A run that never gets "
            "there counts with the last update that it may make.",
            threshold=summary.plan.threshold,
        ),
    }
    for measure in summary.measures:
        if measure.key in explained:
            yield Term(measure.title, explained[measure.key])
    if not _IN_NATS.isdisjoint(measure.key for measure in summary.measures):
        yield Term(
            _("Nat"),
            _(
                "the unit of a loss, which is the mean of −ln(probability of the right answer). At a loss of 1 nat "
                "this probability is 37% (1/e) as the geometric mean, at 0 nats it is 100%."
            ),
        )


def _of_the_tests() -> Iterator[Term]:
    yield Term(
        _("95% interval"),
        _("a range that contains the true mean in 95 of 100 comparisons, if they are made again with other seeds."),
    )
    yield Term(
        "p",
        _(
            "how probable a difference at least as large would be by chance alone, if the arm and the baseline did not "
            "differ."
        ),
    )
    yield Term(
        _("Holm’s correction"),
        _(
            "makes p larger, as one of several arms can easily look different by chance. With it, the probability that "
            "anything is shown by mistake, among all arms at one size, is 5% at most (Holm 1979)."
        ),
    )
    yield Term(
        _("Significant, or shown"),
        _(
            "p after Holm’s correction is below 5%, and the 95% interval does not contain 0. A difference that is not "
            "significant may still be there."
        ),
    )
    yield Term(
        _("Hedges’ g (effect)"),
        _("the mean difference, divided by the standard deviation of the seeds’ differences (for few seeds, reduced)."),
    )
    yield Term(_("Power"), _("how probable it is that this number of seeds shows a real difference of a given size."))
