"""The pages of who has logged in, and of who has not."""

from streamlit.testing.v1 import AppTest

from explorer.access import tokens
from explorer.embeddings import catalog
from tests.service.people import who
from tests.service.slow import occupied
from tests.test_pages import sentences


def test_a_page_shows_nothing_but_the_door_to_who_has_not_logged_in(of_ben, log_in, monkeypatch):
    monkeypatch.setattr("explorer.ui.rights.is_here", lambda: False)

    def visit(name=None, page=""):
        monkeypatch.setattr("streamlit.runtime.context.ContextProxy.cookies", dict(log_in(name).cookies))
        app = AppTest.from_file("../../explorer/ui/shell.py", default_timeout=60)
        app.query_params["model"] = "bens"
        if page:
            app.switch_page(f"../../pages/{page}.py")
        return app.run(), sentences(app)

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


def test_the_account_has_tokens_and_what_somebody_may_share_or_remove(of_ben, log_in, monkeypatch, jobs_in_threads):
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
    with occupied("Import", "bens", who(log_in("ben"))) as job:
        assert ["Cancel" in visit(name)[0] for name in ("ada", "ben", "eve")] == [True, True, False]
        visit("ada", "Cancel")
        assert job.cancelled
    labels, app = visit("ada", "Share with everybody")
    assert [catalog.belonging("bens").shared, "Stop sharing" in [button.label for button in app.button]] == [True, True]
    assert visit("eve")[0] == ["Log out", "Make a token"]
    visit("ben", "Revoke")
    assert tokens.find(secret) is None
