"""What an embedding table (V, d) is like, whatever its scale: its spectrum, its directions, and what can be read from
it by a straight line."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence

import numpy as np
from sklearn.linear_model import Ridge, RidgeClassifier
from sklearn.model_selection import KFold, StratifiedKFold, cross_val_predict
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from explorer.arrays import unit
from explorer.embeddings.health import partition_isotropy
from explorer.transformer.tape import Array

_FOLDS = 5
_FEWEST = 2 * _FOLDS  # words of a tag that is asked for


def effective_rank(table: Array) -> float:
    """How many directions a table uses: e to the entropy of its singular values' shares (Roy & Vetterli 2007), from 1
    to d; 0 of a table of zeros."""
    values = np.linalg.svd(np.asarray(table, dtype=np.float64), compute_uv=False)
    if not values.any():
        return 0.0
    shares = values[values > 0] / values.sum()
    return float(np.exp(-(shares @ np.log(shares))))


def isotropy(table: Array) -> float:
    """How alike a table's directions are used, of its rows at length 1: 1 where all are alike (Mu & Viswanath 2018)."""
    return partition_isotropy(unit(np.asarray(table, dtype=np.float64)))


def tags_read(table: Array, tags: Sequence[str]) -> float | None:
    """The share of words whose part of speech a linear classifier reads from their rows, each from a classifier that
    did not see it (ridge, five folds). None where no two tags have enough words."""
    counts = _asked(tags)
    if len(counts) < 2:
        return None
    asked = [place for place, tag in enumerate(tags) if tag in counts]
    truth = np.array([tags[place] for place in asked])
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    reader = make_pipeline(StandardScaler(), RidgeClassifier())
    return float(np.mean(cross_val_predict(reader, table[asked].astype(np.float64), truth, cv=folds) == truth))


def commonest(tags: Sequence[str]) -> float | None:
    """The share that is right of who always says the most frequent of the tags that `tags_read` asks for."""
    counts = _asked(tags)
    return max(counts.values()) / sum(counts.values()) if counts else None


def _asked(tags: Sequence[str]) -> dict[str, int]:
    return {tag: count for tag, count in Counter(filter(None, tags)).items() if count >= _FEWEST}


def frequency_read(table: Array, counts: Sequence[int]) -> float | None:
    """How much of the log frequency of words a linear regression reads from their rows: R² over words that it did not
    see (ridge, five folds), 0 for nothing. None where all words are as frequent, or too few."""
    known = np.log(np.asarray(counts, dtype=np.float64))
    if len(known) < _FEWEST or len(set(counts)) == 1:
        return None
    folds = KFold(_FOLDS, shuffle=True, random_state=0)
    read = cross_val_predict(make_pipeline(StandardScaler(), Ridge()), table.astype(np.float64), known, cv=folds)
    return float(max(0.0, 1 - np.mean((known - read) ** 2) / known.var()))


def signal_to_noise(gradients: Array) -> Array:
    """Of each row (V,), from its gradients in several batches (B, V, d): the length of their mean beside their spread
    about it, ‖ḡ‖ / √mean‖g − ḡ‖². Only the batches in which a row has a gradient count; NaN where fewer than three
    have."""
    present = np.abs(gradients).sum(axis=2) > 0  # (B, V)
    batches = present.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        mean = gradients.sum(axis=0) / batches[:, None]
        spread = (((gradients - mean) ** 2).sum(axis=2) * present).sum(axis=0) / batches
        ratio = np.linalg.norm(mean, axis=1) / np.sqrt(spread)
    return np.where(batches >= 3, ratio, np.nan)
