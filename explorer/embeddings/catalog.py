"""The models one can pick, and their cards."""

from __future__ import annotations

import os
import threading
import tomllib
from collections.abc import Sequence
from dataclasses import dataclass, field, fields
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from explorer.embeddings.embedding import Embedding
from explorer.embeddings.formats import FormatError
from explorer.embeddings.store import open_model
from explorer.embeddings.vocabulary import LONGEST_WORD, variant
from explorer.errors import UserError

ROOT = Path(__file__).resolve().parents[2]
MODELS = Path(os.environ.get("EXPLORER_MODELS", ROOT / "models"))
CACHE = Path(os.environ.get("EXPLORER_CACHE", ROOT / ".cache"))
LEXICON = ROOT / "models" / "lexicon.tsv.gz"  # one for all models, wherever they are
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
    try:
        folders = sorted(entry.name for entry in os.scandir(MODELS) if not entry.name.startswith("."))
    except FileNotFoundError:
        return []
    found = [name for name in folders if (MODELS / name / "card.toml").exists()]
    return sorted(found, key=lambda name: SHIPPED.index(name) if name in SHIPPED else len(SHIPPED))


def card(name: str) -> Card:
    """The card of a model. Raises UserError for a name that no model has, FormatError for a card that is damaged."""
    path = _folder(name) / "card.toml"
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
        folder = _folder(name)
        try:
            # another model may have taken the place of an imported one
            state = (folder / "card.toml").stat().st_mtime_ns
        except FileNotFoundError as error:
            raise UserError(f"The model “{name}” has just been removed or replaced: ask again.") from error
        if name not in _opened or _opened[name][0] != state:
            _opened[name] = state, open_model(folder, LEXICON, CACHE)
        return _opened[name][1]


def examples(name: str, wanted: Sequence[str] = ("airplane",), least: int = 1) -> list[str]:
    """What to ask a model before its reader has asked something: the words `wanted` that it has, where these are
    `least` or more, and otherwise as many words of its own, the most frequent first.

    Its own words are such as stand in a list without quotes. A model that cannot be opened has what is `wanted`: who
    asks it is told why.
    """
    try:
        embedding = load(name)
    except UserError:
        return list(wanted)
    if len(known := [word for word in wanted if variant(embedding, word)]) >= least:
        return known
    own = (word for row, word in enumerate(embedding.words) if _listable(word) and embedding.inverse_norms[row])
    return list(islice(own, len(wanted))) or list(wanted)


def _listable(word: str) -> bool:
    return 0 < len(word) <= LONGEST_WORD and word.isprintable() and not set(word) & set(" ,;")


def close(name: str) -> None:
    """Let go of a model, so that its place on the disk is free once nobody asks it any more."""
    with _opening:
        _opened.pop(name, None)


def _folder(name: str) -> Path:
    known = names()
    if name not in known:
        raise UserError(f"There is no model called “{name}”. There are: {', '.join(known) or 'none'}.")
    return MODELS / name
