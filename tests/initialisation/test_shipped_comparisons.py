"""The comparisons that come along: whole, by their own plans, and what this program finds today."""

import json
from pathlib import Path

import pytest

from explorer.initialisation import library, plan
from explorer.initialisation.collected import collect
from explorer.initialisation.experiment import run
from explorer.initialisation.plan import shipped
from explorer.initialisation.results import read
from explorer.initialisation.summary import Summary
from explorer.questions.jobs.causes import Causes, Rescaling

BENCHMARKS = Path(__file__).resolve().parents[2] / "benchmarks"
COMPLETE = (plan.PHRASE_BOOK, plan.PARTS_OF_SPEECH)


@pytest.mark.parametrize("name", COMPLETE)
def test_it_is_the_whole_plan_with_enough_seeds_and_arms(name):
    assert library.plan(name) == shipped(name)
    complete = collect(library.plan(name), library.folder(name))
    assert not complete.missing
    assert not complete.failures
    assert not complete.problems
    assert len(complete.plan.arms) >= 8
    assert len(complete.plan.seeds) >= 10
    assert not complete.plan.too_few_seeds
    rows = read(library.folder(name) / "results.parquet")
    assert {row.digest for row in rows} == {
        row.digest for row in (*complete.compared.values(), *complete.searched.values())
    }


@pytest.mark.parametrize("name", sorted(path.name for path in library.SHIPPED.iterdir()))
def test_no_arm_takes_a_rate_that_ends_its_grid_and_no_rate_comes_from_one_seed(name):
    summary = library.summary(name)
    assert summary.plan.search_seeds >= 3
    json.dumps(summary.as_json(), allow_nan=False)
    assert [(arm, share) for share in summary.plan.sizes for arm in summary.plan.arms if summary.edge(arm, share)] == []


def test_the_phrase_book_stands_by_the_whole_protocol_with_few_pairs():
    summary = library.summary("phrase-book-searched")
    whole, whole_plan = summary.collected, plan.read(BENCHMARKS / "phrase-book-searched.toml")
    assert not whole.missing
    assert not whole.failures
    assert not whole.problems
    assert whole.plan.arms == whole_plan.arms
    assert set(whole.plan.sizes) <= set(whole_plan.sizes)
    assert {each.training for each in whole.plan.arms.values()} == {"tuned", "frozen", "thawed"}
    assert (whole.plan.search_seeds, len(whole.plan.seeds), bool(whole.plan.patience)) == (3, 10, True)
    for share in whole.plan.sizes:
        assert not any(summary.edge(arm, share) for arm in whole.plan.arms)
        rows = summary.arms(share)
        assert sum(row.improving + row.at_ceiling for row in rows) <= sum(row.finished for row in rows) / 20
    assert not summary.limits


def test_the_trap_of_wide_vectors_is_in_it():
    summary = Summary(collect(library.plan("phrase-book"), library.folder("phrase-book")))
    for share in summary.plan.sizes:
        wide = next(each for each in summary.rescaled("loss", share) if each.arm == "word2vec, wide")
        assert wide.baseline == "word2vec, Xavier"
        assert wide.is_significant
        assert wide.difference > 0


def test_a_row_of_it_is_what_a_run_finds_today():
    complete = collect(library.plan("parts-of-speech"), library.folder("parts-of-speech"))
    job, row = next((job, row) for job, row in complete.compared.items() if job.arm == "word2vec, raw")
    today = run(complete.plan, job)
    # another machine's arithmetic may differ in the last digits, which training then enlarges
    assert today.validation_losses[:4] == pytest.approx(row.validation_losses[:4], rel=1e-3)
    assert today.loss == pytest.approx(row.loss, rel=0.2)


@pytest.mark.parametrize("kind", [Causes, Rescaling])
@pytest.mark.parametrize("name", COMPLETE)
def test_its_why_came_along_for_the_plan_of_today(name, kind):
    plan = library.plan(name)
    for share in plan.sizes:
        answer = kind(comparison=name, size=share).shipped_answer
        assert (answer["name"], answer["size"]) == (name, share)
    assert kind(comparison=name).shipped_answer["size"] == min(plan.sizes)
    assert kind(comparison=name, updates=7).shipped_answer is None
