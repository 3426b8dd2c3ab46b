"""Tables that a page was given: how many are kept, which go, and what errors call them."""

import os
from dataclasses import replace

import pytest

from explorer.access import belongings
from explorer.access.belongings import Belonging
from explorer.errors import NotThere, UserError
from explorer.initialisation import library, tasks, uploads
from explorer.initialisation import plan as plans
from explorer.initialisation.labelled import Columns
from explorer.initialisation.texts_at_hand import check_texts
from explorer.questions.jobs.causes import Causes
from tests.initialisation.texts import plan, reviews, write

A_YEAR_AGO = (0, 0)


@pytest.fixture(autouse=True)
def places(monkeypatch, tmp_path):
    monkeypatch.setattr(tasks, "UPLOADS", tmp_path / "texts")
    monkeypatch.setattr(library, "RESULTS", tmp_path)


def keep_plan(name, text):
    (library.RESULTS / name).mkdir()
    (library.RESULTS / name / "plan.toml").write_text(text, encoding="utf-8")


def test_what_no_comparison_needs_goes_but_nothing_while_a_plan_is_unreadable():
    needed, unused = (uploads.keep(f"{name}.csv", name.encode()) for name in ("needed", "unused"))
    for path in (needed, unused):
        os.utime(path, A_YEAR_AGO)
    keep_plan("reviews", plan(needed.name).as_toml())
    keep_plan("broken", "arms = ")
    uploads.keep("other.csv", b"other")
    assert unused.is_file()
    (library.RESULTS / "broken" / "plan.toml").unlink()
    uploads.keep("other.csv", b"other")
    assert needed.is_file()
    assert not unused.exists()


def test_who_uploads_leaves_the_table_that_another_compares_on(monkeypatch):
    path = uploads.keep("reviews.csv", b"reviews")
    os.utime(path, A_YEAR_AGO)
    library.keep_for("bens", Belonging("ben"))
    (library.RESULTS / "bens" / "plan.toml").write_text(plan(path.name).as_toml(), encoding="utf-8")
    monkeypatch.setattr(belongings, "sees", lambda belonging: belonging.owner in ("", "eve"))
    assert "bens" not in library.names()
    uploads.keep("other.csv", b"other")
    uploads.forget(path.name)
    assert path.is_file()
    library.keep_for("eves", Belonging("eve"))
    monkeypatch.setattr(belongings, "sees", belongings.everything)
    library.remove("bens")
    uploads.forget(path.name)
    assert not path.exists()


def test_the_texts_of_a_comparison_on_an_upload_are_at_hand_until_they_are_removed():
    path = uploads.keep("reviews.csv", b"reviews")
    keep_plan("mine", plan(path.name).as_toml())
    check_texts(library.plan("mine"))
    assert Causes(comparison="mine").plan == library.plan("mine")
    path.unlink()
    with pytest.raises(NotThere, match=r"The texts of “.*” are not here.*the columns “text”, “label”, where it"):
        check_texts(library.plan("mine"))


def test_pairs_that_are_not_here_are_said_to_be_missing_without_columns():
    pairs = replace(plans.shipped(plans.QUICK), task="pairs.tsv")
    with pytest.raises(NotThere, match=r"Put their file where it was: pairs\.tsv, seen"):
        check_texts(pairs)


def test_the_room_for_tables_has_a_bound(monkeypatch):
    monkeypatch.setattr(uploads, "ROOM", 10)
    path = uploads.keep("a.csv", b"123456")
    with pytest.raises(UserError, match=r"MB of tables at most, and b\.csv has no room"):
        uploads.keep("b.csv", b"12345")
    assert uploads.keep("a.csv", b"123456") == path  # is there already
    assert uploads.keep("c.csv", b"1234").is_file()
    assert len(list(tasks.UPLOADS.iterdir())) == 2


def test_a_refusal_calls_a_table_as_its_visitor_does(tmp_path):
    path = uploads.keep("reviews.csv", write(tmp_path / "x.csv", reviews()).read_bytes())
    with pytest.raises(UserError, match=r"^reviews has no column “stars”"):
        tasks.task(path.name, Columns("text", "stars"))
