"""How the rows of a CSV are laid out, which its first lines tell: what is between cells, and where the header is."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice

from explorer.data.unpacked import DELIMITERS
from explorer.texts import _

_BY_EXCEL = re.compile('"?sep=([\t,;|])"?[\t,;|]*')  # the line before the header by which Excel knows the delimiter
_BLANK = " \t\r\n\ufeff"
_ROWS = 100  # that tell which delimiter makes rows of one width


@dataclass(frozen=True)
class Layout:
    """What is between cells, whether they may stand between quotation marks, and which row, from 0, is the header."""

    delimiter: str
    quoted: bool = True
    header: int = 0
    columns: tuple[str, ...] = ()

    def rows(self, lines: Iterable[str]) -> Iterator[tuple[int, int, list[str]]]:
        """The rows that are not blank, the header among them, each with the numbers of its first and last line."""
        reader = csv.reader(
            lines, delimiter=self.delimiter, quoting=csv.QUOTE_MINIMAL if self.quoted else csv.QUOTE_NONE
        )
        first = 1
        for row in reader:
            if len(row) > 1 or "".join(row).strip(_BLANK):
                yield first, reader.line_num, row
            first = reader.line_num + 1


def layout_of(text: str) -> Layout:
    """The layout of a text that begins with the first line that is not empty."""
    text = text.replace("\ufeff", "").lstrip("\r\n")
    by_excel = _BY_EXCEL.fullmatch(re.split("[\r\n]", text, maxsplit=1)[0].strip(" "))
    delimiter = by_excel[1] if by_excel else _delimiter(text)
    layout = Layout(delimiter, delimiter != "\t" or _quotes_cells(text, delimiter), 1 if by_excel else 0)
    header = next(islice(_beginning(layout, text), layout.header, None), [])
    names = [" ".join(line.strip() for line in re.split("[\r\n]+", cell.strip())) for cell in header]
    return replace(layout, columns=_columns(names))


def _beginning(layout: Layout, text: str) -> Iterator[list[str]]:
    return (row for _first, _last, row in layout.rows(io.StringIO(text, newline="")))


def _delimiter(text: str) -> str:
    """Which delimiter the header has most often; of several, that which makes most rows as wide as the header."""
    rows = {each: list(islice(_beginning(Layout(each), text), _ROWS)) for each in DELIMITERS}

    def fit(delimiter: str) -> tuple[bool, float, int]:
        widths = list(map(len, rows[delimiter])) or [0]
        whole = widths.count(widths[0]) / len(widths)
        return widths[0] > 1, whole, sum(not cell.startswith(" ") for row in rows[delimiter][:1] for cell in row)

    # before a space, a comma is one of a name
    return max(DELIMITERS, key=fit)


def _columns(cells: Sequence[str]) -> tuple[str, ...]:
    """The names of columns. One without a name, such as pandas' index, is called by its place, as no other is."""
    columns = []
    names = {*cells}
    for number, cell in enumerate(cells, start=1):
        name = cell or _("column {number}", number=number)
        while not cell and name in names:
            name = f"({name})"
        columns.append(name)
    return tuple(columns)


def _quotes_cells(text: str, delimiter: str) -> bool:
    """Whether the rows are whole where quotation marks hold cells together; between tabs they are often plain marks."""
    rows = []
    try:
        for row in csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True):
            rows.append(len(row))
    except csv.Error as error:
        if "unexpected end" not in str(error):
            return False
    return len(set(rows[:-1])) < 2
