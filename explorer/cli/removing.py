"""The command that removes a model: from this machine, or from an engine."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import TYPE_CHECKING

from explorer.errors import UserError
from explorer.texts import _

if TYPE_CHECKING:
    from explorer.cli.output import Commands


def add_to(commands: Commands) -> None:
    remove = commands.add_parser(
        "remove",
        help=_("delete an imported model, or a model of an engine"),
        description=_(
            "Delete an imported model from this machine. With --from, delete a model from an engine, also one that "
            "was pushed in part: its vectors, its words and its entry go; what is on this machine stays. It asks "
            "first; --yes answers."
        ),
    )
    remove.add_argument("model", help=_("its name"))
    remove.add_argument(
        "--from",
        dest="engine",
        metavar="ADDRESS",
        help=_("the engine: a server such as http://localhost:19530, or a file that ends in .db"),
    )
    remove.add_argument("--yes", action="store_true", help=_("delete it without asking"))
    remove.set_defaults(run=_remove)


def _remove(options: argparse.Namespace) -> None:
    if options.engine:
        _remove_from(options.engine, options.model, options.yes)
        return
    from explorer.answers import size_written
    from explorer.embeddings import catalog
    from explorer.embeddings.importing import check_imported, remove

    check_imported(options.model)
    size = size_written(catalog.card(options.model).size)
    _confirm(_("Delete {name} from this machine, {size}?", name=options.model, size=size), options.yes)
    remove(options.model)
    print(_("{name} is removed.", name=options.model))


def _remove_from(address: str, model: str, yes: bool) -> None:
    from explorer.embeddings.engine.connection import at
    from explorer.embeddings.engine.entries import AT_ENGINE
    from explorer.embeddings.engine.removing import remove, rows_of

    engine, name = at(address), model.removesuffix(AT_ENGINE)
    if "://" not in address and not Path(address).exists():  # which an engine would make, empty
        raise UserError(_("There is no file {file}, so there is no model in it.", file=address))
    rows = rows_of(engine, name)
    _confirm(_("Delete {name} from {engine}, {rows:,} words?", name=name, engine=engine.address, rows=rows), yes)
    remove(engine, name)
    print(_("{name} is removed from the engine.", name=name))


def _confirm(question: str, yes: bool) -> None:
    """Raise UserError unless somebody who reads along says yes."""
    if yes:
        return
    if not sys.stdin.isatty():
        raise UserError(_("{question} Nobody can be asked here: give --yes to delete it.", question=question))
    if input(question + " " + _("y or n:") + " ").strip().casefold() not in ("y", "yes", _("y")):
        raise UserError(_("Nothing was deleted."))
