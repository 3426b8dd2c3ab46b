"""The files with which a service is set up can be read by what reads them, and say what the app understands."""

import configparser
import json
import shlex
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from explorer import serving
from explorer.cli.parser import Parser
from explorer.cli.questions import add_option
from explorer.places import CHECKOUT, FOLDERS
from explorer.serving import Serving

DEPLOY = CHECKOUT / "deploy"
DOCKERFILE = (DEPLOY / "Dockerfile").read_text(encoding="utf-8")
COMPOSE = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))


def unit():
    parser = configparser.ConfigParser(interpolation=None)
    parser.optionxform = str
    parser.read_string((DEPLOY / "explorer.service").read_text(encoding="utf-8"))
    return parser


def command_of_image():
    return json.loads(DOCKERFILE.rpartition("\nCMD ")[2])


def test_the_configuration_is_one():
    options, folders = serving.configured(DEPLOY / "service.toml")
    assert (options.closed, options.workers, folders) == (True, 2, {"home": "/var/lib/explorer"})


@pytest.mark.parametrize("command", [shlex.split(unit()["Service"]["ExecStart"]), command_of_image()])
def test_the_commands_are_understood(command):
    assert (Path(command[0]).name, command[1]) == ("explorer", "serve")
    parser = Parser()
    for option in Serving.parameters.values():
        add_option(parser, option)
    assert parser.parse_args(command[2:]).config == Path("/etc/explorer/service.toml")


def test_data_is_kept_where_the_configuration_puts_it():
    home = serving.configured(DEPLOY / "service.toml")[1][FOLDERS[0]]
    assert f"/var/lib/{unit()['Service']['StateDirectory']}" == home
    assert f"\nVOLUME {home}\n" in DOCKERFILE
    assert f"\nENV EXPLORER_HOME={home}\n" in DOCKERFILE
    assert f"EXPLORER_HOME={home}" in shlex.split(unit()["Service"]["Environment"])
    assert f"explorer:{home}" in COMPOSE["services"]["explorer"]["volumes"]
    (port,) = COMPOSE["services"]["explorer"]["ports"]
    assert port == "127.0.0.1:8501:8501"  # nobody but this machine


def test_what_compose_names_is_there():
    build = COMPOSE["services"]["explorer"]["build"]
    assert (DEPLOY / build["context"] / build["dockerfile"]).samefile(DEPLOY / "Dockerfile")
    assert COMPOSE["services"]["milvus"]["profiles"] == ["milvus"]  # only for who asks for it
    named = {volume.partition(":")[0] for service in COMPOSE["services"].values() for volume in service["volumes"]}
    assert named == set(COMPOSE["volumes"])


def test_hadolint_has_nothing_to_say():
    program = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
    if program is None:
        pytest.skip("There is no hadolint: pip install -r requirements-dev.txt.")
    result = subprocess.run([program, str(DEPLOY / "Dockerfile")], capture_output=True, text=True)
    assert (result.stdout, result.returncode) == ("", 0)


def test_the_manual_names_every_file():
    manual = (CHECKOUT / "docs" / "service.md").read_text(encoding="utf-8")
    for file in DEPLOY.iterdir():
        assert f"deploy/{file.name}" in manual or file.name.endswith(".dockerignore")
