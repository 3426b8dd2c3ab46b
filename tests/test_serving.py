"""What a server allows: the options of `explorer serve`, the variables of the environment, and who may change what."""

import os
import re

import pytest

from explorer import cli, serving
from explorer.errors import UserError
from explorer.places import CHECKOUT
from explorer.serving import Serving, is_here, may_change, settings


@pytest.fixture
def environment(monkeypatch):
    """Sets variables, which count from then on."""
    for name in Serving.parameters:  # empty, it sets nothing, and is as before afterwards, whatever a command writes
        monkeypatch.setenv(f"EXPLORER_{name.upper()}", "")

    def change(**variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        settings.cache_clear()

    change()
    yield change
    settings.cache_clear()


FOLDERS = ("home", "models", "results", "talks", "cache")
HERE = [None, "127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1", "localhost"]
ELSEWHERE = ["192.168.1.7", "::ffff:192.168.1.7", "2001:db8::1", "0.0.0.0", "testclient", ""]


@pytest.mark.parametrize("address", HERE)
def test_who_sits_at_the_machine_is_here(address):
    assert is_here(address, {})
    for header in ("x-forwarded-for", "forwarded", "x-real-ip"):
        assert not is_here(address, {header: "127.0.0.1"})


@pytest.mark.parametrize("address", ELSEWHERE)
def test_who_asks_from_another_machine_is_elsewhere(address):
    assert not is_here(address, {})


def test_visitors_may_ask_but_change_nothing_unless_the_server_is_open(environment):
    assert (may_change(True), may_change(False)) == (True, False)
    environment(EXPLORER_OPEN="1")
    assert may_change(False)
    environment(EXPLORER_OPEN="", EXPLORER_CLOSED="true")
    assert (may_change(True), may_change(False)) == (False, False)


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"EXPLORER_OPEN": "perhaps"}, "open is “perhaps”, but must be true or false"),
        ({"EXPLORER_REQUESTS": "-1"}, "requests is -1, but must be a whole number from 0 to 1,000,000"),
        ({"EXPLORER_LOG": "all"}, "log is “all”, but must be one of none, answers or queries"),
        ({"EXPLORER_OPEN": "1", "EXPLORER_CLOSED": "1"}, "open and closed contradict each other"),
    ],
)
def test_a_setting_that_cannot_be_is_a_sentence(environment, variables, sentence):
    environment(**variables)
    with pytest.raises(UserError, match=sentence):
        settings()


def test_options_and_variables_are_the_same_and_the_option_counts(environment, monkeypatch):
    started = []
    monkeypatch.setattr(os, "execv", lambda program, command: started.append(command))
    monkeypatch.setattr("explorer.cli.serving.check_place", lambda host, port: None)
    environment(EXPLORER_REQUESTS="5", EXPLORER_UPLOAD="7", EXPLORER_HOST="0.0.0.0")
    assert cli.main(["serve", "--requests", "9", "--open", "--port", "8765", "--log", "queries"]) == 0
    assert started[0][-4:] == ["--server.address", "0.0.0.0", "--server.port", "8765"]
    settings.cache_clear()
    chosen = settings()
    assert (chosen.requests, chosen.upload, chosen.open, chosen.log) == (9, 7, True, "queries")
    assert chosen.seconds == Serving.parameters["seconds"].default


def test_every_option_is_in_the_help(capsys):
    with pytest.raises(SystemExit):
        cli.main(["serve", "--help"])
    text = capsys.readouterr().out
    for name in serving.Serving.parameters:
        assert f"--{name}" in text


def test_the_manual_of_the_service_has_every_option_and_no_other():
    manual = (CHECKOUT / "docs" / "service.md").read_text(encoding="utf-8")
    options, others = {f"--{name}" for name in Serving.parameters}, {"--system", "--now", "--upgrade", "--help"}
    assert options <= {*re.findall(r"--[a-z]+", manual)} <= options | others | {"--exclude"}
    variables = {
        f"EXPLORER_{name.upper()}" for name in (*Serving.parameters, "home", "models", "results", "talks", "cache")
    }
    assert {*re.findall(r"EXPLORER_[A-Z]+", manual)} <= variables
