"""Faster, or better in the end: validation losses at equal numbers of updates, from rows whose truth is known."""

from dataclasses import replace

import numpy as np
import pytest

from explorer.initialisation.equal_updates import MEAN, EqualUpdates
from explorer.initialisation.statistics import compare
from explorer.initialisation.summary import Summary
from tests.initialisation import made_up

PLAN = made_up.plan(sizes=(1.0,), updates=200, patience=2)


def with_curves(**curves):
    """Made-up results in which an arm's validation losses are the curve, plus what its seed gives all arms; an arm
    that is not named has that of `random`."""
    collected = made_up.collected(PLAN)
    compared = {}
    for job, row in collected.compared.items():
        curve = curves.get(job.arm.replace(", ", "_"), curves["random"])
        noise = np.random.default_rng([job.seed, len(job.arm)]).normal(0, 0.001)
        losses = tuple(loss + job.seed / 10 + noise for loss in curve)
        compared[job] = replace(row, validation_losses=losses, steps=row.steps[: len(curve)])
    return Summary(replace(collected, compared=compared))


def rows(summary, arm):
    return {row.at: row for row in EqualUpdates(summary).rows if row.arm == arm}


def test_a_start_that_is_faster_alone_is_told_from_one_that_is_better_in_the_end():
    summary = with_curves(
        random=(4, 3, 2, 1.5, 1),
        glove=(4, 1.5, 1.2, 1.1, 1),  # faster, and no better
        he=(4, 3.4, 2.2, 1.15, 0.5),  # as fast as the baseline on the whole, and better
    )
    answer = EqualUpdates(summary)
    assert answer.headline.startswith(
        "At 100% of the pairs, the arms are compared over the same 200 updates. "
        "Shown to learn faster than “random”: “glove”. No arm is shown to learn more slowly than “random”. "
        "Shown to have a lower validation loss than “random” in the end: “he”. "
        "No arm is shown to have a higher validation loss than “random” in the end."
    )
    at = rows(summary, "he")
    assert list(at) == ["10%", "30%", "100%", MEAN]
    assert [row.updates for row in at.values()] == [50, 50, 200, 200]
    assert at["10%"].difference == pytest.approx(0.4, abs=0.01)
    assert at["100%"].low <= -0.5 <= at["100%"].high
    table = answer.by_arm(1.0)
    assert table.header == (
        "arm",
        "learning rate",
        "after 50 updates",
        "after 50 updates",
        "after 200 updates",
        "mean of the lowest so far",
    )
    assert table.rows[0][0] == "glove"
    assert "■ faster −" in table.rows[0][-1]
    last = next(row for row in table.rows if row[0] == "he")
    assert "■ higher +" in last[2]
    assert "■ lower −" in last[4]
    assert "○" in last[5]


def test_the_end_is_the_last_update_where_it_is_no_multiple_of_the_measurements():
    summary = with_curves(random=(4, 3, 2, 1.5, 1), glove=(4, 1.5, 1.2, 1.1, 1))
    compared = {job: replace(row, steps=(0, 60, 120, 180, 200)) for job, row in summary.collected.compared.items()}
    at = rows(Summary(replace(summary.collected, compared=compared)), "random")
    assert [row.updates for row in at.values()] == [60, 60, 200, 200]
    assert at["100%"].loss == pytest.approx(1 + np.mean(PLAN.seeds) / 10, abs=0.01)


def test_intervals_are_those_of_the_paired_comparison():
    summary = with_curves(random=(4, 3, 2, 1.5, 1), glove=(4, 1.5, 1.2, 1.1, 1))
    points = {
        arm: {run.seed: run.validation_losses[-1] for run in summary.finished(arm, 1.0)} for arm in summary.plan.arms
    }
    for each in compare(points, "random", "", (0.0, float("inf"))):
        row = rows(summary, each.arm)["100%"]
        assert (row.difference, row.low, row.high, row.adjusted_p) == (
            each.difference,
            each.low,
            each.high,
            each.adjusted_p,
        )


def test_a_run_keeps_its_lowest_loss_when_it_has_ended_or_learns_by_heart():
    summary = with_curves(random=(4, 3, 2, 1.5, 1), glove=(4, 1, 2), he=(4, 1, 2, 3, 4))
    stopped, by_heart = rows(summary, "glove"), rows(summary, "he")
    for at in stopped:
        assert stopped[at].loss == pytest.approx(by_heart[at].loss, abs=0.01)
    seeds = np.mean(PLAN.seeds) / 10
    assert stopped["100%"].loss - seeds == pytest.approx(1, abs=0.01)
    assert stopped[MEAN].loss - seeds == pytest.approx((2.5 + 1 + 1 + 1) / 4, abs=0.01)


def test_nothing_is_compared_before_runs_have_ended():
    everything = [(arm, 1.0, seed) for arm in PLAN.arms for seed in PLAN.seeds]
    answer = EqualUpdates(Summary(made_up.collected(PLAN, missing=everything)))
    assert answer.rows == ()
    assert answer.headline.startswith("At 100% of the pairs, nothing can be compared yet.")


def test_an_arm_that_learns_faster_with_a_higher_rate_is_named():
    summary = with_curves(random=(4, 3, 2, 1.5, 1), glove=(4, 1.5, 1.2, 1.1, 1), he=(4, 1.4, 1.2, 1.1, 1))
    compared = {
        job: replace(row, rate=0.01 if job.arm == "glove" else 0.003) for job, row in summary.collected.compared.items()
    }
    answer = EqualUpdates(Summary(replace(summary.collected, compared=compared)))
    assert answer.higher_rates == (
        "At 100% of the pairs, “glove” learns faster and has a higher learning rate than the baseline’s 0.003: "
        "that may be why.",
    )
    assert answer.higher_rates[0] in answer.headline
    assert {row.arm: row.rate for row in answer.rows}["glove"] == 0.01
    assert answer.arms(1.0, MEAN, -1) == ["glove", "he"]
    assert answer.arms(1.0, MEAN, 1) == []
