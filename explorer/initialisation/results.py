"""What jobs found: one row a job, in Parquet files of a folder; each file stands there whole or not at all."""

from __future__ import annotations

import hashlib
import json
import os
import re
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import MISSING, asdict, dataclass, field, fields
from pathlib import Path
from typing import IO, Any

import pyarrow as pa
import pyarrow.parquet as pq

from explorer.errors import UserError
from explorer.files import whole
from explorer.texts import _

_LAYOUT_KEY, _LAYOUT = b"layout", b"1"
_CHECKSUM = b"sha256"  # of the rows, beside the layout; files of earlier versions have none
_TOGETHER = "results.parquet"  # the file that rows are gathered in

_NUMBERS = pa.list_(pa.float64())
_NEIGHBOUR = pa.struct(
    [("of", pa.string()), ("when", pa.string()), ("word", pa.string()), ("cosine", pa.float64()), ("risen", pa.int32())]
)
_TYPES = {
    "str": pa.string(),
    "int": pa.int64(),
    "float": pa.float64(),
    "bool": pa.bool_(),
    "tuple[int, ...]": pa.list_(pa.int32()),
    "tuple[float, ...]": _NUMBERS,
    "tuple[Neighbour, ...]": pa.list_(_NEIGHBOUR),
}


class ResultsError(UserError):
    """Results that cannot be read or written; the message says which and why."""


@dataclass(frozen=True)
class Neighbour:
    """A word near to a watched one in the source's table, nearest first."""

    of: str
    when: str  # "before" training or "after" it
    word: str
    cosine: float
    risen: int  # places it has risen since before; 0 before


@dataclass(frozen=True)
class Result:
    """What one job found. Curves have one number for each of `steps`; where training diverged they end early.

    The numbers of the test part are those of the weights with the lowest validation loss. `seconds` is the one number
    that does not repeat.
    """

    digest: str  # of everything that decides the numbers
    task: str
    arm: str
    strategy: str
    search: bool
    share: float
    seed: int
    rate: float
    error: str = ""  # why there are no numbers, or why they end early
    seconds: float = 0.0
    pairs: int = 0  # that were trained on
    words: int = 0  # rows of the source's table, the four special tokens among them
    covered: int = 0  # of them that vectors cover
    parameters: int = 0
    trained: int = 0  # parameters that training may change, at its end
    best_step: int = 0
    loss: float = 0.0  # on the test part, mean of a token
    token_accuracy: float = 0.0  # 0 to 1
    exact: float = 0.0  # share of answers that are right altogether: of labels, the accuracy
    chrf: float = 0.0  # 0 to 100
    bleu: float = 0.0  # 0 to 100
    macro_f1: float = 0.0  # of labels, 0 to 1
    calibration_error: float = 0.0  # of labels, 0 to 1
    confusion: tuple[int, ...] = ()  # of labels: how many texts with the first were given the first, the second …
    steps: tuple[int, ...] = ()  # updates done at each measurement, 0 the first
    validation_losses: tuple[float, ...] = ()
    validation_accuracies: tuple[float, ...] = ()
    training_losses: tuple[float, ...] = ()  # mean since the measurement before; the first the validation loss
    gradient_norms: tuple[float, ...] = ()  # mean length since then, a frozen table's left out, before clipping
    attention_entropies: tuple[float, ...] = ()  # bits, mean of all heads over some validation pairs
    drifts: tuple[float, ...] = ()  # ‖E_t - E_0‖ / ‖E_0‖ of the source's table; 0 where ‖E_0‖ is 0
    vector_lengths: tuple[float, ...] = ()  # ‖√d E‖, mean over the source's tokens of those pairs
    position_lengths: tuple[float, ...] = ()  # ‖PE‖ likewise
    neighbours: tuple[Neighbour, ...] = ()

    def as_json(self) -> dict[str, Any]:
        """All that repeats."""
        numbers = asdict(self)
        del numbers["seconds"]
        return numbers


_SCHEMA = pa.schema([(each.name, _TYPES[str(each.type)]) for each in fields(Result)], metadata={_LAYOUT_KEY: _LAYOUT})
_REQUIRED = {each.name for each in fields(Result) if each.default is MISSING} | {
    "error", "loss", "token_accuracy", "exact", "best_step", "steps", "validation_losses",
}  # fmt: skip
"""Columns without which a row says nothing; all others may be missing from results of earlier versions."""
_OF_LABELS = {"macro_f1", "calibration_error", "confusion"}
"""Columns that no row of an earlier version can lack, for there were no labels then."""


@dataclass
class Results:
    """The rows in a folder, by digest. `problems` has a sentence for each file that could not be read as it stands."""

    folder: Path
    rows: dict[str, Result] = field(default_factory=dict)
    problems: list[str] = field(default_factory=list)

    def __post_init__(self) -> None:
        # the gathered rows first: where a job was tried again since, the row in a file of its own is the newer
        for path in sorted(self.folder.glob("*.parquet"), key=lambda path: (path.name != _TOGETHER, path.name)):
            try:
                rows, note = read_with_note(path)
            except ResultsError as error:
                rows, note = [], str(error)
            self.rows |= {row.digest: row for row in rows}
            self.problems += [note] * bool(note)

    def add(self, result: Result) -> None:
        """Keep a row, on the disk first. Raises ResultsError where it cannot be written."""
        _write(self.folder / f"{result.digest}.parquet", [result])
        self.rows[result.digest] = result

    def gather(self) -> None:
        """Bring the rows of many files together in one, in the order of arm, size and seed; those that the folder holds
        beside them, such as another plan's, stay. Raises ResultsError where it cannot be written."""
        at_hand = Results(self.folder)
        everything = at_hand.rows | self.rows
        rows = sorted(everything.values(), key=lambda row: (row.search, row.arm, row.share, row.seed, row.rate))
        if any(_TOGETHER in problem for problem in at_hand.problems):  # another version may read what this one cannot
            (self.folder / _TOGETHER).replace(self.folder / f"{_TOGETHER}.left-out")
        _write(self.folder / _TOGETHER, rows)
        for row in rows:
            (self.folder / f"{row.digest}.parquet").unlink(missing_ok=True)


def read(path: Path) -> list[Result]:
    """The rows of a Parquet file, by `read_with_note`."""
    return read_with_note(path)[0]


def read_with_note(path: Path) -> tuple[list[Result], str]:
    """The rows of a Parquet file, and a sentence where another version of this program wrote other columns: those that
    the file lacks have their defaults, those that this version does not know are left out.

    Raises ResultsError for a file that is damaged, be it by one bit, or that is laid out in another way.
    """
    try:
        with pq.ParquetFile(path, page_checksum_verification=True) as file:
            table = file.read()
        metadata, names = table.schema.metadata or {}, set(table.schema.names)
        known = metadata.get(_LAYOUT_KEY) == _LAYOUT and names >= _REQUIRED
        rows = table.to_pylist() if known else []
        if known and _CHECKSUM in metadata and metadata[_CHECKSUM] != _checksum(rows):
            raise ValueError(_("its numbers are not those that were written"))
        results = [_result(row) for row in rows]
    except (OSError, pa.ArrowException, ArithmeticError, LookupError, MemoryError, TypeError, ValueError) as error:
        reason = (str(error) or type(error).__name__).splitlines()[0]
        raise ResultsError(
            _(
                "The results {name} cannot be read and are left out: {reason}. "
                "Its jobs are computed again; delete the file to silence this message.",
                name=path.name,
                reason=reason.removesuffix("."),
            )
        ) from error
    if not known:
        raise ResultsError(
            _(
                "The results {name} were made by another version of this program and are left out. "
                "Its jobs are computed again.",
                name=path.name,
            )
        )
    return results, _note(path, names)


def _note(path: Path, names: set[str]) -> str:
    lacking = [name for name in _SCHEMA.names if name not in names | _OF_LABELS]
    unknown = sorted(names.difference(_SCHEMA.names))
    parts = [_("they lack {lacking}, which count as empty or 0", lacking=", ".join(lacking))] * bool(lacking)
    parts += [_("their columns {unknown} are not known here and are ignored", unknown=", ".join(unknown))] * bool(
        unknown
    )
    return _(
        "The results {name} were made by another version of this program: {parts}.",
        name=path.name,
        parts="; ".join(parts),
    ) * bool(parts)


def as_table(results: Iterable[Result]) -> pa.Table:
    """Rows as an Arrow table: what is written to Parquet, and exported as CSV."""
    return pa.Table.from_pylist([asdict(result) for result in results], schema=_SCHEMA)


def write_table(table: pa.Table, where: Path | IO[bytes]) -> None:
    """Write rows as Parquet, with checksums: of each page, which say what is damaged, and of all rows, for a page's do
    not cover what says how to read it."""
    metadata = {**(table.schema.metadata or {}), _CHECKSUM: _checksum(table.to_pylist())}
    table = table.replace_schema_metadata(metadata)
    pq.write_table(table, where, compression="zstd", write_page_checksum=True)


def _checksum(rows: list[dict[str, Any]]) -> bytes:
    """The SHA-256 (hexadecimal) of all that rows hold, however a file packs it."""
    return hashlib.sha256(json.dumps(rows).encode()).hexdigest().encode()


def _result(row: dict[str, Any]) -> Result:
    columns: dict[str, Any] = {
        key: tuple(value) if isinstance(value, list) else value for key, value in row.items() if key in _SCHEMA.names
    }
    columns["neighbours"] = tuple(Neighbour(**each) for each in row.get("neighbours", ()))
    return Result(**columns)


def _write(path: Path, results: list[Result]) -> None:
    write_whole(path, lambda draft: write_table(as_table(results), draft))


def write_whole(path: Path, write: Callable[[Path], object]) -> None:
    """Let `write` fill a draft, which then takes the place of `path`: a kill leaves the old file or the new one.

    Raises ResultsError where it cannot be written.
    """
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        with whole(path) as draft:
            write(draft)
    except (OSError, pa.ArrowException) as error:
        raise ResultsError(
            _(
                "Results cannot be written to {parent}: {error}. Make room, or name another folder in the "
                "environment variable EXPLORER_RESULTS; what was written before is kept.",
                parent=path.parent,
                error=error,
            )
        ) from error


_DRAFT = re.compile(r"\..+-(\d+)")


def sweep(folder: Path) -> None:
    """Remove the drafts of writes that were killed: those whose process is no more."""
    for path in folder.glob(".*"):
        draft = _DRAFT.fullmatch(path.name)
        if draft and not _is_alive(int(draft[1])):
            with suppress(OSError):
                path.unlink()


def _is_alive(process: int) -> bool:
    try:
        os.kill(process, 0)
    except (ProcessLookupError, OverflowError):
        return False
    except PermissionError:
        return True
    return True
