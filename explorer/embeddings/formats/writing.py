"""Writing vectors for other programs, which are read again as they were."""

from __future__ import annotations

import gzip
import json
import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np
from numpy.lib import format as npy

from explorer.answers import csv_rows
from explorer.embeddings.bounds import EXPORT_FORMATS
from explorer.embeddings.embedding import Array, Embedding
from explorer.errors import UserError
from explorer.files import check_place, whole
from explorer.texts import _

_ROWS = 2_000  # written at a time
_WITH_LIST = ("projector", "npy")  # whose words stand in a file of their own
_FORBIDDEN = {"word2vec-text": r"\s", "word2vec-binary": r"\s", "projector": r"\t", "npy": r"\t"}


def export(
    embedding: Embedding, path: Path, form: str, progress: Callable[[float], None] = lambda share: None
) -> list[Path]:
    """Write an embedding in one of EXPORT_FORMATS, gzipped where the name ends in .gz; the files that were written.

    The projector and NumPy need two: words, parts of speech and counts go beside the vectors, see `metadata_path`.
    Further columns go along; word2vec's formats have no place for them.
    `progress` is called with the fraction written (0 to 1). Raises UserError where a file is there already or
    cannot be written, and for words that the format cannot hold. Each file appears whole or not at all.
    """
    if form not in EXPORT_FORMATS:
        raise UserError(
            _(
                "“{form}” is not a format. Take one of {formats}.",
                form=form,
                formats=", ".join(EXPORT_FORMATS),
            )
        )
    paths = [path, metadata_path(path)] if form in _WITH_LIST else [path]
    for file in paths:
        check_place(file)
    _check_words(embedding, form)
    try:
        with ExitStack() as drafts:
            vectors, *metadata = (drafts.enter_context(whole(file)) for file in paths)
            with _open(vectors, path.suffix) as out:
                _write_rows(out, embedding, form, progress)
            for draft in metadata:
                with _open(draft, path.suffix) as out:
                    _write_metadata(out, embedding)
    except OSError as error:
        raise UserError(_("{path} cannot be written: {reason}.", path=path, reason=error.strerror)) from error
    return paths


def metadata_path(vectors: Path) -> Path:
    """Where the words of a projector file go: vectors.tsv → metadata.tsv, mine.tsv → mine-metadata.tsv."""
    if "vectors" in vectors.name:
        return vectors.with_name(vectors.name.replace("vectors", "metadata"))
    stem, dot, ending = vectors.name.partition(".")
    return vectors.with_name(f"{stem}-metadata{dot}{ending}")


def _open(draft: Path, suffix: str) -> BinaryIO:
    return cast(BinaryIO, gzip.open(draft, "wb")) if suffix == ".gz" else draft.open("wb")


def _check_words(embedding: Embedding, form: str) -> None:
    forbidden = _FORBIDDEN.get(form)
    for word in embedding.words if forbidden else ():
        if re.search(forbidden or "", word):
            raise UserError(
                _(
                    "“{word}” has a space in it, which {form} cannot hold. {remedy}",
                    word=word,
                    form=form,
                    remedy=_("Take Parquet.") if form in _WITH_LIST else _("Take the projector format."),
                )
            )


def _write_rows(out: BinaryIO, embedding: Embedding, form: str, progress: Callable[[float], None]) -> None:
    with _WRITERS[form](out, embedding) as write:
        for first in range(0, embedding.size, _ROWS):
            words = embedding.words[first : first + _ROWS]
            vectors = np.asarray(embedding.vectors[first : first + _ROWS], dtype="<f4")  # (n, d)
            write(words, vectors, _fields(embedding, first, first + len(words)))
            progress((first + len(words)) / embedding.size)


Fields = Sequence[tuple[str, ...]]
Write = Callable[[Sequence[str], Array, Fields], object]


def _titles(embedding: Embedding) -> tuple[str, ...]:
    return embedding.columns.names if embedding.columns else ()


def _fields(embedding: Embedding, first: int, end: int) -> Fields:
    """What some words have in further columns, a row for each."""
    return embedding.columns.rows(first, end) if embedding.columns else [()] * (end - first)


@contextmanager
def _binary(out: BinaryIO, embedding: Embedding) -> Iterator[Write]:
    _write_header(out, embedding)
    yield lambda words, vectors, fields: out.writelines(
        f"{word} ".encode() + row.tobytes() for word, row in zip(words, vectors, strict=True)
    )


@contextmanager
def _text(out: BinaryIO, embedding: Embedding) -> Iterator[Write]:
    _write_header(out, embedding)
    yield lambda words, vectors, fields: out.writelines(
        f"{word} {row}\n".encode() for word, row in zip(words, _as_text(vectors, " "), strict=True)
    )


@contextmanager
def _tsv(out: BinaryIO, embedding: Embedding) -> Iterator[Write]:
    yield lambda words, vectors, fields: out.writelines(f"{row}\n".encode() for row in _as_text(vectors, "\t"))


@contextmanager
def _npy(out: BinaryIO, embedding: Embedding) -> Iterator[Write]:
    shape = (embedding.size, embedding.dimensions)
    npy.write_array_header_1_0(out, {"descr": "<f4", "fortran_order": False, "shape": shape})
    yield lambda words, vectors, fields: out.writelines(row.tobytes() for row in vectors)


@contextmanager
def _csv(out: BinaryIO, embedding: Embedding) -> Iterator[Write]:
    numbers = (f"d{place}" for place in range(embedding.dimensions))
    out.write(csv_rows([("word", *_titles(embedding), *numbers)]).encode())
    yield lambda words, vectors, fields: out.write(
        csv_rows((word, *more, *row) for word, more, row in zip(words, fields, vectors, strict=True)).encode()
    )


@contextmanager
def _json_lines(out: BinaryIO, embedding: Embedding) -> Iterator[Write]:
    titles = _titles(embedding)
    yield lambda words, vectors, fields: out.writelines(
        f"{json.dumps({'word': word} | dict(zip(titles, more, strict=True)), ensure_ascii=False)[:-1]}"
        f', "vector": [{row}]}}\n'.encode()
        for word, more, row in zip(words, fields, _as_text(vectors, ", "), strict=True)
    )


@contextmanager
def _parquet(out: BinaryIO, embedding: Embedding) -> Iterator[Write]:
    import pyarrow as pa
    import pyarrow.parquet as pq

    further = [(title, pa.string()) for title in _titles(embedding)]
    schema = pa.schema([("word", pa.string()), ("vector", pa.list_(pa.float32())), *further])
    with pq.ParquetWriter(out, schema) as table:
        yield lambda words, vectors, fields: table.write_table(
            pa.table(
                [list(words), pa.array(list(vectors), pa.list_(pa.float32())), *map(list, zip(*fields, strict=True))],
                schema=schema,
            )
        )


_WRITERS = dict(zip(EXPORT_FORMATS, (_text, _binary, _tsv, _npy, _csv, _json_lines, _parquet), strict=True))


def _write_header(out: BinaryIO, embedding: Embedding) -> None:
    out.write(f"{embedding.size} {embedding.dimensions}\n".encode())


def _as_text(vectors: Array, separator: str) -> list[str]:
    """Each row (d,) with as few digits as say the same float32."""
    return [separator.join(map(str, row)) for row in vectors]


def _write_metadata(out: BinaryIO, embedding: Embedding) -> None:
    titles = ("word", "pos", *(["count"] if embedding.has_counts else []), *_titles(embedding))
    out.write("\t".join(titles).encode() + b"\n")
    for first in range(0, embedding.size, _ROWS):
        words = embedding.words[first : first + _ROWS]
        for word, more in zip(words, _fields(embedding, first, first + len(words)), strict=True):
            count = [str(embedding.count(word))] if embedding.has_counts else []
            cells = (word, embedding.tag(word), *count, *(re.sub(r"\s", " ", each) for each in more))
            out.write("\t".join(cells).encode() + b"\n")
