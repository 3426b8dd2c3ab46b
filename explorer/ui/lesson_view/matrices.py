"""What the matrix view draws of a step: its tensors as they are, before and after an edit, or what the edit changed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from explorer.lessons.cells import behind
from explorer.lessons.edits import change
from explorer.lessons.grids import Grid, grids_of
from explorer.lessons.lesson import Lesson
from explorer.lessons.steps import GRADIENT, UPDATED, VALUE, Shown, Step
from explorer.mathematics import mathematics
from explorer.transformer.tape import Array
from explorer.ui.matrix_view import encoded

NOW, BOTH, CHANGE = "now", "both", "change"
COMPARED = {NOW: "As edited", BOTH: "Old and new", CHANGE: "Change"}
SAID = {VALUE: "", GRADIENT: "gradient", UPDATED: "after the step"}
_SHARES = {"weights"}
_MOST_COLUMNS = 1024
_AXES = {"source": "token", "target": "token", "source word": "word"}

Scales = Mapping[tuple[str, str], float]


def scales(lesson: Lesson) -> Scales:
    """(role, side) → the end of the scale that all its tensors share in the whole lesson."""
    ends: dict[tuple[str, str], float] = {}
    for tensor in (*lesson.trace, *lesson.trace.parameters.values()):
        for side, array in ((VALUE, tensor.value), (GRADIENT, tensor.gradient)):
            if array is not None:
                key = tensor.role, side
                ends[key] = max(ends.get(key, 0.0), _largest(array))
    return ends | {(role, VALUE): 1.0 for role in _SHARES}


def payloads(
    now: Lesson,
    before: Lesson | None,
    steps: Sequence[Step],
    ends: Scales,
    decimals: int | None,
    compared: str = NOW,
) -> list[dict[str, Any]]:
    """The matrices of a step with what stands behind them; of several steps those of all but the parameters' own, the
    first one of each step with its `step`, key and title.

    With `before`, the lesson without the edits, they are compared as one of COMPARED says.
    """
    if len(steps) > 1:
        of_steps = [_of_step(now, before, step, ends, decimals, compared, False) for step in steps]
        for step, matrices in zip(steps, of_steps, strict=True):
            for first in matrices[:1]:
                first["step"] = {"key": step.key, "title": step.title}
        return [matrix for matrices in of_steps for matrix in matrices]
    return _of_step(now, before, steps[0], ends, decimals, compared, True)


def _of_step(
    now: Lesson, before: Lesson | None, step: Step, ends: Scales, decimals: int | None, compared: str, alone: bool
) -> list[dict[str, Any]]:
    matrices = []
    if alone:
        wanted = [(shown, False) for shown in step.shown] + [(shown, True) for shown in behind(now, step)]
    else:
        wanted = [(shown, False) for shown in step.shown if shown.name not in now.trace.parameters]
    for shown, hidden in wanted:
        array = now.array(shown)
        if before is not None and compared == CHANGE:
            array = change(before, now, shown)
            end = _largest(array)
            told = _payload(now, shown, array, end, decimals, hidden, _and(shown, "change"))
            matrices.append(told | {"probabilities": False, "difference": True})
            continue
        end = ends[now.trace[shown.name].role, GRADIENT if shown.side == GRADIENT else VALUE]
        if before is not None and compared == BOTH:
            old = before.array(shown)
            if np.array_equal(old, array):
                matrices.append(_payload(now, shown, array, end, decimals, hidden, _and(shown, "unchanged")))
                continue
            told = _payload(before, shown, old, end, decimals, hidden, _and(shown, "before"))
            matrices.append(told | {"still": True, "side": None})
        matrices.append(_payload(now, shown, array, end, decimals, hidden, SAID[shown.side]))
    return matrices


def grid_payload(name: str, said: str, grid: Grid, decimals: int | None) -> dict[str, Any]:
    """Shares that stand on no trace, such as reshaped probabilities."""
    return _drawn(name, "weights", [grid], 1.0, decimals) | {"said": said, "probabilities": True, "still": True}


def _payload(
    lesson: Lesson,
    shown: Shown,
    array: Array,
    end: float,
    decimals: int | None,
    hidden: bool,
    said: str,
) -> dict[str, Any]:
    tensor = lesson.trace[shown.name]
    counts = zip(tensor.shape, tensor.axes, strict=True)
    drawn = grids_of(lesson, shown.name, array, _MOST_COLUMNS)
    return _drawn(shown.name, tensor.role, drawn, end, decimals) | {
        "side": shown.side,
        "symbol": mathematics(tensor.symbol),
        "said": said,
        "shape": " × ".join(f"{n} {_AXES.get(axis, axis)}{'' if n == 1 else 's'}" for n, axis in counts),
        "numbered": tensor.axes[-1:] == ("feature",),
        "probabilities": tensor.role in _SHARES and shown.side == VALUE,
        "axes": array.ndim,
        "behind": hidden,
    }


def _drawn(
    name: str, role: str, drawn: tuple[Grid, ...] | list[Grid], end: float, decimals: int | None
) -> dict[str, Any]:
    first = drawn[0]
    return {
        "name": name,
        "role": role,
        "shape": "",
        "heads": [grid.head for grid in drawn] if first.head else None,
        "rows": first.rows,
        "columns": first.columns,
        "rowPlaces": first.places[0],
        "columnPlaces": first.places[1],
        "numbered": False,
        "limit": end,
        "decimals": decimals,
        "note": f"{first.left_out} left out" if first.left_out else "",
        "float64": encoded(np.stack([grid.values for grid in drawn])),
    }


def _and(shown: Shown, said: str) -> str:
    return f"{SAID[shown.side]}, {said}" if SAID[shown.side] else said


def _largest(array: Array) -> float:
    return float(np.abs(array[np.isfinite(array)]).max(initial=0.0))
