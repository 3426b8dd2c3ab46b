"""A real server in a fresh process, and a real Chromium that may talk to nobody else."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from http.client import HTTPException
from pathlib import Path
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import (
    Browser,
    BrowserContext,
    ConsoleMessage,
    Page,
    Playwright,
    Request,
    TimeoutError,
    expect,
    sync_playwright,
)

from tests.patience import PATIENCE

ROOT = Path(__file__).resolve().parents[2]
HOST = "127.0.0.1"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    f"--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE {HOST}",  # whoever asks for another machine gets no answer
]

expect.set_options(timeout=PATIENCE * 1000)


@contextmanager
def serving(script: str = "streamlit_app.py", **environment: str) -> Iterator[str]:
    """Start the app in a process of its own and yield its address as soon as it accepts visitors."""
    port = free_port()
    command = ["streamlit", "run", script]
    options = {"server.address": HOST, "server.port": port, "server.headless": "true", "server.fileWatcherType": "none"}
    command += [f"--{name}={value}" for name, value in options.items()]
    with started(command, port, environment):
        yield f"http://{HOST}:{port}"


def free_port() -> int:
    with socket.socket() as free:
        free.bind((HOST, 0))
        port: int = free.getsockname()[1]
        return port


@contextmanager
def started(command: list[str], port: int, environment: dict[str, str]) -> Iterator[subprocess.Popen[str]]:
    """A process of `python -m command …`, yielded as soon as it accepts visitors at its port, ended afterwards."""
    process = subprocess.Popen(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=os.environ | environment,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    try:
        if not came_up(process, lambda: _is_up(f"http://{HOST}:{port}")):
            process.kill()
            pytest.fail(f"The server did not start:\n{process.communicate()[0]}")
        yield process
    finally:
        if process.poll() is None:
            process.terminate()
            process.communicate()


def came_up(process: subprocess.Popen[str], is_up: Callable[[], bool]) -> bool:
    """Whether a process is up before it ends, and within PATIENCE."""
    deadline = time.monotonic() + PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        if is_up():
            return True
        time.sleep(0.1)  # between two looks: looking takes processor time from what starts
    return False


def _is_up(address: str) -> bool:
    try:
        return urllib.request.urlopen(f"{address}/_stcore/health", timeout=5).status == 200
    except (OSError, HTTPException):  # whatever a server that is still starting does, also after its first bytes
        return False


def nightly_but(cases: Mapping[str, Sequence[object]], *names: str) -> list[object]:
    """Named cases of a test; all but those of these names are for `make nightly`."""
    assert cases.keys() >= set(names)
    return [
        pytest.param(*case, id=name, marks=() if name in names else pytest.mark.nightly) for name, case in cases.items()
    ]


def first_in_make_test(values: Iterable[object]) -> list[object]:
    """Parameters of a test in which each case takes seconds: all of them are for `make nightly`."""
    first, *others = values
    return [first, *(pytest.param(other, marks=pytest.mark.nightly) for other in others)]


WITH_UPLOADS = {"rules": {"presentation-role-conflict": {"enabled": False}}}
"""Options of axe for a page with an area for uploads: Streamlit gives it a role that removes it from what is read out,
and a label all the same."""

COLOUR_SCHEMES = first_in_make_test(["light", "dark"])
"""What pages are drawn in; `make test` keeps the contrast of both in tests/test_palette.py."""


@pytest.fixture(scope="session")
def folders(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Where the server of all tests keeps what visitors add."""
    return {name: tmp_path_factory.mktemp(name) for name in ("results", "talks")}


@pytest.fixture(scope="session")
def server(folders: dict[str, Path]) -> Iterator[str]:
    with serving(**{f"EXPLORER_{name.upper()}": str(folder) for name, folder in folders.items()}) as address:
        yield address


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=_chromium(playwright), args=ARGUMENTS)
        yield chromium
        chromium.close()


def _chromium(playwright: Playwright) -> str:
    own = playwright.chromium.executable_path
    program = shutil.which("chromium") or shutil.which("google-chrome") or (own if os.path.exists(own) else None)
    if program:
        return program
    sentence = "No Chromium found: install it with `apt-get install chromium` or `playwright install chromium`."
    if "CI" in os.environ:
        pytest.fail(sentence)
    pytest.skip(sentence)


@pytest.fixture(scope="session")
def visitors() -> dict[tuple[str, int], BrowserContext]:
    """A browser's memory for each colour scheme, and for each visitor of a test that has several. Tests share them: a
    page takes a third of the time where its scripts are in memory already, compiled."""
    return {}


@pytest.fixture
def new_page(browser: Browser, visitors: dict[tuple[str, int], BrowserContext]) -> Iterator[Callable[[str], Page]]:
    """Opens pages, in the light or dark scheme, each for a visitor of its own, whom nobody remembers; fails if one of
    them asked for anything that is not on this machine, or that the server's content policy does not let a page have.
    """
    outside: list[str] = []
    refused: list[str] = []
    origins: set[str] = set()
    contexts: list[BrowserContext] = []

    def note_address(url: str) -> None:
        parts = urlsplit(url)
        if parts.scheme not in {"http", "https", "ws", "wss"}:
            return
        if parts.hostname == HOST:
            origins.add(f"http://{parts.netloc}")
        else:
            outside.append(url)

    def note_request(request: Request) -> None:
        note_address(request.url)

    def note_page(page: Page) -> None:
        page.on("websocket", lambda socket: note_address(socket.url))

    def note_refusal(message: ConsoleMessage) -> None:
        if "Content Security Policy" in message.text and "frame-ancestors" not in message.text:
            refused.append(message.text)

    listeners = {"request": note_request, "page": note_page, "console": note_refusal}

    def own_context(color_scheme: str) -> BrowserContext:
        return browser.new_context(color_scheme=color_scheme, viewport={"width": 1280, "height": 900})

    def open_page(color_scheme: str, forgetful: bool = False) -> Page:
        """With a context that ends with the test where it is `forgetful`, such as one whose clock was changed."""
        if forgetful:
            context = own_context(color_scheme)
        else:
            visitor = color_scheme, len(contexts)
            if visitor not in visitors:
                visitors[visitor] = own_context(color_scheme)
            context = visitors[visitor]
        context.set_default_timeout(PATIENCE * 1000)
        for event, note in listeners.items():
            context.on(event, note)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        if context not in visitors.values():
            context.close()
            continue
        _forget(context, origins)
        for event, note in listeners.items():
            context.remove_listener(event, note)
    assert outside == []
    assert refused == []


def _forget(context: BrowserContext, origins: Iterable[str]) -> None:
    """Close all pages of a visitor and forget what they stored, but for scripts and pictures."""
    blank = context.new_page()
    for page in context.pages:
        if page is not blank:
            page.close()
    context.set_offline(False)
    context.clear_permissions()
    devtools = context.new_cdp_session(blank)
    for origin in (*origins, "file://"):
        devtools.send(
            "Storage.clearDataForOrigin",
            {"origin": origin, "storageTypes": "cookies,local_storage,indexeddb,service_workers"},
        )
    blank.close()


def wait_until(page: Page, holds: Callable[[], bool], seconds: float = PATIENCE) -> None:
    """Return once something holds of a page; fail where it does not within so many seconds."""
    end = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < end, f"This did not come true within {seconds} seconds."
        page.wait_for_timeout(50)


def choose_option(page: Page, box: str, option: str) -> None:
    """Choose an option of a select box by the keyboard. A page that scrolls or runs closes the list again: then it is
    opened once more."""
    expect(page.locator("[data-test-script-state=notRunning]")).to_be_attached()
    item = page.get_by_role("option", name=option, exact=True)
    for _ in range(20):
        page.get_by_role("combobox", name=box).press("ArrowDown")
        try:
            item.click(timeout=3000)
        except TimeoutError:
            continue
        return
    pytest.fail(f"The list of {box} does not stay open.")


@pytest.fixture
def page(new_page: Callable[[str], Page]) -> Page:
    return new_page("light")
