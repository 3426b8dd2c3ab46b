"""Models of the gensim-data catalogue: what they are is known offline; the vectors come when somebody asks for them."""

from __future__ import annotations

import fcntl
import hashlib
import http.client
import os
import ssl
import time
import tomllib
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from functools import cache
from http import HTTPStatus
from io import BufferedRandom
from pathlib import Path
from typing import Any

from explorer.answers import Answer, Table
from explorer.embeddings import catalog
from explorer.embeddings.catalog import Card
from explorer.embeddings.importing import check_name, import_model
from explorer.embeddings.store import writing
from explorer.errors import Cancelled, UserError
from explorer.texts import _

BASE = "https://github.com/piskvorky/gensim-data/releases/download"
ATTEMPTS = 4  # in a row that bring less than a hundredth of the file
PAUSE = 0.5  # seconds after the first of them; twice as long after each one more
TIMEOUT = 30.0  # seconds without an answer
_PIECE = 2**18  # bytes
_NEVER = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE}

Progress = Callable[[str, float], None]


@dataclass(frozen=True)
class Downloadable:
    """A model of the catalogue: `size` is the bytes to download, `md5` their checksum in hexadecimal."""

    name: str
    title: str
    corpus: str
    licence: str
    words: int
    dimensions: int
    size: int
    md5: str

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


@dataclass(frozen=True)
class Models(Answer):
    """The cards of the installed models, the models of the catalogue, and a sentence for each damaged card."""

    cards: tuple[Card, ...]
    downloadable: tuple[Downloadable, ...]
    problems: tuple[str, ...] = ()

    @property
    def sentences(self) -> tuple[str, ...]:
        return self.problems

    def as_json(self) -> dict[str, Any]:
        return {
            "models": [card.as_json() for card in self.cards],
            "downloadable": [model.as_json() for model in self.downloadable],
            "problems": list(self.problems),
        }

    def table(self) -> Table:
        """One row a model, the installed ones first."""
        rows = [(card.name, "installed", card.words, card.dimensions, card.title) for card in self.cards]
        rows += [
            (
                model.name,
                _("to download, {size:,.0f} MB", size=model.size / 1e6),
                model.words,
                model.dimensions,
                model.licence,
            )
            for model in self.downloadable
        ]
        return Table(("model", "where", "words", "dimensions", "title or licence"), tuple(rows))


def models() -> Models:
    """Every model that is installed or can be downloaded."""
    cards, problems = catalog.cards()
    return Models(tuple(cards), downloadable(), tuple(problems))


@cache
def downloadable() -> tuple[Downloadable, ...]:
    """All models of the catalogue."""
    entries = tomllib.loads(Path(__file__).with_suffix(".toml").read_text(encoding="utf-8"))
    return tuple(Downloadable(name=name, **entry) for name, entry in entries.items())


def download(
    name: str,
    progress: Progress = lambda stage, share: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Card:
    """Fetch a model of the catalogue, compare its checksum, import it under its own name, and return its card.

    `progress` is called with the stage ("downloading", "importing") and the fraction of it that is done (0 to 1). What
    was fetched before a cut or a cancellation stays in the cache, and the next download goes on from there. The
    environment variable EXPLORER_DOWNLOADS names another server with the same paths.

    Raises UserError for a name that is not in the catalogue or is there already, and where nothing more comes from the
    server; Cancelled where it was.
    """
    model = _find(name)
    check_name(name)
    folder = catalog.CACHE / "downloads"
    archive = folder / f"{name}.gz"
    with writing(
        _("The download of {name}", name=name),
        folder,
        _("name another folder in the environment variable EXPLORER_CACHE"),
    ):
        folder.mkdir(parents=True, exist_ok=True)
        with _alone(archive) as file:
            _fetch(model, file, lambda share: progress("downloading", share), cancelled)
            card = import_model(
                archive,
                name,
                about={"title": model.title, "corpus": {"name": model.corpus, "licence": model.licence}},
                progress=lambda share: progress("importing", share),
                cancelled=cancelled,
            )
            archive.unlink()
    return card


def _find(name: str) -> Downloadable:
    for model in downloadable():
        if model.name == name:
            return model
    known = ", ".join(model.name for model in downloadable())
    raise UserError(_("“{name}” is not in the catalogue. There are: {known}.", name=name, known=known))


@contextmanager
def _alone(archive: Path) -> Iterator[BufferedRandom]:
    """The file that a download is written to, for one process at a time."""
    with archive.open("a+b") as file:
        try:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise UserError(
                _("{name} is being downloaded already. Wait until that is done.", name=archive.stem)
            ) from error
        try:
            yield file
        finally:
            if archive.exists() and file.seek(0, os.SEEK_END) == 0:
                archive.unlink()


class _Cut(Exception):
    """The connection ended early, or there was none; the next attempt may fare better."""


def _fetch(
    model: Downloadable, file: BufferedRandom, progress: Callable[[float], None], cancelled: Callable[[], bool]
) -> None:
    """Bring the file to what the catalogue says it must be, going on from what it holds."""
    damaged = failures = 0
    while True:
        held = file.seek(0, os.SEEK_END)
        if held == model.size and _md5(file) == model.md5:
            return
        if held >= model.size:
            file.truncate(0)
            damaged += 1
            if damaged == 2:
                raise UserError(
                    _(
                        "{name} arrived damaged from {base}: its checksum is not the one in the catalogue. "
                        "Nothing of it was kept; try again later.",
                        name=model.name,
                        base=_base(),
                    )
                )
            continue
        try:
            _receive(model, file, held, progress, cancelled)
        except _Cut as cut:
            failures = failures + 1 if file.tell() - held < model.size / 100 else 0
            if failures == ATTEMPTS:
                sentence = _(
                    "{name} cannot be downloaded from {base}: {reason}. Check the network connection.",
                    name=model.name,
                    base=_base(),
                    reason=cut,
                )
                if file.tell():
                    sentence += " " + _("What has arrived is kept; the next download goes on from there.")
                raise UserError(sentence) from cut
            _wait(PAUSE * 2 ** max(0, failures - 1), model, cancelled)


def _receive(
    model: Downloadable,
    file: BufferedRandom,
    held: int,
    progress: Callable[[float], None],
    cancelled: Callable[[], bool],
) -> None:
    """Append what comes over one connection. Raises _Cut where that is not all, UserError where it never will be."""
    request = urllib.request.Request(f"{_base()}/{model.name}/{model.name}.gz")
    if held:
        request.add_header("Range", f"bytes={held}-")
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
            if held and response.status != HTTPStatus.PARTIAL_CONTENT:
                file.truncate(held := 0)  # a server that knows no ranges sends all of it
            elif held and not response.headers.get("Content-Range", "").startswith(f"bytes {held}-"):
                raise _Cut(_("the server sends another part than was asked for"))
            while held < model.size and (piece := response.read1(min(_PIECE, model.size - held))):
                if cancelled():
                    raise _stopped(model)
                held += file.write(piece)
                progress(held / model.size)
    except urllib.error.HTTPError as error:
        if error.code in _NEVER:
            raise UserError(
                _(
                    "{name} is not available at {base}: {code} {reason}.",
                    name=model.name,
                    base=_base(),
                    code=error.code,
                    reason=error.reason,
                )
            ) from error
        raise _Cut(f"{error.code} {error.reason}") from error
    except (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError, ssl.SSLError) as error:
        reason = getattr(error, "reason", error)
        raise _Cut(getattr(reason, "strerror", None) or str(reason)) from error  # without the number of the system
    if held < model.size:
        raise _Cut(_("the connection ended early"))


def _wait(seconds: float, model: Downloadable, cancelled: Callable[[], bool]) -> None:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if cancelled():
            raise _stopped(model)
        time.sleep(min(0.1, seconds))


def _stopped(model: Downloadable) -> Cancelled:
    return Cancelled(
        _(
            "The download of {name} was cancelled. What has arrived is kept; the next download goes on from there.",
            name=model.name,
        )
    )


def _md5(file: BufferedRandom) -> str:
    file.seek(0)
    return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _base() -> str:
    return os.environ.get("EXPLORER_DOWNLOADS", BASE).rstrip("/")
