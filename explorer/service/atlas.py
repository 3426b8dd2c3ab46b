"""Maps of all words over HTTP, packed for the component that draws them: `/atlas?model=NAME&state=…`.

`/api/v1/atlas` gives the same places and names as JSON or CSV. Here they are a few bytes a word, and the `state` in the
address changes when the file does, so that a browser asks once and keeps the answer.
"""

from __future__ import annotations

import gzip
import json
from functools import lru_cache
from urllib.parse import urlencode

import anyio
import numpy as np
from anyio.to_thread import run_sync
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from explorer.embeddings import catalog
from explorer.embeddings.atlas import DENSITIES, atlas_of
from explorer.embeddings.atlas_part import AtlasPart
from explorer.embeddings.embedding import Array, Embedding
from explorer.embeddings.frequency import tiers
from explorer.embeddings.map_words import MapWords
from explorer.embeddings.model_files import ATLAS
from explorer.embeddings.tags import TAGS, decode_tag
from explorer.errors import UserError
from explorer.palette import PARTS_OF_SPEECH, TIERS
from explorer.service.answering import refusal
from explorer.service.http import parameters, refused

_LAYOUT = 3  # of what is packed: a browser that kept another asks anew
_MEDIA_TYPE = "application/octet-stream"
_KEPT = "private, max-age=31536000, immutable"  # by browsers, for a year: a changed map has another address
_packing = anyio.CapacityLimiter(1)  # a map is packed once for all who ask for it at the same time


def routes() -> list[Route]:
    """Where maps of all words are."""

    async def atlas(request: Request) -> Response:
        gzipped = "gzip" in request.headers.get("accept-encoding", "")
        try:
            content = await run_sync(_content, parameters(request).get("model", [""])[0], gzipped, limiter=_packing)
        except UserError as error:
            return refused(refusal(error, "atlas"))
        headers = {"Cache-Control": _KEPT, "Vary": "Accept-Encoding", "X-Content-Type-Options": "nosniff"}
        if gzipped:
            headers["Content-Encoding"] = "gzip"
        return Response(content, headers=headers, media_type=_MEDIA_TYPE)

    return [Route("/atlas", atlas)]


def address(model: str) -> str:
    """Where the map of a model is, relative to the app. Raises UserError for a model that is none."""
    return f"atlas?{urlencode({'model': model, 'state': state(model)})}"


def state(model: str) -> str:
    """What changes when the map of a model does. Raises UserError where there is none."""
    atlas_of(catalog.load(model))  # says what is missing or wrong
    return f"{_LAYOUT}-{(catalog.folder(model) / ATLAS).stat().st_mtime_ns:x}"


def _content(model: str, gzipped: bool) -> bytes:
    """The map of a model as it is now. Raises UserError where there is none."""
    content = packed(model, state(model))
    return content if gzipped else gzip.decompress(content)


@lru_cache(maxsize=4)
def packed(model: str, state: str) -> bytes:
    """The map of a model, gzipped: the length of a header (uint32), the header as JSON, padded to 4 bytes, then for
    each of the N words its place (2 × int16), its finest cluster (uint16), its group of parts of speech, its tier, its
    density, how many of its neighbours are true (uint8 each), and the words, a line each. All numbers are
    little-endian."""
    embedding = catalog.load(model)
    atlas = atlas_of(embedding)
    rows = atlas.placed
    clusters = AtlasPart(embedding, atlas, MapWords(())).clusters
    header = {
        "model": model,
        "words": len(rows),
        "clusters": [[c.level, -1 if c.parent is None else c.parent, c.name, c.words, c.x, c.y] for c in clusters],
        "groups": {"part of speech": list(PARTS_OF_SPEECH), "frequency": [*TIERS, ""], "density": [""] * DENSITIES},
    }
    text = json.dumps(header, ensure_ascii=False).encode()
    text += b" " * (-len(text) % 4)
    parts = [
        np.array([len(text)], "<u4").tobytes(),
        text,
        atlas.positions[rows].astype("<i2").tobytes(),
        atlas.clusters[rows].astype("<u2").tobytes(),
        _parts_of_speech(embedding, rows).tobytes(),
        _tiers(embedding, rows).tobytes(),
        atlas.density.tobytes(),
        atlas.kept[rows].tobytes(),
        "\n".join(embedding.words[row] for row in rows.tolist()).encode(errors="replace"),
    ]
    return gzip.compress(b"".join(parts), 6, mtime=0)


def _parts_of_speech(embedding: Embedding, rows: Array) -> Array:
    """The place of each word's part of speech in the palette, (N,) uint8."""
    names = list(PARTS_OF_SPEECH)
    places = [
        names.index(tag) if (tag := decode_tag(code)) in PARTS_OF_SPEECH else len(names) - 1 for code in range(TAGS)
    ]
    return np.array(places, np.uint8)[embedding.tag_codes[rows]]


def _tiers(embedding: Embedding, rows: Array) -> Array:
    """The place of each word's tier in the palette, and the one after these where it is not known, (N,) uint8."""
    names = [*TIERS, ""]
    own = tiers(embedding, rows)
    return np.select([own == name for name in names], list(range(len(names)))).astype(np.uint8)
