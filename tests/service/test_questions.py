"""The questions over HTTP: methods, sizes, what cannot be read, the page that lists them, and who goes away."""

import json
import threading
from dataclasses import dataclass

import anyio
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.testclient import TestClient

from explorer.answers import Answer, Table
from explorer.questions import QUESTIONS
from explorer.questions.models import Health
from explorer.questions.words import Complete
from explorer.service import answering
from explorer.service.api import ROUTES
from explorer.service.http import LONGEST_ADDRESS, LONGEST_BODY, Unroutable

app = Starlette(routes=[Mount("/api", routes=ROUTES)], middleware=[Middleware(Unroutable)])


@dataclass(frozen=True)
class Made(Answer):
    """An answer with this JSON."""

    json: object

    def as_json(self):
        return self.json

    def table(self):
        return Table(("json",), ((str(self.json),),))


@pytest.fixture(scope="module")
def client():
    with TestClient(app, base_url="http://localhost/api/v1") as client:
        yield client


@pytest.fixture
def answer_with(monkeypatch):
    """Have the question `complete` answer with this JSON, or raise this error."""

    def answering(question):
        def answer(self, progress=None):
            if isinstance(question, Exception):
                raise question
            return Made(question)

        monkeypatch.setattr(Complete, "answer", answer)

    return answering


def as_json(question):
    return json.loads(json.dumps(question.answer().as_json()))


def refused(response, status):
    assert response.status_code == status
    assert response.headers["content-type"] == "application/json"
    assert response.headers["x-content-type-options"] == "nosniff"
    assert set(response.json()) == {"error", "suggestions"}
    return response.json()["error"]


def test_a_format_that_is_a_documents_asks_for_that_document_as_on_the_command_line(client):
    by_format, by_name = (
        client.get(f"lesson?article=true&step=source.embedding&{name}=md").json() for name in ("format", "document")
    )
    assert by_format == by_name
    assert by_format["form"] == "md"


def test_get_and_post_give_the_same_and_head_its_headers(client):
    parameters = {"prefix": "airp", "n": 3}
    answers = [client.get("complete", params=parameters), client.post("complete", json=parameters)]
    assert answers[0].json() == answers[1].json() == as_json(QUESTIONS["complete"](**parameters))
    assert client.head("complete", params=parameters).headers["content-type"] == "application/json"
    assert client.get("complete", params=parameters | {"format": "csv"}).text.startswith("word,")


@pytest.mark.parametrize("method", ["PUT", "PATCH", "DELETE", "OPTIONS", "TRACE"])
@pytest.mark.parametrize("address", ["complete?prefix=a", "nothing"])
def test_other_methods_get_a_sentence(client, method, address):
    answer = client.request(method, address)
    assert refused(answer, 405) == f"Nothing can be changed here by {method}: ask with GET or POST."
    assert answer.headers["allow"] == "GET, HEAD, POST"


@pytest.mark.parametrize(
    ("address", "status", "sentence"),
    [
        ("nothing", 404, "There is nothing at this address. Ask one of neighbours, vector"),
        ("", 404, "There is nothing at this address."),
        ("complete/", 404, "There is nothing at this address."),
        ("models?limit=3", 400, "There is no parameter “limit” of models. It takes none."),
        ("complete?prefix=a&prefix=b", 400, "prefix stands here 2 times"),
        ("complete?prefix=a&format=csv&format=json", 400, "The parameter format is given 2 times"),
        (
            "complete?prefix=caf%E9",
            400,
            "“prefix=caf%E9” in the address is not in UTF-8, in which é is written %C3%A9.",
        ),
        ("neighbours?word=a&min_count=1&minimum_count=1", 400, "minimum_count is given twice"),
        (f"complete?prefix={'x' * LONGEST_ADDRESS}", 414, f"This address has more than {LONGEST_ADDRESS:,} bytes."),
    ],
)
def test_an_address_that_cannot_be_answered_says_why(client, address, status, sentence):
    assert refused(client.get(address), status).startswith(sentence)


@pytest.mark.parametrize(
    ("body", "status", "sentence"),
    [
        (b"", 400, "The question is not JSON."),
        (b"\xff", 400, "The question is not JSON."),
        (b"[" * 100_000, 400, "The question is not JSON."),
        (b"[1]", 400, "The question is JSON, but not an object."),
        (b'{"prefix": NaN}', 400, "The question is not JSON."),
        (b'{"prefix": "a", "n": 1e400}', 400, "The question is not JSON."),
        (b'{"self": 1}', 400, "There is no parameter “self” of complete."),
        (b'{"prefix": {"a": 1}}', 400, "prefix is"),
        (b'{"prefix": "\\ud800"}', 400, "A text of the question has half of a character"),
        (b'{"prefix": "' + b"x" * LONGEST_BODY + b'"}', 413, f"The question has more than {LONGEST_BODY:,} bytes."),
    ],
)
def test_a_body_that_cannot_be_read_says_why(client, body, status, sentence):
    assert refused(client.post("complete", content=body), status).startswith(sentence)


@pytest.mark.parametrize("value", [None, 5, True, "text", {"a": 1}, [5], [None], [[5]], [["a", 5]], [["a", ["b", 5]]]])
@pytest.mark.parametrize(("name", "parameter"), [("matrix", "words"), ("similarity", "pairs"), ("axes", "axis")])
def test_a_value_of_another_kind_is_refused(client, name, parameter, value):
    values = {"words": ["hut"], parameter: value} if name == "axes" else {parameter: value}
    sentence = refused(client.post(name, json=values), 400)
    assert sentence.startswith((f"{parameter} is ", "Similarity is asked of two words"))


def test_the_parameters_of_a_post_stand_in_its_body(client):
    assert "stand in its body" in refused(client.post("complete?prefix=a", json={}), 400)
    assert client.post("complete?format=csv", json={"prefix": "airp"}).headers["content-type"].startswith("text/csv")


@pytest.mark.parametrize("made", [float("nan"), ZeroDivisionError(), object()])
def test_a_mistake_of_the_program_is_a_sentence_and_stands_in_the_log(client, answer_with, made, caplog):
    answer_with(made)
    assert refused(client.get("complete?prefix=a"), 500).startswith("This is an error of the program")
    assert "There is no answer to complete" in caplog.text


def test_an_answer_has_a_size(client, answer_with, monkeypatch):
    monkeypatch.setattr(answering, "LONGEST_ANSWER", 100)
    answer_with("x" * 99)
    assert "at most 100 are sent" in refused(client.get("complete?prefix=a"), 400)
    answer_with("x" * 98)
    assert client.get("complete?prefix=a").status_code == 200
    answer_with(MemoryError())
    assert "more memory than the server has" in refused(client.get("complete?prefix=a"), 400)


def test_the_page_of_the_questions_has_all_that_it_needs(client):
    page = client.get("docs").text
    assert "http:" not in page
    assert "https:" not in page
    for address in ("swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"):
        assert f"/api/v1/static-offline-docs/{address}" in page
        assert client.get(f"static-offline-docs/{address}").status_code == 200
    document = client.get("openapi.json").json()
    assert set(document["paths"]) == {f"/{name}" for name in QUESTIONS}
    assert document["servers"] == [{"url": "/api/v1"}]


def test_a_long_question_ends_when_nobody_waits_for_it_any_more(monkeypatch):
    """The client goes away as soon as the question is under way; the next progress ends it."""
    under_way, ended = threading.Event(), threading.Event()

    def answer(self, progress):
        under_way.set()
        try:
            while True:
                progress("measuring", 0.5)
        finally:
            ended.set()

    monkeypatch.setattr(Health, "answer", answer)

    async def receive():
        await anyio.to_thread.run_sync(under_way.wait)
        return {"type": "http.disconnect"}

    async def send(message):
        pass

    scope = {"type": "http", "method": "GET", "path": "/api/v1/health", "raw_path": b"/api/v1/health"}
    scope |= {"query_string": b"", "headers": [], "root_path": "", "http_version": "1.1", "scheme": "http"}
    with anyio.from_thread.start_blocking_portal() as portal:
        portal.call(app, scope, receive, send)
    assert ended.is_set()


def test_a_plus_that_came_as_a_space_is_named(client):
    refused = client.get("/analogy?formula=king%20-%20man%20+%20woman")
    assert refused.status_code == 400
    assert refused.json()["error"].endswith("A plain + in an address is a space: write %2B for it.")
    assert client.get("/analogy?formula=king+-+man+%2B+woman").status_code == 200
    assert "%2B" not in client.get("/analogy?formula=king+woman").json()["error"]


def test_json_in_an_address_is_what_it_says(client):
    answer = client.get("similarity", params={"pairs": "king,queen\nand/or,.."}).json()
    assert [(pair["first"], pair["second"]) for pair in answer["pairs"]] == [("king", "queen"), ("and/or", "..")]
    assert json.loads(client.get("neighbours?word=%2F").text)["error"].startswith("“/” is not among")
