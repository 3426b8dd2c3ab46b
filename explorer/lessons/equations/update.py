"""The equation of the optimiser's step: a weight, minus the rate times a direction."""

from __future__ import annotations

import numpy as np

from explorer.lessons.equations.matrices import Draughtsman, taken
from explorer.lessons.equations.parts import Constant, Equation, Line, Number
from explorer.lessons.steps import GRADIENT, UPDATED
from explorer.texts import _
from explorer.transformer.optimisers import Adam
from explorer.transformer.tape import Node


def update_equation(draw: Draughtsman, node: Node) -> Equation:
    """The parameter after the first step, of SGD or of Adam (Kingma & Ba 2015, algorithm 1)."""
    update = draw.lesson.update
    before, bar, after = draw.tensor(node), draw.tensor(node, GRADIENT), draw.tensor(node, UPDATED)
    rate = Constant(update.rate, "η")
    if update.optimiser == "sgd":
        line = Line(Number(after), "{0} − {1}·{2}", (Number(before), rate, Number(bar)))
        sgd = (before, f"− {rate.number:g} ·", bar, "=", after)
        return Equation("", sgd, after, (line,)).at_largest(bar.values)
    adam = Adam()
    first, second = Constant(1 - adam.beta1, "1 − β₁"), Constant(1 - adam.beta2, "1 − β₂")
    corrected_m = taken(update.m[node.name], bar) / first.number
    corrected_v = taken(update.v[node.name], bar) / second.number
    mean = draw.like(bar, corrected_m, "\\hat m", _("mean of gradients"))
    root = draw.like(bar, np.sqrt(corrected_v), "\\sqrt{\\hat v}", _("root of the mean of squares"))
    direction = draw.like(bar, mean.values / (root.values + adam.epsilon), "", _("direction"))
    lines = (
        Line(Number(mean), "{0}·{1} / {0}", (first, Number(bar))),
        Line(Number(root), "√({0}·{1}² / {0})", (second, Number(bar))),
        Line(Number(direction), "{0} / ({1} + {2})", (Number(mean), Number(root), Constant(adam.epsilon, "ε"))),
        Line(Number(after), "{0} − {1}·{2}", (Number(before), rate, Number(direction))),
    )
    parts = (bar, "m̂", mean, "√v̂", root, "m̂ / (√v̂ + ε)", direction, _("E − η · direction"), before, "→", after)
    return Equation("", parts, after, lines).at_largest(bar.values)
