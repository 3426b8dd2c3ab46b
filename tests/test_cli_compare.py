"""`python -m explorer compare` carries out a plan, repeats to the same numbers, and says in words what it cannot."""

import json
import re
from dataclasses import replace

import pytest

from explorer.cli import main
from explorer.cli.declared_jobs import _print
from explorer.initialisation import cost, library, text_plans
from explorer.initialisation import plan as plans
from explorer.initialisation.collected import collect
from explorer.initialisation.report import report
from explorer.initialisation.summary import Summary
from explorer.questions.jobs.comparison import Compare
from tests.initialisation import tiny
from tests.initialisation.texts import reviews, write


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
    status, first, errors = ask(path, "--fresh", "--json", "--workers", 1)
    assert status == 0
    assert "no difference can be significant" in errors
    status, again, errors = ask(path, "--fresh", "--json", "--workers", 1)
    assert (status, again) == (0, first)
    assert "updates each: about" in errors
    status, again, errors = ask(path, "--json")
    assert (status, again) == (0, first)
    assert "updates each" not in errors
    plan = plans.read(path)
    assert json.loads(first) == json.loads(json.dumps(Summary(collect(plan, tmp_path / "results" / "tiny")).as_json()))


@pytest.mark.usefixtures("ask")
def test_the_cost_is_measured_for_nobody_who_does_not_hear_it(path, monkeypatch):
    monkeypatch.setattr(cost, "cost", None)
    assert Compare(plan=str(path), workers=1).answer().headline


def test_results_of_a_plan_at_hand_are_shown_and_reported(ask, path, tmp_path):
    ask(path, "--workers", 1)
    status, output, _ = ask(path, "--report", tmp_path / "report.csv")
    assert status == 0
    summary = Summary(collect(plans.read(path), tmp_path / "results" / "tiny"))
    assert summary.headline in output
    for row in summary.arms(1.0):
        assert f"{row.arm}" in output
        assert f"{row.values['loss'].mean:.3f}" in output
    assert re.search(
        r"held-out loss \(nats a token\) by arm\n +arm +mean +95% interval over seeds +chrF +learning rate", output
    )
    assert (tmp_path / "report.csv").read_bytes() == report(summary, "csv")


def test_the_table_has_the_measure_that_the_sentences_speak_of(ask):
    _, output, _ = ask("parts-of-speech")
    assert "held-out exact match (% of the answers) by arm" in output
    assert re.search(r"word2vec, raw, frozen +92\.6% +89\.\d% to 95\.\d% ", output)
    assert "loss" not in output
    assert "chrF" not in output
    assert "has an exact match of 23.2% on the test part" in output
    assert re.search(r"by \d\d\.\d points \(95% interval \d\d\.\d to \d\d\.\d\)", output)


def test_labels_of_ones_own_are_a_classification(ask, tmp_path):
    """A word or a phrase, and its label: right answers and chance, not losses and chrF."""
    nouns = [noun for noun, _ in tiny._NOUNS]
    lines = [
        f"{a} {n}\t{'good' if a in ('big', 'new') else 'bad'}\n" for a in ("big", "new", "old", "sad") for n in nouns
    ]
    (tmp_path / "labels.tsv").write_text("".join(lines), encoding="utf-8")
    plan = tiny.plan(tmp_path, task=str(tmp_path / "labels.tsv"), rates=(0.01,), batch_size=4)
    (tmp_path / "labels.toml").write_text(plan.as_toml(), encoding="utf-8")
    status, output, _ = ask(tmp_path / "labels.toml", "--workers", 1)
    assert status == 0
    assert "held-out exact match (% of the answers)" in output
    assert "the most frequent of the 2 answers in training, “" in output
    assert "chrF" not in output


def test_what_is_not_all_there_is_said_so_far(ask, path, tmp_path, capsys):
    half = plans.read(path)
    ask(path, "--workers", 1)
    more = replace(half, seeds=(0, 1, 2))
    _print(Summary(collect(more, tmp_path / "results" / "tiny")))
    output = capsys.readouterr().out
    assert "So far, with 4 of 6 runs: At 100% of the pairs, " in output
    assert "100% of the pairs, so far with 4 of 6 runs: held-out loss" in output


def test_what_came_along_is_shown_without_a_run(ask):
    status, output, errors = ask("parts-of-speech", "--json")
    assert (status, errors) == (0, "")
    answer = json.loads(output)
    assert answer["missing"] == 0
    assert answer["headline"]
    for form in ("--json", None):
        _, output, _ = ask(*filter(None, ("phrase-book", form)))
        assert "generated by a small grammar" in output


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ([], "Give the path or the name of one plan, or quick or data without a plan."),
        (
            ["plan.toml", "--quick"],
            "Give the path or the name of one plan, or quick or data without a plan.",
        ),
        (["no/plan.toml"], "There is no plan at no/plan.toml"),
        (["--quick", "--workers", "0"], "workers is 0, but must be a whole number from 1 to 1,024"),
        (["--quick", "--report", "report.doc"], "not a kind of report"),
        (["--quick", "--report", "no/report.html"], "There is no folder no"),
        (["--quick", "--fresh", "--scheduler", "nonsense"], "The scheduler at nonsense does not answer"),
    ],
)
def test_what_is_wrong_is_said_with_status_2(ask, arguments, said):
    status, out, errors = ask(*arguments)
    assert (status, out) == (2, "")
    assert said in errors


def test_a_table_of_labelled_texts_is_answered_in_one_command(ask, tmp_path, monkeypatch):
    monkeypatch.setattr(text_plans, "_LEAST", 6)
    monkeypatch.setattr(text_plans, "_EPOCHS", 0)
    monkeypatch.setattr(text_plans, "_MEASURED", 2)
    monkeypatch.setattr(text_plans, "_RATES", (0.003,))
    table = write(tmp_path / "reviews.csv", [*reviews(), ("", "good")], ("review", "liked"))
    command = ("--data", table, "--text", "review", "--label", "liked", "--seeds", 2, "--workers", 1)
    status, output, errors = ask(*command)
    assert status == 0
    assert "as one of 10 folds: about 64 for training" in errors
    assert "1 row has no text with words" in errors
    assert "6 runs of 6 updates each: about" in errors
    assert "100% of the texts: accuracy (% of the test texts) by arm" in output
    assert "there is no significant difference in accuracy between “random” and any of 2 arms" in output
    status, output, errors = ask(*command, "--json")  # what is at hand is not computed again
    assert "updates each" not in errors
    assert json.loads(output)["deciding"] == "accuracy"
    assert ask("--data", table)[::2] == (
        2,
        "explorer: reviews.csv has no column “label”. It has “review”, “liked”. Name the columns of the texts and of "
        "their labels. If this is a row, write the columns' names in a line above it.\n",
    )
    assert "label has an effect only with data" in ask("--quick", "--label", "liked")[2]


def test_a_plain_text_is_answered_in_one_command(ask, tmp_path, monkeypatch):
    monkeypatch.setattr(text_plans, "_QUICK_UPDATES", 6)
    monkeypatch.setattr(text_plans, "_QUICK_SEEDS", 2)
    text = tmp_path / "story.txt"
    text.write_text(
        "".join(f"{words}, line {number}\n" for number, (words, _) in enumerate(reviews())), encoding="utf-8"
    )
    status, output, errors = ask("--data", text, "--quick", "--workers", 1)
    assert status == 0
    assert "A language model of story.txt says each next word: 64 lines for training" in errors
    assert "4 runs of 6 updates each: about" in errors
    assert "100% of the lines: perplexity (of a token) by arm" in output
    assert "chrF" not in output
    assert ask("--data", text, "--pooling", "first")[::2] == (
        2,
        "explorer: story.txt is a plain text, for a language model, so pooling says nothing. Leave it out.\n",
    )
    table = tmp_path / "table.txt"
    table.write_text("text,label\n" + "".join(f"{words},{label}\n" for words, label in reviews()), encoding="utf-8")
    assert "Texts of table.txt with 2 labels" in ask("--data", table, "--quick", "--workers", 1)[2]
