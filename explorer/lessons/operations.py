"""What a lesson says of each operation: how a gradient comes back through it, in words, and its lines of NumPy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from explorer.transformer.operations import (
    GELU,
    Add,
    CrossEntropy,
    LayerNorm,
    Linear,
    Lookup,
    Mask,
    MatMul,
    Mean,
    MergeHeads,
    ReLU,
    Scale,
    Softmax,
    SplitHeads,
)
from explorer.transformer.tape import Node


@dataclass(frozen=True)
class Account:
    """What is said of one kind of operation; its formulas stand with the operation itself.

    `forward` gives the NumPy of its value from the operation and its inputs' names; `backward` that of each input's
    share of the gradient, from the operation, the gradient by its value, its value and its inputs.
    """

    way_back: str  # how the gradient by what went into it arrives
    forward: Callable[..., str]
    backward: Callable[..., tuple[str, ...]]
    to_parameters: str = ""  # how the gradient by its parameters arrives, where that is another way
    way_there: str = ""  # what it does, where a step may have one operation or another


def account(node: Node) -> Account:
    """What is said of the operation that a node of a lesson came from."""
    return ACCOUNTS[type(node.operation)]


def _q(operation: Any, probabilities: str) -> str:
    """The share of each word in the cross-entropy, as NumPy."""
    targets = f"np.equal.outer({operation.targets.tolist()}, np.arange({probabilities}.shape[-1]))"
    if not operation.smoothing:
        return targets
    return f"({1 - operation.smoothing} * {targets} + {operation.smoothing} / {probabilities}.shape[-1])"


def _allowed(operation: Any) -> str:
    return f"np.array({operation.allowed.astype(int).tolist()}, dtype=bool)"


ACCOUNTS: dict[type, Account] = {
    Lookup: Account(
        way_back=(
            "Each row of the table collects the gradients of every place where it was used. A word that comes twice "
            "collects twice; a word that does not come gets nothing."
        ),
        forward=lambda op, table: f"{table}[{op.ids.tolist()}]",
        backward=lambda op, bar, out, table: (f"scattered({bar}, {op.ids.tolist()}, {table})",),
    ),
    Add: Account(
        way_back="A sum hands its gradient on unchanged, to both sides.",
        forward=lambda op, x, y: f"{x} + {y}",
        backward=lambda op, bar, out, x, y: (bar, f"{bar}.reshape(-1, *{y}.shape).sum(axis=0)"),
        to_parameters="The bias was added at every position, so it gets the sum over all of them.",
    ),
    Scale: Account(
        way_back="What was multiplied on the way forward is multiplied by the same number on the way back.",
        forward=lambda op, x: f"{op.factor!r} * {x}",
        backward=lambda op, bar, out, x: (f"{op.factor!r} * {bar}",),
    ),
    MatMul: Account(
        way_back="Each side of a product gets the product's gradient times the other side.",
        forward=lambda op, x, y: f"{x} @ transpose({y})" if op.transposed else f"{x} @ {y}",
        backward=lambda op, bar, out, x, y: (
            (f"{bar} @ {y}", f"transpose({bar}) @ {x}")
            if op.transposed
            else (f"{bar} @ transpose({y})", f"transpose({x}) @ {bar}")
        ),
    ),
    Linear: Account(
        way_back="What went through a matrix gets its gradient back through the same matrix, transposed.",
        forward=lambda op, x, weight, bias: f"{x} @ {weight} + {bias}",
        backward=lambda op, bar, out, x, w, b: (f"{bar} @ {w}.T", f"{x}.T @ {bar}", f"{bar}.sum(axis=0)"),
        to_parameters=(
            "A matrix gets, for each of its cells, what came in times the gradient of what came out, added up over "
            "all tokens; the bias gets the plain sum."
        ),
    ),
    SplitHeads: Account(
        way_back="The heads' gradients are put side by side again.",
        forward=lambda op, x: f"split({x}, {op.heads})",
        backward=lambda op, bar, out, x: (f"merge({bar})",),
    ),
    MergeHeads: Account(
        way_back="The gradient is cut into one slice a head.",
        forward=lambda op, x: f"merge({x})",
        backward=lambda op, bar, out, x: (f"split({bar}, len({x}))",),
    ),
    Mask: Account(
        way_back="Nothing flows back to where a token was not allowed to look.",
        forward=lambda op, x: f"np.where({_allowed(op)}, {x}, -np.inf)",
        backward=lambda op, bar, out, x: (f"np.where({_allowed(op)}, {bar}, 0)",),
    ),
    Softmax: Account(
        way_back=(
            "A [[softmax]] made shares of these, and a share can only grow at the cost of the others. Each number "
            "is pushed by its own share's gradient, less the mean of the row weighted by the shares, and all that "
            "times its own share."
        ),
        forward=lambda op, x: f"softmax({x})",
        backward=lambda op, bar, out, x: (f"{out} * ({bar} - ({bar} * {out}).sum(axis=-1, keepdims=True))",),
    ),
    LayerNorm: Account(
        way_back=(
            "[[layer norm|Layer norm]] came next: its γ scales the gradient, and the part that would only shift "
            "or stretch the whole row is taken off, since the norm would undo it."
        ),
        forward=lambda op, x, gain, bias: f"normalised({x}) * {gain} + {bias}",
        backward=lambda op, bar, out, x, gain, b: (
            f"layer_norm_back({x}, {gain}, {bar})",
            f"({bar} * normalised({x})).sum(axis=0)",
            f"{bar}.sum(axis=0)",
        ),
        to_parameters=(
            "The gain γ gets the normalised numbers times the gradient of what came out, added up over all "
            "tokens; the bias β gets the plain sum."
        ),
    ),
    ReLU: Account(
        way_back="Where the number was below zero, nothing comes back.",
        forward=lambda op, x: f"np.maximum(0, {x})",
        backward=lambda op, bar, out, x: (f"{bar} * ({x} > 0)",),
    ),
    GELU: Account(
        way_back="The gradient passes as far as the curve is steep at that number.",
        forward=lambda op, x: f"{x} * normal_distribution({x})",
        backward=lambda op, bar, out, x: (
            f"{bar} * (normal_distribution({x}) + {x} * np.exp(-({x}**2) / 2) / sqrt(2 * pi))",
        ),
        way_there=(
            "GELU takes each number times the share of a normal distribution that lies below it: large numbers "
            "stay nearly as they are, numbers far below zero become nearly zero. Without this bend, the two matrices "
            "around it could be multiplied into one."
        ),
    ),
    CrossEntropy: Account(
        way_back=(
            "Only the probability of the right word counts. The less likely it was, the steeper: minus one "
            "over the probability, times what arrived."
        ),
        forward=lambda op, p: f"-({_q(op, p)} * np.log({p})).sum(axis=-1)",
        backward=lambda op, bar, out, p: (f"-{bar}[:, None] * {_q(op, p)} / {p}",),
    ),
    Mean: Account(
        way_back="The loss is a mean, so each position's loss moves it by one over the number of positions.",
        forward=lambda op, x: f"{x}.mean()",
        backward=lambda op, bar, out, x: (f"np.full({x}.shape, {bar} / {x}.size)",),
    ),
}
