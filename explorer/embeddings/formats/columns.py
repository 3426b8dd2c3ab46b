"""Tables of Arrow: Parquet, Feather and Arrow's own files, with a column of words and one of vectors, or one a number.

pyarrow reads them; the app needs it anyway.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from explorer.embeddings.embedding import Array
from explorer.embeddings.formats.rows import Block, VectorFile
from explorer.embeddings.formats.source import FormatError, Source
from explorer.embeddings.formats.words import MOST_COLUMNS, WORD_COLUMNS
from explorer.texts import _

PARQUET, FEATHER, STREAM, OLD_FEATHER = b"PAR1", b"ARROW1", b"\xff\xff\xff\xff", b"FEA1"
_INDEX = "__index_level_0__"  # where pandas keeps an index without a name


class ColumnsFile(VectorFile):
    """A table of which `word` is the column of words, and `numbers` are those of the vectors."""

    def __init__(self, source: Source, title: str, table: Any, word: str, numbers: list[str], dimensions: int) -> None:
        super().__init__(source, dimensions)
        self.format = title
        self._table, self._word, self._numbers = table, word, numbers
        rest = (name for name in table.schema.names if name not in (word, *numbers) and not name.startswith("__"))
        self.columns = tuple(name for name in rest if not pa.types.is_nested(table.schema.field(name).type))
        self.columns = self.columns[:MOST_COLUMNS]
        self._count = table.count

    def _share(self, rows: int) -> float:
        return rows / max(1, int(self._count))

    def _blocks(self) -> Iterator[Block]:
        first = 0
        for batch in _whole(
            self._table.batches([self._word, *self._numbers, *self.columns], self.rows_at_a_time), self.source.name
        ):
            values = _bytes(batch.column(self._word))
            rows = list(range(first, first + len(values)))
            words = [self.decoded(value, row) for value, row in zip(values, rows, strict=True)]
            if len(self._numbers) == 1:
                good, vectors = self._listed(batch.column(self._numbers[0]), words, first)
            else:
                columns = [pc.cast(batch.column(name), pa.float32(), safe=False) for name in self._numbers]
                good = list(range(len(words)))
                vectors = np.stack([column.to_numpy(zero_copy_only=False) for column in columns], axis=1)
            fields = list(zip(*(_texts(batch.column(name)) for name in self.columns), strict=True))
            yield Block(
                [words[place] for place in good],
                vectors,
                [rows[place] for place in good],
                fields=[fields[place] for place in good] if self.columns else None,
            )
            first += len(words)

    def _listed(self, column: Any, words: list[str], first: int) -> tuple[list[int], Array]:
        """Which lists have d numbers, and these (n, d)."""
        lengths = pc.fill_null(pc.list_value_length(column), 0).to_numpy(zero_copy_only=False)
        good = np.flatnonzero(lengths == self.dimensions).tolist()
        for place in np.flatnonzero(lengths != self.dimensions).tolist():
            problem = FormatError(
                _(
                    "Row {row:,} of {name} has {count} numbers, but {dimensions} were expected, as in the rows before.",
                    row=first + place + 1,
                    name=self.source.name,
                    count=int(lengths[place]),
                    dimensions=self.dimensions,
                )
            )
            self.report.bad("other width", first + place, words[place], problem)
        values = pc.cast(column.take(pa.array(good, pa.int64())).flatten(), pa.float32(), safe=False)
        return good, values.to_numpy(zero_copy_only=False).reshape(len(good), self.dimensions)


class _Parquet:
    def __init__(self, stream: Any) -> None:
        self._file = pq.ParquetFile(stream)
        self.schema, self.count = self._file.schema_arrow, self._file.metadata.num_rows

    def batches(self, names: list[str], rows: int) -> Iterator[Any]:
        return iter(self._file.iter_batches(batch_size=rows, columns=names))


class _Arrow:
    def __init__(self, stream: Any, is_stream: bool) -> None:
        self._stream, self._is_stream = stream, is_stream
        self.schema, self.count = self._open().schema, 0

    def _open(self) -> Any:
        self._stream.seek(0)
        return pa.ipc.open_stream(self._stream) if self._is_stream else pa.ipc.open_file(self._stream)

    def batches(self, names: list[str], rows: int) -> Iterator[Any]:
        reader = self._open()
        batches = reader if self._is_stream else map(reader.get_batch, range(reader.num_record_batches))
        for batch in batches:
            for first in range(0, len(batch), rows):
                yield batch.slice(first, rows).select(names)


def read_head(source: Source, metadata: Path | None) -> ColumnsFile | None:
    """The file as a table of Arrow, or None where it is something else."""
    head = source.head()
    if not head.startswith((PARQUET, FEATHER, STREAM, OLD_FEATHER)):
        return None
    if head.startswith(OLD_FEATHER):
        raise FormatError(
            _("{name} is of the first version of Feather: write it again as version 2, or Parquet.", name=source.name)
        )
    title = "Parquet" if head.startswith(PARQUET) else "Arrow"
    try:
        stream = pa.PythonFile(source.seekable(), mode="r")
        table = _Parquet(stream) if head.startswith(PARQUET) else _Arrow(stream, head.startswith(STREAM))
        return _recognised(source, title, table)
    except (pa.ArrowException, UnicodeDecodeError, KeyError) as error:
        raise FormatError(
            _(
                "{name} is a damaged file of {title}: {error}. Get the file again.",
                name=source.name,
                title=title,
                error=error,
            )
        ) from error


def _recognised(source: Source, title: str, table: Any) -> ColumnsFile:
    types = {name: table.schema.field(name).type for name in table.schema.names}
    lists = [name for name, kind in types.items() if _is_list(kind)]
    texts = [name for name, kind in types.items() if _is_text(kind)]
    floats = [name for name, kind in types.items() if pa.types.is_floating(kind)]
    numbered = [name for name in floats if name[-1:].isdigit()]
    numbers = lists[:1] or (numbered if len(numbered) > 1 else floats)
    called = [name for name in texts if name.lower() in WORD_COLUMNS or name == _INDEX]
    if not texts or not (lists or len(numbers) > 1):
        raise FormatError(
            _(
                "{name} is a table with the columns {columns}, but one of words and one of vectors, as lists of "
                "numbers, are needed; or one of words and one for each dimension.",
                name=source.name,
                columns=", ".join(f"{name} ({kind})" for name, kind in types.items()),
            )
        )
    word = (called or texts)[0]
    dimensions = len(numbers)
    if lists:
        batches = _whole(table.batches(numbers, 1), source.name)
        lengths = (pc.list_value_length(batch.column(0)) for batch in batches)
        dimensions = next((length for some in lengths for length in some.to_pylist() if length), 0)
    return ColumnsFile(source, title, table, word, numbers, dimensions)


def _is_list(kind: Any) -> bool:
    is_list = pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    return bool(is_list and (pa.types.is_floating(kind.value_type) or pa.types.is_integer(kind.value_type)))


def _is_text(kind: Any) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(pa.types.is_string(kind) or pa.types.is_large_string(kind))


def _texts(column: Any) -> list[str]:
    """A column as texts, whatever its type; an empty one where nothing is."""
    if _is_text(column.type):
        return [value.decode(errors="backslashreplace") for value in _bytes(column)]
    return ["" if value is None else str(value) for value in column.to_pylist()]


def _raw(column: Any) -> Any:
    """A column whose texts, which need not be UTF-8, are bytes."""
    if pa.types.is_string(column.type):
        return column.view(pa.binary())
    return column.view(pa.large_binary()) if pa.types.is_large_string(column.type) else column


def _bytes(column: Any) -> list[bytes]:
    """A column of texts, which need not be UTF-8; none where nothing is."""
    if pa.types.is_dictionary(column.type):
        column = column.dictionary_decode()
    return [value or b"" for value in pc.cast(column, pa.large_binary()).to_pylist()]


def _whole(batches: Iterator[Any], name: str) -> Iterator[Any]:
    """Batches, of which one that cannot be read raises FormatError; what is in them stays within its bounds."""
    try:
        for batch in batches:
            for column in batch.columns:
                _raw(column).validate(full=True)
            yield batch
    except (pa.ArrowException, UnicodeDecodeError) as error:
        raise FormatError(_("{name} is damaged: {error}. Get the file again.", name=name, error=error)) from error
