import json
import os
import signal
import subprocess
import sys
import time
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from explorer.errors import Cancelled, UserError
from explorer.initialisation import experiment, runner
from explorer.initialisation.collected import chosen_rates, collect
from explorer.initialisation.results import Result, Results
from explorer.initialisation.runner import run
from explorer.initialisation.strategies import Strategy
from tests.initialisation import tiny
from tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
ENDLESS = """
import sys
from pathlib import Path
from explorer.initialisation.runner import run
from tests.initialisation import tiny

folder, results = map(Path, sys.argv[1:])
run(tiny.plan(folder, seeds=tuple(range(200)), rates=(0.01,)), results, workers=1)
"""


def numbers(outcome):
    return {job: row.as_json() for job, row in {**outcome.searched, **outcome.compared}.items()}


@pytest.fixture
def counted(monkeypatch):
    """The jobs that were computed, one after another in this process."""
    jobs = []
    computed = experiment.run

    def counting(plan, job):
        jobs.append(job)
        return computed(plan, job)

    monkeypatch.setattr(experiment, "run", counting)
    return jobs


def test_processes_find_what_one_finds_and_nothing_is_computed_twice(tmp_path, counted):
    plan = tiny.plan(tmp_path)
    reports = []
    one = run(plan, tmp_path / "one", workers=1, progress=reports.append)
    assert len(counted) == plan.jobs == 8
    assert (reports[-1].done, reports[-1].total, reports[-1].failed) == (8, 8, 0)
    assert not one.missing
    assert numbers(collect(plan, tmp_path / "one")) == numbers(one)
    two = run(plan, tmp_path / "two", workers=2)
    assert numbers(two) == numbers(one)
    counted.clear()
    again = run(plan, tmp_path / "one", workers=1, progress=reports.append)
    assert counted == []
    assert reports[-1].taken == 8
    assert numbers(again) == numbers(one)
    longer = replace(plan, seeds=(0, 1, 2))
    run(longer, tmp_path / "one", workers=1)
    assert [job.seed for job in counted] == [2, 2]
    counted.clear()
    assert numbers(run(plan, tmp_path / "one", workers=1, fresh=True)) == numbers(one)
    assert len(counted) == 8


def test_each_arm_gets_the_rate_with_the_lowest_validation_loss(tmp_path):
    plan = tiny.plan(tmp_path, search_seeds=2)
    losses = {("random", 0.003): (2.0, 4.0), ("random", 0.01): (1.0, 4.5), ("vectors", 0.003): (1.0, 2.0)}
    rows = {}
    for job in plan.search():
        low = losses.get((job.arm, job.rate), (9.0, 9.0))[job.seed % 2]
        error = "diverged" if (job.arm, job.rate) == ("vectors", 0.01) else ""
        rows[job] = Result(**experiment.about(plan, job), validation_losses=(9.0, low, 9.5), error=error)
    assert chosen_rates(plan, rows) == {("random", 1.0): 0.01, ("vectors", 1.0): 0.003}
    rows.popitem()
    assert chosen_rates(plan, rows) == {}


def test_a_failed_job_is_reported_the_others_go_on_and_it_is_tried_again(tmp_path, monkeypatch):
    plan = tiny.plan(tmp_path, rates=(0.01,))
    computed = experiment.run

    def failing(plan, job):
        if (job.arm, job.seed) == ("vectors", 1):
            raise ZeroDivisionError("no")
        if (job.arm, job.seed) == ("random", 0):
            raise MemoryError
        return computed(plan, job)

    monkeypatch.setattr(experiment, "run", failing)
    reports = []
    outcome = run(plan, tmp_path / "results", workers=1, progress=reports.append)
    assert reports[-1].failed == 2
    assert reports[-1].counted == "4 runs, 2 failed"
    assert outcome.failures == (
        "random, 100% of the pairs, seed 0, rate 0.01: That needs more memory than this machine has.",
        "vectors, 100% of the pairs, seed 1, rate 0.01: An error of this program, ZeroDivisionError('no').",
    )
    monkeypatch.undo()
    assert not run(plan, tmp_path / "results", workers=1).failures


def test_a_cancelled_run_keeps_what_had_finished_and_goes_on(tmp_path, counted):
    plan = tiny.plan(tmp_path)
    with pytest.raises(Cancelled, match="3 of 8 runs are kept"):
        run(plan, tmp_path / "results", workers=1, cancelled=lambda: len(counted) == 3)
    assert collect(plan, tmp_path / "results").missing == 5
    counted.clear()
    assert not run(plan, tmp_path / "results", workers=1).missing
    assert len(counted) == 5


def test_a_killed_run_loses_at_most_the_running_jobs(tmp_path, counted):
    plan = tiny.plan(tmp_path, seeds=tuple(range(200)), rates=(0.01,))
    folder = tmp_path / "results"
    process = subprocess.Popen([sys.executable, "-c", ENDLESS, str(tmp_path), str(folder)], cwd=ROOT)
    wait_for(lambda: len(list(folder.glob("*.parquet"))) >= 4)
    process.send_signal(signal.SIGKILL)
    process.wait()
    files = len(list(folder.glob("*.parquet")))
    results = Results(folder)
    assert len(results.rows) == files
    assert not results.problems
    smaller = replace(plan, seeds=tuple(range(files // 2 + 1)))
    run(smaller, folder, workers=1)
    assert len(counted) <= 2


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="reads Linux's list of processes")
@pytest.mark.parametrize("sent", [pytest.param(signal.SIGINT, marks=pytest.mark.nightly), signal.SIGKILL])
def test_workers_end_with_the_process_that_started_them(tmp_path, sent):
    folder, path = tmp_path / "results", tmp_path / "plan.toml"
    plan = tiny.plan(tmp_path, seeds=tuple(range(500)), rates=(0.01,))
    path.write_text(plan.as_toml(), encoding="utf-8")
    command = [sys.executable, "-m", "explorer", "compare", str(path), "--workers", "2", "--out", str(folder)]
    process = subprocess.Popen(command, cwd=ROOT, stderr=subprocess.DEVNULL)
    wait_for(lambda: len(list(folder.glob("*.parquet"))) >= 3)
    workers = [
        int(pid) for each in Path(f"/proc/{process.pid}/task").glob("*/children") for pid in each.read_text().split()
    ]
    assert len(workers) >= 2
    process.send_signal(sent)
    assert process.wait(PATIENCE) == (130 if sent == signal.SIGINT else -sent)
    wait_for(lambda: not any(map(is_running, workers)))
    assert 3 <= len(Results(folder).rows) < plan.jobs
    assert not Results(folder).problems


def is_running(pid):
    try:
        state = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def test_drafts_of_a_killed_run_are_swept_by_the_next(tmp_path):
    plan, folder = tiny.plan(tmp_path, rates=(0.01,)), tmp_path / "results"
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    folder.mkdir()
    (folder / f".0123.parquet-{ended.pid}").write_bytes(b"half")
    run(plan, folder, workers=1)
    assert sorted(path.name for path in folder.iterdir()) == ["plan.toml", "results.parquet", "task.toml"]


def wait_for(true):
    deadline = time.monotonic() + PATIENCE
    while not true():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"task": "no/such/file.tsv"}, "There is no task “no/such/file.tsv”"),
        ({"batch_size": 1000}, "fewer than a batch of 1000"),
        ({"sizes": (0.1, 1.0)}, "fewer than a batch of 8"),
        ({"arms": {"random": Strategy("unit"), "b": Strategy("pretrained", "nobody", "raw")}}, "nobody"),
        (
            {"task": "parts of speech", "arms": {"random": Strategy("unit"), "b": Strategy("scratch", scale="raw")}},
            "single word",
        ),
    ],
)
def test_what_cannot_work_is_said_before_the_first_job(tmp_path, counted, changes, said):
    with pytest.raises(UserError, match=said):
        run(tiny.plan(tmp_path, **changes), tmp_path / "results", workers=1)
    assert counted == []


def test_no_room_on_the_disk_is_said_before_the_first_job(tmp_path, counted, monkeypatch):
    usage = runner.shutil.disk_usage(tmp_path)
    monkeypatch.setattr(runner.shutil, "disk_usage", lambda _: usage._replace(free=1000))
    with pytest.raises(UserError, match="has 0 MB left"):
        run(tiny.plan(tmp_path), tmp_path / "results" / "deep", workers=1)
    assert counted == []
    assert not (tmp_path / "results").exists()


def test_a_folder_that_cannot_be_is_said_before_the_first_job(tmp_path, counted):
    with pytest.raises(UserError, match="cannot be written"):
        run(tiny.plan(tmp_path), tmp_path / ("x" * 300), workers=1)
    assert counted == []


def test_a_disk_that_fills_keeps_every_finished_row(tmp_path, monkeypatch):
    plan, added = tiny.plan(tmp_path), []
    add = Results.add

    def filling(self, row):
        if len(added) == 3:
            raise UserError("Results cannot be written: No space left on device.")
        added.append(row)
        add(self, row)

    monkeypatch.setattr(Results, "add", filling)
    with pytest.raises(UserError, match="No space left"):
        run(plan, tmp_path / "results", workers=1)
    monkeypatch.undo()
    assert collect(plan, tmp_path / "results").missing == 5


def test_a_folder_that_is_a_file_is_refused(tmp_path):
    (tmp_path / "results").write_text("")
    with pytest.raises(UserError, match="Name another folder"):
        run(tiny.plan(tmp_path), tmp_path / "results", workers=1)


@contextmanager
def two_workers(folder):
    """The processes of a scheduler, the first of them, and of its two workers; and the address."""
    distributed = pytest.importorskip("distributed")
    places = {"cwd": ROOT, "stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    file = folder / "scheduler.json"
    quiet = ["--no-dashboard", "--scheduler-file", str(file)]
    begin = [sys.executable, "-m", "dask"]
    environment = os.environ | {"PYTHONPATH": str(ROOT)}
    scheduler = [*begin, "scheduler", "--host", "127.0.0.1", "--port", "0", *quiet]
    processes = [subprocess.Popen(scheduler, env=environment, **places)]
    wait_for(file.exists)
    worker = [*begin, "worker", *quiet, "--nthreads", "1", "--no-nanny", "--local-directory", str(folder / "work")]
    processes += [subprocess.Popen(worker, env=environment, **places) for _ in range(2)]
    try:
        address = json.loads(file.read_text())["address"]
        with distributed.Client(address) as client:
            client.wait_for_workers(2, timeout=PATIENCE)
        yield processes, address
    finally:
        for process in processes:
            process.kill()
            process.wait()


class TestDask:
    """On a real scheduler with two workers on this machine, each a process of its own."""

    @pytest.fixture
    def cluster(self, tmp_path):
        with two_workers(tmp_path) as cluster:
            yield cluster

    @pytest.mark.nightly
    def test_another_scheduler_goes_on_from_the_rows_of_one_that_was_killed(self, tmp_path, cluster):
        (first, *_), address = cluster
        plan = tiny.plan(tmp_path, seeds=tuple(range(6)))

        def kill_the_scheduler(progress):
            if progress.done == 4:
                first.kill()

        with pytest.raises(UserError, match="What had finished is kept"):
            run(plan, tmp_path / "cluster", scheduler=address, progress=kill_the_scheduler)
        (tmp_path / "second").mkdir()
        reports = []
        with two_workers(tmp_path / "second") as (_processes, address):
            outcome = run(plan, tmp_path / "cluster", scheduler=address, progress=reports.append)
        assert 4 <= reports[-1].taken < plan.jobs
        assert not outcome.missing
        assert numbers(outcome) == numbers(run(plan, tmp_path / "here", workers=1))

    @pytest.mark.nightly
    def test_a_run_goes_through_though_a_worker_is_killed(self, tmp_path, cluster):
        (_, first, _), address = cluster
        plan = tiny.plan(tmp_path, seeds=tuple(range(6)))
        killed = []

        def kill_one(progress):
            if progress.done == 4 and not killed:
                first.kill()
                killed.append(first)

        outcome = run(plan, tmp_path / "cluster", scheduler=address, progress=kill_one)
        assert killed
        assert not outcome.missing
        assert not outcome.failures
        assert numbers(outcome) == numbers(run(plan, tmp_path / "here", workers=1))

    @pytest.mark.nightly
    def test_it_stops_at_the_look_where_one_process_does_though_a_worker_is_killed(self, tmp_path, cluster):
        (_, first, _), address = cluster
        arms = {"random": Strategy("unit"), "kept": Strategy("constant", training="frozen")}
        options = {"seeds": tuple(range(10)), "looks": (8, 10), "updates": 60, "measured_every": 30}
        plan = tiny.plan(tmp_path, arms=arms, **options)
        killed = []

        def kill_one(progress):
            if progress.done == 9 and not killed:  # of the compared runs, four are searched
                first.kill()
                killed.append(first)

        outcome = run(plan, tmp_path / "cluster", scheduler=address, progress=kill_one)
        assert killed
        assert (outcome.look.seeds, outcome.missing, outcome.failures) == (8, 0, ())
        assert numbers(outcome) == numbers(run(plan, tmp_path / "here", workers=1))
        assert len(Results(tmp_path / "cluster").rows) == outcome.jobs == 4 + 16

    def test_a_scheduler_without_workers_or_none_at_all_is_said(self, tmp_path, monkeypatch):
        pytest.importorskip("distributed")
        monkeypatch.setattr(runner, "_ANSWERS", 1)
        with pytest.raises(UserError, match=r"The scheduler at tcp://127.0.0.1:9 does not answer"):
            run(tiny.plan(tmp_path), tmp_path / "results", scheduler="tcp://127.0.0.1:9")
        with pytest.raises(UserError, match="The scheduler at nonsense does not answer"):
            run(tiny.plan(tmp_path), tmp_path / "results", scheduler="nonsense")
