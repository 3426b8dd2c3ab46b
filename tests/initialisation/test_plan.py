from itertools import product
from pathlib import Path

import numpy as np
import pytest

from explorer.errors import UserError
from explorer.initialisation import plan as plans
from explorer.initialisation.experiment import prepare
from explorer.initialisation.page_limits import check_page_limits
from explorer.initialisation.plan import Plan, PlanError, parse, read, shipped
from explorer.initialisation.statistics import compare
from explorer.initialisation.strategies import Strategy
from explorer.initialisation.tasks import NAMES as TASKS
from explorer.transformer.configuration import Configuration
from tests.initialisation import tiny

TWO = """
name = "two"
baseline = "random"

[arms.random]
start = "unit"

[arms.frozen]
start = "unit"
training = "frozen"
"""


MANY = {f"{number}": Strategy("unit") for number in range(9)}


@pytest.mark.parametrize("name", plans.NAMES)
def test_a_shipped_plan_is_read_and_written_alike(name):
    plan = shipped(name)
    assert parse(plan.as_toml()) == plan
    assert plan.name == name


def test_a_plan_of_code_is_written_as_a_file_that_reads_alike(tmp_path):
    plan = tiny.plan(tmp_path, arms={**tiny.ARMS, "thawed": Strategy("he", training="thawed", thaw=3)})
    path = tmp_path / "plan.toml"
    path.write_text(plan.as_toml(), encoding="utf-8")
    assert read(path) == plan


def test_jobs_are_all_combinations_and_pairs_follow_each_other(tmp_path):
    plan = tiny.plan(tmp_path, sizes=(0.5, 1.0), search_seeds=2)
    searched = list(plan.search())
    combinations = set(product(plan.arms, plan.sizes, plan.rates))
    assert {(job.arm, job.share, job.rate) for job in searched} == combinations
    assert len(searched) == 2 * len(combinations)
    rates = {(arm, share): 0.01 for arm in plan.arms for share in plan.sizes}
    compared = list(plan.compared(rates))
    assert [job.arm for job in compared] == list(plan.arms) * 4
    assert [job.seed for job in compared] == [0] * 4 + [1] * 4
    assert not {job.seed for job in searched} & {job.seed for job in compared}
    assert plan.jobs == len(searched) + len(compared)


def test_one_rate_needs_no_search(tmp_path):
    assert list(tiny.plan(tmp_path, rates=(0.01,)).search()) == []


@pytest.mark.parametrize("arms", [2, 5, 12])
def test_too_few_seeds_are_those_with_which_even_perfect_agreement_shows_nothing(arms):
    for seeds in range(2, 11):
        plan = Plan("x", {f"{n}": Strategy("unit") for n in range(arms)}, "0", seeds=tuple(range(seeds)))
        results = {f"{n}": {seed: n + 0.01 * np.sin(seed + n) for seed in range(seeds)} for n in range(arms)}
        significant = all(comparison.is_significant for comparison in compare(results, "0", "loss"))
        assert significant == (not plan.too_few_seeds)


@pytest.mark.parametrize(
    ("old", "new", "said"),
    [
        ('name = "two"', "", "lacks “name”"),
        ('name = "two"', 'name = "../two"', "“../two”, but must be letters"),
        ('"random"', '"chance"', "The baseline “chance” is none of the arms: “random”, “frozen”"),
        ("baseline", 'colour = "red"\nbaseline', "there is no option “colour”"),
        ("baseline", "seeds = 0\nbaseline", "no seeds"),
        ("baseline", "seeds = 1\nbaseline", "1 seed, but differences need 2"),
        ("baseline", "seeds = 1000000000\nbaseline", "more than the 1,000"),
        ("baseline", "seeds = [1, 1]\nbaseline", "hold one twice"),
        ("baseline", "seeds = [-1, 1]\nbaseline", "must be from 0"),
        ("baseline", 'seeds = "many"\nbaseline', "must be a list of whole numbers, or how many"),
        ("baseline", "sizes = [0.0]\nbaseline", "above 0 to 1"),
        ("baseline", "sizes = [nan]\nbaseline", "above 0 to 1"),
        ("baseline", "sizes = []\nbaseline", "no sizes"),
        ("baseline", "rates = [-0.1]\nbaseline", "learning rate is -0.1"),
        ("baseline", "updates = 0\nbaseline", "at least 1"),
        ("baseline", "updates = 2.5\nbaseline", "updates is 2.5, but must be a whole number"),
        ("baseline", "updates = 20\nbaseline", "only 20 updates"),
        ("baseline", "batch_size = 0\nbaseline", "batch_size is 0"),
        ("baseline", "threshold = nan\nbaseline", "must be a loss above 0"),
        ("baseline", "model = 3\nbaseline", "are tables"),
        ('training = "frozen"', 'training = "iced"', "the arm “frozen”: There is no training “iced”"),
        ('training = "frozen"', 'training = "thawed"\nthaw = 1000', "thaws at update 1000, but training ends at 1000"),
        ('training = "frozen"', 'training = "thawed"', "needs the step it is thawed at"),
        ('training = "frozen"', 'model = "wiki-en-glove"', "needs no vectors"),
        ('training = "frozen"', 'sort = "frozen"', "the arm “frozen”: there is no option “sort”"),
        ('[arms.frozen]\nstart = "unit"\ntraining = "frozen"', "", "1 arms, but comparing takes two"),
        ('[arms.frozen]\nstart = "unit"\ntraining = "frozen"', "[arms]\nfrozen = 3", "no table of options"),
        ("[arms.random]", "[model]\nd_model = 10\nheads = 3\n[arms.random]", "3 heads do not divide"),
        ("[arms.random]", '[model]\nd_model = "wide"\n[arms.random]', "d_model is 'wide', but must be a whole"),
        ("[arms.random]", "[model]\nsource_words = 3\n[arms.random]", "there is no option “source_words”"),
        ("[arms.random]", "[[arms.random]", "cannot be read as TOML"),
    ],
)
def test_what_is_wrong_with_a_plan_is_said(old, new, said):
    assert old in TWO
    with pytest.raises(UserError) as raised:
        parse(TWO.replace(old, new, 1))
    assert said in str(raised.value)


@pytest.mark.parametrize("name", plans.NAMES)
def test_what_came_along_may_be_carried_out_by_a_page(name):
    check_page_limits(shipped(name), TASKS)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"task": "/etc/passwd"}, "The task is “/etc/passwd”, but a page takes only these: “phrase book”, “parts of"),
        ({"task": "no/such/file"}, "The task is “no/such/file”, but a page takes only these"),
        ({"model": Configuration(8192, heads=4, layers=1)}, "8,192 for d_model, but a page takes 256 at most"),
        ({"model": Configuration(64, heads=4, layers=64)}, "64 for layers"),
        ({"model": Configuration(64, heads=32, layers=1)}, "32 for heads"),
        ({"model": Configuration(64, heads=4, layers=1, d_ff=60_000)}, "60,000 for d_ff"),
        ({"arms": {f"{number}": Strategy("unit") for number in range(25)}, "baseline": "0"}, "25 for arms"),
        ({"seeds": tuple(range(51))}, "51 for seeds"),
        ({"sizes": tuple(number / 20 for number in range(1, 12))}, "11 for sizes"),
        ({"rates": tuple(number / 1000 for number in range(1, 12))}, "11 for rates"),
        ({"search_seeds": 6}, "6 for search_seeds"),
        ({"watch": ("dog",) * 21}, "21 for watch"),
        ({"updates": 5001}, "5,001 for updates"),
        ({"updates": 201, "measured_every": 1}, "201 for measurements"),
        ({"batch_size": 513}, "513 for batch_size"),
        ({"seeds": tuple(range(50)), "sizes": (0.1, 0.2, 0.3, 0.4, 0.5), "arms": MANY, "baseline": "0"}, "for runs"),
    ],
)
def test_what_a_page_does_not_carry_out_is_said_and_the_command_line_named(changes, said):
    plan = Plan(**{"name": "x", "arms": {"0": Strategy("unit"), "1": Strategy("he")}, "baseline": "0"} | changes)
    with pytest.raises(PlanError) as raised:
        check_page_limits(plan, TASKS)
    assert said in str(raised.value)
    assert "python -m explorer compare" in str(raised.value)


def test_one_arm_is_not_several():
    two = {"a": Strategy("unit"), "b": Strategy("he")}
    assert "1 arm besides the baseline" in Plan("x", two, "a", seeds=(0, 1)).too_few_seeds


def test_a_plan_that_is_not_there_or_is_no_text(tmp_path):
    with pytest.raises(UserError, match="There is no plan at"):
        read(tmp_path / "plan.toml")
    with pytest.raises(UserError, match="cannot be read"):
        read(tmp_path)
    (tmp_path / "plan.toml").write_bytes(b"\xff\xfe\x00")
    with pytest.raises(UserError, match="cannot be read"):
        read(Path(tmp_path / "plan.toml"))


@pytest.mark.parametrize("text", ["x = " + "[" * 600, "a" + ".a" * 40_000 + " = 1", "#" * 200_000])
def test_a_plan_that_would_take_for_ever_to_read_is_refused_at_once(text):
    with pytest.raises(PlanError, match=r"^My plan has (more than|a key)"):
        parse(text, "My plan")


def test_all_that_an_arm_can_say_survives_the_file(tmp_path):
    arms = {
        "random": Strategy("fairseq"),
        "joined": Strategy(
            "pretrained", "wiki-en-glove", "fresh", others=("wiki-en-word2vec",), join="averaged", centring="centred"
        ),
        "missing": Strategy("pretrained", "wiki-en-glove", "fresh", "frozen", missing="learned"),
        "slower": Strategy("pretrained", "wiki-en-glove", "fresh", "slower", rate=0.1),
        "gradual": Strategy("pretrained", "wiki-en-glove", "fresh", "gradual", thaw=2),
    }
    plan = tiny.plan(tmp_path, arms=arms, rates=(0.01,))
    again = parse(plan.as_toml())
    assert again == plan
    assert again.arms["random"].start == "unit"
    jobs = again.compared({(arm, 1.0): 0.01 for arm in arms})
    for job in (job for job in jobs if job.seed == 0 and job.arm != "joined"):
        recipe = prepare(again, job).recipe
        assert bool(recipe.slow) == (job.arm in ("slower", "gradual"))
        assert bool(recipe.trained_rows) == (job.arm == "missing")
