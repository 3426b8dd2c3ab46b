"""The Embedding Projector's format (projector.tensorflow.org): a table of vectors, and a table of words beside it.

Numbers with spaces between them and a list of words, as other tools write them, are read in the same way.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from explorer.embeddings.formats.numbers import parse
from explorer.embeddings.formats.opening import Opening, opening
from explorer.embeddings.formats.rows import MOST_WORDS, Block, VectorFile
from explorer.embeddings.formats.source import FormatError, Source
from explorer.embeddings.formats.words import count_lines, needed, read_words
from explorer.texts import _

_ECHO = 40  # bytes of a line that are shown


class ProjectorFile(VectorFile):
    """Lines of d numbers; line i belongs to `words[i]`. Where they have `keys`, a first column is no dimension."""

    format = "projector TSV"

    def __init__(self, source: Source, head: Opening, titles: bool, keys: bool, metadata: Path) -> None:
        row = head.rows[titles].strip()
        super().__init__(source, len(row.split()) - keys)
        self.keys = keys
        self.tabs = row.count(b"\t") == self.dimensions + keys - 1
        if not self.tabs:
            self.format = "numbers with a list of words"
        source.stream.seek(head.start)
        if titles:
            title = next(line for line in source.lines(0.0) if line.strip()).strip()[:_ECHO].decode(errors="replace")
            self.report.say(
                _(
                    "The first line of {name}, “{title}”, has no vector: it was taken for a header.",
                    name=source.name,
                    title=title,
                )
            )
        if keys:
            self.report.say(
                _(
                    "The first column of {name} was left out: it numbers the rows, and the words are from "
                    "{metadata_name}.",
                    name=source.name,
                    metadata_name=metadata.name,
                )
            )
        self.start = source.stream.tell()
        size = count_lines(source, MOST_WORDS)
        if head.header:
            self.promised(head.header[0], size)
        self.words = read_words(metadata, size, source, lambda: source.step(0.0))
        self.columns = self.words.columns

    def _blocks(self) -> Iterator[Block]:
        self.source.stream.seek(self.start)
        first = 0
        for some in self.source.pieces(self.rows_at_a_time, self.longest_line):
            rows = {row: self._row(line) for row, line in enumerate(some, start=first)}
            for row, numbers in list(rows.items()):
                if (count := numbers.count(b"\t") + 1) != self.dimensions:
                    self.report.bad("other width", row, self.words.words[row], self._other_width(row, count))
                    del rows[row]
            places = list(rows)
            good, vectors = parse(
                list(rows.values()),
                b"\t",
                places,
                self.dimensions,
                self.source,
                [self.words.words[row] for row in places],
            )
            places = [places[place] for place in good]
            yield self.words.block(places, vectors)
            first += len(some)

    def _other_width(self, row: int, count: int) -> FormatError:
        return FormatError(
            _(
                "Row {row:,} of {name} has {count} numbers, but {dimensions} were expected, as in the rows before.",
                row=row + 1,
                name=self.source.name,
                count=count,
                dimensions=self.dimensions,
            )
        )

    def _row(self, line: bytes) -> bytes:
        row = line.rstrip() if self.tabs else b"\t".join(line.split())
        return row.partition(b"\t")[2] if self.keys else row


def read_head(source: Source, metadata: Path | None) -> ProjectorFile | None:
    """The file as a table of vectors, or None where it has something else than numbers.

    The words come from `metadata`, or from a file beside it named as TensorFlow and gensim name them.
    """
    head = opening(source)
    if head is None or not (head.numbers_only or head.has_titles):
        return None
    titles = not head.numbers_only
    rows = replace(head, rows=head.rows[titles:])
    width, keys = len(rows.rows[0].split()), rows.has_keys
    if head.header:
        keys = head.header[1] == width - 1
    elif width < 2:
        return None
    if metadata is None and keys and (head.header or (not titles and rows.rows[0].split()[0].isdigit())):
        return None  # the words are these numbers
    return ProjectorFile(source, head, titles, keys, needed(metadata, source))
