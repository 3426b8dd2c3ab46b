"""The comparisons at hand: those that came along, and one's own."""

from __future__ import annotations

import os
import secrets
import shutil
import threading
from collections.abc import Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from pathlib import Path
from typing import TYPE_CHECKING

import tomli_w

from explorer import places
from explorer.access import belongings
from explorer.access.belongings import OWNER, Belonging
from explorer.answers import Entries
from explorer.errors import NotThere, UserError, cut
from explorer.files import write_file
from explorer.initialisation import plan as plans
from explorer.initialisation.measures import MEASURES
from explorer.initialisation.plan import PLAN_FILE, Plan
from explorer.texts import _

if TYPE_CHECKING:  # results take half a second to import, which a list of names need not wait for
    from explorer.initialisation.collected import Collected
    from explorer.initialisation.summary import Summary

SHIPPED = places.SHIPPED_MODELS / "comparisons"
RESULTS = places.RESULTS

_State = tuple[tuple[str, int, int], ...]  # of files: their paths, times of change and sizes
_summarising = threading.Lock()


@dataclass(frozen=True)
class Entry:
    """A comparison in the list: what it compares, and how many of its runs have ended."""

    name: str
    shipped: bool  # whether it came along
    task: str
    arms: int
    sizes: int
    seeds: int
    runs: int
    ended: int
    failed: int
    problem: str = ""  # why it cannot be read


@dataclass(frozen=True)
class Comparisons(Entries):
    """The comparisons at hand."""

    entries: tuple[Entry, ...]
    columns = tuple(name for name in Entry.__dataclass_fields__ if name != "problem")


def comparisons() -> Comparisons:
    """Every comparison at hand, and how far it is."""
    return Comparisons(tuple(map(_entry, names())))


def _entry(name: str) -> Entry:
    try:
        collected = summary(name).collected
    except UserError as error:
        return Entry(name, is_shipped(name), "", 0, 0, 0, 0, 0, 0, str(error))
    plan = collected.plan
    return Entry(
        name,
        is_shipped(name),
        plan.public.task,
        len(plan.arms),
        len(plan.sizes),
        len(plan.seeds),
        collected.jobs,
        collected.jobs - collected.missing,
        len(collected.failures),
    )


def names() -> list[str]:
    """Every comparison that has a plan on the disk and that who asks sees; those that came along first."""
    own = [name for name in _in(RESULTS) if belongings.is_seen(RESULTS / name / OWNER)]
    return [*_in(SHIPPED), *(name for name in own if name not in _in(SHIPPED))]


def tasks_of_all() -> set[str]:
    """The tasks of every plan on the disk, whoever asks. Raises UserError for a plan that cannot be read."""
    files = [place / name / PLAN_FILE for place in (SHIPPED, RESULTS) for name in _in(place)]
    return {plans.read(file, **plans.EARLIER).task for file in files}


def is_shipped(name: str) -> bool:
    return name in _in(SHIPPED)


def folder(name: str) -> Path:
    """Where the results of a name stand, or are to stand."""
    return (SHIPPED if is_shipped(name) else RESULTS) / name


def belonging(name: str) -> Belonging:
    """Whose a comparison is, also of one that who asks does not see."""
    return Belonging() if is_shipped(name) else belongings.belonging(RESULTS / name / OWNER)


def keep_for(name: str, belonging: Belonging) -> None:
    """Note whose a new comparison is, before anything of it stands there; one that has begun stays whose it is. Raises
    UserError where that cannot be."""
    if has_begun(name):
        return
    drop(name)
    if not belonging.entries:
        return
    try:
        (RESULTS / name).mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(_("{place} cannot be written: {reason}.", place=RESULTS, reason=error.strerror)) from error
    write_file(RESULTS / name / OWNER, tomli_w.dumps(belonging.entries).encode())


def drop(name: str) -> None:
    """Take away what `keep_for` has left of a comparison that did not begin, for its run was refused."""
    if not has_begun(name):
        with suppress(OSError):  # it was never noted, or something else stands there
            (RESULTS / name / OWNER).unlink(missing_ok=True)
            (RESULTS / name).rmdir()


def has_begun(name: str) -> bool:
    """Whether a plan of one's own, or of somebody else, stands under a name."""
    return (RESULTS / name / PLAN_FILE).exists()


def share(name: str, shared: bool) -> None:
    """Show somebody's comparison to all who may ask, or to them alone again. Raises UserError where that cannot be."""
    plan(name)
    belongings.share(RESULTS / name / OWNER, shared)


def remove(name: str) -> None:
    """Delete a comparison that somebody made, with its results. Raises UserError where that cannot be."""
    plan(name)
    if is_shipped(name):
        raise UserError(_("“{name}” is a shipped comparison, which stays.", name=name))
    aside = RESULTS / f".{name}-{secrets.token_hex(4)}"  # it goes at once
    try:
        os.rename(RESULTS / name, aside)
    except OSError as error:
        raise UserError(_("“{name}” cannot be deleted: {reason}.", name=name, reason=error.strerror)) from error
    (aside / PLAN_FILE).unlink(missing_ok=True)  # and is none any more before it has no owner
    shutil.rmtree(aside, ignore_errors=True)


def explanation_file(name: str, kind: str, share: float) -> Path:
    """Where a shipped comparison has its answer of this kind on the why at a size, if it has one: of this very plan."""
    digest = sha256(plan(name).as_toml().encode()).hexdigest()[:12]
    return SHIPPED / name / f"{kind}-{share:g}-{digest}.json"


def own_folder(plan: Plan) -> Path:
    """Where a run of one's own keeps its results, even that of a plan that came along."""
    return RESULTS / plan.name


def plan(name: str) -> Plan:
    """The plan of a comparison at hand. Raises NotThere for one that does not exist."""
    if name not in names():
        raise NotThere(
            _(
                "There is no comparison “{name}”. There are: {names}.",
                name=cut(name),
                names=", ".join(names()) or _("none yet"),
            )
        )
    return plans.read(folder(name) / PLAN_FILE, **plans.EARLIER)


def summary(name: str) -> Summary:
    """What the results of a comparison say by now. It takes a second, so it is kept until a file changes, for all who
    ask. Raises NotThere for a comparison that does not exist, UserError for a plan whose data are not at hand."""
    plan(name)
    with _summarising:  # many who ask at once would each have it made
        return _summary(name, folder(name), tuple(_states(folder(name))))


@lru_cache(maxsize=64)
def _summary(name: str, place: Path, _state: _State) -> Summary:
    from explorer.initialisation.collected import collect
    from explorer.initialisation.summary import Summary

    known = plan(name)
    try:
        return Summary(collect(known, place))
    except UserError as error:  # such as of a table that is gone
        error.args = (str(error).replace(known.task, known.public.task),)
        raise


def _states(place: Path) -> Iterator[tuple[str, int, int]]:
    for path in sorted((*place.glob("*.toml"), *place.glob("*.parquet"))):
        with suppress(FileNotFoundError):  # a run gathers the rows of many files in one
            state = path.stat()
            yield path.name, state.st_mtime_ns, state.st_size


def measures(name: str) -> list[str]:
    """The keys of the measures, the deciding one of a comparison first; in their own order if it cannot be read."""
    from explorer.initialisation.facts import facts

    try:
        return list(facts(plan(name), folder(name)).measures)
    except UserError:
        return list(MEASURES)


def with_arm(arm: str, measure: str) -> list[str]:
    """The comparisons that have an arm besides their baseline, and a measure; those that cannot be read have none."""
    found = []
    for name in names():
        with suppress(UserError):
            known = plan(name)
            if arm in known.arms and arm != known.baseline and measure in measures(name):
                found.append(name)
    return found


def finished(plan: Plan) -> Collected | None:
    """All results of a plan, where one's own or those that came along have them; they may go by another name."""
    from explorer.initialisation.collected import collect

    for place in (own_folder(plan), *(SHIPPED / name for name in _in(SHIPPED))):
        collected = collect(plan, place)
        if not collected.missing:
            return collected
    return None


def _in(place: Path) -> list[str]:
    """The folders of a place that hold a plan, the plans that came along first, in their own order."""
    folders = {path.parent.name for path in place.glob(f"*/{PLAN_FILE}") if not path.parent.name.startswith(".")}
    return [*(name for name in plans.NAMES if name in folders), *sorted(folders.difference(plans.NAMES))]
