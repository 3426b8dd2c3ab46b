"""Sentence pairs in batches: sentences of like length together, the order drawn from a seed."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from explorer.errors import UserError
from explorer.texts import _
from explorer.transformer.model import PAD
from explorer.transformer.reader import Batch, Pair, Reader
from explorer.transformer.tape import Array

__all__ = ["Batch", "Batches", "Pair"]


class Batches:
    """A list of pairs as ids, cut into batches of at most `size` pairs."""

    def __init__(self, model: Reader, pairs: Sequence[Pair], size: int):
        """Raises UserError for no pairs, or for a sentence longer than the model reads."""
        if not pairs:
            raise UserError(_("There are no sentence pairs to train or to measure on."))
        if size < 1:
            raise UserError(_("The batch size is {size}, but must be at least 1.", size=size))
        self._size = size
        all_ids = [model.ids(pair) for pair in pairs]
        longest = model.configuration.longest
        for (source, target), ids in zip(pairs, all_ids, strict=True):
            if max(len(ids.source), len(ids.target)) > longest:
                sentence = " ".join(source if len(ids.source) > longest else target)
                raise UserError(
                    _(
                        "“{sentence}…” has {ids} tokens with its special tokens, "
                        "but this model reads at most {longest}.",
                        sentence=sentence[:60],
                        ids=max(len(ids.source), len(ids.target)),
                        longest=longest,
                    )
                )
        self._count = len(all_ids)
        self._source, self._target, self._expected = (_EndToEnd(ids) for ids in zip(*all_ids, strict=True))

    def __len__(self) -> int:
        return -(-self._count // self._size)

    def in_order(self) -> Iterator[Batch]:
        """Every pair once, the shortest first."""
        for chosen in self._cut(self._by_length(np.arange(self._count))):
            yield self._batch(chosen)

    def shuffled(self, seed: int, epoch: int) -> list[Batch]:
        """Every pair once, in an order that `seed` and `epoch` decide; pairs of like length share a batch."""
        random = np.random.default_rng([seed, epoch])
        batches = self._cut(self._by_length(random.permutation(self._count)))
        return [self._batch(batches[number]) for number in random.permutation(len(batches))]

    def _by_length(self, order: Array) -> Array:
        return order[np.lexsort((self._source.lengths[order], self._target.lengths[order]))]

    def _cut(self, order: Array) -> list[Array]:
        return [order[start : start + self._size] for start in range(0, len(order), self._size)]

    def _batch(self, chosen: Array) -> Batch:
        return Batch(*(ids.padded(chosen) for ids in (self._source, self._target, self._expected)))


class _EndToEnd:
    """Sequences of ids in one array, from which a batch of them is taken at once."""

    def __init__(self, sequences: Sequence[Array]):
        self.lengths = np.array([len(ids) for ids in sequences])
        self._starts = np.cumsum(self.lengths) - self.lengths
        self._ids = np.concatenate([*sequences, [PAD]])

    def padded(self, chosen: Array) -> Array:
        """Ids (B, T) of the `chosen` (B,) with PAD behind the shorter ones; T is the longest one's length."""
        lengths = self.lengths[chosen][:, None]
        steps = np.arange(lengths.max())
        return self._ids[np.where(steps < lengths, self._starts[chosen][:, None] + steps, -1)]
