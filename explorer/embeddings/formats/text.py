"""Text: a line for each word, the word first and then its numbers. word2vec, fastText .vec and GloVe write it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

from explorer.embeddings.formats.numbers import are_counts, is_number, is_whole, numbers_at_end
from explorer.embeddings.formats.opening import Opening, opening, titles_passed_over
from explorer.embeddings.formats.source import FormatError, Source
from explorer.embeddings.formats.text_rows import (
    CONFLICT,
    Bare,
    CountedFile,
    TextFile,
    conflict,
    unquoted,
    without_colon,
    without_number,
    without_quotes,
)
from explorer.texts import _

_COUNTS = re.compile(rb"\s*\d{1,12}\s+\d{1,12}\s+(\d{1,9})\s*")  # of entities, relations and dimensions
_SPARSE = re.compile(rb"\s*\S+(\s+\d+:[-+.\deE]+)+\s*")
_ECHO = 40  # bytes of a line that are shown
_AROUND: dict[Bare, re.Pattern[bytes]] = {  # how a line begins whose word has something around it
    unquoted: re.compile(rb'\s*"(?:[^"\\]|\\.|"")*"\s'),
    without_quotes: re.compile(rb"\s*'[^\t]+?'\s"),
    without_colon: re.compile(rb"[^\t]*?[^\s:]:\s"),
    without_number: re.compile(rb"\d+\s[^\s\d]\S*\s[-+.\d]"),
}
_SAMPLE = 200  # rows that tell how many numbers they have


def read_head(source: Source, metadata: Path | None = None) -> TextFile | None:
    """The file as text, or None where it is something else; the source is then wherever it is."""
    head = opening(source)
    if head is None:
        return None
    _refuse(head, source)
    if not head.rows:
        return TextFile(source, head.header[1], head.header[0], b" ", head.start) if head.header else None
    if head.counts_columns:
        head = titles_passed_over(head, source)
    line = head.rows[0].rstrip()
    tabbed = line.split(b"\t")
    separator = b"\t" if len(tabbed) > 1 and all(map(is_number, tabbed[1:])) else b" "
    numbers, is_sure = _width(head.rows, separator)
    bare = next((each for each, pattern in _AROUND.items() if all(map(pattern.match, head.rows[1:]))), None)
    if len(head.rows) < 2:
        bare = None
    if head.header:
        words, dimensions = head.header
        if not source.report.strict and is_sure and not any(_may_have(row, dimensions) for row in head.rows):
            source.report.say(
                _(
                    "The header of {name} promises {promised:,} numbers in each row, but the rows have {numbers:,}: "
                    "these were read.",
                    name=source.name,
                    promised=dimensions,
                    numbers=numbers,
                )
            )
            dimensions = numbers
        return TextFile(source, dimensions, words, separator, head.start, bare=bare)
    fields = [row.split() for row in head.rows]
    if is_sure and {len(row) for row in fields} == {2} and numbers == 1 and not all(is_whole(row[1]) for row in fields):
        raise FormatError(
            _(
                "The rows of {name} have one number each. If that is a model of one dimension, write a line with the "
                "number of its words and a 1 before the first, such as “{rows} 1”, and import it again.",
                name=source.name,
                rows=len(head.rows),
            )
        )
    if numbers < 2:  # one number could be a count
        return None
    start = head.start
    if (counts := _COUNTS.fullmatch(head.rows[0])) and len(head.rows) > 1 and int(counts[1]) == numbers != 2:
        source.stream.seek(start)
        title = next(line for line in source.lines(0.0) if line.strip()).strip().decode()
        start = source.stream.tell()
        source.report.say(
            _(
                "The first line of {name}, “{title}”, has three counts and no vector: it was passed over.",
                name=source.name,
                title=title,
            )
        )
    elif is_sure and _is_comment(head.rows[0], numbers):
        head = titles_passed_over(head, source)
        start, fields = head.start, fields[1:]
    if is_sure and not head.numbers_only and _have_counts(fields, numbers):
        source.report.say(
            _(
                "The first number behind each word of {name} is a whole number and never rises from row to row, which "
                "is true of no other column. These numbers were read as counts.",
                name=source.name,
            )
        )
        return CountedFile(source, numbers - 1, separator, start, is_sure, bare)
    file = TextFile(source, numbers, None, separator, start, is_sure, bare)
    if head.numbers_only:
        file.report.say(
            _(
                "The first column of {name} has whole numbers, each once: they were taken as its words. If it has "
                "none, leave that column out and give a list of words.",
                name=source.name,
            )
        )
    return file


def _have_counts(rows: Sequence[Sequence[bytes]], numbers: int) -> bool:
    """Whether the first of so many numbers in each row says how often its word occurs."""
    whole = [row for row in rows[:_SAMPLE] if len(row) > numbers <= numbers_at_end(row)]
    return are_counts(list(zip(*(row[-numbers:] for row in whole), strict=True)))


def _is_comment(row: bytes, numbers: int) -> bool:
    """Whether a first row is none of a word and so many numbers, but a comment, or a header of three fields."""
    fields = row.split()
    is_header = len(fields) == 3 and fields[0].isdigit() and fields[1].isdigit()
    return (is_header or row.startswith(b"#")) and min(numbers_at_end(fields), len(fields) - 1) != numbers


def _may_have(row: bytes, dimensions: int) -> bool:
    """Whether a row may have so many numbers; what stands before these may end in a whole number."""
    fields = row.split()
    numbers = numbers_at_end(fields)
    return numbers == dimensions or (numbers > dimensions and fields[-dimensions - 1].isdigit())


def _refuse(head: Opening, source: Source) -> None:
    """Raises FormatError for lines of text that are something else than words with their numbers."""
    rows = head.rows
    for number, row in enumerate(rows, start=1):
        if CONFLICT.match(row):
            raise conflict(row, _("row {row:,}", row=number), source.name)
    if sum(bool(_SPARSE.fullmatch(row)) for row in rows) > len(rows) / 2:
        raise FormatError(
            _(
                "The rows of {name} are sparse: they have pairs of a place and a value, such as 7:0.5. Write all "
                "numbers of each row, with zeros in the other places, and import that file.",
                name=source.name,
            )
        )
    if rows and not head.header and all(map(_is_counted, rows)):
        raise FormatError(
            _(
                "{name} has a word and a count on each line and no vectors: it is a vocabulary. Import the file of "
                "vectors, and give this one with it if that has numbers only (on the command line: --metadata {name}).",
                name=source.name,
            )
        )


def _is_counted(row: bytes) -> bool:
    """Whether a line is a word and how often it occurs."""
    word, *count = row.rsplit(None, 1)
    return bool(count) and count[0].isdigit() and not is_number(word) and len(word.split(None, 1)) == 1


def _width(rows: Sequence[bytes], separator: bytes) -> tuple[int, bool]:
    """How many numbers the rows have, and whether more than one of them says so.

    It is that by which most rows can be read: a row may have more, where its word ends in a whole number.
    """
    fields = [row.rstrip().split(separator if separator == b"\t" else None) for row in rows[:_SAMPLE]]
    numbers = [min(numbers_at_end(row), len(row) - 1) for row in fields]
    widths = Counter(numbers)
    if max(widths.values()) == 1:
        return numbers[0], False

    def readable(width: int) -> int:
        return widths[width] + sum(
            row[-width - 1].isdigit() for row, count in zip(fields, numbers, strict=True) if count > width
        )

    return max(
        (width for width, times in widths.items() if times > 1), key=lambda width: (readable(width), widths[width])
    ), True
