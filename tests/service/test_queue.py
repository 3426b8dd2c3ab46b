"""Jobs are processes of their own, which every process of a server sees: they take their turn, outlive who began them,
can be cancelled, and say how they ended."""

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from explorer import places, serving
from explorer.access.rights import HERE, Kind, Somebody
from explorer.cli import main as command
from explorer.errors import NotThere, UserError
from explorer.questions import JOBS
from explorer.service import job as process
from explorer.service import queue
from explorer.serving import Serving
from tests.service.slow import Slow

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60  # seconds
BEN, EVE = (Somebody(Kind.PERSON, name, f"{name}@example.org") for name in ("ben", "eve"))


@pytest.fixture(autouse=True)
def _empty(monkeypatch, tmp_path):
    monkeypatch.setattr(places, "CACHE", tmp_path / "cache")
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(queue, "COMMAND", [sys.executable, "-m", "tests.service.slow"])
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setitem(JOBS, Slow.name, Slow)


def started(tmp_path, name="mine", who=HERE, kind="Import", one_of_a_kind=False, **values):
    """A job that goes on until there is a file "done"."""
    with queue.new_folder() as folder:
        (folder / "vectors").mkdir()
        asked = Slow(**({"until": tmp_path / "done"} | values))
        return queue.start(folder, kind, name, asked, who, one_of_a_kind=one_of_a_kind)


def until(condition):
    """Wait for what another process does: it ends by itself, or the test by its time."""
    while not condition():
        pass


BEGINS = """
import sys
from pathlib import Path
from explorer.access.rights import HERE
from explorer.service import queue
from tests.service.slow import Slow

queue.COMMAND = [sys.executable, "-m", "tests.service.slow"]
with queue.new_folder() as folder:
    (folder / "vectors").mkdir()
    print(queue.start(folder, "Import", "mine", Slow(until=Path(sys.argv[1])), HERE).id, flush=True)
sys.stdin.read()
"""


def test_a_job_outlives_the_process_that_began_it_which_is_killed(tmp_path):
    arguments = [sys.executable, "-c", BEGINS, str(tmp_path / "done")]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as web:
        id = web.stdout.readline().strip()
        web.kill()
    job = queue.find(id)
    assert job.running
    until(lambda: job.share)
    assert (job.name, job.stage, job.share, job.problem) == ("mine", "working", 0.25, "")
    (tmp_path / "done").touch()
    assert job.wait(PATIENCE)
    assert (job.outcome, job.problem) == ("Done.", "")
    assert not (job.folder / "vectors").exists()
    assert [each.id for each in queue.jobs("Import")] == [id]
    assert queue.jobs("Comparison") == []


def process_of(job):
    """The number of a job's process, by the folder in its command."""
    found = []
    for place in Path("/proc").glob("[0-9]*/cmdline"):
        try:
            if str(job.folder).encode() in place.read_bytes():
                found.append(int(place.parent.name))
        except OSError:
            continue
    (number,) = found
    return number


@pytest.mark.parametrize("number", [signal.SIGKILL, signal.SIGTERM])
def test_a_job_whose_process_is_ended_says_so_and_what_to_do(tmp_path, number):
    job = started(tmp_path, kind="Comparison")
    until(lambda: job.share)
    os.kill(process_of(job), number)
    assert job.wait(PATIENCE)
    assert job.outcome == ""
    assert job.problem == (
        "Comparison of mine was cut off: its process was ended. Its finished runs are kept: choose it below and go on."
    )
    queue.sweep()
    assert not (job.folder / "vectors").exists()
    with pytest.raises(UserError, match=r"There is no job “nope”"):
        queue.find("nope")


def test_memory_of_a_job_is_bounded_and_the_sentence_says_how_much(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_JOB_MEMORY", "600")
    job = started(tmp_path, until=None, megabytes=1_000)
    assert job.wait(PATIENCE)
    assert job.problem == "Import of mine needs more than the 600 MB of memory that a job may take here."
    assert started(tmp_path, until=None, megabytes=100).wait(PATIENCE)


def test_jobs_beyond_the_slots_wait_and_those_of_the_machine_do_not(tmp_path, monkeypatch, jobs_in_threads):
    monkeypatch.setattr(serving, "settings", lambda: Serving(open=True, jobs=1))
    first, second = started(tmp_path, "first", BEN), None
    until(lambda: first.begun)
    second, third = started(tmp_path, "second", EVE), started(tmp_path, "third", BEN)
    here = started(tmp_path, "fourth")
    until(lambda: here.share)
    assert [(job.begun, job.stage) for job in (second, third)] == [(False, "waiting")] * 2
    assert not any(map(queue.has_turn, (second, third)))
    assert queue.counts() == {("Import", "running"): 2, ("Import", "waiting"): 2}
    second.cancel()
    assert second.wait(PATIENCE)
    assert second.outcome == "Import of second was cancelled before it began."
    (tmp_path / "done").touch()
    assert all(job.wait(PATIENCE) and job.outcome == "Done." for job in (first, third, here))


def test_the_oldest_that_waits_is_next(tmp_path, monkeypatch):
    monkeypatch.setattr(serving, "settings", lambda: Serving(open=True, jobs=1))
    locks: list[int] = []
    monkeypatch.setattr(queue, "_carry_out", lambda job, held: locks.append(os.dup(held)))
    first, second, lonely, other = (
        started(tmp_path, name, BEN, (name == "lonely" and "Comparison") or "Import", name == "lonely")
        for name in ("first", "second", "lonely", "other")
    )
    assert [queue.has_turn(job) for job in (first, second, lonely)] == [True, False, False]
    monkeypatch.setattr(serving, "settings", lambda: Serving(open=True, jobs=9))
    compared = started(tmp_path, "compared", HERE, "Comparison")
    compared.begin()
    first.begin()
    assert [queue.has_turn(job) for job in (second, lonely, other)] == [True, False, False]
    second.begin()
    assert [queue.has_turn(job) for job in (lonely, other)] == [False, True]
    for lock in locks:
        os.close(lock)


def test_one_person_has_so_many_and_nothing_twice(tmp_path, monkeypatch):
    locks: list[int] = []
    monkeypatch.setattr(queue, "_carry_out", lambda job, held: locks.append(os.dup(held)))
    for number in range(queue.MOST_OF_ONE):
        started(tmp_path, f"number {number}", BEN)
    with pytest.raises(UserError, match="5 of your jobs and 0 of others run or wait"):
        started(tmp_path, "one more", BEN)
    with pytest.raises(UserError, match="Import of number 1: that is going on already"):
        started(tmp_path, "number 1", EVE)
    started(tmp_path, "one more", EVE)
    assert len(queue.jobs()) == len([*queue.place().glob("[0-9]*")]) == queue.MOST_OF_ONE + 1
    for lock in locks:
        os.close(lock)


def test_work_of_somebody_elsewhere_is_ended_after_its_minutes(tmp_path, monkeypatch, jobs_in_threads):
    monkeypatch.setattr(serving, "settings", lambda: Serving(open=True, minutes=5))
    assert [process._limit(who) for who in (HERE, BEN)] == [0, 300]
    monkeypatch.setattr(process, "_limit", lambda who: 0.01)
    job = started(tmp_path, who=BEN)
    assert job.wait(PATIENCE)
    assert job.problem == "Import of mine took longer than the 5 minutes that it may take here, and was ended."


@pytest.mark.parametrize(
    ("error", "says"),
    [
        (UserError("Row 2 is no row."), "Row 2 is no row."),
        (MemoryError(), "Import of mine: that needs more memory than this machine has."),
        (ZeroDivisionError(), "Import of mine: an error of this program, ZeroDivisionError()."),
    ],
)
def test_what_goes_wrong_is_a_sentence(tmp_path, monkeypatch, jobs_in_threads, error, says):
    def answer(self, *_):
        raise error

    monkeypatch.setattr(Slow, "answer", answer)
    job = started(tmp_path)
    assert job.wait(PATIENCE)
    assert (job.outcome, job.problem) == ("", says)


def test_a_folder_in_which_nothing_begins_goes_and_so_does_one_of_days_ago(tmp_path, monkeypatch, jobs_in_threads):
    with queue.new_folder() as folder:
        (folder / "vectors").write_bytes(b"1")
    assert not folder.exists()
    (tmp_path / "done").touch()
    job = started(tmp_path)
    assert job.wait(PATIENCE)
    with queue.occupied("Training", "", BEN) as training:
        for path in (*job.folder.iterdir(), job.folder, *training.folder.iterdir(), training.folder):
            os.utime(path, (0, 0))
        queue.sweep()
        assert queue.jobs() == [training]
        assert queue.counts() == {("Training", "running"): 1}
    assert queue.jobs() == []


def test_an_answer_is_found_again_by_its_key(tmp_path, jobs_in_threads):
    (tmp_path / "done").touch()
    with queue.new_folder() as folder:
        job = queue.start(folder, "Explanation", "mine", Slow(until=tmp_path / "done"), BEN, key="a")
    assert job.wait(PATIENCE)
    assert [queue.answer("Explanation", key) for key in "ab"] == [{"answer": 42}, None]


def test_the_command_lists_and_cancels_them(tmp_path, jobs_in_threads, capsys):
    (tmp_path / "done").touch()
    assert started(tmp_path, "ended", BEN).wait(PATIENCE)
    job = started(tmp_path, "odd\x1b[2J\nname", EVE, until=tmp_path / "never")
    until(lambda: job.share)
    assert command(["jobs"]) == 0
    heading, *lines = capsys.readouterr().out.splitlines()
    assert heading.split() == ["id", "state", "kind", "name", "person"]
    assert [line.split("  ")[1] for line in lines] == ["ended", "running, 25%"]
    assert r"odd\x1b[2J\x0aname" in lines[1]
    assert command(["jobs", "--cancel", job.id]) == 0
    assert job.wait(PATIENCE)
    assert job.outcome == "It was cancelled."
    assert command(["jobs", "--cancel", job.id]) == 2
    assert "has ended already" in capsys.readouterr().err
    with pytest.raises(NotThere):
        queue.find("x")
