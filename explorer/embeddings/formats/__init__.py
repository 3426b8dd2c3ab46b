"""Files of vectors: which format one is in is found by looking at it, whatever its name.

`recognition` lists what is read, and docs/formats.md by what each is known; `others` names what is not read. Nothing in
a file is ever executed.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from explorer.embeddings.formats.recognition import recognise
from explorer.embeddings.formats.rows import Block, VectorFile
from explorer.embeddings.formats.source import FormatError, open_source

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
        yield recognise(source, metadata)
