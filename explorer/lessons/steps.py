"""What a lesson is made of: chapters of steps, each with prose, formulas, tensors to show, and tables."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from explorer.lessons.bounds import GRADIENT as GRADIENT
from explorer.lessons.bounds import SIDES as SIDES
from explorer.lessons.bounds import UPDATED as UPDATED
from explorer.lessons.bounds import VALUE as VALUE
from explorer.transformer.tape import Node

if TYPE_CHECKING:
    from explorer.lessons.lesson import Lesson
    from explorer.transformer.trace import Trace

FEW_WORDS = 12  # a vocabulary of so many words is shown whole


@dataclass(frozen=True)
class Shown:
    """A tensor that a step shows: its `value`, its `gradient`, or what one optimiser step makes of it, `updated`."""

    name: str
    side: str = VALUE


@dataclass(frozen=True)
class Table:
    """What is no tensor: neighbours of a word, likely words, a weight's way through the optimiser. Where its
    numbers follow from one another, each row has so many `digits` that a reader can compute one from the others."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str | int | float, ...], ...]
    digits: tuple[int, ...] = ()

    @property
    def with_digits(self) -> Iterator[tuple[tuple[str | int | float, ...], int]]:
        """Each row and how many digits its numbers have, 0 where that is left open."""
        return zip(self.rows, self.digits or (0,) * len(self.rows), strict=True)

    @property
    def numeric(self) -> tuple[bool, ...]:
        """Of each column, whether it holds numbers alone."""
        return tuple(not any(isinstance(row[place], str) for row in self.rows) for place in range(len(self.columns)))

    def as_json(self) -> dict[str, Any]:
        return {"title": self.title, "columns": list(self.columns), "rows": [list(row) for row in self.rows]}


@dataclass(frozen=True)
class Step:
    """One thing that happens. `key` names it in addresses; `prose` is Markdown that points at the glossary."""

    key: str
    title: str
    prose: str
    formulas: tuple[str, ...]
    shown: tuple[Shown, ...]
    tables: tuple[Table, ...] = ()
    lesson: Lesson | None = field(default=None, compare=False, repr=False)  # of one that `Lesson.step` returned

    def _repr_html_(self) -> str | None:
        """The step as a notebook shows it, where it knows its lesson."""
        from explorer.lessons.renderings.html import step_in_notebook

        return step_in_notebook(self.lesson, self) if self.lesson else None


@dataclass(frozen=True)
class Chapter:
    title: str
    steps: tuple[Step, ...]


def is_given(trace: Trace, node: Node) -> bool:
    """Whether a node comes from nothing: a weight, or the shares 1/n of a mean. Positions come from sines."""
    return node.name in trace.parameters or (node.operation is None and not node.name.endswith("positions"))


def unshown(node: Node) -> list[Node]:
    """The inputs of a node that no step shows: queries, keys and values before they are cut into heads."""
    return [source for source in node.inputs if "projected_" in source.name]
