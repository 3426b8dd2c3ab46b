"""The trainings of this process that can be watched: whoever has the key of one finds it, also after a reload.

They are bounded together: the oldest that have ended go when a new one needs their room.
"""

from __future__ import annotations

import secrets
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, replace

from explorer.errors import NotThere, UserError
from explorer.initialisation.results import Result
from explorer.lessons.example import Example
from explorer.lessons.learning import Learning
from explorer.texts import _

MOST_KEPT = 2**31
"""Bytes on disk of all moments of all trainings together."""
MOST_TRAININGS = 8
"""Each of their moments holds a file open."""

_kept: dict[str, Watched] = {}
_changing = threading.Lock()


@dataclass(frozen=True, eq=False)
class Watched:
    """A training, what it is in a sentence, and the `address` (names and values of the query) under which its page
    began it. `pasted` is the text that it learns from, where a reader gave one; `result` that of the run of a
    comparison which it repeats."""

    learning: Learning
    sentence: str
    address: Mapping[str, str] = field(default_factory=dict)
    pasted: str = ""
    result: Result | None = None
    key: str = field(default_factory=lambda: secrets.token_urlsafe(9))


def begin(watched: Watched, instead: str | None = None) -> None:
    """Start a training and keep it, and forget the one with the key `instead`. Raises UserError where the others that
    run leave no room for it: then nothing is forgotten that runs."""
    with _changing:
        for key, old in list(_kept.items()):
            if _has_room(watched, instead):
                break
            if not old.learning.running:
                del _kept[key]
        if not _has_room(watched, instead):
            raise UserError(
                _(
                    "The trainings that run at the moment leave no room for another one of this size. Wait until one "
                    "ends, or take a smaller d_model."
                )
            )
        watched.learning.start()
        _kept[watched.key] = watched
    if instead is not None:
        forget(instead)


def runs(key: str | None) -> bool:
    """Whether the training with this key runs."""
    return key is not None and (watched := _kept.get(key)) is not None and watched.learning.running


def find(key: str) -> Watched:
    """Raises NotThere for one that is not kept (any more)."""
    if (watched := _kept.get(key)) is not None:
        return watched
    raise NotThere(
        _(
            "This training is not kept any more: the server was started again since then, or newer trainings have "
            "taken its place. The same settings give the same training again."
        )
    )


def back_to(key: str, update: int) -> dict[str, str]:
    """The address of a training's own page, at one of its checkpoints. Raises NotThere as `find`."""
    return {**find(key).address, "training": key, "moment": str(update)}


def forget(key: str) -> None:
    """End a training and free what it keeps."""
    with _changing:
        watched = _kept.pop(key, None)
    if watched is not None:
        watched.learning.cancel()


def _has_room(watched: Watched, instead: str | None) -> bool:
    others = [other for key, other in _kept.items() if key != instead]
    size = sum(other.learning.most_bytes for other in (*others, watched))
    return len(others) < MOST_TRAININGS and size <= MOST_KEPT


@dataclass(frozen=True)
class AtCheckpoint:
    """What a lesson of a training's checkpoint is about: a sentence pair, or without a target the encoder alone."""

    training: str
    update: int
    source: tuple[str, ...]
    target: tuple[str, ...] | None

    @property
    def so_far(self) -> AtCheckpoint:
        """The same at the last checkpoint up to that update that there is: a training that runs will have later ones.
        Raises NotThere as `find`."""
        return replace(self, update=find(self.training).learning.moment(self.update).step)

    @property
    def subject(self) -> Example:
        """Raises NotThere as `find`, UserError for a sentence that the model cannot read."""
        learning = find(self.training).learning
        return learning.example_at(learning.moment(self.update), self.source, self.target)
