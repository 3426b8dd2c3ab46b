"""The equation of an edit: what a tensor is now, what it was before, and what has changed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from explorer.lessons.bounds import DECIMALS
from explorer.lessons.edits import change
from explorer.lessons.equations.matrices import Draughtsman, reach, taken
from explorer.lessons.equations.parts import Equation, Line, Number
from explorer.lessons.lesson import Lesson
from explorer.lessons.steps import Shown
from explorer.texts import _


def difference(before: Lesson, now: Lesson, shown: Shown, decimals: int = DECIMALS) -> Equation:
    """A tensor of the lesson with its edits, minus the same without them."""
    after, old = (
        Draughtsman(lesson, decimals).tensor(lesson.trace[shown.name].node, shown.side) for lesson in (now, before)
    )
    assert after.places is not None
    values = taken(change(before, now, shown), after).reshape(after.values.shape)
    name = after.caption
    is_masked = not np.isfinite(after.values).all()  # and ∞ − ∞ is no number
    changed = replace(
        after,
        values=values,
        symbol="",
        caption=_("{name}, change; 0 where masked", name=name) if is_masked else _("{name}, change", name=name),
        tensor=None,
        limit=reach(values),
        shares=False,
    )
    old = replace(old, caption=_("{name}, before", name=old.caption), tensor=None)
    line = Line(Number(changed), "{0} − {1}", (Number(after), Number(old)))
    return Equation("", (after, "−", old, "=", changed), changed, (line,))
