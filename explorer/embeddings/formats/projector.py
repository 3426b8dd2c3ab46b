"""The Embedding Projector's format (projector.tensorflow.org): a table of vectors, and a table of words beside it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path

from explorer.embeddings.formats.rows import Block, VectorFile
from explorer.embeddings.formats.source import FormatError, Source, open_source
from explorer.embeddings.formats.text import numbers_at_end, parse

_WORD_COLUMNS = ("word", "label", "token", "name")
_LINES = 1_000  # of metadata between two pauses


class ProjectorFile(VectorFile):
    """Lines of d numbers with tabs between them; line i belongs to `words[i]`."""

    format = "projector TSV"

    def __init__(self, source: Source, dimensions: int, words: list[str], metadata: str) -> None:
        super().__init__(source, dimensions)
        self.words, self.metadata = words, metadata

    def _blocks(self) -> Iterator[Block]:
        lines = (line for line in self.source.lines() if not line.isspace())
        found = 0
        while some := list(islice(lines, self.rows_at_a_time)):
            rows = [line.rstrip() for line in some]
            for row, line in enumerate(rows, start=found):
                if (count := line.count(b"\t") + 1) != self.dimensions:
                    raise FormatError(
                        f"Row {row + 1:,} of {self.source.name} has {count} numbers, but {self.dimensions} were "
                        "expected, as in the rows before."
                    )
            yield Block(self.words[found : found + len(rows)], parse(rows, b"\t", found, self.source))
            found += len(rows)
            if found > len(self.words):
                break
        if found != len(self.words):
            more = "more than " if found > len(self.words) else ""
            raise FormatError(
                f"{self.metadata} names {len(self.words):,} words, but {self.source.name} has "
                f"{more}{min(found, len(self.words)):,} vectors: they do not belong together."
            )


def read_head(source: Source, metadata: Path | None, folder: Path) -> ProjectorFile | None:
    """The file as a table of vectors, or None where it has something else than numbers in its first line.

    The words come from `metadata`, or from a file beside it named as TensorFlow and gensim name them.
    """
    fields = source.line().split(b"\t")
    if len(fields) < 2 or numbers_at_end(fields) < len(fields):
        return None
    source.stream.seek(0)
    metadata = metadata or _beside(folder / source.name)
    if metadata is None:
        raise FormatError(
            f"{source.name} has numbers only. Give the metadata file that goes with it, which has the words."
        )
    return ProjectorFile(source, len(fields), read_words(metadata, source.step), metadata.name)


def read_words(metadata: Path, pause: Callable[[], None] = lambda: None) -> list[str]:
    """The words of a metadata file: its lines, or where it has several columns, one of those that its header names.

    `pause` is called now and then, and may raise to stop. Raises FormatError for a line without a word.
    """
    words: list[str] = []
    column = 0
    with open_source(metadata) as source:
        for number, line in enumerate(source.lines(), start=1):
            try:
                fields = line.decode().rstrip("\r\n").split("\t")
            except UnicodeDecodeError as error:
                raise FormatError(f"Line {number:,} of {metadata.name} is not UTF-8: save it as UTF-8.") from error
            if number == 1 and len(fields) > 1:
                names = [field.lower() for field in fields]
                column = next((names.index(name) for name in _WORD_COLUMNS if name in names), 0)
                continue
            if column >= len(fields) or not fields[column]:
                raise FormatError(f"Line {number:,} of {metadata.name} has no word in column {column + 1}.")
            words.append(fields[column])
            if number % _LINES == 0:
                source.step()
                pause()
    return words


def _beside(vectors: Path) -> Path | None:
    stem, dot, ending = vectors.name.partition(".")
    names = [vectors.name.replace(ours, "metadata") for ours in ("tensor", "vectors") if ours in vectors.name]
    for name in (*names, f"{stem}-metadata{dot}{ending}"):
        if (candidate := vectors.with_name(name)).is_file():
            return candidate
    return None
