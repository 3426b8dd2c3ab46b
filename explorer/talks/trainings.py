"""A training of the page *Watch it learn* as a scene: its loss, as it was measured then.

Nobody trains again when a talk is opened: the address of the scene has the numbers themselves, `losses` as pairs of an
update and the loss after it, `entries` of the target's vocabulary, and a sentence with what the model `says` to it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import TYPE_CHECKING

from explorer.errors import UserError, cut
from explorer.talks.drawings import View
from explorer.texts import _
from explorer.transformer.recipe_bounds import MOST_WATCHED

if TYPE_CHECKING:
    from explorer.lessons.learning import Learning
    from explorer.lessons.moments import Moment

NAMES = ("losses", "entries", "validation", "sentence", "says")
_MOST_POINTS = 100
_HIGHEST_LOSS = 1_000.0
_MOST_ENTRIES = 1_000_000


def recorded(learning: Learning) -> dict[str, str]:
    """What the address of a scene has to say of a training that has ended."""
    source, _target = learning.pair
    return {
        "losses": " ".join(f"{each.step}:{each.measure.loss:.4f}" for each in _thinned(learning.moments)),
        "entries": str(learning.target_words),
        "validation": "true" if learning.has_validation else "false",
        "sentence": " ".join(source),
        "says": " ".join(learning.translation_at(learning.moments[-1], source)),
    }


def _thinned(moments: Sequence[Moment]) -> list[Moment]:
    """As many of them as a scene draws, evenly, with the first and the last."""
    count = min(len(moments), _MOST_POINTS)
    return [moments[place * (len(moments) - 1) // max(1, count - 1)] for place in range(count)]


def curve(texts: Mapping[str, Sequence[str]]) -> View:
    """The loss from the first update to the last, beside that of guessing. Raises UserError for what was never
    measured."""
    one = {name: texts.get(name, [""])[0] for name in NAMES}
    points = [_point(text) for text in one["losses"].split()[:_MOST_POINTS]]
    if len(points) < 2 or any(later[0] <= before[0] for before, later in pairwise(points)):
        raise UserError(_("The losses of a training are two or more, each after more updates than the one before."))
    entries = one["entries"]
    if not (entries.isdecimal() and len(entries) < 8 and 1 < int(entries) <= _MOST_ENTRIES):
        raise UserError(_("“{text}” is not the size of a vocabulary.", text=cut(entries)))
    guessing = math.log(int(entries))
    measured = _("validation") if one["validation"] == "true" else _("all training pairs")
    lines = [
        {"name": measured, "looks": "line", "points": points},
        {
            "name": _("guessing: ln {words:,} = {loss:.2f}", words=int(entries), loss=guessing),
            "looks": "dashed",
            "points": [(points[0][0], guessing), (points[-1][0], guessing)],
        },
    ]
    caption = _("“{source}” → “{says}” at the end", source=one["sentence"], says=one["says"]) if one["says"] else ""
    drawing = {
        "kind": "curve",
        "lines": lines,
        "across": _("update"),
        "up": _("loss per token, in nats"),
        "caption": caption,
        "title": _("A small transformer learns"),
    }
    return View(drawing, f"{points[0][1]:.4f} → {points[-1][1]:.4f}")


def _point(text: str) -> tuple[int, float]:
    """An update and the loss after it, written as 100:0.9121. Raises UserError for anything else."""
    step, _colon, loss = text.partition(":")
    try:
        number = float(loss)
    except ValueError:
        number = math.nan
    if not (step.isdecimal() and len(step) < 8 and int(step) <= MOST_WATCHED and 0 <= number <= _HIGHEST_LOSS):
        raise UserError(
            _("“{text}” is no loss: write the update and the loss after it, as in 100:0.9121.", text=cut(text))
        )
    return int(step), number
