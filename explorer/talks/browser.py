"""A talk on paper, as pictures and as a film: Chromium, where it is installed, draws what the room would see."""

from __future__ import annotations

import json
import queue
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

from explorer.errors import UserError, cut
from explorer.files import write_file
from explorer.questions.question import Progress, silent
from explorer.talks.document import as_html
from explorer.talks.rehearsal import Talk
from explorer.texts import _

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_PATIENCE = 120  # seconds for a page, or a press
_FILM = ("--window-size=1600,1000", "--hide-scrollbars", "--auto-accept-this-tab-capture")
_WINDOW = ("--window-size=1280,720", "--hide-scrollbars")
_LAST_PRESS = 99  # of a scene: more than it takes shows all of it


def as_pdf(talk: Talk, handout: bool = False) -> bytes:
    """A page for each thing that is revealed; as a `handout` the scenes with their notes."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "talk.pdf"
        _run(
            _written(talk, folder), "handout" if handout else "print", f"--print-to-pdf={out}", "--no-pdf-header-footer"
        )
        return out.read_bytes()


def write_pictures(talk: Talk, folder: Path, progress: Progress = silent) -> int:
    """A PNG and an SVG of each scene, whole, in a `folder`; returns how many scenes there are."""
    folder.mkdir(parents=True, exist_ok=True)
    for number, svg in enumerate(json.loads(outcome(as_html(talk, scheme="light"), "svg", *_WINDOW)), 1):
        write_file(folder / f"{number:02}.svg", svg.encode())
    with tempfile.TemporaryDirectory() as temporary:
        page = _written(talk, temporary)
        for number in range(1, len(talk.scenes) + 1):
            progress(_("scene {number}", number=number), (number - 1) / len(talk.scenes))
            place = (folder / f"{number:02}.png").resolve()
            _run(page, f"{number}.{_LAST_PRESS}", f"--screenshot={place}", *_WINDOW)
    return len(talk.scenes)


def as_pictures(talk: Talk) -> bytes:
    """The same pictures in one ZIP file."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "pictures"
        write_pictures(talk, folder)
        return Path(shutil.make_archive(str(folder), "zip", folder)).read_bytes()


def as_film(talk: Talk, progress: Progress = silent) -> bytes:
    """WebM of the whole talk in a window of 1280 × 720, press by press, with what moves between scenes.

    Chromium records its own tab, and takes as long as the film. Raises UserError where it cannot.
    """
    return outcome(as_html(talk), "film", *_FILM, progress=lambda share: progress(_("filming"), share))


def outcome(html: str, place: str, *options: str, progress: Callable[[float], None] = lambda share: None) -> bytes:
    """What a page that walks by itself (`walk.js`) hands over at its end.

    `progress` is called with the share of the scenes that it has passed. Raises UserError where it stops before the
    end.
    """
    said: queue.Queue[tuple[str, bytes]] = queue.Queue()

    class Once(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            page = html.encode() if self.path == "/" else b""
            self.send_response(200 if page else 404)
            self.send_header("Content-Type", "text/html; charset=utf-8")
            self.send_header("Content-Length", str(len(page)))
            self.end_headers()
            self.wfile.write(page)

        def do_POST(self) -> None:
            said.put((self.path, self.rfile.read(int(self.headers["Content-Length"]))))
            self.send_response(204)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Nobody reads it."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Once) as server, tempfile.TemporaryDirectory() as folder:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        address = f"http://127.0.0.1:{server.server_port}/#{place}"
        started = command(Path(folder), address, "--remote-debugging-port=0", *options)  # without it nothing stays open
        running = subprocess.Popen(started, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        try:
            silence = 0
            while silence < _PATIENCE and running.poll() is None:
                try:
                    path, content = said.get(timeout=1)
                except queue.Empty:
                    silence += 1
                    continue
                silence = 0
                if path == "/end":
                    return content
                if path == "/failed":
                    reason = cut(content.decode(errors="replace"), 200)
                    raise UserError(_("The browser could not do it: {reason}", reason=reason))
                progress(float(content))
            raise UserError(_("The browser did not come to the end of the talk."))
        finally:
            running.kill()
            running.wait()
            server.shutdown()


def has_browser() -> bool:
    """Whether there is a program that draws."""
    return any(map(shutil.which, _BROWSERS))


def browser() -> str:
    """The program that draws. Raises UserError where there is none."""
    path = next(filter(None, map(shutil.which, _BROWSERS)), None)
    if path is None:
        raise UserError(
            _("This needs Chromium or Chrome, and none is here. Or open the HTML in a browser and print it there.")
        )
    return path


def _written(talk: Talk, folder: str) -> Path:
    page = Path(folder) / "talk.html"
    page.write_text(as_html(talk), encoding="utf-8")
    return page


def command(folder: Path, address: str, *options: str) -> list[str]:
    """What starts a browser without a window, which keeps what it has to keep in this folder and asks nobody."""
    return [
        browser(), "--headless=new", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
        "--disable-background-networking", "--disable-component-update", f"--user-data-dir={folder / 'profile'}",
        *options, address,
    ]  # fmt: skip


def _run(page: Path, place: str, *options: str) -> None:
    options = ("--virtual-time-budget=5000", "--force-prefers-reduced-motion", *options)
    started = command(page.parent, f"{page.as_uri()}#{place}", *options)
    try:
        done = subprocess.run(started, capture_output=True, timeout=_PATIENCE, check=False)
    except subprocess.TimeoutExpired:
        raise UserError(_("The browser did not draw the talk within {seconds} seconds.", seconds=_PATIENCE)) from None
    if done.returncode:
        raise UserError(_("The browser did not draw the talk: it ended with status {status}.", status=done.returncode))
