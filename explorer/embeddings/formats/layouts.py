"""How the lines of a table are split into fields, and how their numbers are written."""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from explorer.embeddings.formats.numbers import is_number

GROUPED = re.compile(r"\s*[-+]?[1-9]\d{0,2}(,\d{3})+(\.\d+)?\s*")  # with commas between thousands, as 1,234.5
_SURELY_GROUPED = re.compile(r"[^.]*,[^.]*([,.])\d*\s*")  # where the comma is no decimal one
_DECIMAL = re.compile(r"\s*[-+]?\d*(,\d+)?([eE][-+]?\d+)?\s*")
_BRACKETS = re.compile(  # also as tensor([…]), array([…], dtype=float32), or (…); a line may be nothing but spaces
    r"\s*(?P<word>\S(?:.*?[^\s:=,;])??)[\s:=,;]++"
    r"(?:(?:[\w.]+\()?\[(?P<numbers>[^\[\]]*)\](?:, \w+=[\w.]+)?\)?|\((?P<tuple>[^()]*)\))[\s,;]*"
)

Split = Callable[[str], list[str]]


@dataclass(frozen=True)
class Layout:
    """How the lines of a table are split into fields, and how their numbers are written."""

    title: str
    split: Split
    decimal_comma: bool = False
    is_grouped: bool = False  # by commas between thousands
    is_spaced: bool = False  # so that a word may have spaces in it, and end in a number

    def number(self, field: str) -> str | None:
        """A field as a number is written in English, None for one that is none."""
        if self.decimal_comma:
            if not field.strip() or not _DECIMAL.fullmatch(field):
                return None
            return field.strip().replace(",", ".")
        if self.is_grouped and GROUPED.fullmatch(field):
            field = field.replace(",", "")
        return field if is_number(field.encode(errors="replace")) else None


def grouped(layout: Layout, rows: Sequence[Sequence[str]]) -> Layout:
    """A layout as it is, or one whose numbers have commas between thousands, where some can be nothing else."""
    fields = (field for row in rows for field in row if "," in field)
    surely = any(GROUPED.fullmatch(field) and _SURELY_GROUPED.fullmatch(field) for field in fields)
    return replace(layout, is_grouped=True) if surely and not layout.decimal_comma else layout


def _csv(separator: str) -> Split:
    def split(line: str) -> list[str]:
        if '"' in line and line.count('"') % 2 == 0:
            return next(csv.reader([line], delimiter=separator, skipinitialspace=True), [])
        fields = line.split(separator)
        if '"' in line and '"' not in fields:
            return []  # a field in quotes that ends in another line; a word may be one quote
        return fields

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


def _with_bars(line: str) -> list[str]:
    return [field.strip() for field in _csv("|")(line)]


def _behind_a_space(line: str) -> list[str]:
    parts = line.rsplit(None, 1)
    return [parts[0], *parts[1].split(",")] if len(parts) == 2 else [line]


def _in_brackets(line: str) -> list[str]:
    match = _BRACKETS.fullmatch(line)
    if match is None:
        return [line]
    numbers = match["tuple"] if match["numbers"] is None else match["numbers"]
    return [match["word"].strip("\"'"), f"[{numbers}]"]


WITH_TABS = Layout("text with tabs", lambda line: line.split("\t"))
LAYOUTS = (
    Layout("text with decimal commas", _decimals, decimal_comma=True, is_spaced=True),
    Layout("CSV", _csv(",")),
    Layout("CSV with decimal commas", _csv(","), decimal_comma=True),
    Layout("CSV with semicolons", _csv(";")),
    Layout("CSV with semicolons and decimal commas", _csv(";"), decimal_comma=True),
    Layout("text with bars", _with_bars),
    Layout("text with commas", _behind_a_space),
    Layout("text with brackets", _in_brackets),
)
