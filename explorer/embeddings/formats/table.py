"""Tables with commas: CSV with or without a header, semicolons, decimal commas, a vector in one cell.

Each line becomes one of word2vec text with tabs, which `text` reads. Further columns travel with the words.
"""

from __future__ import annotations

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain, product
from pathlib import Path

from explorer.embeddings.formats.layouts import GROUPED, LAYOUTS, WITH_TABS, Layout, grouped
from explorer.embeddings.formats.numbers import are_counts, is_number, numbers_at_end
from explorer.embeddings.formats.opening import Opening, counts, opening, titles_passed_over
from explorer.embeddings.formats.rows import MOST_WORDS, Block, whole
from explorer.embeddings.formats.source import FormatError, Source
from explorer.embeddings.formats.text_rows import TextFile
from explorer.embeddings.formats.words import WORD_COLUMNS, Words, beside, count_lines, needed, needless, read_words
from explorer.texts import _

_CUT = re.compile(
    r"\s(?:[\w.]{0,20}[(\[]{1,2})?[-+]?[\d.][\d.eE+-]*$"
)  # how a word ends to which a number was joined by mistake
_UNNAMED = re.compile(r"(?i)unnamed: \d+|index|level_0")  # what pandas calls a column without a title
_SAMPLE = 100  # rows that tell what the columns are
_LONGEST_FIELD = 2**20
_COMMA = re.compile(r"\s*[-+]?\d+(,\d+)+(\.\d+)?\s*")


@dataclass(frozen=True)
class Columns:
    """Which fields of a line are what: the word, None where there is none; the numbers, or the one with all of them;
    and further ones by their names."""

    word: int | None
    numbers: list[int]
    cell: int | None
    others: dict[str, int]
    dimensions: int
    width: int
    titles_are_counted: bool
    count: int | None = None  # the field that says how often the word occurs


class TableFile(TextFile):
    """Lines of fields, of which one is the word, or whose words are given."""

    def __init__(
        self,
        source: Source,
        layout: Layout,
        columns: Columns,
        head: Opening,
        start: int,
        words: Words | None,
        joined: bool,
    ) -> None:
        dimensions = columns.dimensions
        super().__init__(source, dimensions, head.header[0] if head.header else None, b"\t", start, is_sure=True)
        self.format = layout.title
        self.columns = tuple(columns.others) if words is None else words.columns
        self.longest_line += 2 * dimensions + _LONGEST_FIELD * bool(columns.others)  # quotes
        self._layout, self._columns, self._given = layout, columns, words
        self._joined = joined
        self.rows_are_lines = not joined and words is None
        self._others: list[tuple[str, ...]] = []
        self._counts: list[int] = []
        self.say_columns(
            _("{count:,} columns are the vector", count=len(columns.numbers))
            if columns.cell is None
            else _("Column {number} is the vector", number=columns.cell + 1)
        )

    def _pieces(self) -> Iterator[list[bytes]]:
        pieces = super()._pieces()
        return _closed(pieces, self.longest_line) if self._joined else pieces

    def _read(self, line: bytes) -> bytes:
        columns, layout = self._columns, self._layout
        try:
            # bytes that are no UTF-8 come through as they are, for `decoded` to count
            fields = layout.split(line.decode(errors="surrogateescape").rstrip("\r\n"))
        except csv.Error:
            fields = []
        if layout.is_spaced and (more := len(fields) - columns.width) > 0:
            fields = [" ".join(fields[: more + 1]), *fields[more + 1 :]]
        places = columns.numbers if columns.cell is None else [columns.cell]
        self._others.append(
            tuple(whole(fields[place]) if place < len(fields) else "" for place in columns.others.values())
        )
        count = "" if columns.count is None or columns.count >= len(fields) else fields[columns.count].strip()
        self._counts.append(int(count) if count.isdecimal() else 0)
        if len(fields) <= max(*places, columns.word or 0, 0) or any(fields[columns.width :]):
            return line.replace(b"\t", b" ")  # which has too few numbers, and is counted for that
        if columns.cell is None:
            numbers = [layout.number(fields[place]) or fields[place].strip() or "(empty)" for place in places]
        else:
            numbers = _in_cell(fields[columns.cell])
        word = "" if columns.word is None else fields[columns.word].replace("\t", " ")
        if self._given is not None:
            word = self._given.words[len(self._others) - 1].replace("\t", " ") or "."
        return "\t".join([word, *numbers]).encode(errors="surrogateescape")

    def _blocks(self) -> Iterator[Block]:
        for block in super()._blocks():
            if self._columns.count is not None:
                block = replace(block, counts=[self._counts[row] for row in block.rows])
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
    sample = head.rows[:_SAMPLE]
    is_tabbed = _has_columns(sample)
    if not is_tabbed and 2 * sum(_are_spaced(row) for row in sample) > len(sample):
        return None  # which is text with spaces or tabs
    whole_rows = list(chain.from_iterable(_closed([sample], _LONGEST_FIELD)))
    if len(head.rows) > _SAMPLE and whole_rows[-1].count(b'"') % 2:
        whole_rows.pop()  # it goes on after the sample
    layouts = (WITH_TABS,) if is_tabbed else LAYOUTS
    for layout, some in product(layouts, (whole_rows, sample) if len(whole_rows) < len(sample) else (sample,)):
        try:
            rows = [layout.split(row.decode(errors="replace").rstrip("\r\n")) for row in some]
        except csv.Error:
            continue
        layout = grouped(layout, rows)
        joined = len(some) < len(sample)
        if joined and len(set(map(len, rows))) > 1:
            continue  # the quotes of these lines do not belong together
        columns, has_titles = _columns(layout, rows, head)
        if columns is None or (columns.cell is not None and layout.decimal_comma):
            continue  # of a vector in one cell, commas stand between the numbers
        if has_titles:
            if columns.titles_are_counted:
                head = titles_passed_over(head, source)
            else:
                source.stream.seek(head.start)
                next(line for line in source.lines(0.0) if line.strip())
        start = source.stream.tell() if has_titles else head.start
        source.stream.seek(start)
        _say_numbers(layout, columns, rows, source)
        if layout.decimal_comma:
            source.report.say(_("The numbers of {name} have decimal commas, which were read.", name=source.name))
        words = None
        if columns.word is not None and columns.cell is None:
            columns = _without_counts(columns, layout, rows[has_titles:], source)
        if columns.word is None:
            if has_titles and not (metadata or beside(source.path)):
                _refuse_turned(rows[0], source)
            file = needed(metadata, source)
            words = read_words(file, count_lines(source, MOST_WORDS), source, lambda: source.step(0.0))
        elif metadata:
            raise needless(metadata, source)
        return TableFile(source, layout, columns, head, start, words, joined)
    return None


def _are_spaced(row: bytes) -> bool:
    """Whether a line is a word and numbers with spaces or tabs between them."""
    numbers = numbers_at_end(row.split())
    return numbers > 1 or (numbers == 1 and not re.search(rb"[,;|]", row))


def _has_columns(rows: Sequence[bytes]) -> bool:
    """Whether lines have as many fields with tabs between them, of which two or more before the numbers are texts."""
    fields = [row.rstrip(b"\r\n").split(b"\t") for row in rows]
    texts = {len(row) - numbers_at_end(row) for row in fields[1:]}
    return len(set(map(len, fields))) == 1 and len(texts) == 1 and 2 <= min(texts) < len(fields[0]) - 1


def _closed(pieces: Iterable[list[bytes]], longest: int) -> Iterator[list[bytes]]:
    """Lines of which some belong together, for a field in quotes goes on in the next one."""
    row = b""
    for some in pieces:
        rows = []
        for line in some:
            row += line
            if row.count(b'"') % 2 == 0 or len(row) > longest:
                rows.append(row)
                row = b""
        yield rows
    if row:
        yield [row]


def _columns(layout: Layout, rows: Sequence[Sequence[str]], head: Opening) -> tuple[Columns | None, bool]:
    """What the columns hold, None where they are not those of vectors; and whether the first row has their names."""
    body = rows[1:] or rows
    width = Counter(map(len, body)).most_common(1)[0][0]
    whole = [row for row in body if len(row) == width]
    numeric = [place for place in range(width) if _share(whole, place, lambda field: layout.number(field) is not None)]
    cells = [place for place in range(width) if _share(whole, place, lambda field: len(_in_cell(field)) > 1)]
    first = rows[0]
    titled = [first[place].strip() for place in numeric if place < len(first)]
    counted = counts([title.encode() for title in titled if title and not _UNNAMED.fullmatch(title)])
    names_words = any(title.strip().lower() in WORD_COLUMNS for title in first)
    are_whole = any(all(row[place].strip().isdigit() for place in numeric) for row in whole)
    counted = counted and (names_words or not are_whole)
    has_titles = counted or (
        len(rows) > 1 and not any(place < len(first) and layout.number(first[place]) for place in numeric)
    )
    has_titles &= not any(place < len(first) and _in_cell(first[place]) for place in cells)
    titles = [title.strip() for title in first] if has_titles else []
    called = [titles.index(title) for title in titles if title.lower() in WORD_COLUMNS]
    verbal = [place for place in range(width) if place not in (*numeric, *cells[:1])]
    if not set(called) & set(verbal) and len(called) == 1 and called[0] in numeric:
        numeric.remove(called[0])  # words such as years
        verbal = called
    if verbal and len(numeric) > 1:
        numeric = [place for place in numeric if not _counts_rows(whole, place, titles)]
    if cells:
        numbers, cell, dimensions = [], cells[0], len(_in_cell(whole[0][cells[0]]))
    else:
        with_number = _numbered(titles, numeric)
        numbers, cell = (with_number if len(with_number) > 1 else numeric), None
        if head.header:
            numbers = numeric[-head.header[1] :]
            if len(numbers) != head.header[1]:
                return None, False
        elif len(numbers) < 2:
            return None, False
        dimensions = len(numbers)
    if head.header and not verbal and len(numeric) > len(numbers):
        verbal = [place for place in numeric if place not in numbers]
    taken = {*numbers, *cells[:1]}
    word = next((place for place in [*called, *verbal] if place in verbal), None)
    if word is not None and 2 * sum(bool(_CUT.search(row[word])) for row in whole) > len(whole):
        return None, False  # a number belongs to the word, so that something else stands between them
    others = {titles[place]: place for place in range(len(titles)) if place not in taken and place != word}
    others = {title: place for title, place in others.items() if title and not _UNNAMED.fullmatch(title)}
    if not has_titles:
        others = {_("column {number}", number=place + 1): place for place in verbal if place != word}
    return Columns(word, numbers, cell, others, dimensions, width, counted), has_titles


def _refuse_turned(titles: Sequence[str], source: Source) -> None:
    """Raises FormatError for columns of numbers whose titles may be the words, for they do not end in a number."""
    first, *rest = [title.strip() for title in titles]
    has_index = not first or bool(_UNNAMED.fullmatch(first))
    words = rest if has_index else [first, *rest]
    if len(words) < 2 or any(word[-1:].isdigit() for word in words) or len(set(words)) < len(words):
        return
    index = ", index_col=0" * has_index
    turn = f'pandas.read_csv("{source.name}"{index}).T.to_csv("turned.csv")'
    raise FormatError(
        _(
            "{name} has numbers only, below a first line of words: “{first}”, “{second}” …. If these are the words of "
            "the vectors, the table lies on its side: turn it, so that each word has a row, for example in pandas by "
            "{turn}, and import that file. If they are the names of the dimensions, give a list of its words, one a "
            "line (on the command line: --metadata FILE).",
            name=source.name,
            first=words[0],
            second=words[1],
            turn=turn,
        )
    )


def _say_numbers(layout: Layout, columns: Columns, rows: Sequence[Sequence[str]], source: Source) -> None:
    """Note what was made of numbers with commas between thousands, or perhaps before decimals."""
    values = [[row[place] for row in rows if place < len(row)] for place in columns.numbers]
    if layout.is_grouped and (fields := [each for some in values for each in some if GROUPED.fullmatch(each)]):
        source.report.say(
            _(
                "Numbers of {name} with commas between thousands, such as “{field}”, were read.",
                name=source.name,
                field=fields[0].strip(),
            )
        )
    for title, place in columns.others.items():
        fields = [row[place] for row in rows[1:] if place < len(row) and row[place].strip()]
        commas = [field for field in fields if _COMMA.fullmatch(field)]
        if commas and all(_COMMA.fullmatch(field) or is_number(field.encode(errors="replace")) for field in fields):
            source.report.say(
                _(
                    "{title} has numbers with a comma, such as “{field}”, and is not in the vector: it can be one "
                    "between thousands or before decimals. Write the numbers without it (1234.5), and import again.",
                    title=title,
                    field=commas[0].strip(),
                )
            )


def _without_counts(columns: Columns, layout: Layout, rows: Sequence[Sequence[str]], source: Source) -> Columns:
    """The columns as they are, or with the first of numbers as counts, which is said, as in a text."""
    whole = [row for row in rows if len(row) == columns.width]
    fields = [[(layout.number(row[place]) or "").strip().encode() for row in whole] for place in columns.numbers]
    if not are_counts(fields):
        return columns
    source.report.say(
        _(
            "The first number behind each word of {name} is a whole one and never rises, as of no other column: "
            "these were taken for counts.",
            name=source.name,
        )
    )
    first, *numbers = columns.numbers
    return replace(columns, numbers=numbers, dimensions=len(numbers), count=first)


def _numbered(titles: Sequence[str], places: Sequence[int]) -> list[int]:
    """The places of titles that are one text with numbers behind it, such as d0, d1 …: of the text with the most."""
    texts: dict[str, list[int]] = {}
    for place in places:
        if place < len(titles) and titles[place][-1:].isdigit():
            texts.setdefault(titles[place].rstrip("0123456789"), []).append(place)
    return max(texts.values(), key=len, default=[])


def _counts_rows(rows: Sequence[Sequence[str]], place: int, titles: Sequence[str]) -> bool:
    """Whether a column numbers the rows, as an index that pandas or R writes, which has no title."""
    title = titles[place] if place < len(titles) else ""
    return (not title or bool(_UNNAMED.fullmatch(title))) and counts([row[place].strip().encode() for row in rows])


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
