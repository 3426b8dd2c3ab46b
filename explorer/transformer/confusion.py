"""How good a classifier is on texts it has not seen: which labels it gave for which, and how sure it was."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from explorer.transformer.batches import Batches, Pair
from explorer.transformer.classifier import Classifier
from explorer.transformer.convolution import ConvolutionalClassifier
from explorer.transformer.tape import Array, Tape

_BINS = 15  # of confidence, as many as Guo et al. 2017 have


@dataclass(frozen=True)
class OfLabel:
    """One label among the answers: shares from 0 to 1, 0 where nothing was given or nothing was to be given."""

    texts: int  # that have it
    precision: float  # of the texts that were given it, how many have it
    recall: float  # of the texts that have it, how many were given it
    f1: float  # the harmonic mean of both


@dataclass(frozen=True, eq=False)
class Confusion:
    """Counts (C, C): a row for each label that texts have, a column for each that they were given."""

    counts: Array

    @classmethod
    def of(cls, flat: Sequence[int]) -> Confusion:
        """From the counts row after row."""
        size = round(len(flat) ** 0.5)
        return cls(np.array(flat, dtype=np.int64).reshape(size, size))

    @property
    def accuracy(self) -> float:
        return float(np.trace(self.counts) / self.counts.sum())

    @property
    def by_label(self) -> tuple[OfLabel, ...]:
        right, have, given = np.diag(self.counts), self.counts.sum(axis=1), self.counts.sum(axis=0)
        precision, recall, f1 = _shares(right, given), _shares(right, have), _shares(2 * right, have + given)
        columns = (have, precision, recall, f1)
        return tuple(OfLabel(*row) for row in zip(*(column.tolist() for column in columns), strict=True))

    @property
    def macro_f1(self) -> float:
        """The mean F1 of the labels that some text has, each counting alike."""
        return float(np.mean([label.f1 for label in self.by_label if label.texts]))


def _shares(parts: Array, wholes: Array) -> Array:
    return np.divide(parts, wholes, where=wholes > 0, out=np.zeros(len(parts)))


@dataclass(frozen=True, eq=False)
class LabelScores:
    """`calibration_error` is the expected calibration error (Naeini et al. 2015): by how much, on average over texts,
    the probability of the given label and the share of right ones among the about as sure differ."""

    loss: float
    calibration_error: float
    confusion: Confusion


def label_scores(
    classifier: Classifier | ConvolutionalClassifier, pairs: Sequence[Pair], batch_size: int = 64
) -> LabelScores:
    """The labels that a classifier gives to texts, against those that they have. Raises UserError for no texts."""
    logits, expected = [], []
    for batch in Batches(classifier, pairs, batch_size).in_order():
        tape = Tape(classifier.parameters, tracing=False)
        logits.append(classifier.logits(tape, batch).value[:, 0])
        expected.append(batch.expected[:, 0])
    scores, right = np.concatenate(logits).astype(np.float64), np.concatenate(expected)
    logarithms = scores - np.logaddexp.reduce(scores, axis=1, keepdims=True)
    given, size = scores.argmax(axis=1), len(classifier.labels)
    counts = np.bincount(right * size + given, minlength=size**2).reshape(size, size)
    loss = -float(logarithms[np.arange(len(right)), right].mean())
    return LabelScores(loss, calibration_error(np.exp(logarithms.max(axis=1)), given == right), Confusion(counts))


def calibration_error(sure: Array, right: Array) -> float:
    """Of texts whose given label has the probability `sure` (n,) and is `right` (n,) or not, in bins of equal width."""
    bins = np.minimum((sure * _BINS).astype(np.int64), _BINS - 1)
    gaps = np.bincount(bins, weights=sure - right, minlength=_BINS)
    return float(np.abs(gaps).sum() / len(sure))
