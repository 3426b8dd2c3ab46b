"""The equation of each operation on the way back: from the gradient of its value to the gradient of an input.

Where a tensor was used several times, each use has an equation, and then their results are added up.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from explorer.lessons.equations.forward import (
    COLUMN,
    ROW,
    banded,
    by_number,
    columns_of_heads,
    head_of_column,
    norm_columns,
    operation_of,
    product,
    scaling,
    with_rest,
)
from explorer.lessons.equations.matrices import Draughtsman, caption, taken
from explorer.lessons.equations.parts import Constant, Equation, Line, Matrix, Number, Sum
from explorer.lessons.steps import GRADIENT
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
from explorer.transformer.tape import Array, Node

_Parts = tuple[tuple[str | Matrix, ...], tuple[Line, ...]]


def backward_equations(draw: Draughtsman, node: Node) -> tuple[Equation, ...]:
    """How the gradient with respect to a tensor came about."""
    uses = [(user, position) for user, _operation, position in draw.lesson.trace.uses(node)]
    gradient = draw.tensor(node, GRADIENT)
    if not uses:  # the loss itself
        return (Equation("", (gradient,), gradient, (Line(Number(gradient), "1", ()),)),)
    if len(uses) == 1:
        return (_use(draw, *uses[0], gradient),)
    shares = [_share(draw, gradient, user, position, number) for number, (user, position) in enumerate(uses, start=1)]
    equations = [_use(draw, user, position, share) for (user, position), share in zip(uses, shares, strict=True)]
    signs = [part for share in shares for part in ("+", share)][1:]
    line = Line(
        Number(gradient), " + ".join(f"{{{place}}}" for place in range(len(shares))), tuple(map(Number, shares))
    )
    return (*equations, Equation("", (*signs, "=", gradient), gradient, (line,)).at_largest(gradient.values))


def _share(draw: Draughtsman, gradient: Matrix, user: Node, position: int, number: int) -> Matrix:
    """What one of several uses adds to a gradient, with its rows and columns."""
    assert user.operation is not None
    assert user.gradient is not None
    values = taken(user.operation.vjp(user.saved, user.gradient)[position], gradient)
    return draw.like(
        gradient, values, f"{{{gradient.symbol}}}_{{{number}}}", _("by way of the {name}", name=caption(user.name))
    )


def _use(draw: Draughtsman, user: Node, position: int, result: Matrix) -> Equation:
    parts, lines = BACKWARD[type(user.operation)](draw, user, position, result)
    equals = () if parts[-1] == "→" else ("=",)  # heads are only put side by side, or apart
    return Equation("", (*parts, *equals, result), result, lines).at_largest(result.values)


def _bar(draw: Draughtsman, user: Node, transposed: bool = False, whole: bool = False) -> Matrix:
    return draw.tensor(user, GRADIENT, transposed, whole)


def _over_tokens(result: Matrix, *factors: Matrix) -> Line:
    """The sum over all rows of a product of numbers in one column."""
    text = "·".join(f"{{{place}}}" for place in range(len(factors)))
    slots = tuple(Number(factor, (0, "k", "j")) for factor in factors)
    return Line(Number(result), "{0}", (Sum(len(factors[0].rows), text, slots),))


def _linear(draw: Draughtsman, user: Node, position: int, result: Matrix) -> _Parts:
    x, weight, _bias = user.inputs
    if position == 2:
        bar = _bar(draw, user)
        return (_("Σ over the rows of"), bar), (_over_tokens(result, bar),)
    if position == 0:
        left, right = _bar(draw, user, whole=True), draw.tensor(weight, transposed=True, whole=True)
    else:
        left, right = draw.tensor(x, transposed=True), _bar(draw, user)
    return (left, "·", right), (Line(Number(result), "{0}", (product(left, right),)),)


def _matmul(draw: Draughtsman, user: Node, position: int, result: Matrix) -> _Parts:
    x, y = user.inputs
    transposed = operation_of(user).transposed
    if position == 0:
        left, right = _bar(draw, user, whole=True), draw.tensor(y, transposed=not transposed, whole=True)
    elif transposed:
        left, right = _bar(draw, user, transposed=True), draw.tensor(x)
    else:
        left, right = draw.tensor(x, transposed=True), _bar(draw, user)
    return (left, "·", right), (Line(Number(result), "{0}", (product(left, right),)),)


def _add(draw: Draughtsman, user: Node, position: int, result: Matrix) -> _Parts:
    bar = _bar(draw, user)
    if user.inputs[position].value.ndim < user.value.ndim:
        return (_("Σ over the rows of"), bar), (_over_tokens(result, bar),)
    return (bar,), (Line(Number(result), "{0}", (Number(bar),)),)


def _scale(draw: Draughtsman, user: Node, position: int, result: Matrix) -> _Parts:
    bar = _bar(draw, user)
    sign, factor = scaling(operation_of(user))
    line = Line(Number(result), f"{{0}} {sign} {{1}}", (Number(bar), factor))
    return (bar, by_number(bar, sign, factor.symbol, f"{factor.number:.{draw.decimals}f}")), (line,)


def _times(draw: Draughtsman, user: Node, result: Matrix, factor: Array, symbol: str, words: str) -> _Parts:
    """A gradient times a number for each cell."""
    bar = _bar(draw, user)
    slopes = draw.like(bar, factor, symbol, words)
    return (bar, "⊙", slopes), (Line(Number(result), "{0}·{1}", (Number(bar), Number(slopes))),)


def _mask(draw: Draughtsman, user: Node, position: int, result: Matrix) -> _Parts:
    allowed = np.broadcast_to(operation_of(user).allowed, user.value.shape).astype(float)
    return _times(draw, user, result, allowed, "[M = 0]", _("1 where a token may look, else 0"))


def _relu(draw: Draughtsman, user: Node, position: int, result: Matrix) -> _Parts:
    return _times(draw, user, result, user.saved[0].astype(float), "[x > 0]", _("1 above zero, else 0"))


def _dropout(draw: Draughtsman, user: Node, position: int, result: Matrix) -> _Parts:
    return _times(draw, user, result, user.saved[0], "B / (1 - r)", _("0, or 1 / (1 − r)"))


def _gelu(draw: Draughtsman, user: Node, position: int, result: Matrix) -> _Parts:
    bar, x = _bar(draw, user), draw.tensor(user.inputs[0])
    values, below = user.saved
    density = operation_of(user).density(values)
    phi = draw.like(x, below, "\\Phi", _("share of a normal distribution below"), shares=True)
    height = draw.like(x, density, "\\varphi", _("its density"))
    slope = draw.like(x, below + values * density, "\\Phi + x\\varphi", _("slope"))
    lines = (
        Line(Number(slope), "{0} + {1}·{2}", (Number(phi), Number(x), Number(height))),
        Line(Number(result), "{0}·{1}", (Number(bar), Number(slope))),
    )
    return (bar, "⊙ (", phi, "+", x, "⊙", height, "=", slope, ")"), lines


def _split(draw: Draughtsman, user: Node, position: int, result: Matrix) -> _Parts:
    bar = _bar(draw, user)
    return (bar, "→"), (Line(Number(result), "{0}", (Number(bar, head_of_column(user.value)),)),)


def _merge(draw: Draughtsman, user: Node, position: int, result: Matrix) -> _Parts:
    heads = user.inputs[0].value
    bar = banded(_bar(draw, user), heads)
    return (bar, "→"), (Line(Number(result), "{0}", (Number(bar, (0, "i", columns_of_heads(heads))),)),)


def _softmax(draw: Draughtsman, user: Node, position: int, result: Matrix) -> _Parts:
    shares, bar = draw.tensor(user), _bar(draw, user)
    assert user.gradient is not None
    products = with_rest(draw, shares, user.value * user.gradient, "", _("their products"))
    means = draw.like(shares, (user.value * user.gradient).sum(axis=-1, keepdims=True), "r", _("sum of each row"))
    lines = (
        Line(Number(products), "{0}·{1}", (Number(shares), Number(bar))),
        Line(Number(means, COLUMN), "{0}", (Sum(len(products.columns), "{0}", (Number(products, ("h", "i", "k")),)),)),
        Line(Number(result), "{0}·({1} − {2})", (Number(shares), Number(bar), Number(means, COLUMN))),
    )
    return (shares, "⊙", bar, "=", products, "Σ", means, _("share · (gradient − r)")), lines


def _layer_norm(draw: Draughtsman, user: Node, position: int, result: Matrix) -> _Parts:
    bar = _bar(draw, user)
    x, _mean, s, x_hat, _lines = norm_columns(draw, user)
    if position == 2:
        return (_("Σ over the rows of"), bar), (_over_tokens(result, bar),)
    if position == 1:
        return (_("Σ over the rows of"), bar, "⊙", x_hat), (_over_tokens(result, bar, x_hat),)
    assert user.gradient is not None
    gain = draw.tensor(user.inputs[1])
    values = user.gradient * user.inputs[1].value
    scaled = draw.like(bar, values, "G", _("gradient times γ"))
    mean = draw.like(bar, values.mean(axis=-1, keepdims=True), "a", _("mean of G"))
    along = draw.like(bar, (values * user.saved[0]).mean(axis=-1, keepdims=True), "b", _("mean of G · x̂"))
    d, count = Constant(float(len(x.columns)), "d"), len(x.columns)
    each = Number(scaled, ("h", "i", "k"))
    lines = (
        Line(Number(scaled), "{0}·{1}", (Number(bar), Number(gain, ROW))),
        Line(Number(mean, COLUMN), "({0}) / {1}", (Sum(count, "{0}", (each,)), d)),
        Line(Number(along, COLUMN), "({0}) / {1}", (Sum(count, "{0}·{1}", (each, Number(x_hat, ("h", "i", "k")))), d)),
        Line(
            Number(result),
            "({0} − {1} − {2}·{3}) / {4}",
            (Number(scaled), Number(mean, COLUMN), Number(x_hat), Number(along, COLUMN), Number(s, COLUMN)),
        ),
    )
    return (bar, "⊙", gain, "=", scaled, "−", mean, "−", x_hat, "·", along, _("all /"), s), lines


def _lookup(draw: Draughtsman, user: Node, position: int, result: Matrix) -> _Parts:
    bar = _bar(draw, user)
    assert result.places is not None or result.tensor is None
    rows = draw.tensor(user.inputs[0]).places
    assert rows is not None
    places = (np.array(rows[0])[:, None] == operation_of(user).ids[None, :]).astype(float)
    read = draw.apart(places, "", _("1 where the row was read"), result.rows, bar.rows)
    return (read, "·", bar), (Line(Number(result), "{0}", (product(read, bar),)),)


def _cross_entropy(draw: Draughtsman, user: Node, position: int, result: Matrix) -> _Parts:
    bar, probabilities = _bar(draw, user), draw.tensor(user.inputs[0])
    assert probabilities.places is not None
    weights = user.saved[1][..., probabilities.places[1]]
    smoothed = operation_of(user).smoothing
    right = _("wanted: 1 for the right label") if user.name == "labels.losses" else _("wanted: 1 for the right word")
    words = _("wanted, smoothed") if smoothed else right
    wanted = draw.like(probabilities, weights, "q", words, shares=True)
    line = Line(Number(result), "(−{0} / {1})·{2}", (Number(wanted), Number(probabilities), Number(bar, COLUMN)))
    return ("−", wanted, "/", probabilities, "·", bar), (line,)


def _mean(draw: Draughtsman, user: Node, position: int, result: Matrix) -> _Parts:
    bar, count = _bar(draw, user), Constant(float(operation_of(user).counted.sum()), "n")
    line = Line(Number(result), "{0} / {1}", (Number(bar, (0, 0, 0)), count))
    return (bar, by_number(bar, "/", "n", f"{count.number:.0f}")), (line,)


BACKWARD: dict[type, Callable[[Draughtsman, Node, int, Matrix], _Parts]] = {
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
