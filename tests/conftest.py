"""What all tests share."""

import gc
import os
import signal
import sys

import hypothesis
import pytest

# Examples are the same each time, and how fast they are is no matter of a test: the machine may be busy.
hypothesis.settings.register_profile(
    "tests", deadline=None, derandomize=True, suppress_health_check=[hypothesis.HealthCheck.too_slow]
)
hypothesis.settings.load_profile("tests")

# Where Python is told to keep no compiled files, each process that a test starts would compile the sources anew.
os.environ.pop("PYTHONDONTWRITEBYTECODE", None)

# Before NumPy is loaded: these arrays are small, and threads that wait for each other only disturb.
for variable in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS"):
    os.environ.setdefault(variable, "1")

MAIN = sys.modules["__main__"]


@pytest.fixture(autouse=True)
def the_main_module_of_before():
    """Streamlit's tests leave their script as the main module, which a process that is spawned later would run."""
    yield
    sys.modules["__main__"] = MAIN


@pytest.fixture
def jobs_in_threads(monkeypatch, tmp_path):
    """Have jobs carried out by threads of this process, which a test can hold up; their folder is the test's."""
    import threading

    from explorer.service.jobs import process, queue

    def carry_out(job, held):
        lock = os.dup(held)

        def work():
            try:
                process.carry_out(job)
            finally:
                os.close(lock)

        threading.Thread(target=work, daemon=True).start()

    monkeypatch.setattr(queue, "place", lambda: tmp_path / "jobs")
    monkeypatch.setattr(queue, "_carry_out", carry_out)
    monkeypatch.setattr(process, "_WAITS", 0.01)


@pytest.fixture
def hangup():
    """SIGHUP ends a process, also where the tests were started by nohup, whose children ignore it."""
    before = signal.signal(signal.SIGHUP, signal.SIG_DFL)
    yield
    signal.signal(signal.SIGHUP, before)


@pytest.fixture
def uncollected():
    """Switch the garbage collector off; give a function that counts the tapes and nodes that have been left since."""
    from explorer.transformer.tape import Node, Tape

    def count():
        return sum(type(thing) in (Node, Tape) for thing in gc.get_objects())

    gc.collect()
    before = count()
    gc.disable()
    yield lambda: count() - before
    gc.enable()


def pytest_terminal_summary(terminalreporter):
    passed = terminalreporter.stats.get("passed", [])
    compared = sum(("pytorch_configuration" in dict(report.user_properties)) for report in passed)
    if compared:
        terminalreporter.write_line(
            f"{compared} configurations drawn at random agree with PyTorch, values and gradients."
        )
    line = doors_line([dict(report.user_properties) for report in passed])
    if line:
        terminalreporter.write_line(line)


def doors_line(properties):
    """How many questions and bounds were tried at how many doors; empty where none were."""
    doors = [each["question_doors"] for each in properties if "question_doors" in each]
    bounds = [each for each in properties if "bounds_tried" in each]
    if not doors or not bounds:
        return ""
    tried, at = sum(each["bounds_tried"] for each in bounds), min(each["bound_doors"] for each in bounds)
    return f"{len(doors)} questions gave the same answer at {min(doors)} doors; {tried:,} bounds held at {at} doors."
