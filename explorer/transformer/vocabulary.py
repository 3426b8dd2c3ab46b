"""A vocabulary: words to ids and back, after four marks that are no words."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain

import numpy as np

from explorer.errors import UserError
from explorer.texts import _
from explorer.transformer.model import PAD
from explorer.transformer.tape import Array

MARKS = ("<pad>", "<start>", "<end>", "<unk>")
START, END, UNKNOWN = 1, 2, 3


class Vocabulary:
    """`words[i]` has the id i; the first four are the marks, `<pad>` being 0."""

    def __init__(self, words: Sequence[str]):
        """All words, the marks included. Raises UserError where the marks are missing or a word comes twice."""
        if not all(isinstance(word, str) for word in words):
            raise UserError(_("A vocabulary is a list of words, but this one holds something else."))
        if tuple(words[: len(MARKS)]) != MARKS:
            raise UserError(
                _(
                    "A vocabulary starts with {marks}, but this one with {words}.",
                    marks=", ".join(MARKS),
                    words=list(words[:4]),
                )
            )
        self.words = tuple(words)
        self._ids = {word: number for number, word in enumerate(self.words)}
        if len(self._ids) != len(self.words):
            twice = next(word for word, times in Counter(words).items() if times > 1)
            raise UserError(_("“{word}” is in the vocabulary twice.", word=twice))

    @classmethod
    def of(cls, sentences: Iterable[Sequence[str]]) -> Vocabulary:
        """Every word of the sentences, the most frequent first, equally frequent ones by the alphabet."""
        return cls.counted(Counter(chain.from_iterable(sentences)))

    @classmethod
    def counted(cls, counts: Mapping[str, int]) -> Vocabulary:
        """The words of `counts` in the same order, by how often each occurs."""
        words = counts.keys() - set(MARKS)
        return cls([*MARKS, *sorted(words, key=lambda word: (-counts[word], word))])

    def __len__(self) -> int:
        return len(self.words)

    def __contains__(self, word: str) -> bool:
        return word in self._ids

    def ids(self, words: Iterable[str]) -> list[int]:
        """The id of each word, that of `<unk>` for one that is not there."""
        return [self._ids.get(word, UNKNOWN) for word in words]

    def sentence(self, ids: Iterable[int]) -> list[str]:
        """The words up to the first `<end>`, without the marks."""
        words = []
        for number in ids:
            if number == END:
                break
            if number not in (PAD, START):
                words.append(self.words[number])
        return words


def pad(sentences: Sequence[Sequence[int] | Array]) -> Array:
    """Ids (B, T) with PAD behind the shorter sentences; T is the longest one's length."""
    ids = np.full((len(sentences), max(map(len, sentences))), PAD)
    for row, sentence in zip(ids, sentences, strict=True):
        row[: len(sentence)] = sentence
    return ids
