"""Whether an installation has what it needs, and how to get what is missing.

It needs the standard library alone: its answer is needed most where nothing else can be imported.
"""

from __future__ import annotations

import base64
import hashlib
import os
import re
import shlex
import shutil
import socket
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from importlib import metadata
from pathlib import Path
from typing import Any

from explorer import __version__
from explorer.texts import _

PROJECT = "embedding-explorer"
PYTHON = (3, 11)
ROOM = 500_000_000  # bytes: the shipped models unpacked, and a small model that is imported
HOST = "localhost"  # as .streamlit/config.toml has it
_REQUIREMENT = re.compile(r"([A-Za-z0-9._-]+)(?:\[[^]]*\])?\s*([^;]*)")
_EXTRA = re.compile(r"""extra\s*==\s*["']([^"']+)["']""")


@dataclass(frozen=True)
class Check:
    """One thing that was looked at. What is `optional` may be missing; `remedy` says how to get what is."""

    what: str
    fine: bool
    finding: str
    remedy: str = ""
    optional: bool = False

    def as_json(self) -> dict[str, Any]:
        return dict(vars(self))


def checks(port: int) -> list[Check]:
    """Everything that can be looked at without changing anything; `port` is the one that the app would use."""
    needed, extras = _requirements()
    results = [_python(), Check(PROJECT, True, f"{__version__} in {Path(__file__).parent}")]
    results += [_requirement(text) for text in needed]
    results += [_requirement(text, extra) for extra, texts in extras.items() for text in texts]
    try:
        results += [*_shipped_models(), *_files(), *_folders()]
    except ImportError as error:
        remedy = _("Install the dependencies first, then run explorer doctor again.")
        results.append(Check(_("models and folders"), False, _("cannot be checked: {error}", error=error), remedy))
    return [*results, _port(port)]


def _python() -> Check:
    version, least = ".".join(map(str, sys.version_info[:3])), ".".join(map(str, PYTHON))
    fine = sys.version_info >= PYTHON
    return Check(
        "Python",
        fine,
        f"{version} at {sys.executable}",
        "" if fine else _("Install Python {least} or newer.", least=least),
    )


def _requirements() -> tuple[list[str], dict[str, list[str]]]:
    """What the project needs, and what each of its extras adds."""
    file = Path(__file__).resolve().parents[1] / "pyproject.toml"
    project = tomllib.loads(file.read_text(encoding="utf-8")).get("project", {}) if file.exists() else {}
    if project.get("name") == PROJECT:  # in a checkout
        extras = project["optional-dependencies"]
        return project["dependencies"], {name: texts for name, texts in extras.items() if name != "all"}
    needed, extras = [], {}
    for text in _metadata("requires") or []:
        extra = _EXTRA.search(text)
        if not extra:
            needed.append(text)
        elif extra[1] != "all":
            extras.setdefault(extra[1], []).append(text)
    return needed, extras


def _metadata(name: str) -> Any:
    """What the installed package says of itself; None where it was copied, not installed."""
    try:
        return getattr(metadata.distribution(PROJECT), name)
    except metadata.PackageNotFoundError:
        return None


def _requirement(text: str, extra: str = "") -> Check:
    name, versions = _REQUIREMENT.match(text).groups()  # type: ignore[union-attr]
    what, optional = (_("{name} (extra {extra})", name=name, extra=extra), True) if extra else (name, False)
    remedy = f"{shlex.quote(sys.executable)} -m pip install {shlex.quote(text.partition(';')[0].strip())}"
    try:
        version = metadata.version(name)
    except metadata.PackageNotFoundError:
        return Check(what, False, _("not installed; {wanted} is needed", wanted=versions.strip()), remedy, optional)
    if _fits(version, versions.strip()):
        return Check(what, True, version, "", optional)
    return Check(
        what,
        False,
        _("{version} is installed; {wanted} is needed", version=version, wanted=versions.strip()),
        remedy,
        optional,
    )


def _fits(version: str, versions: str) -> bool:
    try:
        from packaging.specifiers import SpecifierSet
    except ImportError:
        return True  # that packaging is missing is said by its own line
    return SpecifierSet(versions).contains(version, prereleases=True)


def _shipped_models() -> Iterator[Check]:
    from explorer.embeddings.catalog import LEXICON, SHIPPED, SHIPPED_MODELS
    from explorer.embeddings.model_files import ATLAS, CARD
    from explorer.translation.translators import SHIPPED as TRANSLATOR

    for name in SHIPPED:
        folder = SHIPPED_MODELS / name
        try:
            size = tomllib.loads((folder / CARD).read_text(encoding="utf-8"))["size"]
            there = sum(path.stat().st_size for path in folder.iterdir() if path.name not in (CARD, ATLAS))
        except (OSError, ValueError, KeyError) as error:
            yield Check(
                _("model {name}", name=name), False, _("its card cannot be read: {error}", error=error), _again()
            )
            continue
        size_text = (
            _("{size_here:,} bytes", size_here=there)
            if there == size
            else _("{size_here:,} bytes, where its card says {size:,}", size_here=there, size=size)
        )
        yield Check(_("model {name}", name=name), there == size, size_text, "" if there == size else _again())
    for what, path in (("lexicon", LEXICON), ("translator", TRANSLATOR)):
        there = path.is_file()
        yield Check(what, there, str(path) if there else _("{path} is missing", path=path), "" if there else _again())


def _files() -> Iterator[Check]:
    """Whether the files of an installed package are those of its wheel, by the checksums that pip keeps."""
    from explorer.places import CHECKOUT

    listed = None if CHECKOUT else _metadata("files")
    if listed is None:
        return
    hashed = [file for file in listed if file.hash and file.hash.mode == "sha256"]
    changed = [str(file) for file in hashed if _sha256(Path(str(file.locate()))) != file.hash.value]
    if changed:
        named = ", ".join(changed[:3])
        if len(changed) > 3:
            named = _("{named} and {more:,} more", named=named, more=len(changed) - 3)
        yield Check("files", False, _("changed since they were installed: {named}", named=named), _again())
    else:
        yield Check("files", True, _("all {files:,} are unchanged since they were installed", files=len(hashed)))


def _sha256(path: Path) -> str:
    try:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").digest()
    except OSError:
        return ""
    return base64.urlsafe_b64encode(digest).rstrip(b"=").decode()


def _again() -> str:
    from explorer.places import CHECKOUT

    if CHECKOUT:
        return _("Get the files again: git checkout -- models")
    return _(
        "Install the wheel again: {quote} -m pip install --force-reinstall --no-deps WHEEL",
        quote=shlex.quote(sys.executable),
    )


def _folders() -> Iterator[Check]:
    """Whether what a user adds can be kept; nothing is made for it."""
    from explorer.places import CACHE, MODELS, RESULTS

    for what, folder, variable in (
        (_("own models"), MODELS, "EXPLORER_MODELS"),
        ("results", RESULTS, "EXPLORER_RESULTS"),
        ("cache", CACHE, "EXPLORER_CACHE"),
    ):
        there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
        if not (there.is_dir() and os.access(there, os.W_OK | os.X_OK)):
            named = _(
                "Name another folder in the environment variable {variable}, or one for all in EXPLORER_HOME.",
                variable=variable,
            )
            yield Check(what, False, _("{folder} cannot be written to", folder=folder), named)
            continue
        free = shutil.disk_usage(there).free
        room = _("{free:,.1f} GB free", free=free / 1e9)
        if free < ROOM:
            remedy = _(
                "Free {room:.1f} GB, or name another folder in the environment variable {variable}.",
                room=ROOM / 1e9,
                variable=variable,
            )
            yield Check(what, False, _("{folder}, only {room}", folder=folder, room=room), remedy)
        else:
            yield Check(what, True, f"{folder}, {room}")


def _port(port: int) -> Check:
    with socket.socket() as attempt:
        attempt.setsockopt(
            socket.SOL_SOCKET, socket.SO_REUSEADDR, 1
        )  # as servers do: one that has ended is no hindrance
        try:
            attempt.bind((HOST, port))
        except OSError as error:
            remedy = _(
                "If the app is running already, all is well. If not, take another port: explorer serve --port PORT"
            )
            return Check(
                _("port {port}", port=port),
                False,
                _("cannot be used: {reason}", reason=os.strerror(error.errno or 0)),
                remedy,
            )
    return Check(_("port {port}", port=port), True, "free")
