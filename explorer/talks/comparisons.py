"""What the stage draws of comparisons of starts: what each arm reaches, or by what it differs, at one or more sizes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any

from explorer.answers import written
from explorer.errors import UserError, cut
from explorer.talks.drawings import View, words
from explorer.texts import _, _n

if TYPE_CHECKING:
    from explorer.initialisation.summary import Summary

MOST_SIZES = 3  # that stand beside each other; of more the last ones
_LONGEST_SENTENCE = 260  # three lines of the stage


def means(answer: Summary, arms: Sequence[str] = ()) -> View:
    """What each arm reaches, at the largest size asked for."""
    rows = _rows(answer, arms, max(answer.shares))
    caption = _(
        "{measure} ({better}): means over {runs}",
        measure=answer.measure.title,
        better=_better(answer),
        runs=_runs(answer, [max(answer.shares)]),
    )
    return words([(row["arm"], row["mean"]) for row in rows], caption, _title(answer))


def intervals(answer: Summary, arms: Sequence[str] = (), sizes: Sequence[str] = ()) -> View:
    """What the arms differ by from what they are compared with, at each size asked for, and what may be said of it.

    Raises UserError for an arm or a size that is none.
    """
    known = {f"{share:g}": share for share in answer.shares}
    if missing := [size for size in sizes if size not in known]:
        raise UserError(
            _("There is no size “{size}”. There are: {known}.", size=cut(missing[0]), known="; ".join(known))
        )
    shares = sorted(known[size] for size in sizes or known)[-MOST_SIZES:]
    columns: list[dict[str, Any]] = [
        {"name": _size(answer, share), "rows": [row for row in map(_interval, _rows(answer, arms, share)) if row]}
        for share in shares
    ]
    others = sorted({row["baseline"] for share in shares for row in _rows(answer, arms, share) if row["baseline"]})
    sentence = answer.verdict(answer.measure.key)
    is_whole = not arms and len(shares) == len(answer.shares) and answer.against == "baseline"  # as the sentence is
    drawing = {
        "kind": "intervals",
        "title": _title(answer),
        "sentence": sentence if is_whole and len(sentence) <= _LONGEST_SENTENCE else "",
        "rows": columns[-1]["rows"],
        "columns": columns if len(columns) > 1 else [],
        "axis": _("{measure}: difference from {baseline}", measure=answer.measure.title, baseline=" / ".join(others)),
        "caption": _("Blue: significant. 95% intervals over {runs}", runs=_runs(answer, shares)),
        "better": _better(answer),
        "baseline": others[0] if len(others) == 1 else "",
        "sides": [_("← better"), _("worse →")] if answer.measure.lower_is_better else [_("← worse"), _("better →")],
    }
    said = [[f"{row['name']} {row['text']}" for row in column["rows"]] for column in columns]
    if len(columns) == 1:
        return View(drawing, "; ".join(said[0]))
    return View(
        drawing, "; ".join(f"{each['name']}: {', '.join(rows)}" for each, rows in zip(columns, said, strict=True))
    )


def _rows(answer: Summary, arms: Sequence[str], share: float) -> list[dict[str, Any]]:
    """The rows of a comparison at one size, of these arms or all. Raises UserError for an arm that is none."""
    table = answer.table()
    rows = [dict(zip(table.header, row, strict=True)) for row in table.rows]
    rows = [row for row in rows if row["size"] == share and row["mean"] is not None]
    known = {row["arm"] for row in rows}
    if missing := [arm for arm in arms if arm not in known]:
        raise UserError(
            _("There is no arm “{arm}”. There are: {known}.", arm=cut(missing[0]), known="; ".join(sorted(known)))
        )
    return [row for row in rows if not arms or row["arm"] in arms]


def _interval(row: dict[str, Any]) -> dict[str, Any] | None:
    if row["difference"] is None:
        return None
    numbers = (written(row[each]) for each in ("difference", "difference_low", "difference_high"))
    return {
        "name": row["arm"],
        "mean": row["difference"],
        "low": row["difference_low"],
        "high": row["difference_high"],
        "counts": row["significant"],
        "text": "{} ({} … {})".format(*numbers),
    }


def _size(answer: Summary, share: float) -> str:
    from explorer.initialisation.words import size

    return size(share, answer.plan)


def _runs(answer: Summary, shares: Sequence[float]) -> str:
    from explorer.initialisation.words import sizes

    return _n("{count} seed, {share}", "{count} seeds, {share}", answer.look.seeds, share=sizes(shares, answer.plan))


def _better(answer: Summary) -> str:
    return _("lower is better") if answer.measure.lower_is_better else _("higher is better")


def _title(answer: Summary) -> str:
    return _("Which start is better? ({name})", name=answer.plan.name)
