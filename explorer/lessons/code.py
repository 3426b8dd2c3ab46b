"""The NumPy of a step: lines that compute what it shows, and the functions that they call."""

from __future__ import annotations

import re
from collections.abc import Iterator

from explorer.lessons.lesson import Lesson
from explorer.lessons.operations import account
from explorer.lessons.steps import GRADIENT, UPDATED, VALUE, Shown, Step, unshown
from explorer.lessons.update import Update
from explorer.texts import _
from explorer.transformer.operations.pointwise import LAYER_NORM_EPSILON
from explorer.transformer.optimisers import Adam
from explorer.transformer.tape import Node
from explorer.transformer.trace import Trace

_FUNCTIONS = f"""
def positions(length, d):
    column = np.arange(d)
    angle = np.arange(length)[:, None] / 10000 ** ((column - column % 2) / d)
    return np.where(column % 2 == 0, np.sin(angle), np.cos(angle))


def transpose(x):
    return np.swapaxes(x, -1, -2)


def split(x, heads):
    return np.swapaxes(x.reshape(len(x), heads, -1), 0, 1)


def merge(x):
    return np.swapaxes(x, 0, 1).reshape(x.shape[1], -1)


def softmax(x):
    e = np.exp(x - x.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def normalised(x):
    return (x - x.mean(axis=-1, keepdims=True)) / np.sqrt(x.var(axis=-1, keepdims=True) + {LAYER_NORM_EPSILON})


def layer_norm_back(x, gain, bar):
    n, by = normalised(x), bar * gain
    along = (by * n).mean(axis=-1, keepdims=True)
    return (by - by.mean(axis=-1, keepdims=True) - n * along) / np.sqrt(x.var(axis=-1, keepdims=True) + {LAYER_NORM_EPSILON})


def scattered(rows, ids, table):
    \"\"\"Each row added to the row of the table that it was copied from.\"\"\"
    gradient = np.zeros_like(table)
    np.add.at(gradient, ids, rows)
    return gradient


def normal_distribution(x):
    return np.vectorize(lambda number: (1 + erf(number / sqrt(2))) / 2)(x)
"""  # noqa: E501  lines of a program

FUNCTIONS = {function[4 : function.index("(")]: function.strip() for function in _FUNCTIONS.strip().split("\n\n\n")}
"""By name, the functions that lines call."""


AS_NUMPY = _("As NumPy")
_ABOUT = "# t: the values of tensors by name; g: the gradients with respect to them"


def numpy_of(lesson: Lesson, step: Step) -> str:
    """A program that computes what a step shows from `t`, the values of tensors by name, and `g`, the gradients with
    respect to them; weights after the optimiser's step go into `after`. Empty for a step without tensors."""
    lines = list(dict.fromkeys(line for shown in step.shown for line in _lines(lesson, shown)))
    if not lines:
        return ""
    called = "\n".join(lines)
    called = "\n\n".join([*_functions(called), called])  # functions call others
    imports = ["from math import erf, pi, sqrt\n"] if "sqrt(2" in called else []
    return "\n\n".join(["\n".join([*imports, "import numpy as np"]), _ABOUT, *_functions(called), "\n".join(lines)])


def _functions(called: str) -> Iterator[str]:
    return (text for name, text in FUNCTIONS.items() if re.search(rf"\b{name}\(", called))


def _lines(lesson: Lesson, shown: Shown) -> Iterator[str]:
    trace = lesson.trace
    node = trace[shown.name].node
    if shown.side == VALUE and shown.name not in trace.parameters:
        yield from (f't["{each.name}"] = {forward(each)}' for each in (*unshown(node), node))
    elif shown.side == GRADIENT:
        yield from _gradient(trace, node)
    elif shown.side == UPDATED:
        yield from after_the_step(lesson.update, f'"{shown.name}"')


def _gradient(trace: Trace, node: Node) -> Iterator[str]:
    """The gradient with respect to a node, as the sum of what its uses hand back."""
    shares = []
    for user, _operation, place in trace.uses(node):
        if any(user in unshown(later) for later, _operation, _place in trace.uses(user)):
            yield from _gradient(trace, user)
        shares.append(_shares(user)[place])
    separator = "\n    + "
    total = shares[0] if len(shares) == 1 else f"(\n    {separator.join(shares)}\n)"
    yield f'g["{node.name}"] = {total if shares else "np.ones(())"}'


def forward(node: Node) -> str:
    """NumPy for a node's value."""
    if node.operation is None:
        return f"positions{node.value.shape}"  # which come from no other tensor
    return account(node).forward(node.operation, *(f't["{source.name}"]' for source in node.inputs))


def back(node: Node) -> Iterator[str]:
    """Lines that hand a node's gradient on to its inputs."""
    if node.operation is None:
        return
    for source, share in zip(node.inputs, _shares(node), strict=True):
        yield f'collect("{source.name}", {share})'


def _shares(node: Node) -> tuple[str, ...]:
    """NumPy for what a node hands back to each of its inputs."""
    inputs = [f't["{source.name}"]' for source in node.inputs]
    return account(node).backward(node.operation, f'g["{node.name}"]', f't["{node.name}"]', *inputs)


def after_the_step(update: Update, name: str) -> Iterator[str]:
    """Lines for a weight after the optimiser's step; `name` is an expression."""
    if update.optimiser == "sgd":
        yield f"after[{name}] = t[{name}] - {update.rate!r} * g[{name}]"
        return
    adam = Adam()
    yield f"m, v = (1 - {adam.beta1!r}) * g[{name}], (1 - {adam.beta2!r}) * g[{name}] ** 2"
    yield f"m, v = m / (1 - {adam.beta1!r}), v / (1 - {adam.beta2!r})"
    yield f"after[{name}] = t[{name}] - {update.rate!r} * m / (np.sqrt(v) + {adam.epsilon!r})"
