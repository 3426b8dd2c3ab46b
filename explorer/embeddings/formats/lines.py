"""JSON: on each line an object with a word, its vector, and perhaps more, which travels with the word (JSON Lines).

Lines such as ["word", [0.1, 0.2]] and {"word": [0.1, 0.2]} are read as well, those with a number under each name, and
one document that holds the same as a list or as an object.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Literal

import numpy as np

from explorer.embeddings.embedding import Array
from explorer.embeddings.formats.others import JSON
from explorer.embeddings.formats.rows import LONGEST_WORD, MOST_WORDS, Block, VectorFile, whole
from explorer.embeddings.formats.source import FormatError, Source
from explorer.embeddings.formats.words import (
    MOST_COLUMNS,
    VECTOR_COLUMNS,
    WORD_COLUMNS,
    Words,
    beside,
    count_lines,
    needless,
    read_words,
)
from explorer.texts import _

Entry = dict[str, Any]
_WORD, _VECTOR = "word", "vector"  # what the fields are called of lines that do not name them
_HUGE = 10**300
_SAMPLE = 100  # lines that tell what they hold
_LARGEST = 2**26  # bytes of a document, of which Python's numbers take some times as many
_DEEPEST = 8  # names, one in the other, beneath which words and vectors are looked for


@dataclass(frozen=True)
class Layout:
    """How the lines hold a word and its vector: under which names, the vector's `numbers` perhaps each under its own;
    or as a pair, or the vector under the word itself. Under no name, the words stand in a file of their own."""

    word: str | None = _WORD
    vector: str = _VECTOR
    numbers: tuple[str, ...] = ()
    kind: Literal["object", "pair", "mapping"] = "object"

    def entry(self, value: Any) -> Entry | None:
        """What the value of a line holds, with the vector under one name; None where that is nothing of the kind."""
        if self.kind == "pair":
            return dict(zip((_WORD, _VECTOR), value, strict=True)) if _is_pair(value) else None
        if not isinstance(value, dict):
            return None
        entry: Entry = dict(value)  # a document is looked at before it is read, and must stay as it is
        if self.kind == "mapping":
            return dict(zip((_WORD, _VECTOR), *entry.items(), strict=True)) if len(entry) == 1 else None
        if self.numbers:
            entry[self.vector] = [entry.pop(name, None) for name in self.numbers]
        row = entry.get(self.vector)
        if isinstance(row, list) and len(row) == 1 and isinstance(row[0], list):
            entry[self.vector] = row[0]  # a table of one row, as models of sentences answer with
        elif isinstance(row, str):
            entry[self.vector] = _spelled(row)
        return entry


class LinesFile(VectorFile):
    """Lines of one layout, with vectors of so many `dimensions`, and `columns` of the rest."""

    format = "JSON Lines"

    def __init__(
        self, source: Source, layout: Layout, dimensions: int, columns: Sequence[str], words: Words | None
    ) -> None:
        super().__init__(source, dimensions)
        self.longest_line += LONGEST_WORD * MOST_COLUMNS
        self._given = words
        self._layout, self._word, self._vector = layout, layout.word, layout.vector
        self._names = columns[:MOST_COLUMNS]
        self.columns = tuple(map(whole, self._names)) if words is None else words.columns
        self.say_columns(
            _("{count:,} fields are the vector", count=dimensions)
            if layout.numbers
            else _("The field {column} is the vector", column=whole(layout.vector))
        )

    def _blocks(self) -> Iterator[Block]:
        first = 0
        for some in self._pieces():
            words, rows, numbers, fields = [], [], [], []
            for row, value in enumerate(some, start=first):
                if (entry := self._entry(value, row)) is not None:
                    word = entry.get(self._word) if self._word else None
                    words.append("" if word is None else whole(str(word)))
                    rows.append(row)
                    numbers.append(entry[self._vector])
                    fields.append(tuple(_written(entry.get(name)) for name in self._names))
            with np.errstate(over="ignore"):  # `blocks` looks at what comes of it
                vectors = _floats(numbers).reshape(len(rows), self.dimensions).astype("<f4")
            if self._given:
                yield self._given.block(rows, vectors)
            else:
                yield Block(words, vectors, rows, fields=fields if self.columns else None)
            first += len(some)

    def _pieces(self) -> Iterator[list[Any]]:
        """The values of the lines, some at a time."""
        self.source.count_lines_before(0)
        self.source.rewind()
        for some in self.source.pieces(self.rows_at_a_time, self.longest_line):
            yield [_parsed(line.decode(errors="backslashreplace")) for line in some]

    def _entry(self, value: Any, row: int) -> Entry | None:
        """What the value of a line holds, None where that is no vector with d numbers, which the report has then."""
        kind, word, problem = "no number", "", _("is no JSON object with a word and a vector")
        entry = self._layout.entry(value)
        vector = None if entry is None else entry.get(self._vector)
        if entry is not None and isinstance(vector, list):
            word = whole(str(entry.get(self._word, ""))) if self._word else ""
            if len(vector) != self.dimensions:
                kind = "other width"
                problem = _(
                    "has {count} numbers, but {dimensions} were expected, as in the rows before",
                    count=len(vector),
                    dimensions=self.dimensions,
                )
            elif all(type(number) in (int, float) for number in vector):
                return entry
            else:
                problem = _("has something else where a number belongs")
        name = self.source.name
        where = self.report.place(row).capitalize()
        sentence = _("{where} of {name} {problem}.", where=where, name=name, problem=problem)
        self.report.bad("other width" if kind == "other width" else "no number", row, word, FormatError(sentence))
        return None


class DocumentFile(LinesFile):
    """One JSON document, in memory as a whole, with what would be the `values` of lines."""

    format = "JSON"

    def __init__(
        self,
        source: Source,
        values: list[Any],
        layout: Layout,
        dimensions: int,
        columns: list[str],
        words: Words | None,
    ) -> None:
        super().__init__(source, layout, dimensions, columns, words)
        self._values = values

    def _pieces(self) -> Iterator[list[Any]]:
        for first in range(0, len(self._values), self.rows_at_a_time):
            yield self._values[first : first + self.rows_at_a_time]


def read_head(source: Source, metadata: Path | None) -> LinesFile | None:
    """The file as JSON Lines or as one document, or None where it is no JSON. Raises FormatError for a document that
    holds something else, or is too large."""
    head = source.head().lstrip()
    if not head.startswith((b"{", b"[")):
        return None
    sample = _sample(source)
    values = [_parsed(line) for line in sample]
    are_lines = 2 * sum(value is not None for value in values) > len(values) > 1  # and not those of one document
    if are_lines and (layout := _layout(values)):
        return _lines_file(source, layout, values, metadata)
    source.rewind()
    document = source.stream.read(_LARGEST + 1)
    entries = (
        _listed(_parsed(document.decode(errors="backslashreplace")), source.name) if len(document) <= _LARGEST else []
    )
    if layout := _layout(entries[:_SAMPLE]):
        words = _words(source, layout, metadata, len(entries))
        return DocumentFile(source, entries, layout, *_shape(layout, entries[:_SAMPLE]), words)
    if layout := _layout(values):
        return _lines_file(source, layout, values, metadata)
    first = sample[0] if sample else ""
    if head.startswith(b"{") and len(first) < 100 and first.strip() != "{" and not isinstance(_parsed(first), dict):
        return None  # a word may begin with a brace
    if head.startswith(b"[") and not first.lstrip().startswith(("[{", "[[", "[\n", '["')):
        return None
    raise FormatError(JSON.sentence(source.name))


def _lines_file(source: Source, layout: Layout, values: Sequence[Any], metadata: Path | None) -> LinesFile:
    source.rewind()
    words = _words(source, layout, metadata, 0 if layout.word else count_lines(source, MOST_WORDS))
    return LinesFile(source, layout, *_shape(layout, values), words)


def _words(source: Source, layout: Layout, metadata: Path | None, size: int) -> Words | None:
    """The words of `size` vectors that have none beside them. Raises FormatError where they are needed, or needless."""
    if layout.word:
        if metadata:
            raise needless(metadata, source)
        return None
    if file := metadata or beside(source.path):
        return read_words(file, size, source, lambda: source.step(0.0))
    raise FormatError(
        _(
            "{name} has vectors and no words: no field has a text that differs from row to row. The answer of an "
            "embedding service leaves out the texts that it was asked for. Give them as a list in the order of the "
            "vectors, one a line (on the command line: --metadata FILE); or write each into a field “word” beside "
            "its vector.",
            name=source.name,
        )
    )


def _sample(source: Source) -> list[str]:
    """The first lines that are not empty; none where one does not end."""
    source.rewind()
    some = (line.decode(errors="replace") for line in source.lines(0.0) if line.strip())
    try:
        return list(islice(some, _SAMPLE))
    except FormatError:
        return []


def _shape(layout: Layout, values: Sequence[Any]) -> tuple[int, list[str]]:
    """How many numbers the vectors have, and the names of what is there beside word and vector."""
    entries = [entry for value in values if (entry := layout.entry(value)) and _is_vector(entry.get(layout.vector))]
    names = dict.fromkeys(name for entry in entries for name in entry if name not in (layout.word, layout.vector))
    return len(entries[0][layout.vector]), list(names)


def _listed(document: Any, name: str, deeper: int = _DEEPEST) -> list[Any]:
    """A document as the values of lines: its list, or the pairs of an object of vectors, or of a list of words and one
    of vectors under two names, or vectors without words; or one of these under names, so many of them `deeper`. For
    none, an empty list. Raises FormatError, with the `name` of the file, for words and vectors of two sizes."""
    if isinstance(document, list):
        are_vectors = len(document) > 1 and all(map(_is_vector, document))  # a single one may be anything
        return [{_VECTOR: row} for row in document] if are_vectors else document
    if not isinstance(document, dict) or deeper < 0:
        return []
    if document and all(map(_is_vector, document.values())):
        return [[word, vector] for word, vector in document.items()]
    lists = [value for value in document.values() if isinstance(value, list)]
    vectors = next((value for value in lists if value and all(map(_is_vector, value))), None)
    texts = [value for value in lists if value and all(isinstance(word, str) for word in value)]
    if vectors and texts:
        words = next((value for value in texts if len(value) == len(vectors)), None)
        if words is None:
            raise FormatError(
                _(
                    "{name} has a list of {words:,} texts and one of {vectors:,} vectors, but each vector needs a word "
                    "of its own. Make both equally long, or leave out the texts and give a list of words.",
                    name=name,
                    words=len(texts[0]),
                    vectors=len(vectors),
                )
            )
        return [list(pair) for pair in zip(words, vectors, strict=True)]
    inner = (_listed(value, name, deeper - 1) for value in document.values() if isinstance(value, (dict, list)))
    return next((entries for entries in inner if _layout(entries[:_SAMPLE])), [])


def _layout(values: Sequence[Any]) -> Layout | None:
    """How most lines hold a word and a vector, None where they do not."""
    if 2 * sum(map(_is_pair, values)) > len(values):
        return Layout(kind="pair")
    objects = [value for value in values if isinstance(value, dict)]
    single = [next(iter(value)) for value in objects if len(value) == 1 and _is_vector(next(iter(value.values())))]
    if 2 * len(single) > len(values) and (len(single) == 1 or len(set(single)) > 1):
        return Layout(kind="mapping")
    layouts = []
    for entry in objects:
        vectors = [name for name, value in entry.items() if _is_vector(value)]
        vectors = vectors or [name for name, value in entry.items() if _spelled(value)]
        numbers = tuple(name for name, value in entry.items() if name[-1:].isdigit() and _is_number(value))
        named = [name for name in entry if name.lower() in WORD_COLUMNS and type(entry[name]) in (str, int)]
        texts = [name for name, value in entry.items() if isinstance(value, str) and name not in vectors]
        words = named or sorted(texts, key=lambda name: _repeats(name, objects))
        words = [name for name in words if (len(objects) == 1 and name in named) or _differs(name, objects)]
        if vectors and (words or len(objects) > 1):
            vector = next((name for name in vectors if name.lower() in VECTOR_COLUMNS), vectors[0])
            layouts.append(Layout(words[0] if words else None, vector))
        elif words and len(numbers) > 1:
            layouts.append(Layout(words[0], _VECTOR, numbers))
    return next((layout for layout in layouts if layout.word), layouts[0] if layouts else None)


def _repeats(name: str, objects: Sequence[Entry]) -> bool:
    """Whether objects have the same under a name, so that it is not the word."""
    values = [str(entry.get(name)) for entry in objects]
    return len(set(values)) < len(values)


def _differs(name: str, objects: Sequence[Entry]) -> bool:
    """Whether objects do not all have the same under a name, as “object”: “embedding”, which is no word."""
    return len({str(entry.get(name)) for entry in objects}) > 1


def _parsed(line: str) -> Any:
    try:
        return json.loads(line)
    except (ValueError, RecursionError):
        return None


def _is_pair(value: Any) -> bool:
    return isinstance(value, list) and len(value) == 2 and isinstance(value[0], str) and _is_vector(value[1])


def _floats(numbers: list[list[float]]) -> Array:
    """Rows of numbers, in which whole ones of hundreds of digits are infinite."""
    try:
        return np.array(numbers, dtype=np.float64)
    except OverflowError:
        return np.array([[float(number) if abs(number) < _HUGE else np.inf for number in row] for row in numbers])


def _is_vector(value: Any) -> bool:
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], list):
        value = value[0]
    return isinstance(value, list) and bool(value) and all(map(_is_number, value))


def _is_number(value: object) -> bool:
    return type(value) in (int, float)


def _spelled(value: object) -> list[float]:
    """The numbers of a vector that is a text, such as "0.1 0.2" or "[0.1, 0.2]"; none for any other."""
    fields = value.strip().strip("[]").replace(",", " ").split() if isinstance(value, str) else []
    try:
        return [float(field) for field in fields] if len(fields) > 1 else []
    except ValueError:
        return []


def _written(value: Any) -> str:
    return "" if value is None else whole(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
