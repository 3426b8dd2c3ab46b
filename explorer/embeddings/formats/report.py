"""What became of the rows of a file that cannot be used as they are: counted by kind, the first of each named.

One report is shown by page and command line, stands in the JSON of an import, and stays in the model's card.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from explorer.embeddings.formats.letters import likely_encoding
from explorer.errors import UserError, cut
from explorer.texts import _, _n

Kind = Literal["word twice", "no word", "long word", "other width", "no number", "not finite", "too short", "not UTF-8"]
KINDS: tuple[Kind, ...] = get_args(Kind)
KEPT: tuple[Kind, ...] = ("not UTF-8",)  # with escapes in place of what is no letter; rows of all others are left out

MOST_ROWS = 10  # that may be bad in any file …
MOST_SHARE = 0.01  # … and of all rows, in one that has more bad ones
_NAMED = 3  # rows of a kind that are named
_ECHO = 20  # letters of their words
_TELLING = 1_000  # words that tell an encoding


@dataclass(frozen=True)
class BadRow:
    """One of them: its number from 1 among the rows of vectors, and where known its word, its line in the file from 1,
    and what stands there where a number belongs."""

    row: int
    word: str = ""
    line: int | None = None
    field: str = ""

    def __str__(self) -> str:
        where = self._where
        if not self.field:
            return where
        return _("in {where}, “{field}” is not a number", where=where, field=cut(self.field, _ECHO))

    @property
    def _where(self) -> str:
        where = place(self.row, self.line)
        return _("{where} (“{word}”)", where=where, word=cut(self.word, _ECHO)) if self.word else where

    def as_json(self) -> dict[str, Any]:
        """Without the line and the field where these are not known."""
        further = {"line": self.line} if self.line is not None else {}
        return {"row": self.row, "word": self.word, **further, **({"field": self.field} if self.field else {})}


def place(row: int, line: int | None) -> str:
    """Where something stands, both from 1: an editor shows lines, and rows count where a file has none."""
    return _("row {row:,}", row=row) if line is None else _("line {line:,}", line=line)


@dataclass
class BadRows:
    """The rows of one kind: how many there are, and the first of them."""

    kind: Kind
    count: int = 0
    first: list[BadRow] = field(default_factory=list)

    @property
    def sentence(self) -> str:
        rows = ", ".join(map(str, self.first)) + (", …" if self.count > len(self.first) else "")
        if not any(row.field for row in self.first):
            return _said(self.kind, self.count, rows)
        return _n("{count:,} row was left out: {rows}.", "{count:,} rows were left out: {rows}.", self.count, rows=rows)

    def as_json(self) -> dict[str, Any]:
        return {
            "kind": self.kind,
            "rows": self.count,
            "kept": self.kind in KEPT,
            "first": [row.as_json() for row in self.first],
            "sentence": self.sentence,
        }


class Report:
    """The bad rows of a file, and `notes`: what else a reader of the answers should know.

    A `strict` one raises the problem of the first bad row.
    """

    def __init__(self, strict: bool) -> None:
        self.strict = strict
        self.notes: list[str] = []
        self.problem: UserError | None = None  # of the first bad row
        self.line_of: Callable[[int], int | None] = lambda row: None  # in which line, from 1, a row from 0 stands
        self.encoding = ""  # in which the file may be, a sentence
        self._foreign: dict[str, list[bytes]] = {}  # files of words, and the first that are not UTF-8
        self._kinds: dict[Kind, BadRows] = {}

    def place(self, row: int) -> str:
        """Where a row stands whose number here is from 0."""
        return place(row + 1, self.line_of(row))

    def bad(self, kind: Kind, row: int, word: str, problem: UserError, what: str = "") -> None:
        """Count a row, whose number here is from 0, with `what` stands there where a number belongs; a strict report
        raises the `problem`, which says it alone."""
        if self.strict:
            raise problem
        self.problem = self.problem or problem
        rows = self._kinds.setdefault(kind, BadRows(kind))
        rows.count += 1
        if len(rows.first) < _NAMED:
            rows.first.append(BadRow(row + 1, word, self.line_of(row), what))

    def not_utf8(self, row: int, word: bytes, name: str, problem: UserError) -> None:
        """Count a row, from 0, whose word in the file `name` is not UTF-8."""
        self.bad("not UTF-8", row, word.decode(errors="backslashreplace"), problem)
        words = self._foreign.setdefault(name, [])
        if len(words) < _TELLING:
            words.append(word)

    def name_encoding(self) -> None:
        """Say in which encoding the words may be that are not UTF-8, for no other word is in it."""
        for name, words in self._foreign.items():
            self.encoding = _about_encoding(name, words)

    def say(self, note: str, problem: UserError | None = None) -> None:
        """Note what is no matter of one row; where it is a `problem`, a strict report raises that."""
        if problem and self.strict:
            raise problem
        self.notes.append(note)

    @property
    def kinds(self) -> list[BadRows]:
        """What there is, in the order of KINDS."""
        return [self._kinds[kind] for kind in KINDS if kind in self._kinds]

    @property
    def left_out(self) -> int:
        return sum(rows.count for rows in self.kinds if rows.kind not in KEPT)

    @property
    def sentences(self) -> list[str]:
        return [*self.notes, *(rows.sentence for rows in self.kinds), *filter(None, [self.encoding])]

    def refusal(self, name: str, good: int) -> UserError | None:
        """Why a file with so many good rows is not taken, None where it is.

        It has more than MOST_ROWS bad rows, which are more than MOST_SHARE of all, or no good one.
        """
        total = good + self.left_out
        bad = min(total, sum(rows.count for rows in self.kinds))  # a row may be of two kinds
        if self.problem and not good:
            return self.problem
        if bad <= MOST_ROWS or bad <= MOST_SHARE * total:
            return None
        advice = self.encoding or _("Mend the file, or get it again.")
        return UserError(
            _(
                "{bad:,} of the {total:,} rows of {name} cannot be used, more than one in a hundred, so nothing was "
                "imported. {report} {advice}",
                bad=bad,
                total=total,
                name=name,
                report=" ".join(rows.sentence for rows in self.kinds),
                advice=advice,
            )
        )

    def as_json(self) -> list[dict[str, Any]]:
        """One entry a kind of rows."""
        return [rows.as_json() for rows in self.kinds]


def _about_encoding(name: str, words: Sequence[bytes]) -> str:
    """What to do about a file with words that are not UTF-8, and what they may be."""
    if encoding := likely_encoding(words):
        return _(
            "{name} may be in the encoding {encoding}, in which its words are {words}. If these are right, save it as "
            "UTF-8 in an editor, or by iconv -f {encoding} -t UTF-8 {name}, and import that file.",
            encoding=encoding.upper(),
            words=", ".join(f"“{word.decode(encoding, 'replace')}”" for word in words[:_NAMED]),
            name=name,
        )
    return _(
        "{name} seems to be in another encoding: save it as UTF-8 in an editor, or by iconv, and import that file.",
        name=name,
    )


def _said(kind: Kind, count: int, rows: str) -> str:
    match kind:
        case "word twice":
            return _n(
                "{count:,} duplicate row was skipped (the first was kept): {rows}.",
                "{count:,} duplicate rows were skipped (the first ones were kept): {rows}.",
                count,
                rows=rows,
            )
        case "no word":
            return _n(
                "{count:,} row was left out, because it has no word that can be seen: {rows}.",
                "{count:,} rows were left out, because they have no word that can be seen: {rows}.",
                count,
                rows=rows,
            )
        case "long word":
            return _n(
                "{count:,} row was left out, because its word is too long: {rows}.",
                "{count:,} rows were left out, because their words are too long: {rows}.",
                count,
                rows=rows,
            )
        case "other width":
            return _n(
                "{count:,} row was left out, because it has more or fewer numbers than the others: {rows}.",
                "{count:,} rows were left out, because they have more or fewer numbers than the others: {rows}.",
                count,
                rows=rows,
            )
        case "no number":
            return _n(
                "{count:,} row was left out, because something else stands where a number belongs: {rows}.",
                "{count:,} rows were left out, because something else stands where a number belongs: {rows}.",
                count,
                rows=rows,
            )
        case "not finite":
            return _n(
                "{count:,} row was left out, because it has NaN, infinite or too large values: {rows}.",
                "{count:,} rows were left out, because they have NaN, infinite or too large values: {rows}.",
                count,
                rows=rows,
            )
        case "too short":
            return _n(
                "{count:,} row was left out, because its vector is too short to be compared: {rows}.",
                "{count:,} rows were left out, because their vectors are too short to be compared: {rows}.",
                count,
                rows=rows,
            )
        case "not UTF-8":
            return _n(
                "The word of {count:,} row is not UTF-8; what is no letter in it is written as \\x and two digits: "
                "{rows}.",
                "The words of {count:,} rows are not UTF-8; what is no letter in them is written as \\x and two "
                "digits: {rows}.",
                count,
                rows=rows,
            )
