"""The seven data sets of Kim 2014 with random, static and non-static vectors, in our transformer or in his own network.

python -m benchmarks.kim2014 FOLDER [SET …]                  some ten minutes of one core for each of the larger sets
python -m benchmarks.kim2014 FOLDER [SET …] --network cnn    some 45 minutes for each: vectors of 300 dimensions

FOLDER has rt-polarity.all.gz and the others, as his code has them. What has finished is kept: the same command goes on.
The sentences do not come along; plans, rows and what is known of each set do: they go to models/comparisons/kim-SET,
or kim-SET-cnn.
`python -m tools.initialisation` writes the table beside his numbers from them.
"""

from __future__ import annotations

import argparse
import csv
import gzip
import sys
import tempfile
from dataclasses import replace
from pathlib import Path
from typing import Any

from explorer.initialisation import library
from explorer.initialisation.plan import PLAN_FILE, Plan
from explorer.initialisation.plan_checks import CNN, NETWORKS, TRANSFORMER
from explorer.initialisation.published import comparison
from explorer.initialisation.results import write_whole
from explorer.initialisation.runner import run
from explorer.initialisation.strategies import Strategy
from explorer.transformer.configuration import Configuration

_THREE = ("train", "dev", "test")
FILES = {
    "TREC": {part: f"TREC.{part}.all.gz" for part in ("train", "test")},
    "CR": {"": "custrev.all.gz"},
    "MPQA": {"": "mpqa.all.gz"},
    "SST-2": {part: f"stsa.binary.{part}.gz" for part in _THREE},
    "SST-1": {part: f"stsa.fine.{part}.gz" for part in _THREE},
    "MR": {"": "rt-polarity.all.gz"},
    "Subj": {"": "subj.all.gz"},
}
"""The files of each set by their part, the quickest set first; a set with one file has ten folds, as Kim's have."""
_VECTORS = "wiki-en-word2vec"
ARMS = {
    "rand": Strategy("unit"),
    "static": Strategy("pretrained", _VECTORS, "fresh", "frozen"),
    "non-static": Strategy("pretrained", _VECTORS, "fresh"),
}
"""By Kim's names; all three tables spread alike at the start."""
LEARNED = {"static": ARMS["static"], "static, learned projection": replace(ARMS["static"], projection="learned")}
"""Whether static vectors lose because PCA brings them to 48 dimensions: compared on TREC."""


CONVOLUTIONAL: dict[str, Any] = {
    "network": CNN,
    "model": Configuration(300, dropout=0.5),
    "batch_size": 50,
    "rates": (0.0003, 0.001, 0.003),
    "search_seeds": 3,
}
"""As Kim has it, but for Adam with a searched rate in place of Adadelta, and early stopping by the loss."""


def plan_of(name: str, table: Path, network: str = TRANSFORMER) -> Plan:
    """Two arms besides the baseline need seven seeds to show anything; an update of a run takes some 5 to 12 ms, and 20
    to 80 ms of Kim's network."""
    is_folded = len(FILES[name]) == 1
    plan = Plan(
        comparison(name, network),
        ARMS,
        "rand",
        task=str(table),
        text="text",
        label="label",
        part="" if is_folded else "part",
        folds=10 if is_folded else 0,
        seeds=tuple(range(7)),
        rates=(0.001, 0.003, 0.01),
        search_seeds=5,
        model=Configuration(48, heads=4, layers=1, norm="pre", scaled=True, dropout=0.3),
        updates=1000,
        measured_every=50,
        patience=4,
    )
    return replace(plan, **CONVOLUTIONAL) if network == CNN else plan


def write_table(folder: Path, name: str, out: Path) -> None:
    """The sentences of a set as CSV: a line of a file is a label, a space, and the words."""
    with out.open("w", encoding="utf-8", newline="") as file:
        rows = csv.writer(file)
        rows.writerow(("text", "label", "part"))
        for part, packed in FILES[name].items():
            with gzip.open(folder / packed, "rt", encoding="latin-1") as lines:
                for line in lines:
                    label, _, words = line.rstrip("\n").partition(" ")
                    rows.writerow((words, label, part))


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.kim2014")
    parser.add_argument("folder", type=Path, help="holds rt-polarity.all.gz and the others")
    parser.add_argument("sets", nargs="*", choices=[*FILES, []], help="all where none is named")
    parser.add_argument("--network", choices=NETWORKS, default=TRANSFORMER)
    options = parser.parse_args()
    with tempfile.TemporaryDirectory() as tables:
        for name in options.sets or FILES:
            table = Path(tables) / f"{name}.csv"
            write_table(options.folder, name, table)
            plan = plan_of(name, table, options.network)
            compute(plan)
            if name == "TREC" and options.network == TRANSFORMER:
                compute(replace(plan, name=f"{plan.name}-projection", arms=LEARNED, baseline="static"))


def compute(plan: Plan, workers: int = 1) -> None:
    """Carry out a plan, and keep it without this machine's folders."""
    place = library.SHIPPED / plan.name
    run(plan, place, workers, progress=lambda now: print(plan.name, now.done, "of", now.counted, file=sys.stderr))
    write_whole(place / PLAN_FILE, lambda draft: draft.write_text(plan.public.as_toml(), encoding="utf-8"))


if __name__ == "__main__":
    main()
