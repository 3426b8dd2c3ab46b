"""The models one can pick, and their cards."""

from __future__ import annotations

import os
import threading
import tomllib
from dataclasses import dataclass, field, fields
from functools import lru_cache
from pathlib import Path
from typing import Any

from explorer import places
from explorer.embeddings.embedding import Embedding
from explorer.embeddings.formats import FormatError
from explorer.embeddings.store import open_model
from explorer.errors import UserError

MODELS = places.MODELS  # one's own; in a checkout, those that came along as well
SHIPPED_MODELS = places.SHIPPED_MODELS
CACHE = places.CACHE
LEXICON = SHIPPED_MODELS / "lexicon.tsv.gz"  # one for all models, wherever they are
SHIPPED = ("wiki-en-word2vec", "wiki-en-glove", "wiki-en-fasttext")
DEFAULT = SHIPPED[0]

_opened: dict[str, tuple[int, Embedding]] = {}
_opening = threading.Lock()


@dataclass(frozen=True)
class Card:
    """What a model is and how good: the fields of its card.toml. Imported models have a `source`, and no scores."""

    name: str
    title: str
    words: int
    dimensions: int
    size: int  # bytes on disk
    description: str = ""
    corpus: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)
    subwords: dict[str, int] = field(default_factory=dict)  # minimum, maximum, buckets: see subwords.py
    source: dict[str, Any] = field(default_factory=dict)  # file, format, date

    def as_json(self) -> dict[str, Any]:
        return dict(vars(self))


def names() -> list[str]:
    """The models that can be opened: those that came along, the default one first, then the others by name."""
    at_hand = {name for home in {MODELS, SHIPPED_MODELS} for name in _in(home)}
    return sorted(at_hand, key=lambda name: (SHIPPED.index(name) if name in SHIPPED else len(SHIPPED), name))


def folder(name: str) -> Path:
    """Where a model is kept: one's own before one of the same name that came along. A new name belongs to one's own."""
    own, shipped = MODELS / name, SHIPPED_MODELS / name
    return shipped if shipped.exists() and not (own / "card.toml").exists() else own


def card(name: str) -> Card:
    """The card of a model. Raises UserError for a name that no model has, FormatError for a card that is damaged."""
    path = _known(name) / "card.toml"
    try:
        return _card(name, path, path.stat().st_mtime_ns)
    except (OSError, TypeError, ValueError) as error:
        raise FormatError(f"The card {path} cannot be read: {error}. Mend it, or make the model anew.") from error


@lru_cache(maxsize=256)  # a page asks for the titles of all models, and TOML takes a millisecond to read
def _card(name: str, path: Path, _state: int) -> Card:
    entries = tomllib.loads(path.read_text(encoding="utf-8"))
    known = {entry.name for entry in fields(Card)} - {"name"}
    found = Card(name=name, **{key: value for key, value in entries.items() if key in known})
    for key in ("words", "dimensions", "size"):
        if not isinstance(getattr(found, key), int):
            raise TypeError(f"{key} is no whole number")
    return found


def cards() -> tuple[list[Card], list[str]]:
    """The cards of all models, and a sentence for each that is damaged."""
    found, problems = [], []
    for name in names():
        try:
            found.append(card(name))
        except UserError as error:
            problems.append(str(error))
    return found, problems


def title(name: str) -> str:
    """The title of a model; its name where it has none or its card is damaged, which `load` and `card` say."""
    try:
        return card(name).title or name
    except UserError:
        return name


def load(name: str | None = None) -> Embedding:
    """The model of that name, or the default one: memory-mapped, and one a process however many ask for it.

    Raises UserError for a name that no model has, FormatError for files that cannot be read.
    """
    name = name or DEFAULT
    with _opening:
        folder = _known(name)
        try:
            # another model may have taken the place of an imported one
            state = (folder / "card.toml").stat().st_mtime_ns
        except FileNotFoundError as error:
            raise UserError(f"The model “{name}” has just been removed or replaced: ask again.") from error
        if name not in _opened or _opened[name][0] != state:
            _opened[name] = state, open_model(folder, LEXICON, CACHE)
        return _opened[name][1]


def close(name: str) -> None:
    """Let go of a model, so that its place on the disk is free once nobody asks it any more."""
    with _opening:
        _opened.pop(name, None)


def _known(name: str) -> Path:
    known = names()
    if name not in known:
        raise UserError(f"There is no model called “{name}”. There are: {', '.join(known) or 'none'}.")
    return folder(name)


def _in(home: Path) -> list[str]:
    try:
        names = [entry.name for entry in os.scandir(home) if not entry.name.startswith(".")]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise UserError(
            f"The folder of models {home} cannot be read: {error.strerror}. Change its rights, or name another folder "
            "in the environment variable EXPLORER_MODELS."
        ) from error
    return [name for name in names if (home / name / "card.toml").exists()]
