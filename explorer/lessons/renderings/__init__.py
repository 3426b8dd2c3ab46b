"""The same lesson as Markdown, LaTeX, a notebook, a page of HTML, JSON, a spreadsheet, its matrices as figures."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.errors import UserError
from explorer.lessons.lesson import Lesson
from explorer.lessons.numbers import check_decimals
from explorer.lessons.renderings.displays import printed_numbers
from explorer.lessons.renderings.html import to_html
from explorer.lessons.renderings.json import numbers, to_json
from explorer.lessons.renderings.latex import to_latex
from explorer.lessons.renderings.markdown import to_markdown
from explorer.lessons.renderings.notebook import to_notebook
from explorer.lessons.renderings.spreadsheet import check_cells, to_spreadsheet
from explorer.lessons.steps import Chapter
from explorer.texts import _

_WRITTEN = {"md": to_markdown, "tex": to_latex, "ipynb": to_notebook, "html": to_html, "json": to_json}
FORMATS = tuple(_WRITTEN)  # those that are text

_EVERY_NUMBER = ("json", "ipynb")  # formats that leave none out
_MOST_NUMBERS = {True: 5_000_000, False: 500_000}  # of a format that leaves none out, of one that is read
_BYTES = {"json": 20, "ipynb": 8, "html": 100, "md": 13, "tex": 13}  # that a number takes, about


def render(lesson: Lesson, form: str, chapters: Sequence[Chapter] | None = None, decimals: int = 4) -> str | bytes:
    """The lesson, or the chapters that `parts.part` gives, in one of FORMATS, or as `xlsx`, which is bytes.

    Raises UserError for another format or number of decimals, and as `check_size`.
    """
    check_decimals(decimals)
    if form == "xlsx":  # it says itself what is too large
        return to_spreadsheet(lesson, chapters, decimals)
    check_size(lesson, form, chapters)
    return _WRITTEN[form](lesson, chapters, decimals)


def check_size(lesson: Lesson, form: str, chapters: Sequence[Chapter] | None = None) -> None:
    """Raises UserError for a format that there is not, and for what would become too large a file."""
    if form == "xlsx":
        return check_cells(lesson, chapters)
    if form not in FORMATS:
        formats = ", ".join((*FORMATS, "xlsx"))
        raise UserError(_("A lesson has no format “{form}”. Take one of {formats}.", form=form, formats=formats))
    if form == "ipynb":  # of a part, too, it computes all that comes before
        count = numbers(lesson)
    elif form == "json":
        count = numbers(lesson, chapters)
    else:
        count = printed_numbers(lesson, chapters)
    most = _MOST_NUMBERS[form in _EVERY_NUMBER]
    if count > most:
        size = _(
            "As {form} this has {count:,} numbers, some {megabytes:,.0f} MB, but a file of a lesson takes {most:,} at "
            "most.",
            form=form,
            count=count,
            megabytes=count * _BYTES[form] / 1e6,
            most=most,
        )
        if form == "ipynb":
            remedy = _("Take a smaller d_model, fewer layers or shorter sentences.")
        else:
            remedy = _("Take one chapter or one step alone, or a smaller d_model, fewer layers or shorter sentences.")
        raise UserError(f"{size} {remedy}")
