"""The models one can pick, and their cards."""

from __future__ import annotations

import os
import threading
import tomllib
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from explorer.embeddings.embedding import Embedding
from explorer.embeddings.formats import FormatError
from explorer.embeddings.store import open_model
from explorer.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
MODELS = Path(os.environ.get("EXPLORER_MODELS", ROOT / "models"))
CACHE = Path(os.environ.get("EXPLORER_CACHE", ROOT / ".cache"))
DEFAULT = "wiki-en-word2vec"

_opened: dict[str, Embedding] = {}
_opening = threading.Lock()


@dataclass(frozen=True)
class Card:
    """What a model is and how good: the fields of its card.toml."""

    name: str
    title: str
    description: str
    words: int
    dimensions: int
    size: int  # bytes in the repository
    corpus: dict[str, Any]
    training: dict[str, Any]
    scores: dict[str, float]

    def as_json(self) -> dict[str, Any]:
        return dict(vars(self))


def names() -> list[str]:
    """The models that can be opened, the default one first."""
    found = sorted(path.parent.name for path in MODELS.glob("*/card.toml"))
    return sorted(found, key=lambda name: name != DEFAULT)


def card(name: str) -> Card:
    """The card of a model. Raises UserError for a name that no model has, FormatError for a card that is damaged."""
    path = _folder(name) / "card.toml"
    try:
        fields = tomllib.loads(path.read_text(encoding="utf-8"))
        return Card(name=name, **{key: fields[key] for key in Card.__dataclass_fields__ if key != "name"})
    except (KeyError, ValueError) as error:
        raise FormatError(f"The card {path} cannot be read: {error}. Mend it, or train the model anew.") from error


def load(name: str | None = None) -> Embedding:
    """The model of that name, or the default one: memory-mapped, and one a process however many ask for it.

    Raises UserError for a name that no model has, FormatError for files that cannot be read.
    """
    name = name or DEFAULT
    with _opening:
        if name not in _opened:
            _opened[name] = open_model(_folder(name), MODELS / "lexicon.tsv.gz", CACHE)
        return _opened[name]


def _folder(name: str) -> Path:
    known = names()
    if name not in known:
        raise UserError(f"There is no model called “{name}”. There are: {', '.join(known) or 'none'}.")
    return MODELS / name
