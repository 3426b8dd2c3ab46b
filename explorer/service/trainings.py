"""The trainings that can be watched: whoever has the key of one finds it, in every process of the server."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from explorer.errors import NotThere, UserError
from explorer.lessons import moments
from explorer.lessons.example import Example
from explorer.lessons.learning import Learning
from explorer.questions.jobs import Watch
from explorer.service.jobs import queue
from explorer.service.jobs.record import JobRecord
from explorer.texts import _

PAIRS = "pairs.tsv"
"""In the folder of a training, the pairs that a visitor gave."""
_OF_FOLDERS = ("out", "pairs")  # parameters that no address has
_IN_ADDRESS = {"comparison": "run"}  # parameters that have another name there
_MOST_OPEN = 16  # of which a process remembers what it has read


@dataclass(frozen=True)
class WatchedTraining:
    """A job that trains, and what it has recorded so far: nothing before it has begun."""

    job: JobRecord
    learning: Learning | None

    @property
    def key(self) -> str:
        return self.job.id

    @property
    def question(self) -> Watch:
        """Raises UserError for one that this version does not have."""
        question = self.job.asked
        assert isinstance(question, Watch)
        return question

    @property
    def address(self) -> Mapping[str, str]:
        """The names and values of the query under which its page begins the same."""
        return {_IN_ADDRESS.get(name, name): text for name, text in self.job.texts if name not in _OF_FOLDERS}

    @property
    def pasted(self) -> str:
        """The text that it learns from, where a visitor gave one."""
        try:
            return (self.job.folder / PAIRS).read_text(encoding="utf-8")
        except FileNotFoundError:
            return ""

    @property
    def is_paused(self) -> bool:
        return moments.is_paused(self.job.folder)

    def pause(self) -> None:
        """Have it stand still, for as long as somebody holds the pause."""
        moments.pause(self.job.folder)

    def hold_pause(self) -> None:
        moments.hold_pause(self.job.folder)

    def go_on(self) -> None:
        moments.go_on(self.job.folder)


def find(key: str) -> WatchedTraining:
    """Raises NotThere for one that is not kept (any more)."""
    for job in queue.jobs(Watch.kind):
        if job.id == key:
            return WatchedTraining(job, _learning(job.folder))
    raise NotThere(
        _(
            "This training is not kept any more. It ended more than a day ago, or newer trainings took its place. The "
            "same settings give the same training again."
        )
    )


def back_to(key: str, update: int) -> dict[str, str]:
    """The address of a training's own page, at one of its checkpoints. Raises NotThere as `find`."""
    return {**find(key).address, "training": key, "moment": str(update)}


def _learning(folder: Path) -> Learning | None:
    """What a training has recorded so far; of what is known already, nothing is read again."""
    try:
        learning = _opened(folder)
    except FileNotFoundError:
        return None
    learning.read_on()
    return learning


@lru_cache(maxsize=_MOST_OPEN)
def _opened(folder: Path) -> Learning:
    return Learning(folder)


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
        Raises NotThere as `find`, UserError for a training that has not begun."""
        return replace(self, update=self._learning.moment(self.update).step)

    @property
    def subject(self) -> Example:
        """Raises as `so_far`, and UserError for a sentence that the model cannot read."""
        learning = self._learning
        return learning.example_at(learning.moment(self.update), self.source, self.target)

    @property
    def _learning(self) -> Learning:
        if learning := find(self.training).learning:
            return learning
        raise UserError(_("This training has no checkpoint yet. Open its page."))
