"""One model's vectors turned to lie over another's, so that both can stand on one map."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import lru_cache
from typing import Any

import numpy as np

from explorer.answers import Answer, Table
from explorer.arrays import unit
from explorer.embeddings.embedding import Array, Embedding
from explorer.embeddings.label_sides import label_sides
from explorer.embeddings.lookup import find
from explorer.embeddings.neighbours import neighbours
from explorer.embeddings.projection import flattened
from explorer.embeddings.side_by_side import shared_words
from explorer.errors import UserError
from explorer.palette import PARTS_OF_SPEECH
from explorer.texts import _, _n
from explorer.writing import notebook
from explorer.writing.html_map import Line, Point, drawing

_ANCHORS = 10_000  # most frequent shared words that the turn is fitted on
_HELD_OUT = 5  # one in so many of them is kept for saying how well it fits


@dataclass(frozen=True, eq=False)
class Alignment:
    """The turn from the first model's space to the second's, fitted on the words that both have."""

    first: Embedding
    second: Embedding
    first_mean: Array  # (d1,)
    second_mean: Array  # (d2,)
    rotation: Array  # (d1, d2), orthonormal columns or rows
    anchors: int  # words it was fitted on
    fit: float  # mean cosine between a turned vector and its counterpart, over shared words that it was not fitted on

    def of_first(self, words: Sequence[str]) -> Array:
        """Unit vectors (n, d2) of the first model's words in the second model's space."""
        return unit((self.first.units(self.first.rows_of(words)) - self.first_mean) @ self.rotation)

    def of_second(self, words: Sequence[str]) -> Array:
        """Unit vectors (n, d2) of the second model's own."""
        return unit(self.second.units(self.second.rows_of(words)) - self.second_mean)


@lru_cache(maxsize=8)  # it takes longer than all that is asked of it
def align(first: Embedding, second: Embedding) -> Alignment:
    """The orthogonal matrix that brings the first model's vectors closest to the second's (Schönemann 1966).

    Rows have length 1 and mean 0 before, as in Artetxe et al. 2016, "Learning principled bilingual mappings". Raises
    UserError for models that share too few words.
    """
    words = shared_words(first, second, _ANCHORS)
    fitted = tuple(word for place, word in enumerate(words) if place % _HELD_OUT)
    held_out = words[::_HELD_OUT]
    if len(fitted) < 2:
        raise UserError(
            _n(
                "{name} and {second_name} share {count} word: too few to align one with the other.",
                "{name} and {second_name} share {count} words: too few to align one with the other.",
                len(words),
                name=first.name,
                second_name=second.name,
            )
        )
    a, b = (embedding.units(embedding.rows_of(fitted)).astype(np.float64) for embedding in (first, second))
    first_mean, second_mean = a.mean(axis=0), b.mean(axis=0)
    try:
        left, _values, right = np.linalg.svd((a - first_mean).T @ (b - second_mean), full_matrices=False)
    except np.linalg.LinAlgError as error:
        raise UserError(
            _(
                "{name} cannot be turned to lie over {second_name}: their numbers are too large, too small or none.",
                name=first.name,
                second_name=second.name,
            )
        ) from error
    unmeasured = Alignment(first, second, first_mean, second_mean, left @ right, len(fitted), 0.0)
    fit = float(_cosines(unmeasured.of_first(held_out), unmeasured.of_second(held_out)).mean())
    return Alignment(first, second, first_mean, second_mean, left @ right, len(fitted), fit)


@dataclass(frozen=True)
class Moved:
    """A word on the aligned map: where each model has it, and the cosine of its two vectors after the turn."""

    word: str
    first: tuple[float, float]
    second: tuple[float, float]
    similarity: float


@dataclass(frozen=True)
class AlignedMap(Answer):
    """The neighbourhoods that two models give a word, on one map in the second model's space.

    `shown` is the share of the variance that the two axes keep (0 to 1), `fit` as `Alignment` has it.
    """

    word: str
    first: str
    second: str
    points: tuple[Moved, ...]
    shown: float
    fit: float

    @property
    def sides(self) -> list[str]:
        """The side of each word's second place at which its label covers the least."""
        places = np.array([place for point in self.points for place in (point.second, point.first)])
        labels = [label for point in self.points for label in (point.word, "")]
        return label_sides(places, labels, square=True)[::2]

    @property
    def headline(self) -> str:
        return _(
            "{word} · {first} → {second} · fit {fit:.3f} · {share:.0%} of the variance",
            word=self.word,
            first=self.first,
            second=self.second,
            fit=self.fit,
            share=self.shown,
        )

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def table(self) -> Table:
        """One row a word: where each model has it, and the cosine of its two vectors."""
        rows = tuple((point.word, *point.first, *point.second, point.similarity) for point in self.points)
        return Table(("word", "first_x", "first_y", "second_x", "second_y", "similarity"), rows)

    def as_html(self) -> str:
        """Both places of each word with a line between, its label at the second, and the rows behind a line to open."""
        colour = PARTS_OF_SPEECH["NOUN"]
        points = [
            Point(word, *at, colour, model, hollow=first, is_centre=word == self.word, has_label=not first)
            for point in self.points
            for word in (point.word,)
            for model, at, first in ((self.second, point.second, False), (self.first, point.first, True))
        ]
        lines = [Line(number, number + 1) for number in range(0, len(points), 2)]
        legend = [Point(self.first, 0, 0, colour, hollow=True), Point(self.second, 0, 0, colour)]
        return drawing(points, lines, self.headline, legend) + notebook.folded(_("Rows"), super().as_html())


def aligned_map(alignment: Alignment, text: str, n: int = 12) -> AlignedMap:
    """The word and those of its `n` neighbours in either model that both models have, by the first two principal
    components. Raises WordNotFound for a word that one of them lacks."""
    first, second = alignment.first, alignment.second
    word = find(first, text)
    nearest = []
    for embedding in (first, second):
        answer = neighbours(embedding, find(embedding, word), n)
        if answer.warning and not answer.rows:
            raise UserError(
                _(
                    "{warning} It has no place on a map of {name}: take another word.",
                    warning=answer.warning,
                    name=embedding.name,
                )
            )
        nearest += [row.word for row in answer.rows]
    words = [w for w in dict.fromkeys((word, *nearest)) if w in first and w in second]
    if len(words) < 3:
        raise UserError(
            _(
                "Around “{word}”, {name} and {second_name} share too few words for a map. Take a larger n.",
                word=word,
                name=first.name,
                second_name=second.name,
            )
        )
    before, after = alignment.of_first(words), alignment.of_second(words)
    both = np.concatenate([before, after])
    places, variance = flattened(both, 2)
    points = tuple(
        Moved(w, (float(x0), float(y0)), (float(x1), float(y1)), float(cosine))
        for w, (x0, y0), (x1, y1), cosine in zip(
            words, places[: len(words)], places[len(words) :], _cosines(before, after), strict=True
        )
    )
    return AlignedMap(word, first.name, second.name, points, 1.0 if variance is None else variance, alignment.fit)


def _cosines(first: Array, second: Array) -> Array:
    """The cosine of each unit vector with its counterpart (n,)."""
    cosines: Array = np.clip((first * second).sum(axis=1), -1, 1)
    return cosines
