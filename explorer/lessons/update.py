"""One step of the optimiser, from the lesson's own gradients: every weight before and after."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from explorer.errors import UserError
from explorer.lessons.example import Example
from explorer.lessons.numbers import exact, read, significant
from explorer.texts import _
from explorer.transformer.explanation import Explanation, Factor, Index, Term, cell, constant, slope
from explorer.transformer.notation import aligned
from explorer.transformer.optimisers import SGD, Adam, FlatParameters, optimiser
from explorer.transformer.tape import Array
from explorer.transformer.trace import Trace
from explorer.transformer.translator import Translator

_EPSILON = f"10^{{{math.log10(Adam().epsilon):.0f}}}"  # in LaTeX

_FEWEST_DIGITS, _ALL_DIGITS = 3, 17  # of a number in a weight's way through a step; a float64 has no more
_FEWEST_OF_MEANS = 4  # with fewer, a gradient and its mean look like different numbers
_EDGE = 1e-12  # relative; nearer to a tie than this, a calculator may round to the other side


@dataclass(frozen=True)
class SteppedWeight:
    """A weight before and after the first step at a learning rate, with its gradient; of Adam the running means that
    led there too."""

    before: float
    gradient: float
    after: float
    rate: float
    m: float | None = None
    v: float | None = None

    @property
    def change(self) -> float:
        """What is added to the weight; as a difference of the two it would have only the digits that they have."""
        if self.m is None:
            return -self.rate * self.gradient
        mean, square = self.corrected
        return -self.rate * mean / (math.sqrt(square) + Adam().epsilon)

    @property
    def corrected(self) -> tuple[float, float]:
        """m̂ and v̂, without the pull of the zero that the means began at."""
        assert self.m is not None
        assert self.v is not None
        return self.m / (1 - Adam().beta1), self.v / (1 - Adam().beta2)

    @property
    def rows(self) -> tuple[tuple[str, float], ...]:
        """The weight's way through the step, line by line."""
        rows = [(_("the weight"), self.before), (_("its gradient"), self.gradient)]
        if self.m is not None and self.v is not None:
            adam, (mean, square) = Adam(), self.corrected
            rows += [
                (_("m = {factor:.2g} · gradient (a running mean that starts at zero)", factor=1 - adam.beta1), self.m),
                (_("v = {factor:.2g} · gradient² (a running mean that starts at zero)", factor=1 - adam.beta2), self.v),
                (_("m̂ = m / (1 − {beta:g}), corrected for the start at zero", beta=adam.beta1), mean),
                (_("v̂ = v / (1 − {beta:g}), corrected in the same way", beta=adam.beta2), square),
                (_("√v̂ (m̂ is divided by it)"), math.sqrt(square)),
            ]
        return (*rows, (_("the change"), self.change), (_("the weight after"), self.after))

    @property
    def digits(self) -> tuple[int, ...]:
        """Of each row how many digits to print, so that a pocket calculator gets each number from those printed above
        it: the fewest, found from the last row to the first."""
        change, before = next(
            (change, before)
            for change in range(_FEWEST_DIGITS, _ALL_DIGITS + 1)
            for before in range(_FEWEST_DIGITS, _ALL_DIGITS + 1)
            if _agrees(_printed(self.before, before) + _printed(self.change, change), self.after, _FEWEST_DIGITS)
            or change == before == _ALL_DIGITS
        )
        if self.m is None or self.v is None:
            gradient = _fewest((self.gradient,), (lambda slope: -self.rate * slope, self.change, change))
            return before, gradient, change, _FEWEST_DIGITS
        adam, (mean, square) = Adam(), self.corrected
        first, second, root = 1 - adam.beta1, 1 - adam.beta2, math.sqrt(square)
        quotient = _fewest((mean, root), (lambda m, r: -self.rate * m / (r + adam.epsilon), self.change, change))
        squares = _fewest((square,), (math.sqrt, root, quotient))
        m = _fewest((self.m,), (lambda m: m / first, mean, quotient))
        v = _fewest((self.v,), (lambda v: v / second, square, squares))
        both = (lambda slope: first * slope, self.m, m), (lambda slope: second * slope * slope, self.v, v)
        return before, _fewest((self.gradient,), *both), m, v, quotient, squares, quotient, change, _FEWEST_DIGITS

    def as_json(self) -> dict[str, float | None]:
        mean, square = (None, None) if self.m is None else self.corrected
        return {
            "weight": self.before,
            "gradient": self.gradient,
            "m": self.m,
            "v": self.v,
            "corrected_m": mean,
            "corrected_v": square,
            "change": self.change,
            "weight_after": self.after,
        }


def _printed(number: float, digits: int) -> float:
    """What a reader of the number sees of it."""
    return read(significant(number, digits))


def _agrees(computed: float, number: float, digits: int) -> bool:
    """Whether both are the same as printed, and not by the grace of how a tie is rounded."""
    around = (computed * (1 - _EDGE), computed * (1 + _EDGE))
    return all(significant(each, digits) == significant(number, digits) for each in around)


def _fewest(given: Sequence[float], *results: tuple[Callable[..., float], float, int]) -> int:
    """With how many digits the given numbers must be printed, so that each rule gives its result, to its digits."""
    for digits in range(_FEWEST_OF_MEANS, _ALL_DIGITS):
        numbers = [_printed(number, digits) for number in given]
        if all(_agrees(rule(*numbers), result, to) for rule, result, to in results):
            return digits
    return _ALL_DIGITS


@dataclass(frozen=True, eq=False)
class Update:
    """The first step of an optimiser, whose memory is still empty. `parameters` are the weights after it, `m` and `v`
    Adam's running means then (empty for SGD), `loss` the loss of the same pair with the new weights."""

    optimiser: str
    rate: float
    before: Trace
    parameters: dict[str, Array]
    m: dict[str, Array]
    v: dict[str, Array]
    translator: Translator
    loss: float

    @property
    def formula(self) -> str:
        """LaTeX: how a weight θ moves; the bar over it is its gradient."""
        mantissa, _e, power = exact(self.rate).partition("e")
        rate = f"\\eta &= {mantissa}" + (f" \\cdot 10^{{{int(power)}}}" if power else "")
        if self.optimiser == "sgd":
            lines = ["\\theta' &= \\theta - \\eta\\,\\overline{\\theta}", rate]
        else:
            adam = Adam()
            lines = [
                "\\theta' &= \\theta - \\eta\\,\\frac{\\hat m}{\\sqrt{\\hat v} + \\varepsilon}",
                "\\hat m &= \\frac{m}{1 - \\beta_1},\\quad m = (1 - \\beta_1)\\,\\overline{\\theta}",
                "\\hat v &= \\frac{v}{1 - \\beta_2},\\quad v = (1 - \\beta_2)\\,\\overline{\\theta}^2",
                f"{rate},\\quad \\beta_1 = {adam.beta1:g},",
                f"\\beta_2 &= {adam.beta2:g},\\quad \\varepsilon = {_EPSILON}",
            ]
        return aligned(lines)

    def weight(self, name: str, *index: int) -> SteppedWeight:
        """What the step did to one weight."""
        gradient = self.before[name].gradient
        slope = 0.0 if gradient is None else float(gradient[index])
        means = [float(means[name][index]) for means in (self.m, self.v) if means]
        before, after = (float(values[index]) for values in (self.before[name].value, self.parameters[name]))
        return SteppedWeight(before, slope, after, self.rate, *means)

    def explain(self, name: str, *index: int) -> Explanation:
        """A weight after the step, as what it was and what was taken off."""
        self.before.explain(name, *index)  # says what is wrong with the name or the index
        node = self.before[name].node
        move = [constant("-\\eta", -self.rate), slope(node, index)]
        if self.optimiser == "adam":
            move.append(self._inverse_root(name, index))
        terms = (Term((cell(node, index),)), Term(tuple(move)))
        number = float(self.parameters[name][index])
        return Explanation(name, index, False, self.optimiser, self.formula, number, terms)

    def _inverse_root(self, name: str, index: Index) -> Factor:
        adam = Adam()
        mean = float(self.v[name][index]) / (1 - adam.beta2)
        symbol = f"1 / (\\sqrt{{\\hat v}} + \\varepsilon),\\ \\hat v = {mean:.4g},\\ \\varepsilon = {_EPSILON}"
        return constant(symbol, 1 / (math.sqrt(mean) + adam.epsilon))


def silent_step() -> float:
    """How far Adam moves a weight in its second step where the first one had a gradient and this one has none, in
    learning rates: m̂ / √v̂, both means of one gradient and a zero."""
    adam = Adam()
    mean = adam.beta1 * (1 - adam.beta1) / (1 - adam.beta1**2)
    square = adam.beta2 * (1 - adam.beta2) / (1 - adam.beta2**2)
    return mean / math.sqrt(square)


def first_update(example: Example, trace: Trace) -> Update:
    """One step of the example's optimiser with its learning rate, from the gradients on the trace. In float64.

    SGD is without momentum here, which has no memory yet. Raises UserError where the step goes so far that the pass
    fails after it.
    """
    rule = SGD() if example.optimiser == "sgd" else optimiser(example.optimiser)
    flat = FlatParameters({name: tensor.value for name, tensor in trace.parameters.items()})
    gradients = {name: tensor.gradient for name, tensor in trace.parameters.items() if tensor.gradient is not None}
    gradient = flat.flat.copy()
    flat.gather(gradients, gradient)
    rule.step(flat.flat, gradient, example.rate, 1)
    translator = replace(example.translator, parameters={**example.translator.parameters, **flat.arrays})
    try:
        after = replace(example, translator=translator).trace
    except UserError as error:
        raise UserError(
            _(
                "After a step with the learning rate {rate:g} no loss can be computed: the weights moved too far. "
                "Take a smaller rate.",
                rate=example.rate,
            )
        ) from error
    state = {key: flat.view(array) for key, array in rule.state.items()}
    return Update(
        example.optimiser,
        example.rate,
        trace,
        flat.arrays,
        state.get("m", {}),
        state.get("v", {}),
        translator,
        float(after["loss"].value),
    )
