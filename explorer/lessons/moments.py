"""The folder of a training that is watched: what is known when it begins, the loss of each update, and checkpoints.

The process that trains writes it and others read it meanwhile, also after that process was ended: checkpoints and facts
stand there whole or not at all, losses are lines that are added.
"""

from __future__ import annotations

import json
import os
import time
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from explorer.errors import UserError
from explorer.files import write_file
from explorer.texts import _
from explorer.transformer import checkpoint
from explorer.transformer.batches import Pair
from explorer.transformer.checkpoint import CheckpointError
from explorer.transformer.tape import Array
from explorer.transformer.training import Measure, Training
from explorer.transformer.translator import Translator

MOST_KEPT = 2**29
"""Bytes of all moments of one training together."""

_FACTS, _LOSSES, _PAUSED = "training.json", "losses.txt", "paused"
_HOLDS = 90.0  # seconds for which a pause holds after the last look; a tab in the background looks once a minute


@dataclass(frozen=True)
class Facts:
    """What is known of a training when it begins: what it is, in a sentence; how many `updates` it has; whether moments
    are measured on held-out pairs; a `pair` to begin looking at; the mean probability of the token just read before the
    first update, where it then does worse than guessing; and of a run of a comparison that it repeats the validation
    losses, by update."""

    sentence: str
    updates: int
    has_validation: bool
    pair: Pair
    repetition: float
    expected: Mapping[int, float]

    def write(self, folder: Path) -> None:
        """Raises UserError where it cannot be written."""
        write_file(folder / _FACTS, json.dumps(vars(self)).encode())

    @classmethod
    def read(cls, folder: Path) -> Facts:
        """Raises FileNotFoundError for a folder in which no training has begun."""
        facts = json.loads((folder / _FACTS).read_bytes())
        source, target = facts["pair"]
        expected = {int(step): loss for step, loss in facts["expected"].items()}
        return cls(**facts | {"pair": (source, target), "expected": expected})


@dataclass(frozen=True)
class Moment:
    """The weights after some updates, the optimiser's memory then (none before the first), and what validation found.

    They are read from the file, a checkpoint, when they are looked at. Raises CheckpointError where that is gone.
    """

    path: Path
    measure: Measure

    @property
    def step(self) -> int:
        """After how many updates."""
        return self.measure.step

    @classmethod
    def write(cls, folder: Path, training: Training[Translator], measure: Measure) -> Moment:
        """A training as it is now. Raises UserError where the disk is full."""
        path = folder / f"checkpoint-{training.step:06}.safetensors"
        try:
            checkpoint.save(path, training.translator, asdict(measure), training)
        except CheckpointError as error:
            raise UserError(
                _(
                    "The checkpoint after update {step:,} cannot be written to the disk: {reason}. The training ends "
                    "here.",
                    step=training.step,
                    reason=getattr(error.__cause__, "strerror", None) or error.__cause__,
                )
            ) from error
        return cls(path, measure)

    @classmethod
    def read(cls, path: Path) -> Moment:
        return cls(path, Measure(**checkpoint.card(path)))

    @property
    def translator(self) -> Translator:
        return checkpoint.load(self.path)

    @property
    def table(self) -> Array:
        """The source's embeddings, (V, d_model)."""
        return checkpoint.tensor(self.path, "source.table")

    def weight(self, name: str, *index: int) -> tuple[float, float, float]:
        """One weight, and Adam's means of its gradient and of the gradient's square."""
        return checkpoint.weight(self.path, name, *index)


def moments(folder: Path) -> list[Path]:
    """The files of a training's moments, in order; the first is before the first update."""
    return sorted(folder.glob("checkpoint-*.safetensors"))


class Losses:
    """The training loss of each update, in a file that grows."""

    def __init__(self, folder: Path) -> None:
        self._path, self._read = folder / _LOSSES, 0

    def add(self, loss: float) -> None:
        """Raises UserError where the disk is full."""
        try:
            with self._path.open("ab") as file:
                file.write(f"{loss!r}\n".encode())
        except OSError as error:
            raise UserError(
                _("The losses cannot be written to the disk: {reason}. The training ends here.", reason=error.strerror)
            ) from error

    def further(self) -> list[float]:
        """Those that were added since they were read last; a line that is just being written is for the next time."""
        lines = b""
        with suppress(FileNotFoundError), self._path.open("rb") as file:
            file.seek(self._read)
            lines = file.read()
        whole = lines[: lines.rfind(b"\n") + 1]
        self._read += len(whole)
        return [float(line) for line in whole.split()]


def pause(folder: Path) -> None:
    """Have the training of a folder stand still for 90 s. Who looks at it holds the pause."""
    with suppress(OSError):  # it has ended long ago, or the disk is full
        (folder / _PAUSED).touch()


def hold_pause(folder: Path) -> None:
    """Begin the 90 s again, where the training still pauses."""
    with suppress(FileNotFoundError):
        os.utime(folder / _PAUSED)  # which makes no file: somebody may just have had it go on


def go_on(folder: Path) -> None:
    (folder / _PAUSED).unlink(missing_ok=True)


def is_paused(folder: Path) -> bool:
    try:
        return time.time() - (folder / _PAUSED).stat().st_mtime < _HOLDS
    except FileNotFoundError:
        return False


def bytes_of(parameters: Mapping[str, Array]) -> int:
    """What a moment of these weights takes: they, Adam's m and Adam's v."""
    return 3 * sum(array.nbytes for array in parameters.values())
