"""A comparison so small that it takes a second: forty phrases, two arms, a few updates."""

from __future__ import annotations

from itertools import product
from pathlib import Path
from typing import Any

from explorer.initialisation.plan import Plan
from explorer.initialisation.strategies import Strategy
from explorer.transformer.configuration import Configuration

ARMS = {
    "random": Strategy("unit"),
    "vectors": Strategy("pretrained", "wiki-en-glove", "xavier"),
    "frozen": Strategy("unit", training="frozen"),
}


def phrases(folder: Path) -> Path:
    """A parallel file of forty pairs."""
    path = folder / "phrases.tsv"
    words = product([("good", "bueno"), ("bad", "malo"), ("new", "nuevo"), ("old", "viejo"), ("big", "grande")], _NOUNS)
    path.write_text("".join(f"the {a} {n}\tel {o} {m}\n" for (a, m), (n, o) in words), encoding="utf-8")
    return path


_NOUNS = [
    ("dog", "perro"),
    ("cat", "gato"),
    ("book", "libro"),
    ("bread", "pan"),
    ("boat", "barco"),
    ("train", "tren"),
    ("wine", "vino"),
    ("friend", "amigo"),
]


def plan(folder: Path, **changes: Any) -> Plan:
    options: dict[str, Any] = {
        "name": "tiny",
        "task": str(phrases(folder)),
        "baseline": "random",
        "arms": {name: ARMS[name] for name in ("random", "vectors")},
        "seeds": (0, 1),
        "rates": (0.003, 0.01),
        "search_seeds": 1,
        "widenings": 0,
        "model": Configuration(8, heads=2, layers=1, scaled=True, tied=True),
        "updates": 6,
        "batch_size": 8,
        "measured_every": 2,
        "watch": ("dog",),
    }
    return Plan(**options | changes)
