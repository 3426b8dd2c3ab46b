"""Files of vectors: which format one is in is found by looking at it, whatever its name.

word2vec text and binary, GloVe with and without a header, fastText .vec and .bin, the projector's TSV and numbers
with a list of words are read and never executed; each plain, gzip or xz.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from explorer.embeddings.formats.rows import Block, VectorFile
from explorer.embeddings.formats.source import FormatError, Source, open_source
from explorer.texts import _

__all__ = ["Block", "FormatError", "VectorFile", "open_vectors"]


@contextmanager
def open_vectors(
    path: Path,
    metadata: Path | None = None,
    progress: Callable[[float], None] = lambda share: None,
    cancelled: Callable[[], bool] = lambda: False,
    strict: bool = True,
) -> Iterator[VectorFile]:
    """A file of vectors, whose `blocks` can be read while it is open; little of it is in memory at any time.

    `metadata` has the words of a file of numbers only. `progress` is called with the fraction read, 0 to
    1; `cancelled` is asked now and then. Where it is not `strict`, rows that cannot be used are left out and counted in
    the file's `report`, if they are few. Raises FormatError for what cannot be read, Cancelled where it was.
    """
    with open_source(path, progress, cancelled, strict=strict) as source:
        yield _recognise(source, path, metadata)


def _recognise(source: Source, path: Path, metadata: Path | None) -> VectorFile:
    # Only who reads a file needs its readers: a model is opened every time, its file is read once.
    from explorer.embeddings.formats import binary, fasttext, projector, text

    for read_head in (
        fasttext.read_head,
        lambda source: projector.read_head(source, metadata, path.parent),
        text.read_head,
        binary.read_head,
    ):
        source.rewind()
        file = read_head(source)
        if file is not None:
            if metadata and not isinstance(file, projector.ProjectorFile):
                raise FormatError(
                    _(
                        "{name} was read as {format}, which has words of its own: leave {metadata_name} out, or "
                        "mend {name} if it should have numbers only.",
                        name=path.name,
                        format=file.format,
                        metadata_name=metadata.name,
                    )
                )
            return file
    raise FormatError(
        _(
            "{name} is no file of vectors that can be read here: word2vec (text or binary), GloVe, fastText (.vec or "
            ".bin) and projector TSV can, also with gzip or xz.",
            name=path.name,
        )
    )
