"""What the words around a word say of its tag, where NLTK's tagger often decides for a verb, a noun or a name.

The rules are those of the Penn Treebank's guidelines (Santorini 1990), for what they leave open the commoner case. A
dictionary must list the other tag, but for compounds with hyphens, which no dictionary has.
"""

from __future__ import annotations

from collections.abc import Sequence

from explorer.embeddings.training.dictionary import Dictionary
from explorer.embeddings.training.tagging import Tagger

_NOUNS = frozenset({"NN", "NNS"})
_BEFORE_NOUNS = frozenset({"DT", "PDT", "PRP$", "POS", "JJ", "JJR", "JJS", "CD"})
_OBJECTS = frozenset({"DT", "PRP", "PRP$", "NNP", "NNPS", "CD"})  # what begins the object of a verb


def by_context(tagger: Tagger, dictionary: Dictionary) -> Tagger:
    """The tagger, mended by the words around each word."""

    def tag(sentences: Sequence[list[str]]) -> list[list[str]]:
        return [
            [_mended(tokens, tags, place, dictionary) for place in range(len(tokens))]
            for tokens, tags in zip(sentences, tagger(sentences), strict=True)
        ]

    return tag


def _mended(tokens: Sequence[str], tags: Sequence[str], place: int, dictionary: Dictionary) -> str:
    """The tag of the word at a place of a sentence."""
    token, tag = tokens[place], tags[place]
    after = tags[place + 1] if place + 1 < len(tags) else ""
    if tag in ("VBG", "VBN"):
        before = tags[place - 1] if place else ""
        if before not in _BEFORE_NOUNS:
            return tag
        allowed = dictionary.allowed(token.lower())
        if after in _NOUNS and "ADJ" in allowed:  # the surrounding area, a flawed design
            return "JJ"
        if tag == "VBG" and "NOUN" in allowed and after not in _OBJECTS | _NOUNS:  # the sampling of
            return "NN"
    elif tag == "NNP" and after in _NOUNS and tokens[place + 1].islower():
        if dictionary.is_capital_adjective(token.lower()):  # Chechen rebels
            return "JJ"
    elif tag == "NN" and after in _NOUNS and "-" in token and token.islower() and not dictionary.allowed(token):
        return "JJ"  # a cross-border raid
    return tag
