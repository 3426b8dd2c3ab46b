"""Initialisations compared on Multi30k, English to French, by the plan in multi30k.toml: some 12 minutes on two cores.

python -m benchmarks.initialisation_multi30k FOLDER    (train.en.gz, train.fr.gz, val.en.gz and val.fr.gz)

Every other validation pair is for the test. The results go to results/multi30k, where the page finds them too.
"""

from __future__ import annotations

import argparse
import gzip
import sys
from dataclasses import replace
from pathlib import Path

from explorer.data.pairs import TEST, TRAIN, VALIDATION, Pair, write_pairs
from explorer.initialisation import library
from explorer.initialisation.plan import read
from explorer.initialisation.report import report
from explorer.initialisation.runner import run
from explorer.initialisation.summary import Summary


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
    place = library.own_folder(plan)
    place.mkdir(parents=True, exist_ok=True)
    write_pairs(place / plan.task, pairs(folder))
    plan = replace(plan, task=str(place / plan.task))
    found = run(plan, place, progress=lambda now: print(now.done, "of", now.counted, file=sys.stderr))
    print(report(Summary(found), "md").decode())


if __name__ == "__main__":
    main()
