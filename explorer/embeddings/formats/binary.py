"""word2vec's binary format: a line "V d", then for each word its text, a space and d little-endian floats."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from explorer.embeddings.formats.rows import LONGEST_WORD, Block, VectorFile
from explorer.embeddings.formats.source import FormatError, Source
from explorer.embeddings.formats.text import HEADER
from explorer.texts import _

_PIECE = 2**18  # bytes read at a time
_MOST = 2**23  # bytes of a block: fewer rows where words are long


class BinaryFile(VectorFile):
    """What stands after the header, which promised so many words."""

    format = "word2vec binary"

    def __init__(self, source: Source, dimensions: int, words: int) -> None:
        super().__init__(source, dimensions)
        self.words = words

    def _blocks(self) -> Iterator[Block]:
        width = 4 * self.dimensions
        unread, start, row, ended = b"", 0, 0, False
        while not ended:
            words: list[str] = []
            rows: list[bytes] = []
            size = 0
            while size < _MOST and len(rows) < self.rows_at_a_time:
                space = unread.find(b" ", start)
                if space < 0 or len(unread) <= space + width:
                    if space < 0 and len(unread) - start > LONGEST_WORD:
                        raise FormatError(
                            _("{name} is damaged in row {row:,}.", name=self.source.name, row=row + len(rows) + 1)
                        )
                    more = self.source.stream.read(max(_PIECE, width))
                    if not more:
                        ended = True
                        break
                    unread, start = unread[start:] + more, 0
                    continue
                if self.report.strict and row + len(rows) == self.words:
                    raise self._goes_on()
                # The first word2vec tool ends each vector with a line break, which then stands before the next word.
                words.append(self.decoded(unread[start:space].lstrip(b"\n"), row + len(rows)))
                rows.append(unread[space + 1 : space + 1 + width])
                size += space + 1 + width - start
                start = space + 1 + width
            vectors = np.frombuffer(b"".join(rows), dtype="<f4").reshape(len(rows), self.dimensions)
            yield Block(words, vectors, range(row, row + len(rows)))
            row += len(rows)
        self.promised(self.words, row)
        if unread[start:].strip():
            self.report.bad("other width", row, "", self._goes_on())

    def _goes_on(self) -> FormatError:
        return FormatError(
            _(
                "{name} goes on after the {words:,} words that its header promises: it is damaged, "
                "or its header is wrong.",
                name=self.source.name,
                words=self.words,
            )
        )


def read_head(source: Source, metadata: Path | None = None) -> BinaryFile | None:
    """The file as word2vec binary, or None where its first line says that it is something else."""
    header = HEADER.fullmatch(source.line())
    return BinaryFile(source, int(header[2]), int(header[1])) if header else None
