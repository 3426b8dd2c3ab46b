"""Importing a model: from a file of vectors to a folder in models/ that can be asked by name."""

from __future__ import annotations

import os
import re
import secrets
import shutil
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import tomli_w

from explorer.embeddings import catalog
from explorer.embeddings.catalog import Card
from explorer.embeddings.drafts import sweep_models
from explorer.embeddings.formats import open_vectors
from explorer.embeddings.model_arrays import write_arrays
from explorer.embeddings.model_files import CARD
from explorer.embeddings.store import is_converted, writing
from explorer.errors import UserError, cut
from explorer.files import whole_folder
from explorer.texts import _

_ENDINGS = "txt|bin|vec|tsv|w2v|glove|csv|jsonl|npy|npz|parquet|feather|arrow|bytes|safetensors"
_PACKED = "gz|xz|bz2|zst|zip|tar"
_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,63}")


def import_model(
    file: Path,
    name: str,
    *,
    metadata: Path | None = None,
    about: Mapping[str, Any] | None = None,
    replace: bool = False,
    strict: bool = False,
    progress: Callable[[float], None] = lambda share: None,
    cancelled: Callable[[], bool] = lambda: False,
) -> Card:
    """Read a file of vectors and make of it the model `name`; what `about` says of it is entered on its card.

    `metadata` has the words of a file of numbers only. `progress` is called with the fraction of the file that was read
    (0 to 1), `cancelled` is called regularly. The model appears whole at the end or not at all, and no other one is
    touched; with `replace` it takes the place of an imported one. A few rows that cannot be used are left out, which
    the card's `source.report` counts; where it is `strict`, they are refused.

    Raises FormatError for a file that cannot be read, UserError for a name that cannot be taken or a disk that is
    full, Cancelled where it was.
    """
    folder = catalog.MODELS / check_name(name, replace)
    sweep_models(folder.parent)
    sweep_models(folder.parent, name)
    remedy = _("name another folder in the environment variable EXPLORER_MODELS")
    with writing(_("The model {name}", name=name), folder.parent, remedy), whole_folder(folder) as work:
        with open_vectors(file, metadata, progress, cancelled, strict) as vectors:
            words = write_arrays(vectors, catalog.LEXICON, work)
        card: dict[str, Any] = {
            "title": name,
            "words": words,
            "dimensions": vectors.dimensions,
            "size": sum(path.stat().st_size for path in work.iterdir()),
            **(about or {}),
            "source": {"file": _written(file.name), "format": vectors.format, "date": date.today().isoformat()},
        }
        if vectors.notes:
            card["source"]["note"] = " ".join(map(_written, vectors.notes))
        if report := vectors.report.as_json():
            card["source"]["report"] = report
        if (subwords := vectors.subwords) is not None:
            card["subwords"] = {
                "minimum": subwords.minimum,
                "maximum": subwords.maximum,
                "buckets": subwords.buckets,
            }
        (work / CARD).write_text(tomli_w.dumps(card), encoding="utf-8")
        check_name(name, replace)  # another import may have been quicker
        if folder.exists():
            _set_aside(folder)
        os.rename(work, folder)
    return catalog.card(name)


def remove(name: str) -> None:
    """Delete an imported model. Raises UserError for one that was not imported, or that cannot be deleted."""
    check_imported(name)
    folder = catalog.MODELS / name
    try:
        _set_aside(folder)
    except OSError as error:
        reason = (error.strerror or str(error)).lower()
        raise UserError(
            _(
                "The model {name} could not be removed from {parent}: {reason}. Delete its folder by hand.",
                name=name,
                parent=folder.parent,
                reason=reason,
            )
        ) from error
    catalog.close(name)


def check_imported(name: str) -> None:
    """Raise UserError for a model that was not imported, which stays."""
    card = catalog.card(name)
    if not _is_imported(catalog.MODELS / name):
        raise UserError(_("{title} was not imported: only imported models can be removed.", title=card.title))


def check_name(name: str, replace: bool = False) -> str:
    """The name, if an imported model can have it. Raises UserError otherwise."""
    if not _NAME.fullmatch(name):
        raise UserError(
            _(
                "“{name}” cannot be the name of a model: it must have 1 to 64 letters of the English alphabet, "
                "digits, dots, dashes or underscores, and begin with a letter or a digit.",
                name=cut(name, 64),
            )
        )
    folder = catalog.folder(name)
    if folder.exists() and not (replace and _is_imported(folder)):
        imported = _("Take another name, or remove that model first.")
        remedy = imported if _is_imported(folder) else _("It cannot be replaced: take another name.")
        raise UserError(_("There is a model called “{name}” already. {remedy}", name=name, remedy=remedy))
    return name


def files_at_hand() -> list[str]:
    """The names of files that lie in models/ itself, put there to be imported."""
    if not catalog.MODELS.is_dir():
        return []
    return sorted(
        path.name
        for path in catalog.MODELS.iterdir()
        if path.is_file() and path != catalog.LEXICON and not path.name.startswith(".")
    )


def name_for(file: str) -> str:
    """A name for the model in a file: that of the file, without what a name cannot have."""
    stem = re.sub(rf"(\.({_ENDINGS}))?(\.tar)?(\.({_PACKED}))?$", "", Path(file).name, flags=re.IGNORECASE)
    return re.sub(r"[^A-Za-z0-9._-]+", "-", stem).strip("._-")[:64] or "imported"


def _is_imported(folder: Path) -> bool:
    return is_converted(folder) and (folder / CARD).exists()


def _set_aside(folder: Path) -> None:
    """Remove a model at once; a process that has it mapped keeps it until it ends. Of a link, the link is removed."""
    if folder.is_symlink():
        folder.unlink()
        return
    old = folder.with_name(f".{folder.name}-{secrets.token_hex(4)}")
    os.rename(folder, old)
    (old / CARD).unlink(missing_ok=True)  # first: should this be cut short, a sweep knows the rest by that
    shutil.rmtree(old, ignore_errors=True)


def _written(text: str) -> str:
    """What a card can hold, which is UTF-8; names of files may be anything."""
    return text.encode(errors="backslashreplace").decode()
