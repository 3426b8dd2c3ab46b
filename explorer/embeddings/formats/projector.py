"""The Embedding Projector's format (projector.tensorflow.org): a table of vectors, and a table of words beside it.

Numbers with spaces between them and a list of words, as other tools write them, are read in the same way.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from itertools import islice, pairwise
from pathlib import Path

from explorer.embeddings.formats.report import Report
from explorer.embeddings.formats.rows import LONGEST_WORD, MOST_WORDS, Block, VectorFile
from explorer.embeddings.formats.source import FormatError, Source, open_source
from explorer.embeddings.formats.text import Opening, is_number, opening, parse
from explorer.texts import _

_WORD_COLUMNS = ("word", "label", "token", "name", "term", "title", "words", "labels", "tokens", "names", "text")
_COLUMNS = 20  # that are looked at for the words
_ROWS = 1_000  # that tell what columns hold
_ECHO = 40  # bytes of a line that are shown
_LONGEST = 20 * LONGEST_WORD  # letters of a line that are looked at
_COUNTED = re.compile(r"\S+ \d{1,15}")  # a line of a vocabulary, such as GloVe's


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
        size = _count(source, MOST_WORDS)
        if head.header:
            self.promised(head.header[0], size)
        self.words = read_words(metadata, size, source, lambda: source.step(0.0))

    def _blocks(self) -> Iterator[Block]:
        self.source.stream.seek(self.start)
        first = 0
        for some in self.source.pieces(self.rows_at_a_time, self.longest_line):
            rows = {row: self._row(line) for row, line in enumerate(some, start=first)}
            for row, numbers in list(rows.items()):
                if (count := numbers.count(b"\t") + 1) != self.dimensions:
                    self.report.bad("other width", row, self.words[row], self._other_width(row, count))
                    del rows[row]
            places = list(rows)
            good, vectors = parse(list(rows.values()), b"\t", places, self.dimensions, self.source)
            places = [places[place] for place in good]
            yield Block([self.words[row] for row in places], vectors, places)
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


def read_head(source: Source, metadata: Path | None, folder: Path) -> ProjectorFile | None:
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
    metadata = metadata or _beside(folder / source.name)
    if metadata is None:
        raise FormatError(
            _(
                "{name} has numbers only. Give the metadata file that goes with it, or a list of its words, one a "
                "line (on the command line: --metadata FILE).",
                name=source.name,
            )
        )
    return ProjectorFile(source, head, titles, keys, metadata)


def read_words(metadata: Path, size: int, of: Source, pause: Callable[[], None] = lambda: None) -> list[str]:
    """The words of a metadata file for `size` rows of vectors, which are in the file `of`: its lines, or a column.

    A line more than there are vectors is a header. The words are in the column that it names as such, or in the first
    one that is no number; what was taken is said in the report. `pause` is called now and then, and may raise to stop.
    Raises FormatError where the two files do not belong together. A line without a word gives an empty one, where the
    report is not strict.
    """
    report, vectors = of.report, of.name
    with open_source(metadata) as source:
        lines = _count(source, size + 1, empty=True)
        if lines not in (size, size + 1):
            values = {"name": metadata.name, "lines": min(lines, size + 1), "vectors": vectors, "size": size}
            raise FormatError(
                _(
                    "{name} names more than {lines:,} words, but {vectors} has {size:,} vectors: they do not belong "
                    "together.",
                    **values,
                )
                if lines > size + 1
                else _(
                    "{name} names {lines:,} words, but {vectors} has {size:,} vectors: they do not belong together.",
                    **values,
                )
            )
        source.rewind()
        separator = _separator([_decoded(line) for line in islice(source.lines(), _ROWS)])
        source.rewind()
        first = [
            _fields(_decoded(line), row, source, separator) for row, line in enumerate(islice(source.lines(), _ROWS))
        ]
        header = first[0] if lines > size else None
        if header is None and _is_header(first[0], first[1:]):
            raise FormatError(
                _(
                    "{name} names {lines:,} words after its header, but {vectors} has {size:,} vectors: they "
                    "do not belong together.",
                    name=metadata.name,
                    lines=lines - 1,
                    vectors=vectors,
                    size=size,
                )
            )
        column = _column(header, first if header is None else first[1:])
        if header is not None or len(first[0]) > 1:
            report.say(_about(metadata.name, column, first[0], header is not None))
        source.rewind()
        words: list[str] = []
        for row, line in enumerate(islice(source.lines(), lines)):
            if row % _ROWS == 0:
                pause()
            if row == 0 and header is not None:
                continue
            fields = _fields(_read(line, row - (header is not None), source, report), row, source, separator)
            words.append(fields[column] if column < len(fields) and fields[column].strip() else "")
            if report.strict:
                _check(words[-1], row, column, source)
    return words


def _check(word: str, row: int, column: int, source: Source) -> None:
    """Raises FormatError for a line without a word, and for one that is too long."""
    if not word:
        raise FormatError(
            _(
                "Line {row:,} of {name} has no word in column {column}: write one there, for each vector needs a word.",
                row=row + 1,
                name=source.name,
                column=column + 1,
            )
        )
    if len(word.encode()) > LONGEST_WORD:
        raise FormatError(
            _(
                "Line {row:,} of {name} has a word of more than {longest_word:,} bytes: shorten it.",
                row=row + 1,
                name=source.name,
                longest_word=LONGEST_WORD,
            )
        )


def _read(line: bytes, row: int, source: Source, report: Report) -> str:
    """A line as text; the report has those that are not UTF-8, by the row to which they belong."""
    try:
        line.decode()
    except UnicodeDecodeError:
        problem = FormatError(
            _("Line {row:,} of {name} is not UTF-8: save it as UTF-8.", row=row + 1, name=source.name)
        )
        report.bad("not UTF-8", row, _decoded(line)[:_ECHO], problem)
    return _decoded(line)


def _decoded(line: bytes) -> str:
    return line.decode(errors="backslashreplace").rstrip("\r\n")[:_LONGEST]


def _fields(text: str, row: int, source: Source, separator: str) -> list[str]:
    if separator not in ",;":
        return text.split(separator)[:_COLUMNS]
    try:
        return next(csv.reader([text], delimiter=separator), [])[:_COLUMNS]
    except csv.Error as error:
        raise FormatError(
            _("Line {row:,} of {name} cannot be read: {error}.", row=row + 1, name=source.name, error=error)
        ) from error


def _separator(lines: Sequence[str]) -> str:
    """What stands between the columns: tabs, or what each line has as often, or a space before counts that fall."""
    for separator in "\t,;":
        if separator in lines[0] and len({line.count(separator) for line in lines}) == 1 < len(lines):
            return separator
    counts = [int(line.rpartition(" ")[2]) for line in lines if _COUNTED.fullmatch(line)]
    falling = all(count >= following for count, following in pairwise(counts))
    return " " if len(counts) == len(lines) > 1 and falling else "\t"


def _is_header(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether a first line must be one: it names a column of words, and has a name above a column of numbers."""
    return any(name.strip().lower() in _WORD_COLUMNS for name in first) and any(
        not is_number(name.encode()) and all(column < len(row) and is_number(row[column].encode()) for row in rows)
        for column, name in enumerate(first)
    )


def _column(header: Sequence[str] | None, rows: Sequence[Sequence[str]]) -> int:
    """Which column has the words: one that the header calls so, or else the first that could be a vocabulary."""
    names = [name.strip().lower() for name in header or ()]
    called = [names.index(name) for name in _WORD_COLUMNS if name in names]
    columns = range(max(map(len, rows)))
    values = {column: [row[column] for row in rows if column < len(row)] for column in columns}
    verbal = [column for column in columns if not all(is_number(value.encode()) for value in values[column])]
    different = [column for column in verbal if len(set(values[column])) == len(values[column])]
    chosen = [column for column in called if column in verbal] or different or verbal or called or [0]
    return chosen[0]


def _about(file: str, column: int, first: Sequence[str], header: bool) -> str:
    name = first[column] if column < len(first) else ""
    where = _("column {column} of {file}", column=column + 1, file=file) if len(first) > 1 else file
    if header:
        return _(
            "The words are from {where}; its first line, with “{name}”, was taken for a header.", where=where, name=name
        )
    return _(
        "The words are from {where}; it has as many lines as there are vectors, so none was taken for a header.",
        where=where,
    )


def _count(source: Source, most: int, empty: bool = False) -> int:
    """How many lines are left, without the empty ones, or up to the last that is not; counting ends above `most`."""
    count = 0
    for number, line in enumerate(source.lines(0.0), start=1):
        if not line.isspace():
            count = number if empty else count + 1
        if count > most:
            break
    return count


def _beside(vectors: Path) -> Path | None:
    stem, dot, ending = vectors.name.partition(".")
    names = [vectors.name.replace(ours, "metadata") for ours in ("tensor", "vectors") if ours in vectors.name]
    for name in (*names, f"{stem}-metadata{dot}{ending}"):
        if (candidate := vectors.with_name(name)).is_file():
            return candidate
    return None
