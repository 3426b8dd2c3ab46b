"""Removing a model from an engine: its collection first, then the entry that names it.

What is cut off between the two leaves an entry whose vectors are gone, which the next removal or push finds.
"""

from __future__ import annotations

from explorer.embeddings.engine.connection import Engine
from explorer.embeddings.engine.entries import AT_ENGINE, collection_of, forget_entry, names_of
from explorer.errors import NotThere
from explorer.texts import _


def rows_of(engine: Engine, name: str) -> int:
    """How many words an engine has of a model. Raises NotThere for one that it has not, Unreachable."""
    _check(engine, name)
    if not engine.ask("has_collection", collection_of(name)):
        return 0
    fields = ["count(*)"]
    answer = engine.ask(
        "query", collection_of(name), filter="", output_fields=fields, consistency_level="Strong", timeout=_PATIENCE
    )
    return int(answer[0][fields[0]])


def remove(engine: Engine, name: str) -> None:
    """Delete a model, whole or pushed in part. Raises NotThere for one that the engine has not, Unreachable."""
    _check(engine, name)
    if engine.ask("has_collection", collection_of(name)):
        engine.ask("drop_collection", collection_of(name), timeout=_PATIENCE)
    forget_entry(engine, name)


_PATIENCE = 120.0  # seconds: a collection that is not in memory is loaded to be counted


def _check(engine: Engine, name: str) -> None:
    if name not in (names := names_of(engine)):
        raise NotThere(
            _(
                "The engine at {address} has no model called “{name}”. It has: {names}.",
                address=engine.address,
                name=name,
                names=", ".join(f"{each}{AT_ENGINE}" for each in names) or _("none"),
            )
        )
