"""Questions to vectors over HTTP, read only, answered in JSON or CSV.

    GET /api/models
    GET /api/models/MODEL/neighbours/WORD?n=10&pos=NOUN&metric=cosine&min_count=0&band=high&regex=…&format=csv
    GET /api/models/MODEL/similarity/FIRST/SECOND
    GET /api/comparisons
    GET /api/comparisons/NAME?format=csv

What is wrong with a question comes back as `{"error": a sentence, "suggestions": [words]}`: 404 for a model, a word
or a comparison that is not there, 400 for the rest.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import wraps
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from explorer.embeddings import catalog
from explorer.embeddings.embedding import Embedding
from explorer.embeddings.neighbours import neighbours
from explorer.embeddings.similarity import similarity
from explorer.embeddings.vocabulary import WordNotFound
from explorer.errors import UserError

_NEIGHBOURS = {"n", "pos", "metric", "min_count", "max_count", "band", "regex", "format"}


class _NotThere(UserError):
    pass


def _json(answer: Any, status: int = 200) -> Response:
    text = json.dumps(answer, ensure_ascii=False, allow_nan=False)
    return Response(text, status, media_type="application/json")


def _answered(question: Callable[[Request], Response]) -> Callable[[Request], Response]:
    """The question with errors as answers. It is no coroutine, so Starlette asks it in a thread of its own."""

    @wraps(question)
    def answer(request: Request) -> Response:
        try:
            return question(request)
        except WordNotFound as error:
            return _json({"error": str(error), "suggestions": error.suggestions}, 404)
        except _NotThere as error:
            return _json({"error": str(error), "suggestions": []}, 404)
        except UserError as error:
            return _json({"error": str(error), "suggestions": []}, 400)

    return answer


def _embedding(request: Request) -> Embedding:
    name = request.path_params["model"]
    if name not in catalog.names():
        raise _NotThere(f"There is no model called “{name}”. There are: {', '.join(catalog.names())}.")
    return catalog.load(name)


def _number(request: Request, name: str, default: int | None) -> int | None:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise UserError(f"{name} is “{text[:20]}”, but must be a whole number, 0 or more.")
    return int(text)


@_answered
def _models(request: Request) -> Response:
    return _json([card.as_json() for card in catalog.cards()[0]])


@_answered
def _neighbours(request: Request) -> Response:
    given = request.query_params
    if unknown := sorted(given.keys() - _NEIGHBOURS):
        raise UserError(f"There is no parameter “{unknown[0]}”. Take {', '.join(sorted(_NEIGHBOURS))}.")
    kind = given.get("format", "json")
    if kind not in ("json", "csv"):
        raise UserError(f"There is no format “{kind}”. Take json or csv.")
    answer = neighbours(
        _embedding(request),
        request.path_params["word"],
        _number(request, "n", 10) or 0,
        given.get("pos"),
        _number(request, "min_count", 0) or 0,
        metric=given.get("metric", "cosine"),  # type: ignore[arg-type]  # what is no metric gets its sentence there
        maximum_count=_number(request, "max_count", None),
        band=given.get("band"),
        pattern=given.get("regex"),
    )
    return Response(answer.as_csv(), media_type="text/csv") if kind == "csv" else _json(answer.as_json())


@_answered
def _similarity(request: Request) -> Response:
    words = request.path_params
    return _json(similarity(_embedding(request), words["first"], words["second"]).as_json())


@_answered
def _comparisons(request: Request) -> Response:
    from explorer.initialisation import library  # what comparisons need takes a second to import

    return _json([{"name": name, "shipped": library.is_shipped(name)} for name in library.names()])


@_answered
def _comparison(request: Request) -> Response:
    from explorer.initialisation import library
    from explorer.initialisation.found import found
    from explorer.initialisation.report import report
    from explorer.initialisation.summary import summarise

    name, form = request.path_params["name"], request.query_params.get("format", "json")
    if name not in library.names():
        raise _NotThere(f"There is no comparison “{name}”. There are: {', '.join(library.names())}.")
    if form not in ("json", "csv"):
        raise UserError(f"There is no format “{form}”. Take json or csv.")
    summary = summarise(found(library.plan(name), library.folder(name)))
    if form == "csv":
        return Response(report(summary, "csv"), media_type="text/csv")
    return _json(summary.as_json())


@_answered
def nothing(request: Request) -> Response:
    raise _NotThere(
        "There is nothing at this address. Ask for models, MODEL/neighbours/WORD, MODEL/similarity/A/B or comparisons."
    )


ROUTES = [
    Route("/models", _models),
    Route("/models/{model}/neighbours/{word:path}", _neighbours),  # a word may have a slash in it
    Route("/models/{model}/similarity/{first}/{second}", _similarity),
    Route("/comparisons", _comparisons),
    Route("/comparisons/{name}", _comparison),
    Route("/{rest:path}", nothing),
]
