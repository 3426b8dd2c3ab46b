"""What a visitor selects of what there is."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Literal

from explorer.errors import UserError
from explorer.texts import _

_REFUSALS = {
    "plan": _("There is no plan “{unknown}”. There are: {options}."),
    "comparison": _("No comparison “{unknown}” has this arm. There are: {options}."),
    "arm": _("There is no arm “{unknown}” in this comparison. There are: {options}."),
    "size": _("There is no size “{unknown}” in this comparison. There are: {options}."),
    "seed": _("There is no seed “{unknown}” in this comparison. There are: {options}."),
}


def selection(
    names: Collection[str], options: Iterable[str], kind: Literal["plan", "comparison", "arm", "size", "seed"]
) -> list[str]:
    """The names in the order of the options, all options where there is none. Raises UserError for a name that is no
    option."""
    if unknown := [name for name in names if name not in options]:
        raise UserError(_REFUSALS[kind].format(unknown=unknown[0], options=", ".join(options)))
    return [option for option in options if option in names or not names]
