"""The equation of each operation on the way forward: its inputs, the operation, its value."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from explorer.lessons.equations.matrices import Draughtsman
from explorer.lessons.equations.parts import HERE, At, By, Constant, Equation, Line, Matrix, Number, Sum
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
from explorer.transformer.operations.pointwise import LAYER_NORM_EPSILON
from explorer.transformer.tape import Array, Node
from explorer.writing.mathematics import plain

COLUMN: At = ("h", "i", 0)  # the one number of a row
ROW: At = (0, 0, "j")  # the one number of a column, such as a bias


def operation_of(node: Node) -> Any:
    """The operation that a node came from, of the type by which FORWARD and BACKWARD found who asks."""
    return node.operation


def product(x: Matrix, y: Matrix, column: str | By = "j", head: str | int = "h", row: str = "i") -> Sum:
    """The sum over k of x[i, k] · y[k, j]."""
    own = head if y.heads else 0
    return Sum(
        len(x.columns), "{0}·{1}", (Number(x, (head if x.heads else 0, row, "k")), Number(y, (own, "k", column)))
    )


def _linear(draw: Draughtsman, node: Node) -> Equation:
    x, weight, bias = (draw.tensor(each) for each in node.inputs)
    # the merging of the heads stands in the same equation, as its splitting does
    before: tuple[str | Matrix, ...] = ()
    if isinstance(node.inputs[0].operation, MergeHeads):
        merged = node.inputs[0]
        x = banded(x, merged.inputs[0].value)
        before = (draw.tensor(merged.inputs[0]), "→")
    y = draw.tensor(node)
    line = Line(Number(y), "{0} + {1}", (product(x, weight), Number(bias, ROW)))
    return Equation("", (*before, x, "·", weight, "+", bias, "=", y), y, (line,))


def banded(matrix: Matrix, heads: Array) -> Matrix:
    """A matrix whose columns belong to heads (…, h, T, d_k), as coloured slices."""
    return replace(matrix, bands=tuple(np.repeat(np.arange(heads.shape[-3]), heads.shape[-1]).tolist()))


def columns_of_heads(heads: Array) -> By:
    """Which column of the joined matrix the column j of head h is."""
    count, _, width = heads.shape
    return By(("h", "j"), tuple(tuple(head * width + column for column in range(width)) for head in range(count)))


def _split(draw: Draughtsman, node: Node) -> Equation:
    joined, split = node.inputs[0], draw.tensor(node)
    column = columns_of_heads(node.value)
    if not isinstance(joined.operation, Linear):
        whole = banded(draw.tensor(joined), node.value)
        return Equation(
            "", (whole, "→", split), split, (Line(Number(split), "{0}", (Number(whole, (0, "i", column)),)),)
        )
    x = draw.tensor(joined.inputs[0])
    weight, bias, whole = (banded(draw.tensor(each), node.value) for each in (*joined.inputs[1:], joined))
    line = Line(Number(split), "{0} + {1}", (product(x, weight, column), Number(bias, (0, 0, column))))
    return Equation("", (x, "·", weight, "+", bias, "=", whole, "→", split), split, (line,))


def _merge(draw: Draughtsman, node: Node) -> Equation:
    heads, merged = draw.tensor(node.inputs[0]), banded(draw.tensor(node), node.inputs[0].value)
    line = Line(Number(merged), "{0}", (Number(heads, head_of_column(node.inputs[0].value)),))
    return Equation("", (heads, "→", merged), merged, (line,))


def head_of_column(heads: Array) -> tuple[By, str, By]:
    """Where the heads hold the number in row i and column j of the joined matrix."""
    count, _, width = heads.shape
    places = [divmod(column, width) for column in range(count * width)]
    return By("j", tuple(head for head, _ in places)), "i", By("j", tuple(within for _, within in places))


def _matmul(draw: Draughtsman, node: Node) -> Equation:
    x, y = node.inputs
    left, right, result = draw.tensor(x), draw.tensor(y, transposed=operation_of(node).transposed), draw.tensor(node)
    line = Line(Number(result), "{0}", (product(left, right),))
    return Equation("", (left, "·", right, "=", result), result, (line,))


def _add(draw: Draughtsman, node: Node) -> Equation:
    x, y = (draw.tensor(each) for each in node.inputs)
    result = draw.tensor(node)
    line = Line(Number(result), "{0} + {1}", (Number(x), Number(y, ROW if node.inputs[1].value.ndim == 1 else HERE)))
    return Equation("", (x, "+", y, "=", result), result, (line,)).at_last_row()


def scaling(operation: Scale) -> tuple[str, Constant]:
    """A factor as a reader meets it: a division by √d_k, a product with √d_model."""
    if operation.factor < 1 and "sqrt" in operation.symbol:
        return "/", Constant(1 / operation.factor, "√d_k" if "d_k" in operation.symbol else "√d")
    return "·", Constant(operation.factor, "√d_model")


def by_number(x: Matrix, sign: str, symbol: str, number: str) -> str:
    """What stands behind a matrix: “/ √d_k = S / 2.0000”."""
    return f"{sign} {symbol} = {plain(x.symbol)} {sign} {number}"


def _scale(draw: Draughtsman, node: Node) -> Equation:
    x, result = draw.tensor(node.inputs[0]), draw.tensor(node)
    sign, factor = scaling(operation_of(node))
    shown = by_number(x, sign, factor.symbol, f"{factor.number:.{draw.decimals}f}")
    line = Line(Number(result), f"{{0}} {sign} {{1}}", (Number(x), factor))
    return Equation("", (x, shown, "=", result), result, (line,))


def _mask(draw: Draughtsman, node: Node) -> Equation:
    x, result = draw.tensor(node.inputs[0]), draw.tensor(node)
    allowed = np.broadcast_to(operation_of(node).allowed, node.value.shape)
    mask = draw.like(x, np.where(allowed, 0.0, -np.inf), "M", _("mask"))
    line = Line(Number(result), "{0} + {1}", (Number(x), Number(mask)))
    worked = np.argwhere(~allowed)[0].tolist() if not allowed.all() else [0, 0, 0]
    return Equation("", (x, "+", mask, "=", result), result, (line,)).at(*worked)


def with_rest(draw: Draughtsman, matrix: Matrix, whole: Array, symbol: str, caption: str) -> Matrix:
    """Numbers between two tensors whose columns are words, where a vocabulary is cut the sum of all others at the end.
    `whole` has all of its words."""
    assert matrix.places is not None
    kept = whole[..., matrix.places[1]].reshape(*matrix.values.shape)
    if not matrix.left_out:
        return draw.like(matrix, kept, symbol, caption)
    rest = whole.sum(axis=-1, keepdims=True).reshape(*matrix.values.shape[:2], 1) - kept.sum(axis=-1, keepdims=True)
    values, columns = np.concatenate([kept, rest], axis=-1), (*matrix.columns, _("others"))
    others = _("others: the sum of {words}", words=matrix.left_out)
    return replace(draw.apart(values, symbol, caption, matrix.rows, columns), left_out=others)


def _softmax(draw: Draughtsman, node: Node) -> Equation:
    x, shares = draw.tensor(node.inputs[0]), draw.tensor(node)
    assert x.places is not None
    _exponentials, highest, total = node.saved
    shifted = node.inputs[0].value - highest
    most = draw.like(x, highest.reshape(-1, len(x.rows), 1), "\\max", _("maximum"))
    difference = draw.like(x, shifted[..., x.places[1]].reshape(x.values.shape), "", _("minus the maximum"))
    powers = with_rest(draw, x, np.exp(shifted), "", _("exponentials"))
    added = draw.like(x, total.reshape(-1, len(x.rows), 1), "\\Sigma", _("their sum"))
    lines = (
        Line(Number(difference), "{0} − {1}", (Number(x), Number(most, COLUMN))),
        Line(Number(powers), "exp {0}", (Number(difference),)),
        Line(Number(added, COLUMN), "{0}", (Sum(len(powers.columns), "{0}", (Number(powers, ("h", "i", "k")),)),)),
        Line(Number(shares), "{0} / {1}", (Number(powers), Number(added, COLUMN))),
    )
    parts = (x, "−", most, "=", difference, "exp", powers, "Σ", added, "exp / Σ =", shares)
    return Equation("", parts, shares, lines).at(*telling(shares))


def telling(shares: Matrix) -> tuple[int, int, int]:
    """The second largest share of the last row: of the largest one the exponential is 1, which tells nothing."""
    last = len(shares.rows) - 1
    order = np.argsort(-shares.values[0, last], kind="stable")
    return 0, last, int(order[min(1, len(order) - 1)])


def norm_columns(draw: Draughtsman, node: Node) -> tuple[Matrix, Matrix, Matrix, Matrix, tuple[Line, ...]]:
    """Of a layer norm: x, the mean μ and the deviation s of its rows, x̂, and how these three come about."""
    x = draw.tensor(node.inputs[0])
    normalised, inverse, _shape, mean = node.saved
    mu, s = draw.like(x, mean, "\\mu", _("mean")), draw.like(x, 1 / inverse, "s", _("deviation"))
    x_hat = draw.like(x, normalised, "\\hat x", _("normalised"))
    d = Constant(float(len(x.columns)), "d")
    epsilon = Constant(LAYER_NORM_EPSILON, "ε")
    own = Number(x, ("h", "i", "k"))
    lines = (
        Line(Number(mu, COLUMN), "({0}) / {1}", (Sum(len(x.columns), "{0}", (own,)), d)),
        Line(
            Number(s, COLUMN),
            "√(({0}) / {1} + {2})",
            (Sum(len(x.columns), "({0} − {1})²", (own, Number(mu, COLUMN))), d, epsilon),
        ),
        Line(Number(x_hat), "({0} − {1}) / {2}", (Number(x), Number(mu, COLUMN), Number(s, COLUMN))),
    )
    return x, mu, s, x_hat, lines


def _layer_norm(draw: Draughtsman, node: Node) -> Equation:
    x, mu, s, x_hat, lines = norm_columns(draw, node)
    gain, bias, result = draw.tensor(node.inputs[1]), draw.tensor(node.inputs[2]), draw.tensor(node)
    line = Line(Number(result), "{0}·{1} + {2}", (Number(x_hat), Number(gain, ROW), Number(bias, ROW)))
    parts = ("(", x, "−", mu, ") /", s, "=", x_hat, "⊙", gain, "+", bias, "=", result)
    return Equation("", parts, result, (*lines, line))


def _relu(draw: Draughtsman, node: Node) -> Equation:
    x, result = draw.tensor(node.inputs[0]), draw.tensor(node)
    line = Line(Number(result), "max(0, {0})", (Number(x),))
    return Equation("", ("max(0,", x, ") =", result), result, (line,))


def _gelu(draw: Draughtsman, node: Node) -> Equation:
    x, result = draw.tensor(node.inputs[0]), draw.tensor(node)
    below = draw.like(x, node.saved[1], "\\Phi", _("share of a normal distribution below"), shares=True)
    lines = (
        Line(Number(below), "Φ {0}", (Number(x),)),
        Line(Number(result), "{0}·{1}", (Number(x), Number(below))),
    )
    return Equation("", (x, "⊙", below, "=", result), result, lines)


def _dropout(draw: Draughtsman, node: Node) -> Equation:
    x, result = draw.tensor(node.inputs[0]), draw.tensor(node)
    factor = draw.like(x, node.saved[0], "B / (1 - r)", _("0, or 1 / (1 − r)"))
    line = Line(Number(result), "{0}·{1}", (Number(x), Number(factor)))
    return Equation("", (x, "⊙", factor, "=", result), result, (line,))


def _lookup(draw: Draughtsman, node: Node) -> Equation:
    table, rows = draw.tensor(node.inputs[0]), draw.tensor(node)
    assert table.places is not None
    row = By("i", tuple(table.places[0].index(id_) for id_ in operation_of(node).ids.tolist()))
    line = Line(Number(rows), "{0}", (Number(table, (0, row, "j")),))
    return Equation("", (table, "→", rows), rows, (line,)).at_last_row()


def targets_of(node: Node, matrix: Matrix) -> tuple[int, ...]:
    """The column in which each row of the probabilities has its right word."""
    assert matrix.places is not None
    return tuple(matrix.places[1].index(id_) for id_ in operation_of(node).targets.tolist())


def _cross_entropy(draw: Draughtsman, node: Node) -> Equation:
    probabilities, losses = draw.tensor(node.inputs[0]), draw.tensor(node)
    if not operation_of(node).smoothing:
        right = By("i", targets_of(node, probabilities))
        line = Line(Number(losses, COLUMN), "−ln {0}", (Number(probabilities, (0, "i", right)),))
        return Equation("", ("−ln", probabilities, "=", losses), losses, (line,))
    whole, weights = node.saved
    logarithms = with_rest(draw, probabilities, np.log(whole), "\\ln p", _("logarithms"))
    shares = draw.apart(
        _spread(weights, logarithms, probabilities), "q", _("smoothed"), logarithms.rows, logarithms.columns
    )
    terms = Sum(len(shares.columns), "{0}·{1}", (Number(shares, (0, "i", "k")), Number(logarithms, (0, "i", "k"))))
    line = Line(Number(losses, COLUMN), "−({0})", (terms,))
    return Equation("", (probabilities, "ln", logarithms, "⊙ −", shares, "Σ =", losses), losses, (line,))


def _spread(weights: Array, logarithms: Matrix, probabilities: Matrix) -> Array:
    """q of the words drawn; of all others, which have one q, that number."""
    assert probabilities.places is not None
    kept = weights[..., probabilities.places[1]]
    if len(logarithms.columns) == kept.shape[-1]:
        return kept
    return np.concatenate([kept, weights.min(axis=-1, keepdims=True)], axis=-1)


def _mean(draw: Draughtsman, node: Node) -> Equation:
    losses, loss = draw.tensor(node.inputs[0]), draw.tensor(node)
    counted = np.flatnonzero(operation_of(node).counted).tolist()
    terms = Sum(len(counted), "{0}", (Number(losses, (0, By("k", tuple(counted)), 0)),))
    count = Constant(float(len(counted)), "n")
    line = Line(Number(loss), "({0}) / {1}", (terms, count))
    return Equation("", ("1/n · Σ", losses, "=", loss), loss, (line,))


def sines(draw: Draughtsman, node: Node) -> Equation:
    """The fixed positions: each number the sine or the cosine of an angle (section 3.5)."""
    result = draw.tensor(node)
    columns = np.arange(len(result.columns))
    place, wave = np.arange(float(len(result.rows))), 10000.0 ** ((columns - columns % 2) / len(columns))
    positions = draw.like(result, place[:, None], "t - 1", _("position, from 0"))
    wavelengths = draw.like(result, wave[None, :], "10000^{(2i-2)/d}", _("divisor of the column"))
    angles = draw.like(result, place[:, None] / wave, "", _("angle"))
    lines = (
        Line(Number(angles), "{0} / {1}", (Number(positions, COLUMN), Number(wavelengths, ROW))),
        Line(Number(result), ("sin {0}", "cos {0}"), (Number(angles),)),
    )
    return Equation("", (positions, "/", wavelengths, "=", angles, "sin, cos", result), result, lines).at_last_row()


FORWARD: dict[type, Callable[[Draughtsman, Node], Equation]] = {
    Lookup: _lookup,
    Add: _add,
    Scale: _scale,
    MatMul: _matmul,
    Linear: _linear,
    SplitHeads: _split,
    MergeHeads: _merge,
    Mask: _mask,
    Softmax: _softmax,
    LayerNorm: _layer_norm,
    ReLU: _relu,
    GELU: _gelu,
    Dropout: _dropout,
    CrossEntropy: _cross_entropy,
    Mean: _mean,
}


def forward_equations(draw: Draughtsman, nodes: Sequence[Node]) -> tuple[Equation, ...]:
    """How the values of a step's tensors came about. What a later equation of the step contains has none of its own."""
    inside = {node.inputs[0] for node in nodes if isinstance(node.operation, Linear)}
    return tuple(
        FORWARD[type(node.operation)](draw, node) if node.operation else sines(draw, node)
        for node in nodes
        if not (node in inside and isinstance(node.operation, MergeHeads))
    )
