"""The same lesson as Markdown, LaTeX, a notebook, a page of HTML, JSON, and its matrices as figures."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import replace

from explorer.errors import UserError
from explorer.lesson.lesson import Lesson
from explorer.lesson.numbers import check_decimals
from explorer.lesson.renderings.html import to_html
from explorer.lesson.renderings.latex import to_latex
from explorer.lesson.renderings.markdown import to_markdown
from explorer.lesson.renderings.notebook import to_notebook
from explorer.lesson.steps import Chapter

_WRITTEN = {"md": to_markdown, "tex": to_latex, "ipynb": to_notebook, "html": to_html}
FORMATS = (*_WRITTEN, "json")


def render(lesson: Lesson, form: str, chapters: Sequence[Chapter] | None = None, decimals: int = 4) -> str:
    """The lesson, or the chapters that `parts.part` gives, in one of FORMATS.

    JSON has all numbers of the trace, to the last digit, whichever chapters it tells. Raises UserError for another
    format or number of decimals.
    """
    if form not in FORMATS:
        raise UserError(f"A lesson has no format “{form}”. Take one of {', '.join(FORMATS)}.")
    check_decimals(decimals)
    if form == "json":
        told = lesson if chapters is None else replace(lesson, chapters=tuple(chapters))
        return json.dumps(told.as_json(), ensure_ascii=False, allow_nan=False) + "\n"
    return _WRITTEN[form](lesson, chapters, decimals)
