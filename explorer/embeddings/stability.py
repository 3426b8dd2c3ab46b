"""Which neighbours survive another training seed (Wendlandt, Kummerfeld & Mihalcea 2018, arXiv:1804.09692).

Sister models are trained on the same corpus from other seeds, by the recipe that the card gives, which may be smaller
than the model's own. What their neighbour lists have in common with its own does not hang on one seed. `sisters.npz` in
the model's folder keeps their lists for the most frequent words.
"""

from __future__ import annotations

import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from zipfile import BadZipFile

import numpy as np

from explorer.embeddings import catalog
from explorer.embeddings.embedding import Array, Embedding
from explorer.embeddings.lookup import find
from explorer.embeddings.model_files import SISTERS
from explorer.errors import UserError
from explorer.texts import _

_DAMAGE = (OSError, ValueError, KeyError, EOFError, TypeError, RuntimeError, MemoryError, BadZipFile, zlib.error)


@dataclass(frozen=True)
class Survival:
    """How many of the `sisters` have each neighbour, in the order they were given, among their `depth` nearest."""

    sisters: int
    depth: int
    survived: tuple[int, ...]


def survivors(embedding: Embedding, word: str, neighbours: Sequence[str]) -> Survival | None:
    """How many sister models agree that each of `neighbours` is near to `word`.

    None where nothing may be said: the model has no sisters, or they were not asked about so rare a word.
    Raises UserError for sisters that cannot be read, WordNotFound for a word the model lacks.
    """
    rows = _sisters(embedding)
    if rows is None:
        return None
    if rows.shape[1] > embedding.size or rows.max(initial=0) >= embedding.size:
        raise UserError(
            _(
                "{sisters} of {name} is of another vocabulary. Make it anew, or delete it.",
                sisters=SISTERS,
                name=embedding.name,
            )
        )
    row = embedding.rows[find(embedding, word)]
    if row >= rows.shape[1]:
        return None
    lists = [set(nearest.tolist()) for nearest in rows[:, row]]
    neighbour_rows = [embedding.rows[find(embedding, neighbour)] for neighbour in neighbours]
    survived = tuple(sum(neighbour in nearest for nearest in lists) for neighbour in neighbour_rows)
    return Survival(len(lists), rows.shape[2], survived)


def words_known(embedding: Embedding) -> int | None:
    """How many of the most frequent words the sister models were asked about; None where there are no sisters."""
    rows = _sisters(embedding)
    return None if rows is None else int(rows.shape[1])


def state(embedding: Embedding) -> int | None:
    """Another number when the sisters are others; None where there are none."""
    try:
        return (catalog.folder(embedding.name) / SISTERS).stat().st_mtime_ns
    except OSError:
        return None


def _sisters(embedding: Embedding) -> Array | None:
    """The nearest rows (S, W, k) of the W most frequent words under each of S seeds."""
    changed = state(embedding)
    return None if changed is None else _read(catalog.folder(embedding.name) / SISTERS, changed)


@lru_cache(maxsize=8)
def _read(path: Path, changed: int) -> Array:
    try:
        with np.load(path, allow_pickle=False) as arrays:
            rows: Array = arrays["rows"]
            seeds = arrays["seeds"]
    except _DAMAGE as error:
        raise UserError(
            _(
                "The sisters in {path} cannot be read: {error}. Make the file anew, or delete it.",
                path=path,
                error=error,
            )
        ) from error
    if rows.ndim != 3 or rows.dtype.kind != "u" or seeds.shape != rows.shape[:1]:
        raise UserError(
            _("The sisters in {path} are not rows of neighbours for each seed. Make the file anew.", path=path)
        )
    return rows
