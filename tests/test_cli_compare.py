"""`python -m explorer compare` carries out a plan, repeats to the same numbers, and says in words what it cannot."""

import json

import pytest

from explorer.cli import main
from explorer.initialisation import library
from explorer.initialisation import plan as plans
from explorer.initialisation.found import found
from explorer.initialisation.report import report
from explorer.initialisation.summary import summarise
from tests.initialisation import tiny


@pytest.fixture
def ask(capsys, monkeypatch, tmp_path):
    """Run the command; give its exit status, standard output and standard error."""
    monkeypatch.setattr(library, "RESULTS", tmp_path / "results")

    def run(*arguments):
        status = main(["compare", *map(str, arguments)])
        output = capsys.readouterr()
        assert "Traceback" not in output.err
        return status, output.out, output.err

    return run


@pytest.fixture
def path(tmp_path):
    path = tmp_path / "tiny.toml"
    path.write_text(tiny.plan(tmp_path, rates=(0.01,)).as_toml(), encoding="utf-8")
    return path


def test_a_fresh_run_repeats_to_the_same_numbers(ask, path, tmp_path):
    status, first, said = ask(path, "--fresh", "--json", "--workers", 1)
    assert status == 0
    assert "no difference can be shown" in said
    assert ask(path, "--fresh", "--json", "--workers", 1)[:2] == (0, first)
    assert ask(path, "--json")[:2] == (0, first)
    plan = plans.read(path)
    assert json.loads(first) == json.loads(json.dumps(summarise(found(plan, tmp_path / "results" / "tiny")).as_json()))


def test_results_of_a_plan_at_hand_are_shown_and_reported(ask, path, tmp_path):
    ask(path, "--workers", 1)
    status, said, _ = ask(path, "--report", tmp_path / "report.csv")
    assert status == 0
    summary = summarise(found(plans.read(path), tmp_path / "results" / "tiny"))
    assert summary.headline in said
    for row in summary.arms(1.0):
        assert f"{row.arm}" in said
        assert f"{row.values['loss'].mean:.3f}" in said
    assert (tmp_path / "report.csv").read_bytes() == report(summary, "csv")


def test_what_came_along_is_shown_without_a_run(ask):
    status, said, errors = ask("parts-of-speech", "--json")
    assert (status, errors) == (0, "")
    answer = json.loads(said)
    assert answer["missing"] == 0
    assert answer["headline"]


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Give the path or the name of one plan, or --quick"),
        (["plan.toml", "--quick"], "Give the path or the name of one plan, or --quick"),
        (["no/plan.toml"], "There is no plan at no/plan.toml"),
        (["--quick", "--workers", "0"], "--workers is 0"),
        (["--quick", "--report", "report.doc"], "no kind of report"),
        (["--quick", "--report", "no/report.html"], "There is no folder no"),
        (["--quick", "--fresh", "--scheduler", "nonsense"], "The scheduler at nonsense does not answer"),
    ],
)
def test_what_is_wrong_is_said_with_status_2(ask, arguments, said):
    status, out, errors = ask(*arguments)
    assert (status, out) == (2, "")
    assert said in errors
