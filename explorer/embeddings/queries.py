"""From what a reader typed to the vector that is searched with, and how it was found."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Literal

import numpy as np
from rapidfuzz.distance import OSA

from explorer.answers import Answer, Table
from explorer.arrays import unit
from explorer.embeddings.embedding import Array, Embedding
from explorer.embeddings.formula import Formula, Term, parse
from explorer.embeddings.keys import other_senses, remark
from explorer.embeddings.lookup import WordNotFound, known, parts_of, spelled
from explorer.errors import UserError, named
from explorer.texts import _

Found = Literal["word", "variant", "formula", "mean", "subwords"]

_SIGNS = re.compile(r"[-+−–*×]")
_ALONE = frozenset("-−–*×")  # which between spaces are no words, where the vocabulary has none such
_OF_FORMULA = re.compile(r"|[0-9.]+|.*[()].*")  # what beside such a sign is meant as a formula: also nothing at all
_CANCELLED = 1e-6  # of the weights: a sum so short is nothing but rounding

_MOSTLY = 0.8  # the share of spelling variants from which neighbours are said to be little else


@dataclass(frozen=True, eq=False)
class Query:
    """A vector (d,) float32 to search with, and what it stands for.

    It was found as a `word` of the vocabulary, a `variant` of one, a `formula` of words' unit vectors, their `mean`, or
    from `subwords`. `label` names it, `words` are those it was made of, and their `rows` are left out of the answer.
    """

    text: str
    label: str
    kind: Found
    vector: Array
    words: tuple[str, ...] = ()
    rows: tuple[int, ...] = ()
    suggestions: tuple[str, ...] = ()  # what else may have been meant, to ask for instead
    senses: tuple[str, ...] = ()  # other words of the vocabulary that stand for what was asked
    remark: str = ""  # a sentence about how the vocabulary writes it

    @property
    def problem(self) -> str:
        """A sentence where nothing can be near to it or far from it, else empty."""
        return (
            ""
            if self.vector.any()
            else _("The vector of “{label}” is all zeros: nothing is near to it.", label=self.label)
        )

    @property
    def note(self) -> str:
        """How it was found, as a sentence; empty for a word that was found as it was typed."""
        match self.kind:
            case "word":
                return ""
            case "variant":
                note = _(
                    "“{asked}” is not in the vocabulary; these are the neighbours of “{label}”.",
                    asked=self.text,
                    label=self.label,
                )
                also = _("It also stands for {senses}.", senses=named(self.senses)) if self.senses else ""
                mean = ""
                if self.suggestions:
                    mean = _("The mean of its words is another question: “{mean}”.", mean=self.suggestions[0])
                unseen = _unseen(self.text)
                return " ".join(filter(None, (note, unseen, self.remark, also, mean)))
            case "formula":
                return ""
            case "mean":
                *others, last = (f"“{word}”" for word in self.words)
                words = f"{', '.join(others)} and {last}" if others else last
                return _(
                    "“{asked}” is not one word in this model. Its vector is the mean of {words}, each scaled to "
                    "length 1.",
                    asked=self.text,
                    words=words,
                )
            case "subwords":
                return _(
                    "“{asked}” is not in the vocabulary: its vector is inferred from its subwords.", asked=self.text
                )


def _unseen(text: str) -> str:
    """The sentence that names characters which look like a space, or like nothing; empty where there are none."""
    names = dict.fromkeys(
        unicodedata.name(each, f"U+{ord(each):04X}").lower()
        for each in text.strip()
        if each != " " and unicodedata.category(each) in ("Zs", "Cf")
    )
    return _("What was asked has a character that cannot be seen: {names}.", names=" and ".join(names)) if names else ""


@dataclass(frozen=True, eq=False)
class Vector(Answer):
    """What a query was found as, and its vector (d,) float32."""

    model: str
    query: Query

    @property
    def headline(self) -> str:
        return f"{self.query.label} · {self.model}"

    @property
    def sentences(self) -> tuple[str, ...]:
        return (self.query.note,) if self.query.note else ()

    def as_json(self) -> dict[str, Any]:
        query = self.query
        return {
            "model": self.model,
            "word": query.label,
            "found": query.kind,
            "note": query.note,
            "words": list(query.words),
            "length": float(np.linalg.norm(query.vector.astype(np.float64))),
            "vector": query.vector.tolist(),
        }

    def table(self) -> Table:
        """One row a dimension."""
        return Table(("dimension", "value"), tuple(enumerate(self.query.vector.tolist())))


def vector(embedding: Embedding, text: str, pos: str | Sequence[str] | None = None) -> Vector:
    """The vector of what `text` stands for. Raises as `resolve` does."""
    return Vector(embedding.name, resolve(embedding, text, pos))


def resolve(embedding: Embedding, text: str, pos: str | Sequence[str] | None = None) -> Query:
    """The query that `text` stands for.

    It is a word or a variant of it (see `lookup.known`; `pos` chooses among its tags), or a formula such as
    king - man + woman, or the mean of a phrase's words (with “+” between them always the mean, or the sum where they
    are quoted), or, in a model with subwords, what they suggest for a word that it does not know.

    Raises UserError for nothing or for something too long, WordNotFound with suggestions for what cannot be found.
    """
    formula = None if text in embedding else _formula(text)
    if formula and any(term.weight != 1 for term in formula.terms):
        return _weighted(embedding, formula, pos)
    label = known(embedding, text, pos)
    if label is not None and label in (text, text.strip()):
        return Query(label, label, "word", embedding.vector(label), (label,), (embedding.rows[label],))
    word = spelled(text)
    parts = [part for part in parts_of(word) if part != "+"]
    if label is not None:
        mean = (" + ".join(parts),) if len(word.split()) > 1 else ()
        return Query(
            text=text.strip(),
            label=label,
            kind="variant",
            vector=embedding.vector(label),
            words=(label,),
            rows=(embedding.rows[label],),
            suggestions=mean,
            senses=other_senses(embedding, word, label),
            remark=remark(embedding, word, label),
        )
    if formula and [term.word for term in formula.terms] != parts:
        return _weighted(embedding, formula, pos)
    if len(parts) > 1:
        signs = {part for part in parts if part in _ALONE and part not in embedding}
        if any(
            sign in signs and (_OF_FORMULA.fullmatch(before) or _OF_FORMULA.fullmatch(after))
            for before, sign, after in zip(["", *parts], parts, [*parts[1:], ""], strict=False)
        ):
            parse(text)  # which says why it is no formula
        return _mean(embedding, word, [part for part in parts if part not in signs], pos)
    if embedding.subwords is None:
        raise WordNotFound(word, embedding, difference=_difference(embedding, word))
    return Query(word, word, "subwords", embedding.subwords.vector(word), (word,))


def _formula(text: str) -> Formula | None:
    """The formula that was typed, None for what is none."""
    if not _SIGNS.search(text):
        return None
    try:
        return parse(text)
    except UserError:
        return None


def _difference(embedding: Embedding, word: str) -> str:
    """What may have been meant by words with hyphens between them, such as king-man; empty for other words."""
    parts = word.split("-")
    return " - ".join(parts) if len(parts) > 1 and all(part and known(embedding, part) for part in parts) else ""


def _weighted(embedding: Embedding, formula: Formula, pos: str | Sequence[str] | None) -> Query:
    """The weighted sum of the words' unit vectors (3CosAdd, Mikolov, Yih & Zweig 2013)."""
    queries = [resolve(embedding, term.word, pos) for term in formula.terms]
    weights = np.array([term.weight for term in formula.terms])
    vector = weights @ unit_vectors(queries)  # (d,)
    if np.linalg.norm(vector) <= _CANCELLED * np.abs(weights).sum():
        raise UserError(_("The words of the formula cancel each other out, so nothing is near to it: change a weight."))
    terms = (Term(term.weight, query.label) for term, query in zip(formula.terms, queries, strict=True))
    return Query(
        text=str(formula),
        label=str(Formula(tuple(terms))),
        kind="formula",
        vector=vector.astype(np.float32),
        words=tuple(query.label for query in queries),
        rows=tuple(row for query in queries for row in query.rows),
    )


def unit_vectors(queries: Iterable[Query]) -> Array:
    """Their vectors (n, d) float64, each at length 1. Raises UserError for one that is all zeros."""
    queries = tuple(queries)
    for query in queries:
        if query.problem:
            raise UserError(_("{problem} Leave it out.", problem=query.problem))
    return unit(np.array([query.vector for query in queries], dtype=np.float64))


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


def _mean(embedding: Embedding, phrase: str, parts: Sequence[str], pos: str | Sequence[str] | None) -> Query:
    """The mean of the parts' unit vectors, as gensim's `most_similar` takes it for several words."""
    queries = []
    for part in parts:
        try:
            queries.append(resolve(embedding, part, pos))
        except WordNotFound as error:
            raise WordNotFound(error.word, embedding, phrase, error.difference) from error
    units = unit(np.stack([query.vector for query in queries]))  # (T, d)
    return Query(
        text=phrase,
        label=phrase,
        kind="mean",
        vector=units.mean(axis=0),
        words=tuple(query.label for query in queries),
        rows=tuple(row for query in queries for row in query.rows),
    )
