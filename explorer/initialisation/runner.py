"""Carrying out a plan: its jobs side by side, on this machine or on a Dask cluster, each row kept as it comes."""

from __future__ import annotations

import os
import shutil
import threading
import time
from collections.abc import Callable, Collection, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import lru_cache
from importlib import import_module
from pathlib import Path
from typing import Any

from joblib import Parallel, delayed, parallel_config
from joblib.externals.loky import get_reusable_executor
from joblib.externals.loky.process_executor import TerminatedWorkerError

from explorer.embeddings import catalog
from explorer.errors import Cancelled, UserError
from explorer.initialisation import experiment
from explorer.initialisation.collected import Collected, collect, jobs_to_compare, jobs_to_search
from explorer.initialisation.experiment import about
from explorer.initialisation.facts import FACTS_FILE, Facts
from explorer.initialisation.measures import MEASURES
from explorer.initialisation.plan import PLAN_FILE, Job, Plan
from explorer.initialisation.results import Result, Results, ResultsError, sweep, write_whole
from explorer.texts import _
from explorer.transformer.batches import Batches

_ROW = 50_000  # bytes that a row may take, generously
_REMEDY = _("Name another folder in the environment variable EXPLORER_RESULTS.")
_ANSWERS = 10  # seconds within which a scheduler does
_LOOKS = 0.5  # seconds between two looks of a worker at whether it is still needed


class RunnerError(UserError):
    """A plan cannot be carried out here; the message says why. Finished rows are kept."""


@dataclass(frozen=True)
class Progress:
    """How far a run is: of `total` jobs `done` are behind it, among them those `taken` from earlier results and those
    that `failed`."""

    total: int
    done: int
    taken: int
    failed: int

    @property
    def share(self) -> float:
        return self.done / self.total

    @property
    def counted(self) -> str:
        """Such as "40 runs, 1 failed"."""
        if not self.failed:
            return _("{total:,} runs", total=self.total)
        return _("{total:,} runs, {failed:,} failed", total=self.total, failed=self.failed)


def run(
    plan: Plan,
    folder: Path,
    workers: int | None = None,
    scheduler: str = "",
    fresh: bool = False,
    progress: Callable[[Progress], None] = lambda progress: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Collected:
    """Compute what a folder lacks of a plan, and give all of it. A run that was interrupted goes on where it stopped.

    `workers` processes, as many as there are cores where None; or the workers of the Dask `scheduler` at an address
    such as tcp://host:8786. `fresh` takes nothing from earlier results. A job that fails is a row that says so; it is
    tried again by the next run, unless it diverged, which it would again. Where the plan names looks, the seeds up to
    one are computed before it is asked whether more are needed.
    Raises UserError, before the first job where possible, for what cannot work; Cancelled when told to stop.
    """
    workers = workers or len(os.sched_getaffinity(0))
    check(plan, folder)
    sweep(folder)
    write_whole(folder / PLAN_FILE, lambda draft: draft.write_text(plan.as_toml(), encoding="utf-8"))
    task = Facts.of(plan).covered(plan)
    write_whole(folder / FACTS_FILE, lambda draft: draft.write_text(task.as_toml(), encoding="utf-8"))
    results = Results(folder)
    if fresh:
        results.rows.clear()
    account = _Account(plan, progress)
    with _backend(workers, scheduler), _cluster_errors(scheduler):
        searched: dict[Job, Result] = {}
        while jobs := jobs_to_search(plan, searched):
            account.expect(jobs)
            searched |= _computed(plan, jobs, results, workers, account, cancelled)
        compared: dict[Job, Result] = {}
        while jobs := jobs_to_compare(plan, searched, compared, MEASURES[plan.data.measures[0]]):
            compared |= _computed(plan, jobs, results, workers, account, cancelled)
        account.end()
    results.gather()
    return collect(plan, folder)


def check(plan: Plan, folder: Path) -> None:
    """Raise UserError for what a plan needs and is not there, at its smallest size: better now than after hours."""
    for arm, strategy in plan.arms.items():
        try:
            prepared = experiment.prepare(plan, Job(arm, strategy, min(plan.sizes), plan.seeds[0], plan.rates[0]))
        except UserError as error:
            raise RunnerError(_("The arm “{arm}” cannot be run: {error}", arm=arm, error=error)) from error
    data = plan.data
    for pairs in (data.train, data.validation, data.test):
        Batches(prepared.translator, pairs, plan.batch_size)  # says which sentence is too long
    try:
        free = shutil.disk_usage(next(path for path in (folder, *folder.absolute().parents) if path.exists())).free
        if free < plan.most_jobs * _ROW:
            raise ResultsError(
                _(
                    "The results of {jobs:,} runs take up to {size:.0f} MB, but the disk of {folder} "
                    "has {free:.0f} MB left. Make room. {remedy}",
                    jobs=plan.most_jobs,
                    size=plan.most_jobs * _ROW / 1e6,
                    folder=folder,
                    free=free / 1e6,
                    remedy=_REMEDY,
                )
            )
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise ResultsError(
            _("Results cannot be written to {folder}: {error}. {remedy}", folder=folder, error=error, remedy=_REMEDY)
        ) from error


def _computed(
    plan: Plan,
    jobs: list[Job],
    results: Results,
    workers: int,
    account: _Account,
    cancelled: Callable[[], bool],
) -> Iterator[tuple[Job, Result]]:
    """Every job with its row: first those at hand, then the others as they end, each kept before it is handed on."""
    left = []
    for job in jobs:
        row = results.rows.get(about(plan, job)["digest"])
        if row and (row.steps or not row.error):
            account.take(row)
            yield job, row
        else:
            left.append(job)
    if cancelled():
        raise Cancelled(_("The comparison was stopped; nothing was computed yet."))
    at_once = Parallel(n_jobs=workers, batch_size=1, pre_dispatch="n_jobs", return_as="generator_unordered")
    ends: Iterable[tuple[Job, Result]] = at_once(delayed(_attempt)(plan, job, about(plan, job)) for job in left)
    try:
        for job, row in ends:
            results.add(row)
            account.add(row)
            yield job, row
            if cancelled():
                raise Cancelled(
                    _(
                        "The comparison was stopped: {done:,} of {jobs:,} runs are kept.",
                        done=account.done,
                        jobs=account.total,
                    )
                )
    except TerminatedWorkerError as error:
        raise RunnerError(
            _(
                "A process that was computing runs was ended from outside, perhaps for want of memory. "
                "What had finished is kept: start again, with fewer workers."
            )
        ) from error


def _attempt(plan: Plan, job: Job, columns: dict[str, Any]) -> tuple[Job, Result]:
    """A job's row, come what may: one that fails must not end the others. `columns` say which job it is."""
    _open(frozenset(model for strategy in plan.arms.values() for model in strategy.models))
    try:
        return job, experiment.run(plan, job)
    except UserError as error:
        problem = str(error)
    except MemoryError:
        problem = _("That needs more memory than this machine has.")
    except Exception as error:
        problem = _("An error of this program, {error!r}.", error=error)
    return job, Result(**columns, error=problem)


def _end_with(parent: int) -> None:
    """Let this worker end when the process that started it does, however that ends: one that was killed says no more.

    A thread looks at whose child this process is, as Linux's own signal would come too early: with the end of the
    thread, not the process, that started it.
    """

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_LOOKS)
        os._exit(1)

    threading.Thread(target=watch, daemon=True).start()


@lru_cache(maxsize=1)
def _open(models: frozenset[str]) -> None:
    """Open what is large at a process's first job: joblib ends one that grows later, for it may leak."""
    for module in ("gensim.models", "sklearn.decomposition"):
        import_module(module)
    for model in models:
        with suppress(UserError):  # the arm's own jobs say what is wrong with it
            catalog.load(model)


@contextmanager
def _cluster_errors(scheduler: str) -> Iterator[None]:
    """What a cluster raises when it goes away, as a sentence; its errors have no class in common."""
    try:
        yield
    except UserError:
        raise
    except Exception as error:
        if not scheduler:
            raise
        raise RunnerError(
            _(
                "The cluster of {scheduler} gave up: {error!r}. What had finished is kept: start again when it is "
                "well.",
                scheduler=scheduler,
                error=error,
            )
        ) from error


@contextmanager
def _backend(workers: int, scheduler: str) -> Iterator[None]:
    """Where joblib's jobs run."""
    if not scheduler:
        if workers == 1:
            with parallel_config(backend="sequential"):
                yield
            return
        with parallel_config(backend="loky", initializer=_end_with, initargs=(os.getpid(),)):
            try:
                yield
            finally:  # idle processes would outlive this one by minutes
                get_reusable_executor(reuse=True).shutdown(kill_workers=True)
        return
    try:
        from distributed import Client  # an extra: most have one machine
    except ImportError:
        raise RunnerError(
            _("Running on a cluster needs Dask, which is not installed: pip install -r requirements-extra.txt")
        ) from None
    try:
        client: Any = Client(scheduler, timeout=_ANSWERS, set_as_default=False)  # type: ignore[no-untyped-call]
    except (OSError, ValueError) as error:
        raise RunnerError(
            _(
                "The scheduler at {scheduler} does not answer. Start one with “dask scheduler” and workers with "
                "“dask worker --nthreads 1 ADDRESS”, and give the address that it prints, such as tcp://host:8786.",
                scheduler=scheduler,
            )
        ) from error
    with client:
        if not client.ncores():
            raise RunnerError(
                _(
                    "The scheduler at {scheduler} has no workers. Start some: dask worker --nthreads 1 {scheduler}",
                    scheduler=scheduler,
                )
            )
        with parallel_config(backend="dask", client=client):
            yield


class _Account:
    """Counts what has been done."""

    def __init__(self, plan: Plan, progress: Callable[[Progress], None]):
        self.total, self._progress = plan.jobs, progress
        self._compared = len(plan.arms) * len(plan.sizes) * len(plan.seeds)
        self._taken = self._computed = self._failed = 0

    @property
    def done(self) -> int:
        return self._taken + self._computed

    def expect(self, searched: Collection[Job]) -> None:
        """More jobs of the search, before those that are compared: a grid may have been widened."""
        self.total = self.done + len(searched) + self._compared

    def end(self) -> None:
        """No more jobs: a look may have ended the run before its last seed."""
        if self.total != self.done:
            self.total = self.done
            self._tell()

    def take(self, row: Result) -> None:
        self._taken += 1
        self._count(row)

    def add(self, row: Result) -> None:
        self._computed += 1
        self._count(row)

    def _count(self, row: Result) -> None:
        self._failed += bool(row.error)
        self._tell()

    def _tell(self) -> None:
        self._progress(Progress(self.total, self.done, self._taken, self._failed))
