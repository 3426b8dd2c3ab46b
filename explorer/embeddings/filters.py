"""Which words may be neighbours: filters that apply before the nearest are taken."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from explorer.embeddings.bounds import LONGEST_LIST, LONGEST_WORD, UNIVERSAL_TAGS
from explorer.embeddings.embedding import Array, Embedding
from explorer.embeddings.frequency import within
from explorer.embeddings.lookup import known
from explorer.embeddings.patterns import matching
from explorer.embeddings.tags import tags_in
from explorer.errors import UserError, named
from explorer.texts import _, _n

_QUOTED = re.compile(r'(?<![^\s,;])"(?:[^"]|"")++"(?![^\s,;])')
_SIGNS, _SIGNS_AND_SPACES = re.compile(r'[,;"\n\r]'), re.compile(r'[,;"\s]')
_PARTED = re.compile(r"[,;\n\r]")
_ENTRIES = re.compile(r'[^\S\n\r]*"((?:[^"]|"")++)"(?=\s*(?:[,;\n\r]|$))|([^,;\n\r]+)')
_LISTED = re.compile(r'(?<![^\s,;])"((?:[^"]|"")++)"(?![^\s,;])|([^\s,;]+)')


@dataclass(frozen=True)
class Filters:
    """What a neighbour must be; whatever is left out lets every word pass."""

    pos: str | Sequence[str] | None = None  # a universal tag as which it passes, or several, see Embedding.tags
    minimum_count: int = 0
    maximum_count: int | None = None
    band: str | None = None  # its frequency tier, see frequency.py
    among: Sequence[str] | None = None  # a list of words
    where: Sequence[str] | None = None  # conditions for further columns, see columns.py
    pattern: str | None = None  # a regular expression that is found in it, see patterns.py

    @property
    def written(self) -> tuple[str, ...]:
        """Each of them in a few words."""
        return tuple(self._written())

    def _written(self) -> Iterator[str]:
        if asked := tags_in(self.pos):
            yield ", ".join(asked)
        if self.band:
            yield _("{tier} frequency", tier=self.band)
        if least := self.minimum_count:
            yield _n("{count:,} occurrence or more", "{count:,} occurrences or more", least)
        if (most := self.maximum_count) is not None:
            yield _n("{count:,} occurrence at most", "{count:,} occurrences at most", most)
        if self.among is not None:
            yield _n("on a list of {count:,} word", "on a list of {count:,} words", len(self.among))
        yield from self.where or ()
        if self.pattern:
            yield _("matching “{pattern}”", pattern=self.pattern)


def candidates(embedding: Embedding, filters: Filters) -> Array | None:
    """A boolean mask (V,) of the words that pass, None where all do.

    Raises UserError for filters that make no sense.
    """
    if filters == Filters():
        return None
    allowed = within(embedding, filters.band, filters.minimum_count, filters.maximum_count)
    if asked := tags_in(filters.pos):
        try:
            allowed &= embedding.passing(asked)
        except KeyError as error:
            tags = ", ".join(UNIVERSAL_TAGS)
            raise UserError(
                _("“{pos}” is not a part of speech. Take one of {tags}.", pos=error.args[0], tags=tags)
            ) from None
    if filters.among is not None:
        listed = np.zeros(embedding.size, dtype=bool)
        listed[list(on_list(embedding, filters.among)[0])] = True
        allowed &= listed
    if filters.where:
        if embedding.columns is None:
            raise UserError(_("{name} has no further columns: leave the conditions for them out.", name=embedding.name))
        allowed &= embedding.columns.matching(filters.where)
    if filters.pattern:
        allowed &= matching(embedding, filters.pattern)
    return allowed


def words_in(text: str) -> list[str]:
    """The words of a list as a reader writes it: with commas, semicolons or line ends between them, so that an entry
    may be a phrase (cat, new york); or with spaces, where it has none of these.

    A word that has such signs in it stands in quotes, as in a formula: "new york"; a quote inside them is doubled.
    """
    words = _LISTED if _PARTED.search(_QUOTED.sub("", text)) is None else _ENTRIES
    entries = ((quoted.replace('""', '"'), " ".join(bare.split())) for quoted, bare in words.findall(text))
    return [quoted or bare for quoted, bare in entries if quoted or bare]


def as_list(words: Sequence[str]) -> str:
    """Words as a reader writes them, for `words_in`: with spaces between them, or commas where one is a phrase."""
    has_phrase = len(words) > 1 and any(" " in word for word in words)
    signs = _SIGNS if has_phrase else _SIGNS_AND_SPACES
    quoted = ['"' + word.replace('"', '""') + '"' if signs.search(word) else word for word in words]
    return (", " if has_phrase else " ").join(quoted)


def on_list(embedding: Embedding, words: Sequence[str]) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """The rows of the words of a list, in its order, and those of its words that the vocabulary lacks. A phrase that is
    no word of the model stands for its parts.

    Raises UserError for a list without words, or with more than LONGEST_LIST.
    """
    entries = [word for word in words if word in embedding or word.strip()]
    if not entries:
        raise UserError(_("The list has no words: write some, with spaces, commas or line ends between them."))
    if len(entries) > LONGEST_LIST:
        raise UserError(
            _(
                "The list has {words:,} words, but may have {longest_list:,}.",
                words=len(entries),
                longest_list=LONGEST_LIST,
            )
        )
    labels: dict[str, str | None] = {}
    for entry in entries:
        label = entry if entry in embedding else _variant(embedding, entry)
        parts = [entry] if label is not None else entry.split()
        labels |= {entry: label} if parts == [entry] else {part: _variant(embedding, part) for part in parts}
    rows = tuple(embedding.rows[word] for word in labels.values() if word is not None)
    return rows, tuple(word for word, label in labels.items() if label is None)


def not_in_vocabulary(words: Sequence[str]) -> str:
    """The sentence that names the words of a list that the model does not have."""
    return _n(
        "{count} word of your list is not in the vocabulary: {named}.",
        "{count:,} words of your list are not in the vocabulary: {named}.",
        len(words),
        named=named(words),
    )


def _variant(embedding: Embedding, word: str) -> str | None:
    return known(embedding, word) if len(word) <= LONGEST_WORD else None
