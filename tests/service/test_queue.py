"""Jobs are processes of their own, which every process of a server sees: they take their turn, outlive who began them,
can be cancelled, and say how they ended."""

import errno
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from explorer import places, serving
from explorer.access.rights import HERE, Kind, Somebody
from explorer.cli import main as command
from explorer.errors import NotThere, UserError
from explorer.questions import JOBS
from explorer.service.jobs import process, queue, record
from explorer.serving import Serving
from tests.service.slow import SLOW, Slow, SlowComparison, SlowDownload, occupied

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60  # seconds
VISITOR = Somebody(Kind.VISITOR, "ada")
BEN, EVE = (Somebody(Kind.PERSON, name, f"{name}@example.org") for name in ("ben", "eve"))


@pytest.fixture(autouse=True)
def _empty(monkeypatch, tmp_path):
    monkeypatch.setattr(places, "CACHE", tmp_path / "cache")
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(queue, "COMMAND", [sys.executable, "-m", "tests.service.slow"])
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    monkeypatch.setattr(record, "JOBS", JOBS | SLOW)


def started(tmp_path, name="mine", who=HERE, kind=Slow, **values):
    """A job that goes on until there is a file "done"."""
    with queue.new_folder() as folder:
        (folder / "vectors").mkdir()
        return queue.start(folder, name, kind(**({"until": tmp_path / "done"} | values)), who)


def until(job, what):
    """Wait until a job's process has done something, as long as it lives."""
    while not getattr(job, what):
        assert job.running, job.problem
        time.sleep(0.01)


BEGINS = """
import sys
from pathlib import Path
from explorer.access.rights import HERE
from explorer.service.jobs import queue
from tests.service.slow import Slow

queue.COMMAND = [sys.executable, "-m", "tests.service.slow"]
with queue.new_folder() as folder:
    (folder / "vectors").mkdir()
    print(queue.start(folder, "mine", Slow(until=Path(sys.argv[1])), HERE).id, flush=True)
sys.stdin.read()
"""


def test_a_job_outlives_the_process_that_began_it_which_is_killed(tmp_path):
    arguments = [sys.executable, "-c", BEGINS, str(tmp_path / "done")]
    with subprocess.Popen(arguments, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as web:
        id = web.stdout.readline().strip()
        web.kill()
    job = queue.find(id)
    assert job.running
    until(job, "share")
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
    job = started(tmp_path, kind=SlowComparison)
    until(job, "share")
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
    until(first, "begun")
    second, third = started(tmp_path, "second", EVE), started(tmp_path, "third", BEN)
    here = started(tmp_path, "fourth")
    until(here, "share")
    assert [(job.begun, job.stage) for job in (second, third)] == [(False, "waiting")] * 2
    assert not any(map(queue.has_turn, (second, third)))
    assert [queue.ahead(job) for job in (second, third)] == [0, 1]
    assert queue.counts() == {("Import", "running"): 2, ("Import", "waiting"): 2}
    second.cancel()
    assert second.wait(PATIENCE)
    assert (second.state, second.outcome) == ("cancelled", "Import of second was cancelled before it began.")
    (tmp_path / "done").touch()
    assert all(job.wait(PATIENCE) and job.outcome == "Done." for job in (first, third, here))


def test_the_oldest_that_waits_is_next(tmp_path, monkeypatch):
    monkeypatch.setattr(serving, "settings", lambda: Serving(open=True, jobs=1))
    locks: list[int] = []
    monkeypatch.setattr(queue, "_carry_out", lambda job, held: locks.append(os.dup(held)))
    first, second, lonely, other = (
        started(tmp_path, name, BEN, SlowComparison if name == "lonely" else Slow)
        for name in ("first", "second", "lonely", "other")
    )
    assert [queue.has_turn(job) for job in (first, second, lonely)] == [True, False, False]
    monkeypatch.setattr(serving, "settings", lambda: Serving(open=True, jobs=9))
    compared = started(tmp_path, "compared", HERE, SlowComparison)
    compared.begin()
    first.begin()
    assert [queue.has_turn(job) for job in (second, lonely, other)] == [True, False, False]
    second.begin()
    assert [queue.has_turn(job) for job in (lonely, other)] == [False, True]
    for lock in locks:
        os.close(lock)


def test_of_two_processes_that_want_one_slot_the_second_begins_after_the_first(tmp_path, monkeypatch):
    monkeypatch.setenv("EXPLORER_OPEN", "1")
    monkeypatch.setenv("EXPLORER_JOBS", "1")
    ends = [tmp_path / name for name in ("first", "second")]
    first, second = (started(tmp_path, end.name, VISITOR, until=end) for end in ends)
    until(first, "share")
    ends[1].touch()  # had it begun, it would end
    until(started(tmp_path, "third", until=None), "begun")  # a process that came after it, which need not wait
    assert (first.running, second.running, second.begun) == (True, True, False)
    ends[0].touch()
    assert all(job.wait(PATIENCE) and job.outcome == "Done." for job in (first, second))
    assert (first.folder / "result.json").stat().st_mtime_ns <= (second.folder / "begun").stat().st_mtime_ns


def test_one_person_has_so_many_and_nothing_twice(tmp_path, monkeypatch):
    locks: list[int] = []
    monkeypatch.setattr(queue, "_carry_out", lambda job, held: locks.append(os.dup(held)))
    for number in range(queue.MOST_OF_ONE):
        started(tmp_path, f"number {number}", BEN)
    with pytest.raises(UserError, match="5 of your jobs run or wait"):
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
        (
            OSError(errno.ENOSPC, "No space left on device"),
            "Import of mine: the disk of the server is full. Free some space, and begin it again.",
        ),
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


def full(*_):
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))


def test_a_full_disk_does_not_end_a_job_that_says_how_far_it_is(tmp_path, monkeypatch, jobs_in_threads):
    write = record._write
    monkeypatch.setattr(record, "_write", lambda file, facts: (full if "share" in facts else write)(file, facts))
    job = started(tmp_path, until=None)
    assert job.wait(PATIENCE)
    assert (job.outcome, job.problem) == ("Done.", "")


def test_what_ended_well_on_a_full_disk_does_not_say_that_it_failed(tmp_path, monkeypatch, jobs_in_threads):
    write = record._write
    monkeypatch.setattr(record, "_write", lambda file, facts: (full if "outcome" in facts else write)(file, facts))
    job = started(tmp_path, until=None)
    assert job.wait(PATIENCE)
    assert (job.state, job.outcome, job.problem) == ("ended", "Import of mine has ended.", "")
    assert not (job.folder / "vectors").exists()


def test_of_the_ended_jobs_of_an_owner_the_last_are_kept(tmp_path, monkeypatch, jobs_in_threads):
    monkeypatch.setattr(queue, "MOST_KEPT", 2)
    for name in ("first", "second", "third"):
        assert started(tmp_path, name, until=None).wait(PATIENCE)
    unreadable = queue.place() / "00000000000000000000-0"
    unreadable.mkdir()
    holds = queue.is_held
    monkeypatch.setattr(queue, "is_held", lambda folder: full() if folder == unreadable else holds(folder))
    monkeypatch.setattr(queue, "_folders", lambda: [*sorted(queue.place().glob("[0-9]*")), unreadable])
    queue.sweep()
    assert [job.name for job in queue.jobs() if job.folder != unreadable] == ["second", "third"]


def test_what_waits_does_not_begin_for_those_who_may_not_any_more(tmp_path, monkeypatch, jobs_in_threads):
    def served(**options):
        monkeypatch.setattr(serving, "settings", lambda: Serving(jobs=1, **options))

    login = {"login": tmp_path / "login.toml"}
    served(**login, administrators="ada@example.org")
    ada = Somebody(Kind.ADMINISTRATOR, "ada", "ada@example.org")
    holder, of_ada, of_eve = (started(tmp_path, who.owner, who) for who in (BEN, ada, EVE))
    until(holder, "begun")
    queue.cancel_what_may_not_begin()
    assert not any(job.cancelled for job in (holder, of_ada, of_eve))
    served(**login, administrators="ben@example.org")
    queue.cancel_what_may_not_begin()
    assert of_ada.wait(PATIENCE)
    assert of_ada.problem == (
        "Import of ada was cancelled before it began: who may begin it has changed on this server. Begin it again, if "
        "you may."
    )
    assert (holder.cancelled, of_eve.cancelled) == (False, False)
    served(**login, closed=True)
    queue.cancel_what_may_not_begin()
    assert of_eve.wait(PATIENCE)
    assert (of_eve.outcome, holder.cancelled) == ("", False)
    (tmp_path / "done").touch()
    assert holder.wait(PATIENCE)


def test_whom_a_name_belongs_to_is_said_to_those_who_see_it(tmp_path, monkeypatch, jobs_in_threads):
    monkeypatch.setattr(serving, "settings", lambda: Serving(login=tmp_path / "login.toml", jobs=9))
    started(tmp_path, "secret", BEN)
    with pytest.raises(UserError, match=r"^The name “secret” is taken\. Take another name\.$"):
        started(tmp_path, "secret", EVE)
    with pytest.raises(UserError, match="Import of secret: that is going on already"):
        started(tmp_path, "secret", BEN)
    started(tmp_path, "for all", BEN, SlowDownload)
    with pytest.raises(UserError, match="Download of for all: that is going on already"):
        started(tmp_path, "for all", EVE, SlowDownload)
    (tmp_path / "done").touch()
    assert all(job.wait(PATIENCE) for job in queue.jobs())


def test_imports_of_one_person_that_begin_side_by_side_share_the_disk(tmp_path, monkeypatch, jobs_in_threads):
    monkeypatch.setattr(serving, "settings", lambda: Serving(open=True, disk=1))
    monkeypatch.setattr(Slow, "bytes_of_disk", 700_000)
    first = started(tmp_path, "first", VISITOR)
    until(first, "share")
    second = started(tmp_path, "second", VISITOR)
    assert second.wait(PATIENCE)
    assert "this one 1.4 MB, but one visitor’s may take 1.0 MB here" in second.problem
    (tmp_path / "done").touch()
    assert first.wait(PATIENCE)
    assert first.outcome == "Done."


@pytest.mark.parametrize(
    ("seconds", "says"),
    [(0.2, "about 1 second left"), (1.6, "about 2 seconds left"), (95, "about 2 minutes left"), (None, "")],
)
def test_how_long_it_takes_is_said_in_words(tmp_path, seconds, says):
    with occupied("Training", "", HERE) as job:
        job.tell("training", 0.5, seconds)
        assert job.left == says


def test_a_folder_in_which_nothing_begins_goes_and_so_does_one_of_days_ago(tmp_path, monkeypatch, jobs_in_threads):
    with queue.new_folder() as folder:
        (folder / "vectors").write_bytes(b"1")
    assert not folder.exists()
    (tmp_path / "done").touch()
    job = started(tmp_path)
    assert job.wait(PATIENCE)
    with occupied("Training", "", BEN) as training:
        for path in (*job.folder.iterdir(), job.folder, *training.folder.iterdir(), training.folder):
            os.utime(path, (0, 0))
        queue.sweep()
        assert queue.jobs() == [training]
        assert queue.counts() == {("Training", "running"): 1}
    assert queue.jobs() == []


def test_an_answer_is_found_again_by_its_key(tmp_path, jobs_in_threads):
    (tmp_path / "done").touch()
    with queue.new_folder() as folder:
        job = queue.start(folder, "mine", Slow(until=tmp_path / "done"), BEN, key="a")
    assert job.wait(PATIENCE)
    assert [queue.answer(Slow.kind, key) for key in "ab"] == [{"answer": 42}, None]


def test_the_command_lists_and_cancels_them(tmp_path, jobs_in_threads, capsys):
    (tmp_path / "done").touch()
    assert started(tmp_path, "ended", BEN).wait(PATIENCE)
    job = started(tmp_path, "odd\x1b[2J\nname", EVE, until=tmp_path / "never")
    until(job, "share")
    assert command(["jobs"]) == 0
    heading, *lines = capsys.readouterr().out.splitlines()
    assert heading.split() == ["id", "state", "kind", "name", "person"]
    assert [line.split("  ")[1] for line in lines] == ["ended", "running, 25%"]
    assert r"odd\x1b[2J\x0aname" in lines[1]
    assert command(["jobs", "--cancel", job.id]) == 0
    assert job.wait(PATIENCE)
    assert (job.state, job.outcome) == ("cancelled", "It was cancelled.")
    assert command(["jobs", "--cancel", job.id]) == 2
    assert "has ended already" in capsys.readouterr().err
    with pytest.raises(NotThere):
        queue.find("x")
