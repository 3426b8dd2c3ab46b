"""Trainings in processes of their own, which can be ended at any time: gensim's threads cannot."""

import signal
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from multiprocessing import get_context, resource_tracker
from multiprocessing.connection import Connection, wait
from typing import Any, TypeVar

from gensim.models.callbacks import CallbackAny2Vec

from explorer.embeddings.training.making import TrainingError
from explorer.texts import _

Tick = Callable[[], None]
Result = TypeVar("Result")


def run_in_processes(
    tasks: Sequence[tuple[str, Callable[[Tick], Result]]], ticks: int, progress: Callable[[float], None]
) -> list[Result]:
    """What the tasks return, each run in a process of its own; a task comes with a name for messages.

    A task calls what it is given once an epoch, `ticks` times all tasks together, of which `progress` is told the
    share. Raises TrainingError where a task fails or is ended; whatever happens here, Ctrl-C included, ends them all.
    """
    spawn = get_context("spawn")
    done = 0
    results: dict[int, Result] = {}
    processes, pipes = [], {}
    try:
        for index, (name, task) in enumerate(tasks):
            here, there = spawn.Pipe(duplex=False)
            process = spawn.Process(target=_run, args=(name, task, there), daemon=True)
            with _interrupts_held_back():
                process.start()
            there.close()
            processes.append(process)
            pipes[here] = index
        progress(0.0)
        while pipes:
            for pipe in wait(list(pipes)):
                assert isinstance(pipe, Connection)
                try:
                    kind, content = pipe.recv()
                except (EOFError, ConnectionError) as error:
                    raise TrainingError(_("A training process was ended; there may be too little memory.")) from error
                if kind == "error":
                    raise TrainingError(content)
                if kind == "result":
                    results[pipes.pop(pipe)] = content
                else:
                    done += 1
                    progress(done / ticks)
    finally:
        for process in processes:
            process.terminate()
            process.join()
    return [results[index] for index in range(len(tasks))]


class EpochTicks(CallbackAny2Vec):  # type: ignore[misc]
    """Tells gensim's epochs to a task's tick."""

    def __init__(self, tick: Tick) -> None:
        self.tick = tick

    def on_epoch_end(self, model: object) -> None:
        self.tick()


def _run(name: str, task: Callable[[Tick], Any], pipe: Connection) -> None:
    """The body of a process: sends a tick after each epoch and the result at the end, or what went wrong."""
    try:
        pipe.send(("result", task(lambda: pipe.send(("tick", None)))))
    except Exception as error:
        pipe.send(("error", _("The training of {name} failed: {error!r}.", name=name, error=error)))


@contextmanager
def _interrupts_held_back() -> Iterator[None]:
    """Processes started in here never see Ctrl-C or SIGHUP, which reach all of a terminal's: their parent ends them."""
    resource_tracker.ensure_running()  # else the first start() would start it, which lets the signal through again
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT, signal.SIGHUP})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
