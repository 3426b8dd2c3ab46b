"""Every question over HTTP: `GET /api/v1/neighbours?word=airplane&n=5`, or POST with the parameters as JSON.

Routes and the OpenAPI document come from the declarations.
"""

from __future__ import annotations

from functools import cache
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi_offline import FastAPIOffline
from starlette.types import Receive, Scope, Send

import explorer
from explorer.answers import CSV_FOR_EXCEL
from explorer.questions import QUESTIONS
from explorer.questions.question import Question
from explorer.service.answering import Refusal
from explorer.service.http import FORMATS, LONGEST_ADDRESS, LONGEST_BODY, METHODS, ask, not_allowed, refused
from explorer.texts import _

_FORMAT = {
    "name": "format",
    "in": "query",
    "description": _("how to write the answer; excel is {excel}", excel=CSV_FOR_EXCEL),
    "schema": {"type": "string", "enum": list(FORMATS), "default": "json"},
}
_REFUSALS = {
    400: _("A sentence that says what is wrong with the question"),
    404: _("A sentence that says what is not there, with suggestions"),
    401: _("Where people log in: neither a login nor a token that counts"),
    403: _("Who asks lacks the right to"),
    413: _("The body has more than {longest_body:,} bytes", longest_body=LONGEST_BODY),
    414: _("The address has more than {longest_address:,} bytes", longest_address=LONGEST_ADDRESS),
    429: _("More requests than one address may send a minute; Retry-After says when to ask again"),
    500: _("A mistake of the program, which stands in its log"),
    503: _("Too much to do, too long to compute, or the server ends; Retry-After may say when to ask again"),
}
_REFUSAL = {
    "type": "object",
    "properties": {"error": {"type": "string"}, "suggestions": {"type": "array", "items": {"type": "string"}}},
    "required": ["error", "suggestions"],
}
_RESPONSES: dict[int | str, dict[str, Any]] = {
    200: {"description": _("The answer"), "content": {"application/json": {}, "text/csv": {}}},
    **{
        status: {"description": description, "content": {"application/json": {"schema": _REFUSAL}}}
        for status, description in _REFUSALS.items()
    },
}


async def app(scope: Scope, receive: Receive, send: Send) -> None:
    """The application to be mounted under /api/v1. Questions do not go through FastAPI, which has their document:
    a quick answer need not pay for its layers."""
    question = QUESTIONS.get(scope.get("path", "").removeprefix(scope.get("root_path", ""))[1:])
    if question is None:
        await document()(scope, receive, send)
        return
    response = await ask(Request(scope, receive), question, may_post=True)
    await response(scope, receive, send)


@cache
def document() -> FastAPI:
    """The OpenAPI document of all questions; its page at /docs asks no other machine for anything."""
    service: FastAPI = FastAPIOffline(
        title=_("Embedding Explorer"),
        version=explorer.__version__,
        description=_("The questions that the pages ask, with the same answers."),
        redoc_url=None,  # its page shows a picture from elsewhere
        swagger_ui_parameters={"validatorUrl": None},  # which would send the document elsewhere
    )
    for question in QUESTIONS.values():
        _add(service, question)
    service.add_api_route("/{rest:path}", _nothing, methods=[*METHODS], include_in_schema=False)
    return service


def _add(service: FastAPI, question: type[Question]) -> None:
    """What the document says of a question, which `app` answers."""
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
    body = {"content": {"application/json": {"schema": schema}}, "required": True}
    for method, operation, described in (
        ("GET", question.name, {"parameters": [*parameters, _FORMAT]}),
        ("POST", f"{question.name}-post", {"parameters": [_FORMAT], "requestBody": body}),
    ):
        service.add_api_route(
            f"/{question.name}",
            _nothing,
            methods=[method],
            operation_id=operation,
            openapi_extra=described,
            response_class=Response,
            responses=_RESPONSES,
            summary=question.summary(),
            tags=[question.room],
        )


async def _nothing(request: Request) -> Response:
    if request.method not in ("GET", "HEAD", "POST"):
        return not_allowed(request.method, may_post=True)
    return refused(
        Refusal(_("There is nothing at this address. Ask one of {questions}.", questions=", ".join(QUESTIONS)), 404)
    )
