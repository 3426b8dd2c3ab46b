"""Sentences and pairs of them as lists of words, tokenised as the vectors are."""

from __future__ import annotations

import re
from collections.abc import Sequence

from explorer.data.pairs import Pair as Phrase
from explorer.embeddings.training.corpus import straighten, tokenise
from explorer.errors import UserError
from explorer.texts import _
from explorer.transformer.batches import Pair

_IS = re.compile(r"\b(what|where|who|when|how|it|he|she|that|there|here)'s\b")
_LET_US = re.compile(r"\blet's\b")


def words_of(sentence: str) -> list[str]:
    """A sentence's tokens as the vectors have them; an *'s* that stands for *is* or *us* is written out.

    The vectors' tokeniser drops every *'s*, which is right for a possessive and would lose the verb of *what's this*.
    """
    text = straighten(sentence.lower())
    if "'s" in text:  # to look for it alone is quicker
        text = _IS.sub(r"\1 is", _LET_US.sub("let us", text))
    return tokenise(text)


def word_pairs(phrases: Sequence[Phrase], part: str) -> list[Pair]:
    """The pairs of one part as lists of words, tokenised as the vectors are.

    Raises UserError for a pair of which nothing is left then.
    """
    pairs: list[Pair] = []
    for phrase in phrases:
        if phrase.part != part:
            continue
        source, target = words_of(phrase.source), words_of(phrase.target)
        if not (source and target):
            raise UserError(
                _(
                    "The pair “{source}” → “{target}” has a side without words. Leave it out.",
                    source=phrase.source,
                    target=phrase.target,
                )
            )
        pairs.append((source, target))
    return pairs
