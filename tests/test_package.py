"""The package as a user gets it: a wheel, installed read-only into a fresh environment, outside the checkout."""

import json
import os
import re
import signal
import socket
import subprocess
import sys
import sysconfig
import time
import tomllib
import urllib.request
import venv
import zipfile
from contextlib import suppress
from urllib.error import URLError

import pytest
from mcp import Client, StdioServerParameters

import explorer
from explorer.embeddings import catalog
from explorer.places import CHECKOUT as ROOT
from explorer.questions import QUESTIONS
from explorer.questions.words import Neighbours
from tests.loops import in_a_thread
from tests.patience import PATIENCE

PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
PIP = [sys.executable, "-m", "pip", "--quiet", "--disable-pip-version-check"]


def pins(file):
    lines = (line.partition("#")[0].strip() for line in (ROOT / file).read_text(encoding="utf-8").splitlines())
    return [line for line in lines if line]


def test_the_package_needs_what_the_requirements_list():
    assert PROJECT["dependencies"] == pins("requirements.txt")


def test_the_extras_are_the_extra_requirements():
    extras = dict(PROJECT["optional-dependencies"])
    (everything,) = extras.pop("all")
    assert [pin for pins_of_one in extras.values() for pin in pins_of_one] == pins("requirements-extra.txt")
    assert everything == f"{PROJECT['name']}[{','.join(extras)}]"


def test_the_changelog_has_the_version_under_what_is_not_released():
    headings = re.findall(r"^## \[(.+?)\]", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert headings[:2] == ["Unreleased", explorer.__version__]


@pytest.fixture(scope="module")
def wheel(tmp_path_factory):
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([*PIP, "wheel", "--no-deps", "--no-build-isolation", "--wheel-dir", folder, ROOT], check=True)
    (path,) = folder.iterdir()
    return path


def test_the_wheel_has_the_models_that_came_along_and_no_others(wheel):
    names = zipfile.ZipFile(wheel).namelist()
    models = "explorer/_shipped/models/"
    assert {name.removeprefix(models).partition("/")[0] for name in names if name.startswith(models)} == {
        *catalog.SHIPPED,
        "translators",
        "comparisons",
        "lexicon.tsv.gz",
    }
    assert "explorer/py.typed" in names
    assert {name.partition("/")[0] for name in names} == {
        "explorer",
        f"embedding_explorer-{explorer.__version__}.dist-info",
    }


class Installation:
    """A package that nobody may write to; its dependencies are those of the environment that runs the tests."""

    def __init__(self, folder, wheel):
        venv.create(folder / "environment", symlinks=True)
        self.bin = folder / "environment" / "bin"
        python = self.bin / "python"
        subprocess.run([*PIP, "--python", python, "install", "--no-deps", "--no-index", wheel], check=True)
        (self.site,) = (folder / "environment" / "lib").glob("python*/site-packages")
        folders = {sysconfig.get_path("purelib"), sysconfig.get_path("platlib")}
        (self.site / "dependencies.pth").write_text("\n".join(folders))
        self.home, self.elsewhere = folder / "home", folder / "elsewhere"
        self.home.mkdir()
        self.elsewhere.mkdir()
        for name in ("explorer", "streamlit"):  # what lies where a command is run is not what it runs
            (self.elsewhere / f"{name}.py").write_text("raise ImportError('not this one')\n")
        names = ("EXPLORER_", "STREAMLIT_", "XDG_", "PYTHON")
        inherited = {name: value for name, value in os.environ.items() if not name.startswith(names)}
        self.environment = inherited | {"HOME": str(self.home), "STREAMLIT_SERVER_HEADLESS": "true"}

    def state(self):
        """Every file that was installed, and when it was written."""
        return {path: path.lstat().st_mtime_ns for path in sorted(self.site.rglob("*"))}

    def protect(self, mode):
        for path in (self.site, *self.site.rglob("*")):
            if path.is_dir():
                path.chmod(mode)

    def run(self, *command, **environment):
        return subprocess.run(
            [self.bin / command[0], *command[1:]],
            cwd=self.elsewhere,
            env=self.environment | environment,
            capture_output=True,
            text=True,
            check=False,
        )

    def output(self, *command):
        finished = self.run(*command)
        assert finished.returncode == 0, finished.stderr
        return finished.stdout


@pytest.fixture(scope="module")
def installed(wheel, tmp_path_factory):
    installation = Installation(tmp_path_factory.mktemp("installed"), wheel)
    before = installation.state()
    installation.protect(0o555)
    yield installation
    installation.protect(0o755)
    assert installation.state() == before  # a superuser's writing is not refused, but it shows


def test_it_says_its_version_and_is_imported_without_numpy(installed):
    lines = "import sys; sys.path.remove(''); import explorer; print(explorer.__version__, 'numpy' in sys.modules)"
    assert installed.output("python", "-c", lines) == f"{explorer.__version__} False\n"
    assert installed.output("explorer", "--version") == f"explorer {explorer.__version__}\n"


def test_it_answers_what_the_checkout_answers(installed):
    answer = json.loads(installed.output("explorer", "neighbours", "airplane", "--json"))
    assert answer == json.loads(json.dumps(Neighbours(word="airplane").answer().as_json()))
    assert (
        json.loads(installed.output("explorer", "translate", "You are welcome", "--json"))["translation"] == "de nada"
    )
    assert "usage: explorer neighbours" in installed.output("explorer", "neighbours", "--help")


def test_python_and_agents_ask_it_as_the_command_line_does(installed):
    lines = "import sys; sys.path.remove(''); import explorer as ex; print(ex.open().neighbours('airplane', n=3))"
    assert installed.output("python", "-c", lines).splitlines()[2].split()[1] == "airliner"

    async def tools():
        command = StdioServerParameters(
            command=str(installed.bin / "explorer"), args=["mcp"], env=installed.environment, cwd=installed.elsewhere
        )
        async with Client(command) as client:
            return await client.list_tools()

    assert [tool.name for tool in in_a_thread(tools).tools] == [*QUESTIONS]


def test_what_a_user_adds_is_kept_in_a_folder_of_the_users(installed):
    vectors = installed.elsewhere / "vectors.txt"
    vectors.write_text("one 1 2\ntwo 2 1\n")
    installed.output("explorer", "import", str(vectors), "--name", "mine")
    names = [model["name"] for model in json.loads(installed.output("explorer", "models", "--json"))["models"]]
    assert names == [*catalog.SHIPPED, "mine"]
    assert len(list(installed.home.rglob("mine/card.toml"))) == 1
    refused = installed.run("explorer", "import", str(vectors), "--name", catalog.DEFAULT, "--replace")
    assert refused.returncode == 2
    assert "It cannot be replaced: take another name" in refused.stderr


def test_the_doctor_finds_nothing_missing(installed):
    report = json.loads(installed.output("explorer", "doctor", "--json", "--port", str(free_port())))
    checks = {check["what"]: check for check in report["checks"]}
    assert report["fine"]
    assert checks["files"]["finding"].endswith("are unchanged since they were installed")
    needed = {re.match(r"[\w-]+", pin)[0].lower() for pin in PROJECT["dependencies"]}
    assert needed <= {what.lower() for what in checks}
    assert str(installed.home) in checks["own models"]["finding"]


def test_the_doctor_can_be_asked_where_nothing_else_is_there(installed):
    lines = "import sys; sys.path.remove(''); from explorer.cli import main; sys.exit(main(['doctor']))"
    finished = installed.run("python", "-S", "-c", lines, PYTHONPATH=str(installed.site), PYTHONDONTWRITEBYTECODE="1")
    assert finished.returncode == 2, finished.stderr
    assert re.search(r"MISSING +numpy .*\n.* -m pip install 'numpy~=", finished.stdout)
    assert "The installation lacks something: " in finished.stderr
    assert " gensim, " in finished.stderr


@pytest.mark.nightly
def test_the_pages_run(installed):
    lines = """
import sys
sys.path.remove("")
from streamlit.testing.v1 import AppTest
from explorer.places import PACKAGE, PAGES
app = AppTest.from_file(str(PACKAGE / "ui" / "shell.py"), default_timeout=60).run()
for page in ("home", "models", "lesson", "initialisation"):
    assert not app.switch_page(str(PAGES / f"{page}.py")).run().exception, page
    print(page, app.title[0].value if app.title else "")
"""
    assert "models Models" in installed.output("python", "-c", lines)


def free_port():
    with socket.socket() as free:
        free.bind(("localhost", 0))
        return free.getsockname()[1]


@pytest.mark.nightly
def test_it_serves_from_any_folder(installed):
    port = free_port()
    process = subprocess.Popen(
        [installed.bin / "explorer", "serve", "--port", str(port)],
        cwd=installed.elsewhere,
        env=installed.environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
    )
    try:
        assert fetch(process, f"http://localhost:{port}/_stcore/health") == "ok"
        models = json.loads(fetch(process, f"http://localhost:{port}/api/models"))
        assert [model["name"] for model in models][:3] == list(catalog.SHIPPED)
    finally:
        end(process)
        process.communicate()


def fetch(process, address):
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            with urllib.request.urlopen(address, timeout=5) as answer:
                return answer.read().decode()
        except (URLError, ConnectionError, TimeoutError):
            time.sleep(0.1)
    end(process)
    pytest.fail(f"The server did not start:\n{process.communicate()[0]}")


def end(process):
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
