"""Tokens by which programs ask for a person."""

import pytest

from explorer.access import tokens
from explorer.cli import main as command
from explorer.errors import NotThere, UserError
from tests.service.people import who


def test_tokens_are_listed_in_a_line_each_and_named_by_who_has_the_machine(set_up, capsys):
    tokens.make("prometheus", ["ask"], "ben", "Ben\x1b[2J\nexplorer")
    tokens.make("prometheus", ["administer"])
    command(["tokens"])
    headings, *lines = capsys.readouterr().out.splitlines()
    assert headings.split("\t") == ["id", "may", "made", "person", "name"]
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
