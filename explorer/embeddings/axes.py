"""Semantic axes: where words lie between cheap and expensive, or between any two sets of words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.answers import Answer, Table
from explorer.embeddings.bounds import MOST_AXES
from explorer.embeddings.embedding import Array, Embedding
from explorer.embeddings.queries import unit_vectors
from explorer.embeddings.word_lists import notes, query_list
from explorer.errors import UserError
from explorer.palette import Scale
from explorer.texts import _
from explorer.writing import html_matrix


@dataclass(frozen=True)
class Axis:
    """A direction from the words at its start, where it is negative, to those at its end, where it is positive."""

    start: tuple[str, ...]
    end: tuple[str, ...]

    @property
    def name(self) -> str:
        return f"{', '.join(self.start)} – {', '.join(self.end)}"


@dataclass(frozen=True)
class Placement(Answer):
    """n words on a axes: row i of `positions` is where `words[i]` lies, from -1 to 1; by rising first position."""

    model: str
    axes: tuple[Axis, ...]
    words: tuple[str, ...]
    positions: Array  # (n, a) float64
    notes: tuple[str, ...] = ()  # how vectors came that are not a word's own

    @property
    def furthest(self) -> float:
        """The largest position in either direction."""
        return float(np.abs(self.positions).max())

    @property
    def headline(self) -> str:
        return self.model

    @property
    def sentences(self) -> tuple[str, ...]:
        return self.notes

    def as_json(self) -> dict[str, Any]:
        rows = zip(self.words, self.positions.tolist(), strict=True)
        return {
            "model": self.model,
            "axes": [{"start": list(axis.start), "end": list(axis.end)} for axis in self.axes],
            "words": [{"word": word, "positions": positions} for word, positions in rows],
            "notes": list(self.notes),
        }

    def table(self) -> Table:
        """One column an axis, one row a word."""
        rows = zip(self.words, self.positions.tolist(), strict=True)
        return Table(("word", *(axis.name for axis in self.axes)), tuple((word, *row) for word, row in rows))

    def as_html(self) -> str:
        """Each position in its colour: below zero towards the start of its axis, above zero towards its end."""
        names = tuple(axis.name for axis in self.axes)
        return html_matrix.matrix(self.positions.tolist(), self.words, names, Scale(1.0))


def place(embedding: Embedding, texts: Sequence[str], ends: Sequence[tuple[Sequence[str], Sequence[str]]]) -> Placement:
    """Place 1 to 100 words on the axes between pairs of word sets.

    An axis is the mean of the unit vectors at its end minus the mean of those at its start, and a word's position the
    cosine with it (An, Kwak & Ahn 2018, "SemAxis", equations 1 to 3, there without the normalisation). Raises UserError
    for an axis with an empty end or with the same words at both, and as `word_lists.query_list` does.
    """
    if not 1 <= len(ends) <= MOST_AXES:
        raise UserError(
            _("There are {axes} axes, but there must be from 1 to {most_axes}.", axes=len(ends), most_axes=MOST_AXES)
        )
    axes, directions = zip(*(_axis(embedding, start, end) for start, end in ends), strict=True)
    queries = query_list(embedding, texts, least=1)
    positions = np.clip(unit_vectors(queries) @ np.array(directions).T, -1, 1)  # (n, a)
    order = np.argsort(positions[:, 0], kind="stable")
    words = tuple(queries[row].label for row in order)
    return Placement(embedding.name, axes, words, positions[order], notes(queries))


def _axis(embedding: Embedding, start: Sequence[str], end: Sequence[str]) -> tuple[Axis, Array]:
    """The axis, and its direction (d,) float64 of length 1."""
    if not start or not end:
        words = " ".join(start or end)
        if not words:
            raise UserError(_("Nothing stands at one end of an axis and nothing at the other: give words for both."))
        raise UserError(
            _("“{words}” stands at one end of an axis and nothing at the other: give words for both.", words=words)
        )
    # What stands at an end may be one word of the vocabulary that has spaces in it.
    here, there = (
        query_list(embedding, [joined] if (joined := " ".join(side)) in embedding else side, least=1)
        for side in (start, end)
    )
    axis = Axis(tuple(query.label for query in here), tuple(query.label for query in there))
    direction: Array = unit_vectors(there).mean(axis=0) - unit_vectors(here).mean(axis=0)
    length = np.linalg.norm(direction)
    if length < 1e-9:
        raise UserError(
            _("Both ends of the axis {name} are the same, so it has no direction: change one.", name=axis.name)
        )
    direction /= length
    return axis, direction
