"""Tables with commas: CSV with or without a header, semicolons, decimal commas, a vector in one cell.

Each line becomes one of word2vec text with tabs, which `text` reads. Further columns travel with the words.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from explorer.embeddings.formats.rows import MOST_WORDS, Block, whole
from explorer.embeddings.formats.source import FormatError, Source
from explorer.embeddings.formats.text import Opening, TextFile, is_number, numbers_at_end, opening
from explorer.embeddings.formats.words import WORD_COLUMNS, Words, count_lines, needed, read_words
from explorer.texts import _

_DECIMAL = re.compile(r"\s*[-+]?\d*(,\d+)?([eE][-+]?\d+)?\s*")
_SAMPLE = 100  # rows that tell what the columns are
_LONGEST_FIELD = 2**20

Split = Callable[[str], list[str]]


@dataclass(frozen=True)
class Layout:
    """How the lines of a table are split into fields, and how their numbers are written."""

    title: str
    split: Split
    decimal_comma: bool = False

    def number(self, field: str) -> str | None:
        """A field as a number is written in English, None for one that is none."""
        if self.decimal_comma:
            if not field.strip() or not _DECIMAL.fullmatch(field):
                return None
            return field.strip().replace(",", ".")
        return field if is_number(field.encode(errors="replace")) else None


@dataclass(frozen=True)
class Columns:
    """Which fields of a line are what: the word, None where there is none; the numbers, or the one with all of them;
    and further ones by their names."""

    word: int | None
    numbers: list[int]
    cell: int | None
    others: dict[str, int]
    width: int


class TableFile(TextFile):
    """Lines of fields, of which one is the word, or whose words are given."""

    def __init__(
        self, source: Source, layout: Layout, columns: Columns, head: Opening, start: int, words: Words | None
    ) -> None:
        dimensions = len(columns.numbers) if columns.cell is None else columns.width
        super().__init__(source, dimensions, head.header[0] if head.header else None, b"\t", start, is_sure=True)
        self.format = layout.title
        self.columns = tuple(columns.others) if words is None else words.columns
        self.longest_line += 2 * dimensions + _LONGEST_FIELD * bool(columns.others)  # quotes
        self._layout, self._columns, self._given = layout, columns, words
        self._others: list[tuple[str, ...]] = []

    def _read(self, line: bytes) -> bytes:
        columns, layout = self._columns, self._layout
        try:
            # bytes that are no UTF-8 come through as they are, for `decoded` to count
            fields = layout.split(line.decode(errors="surrogateescape").rstrip("\r\n"))
        except csv.Error:
            fields = []
        places = columns.numbers if columns.cell is None else [columns.cell]
        self._others.append(
            tuple(whole(fields[place]) if place < len(fields) else "" for place in columns.others.values())
        )
        if len(fields) <= max(*places, columns.word or 0, 0):
            return line.replace(b"\t", b" ")  # which has too few numbers, and is counted for that
        if columns.cell is None:
            numbers = [layout.number(fields[place]) or fields[place] or "?" for place in places]
        else:
            numbers = _in_cell(fields[columns.cell])
        word = "" if columns.word is None else fields[columns.word].replace("\t", " ")
        if self._given is not None:
            word = "."
        return "\t".join([word, *numbers]).encode(errors="surrogateescape")

    def _blocks(self) -> Iterator[Block]:
        for block in super()._blocks():
            if self._given is not None:
                yield self._given.block(block.rows, block.vectors)
            elif self.columns:
                yield replace(block, fields=[self._others[row] for row in block.rows])
            else:
                yield block


def read_head(source: Source, metadata: Path | None) -> TableFile | None:
    """The file as a table with commas, or None where it is something else."""
    head = opening(source)
    if head is None or not head.rows:
        return None
    sample = [row.decode(errors="replace").rstrip("\r\n") for row in head.rows[:_SAMPLE]]
    if 2 * sum(bool(numbers_at_end(row.split())) for row in head.rows[:_SAMPLE]) > len(sample):
        return None  # which is text with spaces or tabs
    for layout in _LAYOUTS:
        try:
            rows = [layout.split(row) for row in sample]
        except csv.Error:
            continue
        columns, has_titles = _columns(layout, rows, head)
        if columns is None:
            continue
        source.stream.seek(head.start)
        if has_titles:
            next(line for line in source.lines(0.0) if line.strip())
        start = source.stream.tell()
        if layout.decimal_comma:
            source.report.say(_("The numbers of {name} have decimal commas, which were read.", name=source.name))
        words = None
        if columns.word is None:
            file = needed(metadata, source)
            words = read_words(file, count_lines(source, MOST_WORDS), source, lambda: source.step(0.0))
        elif metadata:
            raise FormatError(
                _(
                    "{name} has words of its own: leave {metadata_name} out.",
                    name=source.name,
                    metadata_name=metadata.name,
                )
            )
        return TableFile(source, layout, columns, head, start, words)
    return None


def _columns(layout: Layout, rows: Sequence[Sequence[str]], head: Opening) -> tuple[Columns | None, bool]:
    """What the columns hold, None where they are not those of vectors; and whether the first row has their names."""
    body = rows[1:] or rows
    width = Counter(map(len, body)).most_common(1)[0][0]
    whole = [row for row in body if len(row) == width]
    numeric = [place for place in range(width) if _share(whole, place, lambda field: layout.number(field) is not None)]
    cells = [place for place in range(width) if _share(whole, place, lambda field: len(_in_cell(field)) > 1)]
    first = rows[0]
    has_titles = len(rows) > 1 and not any(place < len(first) and layout.number(first[place]) for place in numeric)
    has_titles &= not any(place < len(first) and _in_cell(first[place]) for place in cells)
    titles = [title.strip() for title in first] if has_titles else []
    if cells:
        numbers, cell, dimensions = [], cells[0], len(_in_cell(whole[0][cells[0]]))
    else:
        counted = [place for place in numeric if place < len(titles) and titles[place][-1:].isdigit()]
        numbers, cell, dimensions = (counted if len(counted) > 1 else numeric), None, 0
        if head.header:
            numbers = numeric[-head.header[1] :]
            if len(numbers) != head.header[1]:
                return None, False
        elif len(numbers) < 2:
            return None, False
    taken = {*numbers, *([] if cell is None else [cell])}
    verbal = [place for place in range(width) if place not in taken and place not in numeric]
    if head.header and not verbal and len(numeric) > len(numbers):
        verbal = [place for place in numeric if place not in taken]
    called = [titles.index(title) for title in titles if title.lower() in WORD_COLUMNS]
    word = next((place for place in [*called, *verbal] if place in verbal), None)
    others = {titles[place]: place for place in range(len(titles)) if place not in taken and place != word}
    others.pop("", None)
    return Columns(word, numbers, cell, others, dimensions), has_titles


def _share(rows: Sequence[Sequence[str]], place: int, is_so: Callable[[str], bool]) -> bool:
    """Whether something is so of nine in ten fields of a column; one that is empty or “nan” does not count."""
    fields = [row[place] for row in rows if row[place].strip()]
    return bool(fields) and 10 * sum(map(is_so, fields)) >= 9 * len(fields)


def _in_cell(field: str) -> list[str]:
    """The numbers of a vector in one field, such as [0.1, 0.2]; none for any other."""
    field = field.strip()
    if not (field.startswith("[") and field.endswith("]")):
        return []
    return field[1:-1].replace(",", " ").split()


def _csv(separator: str) -> Split:
    def split(line: str) -> list[str]:
        if '"' not in line:
            return line.split(separator)
        return next(csv.reader([line], delimiter=separator), [])

    return split


def _decimals(line: str) -> list[str]:
    """Fields with spaces or tabs between them; what stands before the numbers at the end is one."""
    if "\t" in line:
        return line.split("\t")
    fields = line.split()
    numbers = 0
    while numbers < len(fields) and _DECIMAL.fullmatch(fields[-1 - numbers]):
        numbers += 1
    return [" ".join(fields[: len(fields) - numbers]), *fields[len(fields) - numbers :]]


def _behind_a_space(line: str) -> list[str]:
    word, _space, numbers = line.rstrip().rpartition(" ")
    return [word.strip(" \t"), *numbers.split(",")]


_LAYOUTS = (
    Layout("text with decimal commas", _decimals, decimal_comma=True),
    Layout("CSV", _csv(",")),
    Layout("CSV with semicolons", _csv(";")),
    Layout("CSV with semicolons and decimal commas", _csv(";"), decimal_comma=True),
    Layout("text with commas", _behind_a_space),
)
