"""What all addresses under /api share: how a question is read from a request, and how its answer or a refusal is sent.

A refusal is `{"error": a sentence, "suggestions": [words]}`, with status 401 where one has to log in, 403 for what
somebody may not do, 404 for what is not there, 405 for another method than GET and POST, 413 and 414 for what is too
long, 429 for too many requests, 500 for a mistake of the program, 503 for a server that ends or has too much to do and
for a question that takes too long, and 400 for the rest.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any
from urllib.parse import parse_qsl, unquote_to_bytes

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from explorer import serving
from explorer.access import rights
from explorer.errors import UserError, cut
from explorer.questions.question import Question
from explorer.service.answering import Refusal, answered, as_json, refusal
from explorer.service.asking import Asker, patience
from explorer.service.journal import note
from explorer.texts import _

FORMATS = {"json": "application/json", "csv": "text/csv; charset=utf-8", "excel": "text/csv; charset=utf-8"}
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE")  # all, so that each gets a sentence
LONGEST_BODY = 1_000_000  # bytes of a question as JSON
LONGEST_ADDRESS = 60_000  # bytes; a word of 10,000 characters fits in, with each sign written as %XX

_CONTROL = re.compile(r"[\x00-\x1f\x7f]")

Texts = Mapping[str, Sequence[str]]


class Unroutable:
    """Middleware that gives a sentence to addresses of the API that Streamlit or Starlette would refuse without, and to
    paths with control characters: the end of a line would end a path to one that compares it, but not to all."""

    def __init__(self, app: ASGIApp):
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        app, path = self.app, scope.get("path", "")
        if scope["type"] == "http" and path.startswith("/api/"):
            if len(scope.get("raw_path", b"")) + len(scope["query_string"]) > LONGEST_ADDRESS:
                app = refused(
                    Refusal(
                        _(
                            "This address has more than {longest_address:,} bytes. Send the question by POST.",
                            longest_address=LONGEST_ADDRESS,
                        ),
                        414,
                    )
                )
            elif set(path) & {"\0", "\n"} or ".." in path.split("/"):
                app = refused(
                    Refusal(
                        _(
                            "This address cannot be read: a word such as “..” stands in a parameter, as in "
                            "v1/neighbours?word=…."
                        )
                    )
                )
        elif scope["type"] == "http" and _CONTROL.search(path):
            app = refused(Refusal(_("This address cannot be read: a control character stands in its path.")))
        await app(scope, receive, send)


async def ask(
    request: Request,
    question: type[Question],
    path_texts: Texts | None = None,
    *,
    may_post: bool = False,
    part: str = "",
    form: str = "json",
) -> Response:
    """The answer to a question whose parameters stand in the address or, with POST, in the body as a JSON object.

    `path_texts` are parameters that the path has said already. `part` is the part of the answer that is wanted as
    JSON, all of it where it is empty. `form` is the format where the address does not name one.
    """
    note(request.scope, question=question.name)
    if request.method not in ("GET", "HEAD", *["POST"] * may_post):
        return not_allowed(request.method, may_post)
    try:
        texts = parameters(request)
        if "document" not in texts and texts.get("format", [""])[0] in question.documents:
            texts["document"] = texts.pop("format")  # as on the command line
        form = _format(texts.pop("format", [form]))
        body = await _body(request) if request.method == "POST" else b""
        if request.method == "POST" and texts:
            raise UserError(_("The parameters of a POST stand in its body, but for format. Put them there."))
        if twice := [name for name in texts if question.aliases.get(name, name) in (path_texts or {})]:
            raise UserError(_("The {name} stands both in the path and in the parameters: give it once.", name=twice[0]))
    except UserError as error:
        return refused(refusal(error, question.name))
    if len(body) > LONGEST_BODY:
        return refused(
            Refusal(
                _("The question has more than {longest_body:,} bytes. Ask a shorter one.", longest_body=LONGEST_BODY),
                413,
            )
        )

    async def left() -> None:
        while (await request.receive())["type"] != "http.disconnect":
            pass

    def read() -> Question:
        values = _values(body) if request.method == "POST" else {**texts, **(path_texts or {})}
        question.check_remote(values)
        return question(**values) if request.method == "POST" else question.read(values)

    answer = await answered(question, read, form, left, part, asker_of(request), is_short=not body)
    if isinstance(answer, Refusal):
        return refused(_with_plus(answer, request.scope["query_string"]))
    return sent(answer, form)


def _with_plus(refusal: Refusal, query: bytes) -> Refusal:
    """A refusal that names the plus where an address has one between spaces: it came as a space."""
    if refusal.status not in (400, 404) or not any(plus in query for plus in _PLUS_AMONG_SPACES):
        return refusal
    hint = _("A plain + in an address is a space: write %2B for it.")
    return replace(refusal, sentence=f"{refusal.sentence} {hint}")


_PLUS_AMONG_SPACES = (b"%20+%20", b"+++")


def asker_of(request: Request, door: str = "api") -> Asker:
    """Who asks by a request, and how long the answer may take."""
    address = request.client.host if request.client else None
    is_here = serving.is_here(address, request.headers)
    return Asker(door, patience(serving.settings().seconds, is_here), "" if is_here else counted_as(address))


def counted_as(address: str | None) -> str:
    """Who counts as one where what somebody asks is bounded: a person, and otherwise an address."""
    return (serving.settings().login and rights.somebody().owner) or serving.household(address or "unknown")


def sent(answer: str | bytes, form: str) -> Response:
    """An answer in its format."""
    return _response(answer, 200, FORMATS[form])


def refused(refusal: Refusal) -> Response:
    """A refusal as JSON."""
    text = as_json({"error": refusal.sentence, "suggestions": list(refusal.suggestions)})
    response = _response(text, refusal.status, FORMATS["json"])
    if refusal.retry_after is not None:
        response.headers["Retry-After"] = str(refusal.retry_after)
    return response


def not_allowed(method: str, may_post: bool) -> Response:
    """What a method gets that asks nothing: nothing can be changed here."""
    response = refused(
        Refusal(
            _("Nothing can be changed here by {method}: ask with GET or POST.", method=method)
            if may_post
            else _("Nothing can be changed here by {method}: ask with GET.", method=method),
            405,
        )
    )
    response.headers["Allow"] = "GET, HEAD" + ", POST" * may_post
    return response


def parameters(request: Request) -> dict[str, list[str]]:
    """The parameters of an address with their texts. Raises UserError where they are not UTF-8."""
    query = request.scope["query_string"]
    try:
        pairs = parse_qsl(query.decode(), keep_blank_values=True, errors="strict")
    except UnicodeDecodeError:
        raise wrong_utf8(query.decode("latin-1")) from None
    texts: dict[str, list[str]] = {}
    for name, text in pairs:
        texts.setdefault(name, []).append(text)
    return texts


def decoded(part: str) -> str:
    """A part of a path as it was sent. Raises UserError where it is not UTF-8."""
    try:
        return unquote_to_bytes(part).decode()
    except UnicodeDecodeError:
        raise wrong_utf8(part) from None


def wrong_utf8(part: str) -> UserError:
    """The error of a part of an address."""
    return UserError(_("“{part}” in the address is not in UTF-8, in which é is written %C3%A9.", part=cut(part)))


def _response(content: str | bytes, status: int, media_type: str) -> Response:
    return Response(content, status, {"X-Content-Type-Options": "nosniff"}, media_type)


def _format(texts: Sequence[str]) -> str:
    if len(texts) > 1:
        raise UserError(_("The parameter format is given {texts} times: give it once.", texts=len(texts)))
    if texts[0] not in FORMATS:
        *others, last = FORMATS
        raise UserError(
            _(
                "There is no format “{format}”. Take {others} or {last}.",
                format=cut(texts[0]),
                others=", ".join(others),
                last=last,
            )
        )
    return texts[0]


async def _body(request: Request) -> bytes:
    """The body, read no further than the longest that is allowed."""
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > LONGEST_BODY:
            break
    return body


def _values(body: bytes) -> dict[str, Any]:
    try:
        values = json.loads(body)
        as_json(values).encode()
    except UnicodeEncodeError as error:
        raise UserError(
            _("A text of the question has half of a character, such as \\ud800. Write the whole.")
        ) from error
    except (ValueError, RecursionError) as error:
        raise UserError(_("The question is not JSON. Send an object with its parameters.")) from error
    if not isinstance(values, dict):
        raise UserError(_("The question is JSON, but not an object. Send an object with its parameters."))
    return values
