"""Work in threads of the process: it tells how far it is, can be cancelled, and ends in a sentence."""

import subprocess
import sys
import threading

import pytest
import streamlit as st

from explorer import serving
from explorer.embeddings import catalog
from explorer.errors import Cancelled, UserError
from explorer.places import CHECKOUT as ROOT
from explorer.rights import Kind, Somebody, acting
from explorer.service import commons
from explorer.serving import Serving
from explorer.ui import jobs, rights

PATIENCE = 30  # seconds


@pytest.fixture(autouse=True)
def _nothing_going_on(monkeypatch, tmp_path):
    monkeypatch.setattr(jobs, "_jobs", {})
    monkeypatch.setattr(catalog, "CACHE", tmp_path)
    visitor(monkeypatch)
    monkeypatch.setattr(jobs, "_QUICK", 0.01)


def visitor(monkeypatch):
    """Whoever looks from now on is another visitor; answers with what brings this one back."""
    session = {}
    monkeypatch.setattr(st, "session_state", session)
    return lambda: monkeypatch.setattr(st, "session_state", session)


def only(kind="Import"):
    (job,) = jobs.jobs(kind)
    return job


def test_what_is_going_on_is_seen_from_anywhere_and_says_how_it_ended():
    heard, go_on = threading.Event(), threading.Event()

    def work(tell, stopped):
        tell("importing", 0.25)
        heard.set()
        go_on.wait(PATIENCE)
        return "Done."

    jobs.start("Import", "mine", work)
    assert heard.wait(PATIENCE)
    job = only()
    assert (job.name, job.stage, job.share, job.running) == ("mine", "importing", 0.25, True)
    with pytest.raises(UserError, match="Import of mine: that is going on already"):
        jobs.start("Import", "mine", work)
    jobs.forget(job)
    assert only() is job
    go_on.set()
    assert job.finished.wait(PATIENCE)
    assert (only().outcome, only().problem, only().running) == ("Done.", "", False)
    jobs.forget(job)
    assert jobs.jobs("Import") == []


def test_it_can_be_cancelled():
    def work(tell, stopped):
        while not stopped():
            pass
        raise Cancelled("It was cancelled.")

    jobs.start("Import", "mine", work)
    only().cancel()
    assert only().finished.wait(PATIENCE)
    assert (only().outcome, only().problem) == ("It was cancelled.", "")


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (UserError("Row 2 is no row."), "Row 2 is no row."),
        (MemoryError(), "Import of mine: that needs more memory than this machine has."),
    ],
)
def test_what_goes_wrong_is_a_sentence(error, says):
    def work(tell, stopped):
        raise error

    jobs.start("Import", "mine", work)
    assert only().finished.wait(PATIENCE)
    assert (only().outcome, only().problem) == ("", says)


def test_an_error_of_our_own_is_said_and_logged(caplog):
    def work(tell, stopped):
        raise ZeroDivisionError

    jobs.start("Import", "mine", work)
    assert only().finished.wait(PATIENCE)
    assert "an error of this program" in only().problem
    assert "ZeroDivisionError" in caplog.text


def test_the_next_of_a_kind_takes_the_place_of_what_has_finished():
    for kind, name in (("Import", "first"), ("Download", "other"), ("Import", "second")):
        jobs.start(kind, name, lambda tell, stopped: "Done.")
        assert jobs.jobs(kind)[-1].finished.wait(PATIENCE)
    assert only().name == "second"
    assert only("Download").name == "other"


def test_how_it_ended_is_for_those_who_saw_it_going_on(monkeypatch):
    go_on = threading.Event()

    def work(tell, stopped):
        go_on.wait(PATIENCE)
        return "Done."

    first = visitor(monkeypatch)
    jobs.start("Import", "mine", work)
    second = visitor(monkeypatch)
    (job,) = jobs.jobs_to_show("Import")
    go_on.set()
    assert job.finished.wait(PATIENCE)
    assert jobs.jobs_to_show("Import") == [job]
    visitor(monkeypatch)
    assert jobs.jobs_to_show("Import") == []
    jobs.start("Import", "of the third", lambda tell, stopped: "Done.")
    assert only().finished.wait(PATIENCE)
    first()
    assert jobs.jobs_to_show("Import") == [job]
    jobs.forget(job)
    assert jobs.jobs_to_show("Import") == []
    second()
    assert jobs.jobs_to_show("Import") == [job]


def test_who_began_it_may_cancel_it_and_so_may_who_sits_at_the_machine(monkeypatch):
    go_on = threading.Event()
    first = visitor(monkeypatch)
    monkeypatch.setattr(serving, "settings", lambda: Serving(open=True, jobs=1))
    jobs.start("Import", "mine", lambda tell, stopped: str(go_on.wait(PATIENCE)))
    job = only()
    visitor(monkeypatch)
    assert jobs.may_cancel(job)
    monkeypatch.setattr(rights, "is_here", lambda: False)
    assert not jobs.may_cancel(job)
    with pytest.raises(UserError, match="1 job runs already"):
        jobs.start("Import", "another", lambda tell, stopped: "Done.")
    first()
    assert jobs.may_cancel(job)
    go_on.set()
    assert job.finished.wait(PATIENCE)


def test_the_last_place_is_for_one(monkeypatch):
    held = []
    monkeypatch.setattr(jobs, "check_job", lambda running: held.append(jobs._changing.locked()))
    jobs.start("Import", "mine", lambda tell, stopped: "Done.")
    assert only().finished.wait(PATIENCE)
    with jobs.place():
        assert jobs._changing.locked()
    assert held == [True, True]


def test_a_visitor_who_may_only_ask_begins_nothing(monkeypatch):
    monkeypatch.setattr(serving, "settings", lambda: Serving(closed=True))
    with pytest.raises(UserError, match="Visitors may ask everything here, but not import"):
        jobs.start("Import", "mine", lambda tell, stopped: "Done.")
    assert jobs.running() == {"Training": 0}


def test_what_is_begun_next_takes_the_place_of_how_the_last_ended():
    for name in ("first", "second"):
        jobs.start("Import", name, lambda tell, stopped: "Done.")
        assert jobs.jobs("Import")[-1].finished.wait(PATIENCE)
        assert [job.name for job in jobs.jobs_to_show("Import")] == [name]
    jobs.forget_ended("Import")
    assert jobs.jobs_to_show("Import") == []


def test_a_process_that_ends_waits_until_work_has_cleaned_up():
    cleaned = []

    def work(tell, stopped):
        try:
            while not stopped():
                pass
        finally:
            cleaned.append("up")
        return ""

    jobs.start("Import", "mine", work)
    jobs.stop_all()
    assert cleaned == ["up"]


def test_who_began_it_is_told_when_the_server_ends_and_nobody_else(monkeypatch):
    def work(tell, stopped):
        while not stopped():
            pass
        raise Cancelled("The import was cancelled.")

    ben, ada = (Somebody(Kind.VISITOR, owner) for owner in ("ben", "ada"))
    with acting(ben):
        monkeypatch.setattr(serving, "settings", lambda: Serving(open=True))
        jobs.start("Import", "mine", work)
        jobs.start("Import", "done", lambda tell, stopped: "Done.")
        jobs.stop_all()
    monkeypatch.setattr(jobs, "_jobs", {})  # another process
    visitor(monkeypatch)
    with acting(ada):
        assert jobs.jobs_to_show("Import") == []
    with acting(ben):
        (job,) = jobs.jobs_to_show("Import")
        assert job.problem == (
            "Import of mine was interrupted: the server ended. Nothing of it was kept: import the file again."
        )
        assert jobs.jobs_to_show("Import") == [job]
        jobs.mark_as_read(job)
        jobs.forget_what_was_read()
        assert jobs.jobs_to_show("Import") == []


KILLED = """
import sys, time
from pathlib import Path
from explorer.belongings import Belonging
from explorer.service.job_records import recorded

with recorded(Path(sys.argv[1]), "Comparison", "mine", Belonging()):
    print("running", flush=True)
    sys.stdin.read()
"""


def test_a_job_whose_process_was_killed_is_told_of_as_well(tmp_path):
    command = [sys.executable, "-c", KILLED, str(tmp_path)]
    with subprocess.Popen(command, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout.readline() == "running\n"
        assert jobs.jobs_to_show("Comparison") == []
        going_on = [jobs.is_going_on(kind, name) for kind in ("Comparison", "Import") for name in ("mine", "another")]
        assert going_on == [True, False, False, False]
        process.kill()
    assert not jobs.is_going_on("Comparison", "mine")
    (job,) = jobs.jobs_to_show("Comparison")
    assert (job.name, job.running) == ("mine", False)
    assert job.problem.endswith("Its finished runs are kept: choose it below and go on.")
    assert jobs.jobs_to_show("Import") == []
    jobs.forget_ended("Comparison")
    assert jobs.jobs_to_show("Comparison") == []


def test_work_of_somebody_elsewhere_is_ended_after_its_minutes(monkeypatch):
    def work(tell, stopped):
        while not stopped():
            pass
        raise Cancelled("The import was cancelled.")

    monkeypatch.setattr(serving, "settings", lambda: Serving(open=True, minutes=5))
    assert [jobs._limit(Somebody(kind)) for kind in (Kind.HERE, Kind.VISITOR)] == [0, 300]
    monkeypatch.setattr(jobs, "_limit", lambda who: 0.01)
    jobs.start("Import", "mine", work)
    assert only().finished.wait(PATIENCE)
    assert only().problem == "Import of mine took longer than the 5 minutes that it may take here, and was ended."


SERVER = """
import asyncio, os, sys
from pathlib import Path
import streamlit_app
from explorer.embeddings import catalog
from explorer.ui import jobs, rights

def work(tell, stopped):
    while not stopped():
        pass
    print("tidied", flush=True)
    return ""

async def serve():
    async with streamlit_app.lifespan(None):
        catalog.CACHE = Path(sys.argv[1])
        jobs.start("Import", "mine", work)

asyncio.run(serve())
os._exit(0)  # as a signal would: nothing that Python does at its end is done
"""


def test_a_server_that_a_signal_ends_tidies_up_first(tmp_path):
    finished = subprocess.run(
        [sys.executable, "-c", SERVER, str(tmp_path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert finished.stdout.endswith("tidied\n")


def test_jobs_of_another_worker_count(monkeypatch):
    monkeypatch.setattr(serving, "settings", lambda: Serving(open=True, jobs=2))
    monkeypatch.setattr("explorer.ui.rights.is_here", lambda: False)
    with commons.new() as file:
        own, other = (commons.Commons(file.fileno(), number) for number in (0, 1))
        monkeypatch.setattr(jobs, "commons", lambda: own)
        other.say(commons.JOBS, 1)
        with jobs.place():
            pass
        other.say(commons.JOBS, 2)
        with pytest.raises(UserError, match="2 jobs run already"), jobs.place():
            pass
