"""Further columns of a vocabulary, such as a category or a year, which a file had beside its words and vectors."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from explorer.arrays import Array
from explorer.errors import UserError, cut, named
from explorer.texts import _

LANGUAGE = "language"  # the column of what keys such as /c/en/duck say
_OF_ANSWERS = {"part of speech", "true neighbours"} | set(
    "rank word pos similarity count tier score percentile survived kept x y z at true_neighbours tag cosine "
    "frequency closeness columns".split()
)


@dataclass(frozen=True, eq=False)
class Columns:
    """What each of V words has in each of c columns: a text, empty where it has none."""

    names: tuple[str, ...]
    codes: Array  # (c, V) int32: which of the column's values each word has
    values: tuple[tuple[str, ...], ...]

    def of(self, row: int) -> dict[str, str]:
        """What the word of a row has."""
        return {
            name: values[codes[row]] for name, codes, values in zip(self.names, self.codes, self.values, strict=True)
        }

    def rows(self, first: int, end: int) -> list[tuple[str, ...]]:
        """What some words that follow each other have, a row for each."""
        columns = [
            [values[code] for code in codes[first:end]] for codes, values in zip(self.codes, self.values, strict=True)
        ]
        return list(zip(*columns, strict=True))

    def subset(self, rows: Sequence[int] | Array | slice) -> Columns:
        """Those of some words."""
        return Columns(self.names, self.codes[:, rows], self.values)

    def matching(self, conditions: Sequence[str]) -> Array:
        """Which words (V,) meet conditions such as category=bird. Raises as `wanted` does."""
        wanted = self.wanted(conditions).items()
        masks = [np.isin(self.codes[self.names.index(name)], list(codes)) for name, codes in wanted]
        allowed: Array = np.logical_and.reduce(masks)
        return allowed

    def wanted(self, conditions: Sequence[str]) -> dict[str, set[int]]:
        """The codes that conditions such as category=bird ask of each column, one of which a word has to have.

        Raises UserError for what is no condition, for a column that is not there, and for a value that no word has.
        """
        wanted: dict[str, set[int]] = {}
        for condition in conditions:
            name, equals, value = condition.partition("=")
            if not equals or name not in self.names:
                first = next(filter(None, self.values[0]), "")
                example = f"{self.names[0]}={first}"
                raise UserError(
                    _(
                        "“{condition}” is no condition: write a column and its value, such as {example}. There are the "
                        "columns {names}.",
                        condition=cut(condition),
                        example=example,
                        names=named(self.names),
                    )
                )
            values = self.values[self.names.index(name)]
            if value not in values:
                raise UserError(
                    _(
                        "No word has “{value}” as its {name}. There are {values}.",
                        value=cut(value),
                        name=name,
                        values=named(values),
                    )
                )
            wanted.setdefault(name, set()).add(values.index(value))
        return wanted


def own_names(names: Iterable[str]) -> list[str]:
    """The names of columns as answers can have them beside their own."""
    return [f"{name} (file)" if name in _OF_ANSWERS else name for name in names]


def write_columns(path: Path, columns: Mapping[str, Sequence[str]]) -> None:
    """Keep columns in a file of Arrow, each value once. Raises OSError."""
    import pyarrow as pa

    table = pa.table({name: pa.array(values, pa.string()).dictionary_encode() for name, values in columns.items()})
    with path.open("wb") as out, pa.ipc.new_file(out, table.schema) as writer:
        writer.write_table(table)


def read_columns(path: Path, words: int) -> Columns | None:
    """The columns in a file, None where there is none. Raises ValueError for one that is damaged."""
    if not path.exists():
        return None
    import pyarrow as pa  # an eighth of a second, which models without columns need not wait for

    with path.open("rb") as file:
        table = pa.ipc.open_file(file).read_all().combine_chunks()
    if len(table) != words or not table.column_names:
        raise ValueError(
            _("{name} has {rows:,} rows for {words:,} words", name=path.name, rows=len(table), words=words)
        )
    columns = [table.column(name).combine_chunks() for name in table.column_names]
    if not all(pa.types.is_dictionary(column.type) for column in columns):
        raise ValueError(_("{name} has columns of another type", name=path.name))
    return Columns(
        tuple(table.column_names),
        np.stack([column.indices.to_numpy(zero_copy_only=False) for column in columns]),
        tuple(tuple(column.dictionary.to_pylist()) for column in columns),
    )
