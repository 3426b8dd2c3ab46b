"""Words that stand in another file than their vectors: a list, or a table with a column of them.

The table may have further columns, such as a category or a year, which travel with the words.
"""

from __future__ import annotations

import csv
import io
import json
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import islice, pairwise
from pathlib import Path
from tokenize import TokenError  # NumPy looks at headers of Python 2 so
from typing import Any

from numpy.lib import format as npy

from explorer.embeddings.embedding import Array
from explorer.embeddings.formats.numbers import is_number, is_whole, numbers_at_end
from explorer.embeddings.formats.report import Report
from explorer.embeddings.formats.rows import LONGEST_WORD, MOST_WORDS, Block, whole
from explorer.embeddings.formats.source import FormatError, Source, open_source
from explorer.errors import cut
from explorer.texts import _

WORD_COLUMNS = ("word", "label", "token", "name", "term", "title", "words", "labels", "tokens", "names", "text")
VECTOR_COLUMNS = ("vector", "embedding", "vectors", "embeddings", "vec", "emb", "values", "features", "weights")
MOST_COLUMNS = 20  # that are looked at for the words, and that travel with them
_BESIDE = {  # what the words are called beside vectors that are called so
    "tensors": ("metadata",),
    "embeddings": ("metadata", "labels"),
    "vecs": ("meta", "metadata"),
    "vectors": ("labels", "words", "meta"),
}
_LARGEST_JSON = 2**28  # bytes
_ROWS = 1_000  # that tell what columns hold
_ECHO = 40  # bytes of a line that are shown
_LONGEST = 20 * LONGEST_WORD  # letters of a line that are looked at
_COUNTED = re.compile(r"\S+ \d{1,15}")  # a line of a vocabulary, such as GloVe's
_BETWEEN = re.compile(rb"[\s,;]+")
_LARGEST_CONFIGURATION = 2**20  # bytes


@dataclass(frozen=True)
class Words:
    """The words of a file of vectors, in its order, and the `fields` of further `columns`, a row for each word."""

    words: list[str]
    columns: tuple[str, ...] = ()
    fields: list[tuple[str, ...]] | None = None

    def block(self, rows: Sequence[int], vectors: Array) -> Block:
        """Those of some rows, with their vectors."""
        fields = [self.fields[row] for row in rows] if self.fields else None
        return Block([self.words[row] for row in rows], vectors, rows, fields=fields)


def needed(metadata: Path | None, source: Source) -> Path:
    """The file with the words of a file of numbers: the one that was given, or one beside it that is named as
    TensorFlow, gensim and the projector's configuration name it. Raises FormatError where there is none."""
    metadata = metadata or beside(source.path)
    if metadata is None:
        raise FormatError(
            _(
                "{name} has numbers only. Give the metadata file that goes with it, or a list of its words, one a "
                "line (on the command line: --metadata FILE).",
                name=source.name,
            )
        )
    return metadata


def needless(metadata: Path, source: Source) -> FormatError:
    """The sentence for words that were given to a file that has some."""
    return FormatError(
        _("{name} has words of its own: leave {metadata_name} out.", name=source.name, metadata_name=metadata.name)
    )


def beside(vectors: Path) -> Path | None:
    """The file of words beside one of vectors, None where there is none."""
    stem, dot, ending = vectors.name.partition(".")
    names = [vectors.name.replace(ours, "metadata") for ours in ("tensor", "vectors") if ours in vectors.name]
    names += [f"{stem}-metadata{dot}{ending}", Path(str(configuration(vectors).get("metadataPath") or "")).name]
    names += [f"{name}{dot}{ending}" for name in _BESIDE.get(stem, ())]
    for name in filter(None, names):
        if (candidate := vectors.with_name(name)).is_file() and candidate != vectors:
            return candidate
    return None


def configuration(vectors: Path) -> dict[str, Any]:
    """What a projector's configuration beside a file of vectors says of it; empty where there is none."""
    for path in (vectors.with_name("projector_config.json"), vectors.with_name("config.json")):
        try:
            if path.stat().st_size > _LARGEST_CONFIGURATION:
                continue
            for entry in json.loads(path.read_text(encoding="utf-8"))["embeddings"]:
                if Path(entry["tensorPath"]).name == vectors.name:
                    return dict(entry)
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            continue
    return {}


def read_words(metadata: Path, size: int, of: Source, pause: Callable[[], None] = lambda: None) -> Words:
    """The words of a metadata file for `size` rows of vectors, which are in the file `of`: its lines, or a column.

    A line more than there are vectors is a header. The words are in the column that it names as such, or in the first
    one that is no number; what was taken is said in the report. `pause` is called now and then, and may raise to stop.
    Raises FormatError where the two files do not belong together. A line without a word gives an empty one, where the
    report is not strict.
    """
    report, vectors = of.report, of.name
    with open_source(metadata) as source:
        if (listed := _listed(source, size, vectors)) is not None:
            return Words(listed)
        head = [_decoded(line) for line in islice(source.lines(), _ROWS)]
        _refuse_vectors(head, source, vectors)
        source.rewind()
        lines = count_lines(source, MOST_WORDS, empty=True)
        if lines not in (size, size + 1):
            raise _other_size(metadata.name, lines, vectors, size)
        separator = _separator(head)
        first = [_fields(line, row, source, separator) for row, line in enumerate(head)]
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
        column = column_of_words(header, first if header is None else first[1:])
        others = [] if header is None else [place for place in range(len(header)) if place != column and header[place]]
        if header is not None or len(first[0]) > 1:
            report.say(_about(metadata.name, column, first[0], header is not None))
        source.rewind()
        words: list[str] = []
        numbers: list[str] = []  # of the other column, where there are two without titles
        values: list[tuple[str, ...]] = []
        for row, line in enumerate(islice(source.lines(), lines)):
            if row % _ROWS == 0:
                pause()
            if row == 0 and header is not None:
                continue
            fields = _fields(_read(line, row - (header is not None), source, report), row, source, separator)
            words.append(fields[column].rstrip(" ") if column < len(fields) and fields[column].strip() else "")
            if header is None and len(fields) == 2:
                numbers.append(fields[1 - column])
            if others:
                values.append(tuple(fields[place] if place < len(fields) else "" for place in others))
            if report.strict:
                _check(words[-1], row, column, source)
    if len(numbers) == size > 1 and (order := _order(numbers)):
        report.say(
            _(
                "The words of {name} were put in the order of their numbers, from 0 to {last:,}.",
                name=metadata.name,
                last=size - 1,
            )
        )
        words = [words[row] for row in order]
    return Words(words, tuple(header[place] for place in others) if header else (), values if others else None)


def _refuse_vectors(lines: Sequence[str], source: Source, vectors: str) -> None:
    """Raises FormatError where most lines are vectors: numbers alone, or with spaces behind a word."""
    those = [line for line in lines if _is_vector(line)]
    if 2 * len(those) > len(lines):
        raise FormatError(
            _(
                "{name} has vectors, as in its line “{line}”. The metadata of {vectors} are its words: a list of them, "
                "one a line, or a table with a column of them. Give that, or import {name} alone if it has both.",
                name=source.name,
                line=cut(those[0].strip(), _ECHO),
                vectors=vectors,
            )
        )


def _is_vector(line: str) -> bool:
    """Whether a line is numbers alone, or a word and numbers with spaces between them; whole ones may be counts."""
    fields = _BETWEEN.split(line.strip().encode())
    count = numbers_at_end(fields)
    is_of_numbers = count > 1 and not all(map(is_whole, fields[-count:]))
    return is_of_numbers and (count == len(fields) or not any(sign in line for sign in "\t,;"))


def _order(numbers: Sequence[str]) -> list[int]:
    """In which order lines come by their numbers, where these are 0, 1, 2 … in another order; empty where they are not:
    programs write so which row of a table each word has."""
    if not all(map(str.isdecimal, numbers)):
        return []
    places, rows = list(map(int, numbers)), list(range(len(numbers)))
    return sorted(rows, key=places.__getitem__) if sorted(places) == rows != places else []


def _listed(source: Source, size: int, vectors: str) -> list[str] | None:
    """Words in JSON, as a list or each with the number of its row, or in an array of NumPy; None for other files.

    Raises FormatError where they are not as many as there are vectors.
    """
    head = source.head().lstrip()
    words: list[str] | None = None
    if head.startswith(b"\x93NUMPY"):
        words = _of_array(source)
    elif head.startswith((b"[", b"{")):
        source.rewind()
        words = _of_json(source.stream.read(_LARGEST_JSON))
    if words is not None and len(words) != size:
        raise _other_size(source.name, len(words), vectors, size)
    return words


def _other_size(name: str, words: int, vectors: str, size: int) -> FormatError:
    return FormatError(
        _(
            "{name} names {lines:,} words, but {vectors} has {size:,} vectors: they do not belong together.",
            name=name,
            lines=words,
            vectors=vectors,
            size=size,
        )
    )


def _of_array(source: Source) -> list[str] | None:
    try:
        array = npy.read_array(io.BytesIO(source.stream.read(_LARGEST_JSON)), allow_pickle=False)
    except (ValueError, EOFError, TypeError, SyntaxError, TokenError) as error:
        raise FormatError(_("{name} is no array of words: save it with the type str.", name=source.name)) from error
    if array.ndim != 1 or array.dtype.kind not in "US":
        raise FormatError(_("{name} is no array of words: save it with the type str.", name=source.name))
    return [whole(each if isinstance(each, str) else each.decode(errors="backslashreplace")) for each in array.tolist()]


def _of_json(text: bytes) -> list[str] | None:
    """The words of a list, or of an object that gives each its row or each row its word."""
    try:
        content = json.loads(text)
    except (ValueError, RecursionError):
        return None  # words may begin with a bracket
    if isinstance(content, list) and all(isinstance(each, str) for each in content):
        return list(map(whole, content))
    if not isinstance(content, dict):
        return None
    rows: dict[Any, Any] = content
    if all(isinstance(word, str) for word in content.values()) and all(map(str.isdecimal, content)):
        rows = {word: int(row) for row, word in content.items()}
    if not all(type(row) is int for row in rows.values()) or sorted(rows.values()) != list(range(len(rows))):
        return None
    return [whole(word) for word in sorted(rows, key=rows.__getitem__)]


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
        report.not_utf8(row, line.rstrip(b"\r\n")[:_ECHO], source.name, problem)
    return _decoded(line)


def _decoded(line: bytes) -> str:
    return line.decode(errors="backslashreplace").rstrip("\r\n")[:_LONGEST]


def _fields(text: str, row: int, source: Source, separator: str) -> list[str]:
    if separator not in ",;":
        return text.split(separator)[:MOST_COLUMNS]
    try:
        return next(csv.reader([text], delimiter=separator), [])[:MOST_COLUMNS]
    except csv.Error as error:
        raise FormatError(
            _("Line {row:,} of {name} cannot be read: {error}.", row=row + 1, name=source.name, error=error)
        ) from error


def _separator(lines: Sequence[str]) -> str:
    """What stands between the columns: tabs, or what each line has as often, or a space before counts that fall."""
    for separator in "\t,;":
        if separator in lines[0] and len({line.count(separator) for line in lines}) == 1 < len(lines):
            return separator
    if len(lines) > 1 and all(line.startswith('"') and line.endswith('"') and len(line) > 1 for line in lines):
        return ","  # CSV of one column
    counts = [int(line.rpartition(" ")[2]) for line in lines if _COUNTED.fullmatch(line)]
    falling = all(count >= following for count, following in pairwise(counts))
    return " " if len(counts) == len(lines) > 1 and falling else "\t"


def _is_header(first: Sequence[str], rows: Sequence[Sequence[str]]) -> bool:
    """Whether a first line must be one: it names a column of words, and has a name above a column of numbers."""
    return any(name.strip().lower() in WORD_COLUMNS for name in first) and any(
        not is_number(name.encode()) and all(column < len(row) and is_number(row[column].encode()) for row in rows)
        for column, name in enumerate(first)
    )


def column_of_words(header: Sequence[str] | None, rows: Sequence[Sequence[str]]) -> int:
    """Which column has the words: one that the header calls so, or else the first that could be a vocabulary."""
    names = [name.strip().lower() for name in header or ()]
    called = [names.index(name) for name in WORD_COLUMNS if name in names]
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


def count_lines(source: Source, most: int, empty: bool = False) -> int:
    """How many lines are left, without the empty ones, or up to the last that is not; counting ends above `most`."""
    count = 0
    for number, line in enumerate(source.lines(0.0), start=1):
        if not line.isspace():
            count = number if empty else count + 1
        if count > most:
            break
    return count
