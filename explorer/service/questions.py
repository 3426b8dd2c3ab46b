"""Every question over HTTP: `GET /api/v1/neighbours?word=airplane&n=5`, or POST with the parameters as JSON.

Routes and the OpenAPI document come from the declarations. What is wrong with a question comes back as `{"error": a
sentence, "suggestions": [words]}`: 404 for what is not there, 400 for the rest.
"""

from __future__ import annotations

import json
from typing import Any

from anyio.to_thread import run_sync
from fastapi import FastAPI, Request, Response
from fastapi_offline import FastAPIOffline

import explorer
from explorer.errors import NotThere, UserError
from explorer.questions import QUESTIONS
from explorer.questions.question import Question

FORMATS = {"json": "application/json", "csv": "text/csv; charset=utf-8"}
LONGEST_BODY = 1_000_000  # bytes of a question as JSON
_FORMAT = {
    "name": "format",
    "in": "query",
    "description": "how to write the answer",
    "schema": {"type": "string", "enum": list(FORMATS), "default": "json"},
}


def app() -> FastAPI:
    """The application to be mounted under /api/v1; its page at /docs asks no other machine for anything."""
    service: FastAPI = FastAPIOffline(
        title="Embedding Explorer",
        version=explorer.__version__,
        description="The questions that the pages ask, with the same answers.",
    )
    for question in QUESTIONS.values():
        _add(service, question)
    service.add_api_route("/{rest:path}", _nothing, methods=["GET", "POST"], include_in_schema=False)
    return service


def _add(service: FastAPI, question: type[Question]) -> None:
    async def get(request: Request) -> Response:
        texts = {name: request.query_params.getlist(name) for name in request.query_params}
        form = texts.pop("format", ["json"])[-1]
        return await run_sync(_answered, question, lambda: _read(question, texts), form)

    async def post(request: Request) -> Response:
        body = await _body(request)
        form = request.query_params.get("format", "json")
        return await run_sync(_answered, question, lambda: _asked(question, _values(body)), form)

    described: dict[str, Any] = {"summary": question.summary(), "tags": [question.room]}
    schema = question.schema()
    parameters = [
        {
            "name": name,
            "in": "query",
            "required": parameter.is_required,
            "description": parameter.described,
            "schema": schema["properties"][name],
        }
        for name, parameter in question.remote_parameters().items()
    ]
    service.add_api_route(
        f"/{question.name}",
        get,
        methods=["GET"],
        operation_id=question.name,
        openapi_extra={"parameters": [*parameters, _FORMAT]},
        response_class=Response,
        responses=_RESPONSES,
        **described,
    )
    service.add_api_route(
        f"/{question.name}",
        post,
        methods=["POST"],
        operation_id=f"{question.name}-post",
        openapi_extra={
            "parameters": [_FORMAT],
            "requestBody": {"content": {"application/json": {"schema": schema}}, "required": True},
        },
        response_class=Response,
        responses=_RESPONSES,
        **described,
    )


_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": "The answer", "content": {"application/json": {}, "text/csv": {}}},
    400: {"description": "A sentence that says what is wrong with the question"},
    404: {"description": "A sentence that says what is not there, with suggestions"},
}


def _read(question: type[Question], texts: dict[str, list[str]]) -> Question:
    question.check_remote(texts)
    return question.read(texts)


def _asked(question: type[Question], values: dict[str, Any]) -> Question:
    question.check_remote(values)
    return question(**values)


async def _body(request: Request) -> bytes:
    """The body, read no further than the longest that is allowed."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST_BODY:
            break
    return body


def _values(body: bytes) -> dict[str, Any]:
    if len(body) > LONGEST_BODY:
        raise UserError(f"The question has more than {LONGEST_BODY:,} bytes. Ask a shorter one.")
    try:
        values = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise UserError("The question is not JSON. Send an object with its parameters.") from error
    if not isinstance(values, dict):
        raise UserError("The question is JSON, but not an object. Send an object with its parameters.")
    return values


def _answered(question: type[Question], ask: Any, form: str) -> Response:
    try:
        if form not in FORMATS:
            raise UserError(f"There is no format “{form}”. Take json or csv.")
        asked = ask()
        asked.check_form(form)
        answer = asked.answer()
        text = answer.as_csv() if form == "csv" else _json(answer.as_json())
        return Response(text.encode(errors="replace"), media_type=FORMATS[form])
    except UserError as error:
        status = 404 if isinstance(error, NotThere) else 400
        return _error(str(error), status, list(error.suggestions))
    except MemoryError:
        return _error("The answer needs more memory than the server has. Ask for smaller sizes.", 400, [])


def _nothing() -> Response:
    return _error(f"There is nothing at this address. Ask one of {', '.join(QUESTIONS)}.", 404, [])


def _error(sentence: str, status: int, suggestions: list[str]) -> Response:
    text = _json({"error": sentence, "suggestions": suggestions})
    return Response(text.encode(errors="replace"), status, media_type=FORMATS["json"])


def _json(answer: Any) -> str:
    return json.dumps(answer, ensure_ascii=False, allow_nan=False)
