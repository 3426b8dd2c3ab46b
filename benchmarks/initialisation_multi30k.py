"""Initialisations compared on Multi30k, English to French, to convergence: by the plan in multi30k.toml.

python -m benchmarks.initialisation_multi30k FOLDER    (train.en.gz, train.fr.gz, val.en.gz and val.fr.gz)

Every other validation pair is for the test. What has finished is kept: the same command goes on. The sentences do not
come along; plan, rows and what is known of the pairs do: they go to models/comparisons/multi30k.
`python -m tools.initialisation` writes the table of docs/initialisation.md from them.
"""

from __future__ import annotations

import argparse
import gzip
import tempfile
from dataclasses import replace
from pathlib import Path

from benchmarks.kim2014 import compute
from explorer.data.pairs import TEST, TRAIN, VALIDATION, Pair, write_pairs
from explorer.initialisation.cost import cores
from explorer.initialisation.plan import read


def pairs(folder: Path) -> list[Pair]:
    def sentences(part: str, language: str) -> list[str]:
        with gzip.open(folder / f"{part}.{language}.gz", "rt", encoding="utf-8") as lines:
            return [line.strip() for line in lines]

    train = [Pair(TRAIN, *pair) for pair in zip(sentences("train", "en"), sentences("train", "fr"), strict=True)]
    held_out = zip(sentences("val", "en"), sentences("val", "fr"), strict=True)
    return train + [Pair(TEST if number % 2 else VALIDATION, *pair) for number, pair in enumerate(held_out)]


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.initialisation_multi30k")
    parser.add_argument("folder", type=Path, help="holds train.en.gz, train.fr.gz, val.en.gz and val.fr.gz")
    folder = parser.parse_args().folder
    plan = read(Path(__file__).with_name("multi30k.toml"))
    with tempfile.TemporaryDirectory() as tables:
        table = Path(tables) / plan.task
        write_pairs(table, pairs(folder))
        compute(replace(plan, task=str(table)), cores())


if __name__ == "__main__":
    main()
