"""The rows of one JSON document: a list of objects, or a table as pandas writes it."""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Any, TypeGuard

from explorer.data.unpacked import TableError
from explorer.errors import cut, named
from explorer.texts import _

Row = dict[str, Any]
_FEWEST_COLUMNS = 2  # a text and a label


def rows_of(text: str, name: str) -> list[Row]:
    """The rows of a document. Raises TableError for one that holds no table, or more than one."""
    try:
        rows = rows_in(json.loads(text), name)
    except (ValueError, RecursionError):
        rows = None
    if rows is None:
        raise TableError(
            _(
                "{name} begins as JSON, but is neither a list of objects nor JSON Lines: write one object with a text "
                "and a label on each line.",
                name=name,
            )
        )
    return rows


def rows_in(document: Any, name: str) -> list[Row] | None:
    """Those of a list of objects, of the only one in an object, or of a table by columns, by rows or split into names
    and cells; None for any other value. Raises TableError where it is not plain which rows are meant."""
    match document:
        case [*_entries]:
            return document if _are_rows(document) else None
        case {"columns": [*columns], "data": [[*_cells], *_others] as rows}:
            whole = all(isinstance(row, list) and len(row) == len(columns) for row in rows)
            return [dict(zip(map(str, columns), row, strict=True)) for row in rows] if whole else None
        case {}:
            tables = {key: value for key, value in document.items() if _are_rows(value)}
            if len(tables) > 1:
                raise TableError(
                    _(
                        "{name} has several lists of objects: {tables}. Write the one that is meant into a file of its "
                        "own.",
                        name=name,
                        tables=named(list(map(cut, tables))),
                    )
                )
            return next(iter(tables.values())) if tables else _by_columns(document, name)
    return None


def _by_columns(document: dict[str, Any], name: str) -> list[Row] | None:
    """The rows of an object of columns, as pandas writes them by default, or of rows, each by its key."""
    values = list(document.values())
    if values and all(isinstance(value, dict) for value in values) and _as_rows(document) > _as_rows(values[0]):
        return values
    if len(values) < _FEWEST_COLUMNS or not all(isinstance(value, dict | list) for value in values):
        return None
    columns: dict[str, dict[Any, Any]] = {
        key: dict(enumerate(value)) if isinstance(value, list) else value for key, value in document.items()
    }
    (one, first), *others = columns.items()
    if (other := next((key for key, column in others if column.keys() != first.keys()), None)) is not None:
        raise TableError(
            _(
                "{name} has a column “{one}” and a column “{other}”, but not with the same rows. Give each column the "
                "same keys.",
                name=name,
                one=cut(one),
                other=cut(other),
            )
        )
    return [{column: cells[key] for column, cells in columns.items()} for key in first]


def _as_rows(keys: Collection[Any]) -> tuple[bool, int]:
    """How much keys are as those of rows rather than of columns: numbers, and many."""
    return all(str(key).isdecimal() for key in keys), len(keys)


def _are_rows(value: object) -> TypeGuard[list[Row]]:
    return isinstance(value, list) and bool(value) and all(isinstance(entry, dict) for entry in value)
