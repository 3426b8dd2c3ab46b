"""The models of the engine that this process asks, by the names that they have in the catalogue."""

from __future__ import annotations

import threading
from dataclasses import asdict
from typing import Any

from explorer.embeddings.embedding import Embedding
from explorer.embeddings.engine.connection import ADDRESS, Engine, engine
from explorer.embeddings.engine.entries import AT_ENGINE, Entry, Models, entry_of, models_of
from explorer.embeddings.engine.vocabulary import open_model
from explorer.errors import NotThere, UserError
from explorer.texts import _

_opened: dict[tuple[str, str], tuple[str, Embedding]] = {}  # by address and name, with the fingerprint that it had
_opening = threading.Lock()  # a server that hangs holds up no other models than its own


def is_remote(name: str) -> bool:
    """Whether a model of that name is an engine's; none of this machine can be called so."""
    return name.endswith(AT_ENGINE)


def names() -> list[str]:
    """The models of the engine, as they are asked for; none where there is no engine, and while it is gone."""
    models = _models()
    return [] if models.problem else [name + AT_ENGINE for name in models.entries]


def problems() -> list[str]:
    """The sentence that says why the engine does not answer, where it does not."""
    return list(filter(None, (_models().problem,)))


def card(name: str) -> dict[str, Any]:
    """The fields of a model's card. Raises as `load` does."""
    entry = _entry(name)[1]
    pushed = {"index": entry.index, **(asdict(entry.recall) if entry.recall else {})}
    return {**entry.card, "title": _("{title} (engine)", title=entry.card["title"]), "engine": pushed}


def load(name: str) -> Embedding:
    """The model of that name; its words are fetched once a process. Raises NotThere, UserError for no engine, and where
    that is gone."""
    there, entry = _entry(name)
    with _opening:
        embedding = _if_open(there, entry)
        if embedding is None:
            embedding = open_model(there, entry)
            _opened[there.address, entry.name] = entry.fingerprint, embedding
        return embedding


def if_open(name: str) -> Embedding | None:
    """The model of that name where its words have been fetched."""
    try:
        there, entry = _entry(name)
    except UserError:
        return None
    return _if_open(there, entry)


def _if_open(there: Engine, entry: Entry) -> Embedding | None:
    fingerprint, embedding = _opened.get((there.address, entry.name), ("", None))
    return embedding if fingerprint == entry.fingerprint else None


def _models() -> Models:
    try:
        there = engine()
        return models_of(there) if there else Models({})
    except UserError as error:  # an address that is none
        return Models({}, str(error))


def _entry(name: str) -> tuple[Engine, Entry]:
    bare, there = name.removesuffix(AT_ENGINE), engine()
    if there is None:
        raise NotThere(
            _(
                "{name} is a model of an engine. Write the address of the engine into the environment variable "
                "{variable}.",
                name=name,
                variable=ADDRESS,
            )
        )
    entry = models_of(there).entries.get(bare) or entry_of(there, bare)
    if entry is None:
        listed = ", ".join(names()) or _("none")
        raise NotThere(_("The engine has no model called “{name}”. It has: {listed}.", name=bare, listed=listed))
    if entry.recall is None:
        raise NotThere(_("The engine has only a part of {name}. Push it again to go on.", name=bare))
    return there, entry
