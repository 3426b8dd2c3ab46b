"""The universal part-of-speech tags (universaldependencies.org), and how a store keeps them: one byte a word."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from explorer.embeddings.bounds import UNIVERSAL_TAGS
from explorer.embeddings.keys import most_are, tag_of

UNKNOWN = ""
_CODES = {tag: code for code, tag in enumerate((UNKNOWN, *UNIVERSAL_TAGS))}
_TAGS = (UNKNOWN, *UNIVERSAL_TAGS)
TAGS = len(_TAGS)  # the codes are below it


def encode_tags(tags: Sequence[str]) -> NDArray[np.uint8]:
    """One byte a tag; 0 is a word whose part of speech is not known."""
    return np.array([_CODES[tag] for tag in tags], dtype=np.uint8)


def decode_tag(code: int) -> str:
    return _TAGS[code]


def code_of(tag: str) -> int:
    """Raises KeyError for what is not a universal tag."""
    return _CODES[tag]


def carried_tags(words: Sequence[str]) -> list[str] | None:
    """The universal tag that each word carries (`airplane_NOUN`, `duck|VERB`, `кот_S`), "" where it has none; None
    where most words have none."""
    pattern = most_are(words)
    tags = [tag_of(word, pattern) for word in words]
    return tags if 2 * sum(map(bool, tags)) > len(words) else None
