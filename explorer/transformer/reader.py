"""What models that read have in common: words become vectors, pass a model, and each answer has logits."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import dataclass
from typing import ClassVar, NamedTuple

import numpy as np

from explorer.transformer.configuration import Configuration
from explorer.transformer.tape import Array, Node, Tape
from explorer.transformer.vocabulary import Vocabulary

Pair = tuple[Sequence[str], Sequence[str]]  # the words that are read, and those of the answer


class Batch(NamedTuple):
    """Ids: source (B, S), target as a decoder is shown it (B, T), expected as the model should answer (B, T)."""

    source: Array
    target: Array
    expected: Array


@dataclass(frozen=True, eq=False)
class Reader(ABC):
    """A model that reads words: `source` gives its ids their words, and `side` says where their table stands, at the
    `source` or the `target`."""

    side: ClassVar[str] = "source"

    @property
    def table(self) -> str:
        """The name of the table of the words that are read."""
        return f"{self.side}.table"

    configuration: Configuration
    parameters: dict[str, Array]
    source: Vocabulary

    @abstractmethod
    def logits(self, tape: Tape, batch: Batch) -> Node:
        """What the model answers to a batch, or to a single pair without the batch's axis: (…, T, V) for `expected`
        (…, T)."""

    @abstractmethod
    def counted(self, batch: Batch) -> Array:
        """Which of the expected answers are some: true or false, (…, T)."""

    @abstractmethod
    def ids(self, pair: Pair) -> Batch:
        """A pair as ids, without the batch's axis."""

    def constrain(self) -> None:  # noqa: B027 (most models have no such bounds)
        """Bring the parameters back to where they may be, in place, after an update."""

    def vectors(self, side: str) -> Array:
        """The words' vectors (V, d_model) of the `source` or the `target`: its table, projected where it has to be."""
        table, projection = self.parameters[f"{side}.table"], self.parameters.get(f"{side}.projection")
        return table if projection is None else table @ projection

    def vocabulary(self, side: str) -> Vocabulary:
        """What the ids of the `source` or the `target` stand for."""
        return self.source

    def read(self, words: Sequence[str]) -> Array:
        """Source ids (S,) of a sentence's words."""
        return np.array(self.source.ids(words), dtype=np.int64)

    def unknown(self, words: Sequence[str]) -> list[str]:
        """The source words that the model does not know, and reads as `<unk>`."""
        return [word for word in dict.fromkeys(words) if word not in self.source]


@dataclass(frozen=True, eq=False)
class LabelReader(Reader):
    """A model that gives a text one of its `labels`: `labels[i]` is what its logit i is for."""

    labels: tuple[str, ...]

    def ids(self, pair: Pair) -> Batch:
        words, (label,) = pair
        return Batch(self.read(words), np.empty(0, dtype=np.int64), np.array([self.labels.index(label)]))

    def counted(self, batch: Batch) -> Array:
        """All of them: there is no padding among labels."""
        return np.ones(batch.expected.shape, dtype=bool)
