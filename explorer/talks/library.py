"""The talks at hand."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

from explorer import places
from explorer.answers import Answer, Table
from explorer.errors import UserError
from explorer.talks.deck import names, open_deck
from explorer.talks.rehearsal import spoken


@dataclass(frozen=True)
class Entry:
    """A talk; `minutes` is how long its notes take, `problem` says why it cannot be read."""

    name: str
    title: str = ""
    scenes: int = 0
    minutes: float = 0.0
    own: bool = False
    problem: str = ""


@dataclass(frozen=True)
class Decks(Answer):
    """The talks at hand."""

    entries: tuple[Entry, ...]

    @property
    def sentences(self) -> tuple[str, ...]:
        return tuple(entry.problem for entry in self.entries if entry.problem)

    def as_json(self) -> list[dict[str, Any]]:
        return [asdict(entry) for entry in self.entries]

    def table(self) -> Table:
        header = ("name", "title", "scenes", "minutes", "own")
        return Table(header, tuple(tuple(getattr(entry, name) for name in header) for entry in self.entries))


def decks() -> Decks:
    """Every talk at hand; a file that is none says what is wrong with it."""
    return Decks(tuple(map(_entry, names())))


def _entry(name: str) -> Entry:
    own = (places.TALKS / f"{name}.toml").is_file()
    try:
        deck = open_deck(name)
    except UserError as error:
        return Entry(name, own=own, problem=str(error))
    minutes = round(sum(spoken(scene) for scene in deck.scenes) / 60, 1)
    return Entry(name, deck.title, len(deck.scenes), minutes, own)
