"""A classifier: an encoder with a layer of labels, its parameters, the words that it reads and the labels it gives."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from explorer.errors import UserError
from explorer.texts import _
from explorer.transformer.classification import classifier
from explorer.transformer.configuration import Configuration
from explorer.transformer.parameters import check_parameters, initial_parameters
from explorer.transformer.reader import Batch, LabelReader
from explorer.transformer.tape import Array, Node, Tape
from explorer.transformer.vocabulary import START, Vocabulary


@dataclass(frozen=True, eq=False)
class Classifier(LabelReader):
    """Raises UserError where parameters, configuration, vocabulary and labels do not fit together."""

    def __post_init__(self) -> None:
        configuration = self.configuration
        if (configuration.source_words, configuration.labels) != (len(self.source), len(self.labels)):
            raise UserError(
                _(
                    "The configuration is for {source_size} words and {label_size} labels, but there are {source} and "
                    "{labels}.",
                    source_size=configuration.source_words,
                    label_size=configuration.labels,
                    source=len(self.source),
                    labels=len(self.labels),
                )
            )
        check_parameters(configuration, self.parameters)

    @classmethod
    def fresh(
        cls,
        configuration: Configuration,
        source: Vocabulary,
        labels: Sequence[str],
        seed: int,
        tables: Mapping[str, Array] | None = None,
        dtype: type[np.floating[Any]] = np.float64,
    ) -> Classifier:
        """A classifier with initial weights drawn from `seed`, but for the `tables` that are given by name.

        Vocabulary and labels decide their sizes in its configuration.
        """
        configuration = replace(configuration, source_words=len(source), target_words=0, labels=len(labels))
        return cls(configuration, initial_parameters(configuration, seed, tables, dtype), source, tuple(labels))

    def read(self, words: Sequence[str]) -> Array:
        """Source ids (S,) of a text's words, with `<start>` before them where the first token stands for the text."""
        ids = super().read(words)
        return np.array([START, *ids]) if self.configuration.pooling == "first" else ids

    def logits(self, tape: Tape, batch: Batch) -> Node:
        return classifier(tape, batch.source, self.configuration)
