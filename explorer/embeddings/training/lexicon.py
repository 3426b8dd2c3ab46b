"""Counting a part-of-speech lexicon: which universal tags a word has in running text, and how often."""

import gzip
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from explorer.embeddings.training.corpus import (
    JOINED_WORD,
    POSSESSIVE,
    CorpusError,
    Progress,
    paragraphs,
    straighten,
)
from explorer.embeddings.training.defaults import TAGGED_EVERY
from explorer.embeddings.training.dictionary import Dictionary
from explorer.embeddings.training.tagging import CLOSED, INTERJECTIONS, Tagger
from explorer.files import write_file
from explorer.texts import _

# Penn Treebank → universal tags, universaldependencies.org/tagset-conversion/en-penn-uposf.html.
# What that table leaves open (AUX or VERB, ADP or SCONJ, ADP or PART) is settled word by word in `universal_tags`.
PENN_TO_UNIVERSAL = {
    "CC": "CCONJ", "CD": "NUM", "DT": "DET", "EX": "PRON", "FW": "X", "IN": "ADP", "JJ": "ADJ", "JJR": "ADJ",
    "JJS": "ADJ", "LS": "X", "MD": "AUX", "NN": "NOUN", "NNS": "NOUN", "NNP": "PROPN", "NNPS": "PROPN", "PDT": "DET",
    "POS": "PART", "PRP": "PRON", "PRP$": "PRON", "RB": "ADV", "RBR": "ADV", "RBS": "ADV", "RP": "ADP", "SYM": "SYM",
    "TO": "ADP", "UH": "INTJ", "VB": "VERB", "VBD": "VERB", "VBG": "VERB", "VBN": "VERB", "VBP": "VERB", "VBZ": "VERB",
    "WDT": "PRON", "WP": "PRON", "WP$": "PRON", "WRB": "ADV",
}  # fmt: skip
_BE = frozenset("be am is are was were been being 's 're 'm ai".split())
_HAVE = frozenset("have has had having 've".split())
_DO = frozenset("do does did".split())
_SUBORDINATORS = frozenset("although because if lest that though unless whereas whether while whilst".split())

_PRONOUN = re.compile(r"(any|every|no|some)(body|one|thing)|none")  # nouns to the Penn Treebank

_TAGGER_TOKEN = re.compile(rf"'s\b|{JOINED_WORD}|[^\w\s]")
_CONTRACTION = re.compile(r"(?<=.)(?:n't|'re|'ll|'m|'ve|'d)$", re.IGNORECASE)
_SENTENCE_END = frozenset(".!?")
_LOWER_SHARE_OF_COMMON_WORDS = 0.05
_CAPITAL_SHARE_OF_NAMES = 0.5
_CAPITAL_SHARE_IN_NAMES = 2 / 3  # of a word that dictionaries have, and not as a name: it is often part of one
_FEWEST_TOKENS = 8  # shorter paragraphs are titles and headings, whose capitals would make names of all words

_TAGGED_AT_ONCE = 5_000  # sentences


@dataclass(frozen=True)
class TagCounts:
    """What `count_tags` saw: how often each word carried each universal tag, and how often it stood in lower case, and
    with a capital that the beginning of a sentence does not explain."""

    tags: dict[str, Counter[str]]
    lower: Counter[str]
    capital: Counter[str]

    @property
    def tagged_words(self) -> int:
        return sum(tags.total() for tags in self.tags.values())

    def ranked(self, word: str, dictionary: Dictionary | None = None) -> list[tuple[str, float]]:
        """A word's tags with their shares, its main tag first, then by falling share.

        The main tag is the most frequent one, except that a word written in lower case now and then is no proper noun:
        *university* mostly stands inside names, and yet a reader who asks for nouns expects it. Of what a dictionary
        lacks, half of the uses must be in lower case: *Prabhu* has lost its capital now and then. Where less than half
        of its uses have a capital, a word is no name at all: *dog* is part of names, and those uses are left out. Of
        what a dictionary has, and not as a name, less than two thirds are enough for that: *affairs*. An interjection
        is none either: *hello* has its capital from the quotation, song or film that it begins.
        """
        tags = self.tags[word]
        if word in INTERJECTIONS and (names := tags["PROPN"]):
            tags = Counter({tag: count for tag, count in tags.items() if tag != "PROPN"})
            tags["INTJ"] += names
        lower, capital = self.lower[word], self.capital[word]
        allowed = dictionary.allowed(word) if dictionary else frozenset[str]()
        is_common = allowed and "PROPN" not in allowed
        least = _CAPITAL_SHARE_IN_NAMES if is_common else _CAPITAL_SHARE_OF_NAMES
        if capital < least * (lower + capital) and tags.keys() > {"PROPN"}:
            tags = Counter({tag: count for tag, count in tags.items() if tag != "PROPN"})
        total = tags.total()
        is_known = dictionary is None or word in CLOSED or allowed - {"PROPN"}
        common = lower >= (_LOWER_SHARE_OF_COMMON_WORDS if is_known else _CAPITAL_SHARE_OF_NAMES) * total
        by_share = [(tag, count / total) for tag, count in sorted(tags.items(), key=lambda pair: (-pair[1], pair[0]))]
        main = next((pair for pair in by_share if not (common and pair[0] == "PROPN")), by_share[0])
        return [main, *(pair for pair in by_share if pair != main)]


def sentences(paragraph: str) -> Iterator[list[str]]:
    """The sentences of a paragraph as cased tokens, punctuation and possessive *'s* being tokens too."""
    sentence: list[str] = []
    for token in _TAGGER_TOKEN.findall(POSSESSIVE.sub(" 's ", straighten(paragraph))):
        if sentence and sentence[-1] in _SENTENCE_END and token[0].isupper():
            yield sentence
            sentence = []
        sentence.append(token)
    if sentence:
        yield sentence


def universal_tags(tagged: list[tuple[str, str]]) -> list[str]:
    """Universal tags of one tagged sentence: (token, Penn tag) pairs → a tag each, "PUNCT" for what is no word."""
    tags = []
    for i, (token, penn) in enumerate(tagged):
        word = token.lower()
        tag = PENN_TO_UNIVERSAL.get(penn, "PUNCT")
        if tag == "VERB" and word in _BE:
            tag = "AUX"
        elif word in _HAVE or word in _DO or penn == "TO":
            # The verb an auxiliary or "to" leads to, past adverbs and an inverted pronoun: "had not been", "did he go".
            ahead = next((tag for _, tag in tagged[i + 1 : i + 4] if tag not in ("RB", "PRP")), "")
            if tag == "VERB" and ahead == ("VBN" if word in _HAVE else "VB"):
                tag = "AUX"
            elif penn == "TO" and ahead == "VB":
                tag = "PART"
        elif word in ("not", "n't"):
            tag = "PART"
        elif tag == "NOUN" and _PRONOUN.fullmatch(word):
            tag = "PRON"
        elif penn == "IN" and word in _SUBORDINATORS:
            tag = "SCONJ"
        tags.append(tag)
    return tags


def tag_sentences(sentences: Sequence[list[str]], tagger: Tagger) -> Iterator[list[tuple[str, str]]]:
    """(token, universal tag) for the words of each sentence that can be counted.

    A contraction is tagged as its parts, as the tagger learned it, and counted as one word with its first part's tag
    (*don't* is AUX). The first word of a sentence is left out where it is tagged PROPN: its capital proves nothing.
    """
    parts: list[list[str]] = []
    starts: list[list[int]] = []
    for sentence in sentences:
        parts.append([])
        starts.append([])
        for token in sentence:
            starts[-1].append(len(parts[-1]))
            cut = _CONTRACTION.search(token) if "'" in token else None
            parts[-1] += [token[: cut.start()], cut.group()] if cut else [token]
    for sentence, places, tokens, penn in zip(sentences, starts, parts, tagger(parts), strict=True):
        tags = universal_tags(list(zip(tokens, penn, strict=True)))
        words = [(token, tags[place]) for token, place in zip(sentence, places, strict=True)]
        yield [
            (token, tag)
            for place, (token, tag) in enumerate(words)
            if token[0].isalnum() and tag != "PUNCT" and not (place == 0 and tag == "PROPN")
        ]


def count_tags(
    corpus: Path, tagger: Tagger, every: int = TAGGED_EVERY, progress: Progress = lambda share: None
) -> TagCounts:
    """Tag every `every`-th paragraph of a cased corpus (titles and headings skipped) and count word → tag.

    Words are lower-cased as `tokenise` has them. The first word of a sentence is counted only in lower case: whether it
    is a name cannot be seen, and counted as anything else it would make of *Lyons* a noun. Raises CorpusError as
    `paragraphs` does or where nothing was tagged.
    """
    seen: Counter[tuple[str, str]] = Counter()
    for batch in batched(_sampled(corpus, every, progress), _TAGGED_AT_ONCE):
        for sentence, tagged in zip(batch, tag_sentences(batch, tagger), strict=True):
            begins = bool(tagged) and tagged[0][0] == sentence[0] and not sentence[0][0].islower()
            seen.update(tagged[begins:])
    if not seen:
        raise CorpusError(_("{corpus} holds no sentences to tag.", corpus=corpus))
    tags: defaultdict[str, Counter[str]] = defaultdict(Counter)
    lower: Counter[str] = Counter()
    capital: Counter[str] = Counter()
    for (token, tag), count in seen.items():
        word = token.lower()
        tags[word][tag] += count
        if token == word:
            lower[word] += count * word[0].isalpha()
        else:
            capital[word] += count
    return TagCounts(dict(tags), lower, capital)


def _sampled(corpus: Path, every: int, progress: Progress) -> Iterator[list[str]]:
    """The sentences that are tagged."""
    for number, paragraph in enumerate(paragraphs(corpus, progress)):
        if number % every == 0 and paragraph.count(" ") >= _FEWEST_TOKENS:
            yield from sentences(paragraph)


def batched(items: Iterable[list[str]], size: int) -> Iterator[list[list[str]]]:
    """So many at a time."""
    rest = iter(items)
    while batch := list(islice(rest, size)):
        yield batch


def write_lexicon(
    path: Path,
    counts: TagCounts,
    source: Sequence[str],
    minimum_count: int = 2,
    dictionary: Dictionary | None = None,
) -> None:
    """Write a lexicon file, gzip-compressed; `source` are the lines of its header, which says where it comes from.

    After lines that start with "#" a line for each word that was tagged at least `minimum_count` times, the most
    frequent first: word, count, TAG:share …, the main tag first, shares below a half percent left out.
    """
    lines = [f"# {line}" for line in source]
    for word in sorted(counts.tags, key=lambda word: (-counts.tags[word].total(), word)):
        total = counts.tags[word].total()
        if total < minimum_count:
            break
        shares = [f"{tag}:{share:.2f}" for tag, share in counts.ranked(word, dictionary) if share >= 0.005]
        lines.append("\t".join([word, str(total), *shares]))
    text = "".join(f"{line}\n" for line in lines)
    write_file(path, gzip.compress(text.encode(), mtime=0))  # no time stamp: the same counts give the same bytes
