"""Finding a word: as it is written, in another case, with its tag, joined to one token; or the closest spellings."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator, Sequence
from functools import cached_property

from rapidfuzz import process
from rapidfuzz.distance import OSA, Indel

from explorer.embeddings.bounds import LONGEST_WORD, UNIVERSAL_TAGS
from explorer.embeddings.embedding import Array, Embedding
from explorer.embeddings.keys import senses, spellings, universal, without_accents
from explorer.embeddings.tags import tags_in
from explorer.errors import NotThere, UserError, cut
from explorer.texts import _, _n

SUGGESTIONS = 5
_PUNCTUATION = ".,;:!?\"'“”„«»‚‘()[]…"
_JOINTS = ("_", "-", "::", " ")  # what stands between the words of a phrase that is one token
_NO_RARITY = 0.002  # of the occurrences of its rarest part; new-york is a slip of the pen, take-off is a word


class WordNotFound(NotThere):
    """A word that the vocabulary of `model` lacks. Its `suggestions` are the closest spellings that it has, each within
    the `phrase` of which it is a part; they are looked for when somebody reads them, for that takes milliseconds.
    `problem` is the sentence for where they stand as links. `difference` is the formula that may have been meant."""

    def __init__(self, word: str, embedding: Embedding, phrase: str = "", difference: str = ""):
        super().__init__(word)
        self.word, self.model, self.difference = word, embedding.name, difference
        self._embedding, self._phrase = embedding, phrase or word

    @cached_property
    def suggestions(self) -> list[str]:  # type: ignore[override]
        own = closest_spellings(self._embedding, self.word)
        whole = closest_spellings(self._embedding, self._phrase) if self._phrase != self.word else []
        whole = [each for each in whole if len(parts_of(each)) > 1]  # a phrase for a phrase
        return [*whole, *(self._phrase.replace(self.word, each, 1) for each in own)][:SUGGESTIONS]

    @property
    def problem(self) -> str:
        return self._lack if self.suggestions else str(self)

    def __str__(self) -> str:
        hint = (
            _("Did you mean {suggestions}?", suggestions=", ".join(self.suggestions))
            if self.suggestions
            else _("Nothing is spelled much like it.")
        )
        return f"{self._lack} {hint}"

    @property
    def _lack(self) -> str:
        lack = _n(
            "“{asked}” is not a word of {name}, which has only one.",
            "“{asked}” is not among the {count:,} words of {name}.",
            self._embedding.size,
            asked=self.word,
            name=self.model,
        )
        if not self.difference:
            return lack
        return lack + " " + _("To subtract, put spaces around the sign: {formula}.", formula=self.difference)


def find(embedding: Embedding, text: str, pos: str | Sequence[str] | None = None) -> str:
    """The word of the vocabulary that `text` stands for, see `known`.

    Raises UserError for nothing or for something too long to be a word, WordNotFound with suggestions otherwise.
    """
    label = known(embedding, text, pos)
    if label is None:
        raise WordNotFound(spelled(text), embedding)
    return label


def known(embedding: Embedding, text: str, pos: str | Sequence[str] | None = None) -> str | None:
    """The word of the vocabulary that `text` stands for, None where there is none.

    A word that stands there exactly as asked is that word, whatever it is made of, so that each word can be asked for;
    only then it is spelled as vocabularies are, and its variants are tried. Raises UserError as `spelled` does.
    """
    return text if text in embedding else variant(embedding, spelled(text), pos)


def spelled(text: str) -> str:
    """What was asked in the spelling of vocabularies: composed characters, straight apostrophes, single spaces.

    Raises UserError for nothing or for something too long to be a word.
    """
    word = " ".join(unicodedata.normalize("NFC", text).replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split())
    if not word:
        raise UserError(_("There is no word to look up: type one, such as airplane."))
    if len(word) > LONGEST_WORD:
        raise UserError(
            _(
                "“{word}” has {length:,} characters, but a word has at most {longest_word}. Type one word.",
                word=cut(word),
                length=len(word),
                longest_word=LONGEST_WORD,
            )
        )
    return word


def variant(embedding: Embedding, word: str, pos: str | Sequence[str] | None = None) -> str | None:
    """The word of the vocabulary that a spelling stands for, None where there is none.

    It is the word itself; or the same in another case; or its parts joined to one token (new_york; take-off where that
    is no rarity beside its parts); or any of these with the tag that the model's words carry (airplane_NOUN), which is
    `pos`, or the first of it, where the word has that one, and the most frequent otherwise; or a key that has a sense
    or a language, or that is folded, see `keys`; or the word without the tag that the model's words do not carry; or
    without the punctuation around it, or the *'s* behind it.
    """
    spellings = [case for token in _joined(embedding, word) for case in _cases(token)]
    chosen = [f"{spelling}_{tag}" for tag in tags_in(pos) for spelling in spellings]
    for spelling in chosen + spellings:
        if spelling in embedding:
            return spelling
    tagged = [f"{spelling}_{tag}" for spelling in spellings for tag in UNIVERSAL_TAGS]
    rows = [embedding.rows[token] for token in tagged if token in embedding]
    if rows:
        return embedding.words[min(rows)]
    if keys := senses(embedding, word, tags_in(pos)):
        return keys[0]
    stem, _, tag = word.rpartition("_")
    if stem and (own := universal(tag)):
        return variant(embedding, stem, own)
    bare = _without_punctuation(word)
    return variant(embedding, bare, pos) if bare != word else None


def _without_punctuation(word: str) -> str:
    """A word of a running text without what belongs to its sentence: “fish.” is fish, dog's is dog, U.S. is U.S"""
    bare = word.strip(_PUNCTUATION) or word
    return bare.removesuffix("'s") or word


def parts_of(phrase: str) -> list[str]:
    """The words of a phrase, which spaces or underscores part."""
    return phrase.replace("_", " ").split()


def look_up(embedding: Embedding, texts: Sequence[str]) -> tuple[tuple[str, ...], Array]:
    """The words of the vocabulary that `texts` stand for, and their vectors (T, d) float32. Raises as `find` does."""
    words = tuple(find(embedding, word) for word in texts)
    return words, embedding.vectors[embedding.rows_of(words)]


def closest_spellings(embedding: Embedding, word: str) -> list[str]:
    """Up to SUGGESTIONS words within an edit distance of a third of the word's length, closest first; none where no
    letter would stay. Before them stand words that differ in accents alone.

    The distance is the optimal string alignment of rapidfuzz: insertions, deletions, substitutions and swaps of
    neighbouring letters cost 1 each. Of words as close, those come first that keep most of the letters that were typed
    (womn is rather woman than won), then the more frequent.
    """
    typed, furthest = word.lower(), max(1, len(word) // 3)
    matches = process.extract(typed, spellings(embedding).bare, scorer=OSA.distance, score_cutoff=furthest, limit=None)
    ranked = sorted(
        (distance, Indel.normalized_distance(typed, match), row)
        for match, distance, row in matches
        if distance < max(len(typed), len(match))
    )
    accented = spellings(embedding).accented.get(without_accents(word), ())
    rows = dict.fromkeys([*accented, *(row for _, _, row in ranked)])
    return [embedding.words[row] for row in list(rows)[:SUGGESTIONS]]


def _joined(embedding: Embedding, word: str) -> Iterator[str]:
    yield word
    parts = parts_of(word)
    if len(parts) > 1:
        for joint in _JOINTS:
            token = joint.join(parts)
            if joint != "-" or not _is_rarity(embedding, token.lower(), [part.lower() for part in parts]):
                yield token


def _is_rarity(embedding: Embedding, token: str, parts: Sequence[str]) -> bool:
    if not embedding.has_counts or not all(word in embedding for word in (token, *parts)):
        return False
    return embedding.count(token) < _NO_RARITY * min(map(embedding.count, parts))


def _cases(word: str) -> Iterator[str]:
    yield word
    yield word.lower()
    yield word.capitalize()
    yield word.upper()
    yield word.title()
