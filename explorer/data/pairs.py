"""Parallel text: phrases with their translations, each in the training, validation or test part."""

import hashlib
from collections.abc import Iterable
from pathlib import Path
from typing import NamedTuple

from explorer.errors import UserError

PARTS = TRAIN, VALIDATION, TEST = ("train", "validation", "test")
PHRASEBOOK = Path(__file__).parent / "phrasebook.tsv"
"""The shipped English-Spanish phrase book."""


class PairsError(UserError):
    """A parallel file that cannot be used; the message says why and what to do."""


class Pair(NamedTuple):
    """A phrase, its translation, and the part it belongs to: "train", "validation" or "test"."""

    part: str
    source: str
    target: str


def read_pairs(path: Path, seed: int = 0) -> list[Pair]:
    """The pairs of a UTF-8 file of tab-separated lines, `source, target` or `part, source, target`.

    Blank lines are skipped. Without a part column a tenth of the sources is drawn for validation and a tenth for the
    test, by `seed`; a source that occurs twice is in one part only. Files of fewer than ten sources are for training
    altogether.
    Raises PairsError, with the line number, for a file that is missing, empty, not UTF-8, or not such a table.
    """
    return parse_pairs(_text(path), str(path), seed)


def parse_pairs(text: str, name: str = "The text", seed: int = 0) -> list[Pair]:
    """The pairs of a text such as `read_pairs` reads from a file; `name` is what errors call it."""
    rows = _rows(text, name)
    if len(rows[0]) == 3:
        return [Pair(*row) for row in rows]
    drawn = shuffled({source for source, _ in rows}, seed)
    tenth = len(drawn) // 10
    parts = dict.fromkeys(drawn[:tenth], TEST) | dict.fromkeys(drawn[tenth : 2 * tenth], VALIDATION)
    return [Pair(parts.get(source, TRAIN), source, target) for source, target in rows]


def write_pairs(path: Path, pairs: Iterable[Pair]) -> None:
    """Write pairs as `read_pairs` reads them, in three columns."""
    path.write_text("".join("\t".join(pair) + "\n" for pair in pairs), encoding="utf-8", newline="\n")


def shuffled(texts: Iterable[str], seed: int) -> list[str]:
    """Texts in an order drawn by `seed`, the same whatever order they come in and whatever Python runs it."""
    return sorted(texts, key=lambda text: hashlib.sha256(f"{seed} {text}".encode()).digest())


def _text(path: Path) -> str:
    if not path.is_file():
        raise PairsError(f"There is no parallel file at {path}. Give the path of a text file of tab-separated pairs.")
    try:
        return path.read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError as error:
        number = error.object[: error.start].count(b"\n") + 1
        raise PairsError(f"{path} is not UTF-8 text: line {number}: {error.reason}. Save it as UTF-8.") from error


def _rows(text: str, name: str) -> list[list[str]]:
    """The checked rows of a parallel text, all of 2 or all of 3 columns."""
    rows: list[list[str]] = []
    for number, line in enumerate(text.split("\n"), start=1):
        if not line.strip():
            continue
        row, where = [cell.strip() for cell in line.rstrip("\r").split("\t")], f"{name}, line {number}"
        if len(row) not in (2, 3):
            raise PairsError(
                f"{where}: a line needs 2 columns (source, target) or 3 (part, source, target) with tabs between; "
                f"this one has {len(row)}."
            )
        if rows and len(row) != len(rows[0]):
            raise PairsError(f"{where} has {len(row)} columns, but the lines before it have {len(rows[0])}.")
        if len(row) == 3 and row[0] not in PARTS:
            raise PairsError(
                f"{where}: the first of 3 columns must be {TRAIN}, {VALIDATION} or {TEST}, not {row[0]!r}."
            )
        for side, text in zip(("source", "target"), row[-2:], strict=True):
            if not text:
                raise PairsError(f"{where}: the {side} is empty. Fill it in or delete the line.")
        rows.append(row)
    if not rows:
        raise PairsError(f"{name} is empty: there are no pairs to learn from.")
    return rows
