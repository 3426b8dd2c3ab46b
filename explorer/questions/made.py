"""What jobs answer: what they made, and how to go on with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from explorer.answers import Answer, Table

if TYPE_CHECKING:
    from explorer.initialisation.summary import Summary


_NO_ROWS = Table((), ())


@dataclass(frozen=True)
class Made(Answer):
    """What a job made: `content` is its JSON, `told` the line that says what it is, `rows` are numbers about it."""

    content: Any
    told: str
    sentences: tuple[str, ...] = ()
    rows: Table = _NO_ROWS

    @property
    def headline(self) -> str:
        return self.told

    def as_json(self) -> Any:
        return self.content

    def table(self) -> Table:
        return self.rows


@dataclass(frozen=True)
class Compared(Answer):
    """What the results of a plan say."""

    summary: Summary

    @property
    def headline(self) -> str:
        return self.summary.headline

    @property
    def sentences(self) -> tuple[str, ...]:
        summary = self.summary
        return tuple(filter(None, (summary.meaning, summary.scale, summary.chance, *summary.cautions)))

    def as_json(self) -> Any:
        return self.summary.as_json()

    def table(self) -> Table:
        """One row an arm and size: the deciding measure's mean over seeds with its 95% interval, and the rate."""
        key = self.summary.primary.key
        rows = [
            (share, row.arm, *((spread.mean, spread.low, spread.high) if spread else (None,) * 3), row.rate)
            for share in self.summary.plan.sizes
            for row in self.summary.arms(share)
            for spread in (row.values.get(key),)
        ]
        return Table(("share", "arm", key, "low", "high", "rate"), tuple(rows))
