"""A text of one's own, for a language model: its lines as words, in three parts that follow each other."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from explorer.data.pairs import PARTS, TEST, TRAIN, VALIDATION
from explorer.data.unpacked import text_lines
from explorer.errors import UserError
from explorer.texts import _, _n
from explorer.transformer.vocabulary import MARKS, Vocabulary
from explorer.translation.sentences import words_of

MOST_LINES = 100_000  # of a longer text so many are read
MOST_WORDS = 64  # a longer line is cut into pieces of so many words
FEWEST_LINES = 50
MOST_DIFFERENT = 10_000  # words of a vocabulary, as many as the Penn Treebank of language models has (Mikolov 2010)
_TWICE = 2  # a word that training has once is <unk>, so that there is something to learn of unknown words
_HELD_OUT = 0.1  # of the lines, for validation and for the test each

Line = tuple[str, ...]


@dataclass(frozen=True)
class PlainText:
    """The lines of each part; `notes` say what became of what is not among them as it stood."""

    parts: dict[str, list[Line]]
    notes: list[str] = field(default_factory=list)


def read_plain_text(path: Path, name: str = "") -> PlainText:
    """The lines of a text that have words: the first eight tenths for training, the next for validation, the last for
    the test, in their order, so that no part has sentences from between those of another. Errors call it by `name`.

    Raises UserError as `text_lines` does, and for fewer than FEWEST_LINES.
    """
    name = name or path.name
    lines: list[Line] = []
    without = 0
    notes = []
    for text in text_lines(path, name):
        if len(lines) == MOST_LINES:
            notes.append(
                _("{name} has more than {most:,} lines: its first {most:,} are read.", name=name, most=MOST_LINES)
            )
            break
        if words := words_of(text):
            lines.append(tuple(map(sys.intern, words)))  # one copy of each word for all lines
        elif text.strip():
            without += 1
    if len(lines) < FEWEST_LINES:
        raise UserError(
            _n(
                "{name} has {count} line with words, but a language model is compared on {fewest} at least. Write a "
                "sentence or a paragraph on each line.",
                "{name} has {count} lines with words, but a language model is compared on {fewest} at least. Write a "
                "sentence or a paragraph on each line.",
                len(lines),
                name=name,
                fewest=FEWEST_LINES,
            )
        )
    if without:
        notes.append(
            _n(
                "{count:,} line has no words and is left out.",
                "{count:,} lines have no words and are left out.",
                without,
            )
        )
    if long := sum(len(line) > MOST_WORDS for line in lines):
        notes.append(
            _n(
                "{count:,} line has more than {most} words: it is cut into pieces of so many, each read as a line.",
                "{count:,} lines have more than {most} words: they are cut into pieces of so many, each read as a "
                "line.",
                long,
                most=MOST_WORDS,
            )
        )
    held_out = round(_HELD_OUT * len(lines))
    cuts = (0, len(lines) - 2 * held_out, len(lines) - held_out, len(lines))
    parts = {part: _pieces(lines[start:end]) for part, start, end in zip(PARTS, cuts, cuts[1:], strict=False)}
    return PlainText(parts, [*notes, *_repeated(parts)])


def _pieces(lines: Sequence[Line]) -> list[Line]:
    return [line[start : start + MOST_WORDS] for line in lines for start in range(0, len(line), MOST_WORDS)]


def _repeated(parts: dict[str, list[Line]]) -> list[str]:
    """A sentence where held-out lines are lines of training as well."""
    known, held_out = set(parts[TRAIN]), [*parts[VALIDATION], *parts[TEST]]
    count = sum(line in known for line in held_out)
    if not count:
        return []
    return [
        _(
            "{share:.0%} of the lines of validation and test occur in training as well: what is measured there is "
            "partly known.",
            share=count / len(held_out),
        )
    ]


def vocabulary_of(train: Collection[Line]) -> Vocabulary:
    """The words that training has twice or more often, the most frequent MOST_DIFFERENT of them."""
    counts = Counter(word for line in train for word in line)
    frequent = sorted(
        (word for word, count in counts.items() if count >= _TWICE), key=lambda word: (-counts[word], word)
    )
    known = set(frequent[:MOST_DIFFERENT])
    return Vocabulary.of([word for word in line if word in known] for line in train)


def description(name: str, parts: dict[str, list[Line]], vocabulary: Vocabulary) -> str:
    """How long each part is, what the words are, and what perplexity counts."""
    test = [word for line in parts[TEST] for word in line]
    return _(
        "A language model of {name} says each next word: {train:,} lines for training, {validation:,} for validation "
        "and {test:,} for the test, in the order of the text. Words are in small letters and without punctuation. The "
        "model knows {words:,} words, those that training has twice or more often; all others, {unknown:.1%} of the "
        "test part, are <unk>, which it reads and says as one word. Perplexity is e to the mean loss of all words "
        "and line ends, so it may be compared only with that of the same text and the same words.",
        name=name,
        **{part: len(lines) for part, lines in parts.items()},
        words=len(vocabulary) - len(MARKS),
        unknown=sum(word not in vocabulary for word in test) / len(test),
    )
