"""Trainings to watch are jobs: any process shows them by their key, and what they recorded outlives their own."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from explorer import places
from explorer.access.rights import HERE, Kind, Somebody
from explorer.errors import NotThere, UserError
from explorer.lessons.learning import Learning
from explorer.lessons.lesson import lesson
from explorer.questions.jobs import Watch
from explorer.service import trainings
from explorer.service.jobs import queue
from explorer.service.trainings import AtCheckpoint, back_to, find
from tests.service.test_queue import process_of

ROOT = Path(__file__).resolve().parents[2]
PATIENCE = 60  # seconds
SMALL = {"d_model": 8, "heads": 2}


@pytest.fixture(autouse=True)
def _empty(monkeypatch, tmp_path):
    monkeypatch.setattr(places, "CACHE", tmp_path)
    trainings._opened.cache_clear()


def begun(updates=3, who=HERE, **settings):
    with queue.new_folder() as folder:
        training = Watch(**SMALL | settings, updates=updates, out=folder)
        return queue.start(folder, training.title, training, who)


def ended(*which, **how):
    job = begun(*which, **how)
    assert job.wait(PATIENCE)
    return job


BEGINS = """
from explorer.access.rights import HERE
from explorer.questions.jobs import Watch
from explorer.service.jobs import queue

with queue.new_folder() as folder:
    print(queue.start(folder, "a translator", Watch(d_model=8, heads=2, updates=5000, out=folder), HERE).id)
"""


def test_a_training_outlives_the_server_that_began_it_and_leaves_what_it_recorded_when_it_is_killed(
    monkeypatch, tmp_path
):
    monkeypatch.setenv("EXPLORER_CACHE", str(tmp_path))
    monkeypatch.setenv("PYTHONPATH", str(ROOT))
    web = subprocess.run([sys.executable, "-c", BEGINS], capture_output=True, text=True, check=True)
    training = find(web.stdout.strip())
    while not (training.learning and len(training.learning.moments) > 4):  # it is shown by another process
        assert training.job.running, training.job.problem
        time.sleep(0.02)
        training = find(training.key)
    os.kill(process_of(training.job), signal.SIGKILL)
    assert training.job.wait(PATIENCE)
    assert training.job.problem == (
        "Training of a translator was cut off: its process was ended. What it had learnt until then is kept. The same "
        "settings give the same training again."
    )
    trainings._opened.cache_clear()
    learning = find(training.key).learning
    assert len(learning.moments) > 4
    again = Watch(**SMALL, updates=learning.step, out=tmp_path / "again")
    again.answer()
    assert Learning(again.out).losses == learning.losses  # the same training, to the last digit
    assert "loss" in lesson(AtCheckpoint(training.key, 4, *learning.pair).subject).trace


@pytest.mark.usefixtures("jobs_in_threads")
def test_its_owner_cancels_it_and_what_it_has_learnt_is_kept():
    ben = Somebody(Kind.VISITOR, "ben")
    job = begun(5000, ben)
    while not ((learning := find(job.id).learning) and learning.step):
        assert job.running, job.problem
        time.sleep(0.01)
    job.cancel()
    assert job.wait(PATIENCE)
    learning = find(job.id).learning
    assert (job.state, job.problem) == ("cancelled", "")
    assert f"stopped after {learning.step} update" in job.outcome
    assert 0 < learning.moments[-1].step == learning.step < 5000


@pytest.mark.usefixtures("jobs_in_threads")
def test_two_of_the_same_settings_run_beside_each_other():
    first, second = begun(), begun()
    assert all(job.wait(PATIENCE) for job in (first, second))
    assert find(first.id).learning.losses == find(second.id).learning.losses


@pytest.mark.usefixtures("jobs_in_threads")
def test_the_oldest_that_have_ended_make_room(monkeypatch):
    first, second = ended(), ended()
    size = sum(path.stat().st_size for path in second.folder.iterdir())
    monkeypatch.setattr(queue, "MOST_BYTES", 1.5 * size)
    third = ended()  # before it, there was room for the second alone
    with pytest.raises(NotThere, match="not kept any more"):
        find(first.id)
    assert [find(job.id).job for job in (second, third)] == [second, third]


@pytest.mark.usefixtures("jobs_in_threads")
def test_a_lesson_has_the_weights_of_its_checkpoint(tmp_path):
    job = ended()
    at = AtCheckpoint(job.id, 2, ("good", "morning"), ("buenos", "días"))
    table = find(job.id).learning.moment(2).table
    assert (at.subject.translator.parameters["source.table"] == table).all()
    assert AtCheckpoint(job.id, 2, ("good",), None).subject.encoder_only
    assert AtCheckpoint(job.id, 900, ("good",), None).so_far.update == 3
    assert back_to(job.id, 2) == {"d_model": "8", "heads": "2", "updates": "3", "training": job.id, "moment": "2"}


def test_one_that_waits_has_no_checkpoint_yet(monkeypatch):
    monkeypatch.setattr(queue, "_carry_out", lambda job, held: None)
    job = begun()
    assert find(job.id).learning is None
    with pytest.raises(UserError, match="has no checkpoint yet"):
        assert AtCheckpoint(job.id, 0, ("good",), None).subject
