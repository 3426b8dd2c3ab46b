"""A table of a plan's file, checked against the dataclass that it becomes."""

from __future__ import annotations

from dataclasses import MISSING, Field, fields
from typing import Any

from explorer.errors import UserError
from explorer.texts import _


class PlanError(UserError):
    """A plan that cannot be carried out; the message says which line of it and why."""


def checked(
    table: dict[str, Any], kind: type, name: str, only: tuple[str, ...] = (), without: tuple[str, ...] = ()
) -> dict[str, Any]:
    """What stands in a table, when all of it is known, of the right type, and nothing that is needed is missing."""
    known = {option.name: option for option in fields(kind) if option.name not in without}
    known = {key: option for key, option in known.items() if not only or key in only}
    for key, value in table.items():
        if key not in known:
            raise PlanError(
                _("{name} there is no option “{key}”. There are: {known}.", name=name, key=key, known=", ".join(known))
            )
        if not _fits(value, str(known[key].type), key):
            raise PlanError(
                _(
                    "{name} {key} is {value!r}, but must be {kinds}.",
                    name=name,
                    key=key,
                    value=value,
                    kinds=kind_of(known[key]),
                )
            )
    for key, option in known.items():
        if key not in table and option.default is MISSING and option.default_factory is MISSING:
            raise PlanError(_("{name} it lacks “{key}”.", name=name, key=key))
    return table


def kind_of(option: Field[Any]) -> str:
    """What an option's value is in a plan's file, in words."""
    if option.name == "seeds":
        return _("a list of whole numbers, or how many")
    return _KINDS[str(option.type)]


_KINDS = {
    "str": _("a text in quotation marks"),
    "int": _("a whole number"),
    "int | None": _("a whole number"),
    "bool": _("true or false"),
    "float": _("a number"),
    "tuple[int, ...]": _("a list of whole numbers"),
    "tuple[float, ...]": _("a list of numbers"),
    "tuple[str, ...]": _("a list of texts"),
}


def _fits(value: Any, kind: str, key: str) -> bool:
    if kind.startswith("tuple"):
        if key == "seeds" and isinstance(value, int) and not isinstance(value, bool):
            return True
        return isinstance(value, list) and all(_fits(item, kind[6:].split(",")[0], "") for item in value)
    if isinstance(value, bool):
        return kind == "bool"
    if kind == "float":
        return isinstance(value, (int, float))
    return isinstance(value, {"str": str, "bool": bool}.get(kind, int))
