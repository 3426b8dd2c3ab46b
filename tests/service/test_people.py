"""Where people log in: one table says who may do what, and every door keeps to it."""

import logging
from types import SimpleNamespace
from urllib.parse import quote

import pytest

pytest.importorskip("authlib", reason="There is no Authlib: pip install -r requirements-dev.txt.")
import httpx
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.sessions import SessionMiddleware
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient
from streamlit import config
from streamlit.runtime.secrets import secrets_singleton
from streamlit.testing.v1 import AppTest
from streamlit.user_info import generate_login_redirect_url
from streamlit.web.server.starlette.starlette_auth_routes import create_auth_routes

from explorer import belongings, places, rights, serving, tokens
from explorer.belongings import Belonging
from explorer.cli import main as command
from explorer.embeddings import catalog
from explorer.embeddings.importing import import_model
from explorer.errors import NotThere, UserError
from explorer.initialisation import library
from explorer.questions.jobs.causes import Causes
from explorer.rights import HERE, TABLE, Kind, Right, Somebody
from explorer.service import owners, webvectors
from explorer.service.api import ROUTES
from explorer.service.atlas import routes as atlases
from explorer.service.limits import Limits, Rate
from explorer.service.login import check_login
from explorer.service.owners import People, owner
from explorer.service.talks import at_hand
from explorer.service.talks import routes as talks
from explorer.serving import Serving
from explorer.ui import causes_view, comparisons, jobs
from explorer.ui.rights import check_disk, may_remove, of_download
from tests.embeddings.conftest import own_models  # noqa: F401
from tests.service.provider import PEOPLE, SECRET, login_file, provider
from tests.test_pages import sentences

APP = "http://localhost:8501"
MODES = {"usual": {}, "open": {"open": True}, "closed": {"closed": True}}


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
    with provider() as own:
        yield own


@pytest.fixture(scope="module")
def logins():
    """The cookies of who has logged in, by their names: one login each is enough."""
    return {}


@pytest.fixture
def log_in(oidc, logins, set_up, tmp_path, monkeypatch):
    """A browser in which somebody has logged in; with no name, one in which nobody has."""
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


def who(client):
    """Who a browser is to the server."""
    with rights.acting(HERE):  # no page
        from explorer.service.owners import somebody

        return somebody(False, {cookie.name: cookie.value for cookie in client.cookies.jar})


def test_people_are_who_the_provider_says(log_in, oidc, caplog):
    caplog.set_level(logging.DEBUG)
    ada, ben, eve, nobody = (who(log_in(name)) for name in (*PEOPLE, None))
    kinds = [each.kind for each in (ada, ben, eve, nobody)]
    assert kinds == [Kind.ADMINISTRATOR, Kind.PERSON, Kind.PERSON, Kind.STRANGER]  # Eve's address is not verified
    assert (ben.name, ben.owner) == ("ben@example.org", owner(f"{oidc.address} subject of ben"))
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
    for path in ("/talk?deck=a%20b", "/en/bens/king/"):
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


def test_tokens_are_listed_in_a_line_each_and_named_by_who_has_the_machine(set_up, capsys):
    tokens.make("prometheus", ["ask"], "ben", "Ben\x1b[2J\nexplorer")
    tokens.make("prometheus", ["administer"])
    command(["tokens"])
    lines = capsys.readouterr().out.splitlines()
    assert sorted(line.split("\t")[3] for line in lines) == [r"Ben\x1b[2J\x0aexplorer", "–"]
    assert command(["tokens", "--make", "script", "--may", "train"]) == 2
    assert "A token may ask or administer, or both" in capsys.readouterr().err
    command(["tokens", "--revoke", "prometheus"])
    assert [token.owner for token in tokens.of()] == ["ben"]
    with pytest.raises(NotThere):
        tokens.revoke("prometheus")
    tokens.revoke(tokens.of("ben")[0].id)
    assert tokens.of() == []


def test_programs_ask_with_a_token_until_it_is_revoked(log_in, tmp_path):
    ben, program = who(log_in("ben")), log_in()
    secret = tokens.make("script", ["ask"], ben.owner, ben.name)
    only_administers = tokens.make("prometheus", ["administer"])
    files = [*(tmp_path / "tokens").iterdir()]
    assert secret not in "".join(file.name + file.read_text() for file in files)

    def ask(token, path="/api/v1/models"):
        return program.get(path, headers={"Authorization": f"Bearer {token}"} if token else {})

    assert ask(secret).status_code == 200
    stranger, unknown, without = ask(""), ask("explorer_x"), ask(only_administers)
    assert [each.status_code for each in (stranger, unknown, without)] == [401, 401, 403]
    assert stranger.headers["www-authenticate"] == 'Bearer realm="Embedding Explorer"'
    assert stranger.json()["error"] == (
        "One has to log in here. Log in on the pages, or send a token: Authorization: Bearer TOKEN."
    )
    assert unknown.json()["error"].startswith("This token is unknown here, or was revoked.")
    assert without.json()["error"] == "The right “ask” is missing: this may not be asked here."
    assert [ask(token, "/metrics").status_code for token in ("", secret, only_administers)] == [401, 403, 200]
    (token,) = tokens.of(ben.owner)
    with pytest.raises(NotThere):
        tokens.revoke(token.id, "another")
    tokens.revoke(token.id, ben.owner)
    assert ask(secret).status_code == 401


def test_a_person_has_so_many_requests_from_wherever_they_ask(log_in):
    ben = log_in("ben")
    secret = tokens.make("script", ["ask"], who(ben).owner)
    asked = [ben.get("/api/nothing").status_code for _ in range(40)]
    bearer = {"Authorization": f"Bearer {secret}"}
    asked += [log_in().get("/api/nothing", headers=bearer).status_code for _ in range(11)]
    assert [asked.count(404), asked[-1]] == [50, 429]
    assert log_in("ada").get("/api/nothing").status_code == 404


@pytest.mark.parametrize(
    ("name", "scopes", "sentence"),
    [("", ["ask"], "needs a name"), ("a", [], "may ask or administer"), ("a", ["train"], "may ask or administer")],
)
def test_a_token_that_cannot_be_is_a_sentence(set_up, name, scopes, sentence):
    with pytest.raises(UserError, match=sentence):
        tokens.make(name, scopes)


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


DOORS = (
    "/api/v1/neighbours?word=king&model=bens",
    "/api/v1/similarity?first=king&second=queen&model=bens",
    "/api/v1/card?model=bens",
    "/bens/king/api/json/",
    "/bens/king__queen/api/similarity/",
    "/en/bens/king/",
    "/atlas?model=bens",
    "/talk/view?page=neighbours%3Fword%3Dking%26model%3Dbens",
    "/api/v1/side-by-side?word=king&models=ours,bens",
    "/api/v1/atlas?model=ours&over=bens",
)
OF_COMPARISONS = (
    "/api/comparisons/bens",
    "/api/v1/comparison?comparison=bens",
    "/api/v1/comparison-rows?comparison=bens",
    "/api/v1/together?comparisons=bens,phrase-book&arm=x",
    "/talk/view?page=comparison%3Fcomparison%3Dbens",
    "/talk/view?page=initialisation%3Frun%3Dbens",
)


def test_no_door_shows_somebody_elses_model_also_after_its_owner_has_asked(of_ben, log_in):
    ben, eve = log_in("ben"), log_in("eve")
    for path in DOORS:
        known, unseen = ben.get(path), eve.get(path)
        if "atlas" not in path:  # which this model lacks, as its owner is told
            assert known.status_code in (200, 302), path
        assert (unseen.status_code, "no model called “bens”" in unseen.text) == (404, True), path
    for path in OF_COMPARISONS:
        known, unseen = ben.get(path), eve.get(path)
        assert "no comparison “bens”" not in known.text, path
        assert (unseen.status_code, "no comparison “bens”" in unseen.text) == (404, True), path
    for name, body in (("neighbours", {"word": "king", "model": "bens"}), ("comparison", {"comparison": "bens"})):
        known, unseen = (each.post(f"/api/v1/{name}", json=body) for each in (ben, eve))
        assert "“bens”. There are" not in known.text
        assert (unseen.status_code, "“bens”. There are" in unseen.text) == (404, True)


def test_a_name_that_no_file_can_have_is_one_that_no_model_has(of_ben, log_in):
    client = log_in("ben")
    for answer in (
        client.get("/api/v1/neighbours?word=airplane&model=%00"),
        client.post("/api/v1/neighbours", json={"word": "airplane", "model": "x\0"}),
        client.get("/api/v1/comparison?comparison=x%00"),
    ):
        assert answer.status_code == 404, answer.text


def test_the_models_of_a_person_take_so_much_of_the_disk_and_no_more(of_ben, log_in, set_up, tmp_path):
    ben = who(log_in("ben"))
    set_up(tmp_path / "login.toml", disk=1)
    own = catalog.card("bens").size
    check_disk(2**30)  # at the machine itself
    with rights.acting(ben):
        check_disk(2**20 - own)
        with pytest.raises(
            UserError, match=r"Your models take 1 kB, .* but one visitor’s may take 1\.0 MB here\. Remove one first"
        ):
            check_disk(2**20 - own + 1)


def test_what_a_person_made_is_theirs_until_it_is_shared(of_ben, log_in):
    ada, ben, eve = (log_in(name) for name in PEOPLE)

    def seen(client):
        answer = client.get("/api/models/bens/neighbours/king")
        listed = "bens" in {each["name"] for each in client.get("/api/v1/models").json()["models"]}
        compared = "bens" in {each["name"] for each in client.get("/api/comparisons").json()}
        assert listed == compared == (answer.status_code == 200)
        return listed

    assert [seen(each) for each in (ada, ben, eve)] == [True, True, False]
    unseen = eve.get("/api/models/bens/neighbours/king").json()["error"]
    assert unseen.startswith("There is no model called “bens”. There are: ")
    assert "bens," not in unseen
    assert eve.get("/api/models/ours/neighbours/king").status_code == 200
    for store in (catalog, library):
        store.share("bens", True)
    assert seen(eve)
    for client, may in ((ada, True), (ben, True), (eve, False)):
        assert who(client).may_remove(catalog.belonging("bens")) == may
        assert who(client).may_remove(library.belonging("bens")) == may
    assert not who(ben).may_remove(catalog.belonging("ours"))
    catalog.share("bens", False)
    library.remove("bens")
    assert "bens" not in library.names()
    assert eve.get("/api/models/bens/neighbours/king").status_code == 404


def test_a_comparison_that_runs_is_not_removed_and_names_are_told_apart(of_ben, log_in, monkeypatch):
    monkeypatch.setattr(jobs, "_jobs", {})
    monkeypatch.setattr("streamlit.session_state", {})
    ben, eve = who(log_in("ben")), who(log_in("eve"))
    plan = library.plan("bens")
    running = jobs._jobs[comparisons.KIND, "bens"] = jobs.Job(comparisons.KIND, "bens", ben.belonging)
    with rights.acting(ben), pytest.raises(UserError, match="“bens” is under way"):
        comparisons.remove("bens")
    running.finished.set()
    with rights.acting(eve):
        with pytest.raises(UserError, match="Somebody else has a comparison called “bens”"):
            comparisons.check_own("bens", plan)
        key = causes_view._key(Causes(comparison="phrase-book"))
    (library.RESULTS / "commands").mkdir()
    (library.RESULTS / "commands" / library.PLAN_FILE).write_text(plan.as_toml())
    with rights.acting(eve), pytest.raises(UserError, match="A command made “commands”"):
        comparisons.check_own("commands", plan)
    with rights.acting(ben):
        of_bens = causes_view._key(Causes(comparison="bens"))
        comparisons.remove("bens")
    with rights.acting(eve):
        assert not library.has_begun("bens")
        library.keep_for("bens", eve.belonging)
        (library.RESULTS / "bens" / library.PLAN_FILE).write_text(plan.as_toml())
        assert len({key, of_bens, causes_view._key(Causes(comparison="bens"))}) == 3


def test_a_download_is_seen_by_all_and_removed_by_who_has_it(of_ben, log_in, tmp_path):
    ben, eve = who(log_in("ben")), who(log_in("eve"))
    with rights.acting(ben):
        about = of_download()
    import_model(tmp_path / "vectors.txt", "downloaded", about=about.entries)
    with rights.acting(eve):
        assert catalog.load("downloaded").words.count("king") == 1
        assert not may_remove("downloaded")
    with rights.acting(ben):
        assert may_remove("downloaded")
    with rights.acting(HERE):
        assert of_download() == Belonging()


def test_what_is_kept_of_a_shared_model_is_not_shown_when_it_is_shared_no_more(of_ben, log_in, monkeypatch):
    monkeypatch.setattr("explorer.ui.rights.is_here", lambda: False)
    monkeypatch.setattr("streamlit.runtime.context.ContextProxy.cookies", dict(log_in("eve").cookies))

    monkeypatch.setattr(places, "MODELS", catalog.MODELS)

    def said():
        app = AppTest.from_file("../../explorer/ui/shell.py", default_timeout=60)
        app.query_params.update(lesson="own", model="bens", source="king queen", encoder_only="true", d_model="2")
        return [each for each in sentences(app.run().switch_page("../../pages/lesson.py").run()) if "bens" in each]

    with rights.acting(HERE):
        catalog.share("bens", True)
        state = at_hand()
    assert any("vectors are those of bens" in each for each in said())
    with rights.acting(HERE):
        catalog.share("bens", False)
        assert at_hand() != state
    assert "There is no model called “bens”" in said()[0]


@pytest.mark.parametrize(("mode", "kind"), [(mode, kind) for mode, kinds in TABLE.items() for kind in kinds])
def test_every_door_keeps_to_the_table(mode, kind, set_up, tmp_path, monkeypatch):
    login = tmp_path / "login.toml" if "login" in mode else None
    set_up(login, **(MODES.get(mode) or {"closed": "closed" in mode}))
    person, other = Somebody(kind, "mine"), Belonging("another's")
    may = TABLE[mode][kind]
    assert person.rights == may
    assert {person.may_remove(Belonging("mine")), person.may_remove(other)} == {
        bool(may & {Right.CHANGE, Right.ADMINISTER}),
        Right.ADMINISTER in may,
    }

    class As:
        def __init__(self, app):
            self.app = app

        async def __call__(self, *request):
            with rights.acting(person):
                await self.app(*request)

    anything = Route("/{path:path}", lambda request: PlainTextResponse("answer"), methods=["GET", "PUT"])
    middleware = [Middleware(As), Middleware(Limits, rate=Rate(0))]
    client = TestClient(Starlette(routes=[anything], middleware=middleware), client=("127.0.0.1", 1))
    ask = {client.get(path).status_code for path in ("/api/v1/models", "/talk", "/atlas", "/media/file", "/en/m/w/")}
    assert ask == {200 if Right.ASK in may else 401}
    assert client.put("/_stcore/upload_file/s/f").status_code == (200 if Right.CHANGE in may else 403)
    pages = {client.get(path).status_code for path in ("/", "/static/js/a.js", "/healthz", "/_stcore/health")}
    assert pages == {200}
    counts = {client.get(path).status_code for path in ("/metrics", "/_stcore/metrics")}
    assert counts == {200} if not login or Right.ADMINISTER in may else counts <= {401, 403}

    monkeypatch.setattr("streamlit.session_state", {})
    monkeypatch.setattr(jobs, "_jobs", {})
    with rights.acting(person):
        if Right.CHANGE in may:
            jobs.start("Import", "mine", lambda tell, stopped: rights.somebody().owner)
            (job,) = jobs.jobs("Import")
            job.finished.wait()
            assert (job.outcome, job.belonging.owner) == ("mine", "mine")
        else:
            with pytest.raises(UserError):
                jobs.start("Import", "mine", lambda tell, stopped: "")
    another = jobs._jobs["Import", "other"] = jobs.Job("Import", "other", other)
    with rights.acting(person):
        assert jobs.may_cancel(another) == (Right.ADMINISTER in may)
        assert (another in jobs.jobs("Import")) == (not login or Right.ADMINISTER in may)


def test_a_page_shows_nothing_but_the_door_to_who_has_not_logged_in(of_ben, log_in, monkeypatch):
    monkeypatch.setattr("explorer.ui.rights.is_here", lambda: False)

    def visit(name=None, page=""):
        monkeypatch.setattr("streamlit.runtime.context.ContextProxy.cookies", dict(log_in(name).cookies))
        app = AppTest.from_file("../../explorer/ui/shell.py", default_timeout=60)
        app.query_params["model"] = "bens"
        app.run()
        return (app.switch_page(f"../../pages/{page}.py").run() if page else app), sentences(app)

    door, _said = visit()
    assert [button.label for button in door.button] == ["Log in"]
    assert [title.value for title in door.title] == ["Embedding Explorer"]
    assert "Remove bens" in [button.label for button in visit("ben", "models")[0].button]
    unseen = visit("eve", "models")[0]
    assert "Remove bens" not in [button.label for button in unseen.button]
    assert any("There is no model called “bens”" in sentence for sentence in sentences(unseen))


def draw_account():
    from explorer.ui.account import account

    account()


def test_the_account_has_tokens_and_what_somebody_may_share_or_remove(of_ben, log_in, monkeypatch):
    monkeypatch.setattr("explorer.ui.rights.is_here", lambda: False)

    def visit(name, press="", token=""):
        monkeypatch.setattr("streamlit.runtime.context.ContextProxy.cookies", dict(log_in(name).cookies))
        app = AppTest.from_function(draw_account, default_timeout=60).run()
        if token:
            app.text_input[0].set_value(token)
        if press:
            next(button for button in app.button if button.label == press).click()
            app.run()
        return [button.label for button in app.button], app

    labels, app = visit("ben", "Make a token", token="script")
    (secret,) = (code.value for code in app.code)
    assert tokens.find(secret).person == "ben@example.org"
    assert labels == ["Log out", "Make a token", "Revoke", "Remove bens", "Remove bens"]
    labels, app = visit("ada", "Share with everybody")
    assert [catalog.belonging("bens").shared, "Stop sharing" in [button.label for button in app.button]] == [True, True]
    assert visit("eve")[0] == ["Log out", "Make a token"]
    visit("ben", "Revoke")
    assert tokens.find(secret) is None


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
