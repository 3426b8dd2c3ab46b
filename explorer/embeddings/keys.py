"""Words as vocabularies write them: with a sense, a part of speech or a language, and folded digits, case and emoji.

duck|NOUN (sense2vec), кот_S (Mystem), hammer.n.01 (WordNet), /c/en/duck (ConceptNet), DBPEDIA_ID/Apple, Ġduck: the bare
word finds them all.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from explorer.embeddings.bounds import UNIVERSAL_TAGS
from explorer.errors import named
from explorer.texts import _

if TYPE_CHECKING:
    from explorer.embeddings.embedding import Embedding

_PENN = {
    "NOUN": "NN NNS", "PROPN": "NNP NNPS", "VERB": "VB VBD VBG VBN VBP VBZ", "AUX": "MD", "ADJ": "JJ JJR JJS AFX",
    "ADV": "RB RBR RBS WRB", "ADP": "IN", "DET": "DT PDT WDT", "PRON": "EX PRP PRP$ WP WP$", "CCONJ": "CC",
    "NUM": "CD", "INTJ": "UH", "PART": "POS RP TO", "X": "FW LS", "SYM": "SYM",
}  # fmt: skip
_MYSTEM = {
    "NOUN": "S", "ADJ": "A ANUM", "VERB": "V", "ADV": "ADVPRO", "DET": "APRO", "PRON": "SPRO", "CCONJ": "CONJ",
    "ADP": "PR", "X": "COM",
}  # fmt: skip
_STTS = {
    "PROPN": "NE", "VERB": "VVFIN VVIMP VVINF VVIZU VVPP", "AUX": "VAFIN VAIMP VAINF VAPP VMFIN VMINF VMPP",
    "ADJ": "ADJA ADJD", "ADP": "APPR APPO APZR", "DET": "ART PDAT PIAT PPOSAT", "INTJ": "ITJ", "X": "FM XY TRUNC",
    "CCONJ": "KON KOKOM", "SCONJ": "KOUS KOUI", "NUM": "CARD", "PART": "PTKNEG PTKVZ PTKZU PTKA PTKANT",
    "PRON": "PPER PDS PIS PPOSS PRELS PRF PWS",
}  # fmt: skip
_WORDNET = {"NOUN": "n", "VERB": "v", "ADJ": "a s j", "ADV": "r"}
_ENTITIES = {
    "PROPN": "PERSON NORP FAC ORG GPE LOC PRODUCT EVENT WORK_OF_ART LAW LANGUAGE",
    "NUM": "DATE TIME PERCENT MONEY QUANTITY ORDINAL CARDINAL",
}
_TAGS = {tag: tag for tag in UNIVERSAL_TAGS} | {
    own: tag
    for tags in (_PENN, _MYSTEM, _STTS, _WORDNET, _ENTITIES)
    for tag, names in tags.items()
    for own in names.split()
}
"""The universal tag of each tag that words carry."""

_SURE = tuple(  # these stand in a vocabulary for nothing else
    map(
        re.compile,
        (
            r"(?P<bare>.+)\|(?P<tag>[A-Z][A-Z_]*\$?)",
            r"(?P<bare>.+)\.(?P<tag>[nvasr])\.\d{1,3}",
            r"(?P<bare>.+)%[1-5]:\d\d:\d\d:[^:]*:\d*",
            r"/c/(?P<language>[a-z]{2,3}(_[A-Z]+)?)/(?P<bare>[^/]+)(/(?P<tag>[nvasr])(/.*)?)?",
            r"[A-Z][A-Z_]+/(?P<bare>.+)",
            r"<?https?://\S+[/#](?P<bare>[^/#>]+)>?",
            r"[Ġ▁](?P<bare>.+)",
            r"(?P<bare>.+)</w>",
        ),
    )
)
_LIKELY = tuple(  # these are keys only where most words of a vocabulary are; the first of which that is true counts
    map(
        re.compile,
        (
            r"(?P<bare>.+?)(_+|/|::)(?P<tag>[A-Za-z]{1,6}\$?)",
            r"(?P<bare>.+)\[(?P<tag>[A-Z]{1,6}\$?)\]",
            r"(?P<tag>[A-Z]{1,6}\$?)_(?P<bare>.+)",
            r"(?P<bare>.+)[-_#.](?P<tag>[nvasrj])(#\d+)?",
            r"(?P<bare>.+?)(_+|/|::)[A-Z]{1,6}\d?\$?",  # of a tag set that is not known here
            r"(?P<bare>.+)[#_]\d{1,2}",
            r"(?P<language>[a-z]{2,3}):(?P<bare>.+)",
            r"(?P<language>[a-z]{2})_(?P<bare>.+)",
            r"(?P<bare>.+)@(?P<language>[a-z]{2,3})(-[a-z]+)?",
        ),
    )
)
_TAGGED = re.compile(r"(?P<bare>.+?)(_+|/|::)(?P<tag>[A-Z]{1,6}\$?)")  # of one word among others that have no tag
_SURE_SIGNS = re.compile(r"[|./%Ġ▁<]")  # one of which each of the sure ones has
_LIKELY_SIGNS = re.compile(r"[]_/:.#@-]")  # one of which each of the likely ones has
_JOINTS = re.compile(r"::|_")
_LEFT_OUT = {
    **dict.fromkeys(map(ord, "\N{VARIATION SELECTOR-15}\N{VARIATION SELECTOR-16}\N{SOFT HYPHEN}\N{ZERO WIDTH SPACE}")),
    **dict.fromkeys((0xFEFF, 0x2060, 0x200C, *range(0x200E, 0x2010), *range(0x202A, 0x202F), *range(0x2066, 0x206A))),
    # a byte order mark, joiners and non-joiners of no width, and marks of the direction of writing
    ord("\N{RIGHT SINGLE QUOTATION MARK}"): "'",
}
_HISSING = ("s", "x", "z", "ch", "sh", "o")  # after which a plural ends in -es
_SHORTEST_STEM = 3
_SAMPLE = 20_000  # words that tell whether most are keys
_DIGIT, _TWO_DIGITS = re.compile(r"\d"), re.compile(r"\d\d")
_FOLDED = {"0": re.compile("00"), "#": re.compile("##")}
_RARE = 0.01  # of the words with two digits or more, those that are written out where digits are folded


@dataclass(frozen=True)
class Key:
    """What a word of a vocabulary stands for: the bare word, and the universal tag and the language that it carries,
    empty for none."""

    bare: str
    tag: str
    language: str = ""


class Spellings:
    """The words of a vocabulary by what they are when case, joints, variation selectors and senses are left out."""

    def __init__(self, embedding: Embedding) -> None:
        words = embedding.words
        self._rows = embedding.rows
        self.pattern = most_are(words)
        self.digit = _digit(words)
        keys = {row: key for row, word in enumerate(words) if (key := key_of(word, self.pattern))}
        self.bare = [keys[row].bare if row in keys else word for row, word in enumerate(words)] if keys else words
        self._folded: dict[str, list[int]] = {}
        self._tagged: dict[str, list[int]] = {}
        for row, word in enumerate(words):
            if row not in keys and (key := tagged(word)):
                self._tagged.setdefault(folded(key.bare), []).append(row)
            for spelling in {folded(word), *([folded(keys[row].bare)] if row in keys else [])} - {word}:
                self._folded.setdefault(spelling, []).append(row)

    def rows(self, text: str) -> list[int]:
        """The rows of the words that a text may stand for, the most frequent first; none where there are none."""
        for spelling in self._spellings(text):
            own = [self._rows[spelling]] if spelling in self._rows else []
            if rows := sorted({*own, *self._folded.get(spelling, ())}):
                return rows
        return self._tagged.get(folded(text), [])

    @cached_property
    def accented(self) -> dict[str, list[int]]:
        """The rows of words with marks on their letters, by what they are without."""
        rows: dict[str, list[int]] = {}
        for row, word in enumerate(self.bare):
            if not word.isascii() and (plain := without_accents(word)) != folded(word):
                rows.setdefault(plain, []).append(row)
        return rows

    def _spellings(self, text: str) -> Iterator[str]:
        yield folded(text)
        if self.digit and _DIGIT.search(text):
            yield folded(_DIGIT.sub(self.digit, text))


_opened: WeakKeyDictionary[Embedding, Spellings] = WeakKeyDictionary()


def spellings(embedding: Embedding) -> Spellings:
    """Those of a model; they are made when they are first asked for."""
    if embedding not in _opened:
        _opened[embedding] = Spellings(embedding)
    return _opened[embedding]


def senses(embedding: Embedding, text: str, pos: Sequence[str] = ()) -> list[str]:
    """The words of the vocabulary that a text may stand for; those first that carry one of the tags `pos`."""
    index = spellings(embedding)
    words = [embedding.words[row] for row in index.rows(text)]
    if not pos:
        return words
    return sorted(words, key=lambda word: tag_of(word, index.pattern) not in pos)


def other_senses(embedding: Embedding, text: str, label: str) -> tuple[str, ...]:
    """The other words of the vocabulary that stand for a text as `label` does, where that is a key."""
    if key_of(label, spellings(embedding).pattern) is None and tagged(label) is None:
        return ()
    return tuple(word for word in senses(embedding, text) if word != label)


def other_forms(embedding: Embedding, words: Iterable[str]) -> list[int]:
    """The rows of other forms of words, by falling frequency: in another case, an English plural or possessive, another
    sense. A form is known by its letters alone: nothing tells whether news is a plural."""
    words = tuple(words)
    index = spellings(embedding)
    rows: set[int] = set()
    for word in words:
        key = key_of(word, index.pattern)
        own = folded(key.bare if key else word)
        for stem in _stems(own):
            for form in (stem, *(stem + ending for ending in _endings(stem)), *_plural_of_y(stem)):
                rows.update(index.rows(form))
    return sorted(rows - {embedding.rows[word] for word in words if word in embedding})


def left_out(embedding: Embedding, rows: Sequence[int]) -> tuple[str, ...]:
    """The sentence that names other forms which are left out; none where there are none."""
    if not rows:
        return ()
    return (
        _("Other forms of the asked words are left out: {names}.", names=named([embedding.words[row] for row in rows])),
    )


def _stems(word: str) -> set[str]:
    """What a word may be a form of, and itself."""
    word = word.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'")
    stems = {word}
    for ending, instead in (("'s", ""), ("s'", ""), ("s'", "s"), ("ies", "y"), ("es", ""), ("s", "")):
        stem = word.removesuffix(ending)
        is_plural = ending in ("es", "s") and (stem.endswith("s") if ending == "s" else not stem.endswith(_HISSING))
        if stem != word and len(stem) >= _SHORTEST_STEM and not is_plural:
            stems.add(stem + instead)
    return stems


def _endings(stem: str) -> tuple[str, ...]:
    return ("'s", "\N{RIGHT SINGLE QUOTATION MARK}s", "'", "es" if stem.endswith(_HISSING) else "s")


def _plural_of_y(stem: str) -> tuple[str, ...]:
    return (stem[:-1] + "ies",) if stem.endswith("y") else ()


def remark(embedding: Embedding, text: str, label: str) -> str:
    """A sentence where digits are written otherwise in this vocabulary, else empty."""
    digit = spellings(embedding).digit
    if not digit or not _DIGIT.search(text) or folded(text) == folded(label):
        return ""
    return _("Digits are written as {digit} here.", digit=digit)


def folded(text: str) -> str:
    """A text as it is compared: in no case, with spaces for joints, straight apostrophes and digits from 0 to 9,
    without dots of the Turkish İ, selectors of emoji and what nobody sees."""
    if text.isascii():
        text = text.lower()
    else:
        text = unicodedata.normalize("NFKC", text.casefold().replace("i\u0307", "i").replace("ı", "i"))
        text = "".join(str(unicodedata.digit(each)) if each.isdigit() else each for each in text.translate(_LEFT_OUT))
    return _JOINTS.sub(" ", text) if "_" in text or "::" in text else text


def without_accents(text: str) -> str:
    """A folded text without the marks on its letters: of San José, san jose."""
    apart = unicodedata.normalize("NFD", folded(text))
    return "".join(each for each in apart if not unicodedata.combining(each))


def key_of(word: str, pattern: re.Pattern[str] | None = None) -> Key | None:
    """What a word stands for, None for one that is no key; `pattern` is that of most words, see `most_are`."""
    patterns = _SURE if _SURE_SIGNS.search(word) else ()
    for each in (*([pattern] if pattern else []), *patterns):
        if (match := each.fullmatch(word)) and (tag := _known_tag(match)) is not None:
            return Key(match["bare"], tag, match.groupdict().get("language") or "")
    return None


def tagged(word: str) -> Key | None:
    """What a word stands for that carries a tag where most of its vocabulary carry none; None for one without.

    Tags of one letter are Mystem's, for words of Russian: behind others, such as vitamin_A, they are none.
    """
    if "_" not in word and "/" not in word and "::" not in word:
        return None
    match = _TAGGED.fullmatch(word)
    if match is None or match["tag"] not in _TAGS or (len(match["tag"]) == 1 and match["bare"].isascii()):
        return None
    return None if match["bare"].isupper() else Key(match["bare"], _TAGS[match["tag"]])


def universal(tag: str) -> str:
    """The universal tag of a tag that a word is written with, an empty text for what is none."""
    return _TAGS.get(tag, "") if tag.isupper() else tag.upper() if tag.upper() in UNIVERSAL_TAGS else ""


def _known_tag(match: re.Match[str]) -> str | None:
    """The universal tag of the tag in a key, an empty text for a key without one, None for a tag that is not known."""
    tag = match.groupdict().get("tag") or ""
    return _TAGS.get(tag, _TAGS.get(tag.upper())) if tag else ""


def tag_of(word: str, pattern: re.Pattern[str] | None) -> str:
    """The universal tag that a word carries, an empty text for none."""
    key = key_of(word, pattern)
    return key.tag if key else ""


def carried_languages(words: Sequence[str]) -> list[str] | None:
    """The language that each word carries (`/c/en/duck`, `en:duck`, `duck@en`), "" where it has none; None where most
    words have none, or all the same."""
    pattern = most_are(words)
    keys = (key_of(word, pattern) for word in words)
    languages = [key.language if key else "" for key in keys]
    return languages if 2 * sum(map(bool, languages)) > len(words) and len(set(languages) - {""}) > 1 else None


def most_are(words: Sequence[str]) -> re.Pattern[str] | None:
    """Of which likely kind of key more than half of the first words are, None where of none."""
    sample = words[:_SAMPLE]
    signed = [word for word in sample if _LIKELY_SIGNS.search(word)]
    if 2 * len(signed) <= len(sample):
        return None
    kinds = Counter(
        each for word in signed for each in _LIKELY if (match := each.fullmatch(word)) and _known_tag(match) is not None
    )
    return next((each for each in _LIKELY if 2 * kinds[each] > len(sample)), None)


def _digit(words: Iterable[str]) -> str:
    """What stands for every digit of a number, empty where they are written out."""
    written = 0
    folds = Counter[str]()
    for word in words:
        for sign, twice in _FOLDED.items():
            if twice.search(word):
                folds[sign] += 1
        if any(number.strip("0") for number in _TWO_DIGITS.findall(word)):
            written += 1
    sign, times = folds.most_common(1)[0] if folds else ("", 0)
    return sign if written <= _RARE * times else ""
