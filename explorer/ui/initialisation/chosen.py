"""What a visitor has chosen of what there is."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from explorer.errors import UserError
from explorer.texts import _


def chosen(names: Collection[str], options: Iterable[str], what: str) -> list[str]:
    """The chosen ones in the order of the options, all where none is. Raises UserError for one that is not there."""
    if unknown := [name for name in names if name not in options]:
        raise UserError(
            _(
                "There is no {what} “{unknown}” in this comparison. There are: {options}.",
                what=what,
                unknown=unknown[0],
                options=", ".join(options),
            )
        )
    return [option for option in options if option in names or not names]
