"""CPU time of training beside an earlier version of this program: old and new in turn, each in a process of its own.

git worktree add /tmp/earlier COMMIT
python -m benchmarks.earlier /tmp/earlier [--turns 12] [--run 100]

One thread. Prints the updates of the plan "phrase-book" (d_model 64, 1+1 layers, batches of 64), a whole run of it, and
a step with d_model = 256 and 4+4 layers. The aim was 1.5 for the first two. PyTorch's step is in `benchmarks.training`.
"""

from __future__ import annotations

import argparse
import os
import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
UPDATES, RUN, LARGE = "30 updates", "a run", "a step, d = 256"


def work(name: str, updates: int) -> Callable[[], object]:
    """What is measured, made ready by the version of this program that is imported."""
    from dataclasses import replace

    import numpy as np

    from explorer.initialisation import plan as plans
    from explorer.initialisation.experiment import prepare, run
    from explorer.transformer.batches import Batch, Batches
    from explorer.transformer.training import Recipe, Training
    from explorer.transformer.translator import Translator
    from explorer.transformer.vocabulary import MARKS, Vocabulary

    try:
        from explorer.transformer.configuration import Configuration
        from explorer.transformer.parameters import initial_parameters
    except ModuleNotFoundError:  # an earlier version had both in one module
        from explorer.transformer.model import Configuration, initial_parameters  # type: ignore

    if name == LARGE:
        words = Vocabulary([*MARKS, *(f"w{number}" for number in range(2000 - len(MARKS)))])
        configuration = Configuration(256, 8, 4, source_words=2000, target_words=2000)
        parameters = {each: a.astype(np.float32) for each, a in initial_parameters(configuration, seed=0).items()}
        large = Training(Translator(configuration, parameters, words, words), Recipe())
        batch = Batch(*np.random.default_rng(0).integers(len(MARKS), 2000, (3, 64, 20)))
        return lambda: large.update(batch)
    plan = replace(plans.shipped(plans.PHRASE_BOOK), rates=(0.003,), updates=updates)
    job = plans.Job("word2vec, Xavier", plan.arms["word2vec, Xavier"], 1.0, 0, 0.003)
    if name == RUN:
        return lambda: run(plan, job)
    prepared = prepare(plan, job)
    training = Training(prepared.translator, prepared.recipe)
    batches = Batches(training.translator, prepared.train, plan.batch_size).shuffled(0, 0)[:30]
    return lambda: [training.update(batch) for batch in batches]


class Version:
    """A checkout that does the work when it is asked to."""

    def __init__(self, place: Path, name: str, updates: int):
        threads = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1", "PYTHONPATH": str(place)}
        command = [sys.executable, "-P", str(Path(__file__).resolve()), name, "--worker", "--run", str(updates)]
        self._process = subprocess.Popen(
            command, env=os.environ | threads, cwd=place, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.seconds()  # the first turn does not count

    def seconds(self) -> float:
        """CPU time of one turn."""
        assert self._process.stdin
        assert self._process.stdout
        print(file=self._process.stdin, flush=True)
        return float(self._process.stdout.readline())

    def end(self) -> None:
        self._process.communicate()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("earlier", help="a checkout of the earlier version")
    parser.add_argument("--turns", type=int, default=12)
    parser.add_argument("--run", type=int, default=100, help="updates of a run, of which the plan has 800")
    parser.add_argument("--worker", action="store_true", help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.worker:
        turn = work(options.earlier, options.run)
        for _ in sys.stdin:
            start = time.process_time()
            turn()
            print(time.process_time() - start, flush=True)
        return
    print(f"{os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, one thread each; seconds of CPU\n")
    print("| | earlier, median (lowest) | now | times as quick, medians | lowest |\n|---|---|---|---|---|")
    fewer = max(1, options.turns // 3)
    for name, turns in ((UPDATES, options.turns), (RUN, fewer), (LARGE, fewer)):
        versions = [Version(place, name, options.run) for place in (Path(options.earlier).resolve(), ROOT)]
        pairs = [[version.seconds() for version in versions] for _ in range(turns)]
        for version in versions:
            version.end()
        old, new = zip(*pairs, strict=True)
        cells = (f"{statistics.median(each):.3f} ({min(each):.3f})" for each in (old, new))
        ratios = (f"{of(old) / of(new):.2f}" for of in (statistics.median, min))
        print(f"| {name} | {' | '.join((*cells, *ratios))} |", flush=True)


if __name__ == "__main__":
    main()
