"""A translator: a transformer with its parameters and the two vocabularies that give its ids their words."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from explorer.errors import UserError
from explorer.texts import _
from explorer.transformer.configuration import Configuration
from explorer.transformer.model import PAD, transformer
from explorer.transformer.parameters import check_parameters, initial_parameters
from explorer.transformer.reader import Batch, Pair, Reader
from explorer.transformer.tape import Array, Node, Tape
from explorer.transformer.vocabulary import END, START, Vocabulary


@dataclass(frozen=True, eq=False)
class Translator(Reader):
    """Raises UserError where parameters, configuration and vocabularies do not fit together."""

    target: Vocabulary

    def __post_init__(self) -> None:
        sizes = (self.configuration.source_words, self.configuration.target_words)
        if sizes != (len(self.source), len(self.target)):
            raise UserError(
                _(
                    "The configuration is for vocabularies of {source_size} and {target_size} words, "
                    "but these have {source} and {target}.",
                    source_size=sizes[0],
                    target_size=sizes[1],
                    source=len(self.source),
                    target=len(self.target),
                )
            )
        check_parameters(self.configuration, self.parameters)

    @classmethod
    def fresh(
        cls,
        configuration: Configuration,
        source: Vocabulary,
        target: Vocabulary,
        seed: int,
        tables: Mapping[str, Array] | None = None,
        dtype: type[np.floating[Any]] = np.float64,
    ) -> Translator:
        """A translator with initial weights drawn from `seed`, but for the `tables` that are given by name.

        The vocabularies decide their sizes in its configuration.
        """
        configuration = replace(configuration, source_words=len(source), target_words=len(target))
        return cls(configuration, initial_parameters(configuration, seed, tables, dtype), source, target)

    def vocabulary(self, side: str) -> Vocabulary:
        return self.source if side == "source" else self.target

    def shifted(self, words: Sequence[str]) -> tuple[Array, Array]:
        """What the decoder is shown, `<start>` first, and what it should say, `<end>` last: ids (T,) each."""
        ids = self.target.ids(words)
        return np.array([START, *ids]), np.array([*ids, END])

    def ids(self, pair: Pair) -> Batch:
        source, target = pair
        return Batch(self.read(source), *self.shifted(target))

    def logits(self, tape: Tape, batch: Batch) -> Node:
        return transformer(tape, batch.source, batch.target, self.configuration)

    def counted(self, batch: Batch) -> Array:
        """All but the padding."""
        counted: Array = batch.expected != PAD
        return counted
