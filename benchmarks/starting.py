"""How long a command takes from the first letter to the last, beside Python itself and beside importing gensim.

python -m benchmarks.starting             this checkout
python -m benchmarks.starting FOLDER      and another one, such as a git worktree of an earlier version
"""

import os
import statistics
import subprocess
import sys
import time
from pathlib import Path

RUNS = 9
HERE = Path(__file__).resolve().parents[1]
COMMANDS = {
    "explorer --help": ["-m", "explorer", "--help"],
    "explorer neighbours airplane": ["-m", "explorer", "neighbours", "airplane"],
}
BESIDE = {"python -c pass": ["-c", "pass"], "python -c 'import gensim.models'": ["-c", "import gensim.models"]}


def seconds(arguments: list[str], folder: Path) -> float:
    """How long a fresh process of Python takes with these arguments in a folder."""
    environment = os.environ | {"OPENBLAS_NUM_THREADS": "1"}
    start = time.perf_counter()
    subprocess.run([sys.executable, *arguments], cwd=folder, env=environment, capture_output=True, check=True)
    return time.perf_counter() - start


def main() -> None:
    folders = [HERE, *(Path(folder).resolve() for folder in sys.argv[1:])]
    measured = {(what, folder): [] for what in COMMANDS for folder in folders} | {(what, HERE): [] for what in BESIDE}
    for run in range(-1, RUNS):  # in turn, so that what else the machine does meets all alike; the first run warms up
        for (what, folder), times in measured.items():
            took = seconds((COMMANDS | BESIDE)[what], folder)
            if run >= 0:
                times.append(took)

    def median(what: str, folder: Path = HERE) -> float:
        return statistics.median(measured[what, folder])

    headings = ["", "ms: median (lowest–highest)", *(f"of {name}" for name in BESIDE), *(f"of {f}" for f in folders[1:])]
    print("|".join(["", *(f" {heading} " for heading in headings), ""]))
    print("|---" * len(headings) + "|")
    for what in [*COMMANDS, *BESIDE]:
        times = measured[what, HERE]
        cells = [what, f"{1000 * median(what):.0f} ({1000 * min(times):.0f}–{1000 * max(times):.0f})"]
        cells += [f"{median(what) / median(other):.2f}" for other in BESIDE]
        cells += [f"{median(what) / median(what, f):.2f}" if what in COMMANDS else "" for f in folders[1:]]
        print(f"| {' | '.join(cells)} |")


if __name__ == "__main__":
    main()
