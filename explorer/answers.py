"""What every answer can be taken along as: JSON, CSV, a table in a notebook, a data frame, lines of text."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import TYPE_CHECKING, Any, ClassVar

if TYPE_CHECKING:
    import pandas

MINUS = "−"
BYTE_ORDER_MARK = "\ufeff"  # tells Excel that a file is UTF-8
# Words that readers of CSV take for a missing value where they do not stand in quotes.
_TAKEN_FOR_MISSING = {
    "", "#n/a", "#na", "-nan", "n/a", "na", "nan", "nil", "none", "null", "<na>", "1.#ind", "1.#qnan", "-1.#ind",
    "-1.#qnan", "true", "false", "inf", "-inf", "infinity",
}  # fmt: skip
_ROWS_IN_HTML = 200


@dataclass(frozen=True)
class Table:
    """A header and rows; numbers stay numbers, None is an empty cell."""

    header: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


class Answer:
    """The answer to a question. A subclass has `as_json` and `table`, and may have a `headline` and `sentences`."""

    most_listed: ClassVar[int | None] = None  # rows that are printed to be read, where they are not all
    headings_are_data: ClassVar[bool] = False  # whether the rows cannot be read without them

    @property
    def headline(self) -> str:
        """One line that says what the answer is about."""
        return ""

    @property
    def sentences(self) -> Sequence[str]:
        """What a reader should know beside the numbers."""
        return ()

    def as_json(self) -> Any:
        """The whole answer as JSON knows it: no NaN, no infinity."""
        raise NotImplementedError

    def table(self) -> Table:
        """The answer's rows."""
        raise NotImplementedError

    def as_csv(self, byte_order_mark: bool = False) -> str:
        """The rows as CSV (RFC 4180), with a byte order mark for Excel if wished.

        Words such as *null* stand in quotes. In pandas, `read_csv(…, keep_default_na=False)` keeps them as words.
        """
        table = self.table()
        return BYTE_ORDER_MARK * byte_order_mark + csv_text(table.header, table.rows)

    def as_frame(self) -> pandas.DataFrame:
        """The rows as a pandas DataFrame."""
        import pandas

        table = self.table()
        return pandas.DataFrame(list(table.rows), columns=list(table.header))

    def as_text(self, headings: bool = True) -> str:
        """The rows as lines with aligned columns, numbers to the right; the first ones, where there are too many."""
        table = self.table()
        texts = [table.header] * headings + [tuple(map(written, row)) for row in table.rows[: self.most_listed]]
        widths = [max((_width(row[i]) for row in texts), default=0) for i in range(len(table.header))]
        right = [all(_is_number(row[i]) for row in table.rows) for i in range(len(table.header))]
        return "\n".join(
            "  ".join(_padded(text, width, side) for text, width, side in zip(row, widths, right, strict=True)).rstrip()
            for row in texts
        )

    def _repr_html_(self) -> str:
        """The table as a notebook draws it."""
        table = self.table()
        head = "".join(f"<th>{escape(name)}</th>" for name in table.header)
        body = "".join(
            "<tr>" + "".join(f"<td{_ALIGNED[_is_number(cell)]}>{escape(written(cell))}</td>" for cell in row) + "</tr>"
            for row in table.rows[:_ROWS_IN_HTML]
        )
        more = len(table.rows) - _ROWS_IN_HTML
        rest = f"<p>… and {more:,} more rows.</p>" if more > 0 else ""
        said = "".join(f"<p>{escape(sentence)}</p>" for sentence in self.sentences)
        caption = f"<caption>{escape(self.headline)}</caption>" if self.headline else ""
        return f"<table>{caption}<thead><tr>{head}</tr></thead><tbody>{body}</tbody></table>{rest}{said}"

    def __str__(self) -> str:
        return "\n".join(filter(None, (self.headline, self.as_text(), *self.sentences)))


_ALIGNED = {True: ' style="text-align: right; font-variant-numeric: tabular-nums"', False: ' style="text-align: left"'}


def csv_text(header: Iterable[Any], rows: Iterable[Iterable[Any]]) -> str:
    """A header line and one line a row; None is an empty field, and a word that looks like none stands in quotes.

    Words stay as they are, also one such as =1+1, which a spreadsheet may take for a formula: with a sign before it, it
    would be another word to every other program.
    """
    return "".join(",".join(map(_field, row)) + "\r\n" for row in (header, *rows))


def written(cell: Any) -> str:
    """A cell as people read it: four decimals, thousands apart, a real minus sign."""
    if cell is None:
        return "–"
    if isinstance(cell, bool):
        return "yes" if cell else "no"
    if isinstance(cell, int):
        return f"{cell:,}".replace("-", MINUS)
    if isinstance(cell, float):
        text = f"{cell:.4f}"
        return text.replace("-", MINUS if float(text) else "")
    return str(cell)


def size_written(size: int) -> str:
    """A number of bytes as people read it."""
    return f"{size / 1e9:,.2f} GB" if size >= 1e9 else f"{size / 1e6:,.1f} MB"


def _field(cell: Any) -> str:
    if cell is None:
        return ""
    text = str(cell)
    if not isinstance(cell, str):
        return text
    quoted = text.strip().lower() in _TAKEN_FOR_MISSING or any(sign in text for sign in ',"\r\n')
    return '"' + text.replace('"', '""') + '"' if quoted else text


def _is_number(cell: Any) -> bool:
    return cell is None or (isinstance(cell, (int, float)) and not isinstance(cell, bool))


def _width(text: str) -> int:
    """How many columns of a terminal it takes."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text
    )


def _padded(text: str, width: int, right: bool) -> str:
    space = " " * (width - _width(text))
    return space + text if right else text + space
