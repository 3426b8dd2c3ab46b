"""The universal part-of-speech tags (universaldependencies.org), and how a store keeps them: a byte for the main tag of
a word, and one for the share of each tag."""

from collections.abc import Mapping, Sequence

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


def encode_shares(shares: Sequence[Mapping[str, float]]) -> NDArray[np.uint8]:
    """How often each word (V) has each tag, in percent: (V, 17)."""
    percents = np.zeros((len(shares), len(UNIVERSAL_TAGS)), dtype=np.uint8)
    for row, of_word in enumerate(shares):
        for tag, share in of_word.items():
            percents[row, _CODES[tag] - 1] = round(100 * share)
    return percents


def tags_in(pos: str | Sequence[str] | None) -> tuple[str, ...]:
    """The tags of a text with commas between them, or of a list, in capitals; none for what is left open."""
    tags = pos.split(",") if isinstance(pos, str) else pos or ()
    return tuple(tag.strip().upper() for tag in tags if tag.strip())


def written(shares: Mapping[str, float]) -> str:
    """Tags as people read them: NOUN, or NOUN 57% · VERB 37%."""
    return " · ".join(f"{tag} {share:.0%}" if len(shares) > 1 else tag for tag, share in shares.items())


def carried_tags(words: Sequence[str]) -> list[str] | None:
    """The universal tag that each word carries (`airplane_NOUN`, `duck|VERB`, `кот_S`), "" where it has none; None
    where most words have none."""
    pattern = most_are(words)
    tags = [tag_of(word, pattern) for word in words]
    return tags if 2 * sum(map(bool, tags)) > len(words) else None
