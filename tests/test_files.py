"""A file stands in its place whole or not at all, and what a killed process left of it goes a day later."""

import os
import re
import time
from contextlib import suppress

import pytest

from explorer.errors import UserError
from explorer.files import check_place, sweep, whole, whole_folder, write_file


def names(folder):
    return sorted(path.name for path in folder.iterdir())


def test_a_file_takes_its_place_when_it_is_complete(tmp_path):
    place = tmp_path / "place"
    place.write_text("old")
    with whole(place) as draft:
        draft.write_text("new")
        assert place.read_text() == "old"
    assert (place.read_text(), names(tmp_path)) == ("new", ["place"])


def test_what_fails_half_way_leaves_what_was_there(tmp_path):
    write_file(tmp_path / "place", b"old")
    with suppress(KeyboardInterrupt), whole(tmp_path / "place") as draft:
        draft.write_text("ne")
        raise KeyboardInterrupt
    assert (names(tmp_path), (tmp_path / "place").read_bytes()) == (["place"], b"old")


def test_only_the_drafts_of_this_place_that_nobody_expects_back_are_swept(tmp_path):
    for name in (".place-1", ".place-2", ".other-1", ".place-notes"):
        (tmp_path / name).touch()
        if name != ".place-2":
            os.utime(tmp_path / name, (then := time.time() - 48 * 3600, then))
    write_file(tmp_path / "place", b"")
    assert names(tmp_path) == [".other-1", ".place-2", ".place-notes", "place"]


def test_a_clock_that_steps_forward_sweeps_away_nothing_that_is_being_made(tmp_path, monkeypatch):
    place = tmp_path / "place"
    with whole_folder(place) as draft:
        (draft / "part").touch()
        days_later = time.time() + 7 * 24 * 3600
        monkeypatch.setattr("explorer.files.time.time", lambda: days_later)
        sweep(tmp_path, re.compile(r"\.place-.+"))
        assert (draft / "part").exists()
        draft.rename(place)
    (tmp_path / ".place-left").mkdir()  # which nobody holds
    sweep(tmp_path, re.compile(r"\.place-.+"))
    assert names(tmp_path) == ["place"]


@pytest.mark.parametrize(
    ("place", "problem"),
    [
        ("taken", "is there already. Give another name, or delete it first."),
        ("no/where", "There is no folder"),
        ("taken/below", "There is no folder"),
        ("x" * 300, "cannot be written: File name too long"),
    ],
)
def test_a_place_that_cannot_be_written_is_a_sentence(tmp_path, place, problem):
    write_file(tmp_path / "taken", b"")
    with pytest.raises(UserError, match=problem):
        check_place(tmp_path / place)
    check_place(tmp_path / "free")


def test_a_file_that_cannot_be_written_is_a_sentence(tmp_path):
    with pytest.raises(UserError, match="cannot be written: No such file or directory"):
        write_file(tmp_path / "no" / "where", b"")
    assert names(tmp_path) == []
