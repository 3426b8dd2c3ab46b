"""The models at hand and in the catalogue; a model of the catalogue comes when somebody asks for it."""

from __future__ import annotations

import fcntl
import hashlib
import http.client
import os
import ssl
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from http import HTTPStatus
from io import BufferedRandom
from pathlib import Path
from types import MappingProxyType
from typing import Any, BinaryIO, cast

from explorer.answers import Answer, Table
from explorer.embeddings import catalog
from explorer.embeddings.catalog import Card
from explorer.embeddings.downloadable import Downloadable, downloadable, entry
from explorer.embeddings.formats.packing import DAMAGE, unpacked
from explorer.embeddings.importing import check_name, import_model
from explorer.embeddings.store import writing
from explorer.errors import Cancelled, UserError
from explorer.texts import _

GENSIM_DATA = "https://github.com/piskvorky/gensim-data/releases/download"
ATTEMPTS = 4  # in a row that bring less than a hundredth of the file
PAUSE = 0.5  # seconds after the first of them; twice as long after each one more
TIMEOUT = 30.0  # seconds without an answer
_PIECE = 2**18  # bytes
_NEVER = {HTTPStatus.UNAUTHORIZED, HTTPStatus.FORBIDDEN, HTTPStatus.NOT_FOUND, HTTPStatus.GONE}

Progress = Callable[[str, float], None]


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
        """One row a model, the installed ones first; a word in capitals in a name stands for a language or a number."""
        rows: list[tuple[object, ...]] = [
            (
                card.name,
                _("in the engine") if card.engine else _("installed"),
                card.words,
                card.dimensions,
                card.title,
                card.corpus.get("licence", ""),
            )
            for card in self.cards
        ]
        rows += [
            (
                model.name,
                _("to download, {size:,.0f} MB", size=model.size / 1e6) if model.size else _("to download"),
                model.words or "",
                model.dimensions or "",
                model.title,
                model.licence,
            )
            for model in self.downloadable
        ]
        return Table(("model", "where", "words", "dimensions", "title", "licence"), tuple(rows))


def models() -> Models:
    """Every model that is installed or can be downloaded."""
    cards, problems = catalog.cards()
    return Models(tuple(cards), downloadable(), tuple(problems))


def download(
    name: str,
    progress: Progress = lambda stage, share: None,
    cancelled: Callable[[], bool] = lambda: False,
    about: Mapping[str, Any] = MappingProxyType({}),
) -> Card:
    """Fetch a model of the catalogue, check it, import it under its own name, and return its card, on which `about` is
    entered as well.

    Its checksum is compared; where none is published, the checksums that a packed file carries of its content.
    `progress` is called with the stage ("downloading", "importing") and the fraction of it that is done (0 to 1; 0
    where the server does not say how much there is). What was fetched before a cut or a cancellation stays in the
    cache, and the next download goes on from there. The environment variable EXPLORER_DOWNLOADS names another server,
    which has each file at the host and the path of its address, and those of gensim-data at NAME/NAME.gz.

    Raises UserError for a name that is not in the catalogue or is there already, and where nothing more comes from the
    server; Cancelled where it was.
    """
    model = entry(name)
    check_name(name)
    folder = catalog.CACHE / "downloads"
    archive = folder / f"{name}{model.suffix}"
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
                about={"title": model.title, "corpus": {"name": model.corpus, "licence": model.licence}, **about},
                progress=lambda share: progress("importing", share),
                cancelled=cancelled,
            )
            archive.unlink()
    return card


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
    size = model.size
    damaged = failures = 0
    while True:
        held = file.seek(0, os.SEEK_END)
        if held == size and _is_whole(model, file):
            return
        if size is not None and held >= size:
            file.truncate(0)
            damaged += 1
            if damaged == 2:
                raise UserError(
                    _(
                        "{name} arrived damaged from {address}: its checksum is another. "
                        "Nothing of it was kept; try again later.",
                        name=model.name,
                        address=_address(model),
                    )
                )
            continue
        try:
            size = _receive(model, file, held, size, progress, cancelled)
        except _Cut as cut:
            failures = failures + 1 if file.tell() - held < (size or 0) / 100 or file.tell() == held else 0
            if failures == ATTEMPTS:
                sentence = _(
                    "{name} cannot be downloaded from {address}: {reason}. Check the network connection.",
                    name=model.name,
                    address=_address(model),
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
    size: int | None,
    progress: Callable[[float], None],
    cancelled: Callable[[], bool],
) -> int:
    """Append what comes over one connection, and return how many bytes there are in all.

    Raises _Cut where that is not all, UserError where it never will be.
    """
    request = urllib.request.Request(_address(model))
    if held:
        request.add_header("Range", f"bytes={held}-")
    try:
        with urllib.request.urlopen(request, timeout=TIMEOUT) as response:
            if held and response.status != HTTPStatus.PARTIAL_CONTENT:
                file.truncate(held := 0)  # a server that knows no ranges sends all of it
            elif held and not response.headers.get("Content-Range", "").startswith(f"bytes {held}-"):
                raise _Cut(_("the server sends another part than was asked for"))
            if size is None and (length := response.headers.get("Content-Length", "")).isdigit():
                size = held + int(length)
            most = _PIECE if size is None else size
            while held < most and (piece := response.read1(min(_PIECE, most - held))):
                if cancelled():
                    raise _stopped(model)
                held += file.write(piece)
                most = held + _PIECE if size is None else size
                progress(held / size if size else 0.0)
    except urllib.error.HTTPError as error:
        total = error.headers.get("Content-Range", "").removeprefix("bytes */")
        if error.code == HTTPStatus.REQUESTED_RANGE_NOT_SATISFIABLE and total.isdigit():
            return int(total)
        if error.code in _NEVER:
            raise UserError(
                _(
                    "{name} is not available at {address}: {code} {reason}.",
                    name=model.name,
                    address=_address(model),
                    code=error.code,
                    reason=error.reason,
                )
            ) from error
        raise _Cut(f"{error.code} {error.reason}") from error
    except (urllib.error.URLError, http.client.HTTPException, ConnectionError, TimeoutError, ssl.SSLError) as error:
        reason = getattr(error, "reason", error)
        raise _Cut(getattr(reason, "strerror", None) or str(reason)) from error  # without the number of the system
    if size is not None and held < size:
        raise _Cut(_("the connection ended early"))
    return held


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


def _is_whole(model: Downloadable, file: BufferedRandom) -> bool:
    file.seek(0)
    if model.md5 is not None:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest() == model.md5
    try:  # gzip and zip carry a checksum of what they hold, and compare it at its end
        content, _packed = unpacked(cast(BinaryIO, file), model.name)
        while content.read(_PIECE):
            pass
    except (OSError, EOFError, *DAMAGE):
        return False
    return True


def _address(model: Downloadable) -> str:
    """Where the file is; at another server below its host, as `wget -x` lays files out."""
    if not (base := os.environ.get("EXPLORER_DOWNLOADS", "").rstrip("/")):
        return model.address
    if model.address.startswith(GENSIM_DATA):
        return base + model.address.removeprefix(GENSIM_DATA)
    return f"{base}/{model.address.partition('://')[2]}"
