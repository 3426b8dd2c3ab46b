"""Jobs on pages: who begins them, who sees them, who cancels them, and who reads how they ended."""

import subprocess
import sys

import pytest
import streamlit as st
from streamlit.testing.v1 import AppTest

from explorer import serving
from explorer.access.rights import HERE, Kind, Somebody, acting
from explorer.errors import UserError
from explorer.places import CHECKOUT as ROOT
from explorer.questions import JOBS
from explorer.service.jobs import queue
from explorer.serving import Serving
from explorer.ui import jobs, rights
from tests.service.slow import SLOW, Slow, SlowDownload

PATIENCE = 30  # seconds


@pytest.fixture(autouse=True)
def _nothing_going_on(monkeypatch, tmp_path, jobs_in_threads):
    monkeypatch.setattr("explorer.service.jobs.record.JOBS", JOBS | SLOW)
    monkeypatch.setattr(jobs, "_QUICK", 0.01)
    visitor(monkeypatch)


@pytest.fixture
def done(tmp_path):
    """The file for which jobs wait, which has come when the test ends."""
    yield tmp_path / "done"
    (tmp_path / "done").touch()


def visitor(monkeypatch):
    """Whoever looks from now on is another visitor; answers with what brings this one back."""
    session = {}
    monkeypatch.setattr(st, "session_state", session)
    return lambda: monkeypatch.setattr(st, "session_state", session)


def finished(name="mine", kind=Slow):
    job = jobs.start(name, kind())
    assert job.wait(PATIENCE)
    return job


def elsewhere(monkeypatch, **options):
    monkeypatch.setattr(serving, "settings", lambda: Serving(**options))
    monkeypatch.setattr(rights, "is_here", lambda: False)
    monkeypatch.setattr("streamlit.runtime.context.ContextProxy.cookies", {})


def test_what_is_going_on_is_seen_from_anywhere_and_says_how_it_ended(done):
    job = jobs.start("mine", Slow(until=done))
    assert jobs.running("Import") == [job]
    assert (jobs.is_busy("Import"), jobs.is_busy("Download")) == (True, False)
    assert [jobs.is_going_on("Import", name) for name in ("mine", "other")] == [True, False]
    with pytest.raises(UserError, match="Import of mine: that is going on already"):
        jobs.start("mine", Slow())
    jobs.forget(job)
    assert jobs.jobs_to_show("Import") == [job]
    done.touch()
    assert job.wait(PATIENCE)
    assert (job.outcome, job.problem, job.running) == ("Done.", "", False)
    assert jobs.jobs_to_show("Import") == [job]
    jobs.forget(job)
    assert jobs.jobs_to_show("Import") == []


def test_what_is_begun_next_takes_the_place_of_how_the_last_of_its_kind_ended():
    other = finished(kind=SlowDownload)
    for name in ("first", "second"):
        job = finished(name=name)
        assert jobs.jobs_to_show("Import") == [job]
    jobs.forget_ended("Import")
    assert jobs.jobs_to_show("Import") == []
    assert jobs.jobs_to_show("Download") == [other]
    jobs.forget_work_on("mine")
    assert jobs.jobs_to_show("Download") == []


def test_how_it_ended_is_for_those_who_saw_it_going_on(monkeypatch, done):
    elsewhere(monkeypatch, open=True, jobs=9)
    first = visitor(monkeypatch)
    job = jobs.start("mine", Slow(until=done))
    second = visitor(monkeypatch)
    assert jobs.jobs_to_show("Import") == [job]
    done.touch()
    assert job.wait(PATIENCE)
    assert jobs.jobs_to_show("Import") == [job]
    visitor(monkeypatch)
    assert jobs.jobs_to_show("Import") == []
    finished(name="of the third")
    first()
    assert jobs.jobs_to_show("Import") == [job]
    jobs.forget(job)
    assert jobs.jobs_to_show("Import") == []
    second()
    assert jobs.jobs_to_show("Import") == [job]


@pytest.mark.parametrize("killed", [False, True])
def test_its_owner_reads_how_it_ended_at_a_later_visit_once_and_nobody_else(monkeypatch, done, killed):
    monkeypatch.setattr(serving, "settings", lambda: Serving(open=True))
    ben, ada = (Somebody(Kind.VISITOR, owner) for owner in ("ben", "ada"))
    with acting(ben):
        job = jobs.start("mine", Slow(until=done))
        if killed:
            jobs.interrupt_own()
        done.touch()
        assert job.wait(PATIENCE)
    visitor(monkeypatch)
    with acting(ada):
        assert jobs.jobs_to_show("Import") == []
    with acting(ben):
        assert jobs.jobs_to_show("Import") == [job]
        jobs.mark_as_read(job)
        assert jobs.jobs_to_show("Import") == [job]
        jobs.forget_what_was_read()
        assert jobs.jobs_to_show("Import") == []
    visitor(monkeypatch)
    with acting(ben):
        assert jobs.jobs_to_show("Import") == []


def test_who_ends_the_server_by_hand_ends_its_jobs(done):
    job = jobs.start("mine", Slow(until=done))
    jobs.interrupt_own()
    assert job.wait(PATIENCE)
    assert job.problem == (
        "Import of mine was cut off: its process was ended. Nothing of it was kept: import the file again."
    )


def test_who_began_it_may_cancel_it_and_so_may_who_sits_at_the_machine(monkeypatch, done):
    first = visitor(monkeypatch)
    here = rights.is_here
    elsewhere(monkeypatch, open=True)
    job = jobs.start("mine", Slow(until=done))
    assert jobs.may_cancel(job)
    visitor(monkeypatch)
    assert not jobs.may_cancel(job)
    monkeypatch.setattr(rights, "is_here", here)
    assert jobs.may_cancel(job)
    first()
    job.cancel()
    assert job.wait(PATIENCE)
    assert (job.outcome, job.problem) == ("It was cancelled.", "")


def test_a_visitor_who_may_only_ask_begins_nothing_and_keeps_nothing(monkeypatch):
    monkeypatch.setattr(serving, "settings", lambda: Serving(closed=True))
    with pytest.raises(UserError, match="Visitors may ask everything here, but not import"):
        jobs.start("mine", Slow())
    with pytest.raises(UserError, match="Visitors may ask everything here, but not import"), jobs.folder():
        pass
    assert queue.jobs() == []


def test_two_ended_jobs_of_one_name_stand_in_one_list(monkeypatch):
    def page():
        from explorer.questions.jobs import Import
        from explorer.ui.job_list import job_list

        job_list(Import.kind)

    for _time in range(2):
        with queue.new_folder() as folder:
            assert queue.start(folder, "mine", Slow(), HERE).wait(PATIENCE)
    app = AppTest.from_function(page).run()
    assert not app.exception
    assert [button.label for button in app.button] == ["Dismiss"] * 2
    app.button[0].click().run()
    assert [button.label for button in app.button] == ["Dismiss"]


SERVER = """
import signal, sys
from pathlib import Path
import streamlit_app
from explorer.questions import JOBS
from explorer.service.jobs import queue
from explorer.ui import jobs
from tests.service.slow import Slow

queue.COMMAND = [sys.executable, "-m", "tests.service.slow"]
JOBS["slow"] = Slow
signal.signal(signal.SIGTERM, lambda *_: None)
signal.signal(signal.SIGINT, lambda *_: None)
streamlit_app.end_questions_first()
streamlit_app.end_like_sigterm()
for name in ("SIGTERM", "SIGINT", "SIGHUP"):
    job = jobs.start(name, Slow(until=Path(sys.argv[1])))
    signal.raise_signal(signal.Signals[name])
    print(name, not job.wait(0.0 if name == "SIGTERM" else 30.0))
"""


@pytest.mark.usefixtures("hangup")
def test_jobs_go_on_without_their_server_but_end_with_its_terminal(tmp_path, monkeypatch, done):
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    server = subprocess.run(
        [sys.executable, "-c", SERVER, str(done)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert server.stdout.splitlines()[-3:] == ["SIGTERM True", "SIGINT False", "SIGHUP False"]
