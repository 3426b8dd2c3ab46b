"""What an engine has: a collection of entries, one a model, which say where its vectors are and how far they came."""

from __future__ import annotations

import json
import math
import re
import threading
import time
import zlib
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from typing import Any

from explorer.embeddings.engine.connection import Engine, pymilvus
from explorer.errors import UserError
from explorer.texts import _

AT_ENGINE = "@engine"  # ends the names of such models; no model on this machine can have it in its name
LAYOUT = 1  # counts up when fields change
_ENTRIES = "explorer_models"
_LONGEST = 65_535  # bytes of a text, the most that Milvus takes
_KNOWN_FOR = 10.0  # seconds for which a list of models is shown again,
_LISTING, _PATIENCE = 3.0, 10.0  # for which a page waits for one, and who asks for one model

_lists: dict[str, tuple[float, Models]] = {}  # by address, when it was read, and the list
_listing = threading.Lock()


@dataclass(frozen=True)
class Recall:
    """The shares (0 to 1) of the true `nearest` words of `probes` random words that the engine finds: among all
    words, and `filtered`, among the most frequent twenty-fifth."""

    all: float
    filtered: float
    probes: int
    nearest: int


@dataclass(frozen=True)
class Entry:
    """A model in an engine; `recall` is None until all of it is there."""

    name: str
    fingerprint: str  # of what was loaded
    words: int
    dimensions: int
    index: str  # of Milvus: FLAT, which compares with every row, or HNSW
    has_shares: bool
    columns: tuple[str, ...]
    card: Mapping[str, Any]
    recall: Recall | None = None
    layout: int = field(default=LAYOUT)

    @property
    def collection(self) -> str:
        """The collection of its vectors."""
        return collection_of(self.name)


@dataclass(frozen=True)
class Models:
    """The models that are wholly there, by name, and a sentence where the engine does not answer."""

    entries: Mapping[str, Entry]
    problem: str = ""


def collection_of(name: str) -> str:
    """The collection of a model's vectors, whose name may hold letters, digits and underscores only."""
    return f"explorer_{re.sub('[^A-Za-z0-9]', '_', name)}_{zlib.crc32(name.encode()):08x}"


def names_of(engine: Engine) -> list[str]:
    """The names of all models, also of those that are there in part or in another layout. Raises Unreachable."""
    return sorted(_texts(engine))


def forget_entry(engine: Engine, name: str) -> None:
    """Let an engine know nothing of a model any more. Raises Unreachable."""
    engine.ask("delete", _ENTRIES, ids=[name])
    _lists.pop(engine.address, None)


def entry_of(engine: Engine, name: str, timeout: float = _PATIENCE) -> Entry | None:
    """The entry of a model, None where there is none, within so many seconds. Raises UserError for one of another
    layout, Unreachable."""
    text = _texts(engine, timeout).get(name)
    return None if text is None else _read(text)


def write_entry(engine: Engine, entry: Entry) -> None:
    """Keep the entry of a model, in the place of the one before. Raises UserError, Unreachable."""
    if not engine.ask("has_collection", _ENTRIES):
        milvus = pymilvus()
        schema = milvus.MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False)
        schema.add_field("name", milvus.DataType.VARCHAR, is_primary=True, max_length=256)
        schema.add_field("entry", milvus.DataType.VARCHAR, max_length=_LONGEST)
        schema.add_field("nothing", milvus.DataType.FLOAT_VECTOR, dim=2)  # Milvus wants a vector in every collection
        index = milvus.MilvusClient.prepare_index_params()
        index.add_index("nothing", index_type="FLAT", metric_type="L2")
        engine.ask("create_collection", _ENTRIES, schema=schema, index_params=index)
    text = json.dumps(asdict(entry), ensure_ascii=False)
    if len(text.encode()) > _LONGEST:
        raise UserError(_("The card of {name} is too long for an engine: shorten it.", name=entry.name))
    engine.ask("upsert", _ENTRIES, [{"name": entry.name, "entry": text, "nothing": [0.0, 1.0]}])
    _lists.pop(engine.address, None)


def models_of(engine: Engine) -> Models:
    """The models of an engine, as they were at most some seconds ago; while it is gone, as they were before.

    Every page asks for them: one visitor at a time waits for an engine, and not for long.
    """
    read_at, models = _lists.get(engine.address, (-math.inf, Models({})))
    if time.monotonic() - read_at < _KNOWN_FOR or not _listing.acquire(blocking=False):
        return models
    try:
        models = Models(_whole(engine))
    except UserError as error:
        models = Models(models.entries, str(error))
    finally:
        _listing.release()
    _lists[engine.address] = time.monotonic(), models
    return models


def _texts(engine: Engine, timeout: float = _PATIENCE) -> dict[str, str]:
    """Every entry as it is kept, by name."""
    if not engine.ask("has_collection", _ENTRIES, timeout=timeout):
        return {}
    how: dict[str, Any] = {"filter": 'name != ""', "output_fields": ["name", "entry"], "consistency_level": "Strong"}
    records = engine.ask("query", _ENTRIES, timeout=timeout, **how)
    return {record["name"]: record["entry"] for record in records}


def _whole(engine: Engine) -> dict[str, Entry]:
    """The entries of models that are wholly there; those of another layout are left to who asks one."""
    whole = {}
    for name, text in sorted(_texts(engine, _LISTING).items()):
        with suppress(UserError):
            entry = _read(text)
            if entry.recall:
                whole[name] = entry
    return whole


def _read(text: str) -> Entry:
    values = json.loads(text)
    if values.get("layout") != LAYOUT:
        raise UserError(
            _(
                "The engine has {name} in layout {theirs}, but this version reads layout {ours}. Push it from here to "
                "another engine, or use the version that pushed it.",
                name=values.get("name"),
                theirs=values.get("layout"),
                ours=LAYOUT,
            )
        )
    recall = values.pop("recall")
    columns = tuple(values.pop("columns"))
    return Entry(**values, columns=columns, recall=Recall(**recall) if recall else None)
