"""The page that compares initialisations, through Streamlit's own test runner."""

import base64
import json
import threading
from dataclasses import replace

import numpy as np
import pytest

from explorer.errors import UserError
from explorer.initialisation import causes, library, rescaling, runner, tasks
from explorer.initialisation.collected import collect
from explorer.initialisation.experiment import about
from explorer.initialisation.plan import Job, PlanError
from explorer.initialisation.report import report
from explorer.initialisation.results import Results
from explorer.initialisation.summary import Summary
from explorer.initialisation.tasks import origin
from explorer.questions.jobs.causes import Causes, Rescaling
from explorer.ui import causes_view, comparisons, run_again
from explorer.ui.jobs import jobs
from explorer.ui.messages import as_label
from tests.initialisation import made_up
from tests.initialisation.small import small_plan
from tests.initialisation.texts import plan as labelled_plan
from tests.initialisation.texts import reviews, write
from tests.test_pages import sentences, visit

run = runner.run


def one_process(plan, folder, workers, *rest):
    """What carries out a plan, without processes of its own."""
    return run(plan, folder, 1, *rest)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """A folder with a comparison of which all is known, and one that was trained."""
    folder = tmp_path_factory.mktemp("results")
    keep(made_up.plan(watch=("good",)), folder)
    small = small_plan(folder)
    runner.run(small, folder / small.name, workers=1)
    return folder


@pytest.fixture(autouse=True)
def at_hand(results, monkeypatch, tmp_path, jobs_in_threads):
    monkeypatch.setattr(library, "SHIPPED", results)
    monkeypatch.setattr(library, "RESULTS", tmp_path)
    monkeypatch.setattr(runner, "run", one_process)


def keep(plan, folder):
    """Write made-up results of a plan where a run would."""
    results = Results(folder / plan.name)
    for job, row in made_up.collected(plan).compared.items():
        digest = about(plan, job)["digest"]
        results.rows[digest] = replace(row, digest=digest)
    results.gather()
    (folder / plan.name / runner.PLAN_FILE).write_text(plan.as_toml(), encoding="utf-8")


def xs(trace):
    """Where a trace's marks lie; Plotly packs many numbers into bytes."""
    x = trace["x"]
    return np.frombuffer(base64.b64decode(x["bdata"]), x["dtype"]).tolist() if isinstance(x, dict) else x


def summary_of(name="made up"):
    return Summary(collect(library.plan(name), library.folder(name)))


def figure(app, key):
    (chart,) = [chart for chart in app.get("plotly_chart") if key in chart.proto.id]
    return json.loads(chart.proto.spec)


def marks(app, key="forest"):
    """The rows of the forest's marks, a set for each symbol."""
    rows = {}
    for trace in figure(app, key)["data"]:
        if trace["mode"] == "markers":
            rows.setdefault(trace["marker"]["symbol"], []).extend(each[:2] for each in trace["customdata"])
    return rows


def table(app):
    (component,) = [component for component in app.get("bidi_component") if component.key == "comparison_table"]
    return json.loads(component.proto.json)


def test_it_opens_with_the_answer_and_the_differences_that_are_shown():
    app = visit("initialisation")
    assert "explorer-answer" in sentences(app)[0]
    assert origin(summary_of().plan.task) in [markdown.value.replace("\\", "") for markdown in app.markdown]
    summary = summary_of()
    compared = [(c, share) for share in summary.plan.sizes for c in summary.comparisons("loss", share)]
    significant = {(c.arm, share) for c, share in compared if c.is_significant}
    points = marks(app)
    assert {tuple(row) for row in points["square"]} == significant
    assert len(points["circle-open"]) + len(significant) == 2 * 4
    assert table(app)["rows"][0]["arm"] == "glove"


def test_arms_sizes_and_measure_are_filtered_by_the_url():
    app = visit("initialisation", arms=["he", "glove, raw"], sizes="0.05", measure="chrf")
    points = marks(app)
    assert sorted(points["square"] + points["circle-open"]) == [["glove, raw", 0.05], ["he", 0.05]]
    assert {row["arm"] for row in table(app)["rows"]} == {"he", "glove, raw"}


def test_a_classification_opens_with_its_right_answers_everywhere(monkeypatch, tmp_path):
    plan = made_up.plan(name="tags", task="parts of speech", sizes=(1.0,))
    keep(plan, tmp_path)
    monkeypatch.setattr(library, "RESULTS", tmp_path)
    app, summary = visit("initialisation", run="tags"), summary_of("tags")
    assert "held-out exact match" in sentences(app)[0]
    (box,) = [box for box in app.selectbox if box.label == "Measure"]
    assert box.value == "exact"
    names = [each["text"] for each in figure(app, "forest")["layout"]["annotations"]]
    assert {"← worse", "better →", "difference in held-out exact match,<br>percentage points"} <= set(names)
    points = {
        row[0]: x
        for trace in figure(app, "forest")["data"]
        for row, x in zip(trace["customdata"], xs(trace), strict=True)
    }
    assert points == pytest.approx({c.arm: 100 * c.difference for c in summary.comparisons("exact", 1.0)})
    rows = table(app)["rows"]
    assert [row["arm"] for row in rows] == [
        row.arm for row in sorted(summary.arms(1.0), key=lambda row: -row.values["exact"].mean)
    ]
    headings = [heading["title"] for heading in table(app)["headings"]]
    assert headings[6:8] == ["Held-out exact match", "Held-out loss"]
    assert figure(app, "curves")["layout"]["yaxis"]["title"]["text"].startswith("Validation accuracy,<br>share")
    assert any(summary.meaning in markdown.value.replace("\\", "") for markdown in app.markdown)


def test_another_measure_than_the_deciding_one_has_its_own_sentences():
    app, summary = visit("initialisation", measure="chrf"), summary_of()
    assert "held-out loss" in sentences(app)[0]
    below = [markdown.value.replace("\\", "") for markdown in app.markdown]
    assert (
        "The picture shows held-out chrF; the answer above is decided by held-out loss. " + summary.verdict("chrf")
        in below
    )
    assert any(summary.meaning_by("chrf") in each for each in below)
    assert not any(summary.meaning in each for each in below)


def test_what_was_generated_is_said_where_results_are_read():
    assert any(
        "were generated by a small grammar" in each.value.replace("\\", "") for each in visit("initialisation").markdown
    )


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
        go_on.wait(30)
        return summary_of("small").collected

    monkeypatch.setattr(runner, "run", preparing)
    app = visit("initialisation", show="own", plan="small")
    app.text_input[-1].set_value("waiting").run()
    press(app, "Start")
    assert begun.wait(30)
    (job,) = jobs(comparisons.KIND)
    app = visit("initialisation", run="waiting")
    bars = app.get("progress")
    assert [bar.proto.text.replace("\\", "") for bar in bars] == [f"waiting: {comparisons.PREPARING}"]
    go_on.set()
    assert job.wait(30)


def test_the_table_sorts_both_ways_and_says_so():
    rows = table(visit("initialisation", sort="-loss", against="rescaled"))
    assert rows["rows"][0]["arm"] == "glove, raw"
    loss, trained = (next(h for h in rows["headings"] if h["title"] == title) for title in ("Held-out loss", "trained"))
    assert (loss["sorted"], trained["sorted"]) == ("descending", "none")
    assert loss["href"] == "?sort=loss&against=rescaled"
    assert trained["href"] == "?sort=trained&against=rescaled"


def test_one_arm_has_its_source_its_runs_and_neighbours_that_rose():
    app = visit("initialisation", arm="glove", share="0.05", measure="exact")
    assert any("Kim" in markdown.value for markdown in app.markdown)
    assert len(marks(app, "seeds")["circle"]) == 2 * 10
    links = [link for link in app.get("page_link") if "seed" in link.proto.label]
    assert len(links) == 10
    (neighbours,) = [each.value for each in app.table if "places risen" in each.value.columns]
    assert any("↑" in text for text in neighbours["places risen"])


@pytest.mark.parametrize("url", [{"measure": "steps", "curve": "vector_lengths"}, {"against": "rescaled"}])
def test_what_was_trained_is_drawn(url):
    assert len(visit("initialisation", run="small", **url).get("plotly_chart")) == 3


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ({"run": "../made up"}, "There is no comparison"),
        ({"measure": "nope"}, "measure is “nope”, but must be one of loss, token_accuracy"),
        ({"arms": "nope<b>"}, "no arm “nope&lt;b&gt;”"),
        ({"share": "0.3"}, "no size “0.3”"),
        ({"curve": "nope", "word": "nope"}, "no curve “nope”"),
        ({"against": "nope"}, "against is “nope”, but must be one of baseline, controls or rescaled"),
        ({"arms": "he", "against": "controls"}, "The chosen arms cannot be compared in this way"),
        ({"seed": "99"}, "no seed “99”"),
        ({"sort": "nope", "plan": "nope"}, "cannot be sorted by “nope”"),
    ],
)
def test_what_is_not_there_is_said(url, said):
    assert any(said in sentence for sentence in sentences(visit("initialisation", **url)))


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
    (job,) = jobs(comparisons.KIND)
    assert job.wait(60)
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
    (job,) = jobs(comparisons.KIND)
    assert job.wait(60)
    assert summary_of("half").collected.missing == 0


def test_a_second_one_waits(results, monkeypatch):
    plan, go_on = replace(small_plan(results), updates=4), threading.Event()
    monkeypatch.setattr(runner, "run", lambda *_: go_on.wait(30) and summary_of("small").collected)
    comparisons.begin("first", plan)
    comparisons.begin("second", plan)
    first, second = jobs(comparisons.KIND)
    assert (first.begun, second.begun) == (True, False)
    bars = visit("initialisation", run="second").get("progress")
    assert bars[1].proto.text == "second: waiting"
    go_on.set()
    assert first.wait(30)
    assert second.wait(30)


@pytest.mark.parametrize("arm", ["random", "word2vec, raw"])
def test_a_run_trained_again_gives_its_own_losses(arm):
    of_small = summary_of("small").collected
    job, result = run_again.run_of(of_small, arm, 0.5, 1)
    assert isinstance(job, Job)
    learning = run_again.again(of_small.plan, job)
    learning.start()
    learning.wait(30)
    assert [moment.step for moment in learning.moments] == [0, 4, 8, 12]
    assert tuple(moment.measure.loss for moment in learning.moments) == result.validation_losses
    assert run_again.agreement(learning, result) == (
        "All 4 validation losses are those of the comparison, to the last digit."
    )
    other = replace(result, validation_losses=tuple(loss + 1e-6 for loss in result.validation_losses))
    assert "differ from those of the comparison by up to 1e-06" in run_again.agreement(learning, other)


def test_what_is_shown_can_be_asked_at_every_other_door():
    app = visit("initialisation", run="made up", measure="chrf", against="controls", sizes="0.05", copy="true")
    python, command, curl, link = (code.value for code in app.code[-4:])
    assert "comparison('made up', measure='chrf', against='controls', size=0.05)" in python
    assert command == "explorer comparison --measure chrf --against controls --size 0.05 'made up'"
    assert "/api/v1/comparison?measure=chrf&against=controls&size=0.05&comparison=made+up" in curl
    assert link == "http://localhost:8501/initialisation?run=made+up&measure=chrf&against=controls&sizes=0.05"
    scope = {}
    exec(python.replace("print(answer)", ""), scope)
    summary = summary_of().by("chrf", "controls", 0.05)
    assert scope["answer"].as_json() == summary.as_json()
    assert {(row["arm"], row["baseline"]) for row in summary.as_json()["rows"]} == {("glove", "glove, shuffled")}


def press(app, label):
    (button,) = [button for button in app.button if button.label == label]
    button.click().run()


def test_a_table_of_ones_own_is_uploaded_its_columns_chosen_and_compared_on(monkeypatch, tmp_path):
    monkeypatch.setattr(tasks, "UPLOADS", tmp_path / "texts")
    begun = []
    monkeypatch.setattr(runner, "run", lambda plan, folder, *_: begun.append(plan) or collect(plan, folder))
    table = write(tmp_path / "reviews.csv", [*reviews(), ("", "good")], ("review", "liked"))
    app = visit("initialisation", show="own")
    app.file_uploader(key="own texts").upload("reviews.csv", table.read_bytes(), "text/csv").run()
    assert [box.value for box in app.selectbox if " of reviews-" in (box.key or "")] == ["review", "liked", ""]
    assert not [each for each in app.number_input if each.key == "texts_seeds"]  # a first look has its own
    assert "12 runs of 100 updates each: about" in " ".join(sentences(app))
    app.selectbox(key="texts_quick").set_value("whole").run()
    assert [each.value for each in app.number_input if each.key == "texts_seeds"] == [10]
    said = " ".join(sentences(app))
    assert "with 2 labels in 10 folds: 64 texts for training" in said
    assert "1 row has no text with words and is left out: row 81." in said
    assert "66 runs of 200 updates each: about" in said
    app.text_input(key="name of own texts").set_value("my reviews")
    press(app, "Compare")
    (job,) = jobs(comparisons.KIND)
    assert job.wait(60)
    (plan,) = begun
    assert (plan.name, plan.text, plan.label, plan.folds) == ("my reviews", "review", "liked", 10)
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
    (job,) = jobs(comparisons.KIND)
    assert job.wait(60)
    (plan,) = begun
    assert (plan.name, plan.language, plan.text, plan.data.deciding) == ("story quick", True, "", "perplexity")
    run(replace(plan, seeds=(0, 1), updates=20), tmp_path / plan.name, workers=1)
    app = visit("initialisation", run=plan.name, arm="random")
    assert "in perplexity between" in " ".join(markdown.value for markdown in app.markdown)
    assert "Click one to watch it" not in " ".join(markdown.value for markdown in app.markdown)


def test_a_comparison_on_labels_is_shown_label_by_label(monkeypatch, tmp_path):
    path = write(tmp_path / "reviews.csv", reviews())
    runner.run(labelled_plan(path), tmp_path / "reviews", workers=1)
    app = visit("initialisation", run="reviews", confusion="true", arm="vectors", toml="true")
    assert any('task = "reviews.csv"' in code.value for code in app.code)
    assert str(tmp_path) not in repr(app.main)  # no folder of this machine
    assert "between pre-trained and random vectors" in sentences(app)[0]
    assert "in accuracy between “vectors” and “random”" in " ".join(markdown.value for markdown in app.markdown)
    labels, confusion = (table.value for table in app.table if "label" in table.value)
    assert list(labels["label"]) == ["bad", "good"]
    assert list(labels["texts"]) == ["16", "16"]  # eight of each, in two runs
    counts = confusion.drop(columns="label").astype(int).to_numpy()
    assert (counts.sum(axis=1) == 16).all()
    assert labels["recall"][0] == f"{counts[0, 0] / 16:.1%}"


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
    assert any("these are no labels, which many texts share" in sentence for sentence in sentences(app))
    assert "Compare" not in [button.label for button in app.button]
    app.file_uploader(key="own texts").set_value(("one.csv", b"text\na\n", "text/csv")).run()
    assert any("needs two columns, a text and a label. It has “text”" in sentence for sentence in sentences(app))
    app.file_uploader(key="own texts").set_value(("b.csv", b"PK\x03\x04 a spreadsheet", "text/csv")).run()
    assert any("Save a spreadsheet as CSV" in sentence for sentence in sentences(app))


def test_how_far_apart_is_alike_and_how_many_seeds_are_asked_in_the_unit_of_the_measure():
    app = visit("initialisation", run="made up", sizes="1", margin="0.1", effect="0.1")
    texts = " ".join(sentences(app))
    assert "“glove, shuffled” and “he” are shown to be within 0.1 nats a token of “random” in held-out loss." in texts
    assert "seeds to show a difference from “random” of 0.1 nats a token in held-out loss" in texts
    without = " ".join(sentences(visit("initialisation", run="made up", sizes="1")))
    assert "ten seeds are enough to show a difference from" in without
    assert "shown to be within" not in without


def test_an_arm_that_other_comparisons_have_is_pooled_over_them(results):
    for name in ("another", "a third"):
        keep(made_up.plan(name=name), results)
    app = visit("initialisation", run="made up", arm="glove", together=["made up", "another", "a third"])
    texts = " ".join(sentences(app))
    assert "Over 3 comparisons, “glove” reaches a lower held-out loss than the baseline: −0." in texts
    names = {name for trace in figure(app, "pooled")["data"] for name in trace["y"]}
    assert names == {"made up", "another", "a third", "all together"}
    assert "Over 3 comparisons" not in " ".join(sentences(visit("initialisation", run="made up", arm="glove")))
    one = " ".join(sentences(visit("initialisation", run="made up", arm="glove", together=["another"])))
    assert "comparisons has 1 entry, but must have 2 to 50" in one


def test_the_why_is_looked_for_in_the_background_and_drawn(monkeypatch, results):
    plan = library.plan("small")
    tables, curves = causes.causes(plan, 1), rescaling.rescaling(plan, 1, ratios=(0.5, 2.0))
    for kind, answer in ((Causes, tables), (Rescaling, curves)):
        monkeypatch.setattr(kind, "answer", lambda self, *_, answer=answer: answer)
    app = visit("initialisation", run="small", why="true", share="1")
    assert "explorer rescaling --size 1 small" in [code.value for code in app.code]
    app = visit("initialisation", run="small", why="true")  # the question's own size, where the reader chose none
    assert "explorer rescaling small" in [code.value for code in app.code]
    for label in ("Look at the tables", "Change the scale"):
        press(app, label)
        job = jobs(causes_view.KIND)[-1]
        assert job.wait(10)
        app.run()
    said = " ".join(sentences(app))
    assert tables.headline in said
    assert curves.headline in said
    lines = {trace["name"]: list(xs(trace)) for trace in figure(app, "rescaled")["data"]}
    assert lines == {kind: [0.5, 2.0] for kind in curves.kinds}
    (table,) = (table.value for table in app.table if "effective rank" in table.value)
    assert list(table["arm"]) == [as_label(arm) for arm in plan.arms]
