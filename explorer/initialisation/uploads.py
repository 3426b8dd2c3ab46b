"""Tables that a page was given, kept so that a comparison can go on after the visit, and gone when none needs them."""

from __future__ import annotations

import hashlib
import time
from pathlib import Path

from explorer.errors import UserError
from explorer.files import whole
from explorer.initialisation import library, tasks
from explorer.initialisation.text_plans import name_for
from explorer.texts import _

LARGEST = 50 * 2**20  # bytes that a page takes
ROOM = 500 * 10**6  # bytes of all tables that are kept
_UNUSED = 24 * 3600  # seconds that a table is kept which no comparison names


def keep(name: str, content: bytes) -> Path:
    """Keep a table; the same content of the same name again is the same file. Raises UserError for one too large, for
    one that has no room beside the others, or where nothing can be written."""
    if len(content) > LARGEST:
        raise UserError(
            _(
                "{name} has {size:.0f} MB, but a page takes {most:.0f} MB at most. The command line takes more: "
                "explorer compare --data FILE.",
                name=name,
                size=len(content) / 2**20,
                most=LARGEST / 2**20,
            )
        )
    digest = hashlib.sha256(content).hexdigest()[:12]
    path = tasks.UPLOADS / f"{name_for(name)}-{digest}"
    try:
        _sweep()
        if not path.is_file():
            if sum(each.stat().st_size for each in tasks.UPLOADS.glob("*")) + len(content) > ROOM:
                raise UserError(
                    _(
                        "This server keeps {most:.0f} MB of tables at most, and {name} has no room. What nobody "
                        "compares on is removed after {hours} hours. The command line needs no such room: explorer "
                        "compare --data FILE.",
                        most=ROOM / 1e6,
                        name=name,
                        hours=_UNUSED // 3600,
                    )
                )
            path.parent.mkdir(parents=True, exist_ok=True)
            with whole(path) as draft:
                draft.write_bytes(content)
    except OSError as error:
        raise UserError(_("The table cannot be kept: {error}. Make room.", error=error.strerror)) from error
    return path


def forget(task: str) -> None:
    """Remove the table of a comparison that was removed, unless another names it."""
    try:
        needed = library.tasks_of_all()
    except UserError:
        return
    for path in tasks.UPLOADS.glob("*"):
        if path.name == task and task not in needed:
            path.unlink(missing_ok=True)


def _sweep() -> None:
    """Remove what was looked at, but never compared on; nothing where a plan cannot be read, as it may need any."""
    try:
        needed = library.tasks_of_all()
    except UserError:
        return
    for path in tasks.UPLOADS.glob("*"):
        if path.name not in needed and time.time() - path.stat().st_mtime > _UNUSED:
            path.unlink(missing_ok=True)
