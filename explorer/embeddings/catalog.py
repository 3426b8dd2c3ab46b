"""The models one can pick, and their cards."""

from __future__ import annotations

import math
import os
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, fields
from datetime import date, time
from functools import lru_cache
from itertools import islice
from pathlib import Path
from typing import Any

from explorer import places
from explorer.access import belongings
from explorer.access.belongings import Belonging
from explorer.answers import Answer, Table
from explorer.embeddings.bounds import LONGEST_WORD
from explorer.embeddings.embedding import Embedding
from explorer.embeddings.engine import models as engine
from explorer.embeddings.formats import FormatError
from explorer.embeddings.lookup import variant
from explorer.embeddings.model_files import CARD
from explorer.embeddings.queries import resolve
from explorer.embeddings.store import is_whole, open_model
from explorer.errors import NotThere, UserError, cut
from explorer.texts import _
from explorer.toml_text import read_toml

MODELS = places.MODELS  # a user's own; in a checkout, the shipped ones as well
SHIPPED_MODELS = places.SHIPPED_MODELS
CACHE = places.CACHE
LEXICON = SHIPPED_MODELS / "lexicon.tsv.gz"  # one for all models, wherever they are
SHIPPED = ("wiki-en-word2vec", "wiki-en-glove", "wiki-en-fasttext")
DEFAULT = SHIPPED[0]
_LISTED = 8  # names of models that an error has
_LONGEST_NAME = 255  # characters: no file system has longer ones

most_bytes = 0
"""Of the models that are open together, unless one alone has more; 0 for any number."""

_opened: dict[str, tuple[int, Embedding]] = {}  # the one that was asked last stands last
_opening = threading.Lock()
_steady: ContextVar[dict[str, Embedding] | None] = ContextVar("steady", default=None)


@dataclass(frozen=True)
class Card(Answer):
    """What a model is and how good: the fields of its card.toml. Imported models have a `source`, and no scores."""

    name: str
    title: str
    words: int
    dimensions: int
    size: int  # bytes on disk
    description: str = ""
    differs: str = ""  # from the vectors of this kind that others have published
    corpus: dict[str, Any] = field(default_factory=dict)
    training: dict[str, Any] = field(default_factory=dict)
    scores: dict[str, float] = field(default_factory=dict)
    health: dict[str, float] = field(
        default_factory=dict
    )  # measured over the 5,000 most frequent words, see verdict.py
    subwords: dict[str, int] = field(default_factory=dict)  # minimum, maximum, buckets: see subwords.py
    source: dict[str, Any] = field(default_factory=dict)  # file, format, date, and a note where there is one
    engine: dict[str, Any] = field(default_factory=dict)  # of a model that an engine has: its index and recall

    @property
    def headline(self) -> str:
        return f"{self.name} · {self.title}"

    def as_json(self) -> dict[str, Any]:
        return dict(vars(self))

    def table(self) -> Table:
        """One row a field; those of a table of the card by “table.field”."""
        rows = []
        for name, value in vars(self).items():
            tables = value if isinstance(value, dict) else {}
            rows += [(f"{name}.{key}", str(each)) for key, each in tables.items()] or [(name, str(value))]
        return Table(("field", "value"), tuple(rows))


def names() -> list[str]:
    """The models that can be opened: the shipped ones, the default one first, then the others by name, then those of
    the engine."""
    return [*_here(), *engine.names()]


def _here() -> list[str]:
    """The models of this machine that who asks sees."""
    at_hand = {name for home in {MODELS, SHIPPED_MODELS} for name in _in(home)}
    if belongings.sees is not belongings.everything:
        at_hand = {name for name in at_hand if belongings.is_seen(folder(name) / CARD)}
    return sorted(at_hand, key=lambda name: (SHIPPED.index(name) if name in SHIPPED else len(SHIPPED), name))


def folder(name: str) -> Path:
    """Where a model is kept: a user's own before a shipped one of the same name. A new name belongs to a user's own."""
    own, shipped, own_card = _places(name, MODELS, SHIPPED_MODELS)
    return shipped if os.path.exists(shipped) and not os.path.exists(own_card) else own


@lru_cache(maxsize=1024)  # each answer looks several times, and to put a path together takes longer than to look
def _places(name: str, models: Path, shipped: Path) -> tuple[Path, Path, Path]:
    return models / name, shipped / name, models / name / CARD


def card(name: str) -> Card:
    """The card of a model. Raises UserError for a name that no model has, FormatError for a card that is damaged."""
    if engine.is_remote(name):
        return Card(name=name, **engine.card(name))
    path = _known(name) / CARD
    try:
        return _card(name, path, path.stat().st_mtime_ns)
    except (OSError, UserError) as error:
        reason = str(error).rstrip(".")
        raise FormatError(
            _(
                "The card {path} cannot be read: {reason}. Correct it, or make the model again.",
                path=path,
                reason=reason,
            )
        ) from error


def belonging(name: str) -> Belonging:
    """Whose an imported model is, as the card says that was written for them. Raises UserError for a name that no model
    has."""
    return Belonging() if engine.is_remote(name) else belongings.belonging(_known(name) / CARD)


def share(name: str, shared: bool) -> None:
    """Show somebody's model to all who may ask, or to them alone again. Raises UserError where that cannot be."""
    belongings.share(_known(name) / CARD, shared)


@lru_cache(maxsize=256)  # a page asks for the titles of all models, and TOML takes a millisecond to read
def _card(name: str, path: Path, _state: int) -> Card:
    return Card(name=name, **_checked(read_toml(path, "it")))


_TABLES = ("corpus", "training", "scores", "health", "subwords", "source")
_ORIGIN = ("source.file", "source.format", "source.date")
_TEXTS = ("title", "description", "differs", "corpus.name", "corpus.licence", *_ORIGIN)
_WHOLE_NUMBERS = ("words", "dimensions", "size")


def _checked(entries: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of a card, each of its type and plain enough for JSON. Raises UserError for one that is not."""
    card = {each.name: _plain(entries[each.name]) for each in fields(Card) if each.name in entries}
    card.pop("name", None)  # the folder's
    for table in _TABLES:
        if not isinstance(card.get(table, {}), dict):
            raise UserError(_("{table} is not a table, which begins with [{table}]", table=table))
    values = card | {f"{table}.{key}": value for table in _TABLES for key, value in card.get(table, {}).items()}
    needed = ("title", *_WHOLE_NUMBERS, *(_ORIGIN if card.get("source") else ()))
    if missing := [name for name in needed if name not in values]:
        raise UserError(_("it lacks {missing}", missing=" and ".join(missing)))
    for name, value in values.items():
        if name in _TEXTS and not isinstance(value, str):
            raise UserError(_("{name} is no text in quotation marks, but {value}", name=name, value=cut(repr(value))))
        if name in _WHOLE_NUMBERS and type(value) is not int:
            raise UserError(_("{name} is no whole number, but {value}", name=name, value=cut(repr(value))))
        if name.startswith(("scores.", "health.", "subwords.")) and type(value) not in (int, float):
            raise UserError(_("{name} is no number, but {value}", name=name, value=cut(repr(value))))
    return card


def _plain(value: Any) -> Any:
    """The value as JSON has it: dates as text. Raises UserError for a number that is none."""
    if isinstance(value, dict):
        return {key: _plain(each) for key, each in value.items()}
    if isinstance(value, list):
        return [_plain(each) for each in value]
    if isinstance(value, float) and not math.isfinite(value):
        raise UserError(_("one of its numbers is {value}", value=value))
    return value.isoformat() if isinstance(value, (date, time)) else value  # a datetime is a date


def cards() -> tuple[list[Card], list[str]]:
    """The cards of all models, and a sentence for each that is damaged."""
    readable, problems = [], engine.problems()
    for name in names():
        try:
            readable.append(card(name))
        except UserError as error:
            problems.append(str(error))
    return readable, list(dict.fromkeys(problems))


def title(name: str) -> str:
    """The title of a model; its name where it has none or its card is damaged, which `load` and `card` say."""
    try:
        return card(name).title or name
    except UserError:
        return name


@contextmanager
def steady() -> Iterator[None]:
    """Inside, a model stays as it was when it was first asked for, so all that is said of it fits together. Its files
    are looked at once: a page asks ten times, and each look lets other threads go first."""
    token = _steady.set({})
    try:
        yield
    finally:
        _steady.reset(token)


def load(name: str | None = None) -> Embedding:
    """The model of that name, or the default one: memory-mapped, and one a process however many ask for it.

    Raises UserError for a name that no model has, FormatError for files that cannot be read.
    """
    name = name or DEFAULT
    seen = _steady.get()
    if seen is None:
        return _load(name)
    if name not in seen:
        seen[name] = _load(name)
    return seen[name]


def _load(name: str) -> Embedding:
    if engine.is_remote(name):
        return engine.load(name)
    if not is_seen(name):
        _known(name)  # which says that there is none
    with _opening:
        embedding = if_open(name)  # most often it is, so nothing else is looked at first
        if embedding is None or not is_whole(embedding):
            _opened.pop(name, None)
            place = _known(name)
            try:
                # another model may have taken the place of an imported one
                state = (place / CARD).stat().st_mtime_ns
            except FileNotFoundError as error:
                sentence = _("The model “{name}” has just been removed or replaced: ask again.", name=name)
                raise UserError(sentence) from error
            embedding = open_model(place, LEXICON, CACHE)
            _opened[name] = state, embedding
        _opened[name] = _opened.pop(name)
        while most_bytes and sum(opened().values()) > most_bytes and len(_opened) > 1:
            del _opened[next(iter(_opened))]  # it is unmapped when nobody asks it any more
        return embedding


def examples(name: str, words: Sequence[str] = ("airplane",), least: int = 1, among: int | None = None) -> list[str]:
    """What to ask a model before its reader has asked something: the words `words` that it has `among` its most
    frequent, where these are `least` or more, and otherwise as many words of its own, the most frequent first.

    Its own words are such as stand in a list without quotes. A model that cannot be opened has what is `words`: who
    asks it is told why.
    """
    try:
        embedding = load(name)
    except UserError:
        return list(words)
    spelled = ((word, variant(embedding, word)) for word in words)
    known = [word for word, own in spelled if own and embedding.rows[own] < (among or embedding.size)]
    if len(known) >= least:
        return known
    own = (word for row, word in enumerate(embedding.words) if _listable(word) and embedding.inverse_norms[row])
    return list(islice(own, len(words))) or list(words)


def models_with(text: str) -> Iterator[str]:
    """The models that have a vector for a word, a phrase or a formula, see `queries.resolve`. Each is opened when it is
    its turn: who needs a few takes no more."""
    return (name for name in names() if _has(name, text))


def _has(name: str, text: str) -> bool:
    try:
        resolve(_load(name), text)  # a page that only looks whether a model has a word does not hold it
    except UserError:
        return False
    return True


def _listable(word: str) -> bool:
    return 0 < len(word) <= LONGEST_WORD and word.isprintable() and not set(word) & set(" ,;")


def is_seen(name: str) -> bool:
    """Whether who asks sees a model of this machine."""
    if belongings.sees is belongings.everything:
        return True
    return len(name) <= _LONGEST_NAME and belongings.is_seen(folder(name) / CARD)


def opened() -> dict[str, int]:
    """The models that are open in this process, with the bytes of their vectors."""
    return {name: int(embedding.vectors.nbytes) for name, (_, embedding) in list(_opened.items())}


def if_open(name: str) -> Embedding | None:
    """The model of that name where it is open, and has not been removed or replaced since."""
    if engine.is_remote(name):
        return engine.if_open(name)
    try:
        state, embedding = _opened[name]
        return embedding if (folder(name) / CARD).stat().st_mtime_ns == state else None
    except (KeyError, OSError):
        return None


def close(name: str) -> None:
    """Let go of a model, so that its place on the disk is free once nobody asks it any more."""
    with _opening:
        _opened.pop(name, None)


def _known(name: str) -> Path:
    if name not in _here():
        known, name = _nearest_first(name), cut(name)
        if not known:
            raise NotThere(_("There is no model called “{name}”: no model is here yet. Import one.", name=name))
        raise NotThere(_("There is no model called “{name}”. There are: {known}.", name=name, known=known))
    return folder(name)


def _in(home: Path) -> list[str]:
    try:
        names = [entry.name for entry in os.scandir(home) if not entry.name.startswith(".")]
    except (FileNotFoundError, NotADirectoryError):
        return []
    except OSError as error:
        raise UserError(
            _(
                "The folder of models {home} cannot be read: {reason}. Change its permissions, or name another "
                "folder in the environment variable EXPLORER_MODELS.",
                home=home,
                reason=error.strerror,
            )
        ) from error
    return [name for name in names if (home / name / CARD).exists()]


def _nearest_first(name: str) -> str:
    """The names of the first models, those before that are spelled much like `name`, and how many more there are."""
    from difflib import get_close_matches  # only an error needs it

    here = names()
    listed = list(dict.fromkeys([*get_close_matches(cut(name), here), *here]))
    more = len(listed) - _LISTED
    return ", ".join(listed[:_LISTED]) + (_(" and {count:,} more", count=more) if more > 0 else "")
