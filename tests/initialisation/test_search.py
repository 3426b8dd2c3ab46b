"""The search for learning rates, the end of a run, and results whose pairs are gone."""

from dataclasses import replace
from math import log
from pathlib import Path

import pytest

from explorer.initialisation import experiment
from explorer.initialisation.collected import collect
from explorer.initialisation.plan import EARLIER, parse, read
from explorer.initialisation.results import Result
from explorer.initialisation.runner import run
from explorer.initialisation.search import grids
from explorer.initialisation.summary import Summary
from tests.initialisation import tiny

BEST = {"random": 0.001, "vectors": 0.03}  # learning rates, unless a test says others


@pytest.fixture
def quick(monkeypatch):
    """Runs whose loss is the distance from the best rate of their arm, and that take no time."""
    best, rates = dict(BEST), []

    def found(plan, job):
        loss = 1 + abs(log(job.rate / best[job.arm])) + 0.01 * (job.seed % 3)
        rates.append(job.rate)
        steps = (0, 2, 4, 6)
        return Result(
            **experiment.about(plan, job), loss=loss, best_step=4, steps=steps, validation_losses=(9, 8, loss, loss)
        )

    monkeypatch.setattr(experiment, "run", found)
    return best, rates


def test_a_grid_is_widened_for_all_arms_until_the_best_rates_lie_inside(tmp_path, quick):
    plan, reports = tiny.plan(tmp_path, search_seeds=3, widenings=4), []
    found = run(plan, tmp_path / "results", workers=1, progress=reports.append)
    (grid,) = found.grids.values()
    assert grid.rates == (0.00027, 0.0009, 0.003, 0.01, 0.0333, 0.111)
    assert grid.best == {"random": 0.0009, "vectors": 0.0333}
    assert {job.rate for job in found.compared if job.arm == "random"} == {0.0009}
    assert (found.missing, found.jobs, reports[-1].total) == (0, 2 * 6 * 3 + 2 * 2, 40)
    assert [report.done for report in reports] == list(range(1, 41))
    summary = Summary(found)
    assert "that was tried for" not in summary.headline
    again, computed = len(quick[1]), collect(plan, tmp_path / "results")
    assert computed.grids == found.grids
    run(plan, tmp_path / "results", workers=1)
    assert len(quick[1]) == again


def test_the_bound_of_a_grid_is_said_in_the_answer(tmp_path, quick):
    quick[0]["random"] = 1e-9
    plan = tiny.plan(tmp_path, widenings=2)
    summary = Summary(run(plan, tmp_path / "results", workers=1))
    assert summary.collected.grids[1.0].rates[0] == 0.00027
    assert "is the highest or the lowest that was tried for 1 of 2 arms at 100% of the pairs" in summary.headline
    assert any(
        "is the lowest that was searched, 0.00027: a lower rate might be better. The grid was widened as far as"
        in caution
        for caution in summary.cautions
    )


def test_a_search_that_is_not_over_has_chosen_nothing(tmp_path, quick):
    plan = tiny.plan(tmp_path, search_seeds=2, widenings=1)
    rows = {job: experiment.run(plan, job) for job in plan.search()}
    assert len(grids(plan, rows)[1.0].rates) == 4
    assert not grids(plan, rows)[1.0].best
    rows.popitem()
    assert grids(plan, rows)[1.0].rates == (0.003, 0.01)
    assert not grids(plan, rows)[1.0].best


def test_a_plan_of_an_earlier_version_is_not_widened(tmp_path):
    text = tiny.plan(tmp_path).as_toml().replace("widenings = 0\n", "")
    (tmp_path / "plan.toml").write_text(text, encoding="utf-8")
    assert read(tmp_path / "plan.toml", **EARLIER).widenings == 0
    assert parse(text).widenings > 0


def test_a_run_with_patience_ends_early_and_says_where_it_was_ended(tmp_path):
    plan = tiny.plan(tmp_path, rates=(0.3,), updates=40, patience=2)  # too high a rate to learn for long
    found = run(plan, tmp_path / "results", workers=1)
    for row in found.compared.values():
        assert row.steps[-1] == row.best_step + 4 or row.steps[-1] == 40
        assert row.loss > 0
    assert min(row.steps[-1] for row in found.compared.values()) < 40
    summary = Summary(found)
    curve = summary.curve("vectors", 1.0, "validation_losses")
    assert len(curve.steps) == len(curve.mean) == max(len(run.steps) for run in summary.finished("vectors", 1.0))
    assert summary.as_json()["sizes"][0]["points"]["area"]["vectors"]["0"] > 0
    impatient = replace(plan, patience=0)
    job = next(iter(found.compared))
    assert experiment.about(plan, job)["digest"] != experiment.about(impatient, job)["digest"]


def test_runs_that_were_still_improving_are_in_the_answer(tmp_path):
    plan = tiny.plan(tmp_path, rates=(0.001,), patience=2)
    summary = Summary(run(plan, tmp_path / "results", workers=1))
    assert [row.improving for row in summary.arms(1.0)] == [2, 2]
    assert "Of the runs, 4 of 4 at 100% of the pairs were still improving at their end" in summary.headline
    assert any("had not converged (“random” 2/2, “vectors” 2/2)" in caution for caution in summary.cautions)
    assert any("4 of 4 runs met the ceiling of 6 updates" in caution for caution in summary.cautions)
    assert [row[4] for row in summary.table().rows] == [2, 2]


def test_results_are_read_where_their_pairs_are_gone(tmp_path, quick):
    plan = tiny.plan(tmp_path)
    found = Summary(run(plan, tmp_path / "results", workers=1))
    Path(plan.task).unlink()
    there = Summary(collect(plan, tmp_path / "results"))
    assert there.as_json() == found.as_json()
