"""Whether what a comparison was trained on is on this machine: of some, only results came along."""

from __future__ import annotations

import os

from explorer.errors import NotThere
from explorer.initialisation.plan import Plan
from explorer.initialisation.tasks import NAMES, file_of
from explorer.texts import _


def check_texts(plan: Plan) -> None:
    """Raise NotThere where the texts of a comparison at hand are not."""
    if plan.task in NAMES or os.path.isfile(file_of(plan.task)):
        return
    columns = ", ".join(f"“{column}”" for column in plan.columns if column)
    raise NotThere(
        _(
            "The texts of “{name}” are not here, so nothing can be trained on them: only its results came along. Put "
            "their table, with the columns {columns}, where it was: {file}, seen from the folder in which you start "
            "the command.",
            name=plan.name,
            columns=columns,
            file=plan.public.task,
        )
        if columns
        else _(
            "The texts of “{name}” are not here, so nothing can be trained on them: only its results came along. Put "
            "their file where it was: {file}, seen from the folder in which you start the command.",
            name=plan.name,
            file=plan.public.task,
        )
    )
