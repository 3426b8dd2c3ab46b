"""From what a reader typed to the vector that is searched with, and how it was found."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Literal

import numpy as np
from rapidfuzz.distance import OSA

from explorer.embeddings.embedding import Array, Embedding
from explorer.embeddings.vocabulary import WordNotFound, closest_spellings, known, parts_of, spelled

Found = Literal["word", "variant", "mean", "subwords"]

_MOSTLY = 0.8  # the share of spelling variants from which neighbours are said to be little else


@dataclass(frozen=True, eq=False)
class Query:
    """A vector (d,) float32 to search with, and what it stands for.

    It was found as a `word` of the vocabulary, a `variant` of one, the `mean` of several words' unit vectors, or from
    `subwords`. `label` names it, `words` are those it was made of, and their `rows` are left out of the answer.
    """

    asked: str
    label: str
    found: Found
    vector: Array
    words: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()
    suggestions: tuple[str, ...] = ()  # what else may have been meant, to ask for instead

    @property
    def problem(self) -> str:
        """A sentence where nothing can be near to it or far from it, else empty."""
        return "" if self.vector.any() else f"The vector of “{self.label}” is all zeros: nothing is near to it."

    @property
    def note(self) -> str:
        """How it was found, as a sentence; empty for a word that was found as it was typed."""
        match self.found:
            case "word":
                return ""
            case "variant":
                mean = (
                    f" The mean of its words is another question: “{self.suggestions[0]}”." if self.suggestions else ""
                )
                return f"“{self.asked}” is not in the vocabulary; these are the neighbours of “{self.label}”.{mean}"
            case "mean":
                words = " and ".join(f"“{word}”" for word in self.words)
                return f"“{self.asked}” is not one word here: its vector is the mean of {words}, each at length 1."
            case "subwords":
                return f"“{self.asked}” is not in the vocabulary: its vector is inferred from its subwords."


def resolve(embedding: Embedding, asked: str, pos: str | None = None) -> Query:
    """The query that `asked` stands for.

    It is a word or a variant of it (see `vocabulary.known`; `pos` chooses among its tags), or the mean of a phrase's
    words (with “+” between them always the mean), or, in a model with subwords, what they suggest for a word that it
    does not know.

    Raises UserError for nothing or for something too long, WordNotFound with suggestions for what cannot be found.
    """
    label = known(embedding, asked, pos)
    if label is not None and label in (asked, asked.strip()):
        return Query(label, label, "word", embedding.vector(label), (label,), (embedding.rows[label],))
    word = spelled(asked)
    parts = [part for part in parts_of(word) if part != "+"]
    if label is not None:
        mean = (" + ".join(parts),) if len(word.split()) > 1 else ()
        return Query(asked.strip(), label, "variant", embedding.vector(label), (label,), (embedding.rows[label],), mean)
    if len(parts) > 1:
        return _mean(embedding, word, parts, pos)
    if embedding.subwords is None:
        raise WordNotFound(word, embedding, closest_spellings(embedding, word))
    return Query(word, word, "subwords", embedding.subwords.vector(word), (word,))


def are_spelling_variants(query: str, neighbours: Sequence[str]) -> bool:
    """Whether words are little else than other spellings of a query, as the neighbours of guessed vectors often are.

    They are if at least four in five have an edit distance within a third of the query's length, or share a stretch of
    at least half of it, which is what their n-grams then share.
    """
    if not neighbours:
        return False
    query, furthest, stretch = query.lower(), max(1, len(query) // 3), len(query) / 2
    alike = [
        OSA.distance(query, word.lower(), score_cutoff=furthest) <= furthest
        or SequenceMatcher(None, query, word.lower(), autojunk=False).find_longest_match().size >= stretch
        for word in neighbours
    ]
    return sum(alike) >= _MOSTLY * len(alike)


def _mean(embedding: Embedding, phrase: str, parts: Sequence[str], pos: str | None) -> Query:
    """The mean of the parts' unit vectors, as gensim's `most_similar` takes it for several words."""
    queries = []
    for part in parts:
        try:
            queries.append(resolve(embedding, part, pos))
        except WordNotFound as error:
            meant = [re.sub(re.escape(part), lambda _, s=s: s, phrase, count=1) for s in error.suggestions]  # type: ignore[misc]
            raise WordNotFound(error.asked, embedding, meant) from error
    vectors = np.stack([query.vector for query in queries])  # (T, d)
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    units = np.divide(vectors, lengths, out=np.zeros_like(vectors), where=lengths > 0)
    return Query(
        asked=phrase,
        label=phrase,
        found="mean",
        vector=units.mean(axis=0),
        words=tuple(query.label for query in queries),
        rows=tuple(row for query in queries for row in query.rows),
    )
