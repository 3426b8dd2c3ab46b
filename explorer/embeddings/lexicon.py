"""The part-of-speech lexicon: which universal tags a word has in running text, and with what shares."""

import gzip
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

_COMMON = 10  # occurrences
_NAMES = {"", "PROPN", "X"}


@dataclass(frozen=True)
class Lexicon:
    """A lexicon as `training.lexicon.write_lexicon` writes it, kept as its lines: a word is parsed when it is asked."""

    entries: Mapping[str, str]  # word → "count<TAB>TAG:share<TAB>…"

    def main_tag(self, word: str) -> str:
        """The tag a reader would expect of the word ("NOUN"), "" for a word that is not there."""
        entry = self.entries.get(word)
        return entry.split("\t", 2)[1].partition(":")[0] if entry else ""

    def shares(self, word: str) -> Mapping[str, float]:
        """A word's tags and how often it carries each (0 to 1, two decimals), the main tag first; empty if unknown."""
        entry = self.entries.get(word)
        return _shares(entry.partition("\t")[2]) if entry else {}

    def covers(self, words: Iterable[str]) -> bool:
        """Whether words are in the language of the lexicon, as far as they show: most of those that are letters alone
        are in it more than a few times, and not as names, which all languages share.

        Some words of other languages are in it as well: English texts quote them, or they are English words too, such
        as die, main and pain.
        """
        letters = [word.lower() for word in words if word.isalpha()]
        return 2 * sum(map(self._is_common, letters)) > len(letters)

    def _is_common(self, word: str) -> bool:
        entry = self.entries.get(word)
        return entry is not None and int(entry.split("\t", 1)[0]) >= _COMMON and self.main_tag(word) not in _NAMES


@lru_cache(maxsize=10_000)  # few differ
def _shares(fields: str) -> Mapping[str, float]:
    return {tag: float(share) for tag, _, share in (field.partition(":") for field in fields.split("\t"))}


def read_lexicon(path: Path) -> Lexicon:
    """Read a lexicon file (.tsv.gz); lines that start with "#" are its header."""
    lines = gzip.decompress(path.read_bytes()).decode().removesuffix("\n").split("\n")
    return Lexicon(dict(line.split("\t", 1) for line in lines if not line.startswith("#")))
