"""Writing vectors for other programs: word2vec text and binary, and the projector's TSV."""

from __future__ import annotations

import gzip
import re
from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from typing import BinaryIO, cast

import numpy as np

from explorer.embeddings.bounds import EXPORT_FORMATS
from explorer.embeddings.embedding import Array, Embedding
from explorer.errors import UserError
from explorer.files import check_place, whole
from explorer.texts import _

_ROWS = 2_000  # written at a time


def export(
    embedding: Embedding, path: Path, form: str, progress: Callable[[float], None] = lambda share: None
) -> list[Path]:
    """Write an embedding in one of EXPORT_FORMATS, gzipped where the name ends in .gz; the files that were written.

    The projector needs two: its words, parts of speech and counts go beside the vectors, see `metadata_path`.
    `progress` is called with the fraction written (0 to 1). Raises UserError where a file is there already or
    cannot be written, and for words that the format cannot hold. Each file appears whole or not at all.
    """
    if form not in EXPORT_FORMATS:
        raise UserError(
            _(
                "“{form}” is not a format. Take one of {export_formats}.",
                form=form,
                export_formats=", ".join(EXPORT_FORMATS),
            )
        )
    paths = [path, metadata_path(path)] if form == "projector" else [path]
    for file in paths:
        check_place(file)
    _check_words(embedding, r"\t" if form == "projector" else r"\s", form)
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


def _check_words(embedding: Embedding, forbidden: str, form: str) -> None:
    for word in embedding.words:
        if re.search(forbidden, word):
            raise UserError(
                _(
                    "“{word}” has a space in it, which {form} cannot hold. {remedy}",
                    word=word,
                    form=form,
                    remedy=_("Take the projector format.") if form != "projector" else _("No format here can."),
                )
            )


def _write_rows(out: BinaryIO, embedding: Embedding, form: str, progress: Callable[[float], None]) -> None:
    if form != "projector":
        out.write(f"{embedding.size} {embedding.dimensions}\n".encode())
    for first in range(0, embedding.size, _ROWS):
        words = embedding.words[first : first + _ROWS]
        vectors = np.asarray(embedding.vectors[first : first + _ROWS], dtype="<f4")  # (n, d)
        if form == "word2vec-binary":
            out.writelines(f"{word} ".encode() + row.tobytes() for word, row in zip(words, vectors, strict=True))
        elif form == "word2vec-text":
            out.writelines(f"{word} {row}\n".encode() for word, row in zip(words, _as_text(vectors, " "), strict=True))
        else:
            out.writelines(f"{row}\n".encode() for row in _as_text(vectors, "\t"))
        progress((first + len(words)) / embedding.size)


def _as_text(vectors: Array, separator: str) -> list[str]:
    """Each row (d,) with as few digits as say the same float32."""
    return [separator.join(map(str, row)) for row in vectors]


def _write_metadata(out: BinaryIO, embedding: Embedding) -> None:
    out.write(b"word\tpos\tcount\n" if embedding.has_counts else b"word\tpos\n")
    for word in embedding.words:
        count = f"\t{embedding.count(word)}" if embedding.has_counts else ""
        out.write(f"{word}\t{embedding.tag(word)}{count}\n".encode())
