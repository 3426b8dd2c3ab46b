"""What a page opens with where its address names nothing: examples in words that the model has.

Pages draw them in their boxes, and a scene of a talk that shows such a page asks the same.
"""

from __future__ import annotations

from collections.abc import Collection

from explorer.embeddings import catalog
from explorer.embeddings.formula import Formula, Term

MOST_FREQUENT = 500  # words of a map of the most frequent
_LISTED = "car truck bus train dog cat horse cow bread cheese wine butter red blue green yellow"
_PAIRS = (("king", "queen"), ("car", "automobile"), ("car", "banana"), ("prime minister", "president"))
_COMPARED = "king queen prince princess car truck bus train dog cat horse cow"
_AMONG = "breakfast cereal dinner lunch"
_PLACED = "bread wine car bicycle yacht hut villa palace ring diamond truck ship toy"
COMMANDS = {"analogy": "formula", "similarity": "pairs", "odd-one-out": "odd"}
"""The commands that are a part of the page *Calculator*, each with the name of that part."""
_SHOWN = {("words",): "list", ("most", "most_frequent"): "frequent", ("around",): "around"}
PARTS_OF_HEALTH = {"health": "measures", "evaluate": "benchmarks"}
"""The same of the page *Health*; its third part has the name of its command, why."""
_OF_OTHER_MAPS = {"n", "method", "dimensions", "perplexity", "seed", "view", "threshold"}
_ENDS = "cheap expensive small large"


def word(model: str) -> str:
    return catalog.examples(model)[0]


def listed(model: str) -> list[str]:
    """Words of a map."""
    return catalog.examples(model, _LISTED.split(), 4)


def map_shows(address: Collection[str], model: str) -> str:
    """Which words a map shows where its address does not say: those that it names; all, where the model has a map of
    all its words and nothing is set that only other maps have; otherwise those around a word."""
    from explorer.embeddings.atlas import has_atlas

    for names, shown in _SHOWN.items():
        if any(name in address for name in names):
            return shown
    return "around" if _OF_OTHER_MAPS.intersection(address) or not has_atlas(model) else "all"


def formula(model: str) -> str:
    words = catalog.examples(model, ("king", "man", "woman"), 3)
    return str(Formula(tuple(map(Term, (1.0, -1.0, 1.0), words))))


def pairs(model: str) -> str:
    """A pair a line, with a comma between its words."""
    words = catalog.examples(model, " ".join(word for pair in _PAIRS for word in pair).split(), 8)
    own = zip(words[::2], words[1::2], strict=False)
    return "\n".join(map(", ".join, _PAIRS if "king" in words else own))


def compared(model: str) -> list[str]:
    """Words of a matrix."""
    return catalog.examples(model, _COMPARED.split(), 4)


def among(model: str) -> list[str]:
    """Words of which one does not fit."""
    return catalog.examples(model, _AMONG.split(), 3)


def placed(model: str) -> list[str]:
    """Words that lie between two ends."""
    return catalog.examples(model, _PLACED.split(), 4)


def ends(model: str) -> tuple[tuple[list[str], list[str]], ...]:
    """The two ends of each axis."""
    words = catalog.examples(model, _ENDS.split(), 4)
    return (words[:1], words[1:2]), (words[2:3], words[3:])


def comparison() -> str:
    from explorer.initialisation import library  # what comparisons need takes a second to import

    return library.names()[0]
