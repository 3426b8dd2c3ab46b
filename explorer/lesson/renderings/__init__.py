"""The same lesson as Markdown, LaTeX, a notebook, a page of HTML, JSON, and its matrices as figures."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.errors import UserError
from explorer.lesson.lesson import Lesson
from explorer.lesson.numbers import check_decimals
from explorer.lesson.renderings.html import to_html
from explorer.lesson.renderings.json import to_json
from explorer.lesson.renderings.latex import to_latex
from explorer.lesson.renderings.markdown import to_markdown
from explorer.lesson.renderings.notebook import to_notebook
from explorer.lesson.steps import Chapter

_WRITTEN = {"md": to_markdown, "tex": to_latex, "ipynb": to_notebook, "html": to_html, "json": to_json}
FORMATS = tuple(_WRITTEN)


def render(lesson: Lesson, form: str, chapters: Sequence[Chapter] | None = None, decimals: int = 4) -> str:
    """The lesson, or the chapters that `parts.part` gives, in one of FORMATS.

    Raises UserError for another format or number of decimals.
    """
    if form not in FORMATS:
        raise UserError(f"A lesson has no format “{form}”. Take one of {', '.join(FORMATS)}.")
    check_decimals(decimals)
    return _WRITTEN[form](lesson, chapters, decimals)
