"""Questions to vectors over HTTP, read only, answered in JSON or CSV.

    GET /api/models
    GET /api/models/MODEL/neighbours/WORD?n=10&pos=NOUN&metric=cosine&min_count=0&band=high&regex=…&format=csv
    GET /api/models/MODEL/neighbours?word=WORD
    GET /api/models/MODEL/similarity/FIRST/SECOND
    GET /api/models/MODEL/similarity?first=FIRST&second=SECOND
    GET /api/comparisons
    GET /api/comparisons/NAME?format=csv

A slash in a word is written %2F. A word that no path can hold, such as “..”, stands in a parameter. A similarity that
there is none, for a vector that is all zeros, is null, and a note says so.

What is wrong with a question comes back as `{"error": a sentence, "suggestions": [words]}`: 404 for a model, a word
or a comparison that is not there, 400 for the rest.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Iterable
from functools import wraps
from pathlib import Path
from typing import Any
from urllib.parse import unquote_to_bytes

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from explorer import places
from explorer.embeddings import catalog
from explorer.embeddings.embedding import Embedding
from explorer.embeddings.neighbours import neighbours
from explorer.embeddings.similarity import similarity
from explorer.embeddings.vocabulary import WordNotFound
from explorer.errors import UserError

_FORMATS = ("json", "csv")
_METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")  # all, so that each gets a sentence


class Unroutable:
    """Gives a sentence to addresses of the API that Streamlit and Starlette would refuse without one."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if (
            scope["type"] == "http"
            and path.startswith("/api/")
            and (set(path) & {"\0", "\n"} or ".." in path.split("/"))
        ):
            refused = _problem(
                "This address cannot be read: a word such as “..” stands in a parameter, as in "
                "models/MODEL/neighbours?word=….",
                400,
            )
            await refused(scope, receive, send)
        else:
            await self.app(scope, receive, send)


class _NotThere(UserError):
    pass


def _response(content: str | bytes, status: int, media_type: str) -> Response:
    return Response(content, status, {"X-Content-Type-Options": "nosniff"}, media_type)


def _json(answer: Any, status: int = 200) -> Response:
    return _response(json.dumps(answer, ensure_ascii=False, allow_nan=False), status, "application/json")


def _csv(text: str | bytes) -> Response:
    return _response(text, 200, "text/csv")


def _problem(sentence: str, status: int, suggestions: Iterable[str] = ()) -> Response:
    """A sentence as an answer, without the places where this machine keeps its files."""
    for place in sorted(_places(), key=lambda place: -len(str(place))):
        sentence = sentence.replace(f"{place}/", "").replace(str(place), place.name)
    return _json({"error": sentence, "suggestions": list(suggestions)}, status)


def _places() -> set[Path]:
    return {catalog.MODELS, catalog.SHIPPED_MODELS, catalog.CACHE, places.RESULTS, places.SHIPPED}


def _answered(*parameters: str) -> Callable[[Callable[[Request], Response]], Callable[[Request], Response]]:
    """The question, which takes these parameters, with errors as answers.

    It is no coroutine, so Starlette asks it in a thread of its own.
    """

    def decorated(question: Callable[[Request], Response]) -> Callable[[Request], Response]:
        @wraps(question)
        def answer(request: Request) -> Response:
            if request.method not in ("GET", "HEAD"):
                refused = _problem(f"Nothing can be changed here by {request.method}: ask with GET.", 405)
                refused.headers["Allow"] = "GET, HEAD"
                return refused
            try:
                _check(request, parameters)
                return question(request)
            except WordNotFound as error:
                return _problem(str(error), 404, error.suggestions)
            except _NotThere as error:
                return _problem(str(error), 404)
            except UserError as error:
                return _problem(str(error), 400)
            except Exception:
                logging.getLogger(__name__).exception("No answer to %s", request.url.path)
                return _problem("This is an error of this program, not of the question: its log says more.", 500)

        return answer

    return decorated


def _check(request: Request, parameters: tuple[str, ...]) -> None:
    """Raises UserError for a parameter that is not there to take, or given twice, and for a format that is none."""
    given = request.query_params
    for name in given:
        if name not in parameters:
            take = f"Take {', '.join(sorted(parameters))}." if parameters else "This address takes none."
            raise UserError(f"There is no parameter “{name[:40]}”. {take}")
        if len(given.getlist(name)) > 1:
            raise UserError(f"The parameter {name} is given {len(given.getlist(name))} times: give it once.")
    if given.get("format", "json") not in _FORMATS:
        raise UserError(f"There is no format “{given['format'][:40]}”. Take {' or '.join(_FORMATS)}.")


def _embedding(request: Request) -> Embedding:
    name = request.path_params["model"]
    if name not in catalog.names():
        raise _NotThere(f"There is no model called “{name}”. There are: {', '.join(catalog.names())}.")
    return catalog.load(name)


def _words(request: Request, *names: str) -> list[str]:
    """The words that are asked about: from the path, or from the parameters of these names.

    The path is read as it was sent, for %2F is a slash in a word. A single word may hold slashes as they are. Raises
    UserError for other words than there should be.
    """
    parts = [_decoded(part) for part in request.scope["raw_path"].decode("latin-1").split("/")]
    parts = parts[request.scope["root_path"].count("/") + 4 :]  # after models, the model's name and the question's
    if len(names) == 1 and parts:
        parts = ["/".join(parts)]
    by_name = [request.query_params[name] for name in names if name in request.query_params]
    if by_name and any(parts):
        raise UserError("A word stands both in the path and in the parameters: give each once.")
    words = by_name or parts
    if len(words) != len(names):
        example = "&".join(f"{name}=…" for name in names)
        raise UserError(
            f"This takes {'a word' if len(names) == 1 else '2 words'}, but here are {len(words)}: write a slash in a "
            f"word as %2F, or use the parameters ?{example}."
        )
    return words


def _decoded(part: str) -> str:
    try:
        return unquote_to_bytes(part).decode("utf-8")
    except UnicodeDecodeError:
        raise UserError(f"“{part[:40]}” in the address is not in UTF-8, in which é is written %C3%A9.") from None


def _number(request: Request, name: str, default: int | None) -> int | None:
    text = request.query_params.get(name)
    if text is None:
        return default
    if not (text.isascii() and text.isdigit() and len(text) <= 15):
        raise UserError(f"{name} is “{text[:20]}”, but must be a whole number, 0 or more.")
    return int(text)


@_answered()
def _models(request: Request) -> Response:
    return _json([card.as_json() for card in catalog.cards()[0]])


@_answered("word", "n", "pos", "metric", "min_count", "max_count", "band", "regex", "format")
def _neighbours(request: Request) -> Response:
    given = request.query_params
    embedding, (word,) = _embedding(request), _words(request, "word")
    answer = neighbours(
        embedding,
        word,
        _number(request, "n", 10) or 0,
        given.get("pos"),
        _number(request, "min_count", 0) or 0,
        metric=given.get("metric", "cosine"),  # type: ignore[arg-type]  # what is no metric gets its sentence there
        maximum_count=_number(request, "max_count", None),
        band=given.get("band"),
        pattern=given.get("regex"),
    )
    return _csv(answer.as_csv()) if given.get("format") == "csv" else _json(answer.as_json())


@_answered("first", "second")
def _similarity(request: Request) -> Response:
    embedding, (first, second) = _embedding(request), _words(request, "first", "second")
    return _json(similarity(embedding, first, second).as_json())


@_answered()
def _comparisons(request: Request) -> Response:
    from explorer.initialisation import library  # what comparisons need takes a second to import

    return _json([{"name": name, "shipped": library.is_shipped(name)} for name in library.names()])


@_answered("format")
def _comparison(request: Request) -> Response:
    from explorer.initialisation import library
    from explorer.initialisation.report import report

    name = request.path_params["name"]
    if name not in library.names():
        raise _NotThere(f"There is no comparison “{name}”. There are: {', '.join(library.names())}.")
    summary = library.summary(name)
    if request.query_params.get("format") == "csv":
        return _csv(report(summary, "csv"))
    return _json(summary.as_json())


@_answered()
def nothing(request: Request) -> Response:
    raise _NotThere(
        "There is nothing at this address. Ask for models, models/MODEL/neighbours/WORD, models/MODEL/similarity/A/B, "
        "comparisons or comparisons/NAME."
    )


ROUTES = [
    Route(path, question, methods=_METHODS)
    for path, question in (
        ("/models", _models),
        ("/models/{model}/neighbours", _neighbours),
        ("/models/{model}/neighbours/{words:path}", _neighbours),
        ("/models/{model}/similarity", _similarity),
        ("/models/{model}/similarity/{words:path}", _similarity),
        ("/comparisons", _comparisons),
        ("/comparisons/{name}", _comparison),
        ("/{rest:path}", nothing),
    )
]
