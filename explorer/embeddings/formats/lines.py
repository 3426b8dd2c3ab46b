"""JSON Lines: an object on each line, with a word, its vector, and perhaps more, which travels with the word."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np

from explorer.embeddings.formats.others import JSON
from explorer.embeddings.formats.rows import LONGEST_WORD, Block, VectorFile, whole
from explorer.embeddings.formats.source import FormatError, Source
from explorer.embeddings.formats.words import MOST_COLUMNS, WORD_COLUMNS
from explorer.json_lines import object_of
from explorer.texts import _


class LinesFile(VectorFile):
    """Lines whose `word` and `vector` are the names of what they hold, and `columns` those of the rest."""

    format = "JSON Lines"

    def __init__(self, source: Source, first: dict[str, Any], word: str, vector: str) -> None:
        super().__init__(source, len(first[vector]))
        self.longest_line += LONGEST_WORD * MOST_COLUMNS
        self._word, self._vector = word, vector
        self.columns = tuple(whole(name) for name in first if name not in (word, vector))[:MOST_COLUMNS]

    def _blocks(self) -> Iterator[Block]:
        self.source.rewind()
        first = 0
        for some in self.source.pieces(self.rows_at_a_time, self.longest_line):
            words, rows, numbers, fields = [], [], [], []
            for row, line in enumerate(some, start=first):
                if (entry := self._entry(line, row)) is not None:
                    word = entry.get(self._word)
                    words.append("" if word is None else whole(str(word)))
                    rows.append(row)
                    numbers.append(entry[self._vector])
                    fields.append(tuple(_written(entry.get(name)) for name in self.columns))
            with np.errstate(over="ignore"):  # `blocks` looks at what comes of it
                vectors = np.array(numbers, dtype=np.float64).reshape(len(rows), self.dimensions).astype("<f4")
            yield Block(words, vectors, rows, fields=fields if self.columns else None)
            first += len(some)

    def _entry(self, line: bytes, row: int) -> dict[str, Any] | None:
        """What a line holds, None where that is no vector with d numbers, which the report has then."""
        kind, word, problem = "no number", "", _("is no JSON object with a word and a vector")
        entry = object_of(line.decode(errors="backslashreplace"))
        vector = None if entry is None else entry.get(self._vector)
        if entry is not None and isinstance(vector, list):
            word = whole(str(entry.get(self._word, "")))
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
        sentence = _("Row {row:,} of {name} {problem}.", row=row + 1, name=name, problem=problem)
        self.report.bad("other width" if kind == "other width" else "no number", row, word, FormatError(sentence))
        return None


def read_head(source: Source, metadata: Path | None) -> LinesFile | None:
    """The file as JSON Lines, or None where it is no JSON. Raises FormatError for one JSON document."""
    head = source.head().lstrip()
    if not head.startswith((b"{", b"[")):
        return None
    source.rewind()
    first = next((line for line in source.lines(0.0) if line.strip()), b"").decode(errors="replace")
    entry = object_of(first)
    vectors = [name for name, value in (entry or {}).items() if _is_vector(value)]
    words = [name for name, value in (entry or {}).items() if isinstance(value, str)]
    if not vectors or not words or entry is None:
        if head.startswith(b"{") and entry is None and len(first) < 100 and first.strip() != "{":
            return None  # a word may begin with a brace
        if head.startswith(b"[") and not first.lstrip().startswith(("[{", "[[", "[\n", '["')):
            return None
        raise FormatError(JSON.sentence(source.name))
    word = next((name for name in words if name.lower() in WORD_COLUMNS), words[0])
    return LinesFile(source, entry, word, vectors[0])


def _is_vector(value: object) -> bool:
    return isinstance(value, list) and bool(value) and all(type(number) in (int, float) for number in value)


def _written(value: Any) -> str:
    return "" if value is None else whole(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False))
