"""Small tables of labelled texts: what a film's reviewer says, and whether he liked it."""

import csv
import json
from itertools import product

from explorer.initialisation.plan import Plan
from explorer.initialisation.strategies import Strategy
from explorer.transformer.configuration import Configuration

GOOD, BAD = ("good", "great", "beautiful", "strong"), ("bad", "poor", "terrible", "weak")
NOUNS = ("film", "story", "music", "actor", "scene", "ending", "plot", "cast", "script", "camera")


def reviews():
    """Eighty texts with their labels."""
    return [(f"a {word} {noun}", "good" if word in GOOD else "bad") for word, noun in product(GOOD + BAD, NOUNS)]


def write(path, rows, header=("text", "label"), delimiter=","):
    with path.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, delimiter=delimiter).writerows([header, *rows])
    return path


def write_lines(path, rows, header=("text", "label")):
    path.write_text("".join(json.dumps(dict(zip(header, row, strict=True))) + "\n" for row in rows), encoding="utf-8")
    return path


def plan(path, **changes):
    """Two arms on a table of reviews, trained in a second."""
    options = {
        "name": "reviews",
        "task": str(path),
        "text": "text",
        "label": "label",
        "baseline": "random",
        "arms": {"random": Strategy("unit"), "vectors": Strategy("pretrained", "wiki-en-glove", "fresh")},
        "seeds": (0, 1),
        "rates": (0.003, 0.01),
        "model": Configuration(16, heads=2, layers=1, scaled=True),
        "updates": 12,
        "batch_size": 8,
        "measured_every": 4,
    }
    return Plan(**options | changes)
