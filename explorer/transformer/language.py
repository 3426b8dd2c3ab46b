"""A language model: a decoder alone, which says what word follows those before it, and the words that it knows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from explorer.errors import UserError
from explorer.texts import _
from explorer.transformer.configuration import Configuration
from explorer.transformer.model import PAD, language_model
from explorer.transformer.parameters import check_parameters, initial_parameters
from explorer.transformer.reader import Batch, Pair, Reader
from explorer.transformer.tape import Array, Node, Tape
from explorer.transformer.vocabulary import END, START, Vocabulary


@dataclass(frozen=True, eq=False)
class LanguageModel(Reader):
    """What it reads is what it is to say, one word earlier: of a pair it takes the second side alone. Raises UserError
    where parameters, configuration and vocabulary do not fit together.

    A word that it does not know is `<unk>`, read and said as such: a perplexity is that of a text in one vocabulary,
    and smaller the fewer words are told apart.
    """

    side: ClassVar[str] = "target"

    def __post_init__(self) -> None:
        configuration = self.configuration
        if not configuration.is_language_model or configuration.target_words != len(self.source):
            raise UserError(
                _(
                    "The configuration is for {target} words to say and {source} to read beside them, but a language "
                    "model of {words} words says these, and reads nothing beside them.",
                    target=configuration.target_words,
                    source=configuration.source_words,
                    words=len(self.source),
                )
            )
        check_parameters(configuration, self.parameters)

    @classmethod
    def fresh(
        cls,
        configuration: Configuration,
        words: Vocabulary,
        seed: int,
        tables: Mapping[str, Array] | None = None,
        dtype: type[np.floating[Any]] = np.float64,
    ) -> LanguageModel:
        """A language model with initial weights drawn from `seed`, but for the `tables` that are given by name.

        The vocabulary decides its size in the configuration.
        """
        configuration = replace(configuration, source_words=0, target_words=len(words), labels=0)
        return cls(configuration, initial_parameters(configuration, seed, tables, dtype), words)

    def shifted(self, words: Sequence[str]) -> tuple[Array, Array]:
        """What it is shown, `<start>` first, and what it should say, `<end>` last: ids (T,) each."""
        ids = self.source.ids(words)
        return np.array([START, *ids]), np.array([*ids, END])

    def ids(self, pair: Pair) -> Batch:
        return Batch(np.empty(0, dtype=np.int64), *self.shifted(pair[1]))

    def logits(self, tape: Tape, batch: Batch) -> Node:
        return language_model(tape, batch.target, self.configuration)

    def counted(self, batch: Batch) -> Array:
        """All but the padding: each word, and that the text ends."""
        counted: Array = batch.expected != PAD
        return counted
