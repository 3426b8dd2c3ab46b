"""The talks at hand."""

from __future__ import annotations

from dataclasses import dataclass

from explorer import places
from explorer.answers import Entries
from explorer.errors import UserError
from explorer.talks.deck import names, open_deck
from explorer.talks.rehearsal import speaking_time


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
class Decks(Entries):
    """The talks at hand."""

    entries: tuple[Entry, ...]
    columns = ("name", "title", "scenes", "minutes", "own")


def decks() -> Decks:
    """Every talk at hand; a file that is none says what is wrong with it."""
    return Decks(tuple(map(_entry, names())))


def _entry(name: str) -> Entry:
    own = (places.TALKS / f"{name}.toml").is_file()
    try:
        deck = open_deck(name)
    except UserError as error:
        return Entry(name, own=own, problem=str(error))
    minutes = round(sum(speaking_time(scene) for scene in deck.scenes) / 60, 1)
    return Entry(name, deck.title, len(deck.scenes), minutes, own)
