"""The comparisons at hand: those that came along, and one's own."""

from __future__ import annotations

from pathlib import Path

from explorer import places
from explorer.errors import UserError
from explorer.initialisation import plan as plans
from explorer.initialisation.found import Found, found
from explorer.initialisation.plan import Plan
from explorer.initialisation.runner import PLAN

SHIPPED = places.SHIPPED_MODELS / "comparisons"
RESULTS = places.RESULTS


def names() -> list[str]:
    """Every comparison that has a plan on the disk; those that came along first."""
    own = _in(RESULTS)
    return [*_in(SHIPPED), *(name for name in own if name not in _in(SHIPPED))]


def is_shipped(name: str) -> bool:
    return name in _in(SHIPPED)


def folder(name: str) -> Path:
    """Where the results of a name stand, or are to stand."""
    return (SHIPPED if is_shipped(name) else RESULTS) / name


def own_folder(plan: Plan) -> Path:
    """Where a run of one's own keeps its results, even that of a plan that came along."""
    return RESULTS / plan.name


def plan(name: str) -> Plan:
    """The plan of a comparison at hand. Raises UserError for one that is not there."""
    if name not in names():
        raise UserError(f"There is no comparison “{name}”. There are: {', '.join(names()) or 'none yet'}.")
    return plans.read(folder(name) / PLAN)


def finished(plan: Plan) -> Found | None:
    """All results of a plan, where one's own or those that came along have them; they may go by another name."""
    for place in (own_folder(plan), *(SHIPPED / name for name in _in(SHIPPED))):
        at_hand = found(plan, place)
        if not at_hand.missing:
            return at_hand
    return None


def _in(place: Path) -> list[str]:
    """The folders of a place that hold a plan, the plans that came along first, in their own order."""
    found = {path.parent.name for path in place.glob(f"*/{PLAN}")}
    return [*(name for name in plans.NAMES if name in found), *sorted(found.difference(plans.NAMES))]
