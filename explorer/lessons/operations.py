"""What a lesson says of each operation: how a gradient comes back through it, in words, and its lines of NumPy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from explorer.texts import _
from explorer.transformer.operations import (
    GELU,
    Add,
    CrossEntropy,
    Dropout,
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
    share of the gradient, from the operation, the gradient with respect to its value, its value and its inputs. The
    words have places for what `explorer.lessons.backward` knows of one node: {rows}, {columns}, {results}, {width},
    {factor}, {least} and {most}.
    """

    way_back: str  # how the gradient with respect to its input arrives
    forward: Callable[..., str]
    backward: Callable[..., tuple[str, ...]]
    to_parameters: str = ""  # how the gradient with respect to its parameters arrives, where that is another way
    way_there: str = ""  # what it does, where a step may have one operation or another


def account(node: Node) -> Account:
    """What is said of the operation that a node of a lesson came from."""
    found = ACCOUNTS[type(node.operation)]
    return replace(found, way_back=_EVERY_WORD) if is_smoothed(node) else found


def is_smoothed(node: Node) -> bool:
    """Whether a node is a loss with label smoothing."""
    return isinstance(node.operation, CrossEntropy) and node.operation.smoothing > 0


_EVERY_WORD = _(
    "With label smoothing, every word counts. The gradient of a probability is minus its q over the probability, times "
    "the gradient of the position's loss."
)


def _q(operation: Any, probabilities: str) -> str:
    """The share of each word in the cross-entropy, as NumPy."""
    targets = f"np.equal.outer({operation.targets.tolist()}, np.arange({probabilities}.shape[-1]))"
    if not operation.smoothing:
        return targets
    return f"({1 - operation.smoothing} * {targets} + {operation.smoothing} / {probabilities}.shape[-1])"


def _allowed(operation: Any) -> str:
    return f"np.array({operation.allowed.astype(int).tolist()}, dtype=bool)"


def _kept(operation: Any) -> str:
    return f"np.array({operation.kept.astype(int).tolist()}, dtype=bool)"


ACCOUNTS: dict[type, Account] = {
    Lookup: Account(
        way_back=(
            _(
                "Each row of the table adds up the gradients of all positions where it was read. A row that was not "
                "read gets nothing from here."
            )
        ),
        forward=lambda op, table: f"{table}[{op.ids.tolist()}]",
        backward=lambda op, bar, out, table: (f"scattered({bar}, {op.ids.tolist()}, {table})",),
    ),
    Add: Account(
        way_back=_("A sum passes its gradient on unchanged, to each of its terms."),
        forward=lambda op, x, y: f"{x} + {y}",
        backward=lambda op, bar, out, x, y: (bar, f"{bar}.reshape(-1, *{y}.shape).sum(axis=0)"),
        to_parameters=_("The bias was added at every position, so its gradient is the sum over all positions."),
    ),
    Scale: Account(
        way_back=(
            _(
                "On the way forward, these numbers were multiplied by {factor}. Their gradient is multiplied by the "
                "same number."
            )
        ),
        forward=lambda op, x: f"{op.factor!r} * {x}",
        backward=lambda op, bar, out, x: (f"{op.factor!r} * {bar}",),
    ),
    MatMul: Account(
        way_back=(
            _(
                "On the way forward, a product of two matrices came next. Each factor gets the gradient of the "
                "product times the other factor."
            )
        ),
        forward=lambda op, x, y: f"{x} @ transpose({y})" if op.transposed else f"{x} @ {y}",
        backward=lambda op, bar, out, x, y: (
            (f"{bar} @ {y}", f"transpose({bar}) @ {x}")
            if op.transposed
            else (f"{bar} @ transpose({y})", f"transpose({x}) @ {bar}")
        ),
    ),
    Linear: Account(
        way_back=(
            _(
                "On the way forward, a weight matrix turned the {columns} columns into {results}. The gradient comes "
                "back through the same matrix, transposed."
            )
        ),
        forward=lambda op, x, weight, bias: f"{x} @ {weight} + {bias}",
        backward=lambda op, bar, out, x, w, b: (f"{bar} @ {w}.T", f"{x}.T @ {bar}", f"{bar}.sum(axis=0)"),
        to_parameters=(
            _(
                "Each entry of the weight matrix gets its input times the gradient of its output, added up over all "
                "rows, here {rows}. The bias gets the sum of the output's gradients."
            )
        ),
    ),
    SplitHeads: Account(
        way_back=_("The gradients of the heads are put side by side again, {width} columns of each."),
        forward=lambda op, x: f"split({x}, {op.heads})",
        backward=lambda op, bar, out, x: (f"merge({bar})",),
    ),
    MergeHeads: Account(
        way_back=_("The gradient is split by columns into one part per head, {width} columns each."),
        forward=lambda op, x: f"merge({x})",
        backward=lambda op, bar, out, x: (f"split({bar}, len({x}))",),
    ),
    Mask: Account(
        way_back=_("The gradient is zero where a token was not allowed to look."),
        forward=lambda op, x: f"np.where({_allowed(op)}, {x}, -np.inf)",
        backward=lambda op, bar, out, x: (f"np.where({_allowed(op)}, {bar}, 0)",),
    ),
    Softmax: Account(
        way_back=(
            _(
                "The [[softmax]] turned these numbers into shares, and a share can only grow if the others shrink. So "
                "the gradient of a number is its share times a difference: the gradient of its share, less the mean "
                "of the row's gradients, weighted by the shares."
            )
        ),
        forward=lambda op, x: f"softmax({x})",
        backward=lambda op, bar, out, x: (f"{out} * ({bar} - ({bar} * {out}).sum(axis=-1, keepdims=True))",),
    ),
    LayerNorm: Account(
        way_back=(
            _(
                "Back through the [[layer norm]], the gradient is multiplied by γ and divided by the standard "
                "deviation of its row, here {least} to {most}. The part that would only shift or stretch the whole row "
                "is removed, because the norm would undo such a change."
            )
        ),
        forward=lambda op, x, gain, bias: f"normalised({x}) * {gain} + {bias}",
        backward=lambda op, bar, out, x, gain, b: (
            f"layer_norm_back({x}, {gain}, {bar})",
            f"({bar} * normalised({x})).sum(axis=0)",
            f"{bar}.sum(axis=0)",
        ),
        to_parameters=(
            _(
                "The weight γ gets the normalised numbers times the gradient of the result, added up over all rows, "
                "here {rows}. The weight β gets the sum of the result's gradients."
            )
        ),
    ),
    ReLU: Account(
        way_back=_("Where the number was below zero, the gradient is zero."),
        forward=lambda op, x: f"np.maximum(0, {x})",
        backward=lambda op, bar, out, x: (f"{bar} * ({x} > 0)",),
    ),
    GELU: Account(
        way_back=_("The gradient is multiplied by the slope of the GELU at that number."),
        forward=lambda op, x: f"{x} * normal_distribution({x})",
        backward=lambda op, bar, out, x: (
            f"{bar} * (normal_distribution({x}) + {x} * np.exp(-({x}**2) / 2) / sqrt(2 * pi))",
        ),
        way_there=(
            _(
                "This is the GELU: each number is multiplied by the share of a normal distribution that is below it. "
                "Large numbers stay nearly as they are, numbers far below zero become nearly zero. Without this step, "
                "the two matrices around it could be multiplied into a single one."
            )
        ),
    ),
    Dropout: Account(
        way_back=_("Where dropout set a number to 0, the gradient is 0. Elsewhere it is divided by 1 − r as well."),
        forward=lambda op, x: f"{x} * {_kept(op)} / {1 - op.rate!r}",
        backward=lambda op, bar, out, x: (f"{bar} * {_kept(op)} / {1 - op.rate!r}",),
    ),
    CrossEntropy: Account(
        way_back=(
            _(
                "Only the probability of the right word counts. Its gradient is minus one over the probability, times "
                "the gradient of the position's loss: the less probable the right word was, the larger the gradient."
            )
        ),
        forward=lambda op, p: f"-({_q(op, p)} * np.log({p})).sum(axis=-1)",
        backward=lambda op, bar, out, p: (f"-{bar}[:, None] * {_q(op, p)} / {p}",),
    ),
    Mean: Account(
        way_back=_("The loss is a mean, so the gradient of each position's loss is one over the number of positions."),
        forward=lambda op, x: f"{x}.mean()",
        backward=lambda op, bar, out, x: (f"np.full({x}.shape, {bar} / {x}.size)",),
    ),
}
