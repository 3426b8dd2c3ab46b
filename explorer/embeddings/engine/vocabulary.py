"""The fields of a collection: what an engine keeps of each word, how it is written, read back and asked for."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from explorer.arrays import Array
from explorer.embeddings.bounds import UNIVERSAL_TAGS
from explorer.embeddings.columns import Columns
from explorer.embeddings.embedding import Embedding
from explorer.embeddings.engine.connection import Engine, pymilvus
from explorer.embeddings.engine.entries import AT_ENGINE, Entry
from explorer.embeddings.engine.vectors import RemoteVectors
from explorer.embeddings.frequency import HIGH, LOW
from explorer.embeddings.tags import tags_in
from explorer.errors import UserError
from explorer.texts import _

if TYPE_CHECKING:
    from explorer.embeddings.filters import Filters

MOST_COLUMNS = 25  # Milvus takes 64 fields
_LONGEST = 65_535  # bytes of a text
_BLOCK = 10_000  # words that are read at once; Milvus hands out 16,384
_PATIENCE = 60.0  # seconds for a block


def schema(entry: Entry) -> Any:
    """The fields of a collection, as Milvus declares them."""
    milvus = pymilvus()
    fields, types = milvus.MilvusClient.create_schema(auto_id=False, enable_dynamic_field=False), milvus.DataType
    fields.add_field("row", types.INT64, is_primary=True)
    fields.add_field("word", types.VARCHAR, max_length=_LONGEST)
    fields.add_field("vector", types.FLOAT_VECTOR, dim=entry.dimensions)
    fields.add_field("inverse_norm", types.FLOAT)
    fields.add_field("count", types.INT64)
    fields.add_field("tag", types.INT8)
    fields.add_field("shares", types.VARCHAR, max_length=64)  # a byte for each of the 17 tags, in hexadecimal
    fields.add_field("tags", types.INT32)  # a bit for each tag as which the word passes
    for number in range(len(entry.columns)):
        fields.add_field(f"column_{number}", types.VARCHAR, max_length=_LONGEST)
        fields.add_field(f"code_{number}", types.INT32)  # of the text, so that no text stands in a condition
    return fields


def records(embedding: Embedding, start: int, stop: int) -> list[dict[str, Any]]:
    """The rows from `start` to `stop` as the engine keeps them."""
    vectors, passing, columns = embedding.vectors[start:stop], _bits(embedding), embedding.columns
    shares = embedding.tag_shares
    made = []
    for row in range(start, min(stop, embedding.size)):
        record = {
            "row": row,
            "word": embedding.words[row],
            "vector": vectors[row - start],
            "inverse_norm": float(embedding.inverse_norms[row]),
            "count": int(embedding.counts[row]),
            "tag": int(embedding.tag_codes[row]),
            "shares": "" if shares is None else shares[row].tobytes().hex(),
            "tags": int(passing[row]),
        }
        if columns:
            for number, (codes, values) in enumerate(zip(columns.codes, columns.values, strict=True)):
                record |= {f"column_{number}": values[codes[row]], f"code_{number}": int(codes[row])}
        made.append(record)
    return made


def open_model(engine: Engine, entry: Entry) -> Embedding:
    """A model of an engine: its words and what is known of them, and its vectors where they are.

    Raises UserError where words are missing, Unreachable.
    """
    words: list[str] = []
    inverse_norms, counts = np.empty(entry.words, dtype=np.float32), np.empty(entry.words, dtype=np.int64)
    tag_codes = np.empty(entry.words, dtype=np.uint8)
    shares = np.empty((entry.words, len(UNIVERSAL_TAGS)), dtype=np.uint8) if entry.has_shares else None
    codes = np.empty((len(entry.columns), entry.words), dtype=np.int32)
    values: list[dict[int, str]] = [{} for _ in entry.columns]
    for block in _blocks(engine, entry):
        rows = slice(len(words), len(words) + len(block))
        words += [record["word"] for record in block]
        inverse_norms[rows] = [record["inverse_norm"] for record in block]
        counts[rows] = [record["count"] for record in block]
        tag_codes[rows] = [record["tag"] for record in block]
        if shares is not None:
            packed = bytes.fromhex("".join(record["shares"] for record in block))
            shares[rows] = np.frombuffer(packed, dtype=np.uint8).reshape(len(block), -1)
        for number, texts in enumerate(values):
            codes[number, rows] = [record[f"code_{number}"] for record in block]
            texts.update({record[f"code_{number}"]: record[f"column_{number}"] for record in block})
    texts_of = tuple(tuple(texts.get(code, "") for code in range(max(texts, default=0) + 1)) for texts in values)
    return Embedding(
        name=entry.name + AT_ENGINE,
        words=words,
        vectors=RemoteVectors(engine, entry, inverse_norms),  # type: ignore[arg-type]  # in its place
        inverse_norms=inverse_norms,
        counts=counts,
        tag_codes=tag_codes,
        tag_shares=shares,
        columns=Columns(entry.columns, codes, texts_of) if entry.columns else None,
    )


def _blocks(engine: Engine, entry: Entry) -> Iterator[list[dict[str, Any]]]:
    """The words in their order, block by block, without their vectors."""
    fields = ["row", "word", "inverse_norm", "count", "tag", *(["shares"] if entry.has_shares else [])]
    for number in range(len(entry.columns)):
        fields += [f"column_{number}", f"code_{number}"]
    for start in range(0, entry.words, _BLOCK):
        stop = min(start + _BLOCK, entry.words)
        block = engine.ask(
            "query",
            entry.collection,
            filter=f"row >= {start} and row < {stop}",
            output_fields=fields,
            limit=_BLOCK,
            timeout=_PATIENCE,
        )
        if len(block) != stop - start:
            raise UserError(_("The engine has lost words of {name}: push it to another engine.", name=entry.name))
        yield sorted(block, key=lambda record: record["row"])


def conditions(embedding: Embedding, filters: Filters) -> str | None:
    """Filters in Milvus's language, None where it cannot say them: a list of words, a regular expression.

    `filters.candidates` has found that they make sense.
    """
    if filters.among is not None or filters.pattern:
        return None
    least, most = filters.minimum_count, filters.maximum_count
    if filters.band:
        total = embedding.counts.sum()
        first_high, last_low = math.floor(HIGH * total) + 1, math.ceil(LOW * total) - 1
        band = {"high": (first_high, None), "low": (0, last_low), "medium": (last_low + 1, first_high - 1)}
        at_least, at_most = band[filters.band]
        least = max(least, at_least)
        most = min(most, at_most) if most is not None and at_most is not None else at_most if most is None else most
    parts = [f"count >= {least}"] if least else []
    parts += [f"count <= {most}"] if most is not None else []
    if asked := tags_in(filters.pos):
        wanted = sum(1 << UNIVERSAL_TAGS.index(tag) for tag in set(asked))
        parts.append(f"tags in {[bits for bits in np.unique(_bits(embedding)).tolist() if bits & wanted] or [-1]}")
    if filters.where and embedding.columns:
        wanted_codes = embedding.columns.wanted(filters.where)
        names: Sequence[str] = embedding.columns.names
        parts += [f"code_{names.index(name)} in {sorted(codes)}" for name, codes in wanted_codes.items()]
    return " and ".join(parts)


def _bits(embedding: Embedding) -> Array:
    """For each word (V,) int32 a bit for each tag as which it passes."""
    if embedding not in _bits_of:
        bits = np.zeros(embedding.size, dtype=np.int32)
        for place, tag in enumerate(UNIVERSAL_TAGS):
            bits |= embedding.passing([tag]).astype(np.int32) << place
        _bits_of[embedding] = bits
    return _bits_of[embedding]


_bits_of: WeakKeyDictionary[Embedding, Array] = WeakKeyDictionary()
