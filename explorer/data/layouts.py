"""How the rows of a CSV are laid out, which its first lines tell: what is between cells, and where the header is."""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from explorer.data.unpacked import DELIMITERS
from explorer.texts import _

_SAID = re.compile('"?sep=([\t,;|])"?[\t,;|]*')  # the line before the header by which Excel knows the delimiter
_ROWS = 100  # that tell which delimiter makes rows of one width


@dataclass(frozen=True)
class Layout:
    """What stands between cells, whether they may stand between quotation marks, and the header's line, from 0 among
    those that are not empty."""

    delimiter: str
    quoted: bool
    header: int
    columns: tuple[str, ...]

    def rows(self, lines: Iterable[str]) -> Any:
        """A reader of rows, which knows the number of its line; it begins with the first line, not with the header."""
        return csv.reader(lines, delimiter=self.delimiter, quoting=csv.QUOTE_MINIMAL if self.quoted else csv.QUOTE_NONE)


def layout_of(text: str) -> Layout:
    """The layout of a text that begins with the first line that is not empty."""
    lines = [line.replace("\ufeff", "").strip(" \r\n") for line in re.split("[\r\n]", text) if line.strip()]
    if said := _SAID.fullmatch(lines[0]):
        return _with(said[1], text, lines, 1)
    return _with(_delimiter(lines[0], text), text, lines, 0)


def _with(delimiter: str, text: str, lines: Sequence[str], header: int) -> Layout:
    layout = Layout(delimiter, delimiter != "\t" or _quotes_cells(text, delimiter), header, ())
    cells: list[str] = next(layout.rows(lines[header : header + 1]), [])
    return Layout(delimiter, layout.quoted, header, _columns([cell.strip() for cell in cells]))


def _delimiter(first: str, text: str) -> str:
    """Which delimiter the first line has most often; of several, that which makes most rows as wide as the first."""
    present = [delimiter for delimiter in DELIMITERS if delimiter in first]
    if len(present) < 2:
        return present[0] if present else DELIMITERS[0]

    def whole(delimiter: str) -> float:
        widths = []
        try:
            for row in csv.reader(text.splitlines(keepends=True), delimiter=delimiter):
                widths += [len(row)] if row else []
                if len(widths) > _ROWS:
                    break
        except csv.Error:
            return 0.0
        return widths.count(widths[0]) / len(widths) if widths and widths[0] > 1 else 0.0

    # before a space, a comma is one of a name
    return max(present, key=lambda each: (whole(each), first.count(each) - first.count(each + " ")))


def _columns(cells: Sequence[str]) -> tuple[str, ...]:
    """The names of columns. One without a name, such as pandas' index, is called by its place, as no other is."""
    columns = []
    for number, cell in enumerate(cells, start=1):
        name = cell or _("column {number}", number=number)
        while not cell and name in cells:
            name = f"({name})"
        columns.append(name)
    return tuple(columns)


def _quotes_cells(text: str, delimiter: str) -> bool:
    """Whether the rows are whole where quotation marks hold cells together; between tabs they are often plain marks."""
    rows = []
    try:
        for row in csv.reader(text.splitlines(keepends=True), delimiter=delimiter, strict=True):
            rows.append(len(row))
    except csv.Error as error:
        if "unexpected end" not in str(error):
            return False
    return len(set(rows[:-1])) < 2
