"""Numbers in binary with a list of words: NumPy's .npy and .npz, the projector's .bytes, GloVe's own .bin."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from tokenize import TokenError  # NumPy looks at headers of Python 2 so
from typing import Any, BinaryIO, cast

import numpy as np
from numpy.lib import format as npy
from numpy.typing import DTypeLike

from explorer.embeddings.embedding import Array
from explorer.embeddings.formats.letters import is_text
from explorer.embeddings.formats.rows import MOST_WORDS, Block, VectorFile
from explorer.embeddings.formats.source import LARGEST, FormatError, Source, open_source
from explorer.embeddings.formats.words import (
    MOST_COLUMNS,
    VECTOR_COLUMNS,
    WORD_COLUMNS,
    Words,
    beside,
    configuration,
    count_lines,
    needed,
    read_words,
)
from explorer.errors import named
from explorer.texts import _

_MAGIC = b"\x93NUMPY"
_ZIP = b"PK\x03\x04"
_LARGEST_WORDS = 2**31  # bytes of an array of words, which is in memory
_NAMED = 8  # arrays of an archive that are named
_SAMPLE = 2**12  # bytes that tell of which type the numbers are
_FEWEST, _LEAST, _GREATEST = 8, 1e-9, 1e4  # numbers; and of which size the numbers of vectors are, if they are not 0


class ArrayFile(VectorFile):
    """Rows of numbers of one type, (n, width), of which the first d are the vector of a word.

    GloVe's own file has the vectors of contexts behind those of words, at `contexts`; the sum of both is the vector.
    """

    def __init__(
        self, source: Source, title: str, words: Words, rows: Rows, dimensions: int, contexts: Rows | None = None
    ) -> None:
        super().__init__(source, dimensions)
        self.format = title
        self.words, self.columns = words, words.columns
        self._rows, self._contexts = rows, contexts

    def _share(self, rows: int) -> float:
        return rows / len(self.words.words)

    def _blocks(self) -> Iterator[Block]:
        size = len(self.words.words)
        for first in range(0, size, self.rows_at_a_time):
            rows = range(first, min(first + self.rows_at_a_time, size))
            vectors = self._rows.read(rows, self.source)
            if self._contexts:
                vectors = vectors + self._contexts.read(rows, self.source)
            with np.errstate(over="ignore", invalid="ignore"):  # `blocks` looks at what comes of it
                yield self.words.block(rows, vectors[:, : self.dimensions].astype("<f4", copy=False))


class Rows:
    """Numbers (n, width) of one type in a stream, from `start` on; in Fortran's order column after column."""

    def __init__(self, stream: BinaryIO, start: int, shape: tuple[int, int], dtype: DTypeLike, fortran: bool = False):
        self.stream, self.start, self.shape, self.dtype = stream, start, shape, np.dtype(dtype)
        self._columns: Array | None = None
        self._fortran = fortran

    def read(self, rows: range, source: Source) -> Array:
        """Some of the rows (m, width). Raises FormatError where the file ends before."""
        n, width = self.shape
        if self._fortran:
            if self._columns is None:
                self._columns = self._floats(0, n * width, source).reshape(width, n)
            return np.ascontiguousarray(self._columns[:, rows.start : rows.stop].T)
        return self._floats(rows.start * width, len(rows) * width, source).reshape(len(rows), width)

    def _floats(self, first: int, count: int, source: Source) -> Array:
        if self.stream.tell() != (at := self.start + first * self.dtype.itemsize):
            self.stream.seek(at)
        data = self.stream.read(count * self.dtype.itemsize)
        if len(data) < count * self.dtype.itemsize:
            raise source.cut_short()
        return np.frombuffer(data, dtype=self.dtype)


def read_head(source: Source, metadata: Path | None) -> ArrayFile | None:
    """The file as an array of numbers, or None where it is something else."""
    head = source.head()
    if head.startswith(_MAGIC):
        rows = _array(source.stream, source.name)
        if rows.shape[0] > MOST_WORDS:
            raise _too_many(source)
        words = read_words(needed(metadata, source), rows.shape[0], source, lambda: source.step(0.0))
        return ArrayFile(source, "NumPy array", words, rows, rows.shape[1])
    if head.startswith(_ZIP):
        return _archive(source, metadata)
    return _raw(source, metadata)


def _too_many(source: Source) -> FormatError:
    return FormatError(
        _(
            "{name} holds more than {most_words:,} words. Take its most frequent ones.",
            name=source.name,
            most_words=MOST_WORDS,
        )
    )


def _header(stream: BinaryIO, name: str) -> tuple[tuple[int, ...], bool, np.dtype[np.generic]]:
    """The shape of an array of NumPy, whether it is in Fortran's order, and its type. Raises FormatError."""
    try:
        version = npy.read_magic(stream)
        read = npy.read_array_header_1_0 if version == (1, 0) else npy.read_array_header_2_0
        shape, fortran, dtype = read(stream)
        if min(shape, default=0) < 0:
            raise ValueError(f"its shape is {shape}")
    except (ValueError, EOFError, TypeError, KeyError, OverflowError, SyntaxError, TokenError) as error:
        raise FormatError(
            _("{name} is a NumPy array whose header is damaged: {error}.", name=name, error=str(error).rstrip("."))
        ) from error
    if dtype.hasobject:
        raise FormatError(
            _(
                "{name} is a NumPy array of Python objects: a pickle, which could run any program when it is opened, "
                "so it is not read. Save it with a type of its own: numbers as float32, words as str.",
                name=name,
            )
        )
    if dtype.itemsize * int(np.prod(shape, dtype=object)) > LARGEST:
        raise FormatError(_("{name} says that it has more than {most} GB.", name=name, most=LARGEST // 2**30))
    return shape, fortran, dtype


def _array(stream: BinaryIO, name: str) -> Rows:
    shape, fortran, dtype = _header(stream, name)
    if len(shape) != 2 or dtype.kind not in "fiu":
        raise FormatError(
            _(
                "{name} is a NumPy array of {dtype} with the shape {shape}, but a row of numbers for each word is "
                "needed: (words, dimensions).",
                name=name,
                dtype=dtype,
                shape=shape,
            )
        )
    return Rows(stream, stream.tell(), (shape[0], shape[1]), dtype, fortran)


def _archive(source: Source, metadata: Path | None) -> ArrayFile:
    """An .npz file: its array of rows that is called so, or its only one, with its array of words or those of
    `metadata`; others of one axis that are as long are further columns."""
    archive = zipfile.ZipFile(source.stream)
    headers: dict[str, tuple[tuple[int, ...], np.dtype[np.generic]]] = {}
    for member in archive.namelist():
        with archive.open(member) as stream:
            try:
                shape, _fortran, dtype = _header(cast(BinaryIO, stream), f"{source.name}/{member}")
            except FormatError:
                if not metadata:
                    raise
                continue  # such as words as Python objects, in whose place others are given
        headers[member] = shape, dtype
    vectors = [name for name, (shape, dtype) in headers.items() if len(shape) == 2 and dtype.kind in "fiu"]
    flat = {
        name: shape[0]
        for name, (shape, dtype) in headers.items()
        if len(shape) == 1 and dtype.kind in "USfiub" and dtype.itemsize * shape[0] <= _LARGEST_WORDS
    }
    if {"indices.npy", "indptr.npy"} <= set(headers):
        raise FormatError(
            _(
                "{name} is a sparse matrix of SciPy: save all its numbers by numpy.save(“vectors.npy”, "
                "matrix.toarray()), and import that file with a list of its words.",
                name=source.name,
            )
        )
    texts = _named([name for name in flat if headers[name][1].kind in "US"], WORD_COLUMNS)
    if texts and not metadata:
        vectors = [name for name in vectors if headers[name][0][0] == flat[texts[0]]] or vectors
    vectors = _named(vectors, VECTOR_COLUMNS)
    if not vectors or (len(vectors) > 1 and not _is_called(vectors[0], VECTOR_COLUMNS)) or not (texts or metadata):
        raise FormatError(
            _(
                "{name} is an archive of NumPy arrays ({kinds}), but one of vectors, (words, dimensions), and one of "
                "words, of type str, are needed; or one of vectors, and a list of words (on the command line: "
                "--metadata FILE).",
                name=source.name,
                kinds=", ".join(
                    f"{_name(member)}: {dtype} {shape}" for member, (shape, dtype) in islice(headers.items(), _NAMED)
                ),
            )
        )
    rows = _array(cast(BinaryIO, archive.open(vectors[0])), f"{source.name}/{vectors[0]}")
    n = rows.shape[0]
    if n > MOST_WORDS:
        raise _too_many(source)
    if len(vectors) > 1:
        source.report.say(
            _(
                "The vectors are {array} of {name}; {others} were left out.",
                array=_name(vectors[0]),
                name=source.name,
                others=named(list(map(_name, vectors[1:]))),
            )
        )
    if metadata:
        words = read_words(metadata, n, source, lambda: source.step(0.0))
    else:
        if flat[texts[0]] != n:
            raise FormatError(
                _(
                    "{name} has {words:,} words, but {vectors:,} vectors: they do not belong together.",
                    name=source.name,
                    words=flat[texts[0]],
                    vectors=n,
                )
            )
        others = [each for each in flat if each != texts[0] and flat[each] == n][:MOST_COLUMNS]
        _check_size(source, [headers[each] for each in (texts[0], *others)])
        columns = [[_text(value) for value in _flat(archive, each, source)] for each in others]
        fields = list(zip(*columns, strict=True)) if others else None
        words = Words([_text(each) for each in _flat(archive, texts[0], source)], tuple(map(_name, others)), fields)
    return ArrayFile(source, "NumPy archive", words, rows, rows.shape[1])


def _name(member: str) -> str:
    return member.removesuffix(".npy")


def _is_called(member: str, names: Sequence[str]) -> bool:
    return _name(member).lower() in names


def _named(members: list[str], names: Sequence[str]) -> list[str]:
    """Members of an archive, those first that are called so."""
    return sorted(members, key=lambda member: not _is_called(member, names))


def _check_size(source: Source, headers: Sequence[tuple[tuple[int, ...], np.dtype[np.generic]]]) -> None:
    """Raises FormatError where arrays of one axis are together too large for the memory."""
    if sum(dtype.itemsize * shape[0] for shape, dtype in headers) > _LARGEST_WORDS:
        raise FormatError(
            _(
                "The words and columns of {name} have more than {most} GB. Save it with shorter or fewer ones.",
                name=source.name,
                most=_LARGEST_WORDS // 2**30,
            )
        )


def _flat(archive: zipfile.ZipFile, member: str, source: Source) -> list[Any]:
    """What an array of one axis holds; the bytes behind it, which may be any number, are not read."""
    with archive.open(member) as stream:
        (n,), _fortran, dtype = _header(cast(BinaryIO, stream), f"{source.name}/{member}")
        data = stream.read(n * dtype.itemsize)
    if len(data) < n * dtype.itemsize:
        raise source.cut_short()
    return cast(list[Any], np.ndarray(n, dtype, data).tolist())


def _text(value: Any) -> str:
    return value.decode(errors="backslashreplace") if isinstance(value, bytes) else str(value)


def _raw(source: Source, metadata: Path | None) -> ArrayFile | None:
    """Numbers in binary without any header, or None where the file begins with other bytes."""
    source.rewind()
    sample = source.stream.read(_SAMPLE)
    if is_text(sample):
        return None
    doubles = not _are_numbers(sample, "<f4")  # the second half of a double is a strange float
    if doubles and not _are_numbers(sample, "<f8"):
        return None
    metadata = metadata or beside(source.path)
    if metadata is None:
        raise FormatError(
            _(
                "{name} has numbers in binary and no words. If it is GloVe's own .bin, give its vocabulary (on the "
                "command line: --metadata vocab.txt), or train with -binary 0 or 2 and import the .txt. If it is a "
                "tensor of the projector (.bytes), give its metadata.",
                name=source.name,
            )
        )
    size = source.size()
    with open_source(metadata) as lines:
        count = count_lines(lines, MOST_WORDS, empty=True)
    title, dtype, copies = ("GloVe's own binary", "<f8", 2) if doubles else ("projector's tensor", "<f4", 1)
    itemsize = np.dtype(dtype).itemsize
    shape = configuration(source.path).get("tensorShape")
    is_whole = isinstance(shape, list) and len(shape) == 2 and all(isinstance(axis, int) and axis > 0 for axis in shape)
    possible = [shape[0]] if is_whole and shape else [count, count - 1]  # one line may be a header
    for n in possible:
        width, rest = divmod(size, itemsize * copies * n) if n > 0 else (0, 1)
        if not rest and width > copies - 1:
            words = read_words(metadata, n, source, lambda: source.step(0.0))
            rows = Rows(source.stream, 0, (n, width), dtype)
            contexts = Rows(source.stream, n * width * itemsize, (n, width), dtype) if copies == 2 else None
            return ArrayFile(source, title, words, rows, width - (copies - 1), contexts)
    raise FormatError(
        _(
            "{name} has {numbers:,} numbers in binary, which are no whole rows for the {words:,} words of {metadata}: "
            "they do not belong together.",
            name=source.name,
            numbers=size // itemsize,
            words=count,
            metadata=metadata.name,
        )
    )


def _are_numbers(sample: bytes, dtype: str) -> bool:
    """Whether bytes are such numbers as vectors have: finite, and neither tiny nor huge; few are zero."""
    itemsize = np.dtype(dtype).itemsize
    numbers = np.abs(np.frombuffer(sample[: len(sample) // itemsize * itemsize], dtype=dtype))
    if len(numbers) < _FEWEST or not np.isfinite(numbers).all():
        return False
    some = numbers[numbers > 0]
    return bool(2 * len(some) > len(numbers) and some.min() > _LEAST and some.max() < _GREATEST)
