"""The HTML page that comes first: completed for pages that there are, a sentence for others, nothing else touched."""

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from streamlit import file_util

from explorer.service.first_page import THEME, FirstPage, script_links

PAGE = "<html><head><title>App</title></head><body></body></html>"


@pytest.fixture(scope="module")
def client():
    own = [
        Route("/healthz", lambda request: PlainTextResponse("ok")),
        Route("/talk", lambda request: HTMLResponse(PAGE)),
        Mount("/api", routes=[Route("/{rest:path}", lambda request: PlainTextResponse("answer"))]),
        Route("/{model}/{word}/api/json", lambda request: PlainTextResponse("word")),
    ]
    app = Route("/{rest:path}", lambda request: HTMLResponse(PAGE))
    middleware = [Middleware(FirstPage, pages=["", "map", "talks", "health"], routes=own)]
    return TestClient(Starlette(routes=[*own, app], middleware=middleware))


@pytest.mark.parametrize(
    ("path", "base"), [("/", "."), ("/map", "."), ("/map/", ".."), ("/talks", "."), ("/health", ".")]
)
def test_a_page_of_the_app_knows_the_theme_and_its_server_before_it_begins(client, path, base):
    answer = client.get(path)
    head = answer.text.split("</head>")[0]
    assert THEME in head
    assert f'BACKEND_BASE_URL: new URL("{base}", location.href).href' in head
    assert int(answer.headers["content-length"]) == len(answer.content)


@pytest.mark.parametrize("path", ["/healthz", "/talk", "/api/v1/neighbours", "/glove/king/api/json", "/logo.svg"])
def test_other_answers_stay_as_they_are(client, path):
    answer = client.get(path)
    assert (answer.status_code, THEME in answer.text) == (200, False)


def test_a_page_that_there_is_not_is_said_with_those_of_a_similar_name(client):
    answer = client.get("/mapp<b>")
    assert answer.status_code == 404
    assert "There is no page called “mapp&lt;b&gt;”." in answer.text
    assert '<a href="/map">map</a>' in answer.text


def test_the_scripts_that_are_loaded_beforehand_are_there():
    links = script_links(Path(file_util.get_static_dir()) / "static" / "js")
    for name in ("BidiComponent", "Multiselect", "NumberInput", "Selectbox", "PlotlyChart"):
        assert f'href="./static/js/{name}.' in links
