"""Numbers as text: whether a field is one, and rows of them as an array.

simdjson parses them, to the same floats as Python's own.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from itertools import pairwise, takewhile
from typing import cast

import numpy as np

from explorer.embeddings.embedding import Array
from explorer.embeddings.formats.source import FormatError, Source
from explorer.texts import _

_FEWEST = 3  # rows that tell whether a column has counts
_MANY = 2**16  # bytes of numbers, for which simdjson is worth its time
_MINUS_ZERO = re.compile(rb"-0\s*[],]")


def numbers_at_end(fields: Sequence[bytes]) -> int:
    """How many fields at the end are numbers."""
    return sum(1 for _ in takewhile(is_number, reversed(fields)))


def is_number(field: bytes) -> bool:
    try:
        float(field)
    except ValueError:
        return False
    return b"_" not in field  # which Python allows between digits


def is_whole(field: bytes) -> bool:
    return is_number(field) and float(field).is_integer()


def are_counts(columns: Sequence[Sequence[bytes]]) -> bool:
    """Whether the first of some columns says how often each word occurs: it has whole numbers that never rise, and no
    other has whole ones only."""
    first, *others = columns or [()]
    if len(others) < 2 or len(first) < _FEWEST or not all(map(bytes.isdigit, first)):
        return False
    counts = list(map(int, first))
    falls = all(count >= following for count, following in pairwise(counts)) and counts[0] > counts[-1] > 0
    return falls and not any(all(map(is_whole, column)) for column in others)


def parse(
    numbers: Sequence[bytes],
    separator: bytes,
    rows: Sequence[int],
    dimensions: int,
    source: Source,
    words: Sequence[str],
) -> tuple[list[int], Array]:
    """Which of some rows are all numbers, as their places, and these as (n, d) float32; the report has the others.

    `rows` say which rows of the file they are, and `words` by which words the report names them.
    """
    every = list(range(len(numbers)))
    if (parsed := loaded(numbers, separator)) is not None and parsed.shape == (len(numbers), dimensions):
        return every, parsed
    good = [place for place in every if _is_row(numbers[place], separator, rows[place], source, words[place])]
    parsed = loaded([numbers[place] for place in good], separator)
    if parsed is None or parsed.shape != (len(good), dimensions):
        if not good:
            return [], np.empty((0, dimensions), dtype=np.float32)
        raise FormatError(
            _(
                "{name} cannot be read from row {first:,} on: these are not all numbers.",
                name=source.name,
                first=rows[0] + 1,
            )
        )
    return good, parsed


def _is_row(numbers: bytes, separator: bytes, row: int, source: Source, word: str) -> bool:
    for field in numbers.split(separator):
        if not is_number(field):
            text = field[:40].decode(errors="replace")
            problem = FormatError(
                _(
                    "{where} of {name} has “{field}” where a number belongs.",
                    where=source.report.place(row).capitalize(),
                    name=source.name,
                    field=text,
                )
            )
            source.report.bad("no number", row, word, problem, text)
            return False
    return True


def loaded(rows: Sequence[bytes], separator: bytes) -> Array | None:
    """Rows of numbers as an array, without the empty ones; None where there is something else, or they differ.

    simdjson parses what JSON has for numbers, which is quicker than NumPy. NumPy decides about all else.
    """
    if not any(rows):
        return None  # of which NumPy warns
    if sum(map(len, rows)) > _MANY and (numbers := _loaded_at_once(rows, separator)) is not None:
        return numbers
    try:
        return np.loadtxt(rows, dtype=np.float32, comments=None, delimiter=separator.decode(), ndmin=2)
    except ValueError:
        return None


def _loaded_at_once(rows: Sequence[bytes], separator: bytes) -> Array | None:
    """The same as one array of JSON; None where that is another one than Python would read."""
    import simdjson  # a small file need not wait for it

    text = np.frombuffer(b"[" + b",".join(rows) + b"]", np.uint8)
    are_separators = text == ord(separator)
    widths = set()
    end = 0
    for row in rows:
        start, end = end + 1, end + 1 + len(row)
        widths.add(int(np.count_nonzero(are_separators[start:end])) + 1)
    if len(widths) > 1:
        return None
    document = text + are_separators * np.uint8(ord(",") - ord(separator))
    if np.count_nonzero(document == ord("[")) > 1:
        return None  # arrays in arrays, which would be made flat
    try:
        array = cast(simdjson.Array, simdjson.Parser().parse(document.tobytes()))
        numbers = np.frombuffer(array.as_buffer(of_type="d"))
    except (ValueError, TypeError, RuntimeError):  # such as .5, which is a number for Python, or 1e400
        return None
    if numbers.size != len(rows) * widths.pop() or (not numbers.all() and _MINUS_ZERO.search(document)):
        return None  # a comma parted two, or zero lost its sign
    with np.errstate(over="ignore"):  # a large number is infinite, as it is for Python
        return numbers.astype(np.float32).reshape(len(rows), -1)
