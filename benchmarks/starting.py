"""How long a command takes from its start to its end, beside Python itself and beside importing gensim.

The ratios are of processor time, which other programs on the machine disturb less than the clock's.

python -m benchmarks.starting             this checkout
python -m benchmarks.starting FOLDER      and another one, such as a git worktree of an earlier version
"""

import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

RUNS = 9
HERE = Path(__file__).resolve().parents[1]
COMMANDS = {
    "explorer --help": ["-m", "explorer", "--help"],
    "explorer neighbours airplane": ["-m", "explorer", "neighbours", "airplane"],
}
BESIDE = {"python -c pass": ["-c", "pass"], "python -c 'import gensim.models'": ["-c", "import gensim.models"]}


def seconds(arguments: list[str], folder: Path, compiled: str) -> tuple[float, float]:
    """The seconds of a fresh process of Python with these arguments in a folder: by the clock, and of the processor.

    Modules are kept in the folder `compiled`.
    """
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1", "PYTHONPYCACHEPREFIX": compiled}
    environment.pop("PYTHONDONTWRITEBYTECODE", None)  # or each run would compile all modules again
    before, start = resource.getrusage(resource.RUSAGE_CHILDREN), time.perf_counter()
    subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, check=True)
    took, after = time.perf_counter() - start, resource.getrusage(resource.RUSAGE_CHILDREN)
    return took, after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime


def main() -> None:
    folders = [HERE, *(Path(folder).resolve() for folder in sys.argv[1:])]
    runs = [*((what, folder) for what in COMMANDS for folder in folders), *((what, HERE) for what in BESIDE)]
    measured: dict[tuple[str, Path], list[tuple[float, float]]] = {run: [] for run in runs}
    with tempfile.TemporaryDirectory() as compiled:
        for run in range(-1, RUNS):  # in turn, so that what else the machine does meets all; the first run warms up
            for (what, folder), times in measured.items():
                took = seconds((COMMANDS | BESIDE)[what], folder, compiled)
                if run >= 0:
                    times.append(took)

    def median(what: str, folder: Path = HERE) -> float:
        return statistics.median(processor for _, processor in measured[what, folder])

    headings = [
        "",
        "ms: median (lowest–highest)",
        *(f"of {name}" for name in BESIDE),
        *(f"of {f}" for f in folders[1:]),
    ]
    print("|".join(["", *(f" {heading} " for heading in headings), ""]))
    print("|---" * len(headings) + "|")
    for what in [*COMMANDS, *BESIDE]:
        ms = [1000 * took for took, _ in measured[what, HERE]]
        cells = [what, f"{statistics.median(ms):.0f} ({min(ms):.0f}–{max(ms):.0f})"]
        cells += [f"{median(what) / median(other):.2f}" for other in BESIDE]
        cells += [f"{median(what) / median(what, f):.2f}" if what in COMMANDS else "" for f in folders[1:]]
        print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
