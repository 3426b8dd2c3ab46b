"""Words by how they are spelled, over the whole vocabulary at once: by their beginning, by a regular expression.

The engine is RE2, in Arrow: its time grows with the length of the words, whatever the pattern; a million words take
some 50 ms. It also grows with the pattern, and a short one can stand for a large one, so there is a time limit too.
"""

from __future__ import annotations

import re
import time
from dataclasses import asdict, dataclass, replace
from typing import Any
from weakref import WeakKeyDictionary

import numpy as np

from explorer.answers import Answer, Table
from explorer.embeddings.bounds import LONGEST_PATTERN, MOST_MATCHES, SUGGESTED
from explorer.embeddings.embedding import Array, Embedding
from explorer.embeddings.lookup import closest_spellings
from explorer.errors import UserError
from explorer.texts import _, _n

LONGEST_SEARCH = 5.0  # seconds
_FEW = 2  # suggestions that leave room for words that are spelled alike
_QUICKLY_COMPARED = 500_000  # words of a model whose spellings are compared while somebody types
_AT_ONCE = 8_192  # words between two looks at the clock


@dataclass(frozen=True)
class Match:
    """A word of the vocabulary, its main universal tag, and how often it occurs where the model knows."""

    word: str
    pos: str
    count: int | None


@dataclass(frozen=True)
class Matches(Answer):
    """The first of the `total` words that a pattern is found in."""

    model: str
    total: int
    words: tuple[Match, ...]

    @property
    def sentences(self) -> tuple[str]:
        if len(self.words) == self.total:
            return (_n("{count:,} word in all.", "{count:,} words in all.", self.total),)
        return (
            _n(
                "{total:,} words in all; this is the first.",
                "{total:,} words in all; these are the first {count:,}.",
                len(self.words),
                total=self.total,
            ),
        )

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    def table(self) -> Table:
        """One row a word."""
        return Table(("word", "pos", "count"), tuple((match.word, match.pos, match.count) for match in self.words))


def matching(embedding: Embedding, pattern: str) -> Array:
    """A boolean mask (V,) of the words in which the regular expression is found (RE2's syntax; ^ and $ are their ends).

    Raises UserError for a pattern that is none, that is too large, or that takes too long.
    """
    import pyarrow  # takes 0.2 s to import, and only patterns need it
    import pyarrow.compute

    if len(pattern) > LONGEST_PATTERN:
        raise UserError(
            _(
                "The regular expression has {pattern:,} characters, but may have {longest_pattern}.",
                pattern=len(pattern),
                longest_pattern=LONGEST_PATTERN,
            )
        )
    column, end = _column(embedding), time.monotonic() + LONGEST_SEARCH
    masks = []
    try:
        for start in range(0, len(column), _AT_ONCE):
            mask = pyarrow.compute.match_substring_regex(column.slice(start, _AT_ONCE), pattern)
            masks.append(mask.to_numpy(zero_copy_only=False))
            if time.monotonic() > end:
                raise UserError(
                    _(
                        "The regular expression “{pattern}” takes more than {longest_search:.0f} s: repeat less in it.",
                        pattern=pattern,
                        longest_search=LONGEST_SEARCH,
                    )
                )
    except (pyarrow.ArrowInvalid, UnicodeEncodeError) as error:
        reason = str(error).removeprefix("Invalid regular expression: ")
        raise UserError(
            _(
                "“{pattern}” is not a regular expression that can be searched for: {reason}.",
                pattern=pattern,
                reason=reason,
            )
        ) from error
    return np.concatenate(masks)


def search(embedding: Embedding, pattern: str, limit: int = 20) -> Matches:
    """The words in which a regular expression is found, the most frequent first. Raises as `matching` does."""
    return _matches(embedding, matching(embedding, pattern), limit)


def beginning_with(embedding: Embedding, prefix: str, limit: int = 20) -> Matches:
    """The words that begin with `prefix`, in any case, the most frequent first.

    A space stands for whatever joins the parts of a phrase: “new y” finds new_york and new-york.
    """
    parts = [re.escape(part) for part in prefix.split()]
    mask = matching(embedding, "(?i)^" + "(?:[ _-]|::)".join(parts)) if parts else np.zeros(embedding.size, dtype=bool)
    return _matches(embedding, mask, limit)


def suggestions(embedding: Embedding, typed: str, limit: int = SUGGESTED) -> Matches:
    """The words to suggest to somebody who has typed this: those that begin so, the most frequent first, and where
    these are few, those that are spelled much like it."""
    matches = beginning_with(embedding, typed, limit)
    if typed in embedding:  # it is no slip of the pen
        words = (_match(embedding, typed), *(match for match in matches.words if match.word != typed))
        return replace(matches, words=words[:limit])
    if matches.total > _FEW or not typed.strip() or embedding.size > _QUICKLY_COMPARED:
        return matches
    begun = {match.word for match in matches.words}
    alike = [_match(embedding, word) for word in closest_spellings(embedding, typed) if word not in begun]
    return replace(matches, total=matches.total + len(alike), words=(*matches.words, *alike)[:limit])


def _match(embedding: Embedding, word: str) -> Match:
    return Match(word, embedding.tag(word), embedding.count(word) if embedding.has_counts else None)


def _matches(embedding: Embedding, mask: Array, limit: int) -> Matches:
    if not 1 <= limit <= MOST_MATCHES:
        raise UserError(
            _("n is {limit:,}, but must be from 1 to {most_matches:,}.", limit=limit, most_matches=MOST_MATCHES)
        )
    rows = np.flatnonzero(mask)
    words = tuple(_match(embedding, embedding.words[row]) for row in rows[:limit])
    return Matches(embedding.name, len(rows), words)


def _column(embedding: Embedding) -> Any:
    if embedding not in _columns:
        import pyarrow

        _columns[embedding] = pyarrow.array(embedding.words, pyarrow.large_string())
    return _columns[embedding]


_columns: WeakKeyDictionary[Embedding, Any] = WeakKeyDictionary()
