"""Sentence pairs in batches: sentences of like length together, the order drawn from a seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import NamedTuple

import numpy as np

from explorer.errors import UserError
from explorer.texts import _
from explorer.transformer.tape import Array
from explorer.transformer.translator import Translator
from explorer.transformer.vocabulary import pad

Pair = tuple[Sequence[str], Sequence[str]]  # the words of a sentence and of its translation


class Batch(NamedTuple):
    """Ids: source (B, S), target as the decoder is shown it (B, T), expected as it should answer (B, T)."""

    source: Array
    target: Array
    expected: Array


class Batches:
    """A list of pairs as ids, cut into batches of at most `size` pairs."""

    def __init__(self, translator: Translator, pairs: Sequence[Pair], size: int):
        """Raises UserError for no pairs, or for a sentence longer than the model reads."""
        if not pairs:
            raise UserError(_("There are no sentence pairs to train or to measure on."))
        if size < 1:
            raise UserError(_("The batch size is {size}, but must be at least 1.", size=size))
        self._size = size
        self._source = [translator.read(source) for source, _ in pairs]
        self._target = [translator.shifted(target) for _, target in pairs]
        longest = translator.configuration.longest
        for (source, target), ids, (inputs, _answers) in zip(pairs, self._source, self._target, strict=True):
            if max(len(ids), len(inputs)) > longest:
                sentence = " ".join(source if len(ids) > longest else target)
                raise UserError(
                    _(
                        "“{sentence}…” has {ids} tokens with its special tokens, "
                        "but this model reads at most {longest}.",
                        sentence=sentence[:60],
                        ids=max(len(ids), len(inputs)),
                        longest=longest,
                    )
                )

    def __len__(self) -> int:
        return -(-len(self._source) // self._size)

    def in_order(self) -> Iterator[Batch]:
        """Every pair once, the shortest first."""
        for chosen in self._cut(self._by_length(np.arange(len(self._source)))):
            yield self._batch(chosen)

    def shuffled(self, seed: int, epoch: int) -> list[Batch]:
        """Every pair once, in an order that `seed` and `epoch` decide; pairs of like length share a batch."""
        random = np.random.default_rng([seed, epoch])
        batches = self._cut(self._by_length(random.permutation(len(self._source))))
        return [self._batch(batches[number]) for number in random.permutation(len(batches))]

    def _by_length(self, order: Array) -> Array:
        lengths = np.array([(len(self._target[i][0]), len(self._source[i])) for i in order])
        return order[np.lexsort((lengths[:, 1], lengths[:, 0]))]

    def _cut(self, order: Array) -> list[Array]:
        return [order[start : start + self._size] for start in range(0, len(order), self._size)]

    def _batch(self, chosen: Array) -> Batch:
        return Batch(
            pad([self._source[i] for i in chosen]),
            pad([self._target[i][0] for i in chosen]),
            pad([self._target[i][1] for i in chosen]),
        )
