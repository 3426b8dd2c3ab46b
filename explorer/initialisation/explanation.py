"""What answers on the why of a comparison share: a row for each small training of its arms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, astuple, fields
from typing import Any, ClassVar

from explorer.answers import Answer, Table
from explorer.initialisation.plan import Plan


class Explanation(Answer):
    """The `rows` of small trainings from one seed, after so many `updates` with a `share` of the examples."""

    headings_are_data = True
    row: ClassVar[type[Any]]

    def __init__(self, plan: Plan, share: float, updates: int, rows: Sequence[Any]) -> None:
        self.plan, self.share, self.updates, self.rows = plan, share, updates, tuple(rows)

    @property
    def measures(self) -> dict[str, Any]:
        """What is measured over all rows."""
        return {}

    def as_json(self) -> dict[str, Any]:
        return {
            "name": self.plan.name,
            "size": self.share,
            "updates": self.updates,
            **self.measures,
            "answer": self.headline,
            "sentences": list(self.sentences),
            "rows": [asdict(row) for row in self.rows],
        }

    def table(self) -> Table:
        return Table(tuple(each.name for each in fields(self.row)), tuple(map(astuple, self.rows)))
