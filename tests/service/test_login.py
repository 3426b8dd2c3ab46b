"""Who somebody is: by the provider at which they log in."""

import logging
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from explorer.access import rights
from explorer.access.rights import HERE, Kind
from explorer.errors import UserError
from explorer.service import owners
from explorer.service.login import Unreachable, check_login
from explorer.service.owners import owner
from explorer.serving import Serving
from tests.service.people import APP, who

pytest.importorskip("joserfc", reason="There is no Authlib: pip install -r requirements-dev.txt.")
from tests.service.provider import PEOPLE, SECRET, login_file


def test_people_are_who_the_provider_says(log_in, oidc, caplog):
    caplog.set_level(logging.DEBUG)
    ada, ben, eve, nobody = (who(log_in(name)) for name in (*PEOPLE, None))
    kinds = [each.kind for each in (ada, ben, eve, nobody)]
    assert kinds == [Kind.ADMINISTRATOR, Kind.PERSON, Kind.PERSON, Kind.STRANGER]  # Eve's address is not verified
    assert (ben.name, ben.owner) == ("ben@example.org", owner(f"{oidc.address} subject of ben"))
    assert eve.name == "subject of eve"
    assert len({ada.owner, ben.owner, eve.owner}) == 3
    assert SECRET not in caplog.text


def test_a_cookie_that_somebody_wrote_or_took_apart_is_nobodys(log_in):
    client = log_in("ada")
    (cookie,) = (cookie for cookie in client.cookies.jar if cookie.name == "_streamlit_user")
    assert "HttpOnly" in cookie._rest
    for value in (cookie.value[:-2], "chunks-2", "", '{"sub": "1", "is_logged_in": true}'):
        cookie.value = value
        assert who(client).kind is Kind.STRANGER


def test_a_claim_makes_an_administrator_as_well(log_in, set_up, tmp_path):
    ada, ben = log_in("ada"), log_in("ben")
    set_up(tmp_path / "login.toml", administrators="groups=words")
    assert [who(each).kind for each in (ada, ben)] == [Kind.ADMINISTRATOR, Kind.PERSON]


@pytest.mark.parametrize(
    ("administrators", "claims", "may"),
    [
        ("Ada@example.org", {"email": "ada@Example.org"}, True),
        ("ada@example.org", {"email": "ada@example.org", "email_verified": "False"}, False),
        ("groups=Words", {"groups": ["words"]}, False),
        ("groups=None", {}, False),
        ("groups=None", {"groups": [None]}, False),
        ("admin=true", {"admin": True}, True),
        ("oid=1", {"oid": 1}, True),
        ("email=", {"email": ""}, False),
    ],
)
def test_administrators_are_those_whom_the_configuration_names(set_up, tmp_path, administrators, claims, may):
    set_up(tmp_path / "login.toml", administrators=administrators)
    assert owners._administers(claims) == may


def test_a_login_over_tls_is_sent_over_tls_alone(log_in, oidc, tmp_path):
    def answer(request):
        response = PlainTextResponse("in")
        for name in ("_streamlit_user", "_streamlit_user_tokens__1", "other"):
            response.set_cookie(name, "value")
        return response

    client = TestClient(Starlette(routes=[Route("/", answer)], middleware=[Middleware(owners.SecureLogins)]))
    cookies = client.get("/").headers.get_list("set-cookie")
    assert ["Secure" in cookie for cookie in cookies] == [True, True, False]
    assert check_login(login_file(tmp_path, oidc.address, "https://words.example.org"))
    assert not check_login(login_file(tmp_path, oidc.address, APP))


def test_who_opens_a_talk_logs_in_first_and_is_led_back(log_in):
    stranger, html = log_in(), {"Accept": "text/html,*/*"}
    for path in ("/talk?deck=a%20b", "/en/bens/king/", "/atlas?model=bens"):
        answer = stranger.get(path, headers=html)
        assert (answer.status_code, answer.headers["location"]) == (303, f"/?asked={quote(path, safe='')}")
        assert stranger.get(path).status_code == 401
    assert stranger.get("/api/v1/models", headers=html).status_code == 401
    assert stranger.get("/talk", headers={**html, "Authorization": "Bearer explorer_x"}).status_code == 401
    assert log_in("ben").get("/en/ours/king/", headers=html).status_code != 303


def test_what_no_visit_asks_is_nobodys_where_people_log_in(set_up, tmp_path, monkeypatch):
    set_up(tmp_path / "login.toml")
    monkeypatch.setattr("explorer.ui.rights._server", lambda: object())
    monkeypatch.setattr("explorer.ui.rights.get_script_run_ctx", lambda **options: None)
    assert rights.somebody().kind is Kind.STRANGER
    with rights.acting(HERE):
        assert rights.somebody() == HERE
    set_up()
    assert rights.somebody() == HERE


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (("[auth]", "[other]"), "has no table"),
        (("client_id", "client"), "lacks client_id in"),
        (("c" * 40, "short"), "must have 32 characters or more"),
        (("/oauth2callback", "/back"), "redirect_uri in .* must end in /oauth2callback"),
        (("http://localhost", "http://words.example.org"), "redirect_uri in .* must begin with https://"),
    ],
)
def test_a_login_that_cannot_be_is_a_sentence_without_its_secrets(tmp_path, change, sentence):
    file = login_file(tmp_path, "http://127.0.0.1:1", APP)
    check_login(file)
    file.write_text(file.read_text().replace(*change))
    with pytest.raises(UserError, match=sentence) as error:
        check_login(file)
    assert not [each for each in (SECRET, "short", "c" * 40) if each in str(error.value)]
    with pytest.raises(UserError, match="leave open out"):
        Serving(login=file, open=True)
    with pytest.raises(UserError, match="Nobody logs in"):
        Serving(administrators="ada@example.org")
    assert SimpleNamespace(**Serving(login=file).values).login == file


@pytest.mark.parametrize(("status", "answer"), [(400, 503), (302, 302)])
def test_a_provider_that_cannot_be_reached_is_a_sentence(status, answer):
    async def login(request):
        return PlainTextResponse("Authentication error", status)

    app = Starlette(routes=[Route("/auth/login", login)], middleware=[Middleware(Unreachable)])
    response = TestClient(app, follow_redirects=False).get("/auth/login")
    assert response.status_code == answer
    assert (answer == 503) == response.text.startswith("The login cannot begin: the server cannot reach the provider")
