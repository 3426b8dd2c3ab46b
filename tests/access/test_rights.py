"""The pages of a visitor who may only ask: what changes something is not there, and a sentence says why."""

import re
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from explorer import places, serving
from explorer.embeddings import catalog
from explorer.embeddings.importing import import_model
from explorer.service import owners
from explorer.serving import Serving
from explorer.ui import rights
from explorer.ui.messages import say
from tests.embeddings.conftest import own_models  # noqa: F401
from tests.test_pages import sentences, visit

CHANGES = ("Remove", "Import", "Download", "Start", "Go on", "Train", "Begin", "Open", "Make it mine", "Add", "Cancel")


@pytest.fixture
def closed(monkeypatch):
    monkeypatch.setattr(serving, "settings", lambda: Serving(closed=True))


def changing(app):
    return [button.label for button in app.button if button.label.startswith(CHANGES)]


@pytest.fixture
def imported(own_models, tmp_path):  # noqa: F811
    (file := tmp_path / "mine.txt").write_text("king 1 0\nqueen 0 1\n")
    import_model(file, "mine")


@pytest.mark.parametrize(
    ("page", "url"), [("models", {}), ("learning", {}), ("initialisation", {"show": "own"}), ("talks", {})]
)
def test_who_may_only_ask_is_offered_nothing_that_changes_something(page, url, imported, closed, monkeypatch):
    app = visit(page, **url)
    assert changing(app) == []
    assert [app.get(kind) for kind in ("file_uploader", "text_area")] == [[], []]
    assert sum("Visitors may ask everything here" in sentence for sentence in sentences(app)) == 1
    monkeypatch.setattr(serving, "settings", lambda: Serving())
    assert changing(visit(page, **url)) != []


def test_a_visitor_removes_the_models_that_they_have_imported_and_no_other(own_models, tmp_path, monkeypatch):  # noqa: F811
    (file := tmp_path / "vectors.txt").write_text("king 1 0\nqueen 0 1\n")
    secrets = {"mine": "one secret", "other": "another", "administrators": None}
    for name, secret in secrets.items():
        import_model(file, name, about={"owner": owners.owner(secret)})
    monkeypatch.setattr(serving, "settings", lambda: Serving(open=True))

    def removable():
        return [name for name in secrets if f"Remove {name}" in changing(visit("models", model=name))]

    assert removable() == [*secrets]  # at the machine itself
    monkeypatch.setattr(rights, "is_here", lambda: False)
    for secret, own in (("one secret", ["mine"]), (None, [])):
        cookies = {owners.COOKIE: secret} if secret else {}
        monkeypatch.setattr("streamlit.runtime.context.ContextProxy.cookies", cookies)
        assert removable() == own
    assert "one secret" not in (own_models / "mine" / "card.toml").read_text()
    assert "owner" not in catalog.card("mine").as_json()


def test_a_browser_gets_the_cookie_of_its_owner_with_its_first_page():
    routes = [Route("/", lambda request: HTMLResponse("page")), Route("/api", lambda request: PlainTextResponse("api"))]
    client = TestClient(Starlette(routes=routes, middleware=[Middleware(owners.Owners)]))
    assert "set-cookie" not in client.get("/api").headers
    given = client.get("/").headers["set-cookie"]
    assert re.fullmatch(rf"{owners.COOKIE}=[\w-]{{32}}; Path=/; Max-Age=31536000; HttpOnly; SameSite=Lax", given)
    assert "set-cookie" not in client.get("/").headers


def test_a_map_that_is_not_computed_yet_is_not_computed_for_who_may_only_ask(closed, monkeypatch):
    monkeypatch.setattr("explorer.embeddings.atlas.has_atlas", lambda name: False)
    app = visit("map", show="all")
    assert [button.label for button in app.button] == []
    assert "Visitors may ask everything here" in sentences(app)[-1]


def test_an_address_that_edits_a_talk_says_so_too(closed):
    assert any("Visitors may ask everything here" in each for each in sentences(visit("talks", talk="my-talk")))


def test_a_page_offers_no_talk_to_add_to(closed):
    assert "Add this view to a talk" not in [button.label for button in visit("neighbours", word="airplane").button]


def test_a_sentence_on_a_page_tells_visitors_from_elsewhere_no_folder(monkeypatch):
    told = []
    monkeypatch.setattr("streamlit.html", told.append)
    say(f"{catalog.MODELS}/mine/vectors.npy is damaged.")
    monkeypatch.setattr("explorer.ui.messages.is_here", lambda: False)
    say(f"{catalog.MODELS}/mine/vectors.npy is damaged.")
    assert (str(places.MODELS) in told[0], str(places.MODELS) in told[1]) == (True, False)
    assert "mine/vectors.npy is damaged." in told[1]


@pytest.mark.parametrize(
    ("address", "headers", "may"),
    [
        ("127.0.0.1", {}, True),
        ("::1", {}, True),
        (None, {}, False),
        ("192.0.2.1", {}, False),
        ("127.0.0.1", {"X-Forwarded-For": "192.0.2.1"}, False),
        ("127.0.0.1", {"X-Real-Ip": "192.0.2.1"}, False),
    ],
)
def test_a_page_knows_its_visitor_by_address_and_headers(monkeypatch, address, headers, may):
    from streamlit.runtime import Runtime

    connection = SimpleNamespace(remote_ip=address, headers=headers.items())
    clients = {"session": SimpleNamespace(client_context=connection)}
    monkeypatch.setattr(Runtime, "_instance", object.__new__(Runtime))
    monkeypatch.setattr(Runtime, "get_client", lambda self, session: clients.get(session))
    monkeypatch.setattr(rights, "get_script_run_ctx", lambda suppress_warning: SimpleNamespace(session_id="session"))
    assert (rights.is_here(), rights.may_change()) == (may, may)
    clients.clear()
    assert (rights.is_here(), rights.may_change()) == (False, False)  # the connection is lost
