"""A trace: one sentence's pass through the model, every intermediate by name. The trace is the run itself."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from explorer.transformer import notation
from explorer.transformer.tape import Array, Node, Tape


@dataclass(frozen=True)
class Tensor:
    """A named array of the pass: `value` is float64, (token, feature) or (head, token, …), as `axes` says."""

    node: Node

    @property
    def name(self) -> str:
        return self.node.name

    @property
    def value(self) -> Array:
        return self.node.value

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
            return _LEAVES.get(self.name, self.symbol)
        inputs = (notation.symbol(source.name) for source in self.node.inputs)
        return f"{self.symbol} = {self.node.operation.formula.format(*inputs)}"

    def as_json(self) -> dict[str, Any]:
        return {"shape": list(self.shape), "formula": self.formula, "value": self.value.tolist()}


_LEAVES = {
    "positions": "\\mathit{PE}_{t,2i} = \\sin\\frac{t}{10000^{2i/d}},\\quad "
    "\\mathit{PE}_{t,2i+1} = \\cos\\frac{t}{10000^{2i/d}}",
}


class Trace:
    """The tensors of one pass in the order they were computed; `trace[name]` is one of them."""

    def __init__(self, tape: Tape, tokens: Sequence[str]):
        self.tokens = tuple(tokens)
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
        return self._tensors[name] if name in self._tensors else self.parameters[name]

    def as_json(self, parameters: bool = False) -> dict[str, Any]:
        """`{"tokens": […], "tensors": {name: {"shape", "formula", "value"}}}`, with `"parameters"` on request."""
        answer: dict[str, Any] = {
            "tokens": list(self.tokens),
            "tensors": {tensor.name: tensor.as_json() for tensor in self},
        }
        if parameters:
            answer["parameters"] = {name: tensor.as_json() for name, tensor in self.parameters.items()}
        return answer
