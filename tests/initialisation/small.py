"""A comparison so small that it is trained in a second."""

from itertools import product
from pathlib import Path

from explorer.data.pairs import Pair, write_pairs
from explorer.initialisation.plan import Plan
from explorer.initialisation.strategies import Strategy
from explorer.transformer.configuration import Configuration


def small_plan(folder: Path) -> Plan:
    """Three arms, three seeds and two sizes, on pairs of its own that are written into `folder`."""
    path = folder / "pairs.tsv"
    greetings = {"good": "bueno", "bad": "malo", "long": "largo", "new": "nuevo", "last": "último", "other": "otro"}
    times = {"day": "día", "night": "noche", "week": "semana", "year": "año", "month": "mes", "hour": "hora"}
    pairs = [(f"{a} {b}", f"{d} {c}") for (a, c), (b, d) in product(greetings.items(), times.items())]
    parts = ["test", "validation", *["train"] * 4]
    write_pairs(path, [Pair(parts[number % 6], *pair) for number, pair in enumerate(sorted(pairs))])
    return Plan(
        "small",
        {"random": Strategy("unit"), "word2vec, raw": Strategy("pretrained", "wiki-en-word2vec", "raw"),
         "word2vec, rescaled": Strategy("pretrained", "wiki-en-word2vec", "xavier")},
        "random",
        task=str(path),
        seeds=(0, 1, 2),
        sizes=(0.5, 1.0),
        model=Configuration(8, heads=2, layers=1, scaled=True, tied=True),
        updates=12,
        batch_size=4,
        measured_every=4,
        watch=("good",),
    )  # fmt: skip
