"""Loading a model into an engine: in batches, each of which stays when the next is cut off."""

from __future__ import annotations

import hashlib
import re
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from explorer.embeddings.embedding import Embedding
from explorer.embeddings.engine import vocabulary
from explorer.embeddings.engine.connection import Engine, Unreachable, pymilvus
from explorer.embeddings.engine.entries import Entry, Recall, entry_of, write_entry
from explorer.embeddings.engine.vectors import RemoteVectors
from explorer.embeddings.search.exact import nearest_of_many
from explorer.errors import UserError
from explorer.texts import _

Progress = Callable[[str, float], None]

PROBES, NEAREST = 200, 10  # words on which the recall is measured, and how many nearest of each
_FILTERED = 25  # the second recall is that of a search among one word in so many
_BATCH, _BATCH_BYTES = 5_000, 8_000_000  # rows, and bytes of vectors, that are sent at once
_LINKS, _WIDTH_BUILDING = 16, 100  # M and efConstruction of HNSW
_PATIENCE = 120.0  # seconds for a batch, of rows or of questions: who pushes can wait
_ASKED_AT_ONCE = 20  # of the words on which the recall is measured
_FEW = 1_024  # rows that Milvus compares without an index
_STALLED = 900.0  # seconds after which an index that does not grow, by a whole segment, will not grow any more
_SAMPLED = 1_000  # vectors by which a model is known
_BETWEEN = 0.5  # seconds between two looks at an index
_SEED = 1


@dataclass(frozen=True)
class Push:
    """What a push has brought about: a model that is in an engine, and how many rows of it were loaded now."""

    entry: Entry
    loaded: int


def push(
    embedding: Embedding, card: dict[str, Any], engine: Engine, progress: Progress = lambda doing, share: None
) -> Push:
    """Load a model into an engine, or the rest of it, and measure how well the engine finds its nearest words.

    Of what is wholly there, nothing is loaded. `progress` is called with what is being done and the share (0 to 1) of
    it, and may raise to stop: what is loaded stays. Raises UserError for another model of that name, Unreachable.
    """
    if not isinstance(embedding.vectors, np.ndarray):
        raise UserError(_("The vectors of {name} are in an engine already.", name=embedding.name))
    entry = _entry(embedding, card, engine)
    if entry.recall:
        return Push(entry, 0)
    try:
        first = _load(embedding, entry, engine, progress)
        progress("indexing", 0)
        _finish_index(engine, entry, progress)
        entry = replace(entry, recall=_recall(embedding, entry, engine, progress))
        write_entry(engine, entry)
    except Unreachable as error:
        raise Unreachable(
            _("{problem} The rows that it has confirmed stay there: push again to go on.", problem=error)
        ) from error
    return Push(entry, embedding.size - first)


def _entry(embedding: Embedding, card: dict[str, Any], engine: Engine) -> Entry:
    """The entry of this model; a new one is made, with an empty collection."""
    fingerprint = _fingerprint(embedding)
    entry = entry_of(engine, embedding.name, _PATIENCE)  # also of a server that has just been started
    if entry and entry.fingerprint != fingerprint:
        raise UserError(
            _(
                "The engine has another model called {name}. Import this one under another name, and push that.",
                name=embedding.name,
            )
        )
    if entry:
        return entry
    if not re.fullmatch(r"[\w.-]{1,64}", embedding.name):
        raise UserError(
            _(
                "An engine takes names of 1 to 64 letters, digits, dots, dashes and underscores. Import {name} under "
                "another.",
                name=embedding.name,
            )
        )
    columns = embedding.columns.names if embedding.columns else ()
    if len(columns) > vocabulary.MOST_COLUMNS:
        raise UserError(
            _(
                "{name} has {columns} further columns, but an engine takes {most}. Import it with fewer.",
                name=embedding.name,
                columns=len(columns),
                most=vocabulary.MOST_COLUMNS,
            )
        )
    # milvus-lite rebuilds HNSW whenever it loads, and loses neighbours by it where filters leave few words
    is_lite = "lite" in str(engine.ask("get_server_version")).partition("-")[0]
    entry = Entry(
        embedding.name,
        fingerprint,
        embedding.size,
        embedding.dimensions,
        "FLAT" if is_lite else "HNSW",
        embedding.tag_shares is not None,
        columns,
        card,
    )
    index = pymilvus().MilvusClient.prepare_index_params()
    settings = {} if is_lite else {"M": _LINKS, "efConstruction": _WIDTH_BUILDING}
    index.add_index("vector", index_type=entry.index, metric_type="COSINE", params=settings)
    if engine.ask("has_collection", entry.collection):
        engine.ask("drop_collection", entry.collection)  # no entry names it: its push was cut off at once
    engine.ask(
        "create_collection",
        entry.collection,
        schema=vocabulary.schema(entry),
        index_params=index,
        consistency_level="Eventually",  # nothing is written once it is asked, so that no search waits for writers
        timeout=_PATIENCE,
    )
    write_entry(engine, entry)
    return entry


def _load(embedding: Embedding, entry: Entry, engine: Engine, progress: Progress) -> int:
    """Send the rows that are missing; the first of them. Raises UserError where some are there twice or lost."""
    confirmed = _count(entry, engine)
    batch = max(1, min(_BATCH, _BATCH_BYTES // (4 * embedding.dimensions)))
    first = confirmed // batch * batch  # a batch that was cut off may be there in part
    for start in range(first, embedding.size, batch):
        progress("loading", start / embedding.size)
        records = vocabulary.records(embedding, start, start + batch)
        how = "upsert" if start == first and confirmed else "insert"
        engine.ask(how, entry.collection, records, timeout=_PATIENCE, again=how == "upsert")
    progress("loading", 1)
    engine.ask("flush", entry.collection, timeout=_PATIENCE)
    count = _count(entry, engine)
    if count != embedding.size:
        raise UserError(
            _(
                "The engine has {count:,} rows of {name}, but the model has {words:,} words: push it to another "
                "engine.",
                count=count,
                name=embedding.name,
                words=embedding.size,
            )
        )
    return first


def _count(entry: Entry, engine: Engine) -> int:
    """How many rows the engine has of a model."""
    fields = ["count(*)"]
    how: dict[str, Any] = {"output_fields": fields, "consistency_level": "Strong", "timeout": _PATIENCE}
    return int(engine.ask("query", entry.collection, filter="", **how)[0][fields[0]])


def _finish_index(engine: Engine, entry: Entry, progress: Progress) -> None:
    """Wait until the engine has built its index, and have it search that: else the recall would be of no index."""
    if entry.index == "FLAT" or entry.words < _FEW:
        return
    indexed, changed = -1, time.monotonic()
    while indexed < entry.words and time.monotonic() - changed < _STALLED:
        state = engine.ask("describe_index", entry.collection, "vector")
        if state["indexed_rows"] != indexed:
            indexed, changed = state["indexed_rows"], time.monotonic()
        progress("indexing", min(1.0, indexed / entry.words))
        time.sleep(_BETWEEN)
    engine.load_anew(entry.collection)


def _recall(embedding: Embedding, entry: Entry, engine: Engine, progress: Progress) -> Recall:
    """The share of the true nearest of random words that the engine finds, without and with a filter."""
    probes = np.random.default_rng(_SEED).choice(embedding.size, min(PROBES, embedding.size), replace=False)
    queries = np.asarray(embedding.vectors[np.sort(probes)])
    vectors = RemoteVectors(engine, entry, embedding.inverse_norms)
    frequent = np.arange(embedding.size) < max(NEAREST, embedding.size // _FILTERED)
    starts = range(0, len(queries), _ASKED_AT_ONCE)
    shares: list[float] = []
    for allowed, condition in ((None, ""), (frequent, f"row < {np.count_nonzero(frequent)}")):
        true, _cosines = nearest_of_many(embedding.vectors, embedding.inverse_norms, queries, NEAREST, allowed)
        if not embedding.inverse_norms.all():
            condition = " and ".join(filter(None, (condition, "inverse_norm > 0")))
        rows: list[list[int]] = []
        for start in starts:
            progress("measuring", (len(shares) + start / len(queries)) / 2)
            asked = queries[start : start + _ASKED_AT_ONCE]
            rows += vectors.nearest_of_many(asked, NEAREST, condition, _PATIENCE)[0].tolist()
        hits = [len({*one} & {*other}) for one, other in zip(true.tolist(), rows, strict=True)]
        shares.append(sum(hits) / max(1, true.size))
    return Recall(shares[0], shares[1], len(queries), NEAREST)


def _fingerprint(embedding: Embedding) -> str:
    """Of all that is loaded, of the vectors by their norms and by some of them."""
    digest = hashlib.sha256("\n".join(embedding.words).encode())
    digest.update(np.ascontiguousarray(embedding.vectors[:: max(1, embedding.size // _SAMPLED)]).tobytes())
    for array in (embedding.inverse_norms, embedding.counts, embedding.tag_codes, embedding.tag_shares):
        if array is not None:
            digest.update(np.ascontiguousarray(array).tobytes())
    if embedding.columns:
        digest.update(repr((embedding.columns.names, embedding.columns.values)).encode())
        digest.update(np.ascontiguousarray(embedding.columns.codes).tobytes())
    return digest.hexdigest()
