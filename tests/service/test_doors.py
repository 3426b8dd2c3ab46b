"""One table says who may do what, and every door keeps to it."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from explorer.access import rights
from explorer.access.belongings import Belonging
from explorer.access.rights import TABLE, Kind, Right, Somebody
from explorer.errors import UserError
from explorer.questions import JOBS
from explorer.service.limits import Limits, Rate
from explorer.ui import jobs
from tests.patience import PATIENCE
from tests.service.slow import Slow, occupied

MODES = {"usual": {}, "open": {"open": True}, "closed": {"closed": True}}


@pytest.mark.parametrize(("mode", "kind"), [(mode, kind) for mode, kinds in TABLE.items() for kind in kinds])
def test_every_door_keeps_to_the_table(mode, kind, set_up, tmp_path, monkeypatch, jobs_in_threads):
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
    monkeypatch.setitem(JOBS, Slow.name, Slow)
    with rights.acting(person):
        if Right.CHANGE in may:
            job = jobs.start("mine", Slow())
            assert job.wait(PATIENCE)
            assert (job.outcome, job.belonging.owner) == ("Done.", "mine")
        else:
            with pytest.raises(UserError):
                jobs.start("mine", Slow())
    with occupied("Import", "other", Somebody(Kind.PERSON, other.owner)) as another, rights.acting(person):
        assert jobs.may_cancel(another) == (Right.ADMINISTER in may)
        assert (another in jobs.jobs("Import")) == (not login or Right.ADMINISTER in may)
