"""The addresses of WebVectors (vectors.nlpl.eu), so that programs written for it can ask this server:

    GET /MODEL/WORD/api/json/                  {"MODEL": {"WORD": {"neighbour": cosine, …}}}: the ten nearest
    GET /MODEL/WORD/api/csv/                   with tabs: the model, the word, then a neighbour and its cosine a line
    GET /MODEL/FIRST__SECOND/api/similarity/   the cosine, both words and the model, with tabs between them
    GET /en/MODEL/WORD/                        the page of the neighbours, whatever the language before the model

The questions answer, so a word is found as everywhere: in another case, without a tag that the model's words do not
carry, by its subwords. It is called as it was asked. What WebVectors says with status 200, that a word or a model is
not there, is 404 here, with suggestions.
"""

from __future__ import annotations

from dataclasses import dataclass
from html import escape
from typing import Any
from urllib.parse import quote, urlencode

from starlette.convertors import StringConvertor, register_url_convertor
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response
from starlette.routing import Route

from explorer.answers import Answer
from explorer.errors import UserError, cut
from explorer.questions.question import Progress, Question, silent
from explorer.questions.vectors import Similarity
from explorer.questions.words import Neighbours
from explorer.service.answering import Refusal, answered, refusal
from explorer.service.http import METHODS, ask, asker_of, decoded, refused
from explorer.texts import _


@dataclass(frozen=True)
class Shape(Answer):
    """An answer as WebVectors writes it."""

    json: Any
    lines: tuple[tuple[Any, ...], ...]

    def as_json(self) -> Any:
        return self.json

    def as_csv(self, byte_order_mark: bool = False) -> str:
        return "".join("\t".join(map(str, line)) + "\n" for line in self.lines)


class _Nearest(Neighbours):
    """The words nearest to a word, in the shapes of WebVectors."""

    name = Neighbours.name

    def answer(self, progress: Progress = silent) -> Any:
        answer = super().answer(progress)
        nearest = {each.word: each.score for each in answer.rows}
        model = self.model or answer.model
        return Shape({model: {self.word: nearest}}, ((model,), (self.word,), *nearest.items()))


class _Cosine(Similarity):
    """The cosine of two words, in the shape of WebVectors."""

    name = Similarity.name

    def answer(self, progress: Progress = silent) -> Any:
        cosine = super().answer(progress).similarity
        line = ("Unknown" if cosine is None else cosine, self.first, self.second, self.model)
        return Shape(dict(zip(("similarity", "first", "second", "model"), line, strict=True)), (line,))


def _parts(request: Request, after: int) -> tuple[str, str]:
    """The model and the word of an address that has so many parts after them; %2F is a slash in a word."""
    path = request.scope["raw_path"].decode("latin-1").strip("/").split("/")
    first = request.scope.get("root_path", "").count("/") + ("language" in request.path_params)
    return decoded(path[first]), decoded("/".join(path[first + 1 : len(path) - after]))


async def _answer(request: Request, question: type[Question], texts: dict[str, str], form: str) -> Response:
    return await ask(request, question, {name: [text] for name, text in texts.items()}, form=form)


async def _nearest(request: Request) -> Response:
    try:
        model, word = _parts(request, 2)
    except UserError as error:
        return refused(refusal(error, _Nearest.name))
    return await _answer(request, _Nearest, {"model": model, "word": word}, request.path_params["form"])


async def _similarity(request: Request) -> Response:
    try:
        model, pair = _parts(request, 2)
        words = pair.split("__")
        if len(words) != 2:
            sentence = _("“{pair}” is no pair: write FIRST__SECOND, or ask api/v1/similarity.", pair=cut(pair))
            raise UserError(sentence)
    except UserError as error:
        return refused(refusal(error, _Cosine.name))
    response = await _answer(request, _Cosine, {"model": model, "first": words[0], "second": words[1]}, "csv")
    if response.status_code == 200:
        response.headers["Content-Type"] = "text/plain; charset=utf-8"
    return response


async def _page(request: Request) -> Response:
    """To the page of a word; what is not there is said with links to what may have been meant."""
    try:
        model, word = _parts(request, 0)
    except UserError as error:
        return refused(refusal(error, Neighbours.name))
    answer = await answered(Neighbours, lambda: Neighbours(word=word, model=model, n=1), asker=asker_of(request))
    if not isinstance(answer, Refusal):
        return RedirectResponse(f"/neighbours?{urlencode({'word': word, 'model': model})}", 302)
    home = f"/{request.path_params['language']}/{quote(model, safe='')}"
    links = (f'<a href="{home}/{quote(each, safe="")}/">{escape(each)}</a>' for each in answer.suggestions)
    return HTMLResponse(f"<!doctype html><p>{escape(answer.sentence)}</p><p>{' · '.join(links)}</p>", answer.status)


class _Language(StringConvertor):
    """Two letters, such as en."""

    regex = "[a-z]{2}"


class _Form(StringConvertor):
    """How neighbours are written."""

    regex = "json|csv"


register_url_convertor("language", _Language())
register_url_convertor("form", _Form())

ROUTES = [
    Route(f"{path}{slash}", answer, methods=METHODS)
    for path, answer in (
        ("/{model}/{word:path}/api/{form:form}", _nearest),
        ("/{model}/{pair:path}/api/similarity", _similarity),
        ("/{language:language}/{model}/{word:path}", _page),
    )
    for slash in ("/", "")
]
