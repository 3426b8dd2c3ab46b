"""The arms of a comparison as a table: each heading sorts by its column, each arm leads to its runs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path
from urllib.parse import urlencode

import streamlit as st

from explorer.errors import UserError
from explorer.initialisation.measures import MEASURES, Measure
from explorer.initialisation.numbers import ArmRow
from explorer.texts import _
from explorer.ui.dom import script

_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "explorer_comparison_table",
    css=(_HERE.parents[1] / "neighbour_table" / "table.css").read_text(encoding="utf-8")
    + (_HERE / "table.css").read_text(encoding="utf-8"),
    js=script(_HERE / "table.js"),
)
_PLAIN = {
    "arm": "arm",
    "seeds": "seeds",
    "rate": "rate",
    "covered": "covered",
    "all": "parameters",
    "trained": "trained",
}
COLUMNS = (*_PLAIN, *MEASURES)
"""What the table can be sorted by."""


def best_first(measure: str) -> str:
    """How `comparison_table` is asked to have the best arms at the top."""
    return measure if MEASURES[measure].lower_is_better else f"-{measure}"


def comparison_table(
    rows: Sequence[ArmRow],
    measures: Sequence[Measure],
    caption: str,
    sort: str,
    chosen: str,
    urls: Mapping[str, str],
) -> None:
    """Draw the rows with the measures in their order, sorted by a column of COLUMNS, downwards where its name has a
    minus before it. `urls` are the controls that links to this page keep; the row of the `chosen` arm is marked.

    Raises UserError for a column that is not there.
    """
    column, down = sort.removeprefix("-"), sort.startswith("-")
    if column not in COLUMNS:
        raise UserError(
            _(
                "The table cannot be sorted by “{column}”. Take one of {columns}.",
                column=column,
                columns=", ".join(COLUMNS),
            )
        )
    known = [row for row in rows if _key(row, column) is not None]
    ordered = sorted(known, key=lambda row: _key(row, column), reverse=down)  # type: ignore[arg-type,return-value]
    ordered += [row for row in rows if row not in known]
    headings = [
        {
            "title": _PLAIN.get(name) or MEASURES[name].title,
            "href": _here(urls, sort=f"-{name}" if name == column and not down else name),
            "sorted": ("descending" if down else "ascending") if name == column else "none",
        }
        for name in (*_PLAIN, *(measure.key for measure in measures))
    ]
    cells = [
        {"arm": row.arm, "href": _here(urls, arm=row.arm), "chosen": row.arm == chosen, "cells": _cells(row, measures)}
        for row in ordered
    ]
    _component(key="comparison_table", data={"caption": caption, "headings": headings, "rows": cells})


def _here(urls: Mapping[str, str], **changed: str) -> str:
    return f"?{urlencode({**urls, **changed}, doseq=True)}"


def _key(row: ArmRow, column: str) -> float | str | None:
    """What a row is sorted by; None where it has no number there."""
    if column in MEASURES:
        return row.values[column].mean if column in row.values else None
    plain: dict[str, float | str | None] = {
        "arm": row.arm,
        "seeds": row.finished,
        "rate": row.rate,
        "covered": row.covered,
        "all": row.parameters,
        "trained": row.trained,
    }
    return plain.get(column)


def _cells(row: ArmRow, measures: Sequence[Measure]) -> list[tuple[str, str]]:
    """Each cell's number, and what stands small beneath it."""
    failed = _("{failed} failed", failed=row.failed) if row.failed else ""
    return [
        (f"{row.finished}", failed),
        ("–" if row.rate is None else f"{row.rate:g}", ""),
        (f"{row.covered:,}", f"of {row.words:,}") if row.covered else ("–", ""),
        (f"{row.parameters:,}", ""),
        (f"{row.trained:,}", ""),
        *(row.cell(measure) for measure in measures),
    ]
