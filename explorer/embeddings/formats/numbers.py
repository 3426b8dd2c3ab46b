"""Numbers as text: whether a field is one, and rows of them as an array.

pandas parses them: a tenth of the CPU time of gensim's reader, and the same floats.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from itertools import takewhile

import numpy as np

from explorer.embeddings.embedding import Array
from explorer.embeddings.formats.source import FormatError, Source
from explorer.texts import _

_MANY = 2**20  # bytes of numbers, for which pandas is worth its time
_NOWHERE = "\x01"  # a sign that is in no number
_EXACT = 3  # the version of pandas from which on it reads each number as Python does


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


def parse(
    numbers: Sequence[bytes], separator: bytes, rows: Sequence[int], dimensions: int, source: Source
) -> tuple[list[int], Array]:
    """Which of some rows are all numbers, as their places, and these as (n, d) float32; the report has the others.

    `rows` say which rows of the file they are.
    """
    every = list(range(len(numbers)))
    if (parsed := loaded(numbers, separator)) is not None and parsed.shape == (len(numbers), dimensions):
        return every, parsed
    good = [place for place in every if _is_row(numbers[place], separator, rows[place], source)]
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


def _is_row(numbers: bytes, separator: bytes, row: int, source: Source) -> bool:
    for field in numbers.split(separator):
        if not is_number(field):
            text = field[:40].decode(errors="replace")
            problem = FormatError(
                _(
                    "Row {row:,} of {name} has {field!r} where a number belongs.",
                    row=row + 1,
                    name=source.name,
                    field=text,
                )
            )
            source.report.bad("no number", row, text, problem)
            return False
    return True


def loaded(rows: Sequence[bytes], separator: bytes) -> Array | None:
    """Rows of numbers as an array, without the empty ones; None where there is something else, or they differ.

    pandas parses many rows in a quarter of the time of NumPy, which decides where pandas does not read them.
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
    """The same by pandas; None where it does not read them, or reads numbers otherwise than Python does."""
    import pandas as pd  # a third of a second, which a small file need not wait for

    if int(pd.__version__.partition(".")[0]) < _EXACT:
        return None
    separators = rows[0].count(separator)
    if any(row.count(separator) != separators for row in rows):
        return None  # where a number is missing, pandas writes one
    try:
        with np.errstate(over="ignore"):  # a large number is infinite, as it is for Python
            column = pd.read_csv(  # of all numbers: one column takes less time than many
                io.BytesIO(b"\n".join(rows).replace(separator, b"\n")),
                sep=_NOWHERE,
                header=None,
                dtype=np.float32,
                na_filter=False,
                quoting=csv.QUOTE_NONE,
                lineterminator="\n",
                skip_blank_lines=False,
                low_memory=False,
            )
    except (ValueError, OverflowError):  # of which its own errors are
        return None
    numbers: Array = column.to_numpy()
    return numbers.reshape(len(rows), -1) if numbers.size == len(rows) * (separators + 1) else None
