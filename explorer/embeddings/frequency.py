"""How frequent words are, in the three tiers that WebVectors' readers know."""

from __future__ import annotations

import numpy as np

from explorer.embeddings.bounds import TIERS
from explorer.embeddings.embedding import Array, Embedding
from explorer.errors import UserError
from explorer.texts import _

HIGH = 1e-5  # a word of the high tier makes up more than this share of all occurrences,
LOW = 5e-7  # a word of the low tier less than this (Kutuzov & Kuzmenko 2017, WebVectors)


def tiers(embedding: Embedding, rows: Array | slice = slice(None)) -> Array:
    """The tier of each row (n,), all of them by default; an empty string where the model has no counts."""
    counts = embedding.counts[rows]
    if not embedding.has_counts:
        return np.full(counts.shape, "")
    total = embedding.counts.sum()
    return np.select([counts > HIGH * total, counts < LOW * total], ["high", "low"], "medium")


def within(embedding: Embedding, tier: str | None, minimum: int = 0, maximum: int | None = None) -> Array:
    """A boolean mask (V,) of the words of that tier that occur from `minimum` to `maximum` times.

    Raises UserError for bounds or tiers that make no sense, and for any where the model has no counts.
    """
    if minimum < 0:
        raise UserError(_("The minimum count is {minimum:,}, but must be 0 or more.", minimum=minimum))
    if maximum is not None and maximum < minimum:
        raise UserError(
            _(
                "The maximum count is {maximum:,}, but must not be less than the minimum of {minimum:,}.",
                maximum=maximum,
                minimum=minimum,
            )
        )
    if tier is not None and tier not in TIERS:
        raise UserError(_("“{tier}” is not a frequency band. Take one of {tiers}.", tier=tier, tiers=", ".join(TIERS)))
    if not embedding.has_counts and (tier or minimum or maximum is not None):
        raise UserError(
            _("{name} came without counts, so its words cannot be filtered by frequency.", name=embedding.name)
        )
    allowed: Array = embedding.counts >= minimum
    if maximum is not None:
        allowed &= embedding.counts <= maximum
    if tier:
        total = embedding.counts.sum()
        low, high = embedding.counts < LOW * total, embedding.counts > HIGH * total
        allowed &= {"high": high, "low": low, "medium": ~(low | high)}[tier]
    return allowed
