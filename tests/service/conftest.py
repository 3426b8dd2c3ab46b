"""A server at which people log in, and what they have made there."""

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from streamlit import config
from streamlit.runtime.secrets import secrets_singleton
from streamlit.user_info import generate_login_redirect_url

from explorer import serving
from explorer.access import belongings, rights, tokens
from explorer.embeddings.importing import import_model
from explorer.initialisation import library
from explorer.service import webvectors
from explorer.service.api import ROUTES
from explorer.service.atlas import routes as atlases
from explorer.service.limits import Limits, Rate
from explorer.service.login import check_login
from explorer.service.owners import People
from explorer.service.talks import routes as talks
from explorer.serving import Serving
from tests.embeddings.conftest import own_models  # noqa: F401
from tests.service.people import APP, who


@pytest.fixture
def set_up(monkeypatch, tmp_path):
    """Serves with these options."""

    def choose(login=None, **options):
        if login:
            monkeypatch.setattr(belongings, "sees", rights.sees)
        chosen = Serving(login=login, **options)
        monkeypatch.setattr(serving, "settings", lambda: chosen)

    monkeypatch.setattr(tokens, "TOKENS", tmp_path / "tokens")
    return choose


@pytest.fixture(scope="module")
def oidc():
    pytest.importorskip("authlib", reason="There is no Authlib: pip install -r requirements-dev.txt.")
    from tests.service.provider import provider

    with provider() as own:
        yield own


@pytest.fixture(scope="module")
def logins():
    """The cookies of who has logged in, by their names: one login each is enough."""
    return {}


@pytest.fixture
def log_in(oidc, logins, set_up, tmp_path, monkeypatch):
    """A browser in which somebody has logged in; with no name, one in which nobody has."""
    from streamlit.web.server.starlette.starlette_auth_routes import create_auth_routes

    from tests.service.provider import login_file

    file = login_file(tmp_path, oidc.address, APP)
    check_login(file)
    set_up(file, administrators="ada@example.org", requests=50)
    before = config.get_option("secrets.files")
    config.set_option("secrets.files", [str(file)])
    secrets_singleton._reset()
    files = Route("/{rest:path}", lambda request: PlainTextResponse("file"), methods=["GET", "PUT"])
    app = Starlette(
        routes=[
            *create_auth_routes(""),
            Mount("/api", routes=ROUTES),
            *talks(),
            *atlases(),
            *webvectors.ROUTES,
            files,
        ],
        middleware=[
            Middleware(People),
            Middleware(Limits, rate=Rate(50)),
            Middleware(SessionMiddleware, secret_key="key"),
        ],
    )

    def browser(name=None):
        client = TestClient(app, APP, client=("127.0.0.1", 1), follow_redirects=False)
        if name in logins:
            client.cookies.update(logins[name])
        elif name:
            to_provider = client.get(generate_login_redirect_url("default")).headers["location"]
            back = httpx.get(to_provider.replace("/authorize", f"/authorize/{name}")).headers["location"]
            assert client.get(back).headers["location"] == "/"
            logins[name] = dict(client.cookies)
        return client

    yield browser
    config.set_option("secrets.files", before)
    secrets_singleton._reset()


@pytest.fixture
def of_ben(log_in, own_models, tmp_path, monkeypatch):  # noqa: F811
    """Models of Ben's and of the machine, and a comparison of Ben's."""
    (file := tmp_path / "vectors.txt").write_text("king 1 0\nqueen 0 1\n")
    ben = who(log_in("ben"))
    import_model(file, "bens", about=ben.belonging.entries)
    import_model(file, "ours")
    monkeypatch.setattr(library, "RESULTS", tmp_path / "results")
    plan = (library.SHIPPED / library.names()[0] / library.PLAN_FILE).read_text()
    library.keep_for("bens", ben.belonging)
    (library.RESULTS / "bens" / library.PLAN_FILE).write_text(plan)
