"""The map of all words of one model, turned to lie over the map of another.

A map by t-SNE has no up and no left of its own. So that two of them can be read together, the second is turned, and
mirrored where that helps: the words that both have come as near to their places on the first as they can.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from explorer.embeddings.atlas import REACH, Atlas, atlas_of
from explorer.embeddings.embedding import Array, Embedding
from explorer.embeddings.side_by_side import shared_words
from explorer.errors import UserError
from explorer.texts import _, _n

_FITTED = 10_000  # the most frequent words of both that the turn is fitted on
_FEWEST = 3  # places that fix a turn


@dataclass(frozen=True)
class Turn:
    """How a map is turned: places (n, 2) become `places @ matrix`.

    `away` is how far a word then lies from its place on the other map, on average and as a share of the map's width;
    `at_random` is the same for words that have nothing to do with each other.
    """

    over: str  # the model with the other map
    matrix: tuple[tuple[float, float], tuple[float, float]]
    away: float
    at_random: float

    @property
    def sentence(self) -> str:
        return _(
            "This map is turned to lie over the map of {over}. A word is {away:.0%} of the map's width away from its "
            "place there, on average; a word taken at random would be {at_random:.0%} away.",
            over=self.over,
            away=self.away,
            at_random=self.at_random,
        )


def turn(embedding: Embedding, over: Embedding) -> Turn:
    """The turn that brings the map of a model closest to that of another (Schönemann 1966, Procrustes).

    Raises UserError for models that share too few words, and as `atlas_of` does.
    """
    return _turn(embedding, over, atlas_of(embedding), atlas_of(over))


@lru_cache(maxsize=4)  # a page asks again at each run; a map that is computed anew is another atlas
def _turn(embedding: Embedding, over: Embedding, atlas: Atlas, other: Atlas) -> Turn:
    words = shared_words(embedding, over, _FITTED)
    pairs = [(embedding.rows[word], over.rows[word]) for word in words]
    rows = [(row, its) for row, its in pairs if atlas.has(row) and other.has(its)]
    if len(rows) < _FEWEST:
        raise UserError(
            _n(
                "{name} and {other} share {count} word: too few to turn one map over the other.",
                "{name} and {other} share {count} words: too few to turn one map over the other.",
                len(rows),
                name=embedding.name,
                other=over.name,
            )
        )
    mine, its = (_places(each, [pair[side] for pair in rows]) for side, each in enumerate((atlas, other)))
    left, _values, right = np.linalg.svd(mine.T @ its)
    matrix = left @ right  # (2, 2), orthogonal
    matrix /= max(1.0, np.abs(_places(atlas, atlas.placed.tolist()) @ matrix).max())  # a corner may turn out of sight
    turned = mine @ matrix
    away, at_random = (
        float(np.linalg.norm(turned - places, axis=1).mean() / 2) for places in (its, np.roll(its, len(its) // 2, 0))
    )
    first, second = matrix.tolist()
    return Turn(over.name, (tuple(first), tuple(second)), away, at_random)


def _places(atlas: Atlas, rows: list[int]) -> Array:
    """Where words lie, (n, 2), from −1 to 1."""
    return atlas.positions[rows] / REACH
