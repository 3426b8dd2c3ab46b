"""The API's addresses: /api/v1, and those from before it, in which a word or two stand in the path.

    GET /api/models
    GET /api/models/MODEL/neighbours/WORD?n=10&pos=NOUN&format=csv
    GET /api/models/MODEL/neighbours?word=WORD
    GET /api/models/MODEL/similarity/FIRST/SECOND
    GET /api/models/MODEL/similarity?first=FIRST&second=SECOND
    GET /api/comparisons
    GET /api/comparisons/NAME?format=csv

They are answered by the questions of v1, and take their parameters. A slash in a word is written %2F. A word that no
path can hold, such as “..”, stands in a parameter.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from starlette.datastructures import Headers
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from explorer.answers import BYTE_ORDER_MARK, Answer, Table
from explorer.errors import NotThere, UserError, cut
from explorer.questions import QUESTIONS, parameter
from explorer.questions.parameter import REQUIRED
from explorer.questions.question import Progress, Question, silent
from explorer.service.answering import Refusal, refusal
from explorer.service.http import METHODS, ask, decoded, not_allowed, parameters, refused
from explorer.texts import _

if TYPE_CHECKING:
    from explorer.initialisation.summary import Summary


class Shortcut:
    """Middleware that answers all under /api/v1 itself: the layers of the pages, which come next, would take half as
    long as an answer does. What they give an answer is that it is packed, for who can unpack it."""

    _place = "/api/v1"

    def __init__(self, app: ASGIApp) -> None:
        # As Streamlit packs. By its default, packing takes more than three times as long, and all others wait for it.
        self._app, self._packed = app, GZipMiddleware(v1, compresslevel=5)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].startswith(f"{self._place}/"):
            await self._app(scope, receive, send)
            return

        async def send_plain(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], (b"vary", b"Accept-Encoding")]
            await send(message)

        scope = {**scope, "root_path": self._place}
        if "gzip" in Headers(scope=scope).get("accept-encoding", ""):
            await self._packed(scope, receive, send)
        else:
            await v1(scope, receive, send_plain)


async def v1(scope: Scope, receive: Receive, send: Send) -> None:
    """The questions under /api/v1, which are imported with the first request, or by who warms up."""
    from explorer.service.questions import app

    await app(scope, receive, send)


def _route(path: str, question: type[Question], *words: str, part: str = "") -> Route:
    """An address of a question: `words` are the parameters that the end of its path says, `part` is what of the answer
    it has always given."""

    async def answer(request: Request) -> Response:
        texts = {key: [value] for key, value in request.path_params.items() if key != "words"}
        try:
            texts |= _words(request, words)
        except UserError as error:
            return refused(refusal(error, question.name))
        return await ask(request, question, texts, part=part)

    return Route(path, answer, methods=METHODS)


def _words(request: Request, names: tuple[str, ...]) -> dict[str, list[str]]:
    """The words in the path, by the names of their parameters.

    The path is read as it was sent, for %2F is a slash in a word. A single word may hold slashes as they are. Raises
    UserError for other words than there should be.
    """
    if "words" not in request.path_params:
        return {}
    parts = [decoded(part) for part in request.scope["raw_path"].decode("latin-1").split("/")]
    parts = parts[request.scope["root_path"].count("/") + 4 :]  # after models, the model's name and the question's
    if len(names) == 1:
        parts = ["/".join(parts)]
    if len(parts) != len(names):
        example = "&".join(f"{name}=…" for name in names)
        raise UserError(
            _(
                "This takes {names} words, but here are {parts}: write a slash in a word as %2F, or use the "
                "parameters ?{example}.",
                names=len(names),
                parts=len(parts),
                example=example,
            )
        )
    return {name: [word] for name, word in zip(names, parts, strict=True)}


async def nothing(request: Request) -> Response:
    """What an address answers at which nothing is."""
    if request.method not in ("GET", "HEAD"):
        return not_allowed(request.method, may_post=False)
    try:
        if texts := parameters(request):
            raise UserError(_("There is no parameter “{name}”. This address takes none.", name=cut(next(iter(texts)))))
    except UserError as error:
        return refused(refusal(error, "nothing"))
    return refused(
        Refusal(
            _(
                "There is nothing at this address. Ask for v1/docs, which lists all questions, models, "
                "models/MODEL/neighbours/WORD, models/MODEL/similarity/A/B, comparisons or comparisons/NAME."
            ),
            404,
        )
    )


class _Comparisons(Question):
    """The comparisons of initialisations, and which of them came along."""

    name = "comparisons"

    def answer(self, progress: Progress = silent) -> Answer:
        from explorer.initialisation import library  # what comparisons need takes a second to import

        return _Comparisons.Names([{"name": name, "shipped": library.is_shipped(name)} for name in library.names()])

    @dataclass(frozen=True)
    class Names(Answer):
        """Their names."""

        comparisons: list[dict[str, Any]]

        def as_json(self) -> list[dict[str, Any]]:
            return self.comparisons

        def table(self) -> Table:
            return Table(("name", "shipped"), tuple(tuple(each.values()) for each in self.comparisons))


class _Comparison(Question):
    """What a comparison of initialisations shows."""

    name = "comparison"
    comparison: str = parameter.text(REQUIRED, _("the name of a comparison"))

    def answer(self, progress: Progress = silent) -> Answer:
        from explorer.initialisation import library

        if self.comparison not in library.names():
            raise NotThere(
                _(
                    "There is no comparison “{comparison}”. There are: {names}.",
                    comparison=self.comparison,
                    names=", ".join(library.names()),
                )
            )
        return _Comparison.Findings(library.summary(self.comparison))

    @dataclass(frozen=True)
    class Findings(Answer):
        """The summary, as JSON or as the table of a report."""

        summary: Summary

        def as_json(self) -> Any:
            return self.summary.as_json()

        def as_csv(self, byte_order_mark: bool = False) -> str:
            from explorer.initialisation.report import report

            return BYTE_ORDER_MARK * byte_order_mark + report(self.summary, "csv").decode()


ROUTES = [
    Mount("/v1", v1),
    Route("/v1", nothing, methods=METHODS),
    _route("/models", QUESTIONS["models"], part="models"),
    _route("/models/{model}/neighbours", QUESTIONS["neighbours"]),
    _route("/models/{model}/neighbours/{words:path}", QUESTIONS["neighbours"], "word"),
    _route("/models/{model}/similarity", QUESTIONS["similarity"]),
    _route("/models/{model}/similarity/{words:path}", QUESTIONS["similarity"], "first", "second"),
    _route("/comparisons", _Comparisons),
    _route("/comparisons/{comparison}", _Comparison),
    Route("/{rest:path}", nothing, methods=METHODS),
]
