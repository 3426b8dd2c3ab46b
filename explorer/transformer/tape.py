"""A reverse-mode tape of coarse, named operations over NumPy arrays.

A `Node` is what a reader needs: a name, a value, the operation it came from and that operation's inputs. A
`Record` is what the backward pass needs. With tracing on the tape keeps both; with tracing off it keeps the
records alone, and each value is freed as soon as nothing computes with it any more. A tape holds its nodes and they
only point back to it, so that all of it is freed, without a garbage collection, once nobody holds the tape.
"""

from __future__ import annotations

import weakref
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple, Protocol

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from explorer.transformer.explanation import Factor, Term

Array = NDArray[Any]
Saved = tuple[Any, ...]


class Operation(Protocol):
    """One kind of computation: its forward, its vector-Jacobian product, its formula."""

    @property
    def formula(self) -> str:
        """LaTeX, with {0}, {1} … for the symbols of its inputs."""

    @property
    def slope_formulas(self) -> tuple[str, ...]:
        """LaTeX of the gradient by each input, with {bar} for the gradient by the value, {out} for the value."""

    @property
    def forward(self) -> Callable[..., tuple[Array, Saved]]:
        """Given the inputs' values: its own value, and whatever `vjp` needs to have kept."""

    def vjp(self, saved: Saved, gradient: Array) -> tuple[Array, ...]:
        """The gradient of the loss with respect to each input, given that with respect to the value."""

    def terms(self, node: Node, index: tuple[int, ...]) -> Iterator[Term]:
        """What adds up to the value's number at `index`."""

    def slopes(
        self, node: Node, position: int, index: tuple[int, ...]
    ) -> Iterator[tuple[tuple[int, ...], tuple[Factor, ...]]]:
        """The numbers of the value that move with the number at `index` of input `position`, and how steeply."""


class Record(NamedTuple):
    """A step of the tape, as the backward pass walks it: `inputs` and `output` count nodes."""

    operation: Operation
    saved: Saved
    inputs: tuple[int, ...]
    output: int


class Node:
    """A named array on the tape. `operation` is None for a leaf: a parameter or a constant."""

    __slots__ = ("_tape", "gradient", "index", "inputs", "name", "operation", "saved", "value")

    def __init__(
        self,
        tape: Tape,
        name: str,
        value: Array,
        operation: Operation | None = None,
        inputs: tuple[Node, ...] = (),
        saved: Saved = (),
    ):
        self._tape = weakref.ref(tape)
        self.index = tape.count
        self.name = name
        self.value = value
        self.operation = operation
        self.inputs = inputs
        self.saved = saved
        self.gradient: Array | None = None

    @property
    def tape(self) -> Tape:
        """The tape that goes on recording what is computed from this node; whoever computes holds it."""
        tape = self._tape()
        assert tape is not None, f"the tape of {self.name} is gone: keep it while you compute"
        return tape


class Tape:
    """Records operations as they are applied, in order; `backward` then walks them in reverse."""

    def __init__(
        self,
        parameters: Mapping[str, Array],
        tracing: bool = True,
        random: np.random.Generator | None = None,
        cache: dict[str, Array] | None = None,
        frozen: Collection[str] = (),
    ):
        """`parameters` maps full names, such as `encoder.0.self_attention.query.weight`, to arrays.

        `random` is where dropout draws from while training; None is no dropout. `cache` holds the keys and values of
        the tokens decoded so far, by name, and takes those of the next one; None computes them all. With tracing off,
        parameters in `frozen` get no gradient, and what follows from them and from constants alone is not recorded.
        """
        self.random = random
        self.cache = cache
        self.count = 0
        self.nodes: list[Node] = []
        self.parameters: dict[str, Node] = {}
        self.output: Node | None = None  # what backward started from
        self._arrays = parameters
        self._records: list[Record] = []
        self._frozen = frozenset(frozen)
        self._fixed: set[int] = set()  # nodes that need no gradient
        self._scope = ""  # what full names begin with
        self.tracing = tracing

    @property
    def dtype(self) -> np.dtype[Any]:
        """The kind of numbers that the parameters are, and so all that is computed from them."""
        return next(iter(self._arrays.values())).dtype

    @contextmanager
    def scope(self, name: str) -> Iterator[None]:
        """Prefix the names of everything computed inside with `name` and a dot."""
        outer = self._scope
        self._scope = f"{outer}{name}."
        try:
            yield
        finally:
            self._scope = outer

    def parameter(self, name: str) -> Node:
        """The parameter of that name in the current scope; the same node however often it is asked for."""
        name = self.full_name(name)
        if name not in self.parameters:
            self.parameters[name] = self._leaf(name, self._arrays[name], name in self._frozen)
        return self.parameters[name]

    def constant(self, value: Array, name: str) -> Node:
        """An array from outside, such as a mask or the positions."""
        return self._leaf(self.full_name(name), value, True)

    def apply(self, operation: Operation, *inputs: Node, name: str) -> Node:
        """Compute `operation` on `inputs` and record it."""
        value, saved = operation.forward(*[node.value for node in inputs])
        trace = (inputs, saved) if self.tracing else ((), ())
        node = Node(self, self.full_name(name), value, operation, *trace)
        sources = tuple([source.index for source in inputs])
        if not self.tracing and self._fixed.issuperset(sources):
            self._fixed.add(node.index)
        else:
            self._records.append(Record(operation, saved, sources, node.index))
        return self._keep(node)

    def backward(self, output: Node, gradient: Array | None = None) -> dict[str, Array]:
        """The gradient of the loss with respect to every parameter that is not frozen, by name; with tracing on every
        node gets its own, too. With tracing off it can be asked for once: what was recorded is let go.

        `output` is the loss itself, or any node together with the loss's `gradient` by it.
        Baydin et al. 2018, "Automatic differentiation in machine learning: a survey", section 3.2.
        """
        self.output = output
        gradients: list[Array | None] = [None] * self.count
        gradients[output.index] = np.ones_like(output.value) if gradient is None else gradient
        sums: set[int] = set()  # nodes whose gradient is an array of its own, to which more can be added
        for record in self._reversed():
            arrived = gradients[record.output]
            if arrived is None:
                continue
            for source, share in zip(record.inputs, record.operation.vjp(record.saved, arrived), strict=True):
                known = gradients[source]
                if known is None:
                    gradients[source] = share
                elif source in sums:
                    gradients[source] += share  # in place, where it is no number
                else:
                    gradients[source] = known + share
                    sums.add(source)
            if not self.tracing:
                gradients[record.output] = None
        for node in self.nodes:
            node.gradient = gradients[node.index]
        learnable = (item for item in self.parameters.items() if item[0] not in self._frozen)
        by_name = {name: gradients[node.index] for name, node in learnable}
        return {name: np.zeros_like(self._arrays[name]) if g is None else g for name, g in by_name.items()}

    def _reversed(self) -> Iterator[Record]:
        """The records from the last to the first. With tracing off each is let go, with the arrays that it saved."""
        if self.tracing:
            yield from reversed(self._records)
            return
        while self._records:
            yield self._records.pop()

    def _leaf(self, name: str, value: Array, is_fixed: bool) -> Node:
        node = Node(self, name, value)
        if is_fixed:
            self._fixed.add(node.index)
        return self._keep(node)

    def _keep(self, node: Node) -> Node:
        self.count += 1
        if self.tracing:
            self.nodes.append(node)
        return node

    def full_name(self, name: str) -> str:
        """A name in the current scope."""
        return self._scope + name
