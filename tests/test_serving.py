"""What a server allows: the options of `explorer serve`, the variables of the environment, and who may change what."""

import os
import re

import pytest

from explorer import cli, serving
from explorer.access.rights import Kind, Right, Somebody
from explorer.cli.output import flag
from explorer.errors import UserError
from explorer.places import CHECKOUT, FOLDERS
from explorer.serving import Serving, is_here, settings


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


HERE = ["127.0.0.1", "127.0.0.2", "::1", "::ffff:127.0.0.1", "localhost"]
ELSEWHERE = ["192.168.1.7", "::ffff:192.168.1.7", "2001:db8::1", "0.0.0.0", "testclient", "", None]


@pytest.mark.parametrize("address", HERE)
def test_who_sits_at_the_machine_is_here(address):
    assert is_here(address, {})
    for header in ("x-forwarded-for", "forwarded", "x-real-ip"):
        assert not is_here(address, {header: "127.0.0.1"})


@pytest.mark.parametrize("address", ELSEWHERE)
def test_who_asks_from_another_machine_is_elsewhere(address):
    assert not is_here(address, {})


def test_visitors_may_ask_but_change_nothing_unless_the_server_is_open(environment):
    def may_change(*kinds):
        return tuple(Somebody(kind).may(Right.CHANGE) for kind in kinds)

    assert may_change(Kind.HERE, Kind.VISITOR) == (True, False)
    environment(EXPLORER_OPEN="1")
    assert may_change(Kind.VISITOR) == (True,)
    environment(EXPLORER_OPEN="", EXPLORER_CLOSED="true")
    assert may_change(Kind.HERE, Kind.VISITOR) == (False, False)


@pytest.mark.parametrize(
    ("variables", "sentence"),
    [
        ({"EXPLORER_OPEN": "perhaps"}, "open is “perhaps”, but must be true or false"),
        ({"EXPLORER_REQUESTS": "-1"}, "requests is -1, but must be a whole number from 0 to 1,000,000"),
        ({"EXPLORER_WORKERS": "2", "EXPLORER_ENGINE": "v.db"}, "One process at a time can have the file v.db open"),
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


@pytest.fixture
def configuration(tmp_path):
    """A file with this configuration."""

    def write(text):
        (file := tmp_path / "service.toml").write_text(text, encoding="utf-8")
        return str(file)

    return write


def test_an_option_counts_before_a_variable_and_that_before_the_configuration(environment, monkeypatch, configuration):
    monkeypatch.setattr(os, "execv", lambda program, command: None)
    monkeypatch.setattr("explorer.cli.serving.check_place", lambda host, port: None)
    for folder in FOLDERS:
        monkeypatch.setenv(f"EXPLORER_{folder.upper()}", "")
    file = configuration(
        "requests = 1\nseconds = 1\njobs = 7\njob-memory = 500\nopen = true\n"
        'home = "/srv/words"\ncache = "/srv/cache"\n'
    )
    environment(EXPLORER_CONFIG=file, EXPLORER_SECONDS="2", EXPLORER_REQUESTS="2", EXPLORER_CACHE="/tmp/cache")
    assert (settings().requests, settings().seconds, settings().jobs, settings().open) == (2, 2, 7, True)
    assert settings().job_memory == 500  # by the name that it has on the command line
    usual = Serving.parameters["requests"].default  # it counts as well where it is said
    assert cli.main(["serve", "--requests", str(usual)]) == 0
    settings.cache_clear()
    assert (settings().requests, settings().seconds, settings().jobs, settings().open) == (usual, 2, 7, True)
    assert (os.environ["EXPLORER_HOME"], os.environ["EXPLORER_CACHE"]) == ("/srv/words", "/tmp/cache")


@pytest.mark.parametrize(
    ("text", "sentence"),
    [
        ("prot = 8501", "there is no option “prot”. Take host, port, open,"),
        ("[serve]\nport = 8501", "there is no option “serve”"),
        ('port = "8501"', "port is “8501”, but must be a whole number from 1 to 65,535."),
        ("job-memory = 1\njob_memory = 2", "“job_memory” is given twice"),
        ("open = 1", "open is 1, but must be true or false."),
        ("open = true\nclosed = true", "open and closed contradict each other"),
        ("home = 1", "home is no path in quotation marks."),
        ('config = "other.toml"', "there is no option “config”"),
        ("port =", "it cannot be read as TOML"),
    ],
)
def test_a_configuration_that_cannot_be_is_a_sentence_with_status_2(environment, configuration, capsys, text, sentence):
    file = configuration(text)
    assert cli.main(["serve", "--config", file]) == 2
    error = capsys.readouterr().err
    assert f"The configuration {file}: " in error
    assert sentence in error


def test_the_configuration_of_the_manual_can_be_read(configuration):
    manual = (CHECKOUT / "docs" / "service.md").read_text(encoding="utf-8")
    options, folders = serving.configured(configuration(re.search(r"```toml\n(.*?)```", manual, re.DOTALL)[1]))
    assert options.closed
    assert folders == {"home": "/var/lib/explorer"}


def test_every_option_is_in_the_help(capsys):
    with pytest.raises(SystemExit):
        cli.main(["serve", "--help"])
    text = capsys.readouterr().out
    for name in serving.Serving.parameters:
        assert flag(name) in text


def test_the_manual_of_the_service_has_every_option_and_no_other():
    manual = (CHECKOUT / "docs" / "service.md").read_text(encoding="utf-8")
    options, others = {flag(name) for name in Serving.parameters}, {"--system", "--now", "--upgrade", "--help"}
    others |= {"--exclude", "--file", "--build", "--detach", "--profile", "--rm"}  # of programs that the manual calls
    others |= {"--make", "--may", "--revoke", "--cancel", "--from", "--yes"}  # of other commands
    assert options <= {*re.findall(r"--[a-z]+(?:-[a-z]+)*", manual)} <= options | others
    variables = {f"EXPLORER_{name.upper()}" for name in (*Serving.parameters, *FOLDERS)}
    assert {*re.findall(r"EXPLORER_[A-Z]+", manual)} <= variables
