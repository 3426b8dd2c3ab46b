"""A trace: one sentence's pass through the model, every intermediate by name. The trace is the run itself."""

from __future__ import annotations

import copy
import math
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Self

import numpy as np

from explorer.answers import Answer, Table
from explorer.errors import UserError, cut
from explorer.palette import Scale
from explorer.texts import _
from explorer.transformer import notation
from explorer.transformer.explanation import Explanation, Factor, Term, cell, constant, slope
from explorer.transformer.operations import Add, Linear
from explorer.transformer.tape import Array, Node, Operation, Tape

_SOME = 3  # names that an error lists
_LONGEST_NAME = 200  # of a tensor, looked for among those that there are


@dataclass(frozen=True)
class Tensor:
    """A named array of the pass: `value` is float64, (token, feature) or (head, token, …), as `axes` says."""

    node: Node
    trace: Trace | None = field(default=None, compare=False, repr=False)  # that gave it: it names rows, and has scales

    @property
    def name(self) -> str:
        return self.node.name

    @property
    def value(self) -> Array:
        return self.node.value

    @property
    def gradient(self) -> Array | None:
        """The gradient of the loss with respect to this tensor, of its shape; None before `backward`, or where no loss
        depends on it."""
        return self.node.gradient

    @property
    def shape(self) -> tuple[int, ...]:
        return tuple(self.node.value.shape)

    @property
    def role(self) -> str:
        """One of the kinds in `notation`: query, key, value, scores, weights, residual …"""
        return notation.role(self.name)

    @property
    def axes(self) -> tuple[str, ...]:
        return notation.axes(self.name)

    @property
    def symbol(self) -> str:
        return notation.symbol(self.name)

    @property
    def formula(self) -> str:
        """LaTeX: how this tensor comes from its inputs; of a leaf, its symbol alone."""
        if self.node.operation is None:
            return _SINES if self.name.endswith("positions") else self.symbol
        inputs = (notation.symbol(source.name) for source in self.node.inputs)
        return f"{self.symbol} = {self.node.operation.formula.format(*inputs)}"

    def as_json(self, gradient: bool = False) -> dict[str, Any]:
        """Shape, formula and value, on request with the gradient; what is masked (−∞) becomes null."""
        answer = {"shape": list(self.shape), "formula": self.formula, "value": _as_lists(self.value)}
        if gradient:
            answer["gradient"] = None if self.gradient is None else _as_lists(self.gradient)
        return answer

    def _repr_html_(self) -> str | None:
        """A matrix a head, in the colours and digits of a lesson, of what has room; of one that its trace gave."""
        from explorer.transformer.html import tensor_html

        return None if self.trace is None else tensor_html(self, self.trace)


def _as_lists(array: Array) -> Any:
    if np.isfinite(array).all():
        return array.tolist()
    numbers = array.astype(object)
    numbers[~np.isfinite(array)] = None
    return numbers.tolist()


_SINES = notation.aligned(  # section 3.5 counts t and i from 0; a lesson counts everything from 1
    f"\\mathit{{PE}}_{{t,{column}}} &= \\{wave}\\frac{{t-1}}{{10000^{{(2i-2)/d}}}}"
    for column, wave in (("2i-1", "sin"), ("2i", "cos"))
)
_A_LINE = 2  # summands of a gradient that stand on one line


class Trace(Answer):
    """The tensors of one pass in the order they were computed; `trace[name]` is one of them."""

    def __init__(
        self,
        tape: Tape,
        tokens: Sequence[str],
        target: Sequence[str] = (),
        words: Sequence[str] = (),
        source_words: Sequence[str] = (),
        unknown: Sequence[str] = (),
        classes: Sequence[str] = (),
    ):
        """`tokens` went into the encoder, `target` into the decoder; `words` are those of the output layer and of the
        target's table, `source_words` those of the source's. `unknown` are words in whose place <unk> was read,
        `classes` the labels of a classifier."""
        self.unknown = tuple(unknown)
        self._with_parameters = self._with_gradients = False
        self.tokens = tuple(tokens)
        self.target = tuple(target)
        self.token_names, self.target_names = notation.told_apart(self.tokens), notation.told_apart(self.target)
        self._words = tuple(words)
        self._source_words = tuple(source_words)
        self._classes = tuple(classes)
        self._nodes = tape.nodes
        self._output = tape.output
        parameters = {node.index for node in tape.parameters.values()}
        self._tensors = {node.name: Tensor(node) for node in tape.nodes if node.index not in parameters}
        self.parameters = {node.name: Tensor(node) for node in tape.parameters.values()}

    def __iter__(self) -> Iterator[Tensor]:
        return iter(self._tensors.values())

    def __len__(self) -> int:
        return len(self._tensors)

    def __contains__(self, name: str) -> bool:
        return name in self._tensors or name in self.parameters

    def __getitem__(self, name: str) -> Tensor:
        """Raises UserError for no such tensor."""
        if name not in self:
            raise self._no_tensor(name)
        tensor = self._tensors[name] if name in self._tensors else self.parameters[name]
        return Tensor(tensor.node, self)  # the trace keeps none that knows it: what nobody needs is freed at once

    def _no_tensor(self, name: str) -> UserError:
        from difflib import get_close_matches  # only an error needs it

        close = get_close_matches(name[:_LONGEST_NAME], [*self._tensors, *self.parameters], 1)
        return UserError(
            _("The trace holds no tensor called “{name}”.", name=cut(name, _LONGEST_NAME))
            + " "
            + (
                _("Did you mean {close}?", close=close[0])
                if close
                else _("Its names are such as {some}.", some=", ".join([*self._tensors][:_SOME]))
            )
        )

    def labels(self, name: str) -> tuple[tuple[str, ...], ...]:
        """What each row, column or head of a tensor is called: a tuple of labels for each of its axes."""
        tensor = self[name]
        sides = {
            "source": self.token_names,
            "target": self.target_names,
            "word": self._words,
            "source word": self._source_words,
            "label": self._classes,
            "text": (_("text"),),
        }
        return tuple(
            sides[axis] if len(sides.get(axis, ())) == size else _numbers(size)
            for axis, size in zip(tensor.axes, tensor.shape, strict=True)
        )

    def scale(self, name: str, gradient: bool = False) -> Scale:
        """The scale of colours that a tensor, or its gradient, shares with all tensors of its role."""
        role = self[name].role
        if role == "weights" and not gradient:
            return Scale(1.0, shares=True)
        alike = (tensor for tensor in (*self, *self.parameters.values()) if tensor.role == role)
        numbers = (tensor.gradient if gradient else tensor.value for tensor in alike)
        largest = (np.abs(each[np.isfinite(each)]).max(initial=0.0) for each in numbers if each is not None)
        return Scale(float(max(largest, default=0.0)))

    def likeliest_words(self, each: int) -> tuple[int, ...]:
        """The ids, in rising order, of the words that are among the `each` likeliest at some position of the target:
        the columns of the output layer that are worth a look where the vocabulary is large."""
        probabilities = self["probabilities"].value  # (T, V)
        return tuple(np.unique(np.argsort(-probabilities, axis=-1, kind="stable")[:, :each]).tolist())

    def explain(self, name: str, *index: int) -> Explanation:
        """How one number of a tensor came about: the terms that add up to it.

        A number of a leaf (a parameter, an input) is its own only term, or that of a position its sine or cosine.
        Raises UserError for no such cell.
        """
        tensor = self._cell(name, index)
        operation = tensor.node.operation
        if operation is None and name.endswith("positions"):
            wave = _wave(tensor, index)
            if math.isclose(wave.number, tensor.value[index], abs_tol=1e-6):  # a cached pass counts from another place
                formula = f"\\mathit{{PE}}_{{{index[0] + 1},{index[1] + 1}}} = {wave.symbol}"
                return Explanation(
                    name, index, False, "Sinusoid", formula, float(tensor.value[index]), (Term((wave,)),)
                )
        terms = operation.terms(tensor.node, index) if operation else iter([Term((cell(tensor.node, index),))])
        return Explanation(
            name, index, False, _kind(operation), tensor.formula, float(tensor.value[index]), tuple(terms)
        )

    def explain_gradient(self, name: str, *index: int) -> Explanation:
        """How the gradient at one number came about: a term for each number that it moves, over all its uses."""
        tensor = self._cell(name, index)
        if tensor.gradient is None:
            raise UserError(
                _("{name} has no gradient: no loss depends on it, or backward has not been run.", name=name)
            )
        uses = self.uses(tensor.node)
        terms = tuple(
            Term((slope(node, moved), *factors))
            for node, operation, position in uses
            for moved, factors in operation.slopes(node, position, index)
        )
        if tensor.node is self._output:
            terms = (Term((constant("1", 1.0),)),)
        kinds = " + ".join(dict.fromkeys(_kind(operation) for _, operation, _ in uses))
        return Explanation(name, index, True, kinds, self.gradient_formula(name), float(tensor.gradient[index]), terms)

    def gradient_formula(self, name: str) -> str:
        """LaTeX: how the gradient by a tensor, written with a bar, comes from the gradients by what it went into: a
        summand for each use, and below the sum a line for each letter that needs one.

        Raises UserError for no such tensor; the symbol alone stands for what has no gradient."""
        node = self[name].node
        if node is self._output:
            return f"{_bar(name)} = 1"
        ways: list[str] = []
        lines: list[str] = []
        for user, operation, position in self.uses(node):
            inputs = [notation.symbol(source.name) for source in user.inputs]
            formula = operation.slope_formulas[position]
            if isinstance(operation, Add) and node.value.ndim < user.value.ndim:  # the same for all tokens
                formula = Linear.slope_formulas[-1]
            ways.append(formula.format(*inputs, bar=_bar(user.name), out=notation.symbol(user.name)))
            lines += _meanings(operation, ways[-1], inputs)
        if not ways:
            return _bar(name)
        summands = list(dict.fromkeys(ways))
        rows = [" + ".join(summands[first : first + _A_LINE]) for first in range(0, len(summands), _A_LINE)]
        if len(ways) > len(summands):  # the memory, which every layer of the decoder looks at
            rows = [f"\\textstyle\\sum_{{\\text{{layers}}}} \\left( {' + '.join(summands)} \\right)"]
        if len(rows) == 1 and not lines:
            return f"{_bar(name)} = {rows[0]}"
        more = (f"&\\quad + {row}" for row in rows[1:])
        return notation.aligned([f"{_bar(name)} &= {rows[0]}", *more, *dict.fromkeys(lines)])

    def uses(self, node: Node) -> list[tuple[Node, Operation, int]]:
        """Where a node went, on the way to the loss: what was computed from it, how, and as which input."""
        return [
            (user, user.operation, position)
            for user in self._nodes
            for position, source in enumerate(user.inputs)
            if source is node and user.operation is not None and user.gradient is not None
        ]

    def _cell(self, name: str, index: tuple[int, ...]) -> Tensor:
        tensor = self[name]
        inside = len(index) == len(tensor.shape) and all(0 <= i < n for i, n in zip(index, tensor.shape, strict=True))
        if not inside:
            size = " × ".join(map(str, tensor.shape))
            kind = _("has {size} numbers, counted from 0", size=size) if size else _("is a single number")
            raise UserError(_("{name} {kind}: none stands at {index}.", name=name, kind=kind, index=list(index)))
        return tensor

    @property
    def headline(self) -> str:
        tokens = " ".join(self.tokens)
        if not self.target:
            return tokens
        return _(
            "{tokens} → {target} · loss {value:.6f} · {count:,} parameters",
            tokens=tokens,
            target=" ".join(self.target[1:]),
            value=float(self["loss"].value),
            count=self.parameter_count,
        )

    @property
    def parameter_count(self) -> int:
        """How many numbers the model learns; a table that two parts share counts once."""
        return sum(tensor.value.size for tensor in self.parameters.values())

    @property
    def warnings(self) -> Sequence[str]:
        return unknown_words_warning(self.unknown)

    def table(self) -> Table:
        """A row for each tensor, in the order they were computed."""
        rows = ((tensor.name, " × ".join(map(str, tensor.shape)), tensor.formula) for tensor in self)
        return Table(("tensor", "shape", "formula"), tuple(rows))

    def as_text(self) -> str:
        """Name, shape and formula of each tensor; its numbers too, as many as a line of a terminal holds."""
        from explorer.writing.mathematics import plain

        lines = [f"{'tensor':<42} {'shape':<14} formula"]
        for tensor in self:
            formula = plain(tensor.formula).replace("\n", f"\n{'':<58}")  # below each other
            lines.append(f"{tensor.name:<42} {' × '.join(map(str, tensor.shape)):<14} {formula}")
            digits = np.round(tensor.value, 4) + 0.0  # never −0
            lines.append(np.array2string(digits, precision=4, suppress_small=True, threshold=200, edgeitems=3))
        return "\n".join(lines)

    def written_with(self, parameters: bool, gradients: bool) -> Self:
        """The same trace; its JSON has the parameters and the gradients as well, if wished."""
        trace = copy.copy(self)
        trace._with_parameters, trace._with_gradients = parameters, gradients
        return trace

    def as_json(self, parameters: bool = False, gradients: bool = False) -> dict[str, Any]:
        """`{"tokens": […], "tensors": {name: {"shape", "formula", "value"}}}`, with `"parameters"` on request.

        A pass through the whole model adds `"target"`, its tokens, `"loss"`, and `"parameter_count"`, how many numbers
        it learns.
        """
        parameters, gradients = parameters or self._with_parameters, gradients or self._with_gradients
        answer: dict[str, Any] = {"tokens": list(self.tokens)}
        if self.target:
            answer |= {"target": list(self.target), "loss": float(self["loss"].value)}
            answer["parameter_count"] = self.parameter_count
        answer |= {
            "tensors": {tensor.name: tensor.as_json(gradients) for tensor in self},
        }
        if parameters:
            answer["parameters"] = {name: tensor.as_json(gradients) for name, tensor in self.parameters.items()}
        return answer


def unknown_words_warning(words: Sequence[str]) -> tuple[str, ...]:
    """A sentence on words that a model does not know, where there are some."""
    return (_("The model does not know {words}, and reads <unk> there.", words=", ".join(words)),) if words else ()


def _bar(name: str) -> str:
    """The gradient of the loss with respect to a tensor: its symbol under a bar, indices and accents beside it."""
    return f"\\overline{{{notation.symbol(name)}}}"


def _meanings(operation: Operation, formula: str, inputs: Sequence[str]) -> Iterator[str]:
    """Lines that say what the letters of an operation's slope stand for, and of those lines themselves."""
    for letter, meaning in getattr(operation, "letters", {}).items():
        if letter in formula:
            yield meaning.format(*inputs)
            formula += meaning


def _wave(positions: Tensor, index: tuple[int, ...]) -> Factor:
    """The number of a sinusoidal position that stands at `index`, with what it was computed from as its symbol."""
    *_, place, column = index
    d, even = positions.shape[-1], column - column % 2
    name, wave = ("sin", math.sin) if column == even else ("cos", math.cos)
    return constant(f"\\{name}({place} / 10000^{{{even}/{d}}})", wave(place / 10000 ** (even / d)))


@cache  # a page asks for the name of hundreds of cells at a time
def _numbers(size: int) -> tuple[str, ...]:
    """What a reader sees counts from 1: heads, columns, positions. Names of cells count from 0, as programs do."""
    return tuple(map(str, range(1, size + 1)))


def _kind(operation: Operation | None) -> str:
    return type(operation).__name__ if operation else "given"
