"""Finding a word: as it is written, in another case, or by the closest spellings."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence

from rapidfuzz import process
from rapidfuzz.distance import OSA

from explorer.embeddings.embedding import Array, Embedding
from explorer.errors import UserError

LONGEST_WORD = 100
SUGGESTIONS = 5


class WordNotFound(UserError):
    """A word that the vocabulary does not hold; `suggestions` are the closest spellings that it does hold."""

    def __init__(self, asked: str, embedding: Embedding, suggestions: list[str]):
        self.asked = asked
        self.suggestions = suggestions
        hint = f" Did you mean {', '.join(suggestions)}?" if suggestions else " Nothing is spelled much like it."
        super().__init__(f"“{asked}” is not among the {embedding.size:,} words of {embedding.name}.{hint}")


def find(embedding: Embedding, asked: str) -> str:
    """The word of the vocabulary that `asked` stands for: itself, or the same in another case.

    Raises UserError for nothing or for something too long to be a word, WordNotFound with suggestions otherwise.
    """
    word = unicodedata.normalize("NFC", asked.strip()).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    if not word:
        raise UserError("There is no word to look up: type one, such as airplane.")
    if len(word) > LONGEST_WORD:
        raise UserError(
            f"“{word[:20]}…” has {len(word):,} characters, but a word has at most {LONGEST_WORD}. Type one word."
        )
    for variant in _case_variants(word):
        if variant in embedding:
            return variant
    raise WordNotFound(word, embedding, closest_spellings(embedding, word))


def look_up(embedding: Embedding, asked: Sequence[str]) -> tuple[tuple[str, ...], Array]:
    """The words of the vocabulary that `asked` stand for, and their vectors (T, d) float32. Raises as `find` does."""
    words = tuple(find(embedding, word) for word in asked)
    return words, embedding.vectors[[embedding.rows[word] for word in words]]


def closest_spellings(embedding: Embedding, word: str, limit: int = SUGGESTIONS) -> list[str]:
    """Up to `limit` words within an edit distance of a third of the word's length, closest, then most frequent, first.

    The distance is the optimal string alignment of rapidfuzz: insertions, deletions, substitutions and swaps of
    neighbouring letters cost 1 each.
    """
    furthest = max(1, len(word) // 3)
    found = process.extract(word.lower(), embedding.words, scorer=OSA.distance, score_cutoff=furthest, limit=None)
    return [match for match, _, _ in sorted(found, key=lambda item: (item[1], item[2]))[:limit]]


def _case_variants(word: str) -> Iterator[str]:
    yield word
    yield word.lower()
    yield word.capitalize()
    yield word.upper()
    yield word.title()
