"""Looking at a comparison before its end: what looks may spend, what they may show, and where a run stops."""

import signal
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as draw
from scipy import stats

from explorer.errors import Cancelled
from explorer.initialisation import experiment
from explorer.initialisation.collected import collect
from explorer.initialisation.equal_updates import EqualUpdates
from explorer.initialisation.equivalence import Equivalences
from explorer.initialisation.levels import CONFIDENCE
from explorer.initialisation.looks import schedule, spent
from explorer.initialisation.measures import MEASURES
from explorer.initialisation.plan import PlanError, parse
from explorer.initialisation.power import Powers
from explorer.initialisation.protocol import protocol
from explorer.initialisation.results import Results
from explorer.initialisation.runner import run
from explorer.initialisation.sequential import current_look
from explorer.initialisation.statistics import compare
from explorer.initialisation.strategies import Strategy
from explorer.initialisation.summary import Summary
from explorer.initialisation.together import Together
from tests.initialisation import made_up, tiny
from tests.initialisation.simulated import NOISE, ONE_RATE, RATES, comparison, outcomes
from tests.initialisation.test_runner import ROOT, numbers, wait_for

ARMS = {"random": Strategy("unit"), "kept": Strategy("constant", training="frozen")}


def looked_at(gain, **options):
    """A made-up comparison with looks after 8 and 10 seeds, as far as it goes."""
    arms = {"random": Strategy("unit"), "he": Strategy("he")}
    whole = made_up.collected(made_up.plan(arms=arms, sizes=(1.0,), looks=(8, 10), **options), {"he": gain})
    look, _is_last = current_look(whole.plan, {}, whole.compared, MEASURES["loss"])
    runs = {job: row for job, row in whole.compared.items() if job.seed < look.seeds}
    return Summary(replace(whole, compared=runs, look=look))


@pytest.mark.parametrize("share", [0.2, 0.5, 0.8, 1.0])
def test_what_may_be_spent_is_the_function_of_lan_and_demets(share):
    assert spent(share) == pytest.approx(2 - 2 * stats.norm.cdf(stats.norm.ppf(0.975) / share**0.5))


@given(draw.sets(draw.integers(2, 60), min_size=1, max_size=6), draw.integers(1, 12))
def test_looks_together_spend_five_per_cent_and_none_spends_what_it_cannot_use(counts, arms):
    looks = schedule(sorted(counts), arms)
    assert sum(look.level for look in looks) == pytest.approx(0.05)
    assert all(look.level > 0 for look in looks)
    assert looks[-1].seeds == max(counts)
    for look in looks[:-1]:
        assert arms * 2 / 2**look.seeds < look.level


def test_without_looks_the_one_at_the_end_has_all():
    (only,) = made_up.plan().schedule
    assert (only.seeds, only.confidence) == (10, CONFIDENCE)


@pytest.mark.parametrize("arms", [2, 4])
def test_a_look_is_passed_over_where_even_perfect_agreement_shows_nothing(arms):
    numbers = {f"{n}": {seed: n + 0.01 * np.sin(seed + n) for seed in range(12)} for n in range(arms)}
    tested = {look.seeds: look for look in schedule(range(2, 13), arms - 1)}
    for count, look in tested.items():
        first = {arm: {seed: each[seed] for seed in range(count)} for arm, each in numbers.items()}
        assert all(each.is_significant for each in compare(first, "0", "loss", confidence=look.confidence))
    plan = made_up.plan(arms={f"{n}": Strategy("unit") for n in range(arms)}, baseline="0", looks=(5, 9, 10))
    passed_over, early_end = plan.notes
    assert passed_over.startswith("The look after 5 seeds is passed over")
    assert "after 9 of 10 seeds" in early_end


def test_a_p_value_is_worth_what_its_look_may_spend_and_its_interval_leaves_out_as_much():
    random = np.random.default_rng(1)
    points = {arm: dict(enumerate(random.normal(shift, 1, 10))) for arm, shift in (("a", 0), ("b", 1))}
    (plain,), (looked,) = (compare(points, "a", "loss", confidence=each) for each in (CONFIDENCE, 0.98))
    assert looked.p == pytest.approx(plain.p * 0.05 / 0.02)
    assert looked.low < plain.low < plain.high < looked.high
    assert looked.difference == plain.difference


def test_all_looks_together_err_no_more_than_five_per_cent():
    """No arm differs: nothing is shown at any look, whether the run stops there or not, in more than 5%."""
    repeats, wrong = 80, 0
    random = np.random.default_rng(5)
    for _ in range(repeats):
        whole = comparison(random, ("a", "b", "c"), seeds=10, rates=ONE_RATE)
        points = Summary(whole).points("loss", 1.0)
        for look in schedule((8, 10), 2):
            first = {arm: {seed: each[seed] for seed in range(look.seeds)} for arm, each in points.items()}
            if any(each.is_significant for each in compare(first, "a", "loss", confidence=look.confidence)):
                wrong += 1
                break
    assert wrong / repeats <= 0.05 + 3 * (0.05 * 0.95 / repeats) ** 0.5


def test_a_large_difference_is_shown_with_fewer_seeds():
    _any_shown, every, seeds = outcomes(30, seeds=10, looks=(8, 10), gain=3 * NOISE * 2**0.5, rates=ONE_RATE)
    assert every >= 0.9
    assert seeds < 8.5


@pytest.mark.nightly
@pytest.mark.parametrize(
    ("looks", "rates"), [((8, 10), RATES), ((12, 16, 20), RATES), ((10, 12, 14, 16, 18, 20), ONE_RATE)]
)
def test_however_often_it_is_looked_at_errors_stay_below_five_per_cent(looks, rates):
    repeats = 200
    any_shown, _every, _seeds = outcomes(repeats, seeds=looks[-1], looks=looks, rates=rates)
    assert any_shown <= 0.05 + 3 * (0.05 * 0.95 / repeats) ** 0.5


def test_seeds_after_a_look_have_no_part_in_its_decision():
    whole = made_up.collected(made_up.plan(sizes=(1.0,), looks=(9, 10), arms=ARMS), {"kept": 0.5})
    look, is_last = current_look(whole.plan, {}, whole.compared, MEASURES["loss"])
    assert (look.seeds, is_last) == (9, True)
    absurd = {job: replace(row, loss=99.0) if job.seed == 9 else row for job, row in whole.compared.items()}
    assert current_look(whole.plan, {}, absurd, MEASURES["loss"]) == (look, True)
    fewer = {job: row for job, row in whole.compared.items() if job.seed != 8}
    assert current_look(whole.plan, {}, fewer, MEASURES["loss"]) == (look, False)
    failed = {job: replace(row, error="No.") if job.seed == 3 else row for job, row in whole.compared.items()}
    assert current_look(whole.plan, {}, failed, MEASURES["loss"])[0].seeds == 10


def test_the_answer_says_where_it_stopped_and_by_which_method():
    early = looked_at(0.5)
    assert early.headline.endswith(
        "The comparison stopped at look 1 of 2, after 8 of 10 seeds, as every difference to the baseline in held-out "
        "loss was shown by then. Intervals and p values allow for the looks (alpha spending, Lan & DeMets 1983)."
    )
    assert "difference to the baseline in held-out loss was shown" in early.by("exact").headline  # whatever that shows
    assert "The comparison stopped at look 1 of 2" in early.outcome
    assert {each.seeds for each in early.comparisons("loss", 1.0)} == {8}
    assert any("somewhat overstated" in caution for caution in early.cautions)
    assert early.as_json()["look"] == {"number": 1, "seeds": 8, "level": pytest.approx(0.0284, abs=1e-4)}
    steps = " ".join(protocol(early))
    assert "with the same 8 seeds" in steps
    assert "looked at after 8 and 10 seeds" in steps
    assert "2.8% and 2.2%, together 5%" in steps
    for other in (Equivalences(early, 0.1), EqualUpdates(early)):
        assert "The comparison stopped at look 1 of 2" in other.headline

    planned_with = " ".join(Powers(early, None, 0.8).sentences)
    assert "a paired t-test at 2.16%, divided by" in planned_with
    assert "That is what the last look of the plan may spend." in planned_with
    assert (
        "a paired t-test at 5%, divided by"
        in Powers(Summary(made_up.collected(made_up.plan())), None, 0.8).sentences[0]
    )

    whole = Summary(made_up.collected(made_up.plan(name="whole", sizes=(1.0,)), {"he": 0.5}))
    assert "“made up” stopped early" in " ".join(Together([early, whole], "he", None).sentences)

    late = looked_at(0.0)
    assert "stopped early" not in " ".join(Together([late, whole], "he", None).sentences)
    assert "The comparison went on to the last of 2 looks, after all 10 seeds." in late.headline
    assert not any("overstated" in caution for caution in late.cautions)


def test_every_number_of_a_look_allows_for_it():
    plain = Summary(made_up.collected(made_up.plan(sizes=(1.0,))))
    looked = Summary(replace(plain.collected, look=schedule((8, 10), 1)[-1]))
    for family in ("comparisons", "controls", "rescaled"):
        for one, other in zip(getattr(plain, family)("loss", 1.0), getattr(looked, family)("loss", 1.0), strict=True):
            assert other.p == pytest.approx(min(1.0, one.p * 0.05 / looked.look.level))
            assert other.high - other.low > one.high - one.low
    one, other = (each.arms(1.0)[0].values["loss"] for each in (plain, looked))
    assert other.high - other.low > one.high - one.low
    one, other = (each.curve("he", 1.0, "validation_losses") for each in (plain, looked))
    assert other.high[0] > one.high[0]
    for answer in (lambda each: Equivalences(each, 0.1), EqualUpdates):
        rows = [[row for row in answer(each).rows if row.p is not None] for each in (plain, looked)]
        assert all(other.p >= one.p and other.low <= one.low for one, other in zip(*rows, strict=True))
        assert any(other.p > one.p for one, other in zip(*rows, strict=True))


def test_a_run_under_way_says_that_it_may_stop_by_itself():
    whole = made_up.collected(made_up.plan(sizes=(1.0,), looks=(8, 10), arms=ARMS), missing={("kept", 1.0, 9)})
    summary = Summary(replace(whole, look=whole.plan.schedule[1]))
    assert summary.cautions[1].startswith("It may end earlier: it is looked at after 8 of 10 seeds")
    assert "Intervals and p values allow" not in summary.headline


@pytest.mark.parametrize(
    ("looks", "said"),
    [
        ((5, 8), "must be ascending numbers of seeds, the last of them all 10, such as [5, 10]"),
        ((8, 5, 10), "must be ascending"),
        ((8, 8, 10), "must be ascending"),
        ((1, 10), "The first look is after 1 seeds, but differences need 2 at least"),
    ],
)
def test_looks_that_make_no_sense_are_said(looks, said):
    with pytest.raises(PlanError) as raised:
        made_up.plan(looks=looks)
    assert said in str(raised.value)


def test_a_plan_keeps_its_looks_in_its_file():
    plan = made_up.plan(looks=(8, 10))
    assert parse(plan.as_toml()) == plan
    assert "looks" not in made_up.plan().as_toml()


@pytest.fixture
def drawn(monkeypatch):
    """Jobs whose numbers are drawn in place of training: the seeds of those that were computed."""
    seeds = []

    def result(plan, job):
        seeds.append(job.seed)
        row = made_up.result(plan, job, 0.5 if job.arm == "kept" else 0.0, 0.05)
        return replace(row, digest=experiment.about(plan, job)["digest"])

    monkeypatch.setattr(experiment, "run", result)
    return seeds


def planned(folder, **changes):
    options = {"arms": ARMS, "rates": (0.01,), "seeds": tuple(range(12)), "looks": (6, 8, 12)}
    return tiny.plan(folder, **options | changes)


def test_a_run_stops_at_the_look_that_decides_and_computes_no_more(tmp_path, drawn):
    plan, folder, reports = planned(tmp_path), tmp_path / "results", []
    outcome = run(plan, folder, workers=1, progress=reports.append)
    assert sorted(set(drawn)) == list(range(8))  # after 6 nothing can be shown
    assert (reports[-1].done, reports[-1].total) == (16, 16)
    assert (outcome.look.number, outcome.missing, outcome.jobs) == (2, 0, 16)
    drawn.clear()
    assert numbers(run(plan, folder, workers=1)) == numbers(outcome)
    assert drawn == []
    run(replace(plan, looks=()), folder, workers=1)  # whose rows the same plan with looks passes over
    assert set(drawn) == {8, 9, 10, 11}
    assert numbers(collect(plan, folder)) == numbers(outcome)


def test_a_run_that_was_interrupted_stops_where_it_would_have(tmp_path, drawn):
    plan = planned(tmp_path)
    whole = run(plan, tmp_path / "whole", workers=1)
    for done in (3, 15):
        drawn.clear()
        with pytest.raises(Cancelled):
            run(plan, tmp_path / f"{done}", workers=1, cancelled=lambda done=done: len(drawn) == done)
        assert collect(plan, tmp_path / f"{done}").missing == 24 - done
        assert numbers(run(plan, tmp_path / f"{done}", workers=1)) == numbers(whole)


def test_a_run_that_nothing_decides_goes_on_to_its_last_seed(tmp_path, drawn):
    plan = planned(tmp_path, arms={"random": Strategy("unit"), "he": Strategy("he")})
    outcome = run(plan, tmp_path / "results", workers=1)
    assert (outcome.look.number, len(drawn)) == (3, 24)


ENDLESS = """
import sys
from pathlib import Path
from explorer.initialisation.runner import run
from tests.initialisation.test_sequential import trained

folder, results = map(Path, sys.argv[1:])
run(trained(folder), results, workers=2)
"""


def trained(folder):
    """One that is decided after eight seeds: kept and all alike, words say nothing."""
    return planned(folder, seeds=tuple(range(10)), looks=(8, 10), updates=60, measured_every=30)


@pytest.mark.nightly
def test_processes_and_a_kill_change_nothing_about_where_it_stops(tmp_path):
    plan = trained(tmp_path)
    one = run(plan, tmp_path / "one", workers=1)
    assert one.look.seeds == 8
    folder = tmp_path / "killed"
    process = subprocess.Popen([sys.executable, "-c", ENDLESS, str(tmp_path), str(folder)], cwd=ROOT)
    wait_for(lambda: len(list(folder.glob("*.parquet"))) >= 5)
    process.send_signal(signal.SIGKILL)
    process.wait()
    assert 5 <= len(Results(folder).rows) <= 16
    assert numbers(run(plan, folder, workers=2)) == numbers(one)
    assert {path.name for path in Path(folder).iterdir()} == {"plan.toml", "results.parquet", "task.toml"}
