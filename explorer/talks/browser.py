"""A talk on paper and as pictures: Chromium, where it is installed, draws what the room would see."""

from __future__ import annotations

import shutil
import subprocess
import tempfile
from pathlib import Path

from explorer.errors import UserError
from explorer.questions.question import Progress, silent
from explorer.talks.document import as_html
from explorer.talks.rehearsal import Talk
from explorer.texts import _

_BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome", "msedge")
_PATIENCE = 120  # seconds for a page
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
    """A PNG of each scene, whole, in a `folder`; returns how many."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        page = _written(talk, temporary)
        for number in range(1, len(talk.scenes) + 1):
            progress(_("scene {number}", number=number), (number - 1) / len(talk.scenes))
            place = (folder / f"{number:02}.png").resolve()
            _run(
                page, f"{number}.{_LAST_PRESS}", f"--screenshot={place}", "--window-size=1280,720", "--hide-scrollbars"
            )
    return len(talk.scenes)


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
