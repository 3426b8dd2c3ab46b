"""Comparisons of a visitor's own, begun on the page, through Streamlit's own test runner."""

import json
import threading
from dataclasses import replace

import pytest

from explorer.errors import UserError
from explorer.initialisation import library, runner, tasks
from explorer.initialisation.collected import collect
from explorer.initialisation.plan import PlanError
from explorer.initialisation.report import report
from explorer.questions.jobs import Compare
from explorer.ui.initialisation import comparisons
from explorer.ui.jobs import jobs
from tests.initialisation.small import small_plan
from tests.initialisation.texts import plan as labelled_plan
from tests.initialisation.texts import reviews, write
from tests.initialisation_page.conftest import run
from tests.initialisation_page.drawn import press, summary_of
from tests.patience import PATIENCE
from tests.test_pages import sentences, visit


def test_a_plan_of_a_visitor_names_no_files_and_has_limits():
    app = visit("initialisation", show="own", plan="quick")
    right = app.text_area[0].value
    app.text_area[0].set_value('task = "/etc/passwd"\n' + right).run()
    assert any("The task is “/etc/passwd”, but a page takes only these" in sentence for sentence in sentences(app))
    assert not [button for button in app.button if button.label == "Start"]
    app.text_area[0].set_value(right.replace("d_model = 32", "d_model = 8192")).run()
    assert any("8,192 for d_model, but a page takes 256 at most" in sentence for sentence in sentences(app))


def test_the_first_thing_that_is_told_is_that_it_is_prepared(results, monkeypatch):
    begun, go_on = threading.Event(), threading.Event()

    def preparing(*_, **__):
        begun.set()
        go_on.wait(PATIENCE)
        return summary_of("small").collected

    monkeypatch.setattr(runner, "run", preparing)
    app = visit("initialisation", show="own", plan="small")
    app.text_input[-1].set_value("waiting").run()
    press(app, "Start")
    assert begun.wait(PATIENCE)
    (job,) = jobs(Compare.kind)
    app = visit("initialisation", run="waiting")
    bars = app.get("progress")
    assert [bar.proto.text.replace("\\", "") for bar in bars] == [f"waiting: {Compare.beginning}"]
    go_on.set()
    assert job.wait(PATIENCE)


def test_a_run_of_ones_own_is_checked_started_and_found_again(results):
    app = visit("initialisation", show="own", plan="small")
    box = app.text_area[0]
    right = box.value
    box.set_value("seeds = 1\n" + right).run()
    assert any("cannot be read as TOML" in sentence for sentence in sentences(app))
    app.text_area[0].set_value(right.replace("updates = 12", "updates = 4")).run()
    app.text_input[-1].set_value("small").run()
    press(app, "Start")
    assert any("“small” is the name of a shipped comparison" in sentence for sentence in sentences(app))
    app.text_input[-1].set_value("mine").run()
    press(app, "Start")
    assert app.query_params["run"] == "mine"
    (job,) = jobs(Compare.kind)
    assert job.wait(PATIENCE)
    assert job.outcome == "“mine” has ended: 18 runs."
    app = visit("initialisation", run="mine")
    assert "explorer-answer" in "".join(sentences(app))
    assert summary_of("mine").collected.missing == 0


def test_an_unfinished_one_can_go_on(results):
    plan = replace(small_plan(results), name="half")
    folder = library.own_folder(plan)
    runner.run(replace(plan, seeds=(0, 1)), folder, workers=1)
    (folder / runner.PLAN_FILE).write_text(plan.as_toml(), encoding="utf-8")
    app = visit("initialisation", run="half")
    assert any("6 of 18 runs are missing" in sentence for sentence in sentences(app))
    (sentence,) = [sentence for sentence in sentences(app) if "So far, with 12 of 18 runs: " in sentence]
    assert "explorer-provisional" in sentence
    assert "explorer-answer" not in "".join(sentences(app))
    press(app, "Go on")
    (job,) = jobs(Compare.kind)
    assert job.wait(PATIENCE)
    assert summary_of("half").collected.missing == 0


def test_a_second_one_waits(results, monkeypatch):
    plan, go_on = replace(small_plan(results), updates=4), threading.Event()
    monkeypatch.setattr(runner, "run", lambda *_: go_on.wait(PATIENCE) and summary_of("small").collected)
    comparisons.begin("first", plan)
    comparisons.begin("second", plan)
    first, second = jobs(Compare.kind)
    assert (first.begun, second.begun) == (True, False)
    bars = visit("initialisation", run="second").get("progress")
    assert bars[1].proto.text == "second: waiting"
    go_on.set()
    assert first.wait(PATIENCE)
    assert second.wait(PATIENCE)


def test_a_table_of_ones_own_is_uploaded_its_columns_chosen_and_compared_on(monkeypatch, tmp_path):
    monkeypatch.setattr(tasks, "UPLOADS", tmp_path / "texts")
    begun = []
    monkeypatch.setattr(runner, "run", lambda plan, folder, *_: begun.append(plan) or collect(plan, folder))
    table = write(tmp_path / "reviews.csv", [*reviews(), ("", "good")], ("review_text", "liked"))
    app = visit("initialisation", show="own")
    app.file_uploader(key="own texts").upload("reviews.csv", table.read_bytes(), "text/csv").run()
    boxes = [box for box in app.selectbox if " of reviews-" in (box.key or "")]
    assert [box.value for box in boxes] == ["review_text", "liked", ""]
    assert boxes[0].options == ["review_text", "liked"]  # as they stand, no Markdown
    assert not [each for each in app.number_input if each.key == "texts_seeds"]  # a first look has its own
    assert "12 runs of 100 updates each: about" in " ".join(sentences(app))
    app.selectbox(key="texts_quick").set_value("whole").run()
    assert [each.value for each in app.number_input if each.key == "texts_seeds"] == [10]
    said = " ".join(sentences(app))
    assert "as one of 10 folds: about 64 for training" in said
    assert "1 row has no text with words and is left out: row 81." in said
    assert "66 runs of 200 updates each: about" in said
    assert "has a vector for 100% of the running words" in said
    app.text_input(key="name of own texts").set_value("my reviews")
    press(app, "Compare")
    (job,) = jobs(Compare.kind)
    assert job.wait(PATIENCE)
    (plan,) = begun
    assert (plan.name, plan.text, plan.label, plan.folds) == ("my reviews", "review_text", "liked", 10)
    assert plan.data.deciding == "accuracy"
    assert "/" not in plan.task  # no folder of this machine
    assert str(tmp_path) not in plan.as_toml()
    assert (tmp_path / "texts" / plan.task).is_file()


def test_a_plain_text_is_uploaded_and_compared_on_in_a_language_model(monkeypatch, tmp_path):
    monkeypatch.setattr(tasks, "UPLOADS", tmp_path / "texts")
    begun = []
    monkeypatch.setattr(runner, "run", lambda plan, folder, *_: begun.append(plan) or collect(plan, folder))
    text = "".join(f"{words}, line {number}\n" for number, (words, _) in enumerate(reviews())).encode()
    app = visit("initialisation", show="own")
    app.file_uploader(key="own texts").upload("story.txt", text, "text/plain").run()
    assert not [box for box in app.selectbox if " of story-" in (box.key or "")]  # there are no columns to choose
    said = " ".join(sentences(app))
    assert "A language model of story says each next word: 64 lines for training" in said
    assert "12 runs of 100 updates each: about" in said
    press(app, "Compare")
    (job,) = jobs(Compare.kind)
    assert job.wait(PATIENCE)
    (plan,) = begun
    assert (plan.name, plan.language, plan.text, plan.data.deciding) == ("story quick", True, "", "perplexity")
    run(replace(plan, seeds=(0, 1), updates=20), tmp_path / plan.name, workers=1)
    app = visit("initialisation", run=plan.name, arm="random")
    assert "in perplexity between" in " ".join(markdown.value for markdown in app.markdown)
    assert "Click one to watch it" not in " ".join(markdown.value for markdown in app.markdown)


def test_visitors_learn_neither_the_folder_nor_other_columns_of_a_file(tmp_path):
    path = write(tmp_path / "reviews.csv", reviews())
    plan = labelled_plan(path)
    library.own_folder(plan).mkdir(parents=True)
    (library.own_folder(plan) / "plan.toml").write_text(plan.as_toml(), encoding="utf-8")
    summary = library.summary("reviews")
    public = plan.public.as_toml()
    assert 'task = "reviews.csv"' in public
    said = [public, json.dumps(summary.as_json()), report(summary, "md").decode(), report(summary, "toml").decode()]
    said.append(json.dumps(library.comparisons().as_json()))
    assert not [text for text in said if str(tmp_path) in text]
    assert comparisons.plan_of_visitor(public) == plan == comparisons.plan_of_visitor(plan.as_toml())
    for changed in (public.replace('label = "label"', 'label = "secret"'), public.replace("reviews.csv", "other.csv")):
        with pytest.raises(PlanError, match=r"columns alone .*“text”, “label”|task is “other\.csv”") as error:
            comparisons.plan_of_visitor(changed)
        assert str(tmp_path) not in str(error.value)
    path.unlink()
    library._summary.cache_clear()
    with pytest.raises(UserError, match=r"There is no file at reviews\.csv"):
        library.summary("reviews")


def test_a_table_that_cannot_be_compared_on_gets_a_sentence(monkeypatch, tmp_path):
    monkeypatch.setattr(tasks, "UPLOADS", tmp_path / "texts")
    app = visit("initialisation", show="own")
    texts = b"text,label\n" + b"".join(b"a %d,a %d\n" % (n, n) for n in range(40))
    app.file_uploader(key="own texts").set_value(("a.csv", texts, "text/csv")).run()
    assert any("A label needs 5 texts on average" in sentence for sentence in sentences(app))
    assert "Compare" not in [button.label for button in app.button]
    app.file_uploader(key="own texts").set_value(("one.csv", b"text\na\n", "text/csv")).run()
    assert any("needs two columns, a text and a label. It has “text”" in sentence for sentence in sentences(app))
    spreadsheet = b"PK\x03\x04" + b" " * 26 + b"xl/workbook.xml"
    app.file_uploader(key="own texts").set_value(("b.csv", spreadsheet, "text/csv")).run()
    assert any("b.csv is a spreadsheet. Save it as CSV" in sentence for sentence in sentences(app))
