"""The comparisons at hand: how far each is, read once for all who ask."""

import subprocess
import sys
from dataclasses import replace

import pytest

import explorer
from explorer.access.belongings import Belonging
from explorer.errors import NotThere, UserError
from explorer.initialisation import library, runner
from explorer.initialisation.plan import PLAN_FILE, shipped
from explorer.initialisation.plan_checks import NETWORKS
from explorer.initialisation.published import KIM, comparison
from explorer.initialisation.summary import Summary
from explorer.questions.jobs.comparison import Compare
from tests.initialisation import tiny


@pytest.fixture
def half(tmp_path, monkeypatch):
    """The name of a comparison of one's own, of which half of the runs are there."""
    monkeypatch.setattr(library, "RESULTS", tmp_path)
    plan = tiny.plan(tmp_path, name="half", rates=(0.01,))
    runner.run(plan, tmp_path / plan.name, workers=1)
    more = replace(plan, seeds=(0, 1, 2, 3))
    (tmp_path / plan.name / PLAN_FILE).write_text(more.as_toml(), encoding="utf-8")
    return plan.name


def test_the_list_says_how_far_each_is_and_which_cannot_be_read(half, tmp_path):
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / PLAN_FILE).write_text("nonsense", encoding="utf-8")
    answer = explorer.comparisons()
    entries = {entry["name"]: entry for entry in answer.as_json()}
    assert {name for name, entry in entries.items() if entry["shipped"]} == {
        "phrase-book",
        "language-model",
        "phrase-book-searched",
        "parts-of-speech",
        *(comparison(name, network) for name in KIM for network in NETWORKS),
        "kim-trec-projection",
        "multi30k",
    }
    assert all(entry["ended"] == entry["runs"] for entry in entries.values() if entry["shipped"])
    assert (entries["half"]["runs"], entries["half"]["ended"]) == (8, 4)
    assert "cannot be read as TOML" in entries["broken"]["problem"]
    assert entries["broken"]["problem"] in answer.sentences
    with pytest.raises(UserError, match="cannot be read as TOML"):
        explorer.comparison("broken")


def test_a_summary_is_made_once_for_all_doors_and_again_when_a_file_changes(half, tmp_path, monkeypatch):
    summaries = []
    monkeypatch.setattr(
        "explorer.initialisation.summary.Summary", lambda collected: summaries.append(collected) or Summary(collected)
    )
    explorer.comparison(half)
    explorer.comparison(half, measure="chrf", size=1.0)
    explorer.comparison_rows(half)
    explorer.comparisons()
    assert sum(collected.plan.name == half for collected in summaries) == 1
    path = tmp_path / half / PLAN_FILE
    path.write_text(path.read_text(encoding="utf-8") + "# changed\n", encoding="utf-8")
    explorer.comparison(half)
    assert sum(collected.plan.name == half for collected in summaries) == 2


def test_a_choice_of_measure_and_size_has_its_own_rows_and_the_same_whole():
    whole, view = library.summary("phrase-book"), explorer.comparison("phrase-book", measure="chrf", size=0.05)
    assert "With 5% of the training pairs (412), " in view.headline
    assert view.sentences[0].startswith("At 5% of the pairs, ")
    assert "chrF" in view.headline
    assert "20%" not in view.headline
    rows = view.as_json()["rows"]
    arms = {row.arm: row for row in whole.arms(0.05)}
    assert [row["arm"] for row in rows] == sorted(arms, key=lambda arm: -arms[arm].values["chrf"].mean)
    differences = {each.arm: each for each in whole.comparisons("chrf", 0.05)}
    for row in rows:
        if row["arm"] in differences:
            each = differences[row["arm"]]
            assert (row["difference"], row["adjusted_p"]) == (each.difference, each.adjusted_p)
    assert view.as_json()["headline"] == whole.headline
    assert view.as_json()["sizes"] == whole.as_json()["sizes"]


def test_what_is_not_there_is_said():
    with pytest.raises(NotThere, match="There is no comparison “nope”"):
        explorer.comparison("nope")
    with pytest.raises(NotThere, match=r"has no size 0\.3\. Take one of 0\.05, 0\.2, 1"):
        explorer.comparison("phrase-book", size=0.3)


def test_names_need_nothing_that_runs_a_comparison():
    """joblib, its processes and the vectors' readers take longer to import than the list to read."""
    code = "import sys; from explorer.initialisation import library; library.names(); print(*sys.modules)"
    modules = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True).stdout.split()
    assert not {"joblib", "pyarrow", "gensim", "matplotlib"} & set(modules)


def test_a_comparison_stays_whose_it_is_and_a_refused_run_takes_no_name(tmp_path, monkeypatch):
    monkeypatch.setattr(library, "RESULTS", tmp_path)
    library.keep_for("mine", Belonging("ben"))  # its run is refused
    library.keep_for("mine", Belonging("eve"))
    assert not library.has_begun("mine")
    library.drop("mine")
    assert list(tmp_path.iterdir()) == []
    library.keep_for("mine", Belonging("eve"))
    (tmp_path / "mine" / PLAN_FILE).write_text(shipped("phrase-book").as_toml(), encoding="utf-8")
    library.share("mine", True)
    for goes_on in (Belonging("eve"), Belonging("an administrator"), Belonging()):
        library.keep_for("mine", goes_on)
        assert library.belonging("mine") == Belonging("eve", shared=True)
    library.drop("mine")
    assert library.has_begun("mine")


def test_a_run_that_is_refused_elsewhere_leaves_whose_a_comparison_is(tmp_path, monkeypatch):
    monkeypatch.setattr(library, "RESULTS", tmp_path)
    monkeypatch.setattr(runner, "run", lambda *_: library.plan("nope"))
    library.keep_for("quick", Belonging("ben"))
    with pytest.raises(NotThere):
        Compare(quick=True, out=tmp_path / "elsewhere").answer()
    assert library.belonging("quick") == Belonging("ben")
    with pytest.raises(NotThere):
        Compare(quick=True, fresh=True).answer()
    assert list(tmp_path.iterdir()) == []


def test_what_is_being_removed_is_seen_no_more_also_where_the_removal_is_cut_short(tmp_path, monkeypatch):
    monkeypatch.setattr(library, "RESULTS", tmp_path)
    library.keep_for("mine", Belonging("ben"))
    (tmp_path / "mine" / PLAN_FILE).write_text(shipped("phrase-book").as_toml(), encoding="utf-8")
    (tmp_path / "mine" / ".draft").write_text("")
    monkeypatch.setattr(library.shutil, "rmtree", lambda *place, **options: None)
    (tmp_path / ".killed-before").mkdir()
    (tmp_path / ".killed-before" / PLAN_FILE).write_text("")
    library.remove("mine")
    assert not [name for name in library.names() if not library.is_shipped(name)]
    assert [path.name for path in tmp_path.glob(f"*/{PLAN_FILE}")] == [PLAN_FILE]
