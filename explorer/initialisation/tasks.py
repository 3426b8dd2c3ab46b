"""What an experiment trains on: pairs of word lists, or texts and labels, in three parts, with their vocabularies."""

from __future__ import annotations

import hashlib
import json
import os
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from itertools import chain
from pathlib import Path
from statistics import fmean

import numpy as np

from explorer.data.pairs import PARTS, PHRASEBOOK, PHRASEBOOK_ORIGIN, TAGGED_WORDS, TRAIN, read_pairs, shuffled
from explorer.errors import UserError, cut
from explorer.initialisation.labelled import Columns, read_texts
from explorer.initialisation.measures import OF_LABELS, OF_LANGUAGE, OF_TRANSLATIONS
from explorer.initialisation.plain_text import description, read_plain_text, vocabulary_of
from explorer.places import RESULTS
from explorer.texts import _
from explorer.transformer.batches import Pair
from explorer.transformer.vocabulary import MARKS, Vocabulary
from explorer.translation.sentences import word_pairs

PHRASE_BOOK, PARTS_OF_SPEECH = NAMES = ("phrase book", "parts of speech")
"""The tasks that come along; every other name is the path of a parallel file."""

_MANY, _LEAST = 5000, 5  # of a side with more words than that, those that occur less often than this are unknown
_PAIRS_OF_A_LABEL = 10  # on average; with fewer, targets of one word are a dictionary's rather than classes
_HELD_OUT = {"test": 1000, "validation": 500}
_MANY_OF_TEXTS = 30_000  # Kim's seven sets have at most 21,323: a held-out word that vectors know keeps its row
_UNEVEN = 1.5  # times the share of a label among equal ones: from there on accuracy says too little of the rarer labels

UPLOADS = RESULTS / "texts"
"""Where tables that a page was given are kept; a plan names them without a folder."""


@dataclass(frozen=True, eq=False)
class Task:
    """Pairs of word lists in three parts, and the vocabularies of all of them.

    The vocabularies hold the words of all parts, not of the drawn training pairs alone: a held-out word keeps its row,
    of which pre-trained vectors say something and random ones do not (Kim 2014), and runs with fewer training pairs
    have as many parameters as those with all.
    """

    name: str
    train: tuple[Pair, ...]
    validation: tuple[Pair, ...]
    test: tuple[Pair, ...]
    source: Vocabulary
    target: Vocabulary
    description: str = ""  # a sentence: what the pairs are, and where they come from
    classes: tuple[str, ...] = ()  # the labels of texts; empty where answers are sentences
    notes: tuple[str, ...] = ()  # sentences: what became of rows that are not among the pairs as they stood
    is_language: bool = False  # whether what is read is what is to be said, word after word
    folds: tuple[tuple[Pair, ...], ...] = ()  # of which each seed has others for training, validation and test

    @cached_property
    def labels(self) -> frozenset[tuple[str, ...]]:
        """The answers of a classification: one word each, and each that of many pairs. Empty for other tasks."""
        if self.is_language:
            return frozenset()
        answers = [tuple(target) for _, target in self.train + self.validation + self.test]
        different = frozenset(answers)
        if self.classes:
            return different
        few = len(different) * _PAIRS_OF_A_LABEL <= len(answers)
        return different if few and all(len(answer) == 1 for answer in different) else frozenset()

    @property
    def deciding(self) -> str:
        """The measure, by its key in `measures.MEASURES`, that arms are compared by: the held-out loss, or of a
        classification the exact match, as most of its loss is that of the `<end>` after each answer.

        Of texts with labels it is accuracy, or macro-F1 where one label is far more frequent than equal ones would be:
        who always gives that one is often right then, and knows nothing.
        """
        if self.classes:
            return "macro_f1" if self.is_uneven else "accuracy"
        if self.is_language:
            return "perplexity"
        return "exact" if self.labels else "loss"

    @property
    def is_uneven(self) -> bool:
        """Whether one label has 1.5 times the texts that it would have among equally frequent ones, or more."""
        return self.commonest_share * len(self.classes) >= _UNEVEN

    @cached_property
    def commonest_share(self) -> float:
        """The share of the commonest target among the training part's."""
        return sum(tuple(target) == self.commonest for _, target in self.train) / len(self.train)

    @property
    def measures(self) -> tuple[str, ...]:
        """The keys of what is measured, the deciding one first."""
        keys = OF_LABELS if self.classes else OF_LANGUAGE if self.is_language else OF_TRANSLATIONS
        return (self.deciding, *(key for key in keys if key != self.deciding))

    def fold(self, seed: int) -> Task:
        """The parts that the runs of a seed have: in turn another fold for the test, the next for validation, the rest
        for training; without folds the same for all."""
        if not self.folds:
            return self
        count = len(self.folds)
        test, validation = seed % count, (seed + 1) % count
        rest = (pair for number, fold in enumerate(self.folds) if number not in (test, validation) for pair in fold)
        return replace(self, train=tuple(rest), validation=self.folds[validation], test=self.folds[test])

    def share(self, share: float, seed: int) -> tuple[Pair, ...]:
        """The drawn part of the training pairs, round(share · n) of them; with the same seed the 5% are among the 20%.

        Raises UserError for a share outside 0 to 1, or so small that no pair is left.
        """
        if not 0 < share <= 1:
            raise UserError(
                _("The share of the training pairs is {share:g}, but must be above 0 and at most 1.", share=share)
            )
        count = round(share * len(self.train))
        if not count:
            raise UserError(
                _(
                    "{share:.2%} of the {train:,} training pairs of {name} are none. Take a larger share.",
                    share=share,
                    train=len(self.train),
                    name=self.name,
                )
            )
        order = np.random.default_rng([seed, 0, 3]).permutation(len(self.train))  # a stream of its own
        return tuple(self.train[number] for number in sorted(order[:count].tolist()))

    @cached_property
    def longest(self) -> int:
        """Tokens of the longest sentence on either side, with the special token that a target has, or a text may."""
        if self.classes:
            return 1 + max(len(text) for text, _ in self.train + self.validation + self.test)
        return max(max(len(source), len(target) + 1) for source, target in self.train + self.validation + self.test)

    @cached_property
    def commonest(self) -> tuple[str, ...]:
        """The commonest target of the training part."""
        return Counter(tuple(target) for _, target in self.train).most_common(1)[0][0]

    @cached_property
    def chance(self) -> float:
        """The share of the test pairs that are right for who always answers with the training part's commonest target;
        of folds, the mean over them.

        For a classification that is the majority class; a model's token accuracy counts `<end>` as well, which makes
        (chance + 1) / 2 of it.
        """
        every = [self.fold(number) for number in range(len(self.folds))] or [self]
        return fmean(sum(tuple(target) == one.commonest for _, target in one.test) / len(one.test) for one in every)

    @cached_property
    def word_counts(self) -> Counter[str]:
        """How often each word that is read occurs in the three parts."""
        return Counter(chain.from_iterable(source for source, _ in self.train + self.validation + self.test))

    @cached_property
    def digest(self) -> str:
        """The SHA-256 (hexadecimal) of all pairs of all parts, in their order: what decides the numbers."""
        parts = [[*map(list, pair)] for part in (self.train, self.validation, self.test) for pair in part]
        sizes = [len(self.train), len(self.validation), len(self.test)]
        folds = [len(self.folds)] * bool(self.folds)
        return hashlib.sha256(json.dumps([sizes, parts, *folds], ensure_ascii=False).encode()).hexdigest()


def origin(name: str) -> str:
    """A sentence on who wrote a task's pairs; empty where that is not known."""
    return PHRASEBOOK_ORIGIN if name == PHRASE_BOOK else ""


def task(name: str, columns: Columns | None = None, folds: int = 0, language: bool = False) -> Task:
    """The task of that name: "phrase book", "parts of speech", or the path of a parallel file (`read_pairs`); with
    `columns`, of a table of labelled texts (`read_texts`), which may be one that a page was given; with `language`, of
    a plain text (`read_plain_text`) or the English side of the phrase book.

    Read once a process, files again when they change. Of a side with more than 5,000 different words, those that occur
    fewer than 5 times in the training part are `<unk>`. Raises UserError for a name that is no file, and for files
    that lack a part.
    """
    if name == PARTS_OF_SPEECH and not language:
        return _parts_of_speech()
    path = PHRASEBOOK if name == PHRASE_BOOK else Path(name)
    if columns is not None:
        return _labelled(name, columns, folds)
    if language:
        path = path if path == PHRASEBOOK else file_of(name)
        return _language(name, path, _state(path))
    if not os.path.isfile(path):  # Path.is_file raises where a name is too long
        raise UserError(
            _(
                "There is no task “{name}”, nor a file of that name. "
                "Take {names}, or give the path of a file of tab-separated pairs.",
                name=name,
                names=" or ".join(NAMES),
            )
        )
    return _parallel(name, path, path.stat().st_mtime_ns)


def _labelled(name: str, columns: Columns, folds: int) -> Task:
    path = file_of(name)
    return _table(name, path, columns, folds, _state(path))


def file_of(name: str) -> Path:
    """The file of a task's name, or the one that a page was given; it may be missing."""
    kept = UPLOADS / Path(name).name
    return kept if name == kept.name and not os.path.isfile(name) and os.path.isfile(kept) else Path(name)


def _state(path: Path) -> int:
    return path.stat().st_mtime_ns if os.path.isfile(path) else 0


def _called(path: Path) -> str:
    """What a visitor calls a file: the name without the digest of its content."""
    return path.name.rpartition("-")[0] if path.parent == UPLOADS else path.name


@lru_cache(maxsize=2)
def _language(name: str, path: Path, _state: int) -> Task:
    """Pairs of a line and itself."""
    called = _("the phrase book") if path == PHRASEBOOK else _called(path)
    if path == PHRASEBOOK:
        book = _parallel(PHRASE_BOOK, path, _state)
        own = {part: [tuple(source) for source, _ in getattr(book, part)] for part in PARTS}
        notes: list[str] = []
    else:
        text = read_plain_text(path, called)
        own, notes = text.parts, text.notes
    words = vocabulary_of(own[TRAIN])
    train, validation, test = (tuple((line, line) for line in own[part]) for part in PARTS)
    about = description(called, own, words)
    return Task(
        name,
        train,
        validation,
        test,
        words,
        Vocabulary.of([]),
        f"{about} {PHRASEBOOK_ORIGIN}" if path == PHRASEBOOK else about,
        notes=tuple(notes),
        is_language=True,
    )


@lru_cache(maxsize=2)  # of 100,000 texts each at most
def _table(name: str, path: Path, columns: Columns, folds: int, _state: int) -> Task:
    called = _called(path)
    texts = read_texts(path, columns, folds, name=called)
    every = tuple(text for some in texts.parts.values() for text in some)
    train = 0 if folds else len(texts.parts[TRAIN])
    vocabulary = _vocabulary([words for words, _ in every], train or len(every), _MANY_OF_TEXTS)
    parts = [tuple(texts.parts[part]) for part in PARTS] if not folds else [every, (), ()]
    whole = Task(
        name,
        parts[0],
        parts[1],
        parts[2],
        vocabulary,
        Vocabulary.of([]),
        classes=texts.labels,
        notes=tuple(texts.notes),
        folds=tuple(tuple(texts.parts[fold]) for fold in range(folds)),
    )
    first = whole.fold(0)
    return replace(first, description=_described(first, called))


def _described(data: Task, name: str) -> str:
    """How many texts there are, and what decides."""
    share = data.commonest_share
    values = {
        "labels": len(data.classes),
        "name": name,
        "train": len(data.train),
        "validation": len(data.validation),
        "test": len(data.test),
        "folds": len(data.folds),
        "commonest": cut(data.commonest[0], 40),
        "share": share,
        "even": 1 / len(data.classes),
        "limit": _UNEVEN / len(data.classes),
    }
    parts = (
        _(
            "Texts of {name} with {labels} labels. Each seed divides them differently, as one of {folds} folds: about "
            "{train:,} for training, {validation:,} for validation and {test:,} for the test.",
            **values,
        )
        if data.folds
        else _(
            "Texts of {name} with {labels} labels: {train:,} for training, {validation:,} for validation, {test:,} "
            "for the test.",
            **values,
        )
    )
    why = (
        _(
            "The arms are compared by macro-F1, the mean F1 of all labels: “{commonest}” has {share:.0%} of the "
            "training texts, where equally frequent labels would have {even:.0%}, and accuracy would say little of the "
            "others.",
            **values,
        )
        if data.is_uneven
        else _(
            "The arms are compared by accuracy: the most frequent label, “{commonest}”, has {share:.0%} of the "
            "training texts. If it had {limit:.0%} or more, they would be compared by macro-F1.",
            **values,
        )
    )
    return f"{parts} {why}"


@lru_cache(maxsize=8)
def _parallel(name: str, path: Path, _state: int) -> Task:
    phrases = read_pairs(path)
    train, validation, test = (tuple(word_pairs(phrases, part)) for part in PARTS)
    for part, pairs in zip(PARTS, (train, validation, test), strict=True):
        if not pairs:
            raise UserError(
                _(
                    "{path} has no {part} pairs, but a comparison needs all of {parts}: "
                    "name the part in a first column, or give at least ten different sources.",
                    path=path,
                    part=part,
                    parts=", ".join(PARTS),
                )
            )
    everything = train + validation + test
    source, target = (_vocabulary([pair[side] for pair in everything], len(train)) for side in (0, 1))
    description = PHRASEBOOK_ORIGIN if path == PHRASEBOOK else _("The pairs of {name}.", name=path.name)
    return Task(name, train, validation, test, source, target, description)


def _vocabulary(sentences: Sequence[Sequence[str]], train: int, many: int = _MANY) -> Vocabulary:
    """The words of one side; where there are `many`, those that are frequent in its first `train` sentences."""
    counts = Counter(chain.from_iterable(sentences))
    if len(counts) + len(MARKS) > many:
        in_training = Counter(chain.from_iterable(sentences[:train]))
        counts = Counter({word: count for word, count in counts.items() if in_training[word] >= _LEAST})
    return Vocabulary.counted(counts)


@lru_cache(maxsize=1)
def _parts_of_speech() -> Task:
    """One word, and the tag that it mostly has in running text: a classification.

    The words are those of a file, which says how they were taken from the lexicon: of tags with fewer than 100 clear
    words (determiners, conjunctions …) a held-out word tells nothing, so they are left out, and no tag is more than a
    quarter of all.
    """
    lines = TAGGED_WORDS.read_text(encoding="utf-8").splitlines()
    tags: dict[str, str] = dict(line.split("\t") for line in lines if not line.startswith("#"))
    pairs: list[Pair] = [((word,), (tags[word],)) for word in shuffled(tags, seed=0)]
    source, target = (Vocabulary.of(pair[side] for pair in pairs) for side in (0, 1))
    test, validation = _HELD_OUT["test"], _HELD_OUT["validation"]
    return Task(
        PARTS_OF_SPEECH,
        tuple(pairs[test + validation :]),
        tuple(pairs[test : test + validation]),
        tuple(pairs[:test]),
        source,
        target,
        _("Words of the lexicon, each with its most frequent part of speech in running text."),
    )
