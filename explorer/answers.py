"""What every answer can be taken along as: JSON, CSV, a table in a notebook, a data frame, lines of text."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from html import escape
from typing import TYPE_CHECKING, Any, ClassVar

from explorer.texts import _, _n

if TYPE_CHECKING:
    import pandas

MINUS = "−"
BYTE_ORDER_MARK = "\ufeff"  # tells Excel that a file is UTF-8
CSV_FOR_EXCEL = _(
    "CSV with a byte order mark, by which Excel knows UTF-8, and a tab before words that it would take for formulas"
)
_FORMULA = re.compile(r"[=+\-@＝＋－＠].*\w", re.DOTALL)  # what a spreadsheet computes; a sign alone is a word
# Words that readers of CSV take for a missing value where they do not stand in quotes.
_TAKEN_FOR_MISSING = {
    "", "#n/a", "#na", "-nan", "n/a", "na", "nan", "nil", "none", "null", "<na>", "1.#ind", "1.#qnan", "-1.#ind",
    "-1.#qnan", "true", "false", "inf", "-inf", "infinity",
}  # fmt: skip
_WITH_BAR = {"similarity", "cosine", "overlap"}  # columns of numbers from −1 to 1


@dataclass(frozen=True)
class Table:
    """A header and rows; numbers stay numbers, None is an empty cell."""

    header: tuple[str, ...]
    rows: tuple[tuple[Any, ...], ...]


class Answer:
    """The answer to a question. A subclass has `as_json` and `table`, and may have a `headline` and `sentences`."""

    most_listed: ClassVar[int | None] = None  # rows that are printed to be read, where they are not all

    @property
    def headline(self) -> str:
        """One line that says what the answer is about."""
        return ""

    @property
    def outcome(self) -> str:
        """How the work ended that made it, in a sentence."""
        return self.headline

    @property
    def sentences(self) -> Sequence[str]:
        """What a reader should know beside the numbers; the warnings, where a subclass has no more to say."""
        return self.warnings

    @property
    def reading(self) -> str:
        """How a number of the rows is to be read, in a sentence; empty where that is plain. Pages say it in their own
        place."""
        return ""

    @property
    def warnings(self) -> Sequence[str]:
        """Those of the sentences that even a program's user should read, beside JSON as well."""
        return ()

    def as_json(self) -> Any:
        """The whole answer as JSON knows it: no NaN, no infinity."""
        raise NotImplementedError

    def table(self) -> Table:
        """The answer's rows."""
        raise NotImplementedError

    def as_csv(self, byte_order_mark: bool = False) -> str:
        """The rows as CSV (RFC 4180), or as Excel opens it rightly: with a byte order mark, and a tab before words such
        as =1+1, which it would compute.

        Words such as *null* stand in quotes. In pandas, `read_csv(…, keep_default_na=False)` keeps them as words, and
        in R `read.csv(…, na.strings="", check.names=FALSE)`.
        """
        table = self.table()
        if not byte_order_mark:
            return csv_text(table.header, table.rows)
        return BYTE_ORDER_MARK + csv_text(table.header, (map(_for_excel, row) for row in table.rows))

    def as_frame(self) -> pandas.DataFrame:
        """The rows as a pandas DataFrame."""
        import pandas

        table = self.table()
        return pandas.DataFrame(list(table.rows), columns=list(table.header))

    def as_text(self) -> str:
        """Headings and rows as lines with aligned columns, numbers to the right; the first rows, where there are too
        many."""
        table = self.table()
        rows = table.rows[: self.most_listed]
        texts = [table.header, *(tuple(map(self.text_of, table.header, row)) for row in rows)]
        widths = [max((text_width(row[i]) for row in texts), default=0) for i in range(len(table.header))]
        right = [all(is_number(row[i]) for row in table.rows) for i in range(len(table.header))]
        return "\n".join(
            "  ".join(_padded(text, width, side) for text, width, side in zip(row, widths, right, strict=True)).rstrip()
            for row in texts
        )

    def as_html(self) -> str:
        """The answer as a notebook draws it, without a style of its own: a table, where a subclass has no picture."""
        from explorer.writing import notebook

        return notebook.table(self.table(), self.cell_text)

    def text_of(self, column: str, value: Any) -> str:
        """A cell as people read it."""
        return written(value)

    def cell_text(self, column: str, value: Any) -> str:
        """The HTML of a cell: what is a similarity has a bar before it."""
        from explorer.writing import notebook

        text = escape(self.text_of(column, value))
        return notebook.bar(value) + text if column in _WITH_BAR and value is not None else text

    def _repr_html_(self) -> str:
        """What Jupyter shows."""
        from explorer.writing import notebook

        return notebook.output(self.as_html(), self.headline, self.sentences)

    def __str__(self) -> str:
        return "\n".join(filter(None, (self.headline, self.as_text(), *self.sentences, self.reading)))


@dataclass(frozen=True)
class Entries(Answer):
    """A list of what is at hand, dataclasses that may each have a `problem`: why it cannot be read."""

    entries: tuple[Any, ...]
    columns: ClassVar[tuple[str, ...]]

    @property
    def sentences(self) -> tuple[str, ...]:
        return tuple(entry.problem for entry in self.entries if entry.problem)

    def as_json(self) -> list[dict[str, Any]]:
        return [asdict(entry) for entry in self.entries]

    def table(self) -> Table:
        return Table(
            self.columns, tuple(tuple(getattr(entry, name) for name in self.columns) for entry in self.entries)
        )


class Document(Answer):
    """An answer that is a file: its `form`, which its name ends in, and its `content`."""

    form: str

    @property
    def content(self) -> bytes:
        raise NotImplementedError

    @property
    def readable(self) -> bytes:
        """What a terminal shows of it, where its reader asked for no form."""
        return self.content


def csv_text(header: Iterable[Any], rows: Iterable[Iterable[Any]]) -> str:
    """A header line and one line a row; None is an empty field, and a word that looks like none stands in quotes.

    Words stay as they are, also one such as =1+1, which a spreadsheet may take for a formula: with a sign before it, it
    would be another word to every other program. `Answer.as_csv` has a form for Excel alone.
    """
    return csv_rows((header, *rows))


def csv_rows(rows: Iterable[Iterable[Any]]) -> str:
    """One line a row."""
    return "".join(",".join(map(_field, row)) + "\r\n" for row in rows)


def _for_excel(cell: Any) -> Any:
    """A cell that no spreadsheet takes for a formula."""
    return f"\t{cell}" if isinstance(cell, str) and _FORMULA.match(cell) else cell


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
    if size < 1e3:
        return _n("{count} byte", "{count} bytes", size)
    if size < 1e5:
        return f"{size / 1e3:,.0f} kB"
    return f"{size / 1e9:,.2f} GB" if size >= 1e9 else f"{size / 1e6:,.1f} MB"


def extent_written(words: int, dimensions: int) -> str:
    """How many words a model has, and how long their vectors are."""
    return _(
        "{words} × {dimensions}",
        words=_n("{count:,} word", "{count:,} words", words),
        dimensions=_n("{count:,} dimension", "{count:,} dimensions", dimensions),
    )


def _field(cell: Any) -> str:
    if cell is None:
        return ""
    text = str(cell)
    if not isinstance(cell, str):
        return text
    quoted = text.strip().lower() in _TAKEN_FOR_MISSING or any(sign in text for sign in ',"\r\n')
    return '"' + text.replace('"', '""') + '"' if quoted else text


def is_number(cell: Any) -> bool:
    """Whether it may stand in a column of numbers: an empty cell may."""
    return cell is None or (isinstance(cell, (int, float)) and not isinstance(cell, bool))


def text_width(text: str) -> int:
    """How many columns of a terminal it takes."""
    return sum(
        0 if unicodedata.combining(sign) else 2 if unicodedata.east_asian_width(sign) in "WF" else 1 for sign in text
    )


def _padded(text: str, width: int, right: bool) -> str:
    space = " " * (width - text_width(text))
    return space + text if right else text + space
