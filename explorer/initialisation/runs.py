"""Every run of a comparison as a row: what is exported as CSV and Parquet."""

from __future__ import annotations

import io
import math
from typing import Any

import pyarrow as pa

from explorer.answers import Answer, Table
from explorer.initialisation.collected import Collected
from explorer.initialisation.results import as_table, write_table
from explorer.texts import _


class Runs(Answer):
    """All jobs of a plan that have a result, the compared ones first, in the order of size, seed and arm."""

    most_listed = 50

    def __init__(self, collected: Collected) -> None:
        arms = list(collected.plan.arms)
        runs = [*collected.compared.values(), *collected.searched.values()]
        runs.sort(key=lambda run: (run.search, run.share, run.seed, arms.index(run.arm), run.rate))
        self._name, self._rows = collected.plan.name, as_table(runs)

    @property
    def headline(self) -> str:
        return _("{name}: {runs:,} runs.", name=self._name, runs=self._rows.num_rows)

    def table(self) -> Table:
        """The columns that hold one number or text each; None where a run that failed has no number."""
        names = [column.name for column in self._rows.schema if not pa.types.is_list(column.type)]
        rows = self._rows.select(names).to_pylist()
        return Table(tuple(names), tuple(tuple(map(_finite, row.values())) for row in rows))

    def as_json(self) -> dict[str, Any]:
        """The table, a dictionary a run."""
        table = self.table()
        return {"name": self._name, "runs": [dict(zip(table.header, row, strict=True)) for row in table.rows]}

    def as_parquet(self) -> bytes:
        """All columns, those along the training and the watched neighbours among them."""
        out = io.BytesIO()
        write_table(self._rows, out)
        return out.getvalue()


def _finite(cell: Any) -> Any:
    return None if isinstance(cell, float) and not math.isfinite(cell) else cell
