"""The first page of the app: what a browser has to know before it begins, and a page that there is not."""

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, JSONResponse
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit import file_util

from explorer.service.first_page import FirstPage, script_links
from explorer.ui.navigation import PATHS

HTML = "<!DOCTYPE html><html><head><title>x</title></head><body>" + "é" * 3000 + "</body></html>"


@pytest.fixture
def client():
    async def page(request):
        return HTMLResponse(HTML, headers={"etag": "of the file"})

    async def api(request):
        return JSONResponse({"a": 1})

    routes = [Route("/api/models", api), Route("/{path:path}", page)]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(FirstPage, pages=PATHS)]))


@pytest.mark.parametrize("path", [f"/{path}" for path in PATHS])
def test_the_theme_is_known_before_the_app_begins(client, path):
    answer = client.get(path)
    head, rest = answer.text.split("</head>")
    assert answer.status_code == 200
    assert "explorer-theme" in head
    assert rest == HTML.split("</head>")[1]
    assert "etag" not in answer.headers


@pytest.mark.parametrize(
    ("path", "says"),
    [
        ("/neighbor", 'There is no page called “neighbor”.</h1><p>Did you mean: <a href="/neighbours">'),
        ("/Neighbours", '<a href="/neighbours">'),
        ("/%3Cb%3E", "There is no page called “&lt;b&gt;”."),
        ("/zzzz", '<a href="/">Home</a>'),
    ],
)
def test_a_page_that_there_is_not_gets_a_sentence_and_a_way_out(client, path, says):
    answer = client.get(path)
    assert answer.status_code == 404
    assert says in answer.text


def test_what_others_answer_is_left_as_it_is(client):
    assert client.get("/api/models").json() == {"a": 1}
    for path in ("/static/x.html", "/_stcore/health", "/neighbours/deeper/still.html"):
        assert client.get(path).text == HTML


def test_the_scripts_that_are_loaded_beforehand_are_there():
    links = script_links(Path(file_util.get_static_dir()) / "static" / "js")
    for name in ("BidiComponent", "Multiselect", "NumberInput", "Selectbox", "PlotlyChart"):
        assert f'href="./static/js/{name}.' in links
