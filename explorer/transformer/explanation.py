"""How one number came about: the terms that add up to it, each a product of cells of other tensors and of constants."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from explorer.transformer.tape import Node

Index = tuple[int, ...]


@dataclass(frozen=True)
class Factor:
    """A cell of a named tensor (its gradient, where `gradient` is true), or a constant with a LaTeX symbol.

    A constant such as ln p is computed from `cells` of `of`, the name of a tensor; one such as 1/√d_k from none.
    """

    number: float
    tensor: str | None = None
    index: Index | None = None
    gradient: bool = False
    symbol: str | None = None
    of: str | None = None
    cells: tuple[Index, ...] = ()


@dataclass(frozen=True)
class Term:
    """A product of factors."""

    factors: tuple[Factor, ...]

    @property
    def number(self) -> float:
        return math.prod(factor.number for factor in self.factors)


@dataclass(frozen=True)
class Explanation:
    """One cell of a tensor, or of its gradient, as the sum of `terms`; `formula` is the operation's, in LaTeX."""

    tensor: str
    index: Index
    gradient: bool
    operation: str
    formula: str
    number: float
    terms: tuple[Term, ...]

    @property
    def total(self) -> float:
        """The terms, added up exactly; the number to within rounding."""
        return math.fsum(term.number for term in self.terms)

    def _repr_html_(self) -> str:
        """The sum, term by term."""
        from explorer.transformer.html import explanation_html

        return explanation_html(self)

    def as_json(self) -> dict[str, Any]:
        """As nested dictionaries; a number that is not finite, such as a masked score, becomes null."""
        return asdict(self, dict_factory=_finite)


def _finite(items: list[tuple[str, Any]]) -> dict[str, Any]:
    return {key: None if isinstance(x, float) and not math.isfinite(x) else x for key, x in items}


def cell(node: Node, index: Index) -> Factor:
    """A number of a tensor."""
    return Factor(float(node.value[index]), node.name, index)


def slope(node: Node, index: Index) -> Factor:
    """A number of a tensor's gradient."""
    assert node.gradient is not None
    return Factor(float(node.gradient[index]), node.name, index, gradient=True)


def constant(symbol: str, number: float, of: Node | None = None, cells: tuple[Index, ...] = ()) -> Factor:
    """A number that is no cell of a tensor, such as 1/√d_k, or ln p, which is computed from `cells` of a node."""
    return Factor(float(number), symbol=symbol, of=of.name if of else None, cells=cells)


def row(node: Node, lead: Sequence[int]) -> tuple[Index, ...]:
    """All cells of a node's row."""
    return tuple((*lead, column) for column in range(node.value.shape[-1]))
