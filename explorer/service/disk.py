"""How much of the disk the models of one visitor elsewhere may take: what `--disk` says."""

from __future__ import annotations

from explorer import serving
from explorer.access import rights
from explorer.access.rights import Kind
from explorer.answers import size_written
from explorer.embeddings import catalog
from explorer.errors import UserError
from explorer.texts import _


def check_disk(size: int) -> None:
    """Raise UserError for somebody whose models, with one more of this size, would take more bytes of the disk than one
    visitor's may."""
    most, who = serving.settings().disk * 2**20, rights.somebody()
    if not most or who.kind is Kind.HERE:
        return
    if not who.owner:
        raise UserError(_("This server counts what a visitor imports, by a cookie. Let your browser take cookies."))
    own = [name for name in catalog.names() if catalog.belonging(name).owner == who.owner]
    taken = sum(catalog.card(name).size for name in own)
    if taken + size > most:
        raise UserError(
            _(
                "Your models take {taken}, and this one {size}, but one visitor’s may take {most} here. Remove one "
                "first.",
                taken=size_written(taken),
                size=size_written(size),
                most=size_written(most),
            )
        )
