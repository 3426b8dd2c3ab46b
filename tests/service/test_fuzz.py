"""Whatever is sent to a question gets JSON and an honest status: requests are drawn from the OpenAPI document."""

import json
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.testclient import TestClient

from explorer.questions import QUESTIONS
from explorer.service import health, webvectors
from explorer.service.api import ROUTES
from explorer.service.http import Unroutable
from explorer.service.journal import Journal
from explorer.service.limits import Limits, Rate
from explorer.service.questions import app, document
from tests.service.test_questions import Made

OPERATIONS = [
    pytest.param(path, method, id=f"{method} {path}")
    for path, methods in document().openapi()["paths"].items()
    for method in methods
]
WORDS = [
    "airplane",
    "king",
    "queen",
    "new york",
    "king - man + woman",
    "wiki-en-glove",
    "",
    "/",
    "..",
    "%2F",
    "a,b",
    '"',
]
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=5,
)


@pytest.fixture(scope="module")
def client():
    with TestClient(app, raise_server_exceptions=False) as client:
        yield client


def fitting(schema):
    """Values that a JSON Schema of the document allows, at its bounds more often than within them."""
    if "anyOf" in schema:
        return st.one_of(fitting(each) for each in schema["anyOf"])
    if "enum" in schema:
        return st.sampled_from(schema["enum"])
    match schema["type"]:
        case "null":
            return st.none()
        case "boolean":
            return st.booleans()
        case "integer":
            few = min(schema["minimum"] + 20, schema["maximum"])
            return st.integers(schema["minimum"], few)
        case "number":
            return st.floats(schema.get("minimum", schema.get("exclusiveMinimum")), schema["maximum"])
        case "array":
            few = schema["minItems"] + 2
            return st.lists(fitting(schema["items"]), min_size=schema["minItems"], max_size=few)
    return st.sampled_from(WORDS) | st.text(max_size=min(20, schema.get("maxLength", 20)))


def values(properties):
    """Some of the parameters, mostly with values that they allow, and at times one that there is not."""
    strategies = {name: fitting(schema) | fitting(schema) | JSON for name, schema in properties.items()}
    return st.fixed_dictionaries({}, optional=strategies | {"nonsense": JSON})


def texts(value):
    """What an address says for a value, which may be no text that the parameter can be."""
    return value if isinstance(value, str) else json.dumps(value)


def ask(client, path, method, values_of_question):
    if method == "get":
        address = [(name, texts(value)) for name, value in values_of_question.items()]
        return client.get(path, params=[(name, text.encode(errors="replace")) for name, text in address])
    return client.post(path, content=json.dumps(values_of_question))


def check(client, path, method, examples):
    parameters = document().openapi()["paths"][path][method]
    if method == "get":
        properties = {each["name"]: each["schema"] for each in parameters["parameters"] if each["name"] != "format"}
    else:
        properties = parameters["requestBody"]["content"]["application/json"]["schema"]["properties"]

    @settings(
        max_examples=examples, deadline=None, derandomize=True, database=None, suppress_health_check=[*HealthCheck]
    )
    @given(values(properties))
    def answers(values_of_question):
        answer = ask(client, path, method, values_of_question)
        assert answer.status_code in (200, 400, 404), (values_of_question, answer.text)
        assert answer.headers["content-type"] == "application/json"
        body = json.loads(answer.content, parse_constant=lambda word: pytest.fail(f"{word} is not JSON"))
        if answer.status_code != 200:
            assert body["error"].endswith((".", "?"))
            assert all(isinstance(word, str) for word in body["suggestions"])

    answers()


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_no_request_is_a_mistake_of_the_program(client, path, method, monkeypatch):
    question = QUESTIONS[path[1:]]
    if question.is_long:  # asked in full by night
        monkeypatch.setattr(question, "answer", lambda self, progress: Made([]))
    check(client, path, method, 8)


PARTS = st.sampled_from([*WORDS, "api", "json", "neighbours", "models", "en", "a__b", "%E9", "\x1b"]) | st.text(
    max_size=8
)
MODEL = st.just("wiki-en-glove") | PARTS
PATHS = st.one_of(
    st.lists(PARTS, min_size=1, max_size=7),
    st.tuples(MODEL, PARTS, st.just("api"), st.sampled_from(["json", "csv", "similarity", "xml"])),
    st.tuples(MODEL, st.just("king__queen") | st.builds("{}__{}".format, PARTS, PARTS), st.just("api/similarity/")),
    st.tuples(st.sampled_from(["en", "no", "EN"]), MODEL, PARTS),
    st.tuples(st.just("api/models"), MODEL, st.sampled_from(["neighbours", "similarity", "none"]), PARTS, PARTS),
)


def check_paths(examples):
    routes = [Mount("/api", routes=ROUTES), *health.ROUTES, *webvectors.ROUTES]
    middleware = [Middleware(Journal), Middleware(Limits, rate=Rate(0)), Middleware(Unroutable)]
    client = TestClient(
        Starlette(routes=routes, middleware=middleware), raise_server_exceptions=False, follow_redirects=False
    )

    @settings(max_examples=examples, deadline=None, derandomize=True, database=None)
    @given(PATHS, st.sampled_from(["GET", "GET", "GET", "POST", "DELETE"]))
    def answers(parts, method):
        answer = client.request(method, "http://localhost/" + "/".join(quote(part, safe="%") for part in parts))
        assert answer.status_code in (200, 302, 307, 400, 404, 405), (parts, answer.text)

    answers()


def test_no_path_is_a_mistake_of_the_program():
    check_paths(150)


@pytest.mark.nightly
def test_no_path_of_many_is_a_mistake_of_the_program():
    check_paths(5_000)


@pytest.mark.nightly
@pytest.mark.parametrize(("path", "method"), OPERATIONS)
def test_no_request_of_many_is_a_mistake_of_the_program(client, path, method):
    check(client, path, method, 200)
