"""What comparing initialisations costs: a run, two processes beside one, and Dask beside joblib.

python -m benchmarks.initialisation [--runs 12]

Aims on 2 cores: two processes at least 1.8 times as fast as one; Dask's overhead a job is stated.
"""

from __future__ import annotations

import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from explorer.initialisation import plan as plans
from explorer.initialisation.plan import Plan
from explorer.initialisation.runner import run

ROOT = Path(__file__).resolve().parents[1]


def seconds(plan: Plan, workers: int, scheduler: str = "") -> tuple[float, float]:
    """How long a plan takes, and the median of its runs by their own clocks; processes are started anew each time."""
    from joblib.externals.loky import get_reusable_executor

    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        outcome = run(plan, Path(folder), workers, scheduler, fresh=True)
        taken = time.perf_counter() - start
    get_reusable_executor().shutdown(wait=True)
    return taken, statistics.median(row.seconds for row in outcome.compared.values())


class Cluster:
    """A Dask scheduler with two workers of one thread each, on this machine."""

    def __enter__(self) -> str:
        from distributed import Client

        self._folder = tempfile.TemporaryDirectory()
        file = Path(self._folder.name, "scheduler.json")
        quiet = ["--no-dashboard", "--scheduler-file", str(file)]
        worker = ["worker", *quiet, "--nthreads", "1", "--no-nanny", "--local-directory", self._folder.name]
        self._processes = [self._begin("scheduler", "--host", "127.0.0.1", "--port", "0", *quiet)]
        while not file.exists():
            time.sleep(0.1)
        self._processes += [self._begin(*worker) for _ in range(2)]
        address: str = json.loads(file.read_text())["address"]
        with Client(address) as client:
            client.wait_for_workers(2, timeout=60)
        return address

    def __exit__(self, *_: object) -> None:
        for process in self._processes:
            process.kill()
            process.wait()
        self._folder.cleanup()

    @staticmethod
    def _begin(*command: str) -> subprocess.Popen[bytes]:
        environment = os.environ | {"PYTHONPATH": str(ROOT)}
        return subprocess.Popen(
            [sys.executable, "-m", "dask", *command],
            env=environment,
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--runs", type=int, default=12)
    runs = parser.parse_args().runs
    full = plans.shipped(plans.PHRASE_BOOK)
    arms = {name: full.arms[name] for name in (full.baseline, "word2vec, Xavier")}
    plan = replace(full, arms=arms, sizes=(1.0,), rates=(0.003,), seeds=tuple(range(runs // 2)))
    print(f"{os.cpu_count()} cores; {plan.jobs} runs of the plan “{full.name}”, {plan.updates} updates each\n")
    print("| | s in all | s per run | speed-up over one process |\n|---|---|---|---|")
    one, each = seconds(plan, 1)
    print(f"| one process | {one:.1f} | {each:.1f} | 1 |")
    two, each = seconds(plan, 2)
    print(f"| two processes | {two:.1f} | {each:.1f} | {one / two:.2f} |")
    with Cluster() as address:
        dask, each = seconds(plan, 2, address)
    print(f"| Dask, two workers | {dask:.1f} | {each:.1f} | {one / dask:.2f} |")
    short = replace(plan, updates=1, measured_every=1, seeds=tuple(range(4 * runs)))
    two, _ = seconds(short, 2)
    with Cluster() as address:
        dask, _ = seconds(short, 2, address)
    print(f"\n{short.jobs} runs of one update: {two:.1f} s with two processes, {dask:.1f} s with Dask: ", end="")
    print(f"{(dask - two) / short.jobs * 1000:+.0f} ms a job.")
    start = time.perf_counter()
    command = [sys.executable, "-m", "explorer", "compare", "--quick", "--fresh", "--json"]
    with tempfile.TemporaryDirectory() as folder:
        subprocess.run([*command, "--out", folder], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
    print(f"\n`compare --quick --fresh`: {time.perf_counter() - start:.0f} s.")
    cost = each * full.jobs / 2 / 60
    print(f"\nThe full plan: {full.jobs} runs, some {cost:.0f} minutes on two cores.")


if __name__ == "__main__":
    main()
