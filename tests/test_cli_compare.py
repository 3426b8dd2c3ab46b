"""`python -m explorer compare` carries out a plan, repeats to the same numbers, and says in words what it cannot."""

import json
import re
from dataclasses import replace

import pytest

from explorer.cli import main
from explorer.cli.initialisation import _print
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
    assert "held-out loss (nats a token) with its 95% interval over seeds, chrF, learning rate" in said
    assert (tmp_path / "report.csv").read_bytes() == report(summary, "csv")


def test_the_table_has_the_measure_that_the_sentences_speak_of(ask):
    _, said, _ = ask("parts-of-speech")
    assert "held-out answers all right (% of the answers) with its 95% interval over seeds, learning rate" in said
    assert re.search(r"word2vec, raw, frozen +92\.2% +91\.\d% to 92\.\d% ", said)
    assert "loss" not in said
    assert "chrF" not in said
    assert "is right in 23.2% of the test part" in said
    assert re.search(r"by \d\d\.\d points \(95% interval \d\d\.\d to \d\d\.\d\)", said)


def test_labels_of_ones_own_are_a_classification(ask, tmp_path):
    """A word or a phrase, and its label: right answers and chance, not losses and chrF."""
    nouns = [noun for noun, _ in tiny._NOUNS]
    lines = [
        f"{a} {n}\t{'good' if a in ('big', 'new') else 'bad'}\n" for a in ("big", "new", "old", "sad") for n in nouns
    ]
    (tmp_path / "labels.tsv").write_text("".join(lines), encoding="utf-8")
    plan = tiny.plan(tmp_path, task=str(tmp_path / "labels.tsv"), rates=(0.01,), batch_size=4)
    (tmp_path / "labels.toml").write_text(plan.as_toml(), encoding="utf-8")
    status, said, _ = ask(tmp_path / "labels.toml", "--workers", 1)
    assert status == 0
    assert "held-out answers all right (% of the answers)" in said
    assert "the commonest of the 2 answers in training, is right in" in said
    assert "chrF" not in said


def test_what_is_not_all_there_is_said_so_far(ask, path, tmp_path, capsys):
    half = plans.read(path)
    ask(path, "--workers", 1)
    more = replace(half, seeds=(0, 1, 2))
    _print(summarise(found(more, tmp_path / "results" / "tiny")))
    said = capsys.readouterr().out
    assert "So far, with 4 of 6 runs: At 100% of the pairs" in said
    assert "100% of the pairs, so far with 4 of 6 runs, held-out loss" in said


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
