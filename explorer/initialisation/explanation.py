"""What answers on the why of a comparison share: a row for each small training of its arms."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, astuple, fields
from typing import Any, ClassVar

from explorer.answers import Answer, Table
from explorer.initialisation.plan import Plan
from explorer.texts import _


class Explanation(Answer):
    """The `rows` of small trainings from one seed, after so many `updates` with a `share` of the examples."""

    row: ClassVar[type[Any]]

    def __init__(self, plan: Plan, share: float, updates: int, rows: Sequence[Any]) -> None:
        self.plan, self.share, self.updates, self.rows = plan, share, updates, tuple(rows)

    @classmethod
    def of_json(cls, plan: Plan, content: dict[str, Any]) -> Explanation:
        """The answer that `as_json` wrote, for the same plan."""
        return cls(plan, content["size"], content["updates"], [cls.row(**row) for row in content["rows"]])

    @property
    def outcome(self) -> str:
        return _("The explanation of “{name}” has ended.", name=self.plan.name)

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
