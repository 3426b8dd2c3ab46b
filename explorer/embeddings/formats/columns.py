"""Tables of Arrow: Parquet, Feather and Arrow's own files, with a column of words and one of vectors, or one a number.

pyarrow reads them; the app needs it anyway.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from explorer.embeddings.embedding import Array
from explorer.embeddings.formats.rows import Block, VectorFile
from explorer.embeddings.formats.source import FormatError, Source
from explorer.embeddings.formats.words import MOST_COLUMNS, VECTOR_COLUMNS, WORD_COLUMNS, Words, read_words
from explorer.texts import _

PARQUET, FEATHER, STREAM, OLD_FEATHER = b"PAR1", b"ARROW1", b"\xff\xff\xff\xff", b"FEA1"
_KEYS = ("id", "key", "index", "node")  # what a column of numbers is called that stand for words
_ROWS = 1_000  # that tell which column has the words
_INDEX = "__index_level_0__"  # where pandas keeps an index without a name


class ColumnsFile(VectorFile):
    """A table of which `numbers` are the columns of the vectors, and `word` is that of the words, or has them."""

    def __init__(
        self, source: Source, title: str, table: Any, word: str | Words, numbers: list[str], dimensions: int
    ) -> None:
        super().__init__(source, dimensions)
        self.format = title
        self._table, self._word, self._numbers = table, word, numbers
        rest = (name for name in table.schema.names if name not in (word, *numbers) and not name.startswith("__"))
        self.columns = tuple(name for name in rest if not pa.types.is_nested(table.schema.field(name).type))
        self.columns = self.columns[:MOST_COLUMNS] if isinstance(word, str) else word.columns
        self._count = table.count
        self.say_columns(
            _("The column {column} is the vector", column=numbers[0])
            if len(numbers) == 1
            else _("{count:,} columns are the vector", count=len(numbers))
        )

    def _share(self, rows: int) -> float:
        return rows / max(1, int(self._count))

    def _blocks(self) -> Iterator[Block]:
        first = 0
        given = None if isinstance(self._word, str) else self._word
        others = [] if given else [str(self._word), *self.columns]
        batches = self._table.batches([*self._numbers, *others], self.rows_at_a_time)
        for batch in _whole(batches, self.source.name):
            rows = list(range(first, first + len(batch)))
            if given:
                words = [given.words[row] for row in rows]
            else:
                values = _bytes(batch.column(str(self._word)))
                words = [self.decoded(value, row) for value, row in zip(values, rows, strict=True)]
            if len(self._numbers) == 1:
                good, vectors = self._listed(batch.column(self._numbers[0]), words, first)
            else:
                columns = [pc.cast(batch.column(name), pa.float32(), safe=False) for name in self._numbers]
                good = list(range(len(words)))
                vectors = np.stack([column.to_numpy(zero_copy_only=False) for column in columns], axis=1)
            places = [rows[place] for place in good]
            if given:
                yield given.block(places, vectors)
            else:
                fields = list(zip(*(_texts(batch.column(name)) for name in self.columns), strict=True))
                words = [words[place] for place in good]
                yield Block(words, vectors, places, fields=[fields[place] for place in good] if fields else None)
            first += len(rows)

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
        some = column if len(good) == len(words) else column.take(pa.array(good, pa.int64()))
        values = pc.cast(some.flatten(), pa.float32(), safe=False)
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
        self.schema = self._open().schema
        self.count = sum(len(batch) for batch in self.batches(self.schema.names[:1], 2**20))

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
        return _recognised(source, title, table, metadata)
    except (pa.ArrowException, UnicodeDecodeError, KeyError) as error:
        raise FormatError(
            _(
                "{name} is a damaged file of {title}: {error}. Get the file again.",
                name=source.name,
                title=title,
                error=str(error).rstrip("."),
            )
        ) from error


def _recognised(source: Source, title: str, table: Any, metadata: Path | None) -> ColumnsFile:
    types = {name: table.schema.field(name).type for name in table.schema.names}
    lists = _called([name for name, kind in types.items() if _is_list(kind)], VECTOR_COLUMNS)
    floats = [name for name in lists if pa.types.is_floating(types[name].value_type)]
    texts = [name for name, kind in types.items() if _is_text(kind)]
    scalars = [name for name, kind in types.items() if pa.types.is_floating(kind) or pa.types.is_integer(kind)]
    numbered = [name for name in scalars if name[-1:].isdigit() and not name.startswith("__")]
    single = [name for name in scalars if pa.types.is_floating(types[name])]
    numbers = (lists if lists and lists[0].lower() in VECTOR_COLUMNS else floats or lists)[:1]
    numbers = numbers or (numbered if len(numbered) > 1 else single)
    if not lists and len(numbers) < 2:
        raise _without_vectors(source, types)
    dimensions = len(numbers)
    if lists:
        batches = _whole(table.batches(numbers, 1), source.name)
        lengths = (pc.list_value_length(batch.column(0)) for batch in batches)
        dimensions = next((length for some in lengths for length in some.to_pylist() if length), 0)
    if metadata:
        words = read_words(metadata, table.count, source, lambda: source.step(0.0))
        return ColumnsFile(source, title, table, words, numbers, dimensions)
    keys = [name for name in scalars if name.lower() in (*WORD_COLUMNS, _INDEX, *_KEYS) and name not in numbers]
    candidates = _called(texts, (*WORD_COLUMNS, _INDEX)) or keys
    if not candidates:
        raise _without_vectors(source, types)
    if len(candidates) > 1 and candidates[0].lower() not in (*WORD_COLUMNS, _INDEX):
        batch = next(_whole(table.batches(candidates, _ROWS), source.name), None)
        different = [name for name in candidates if batch and len(set(_bytes(batch.column(name)))) == len(batch)]
        candidates = different or candidates
    if candidates == keys:
        source.report.say(
            _(
                "The words of {name} are the numbers in its column {column}. If it has other words, call their column "
                "“word”, or give a list of them.",
                name=source.name,
                column=candidates[0],
            )
        )
    return ColumnsFile(source, title, table, candidates[0], numbers, dimensions)


def _called(names: list[str], known: Sequence[str]) -> list[str]:
    """Names of columns, those first that say what is in them."""
    return sorted(names, key=lambda name: name.lower() not in known)


def _without_vectors(source: Source, types: Mapping[str, Any]) -> FormatError:
    return FormatError(
        _(
            "{name} is a table with the columns {columns}, but one of words and one of vectors, as lists of "
            "numbers, are needed; or one of words and one for each dimension. Words may stand in a list of their own "
            "(on the command line: --metadata FILE).",
            name=source.name,
            columns=", ".join(f"{name} ({kind})" for name, kind in types.items()),
        )
    )


def _is_list(kind: Any) -> bool:
    is_list = pa.types.is_list(kind) or pa.types.is_large_list(kind) or pa.types.is_fixed_size_list(kind)
    return bool(is_list and (pa.types.is_floating(kind.value_type) or pa.types.is_integer(kind.value_type)))


def _is_text(kind: Any) -> bool:
    if pa.types.is_dictionary(kind):
        kind = kind.value_type
    return bool(
        pa.types.is_string(kind)
        or pa.types.is_large_string(kind)
        or pa.types.is_binary(kind)
        or pa.types.is_large_binary(kind)
    )


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
    if pa.types.is_integer(column.type):
        column = pc.cast(column, pa.string())
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
