"""A lesson as a spreadsheet that computes: whoever changes a vector or a weight in it sees a new loss.

What is given stands there as numbers with every digit: weights, masks, what dropout keeps, counts, constants. Every
other number is a formula, written from the line that the step's equation has for that cell; it takes its numbers from
the equation's own matrices, and what was computed before stands in these as a reference to where it was computed.
"""

from __future__ import annotations

import io
import math
import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Any

from explorer.lessons.equations.parts import Matrix
from explorer.lessons.lesson import Lesson
from explorer.lessons.renderings.sheets import ABOUT, FIRST_CONSTANT, HOW, Block, Plan, Sheet
from explorer.lessons.steps import GRADIENT, UPDATED, VALUE, Chapter, Shown
from explorer.palette import NEGATIVE, POSITIVE, WEIGHTS
from explorer.texts import _

if TYPE_CHECKING:
    from openpyxl.cell import Cell
    from openpyxl.styles import NamedStyle
    from openpyxl.worksheet.worksheet import Worksheet

MASKED = -1e9  # for −∞, which no spreadsheet has: the exponential of anything below −746 is 0 in float64

_NOT_IN_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_SIDES = {VALUE: "", GRADIENT: "gradient.", UPDATED: "updated."}


def to_spreadsheet(lesson: Lesson, chapters: Sequence[Chapter] | None = None, decimals: int = 4) -> bytes:
    """The workbook (.xlsx): a sheet a chapter. Of some chapters, the sheets before them are there as well, because the
    formulas stand on them. Raises UserError as `check_cells`."""
    plan = Plan(lesson, decimals)
    plan.draw(chapters)
    return _written(plan, lesson.chapters if chapters is None else chapters)


def check_cells(lesson: Lesson, chapters: Sequence[Chapter] | None = None) -> None:
    """Raises UserError for a lesson that would have more cells than a spreadsheet opens with ease."""
    Plan(lesson).draw(chapters)


def _written(plan: Plan, chapters: Sequence[Chapter]) -> bytes:
    from openpyxl import Workbook
    from openpyxl.workbook.defined_name import DefinedName

    workbook = Workbook()
    for style in _styles(plan.draughtsman.decimals):
        workbook.add_named_style(style)
    about = workbook.active
    assert about is not None
    about.title = ABOUT
    opened = {chapter.title for chapter in chapters}
    for sheet in plan.sheets:
        _draw(workbook.create_sheet(sheet.title), sheet)
    _tell(about, plan)
    for key, block in plan.homes.items():
        if isinstance(key, Shown):
            name = f"{_SIDES[key.side]}{key.name}"
            workbook.defined_names[name] = DefinedName(name, attr_text=block.range)
    if len(chapters) < len(plan.lesson.chapters):
        first = next((place for place, sheet in enumerate(plan.sheets, start=1) if sheet.chapter in opened), 0)
        workbook.active = first
    workbook.calculation.fullCalcOnLoad = True
    file = io.BytesIO()
    workbook.save(file)
    return file.getvalue()


def _tell(about: Worksheet, plan: Plan) -> None:
    """The first sheet: what this is, how to use it, and the constants."""
    lesson = plan.lesson
    _say(about, 1, 1, lesson.headline, "title")
    for row, sentence in enumerate((lesson.example.origin, *HOW), start=2):
        _say(about, row, 1, sentence)
    _say(about, FIRST_CONSTANT - 1, 1, _("Constants"), "heading")
    for row, constant in enumerate(plan.constants, start=FIRST_CONSTANT):
        _say(about, row, 1, constant.symbol, "name")
        about.cell(row, 2, constant.number).style = "constant"


def _draw(worksheet: Worksheet, sheet: Sheet) -> None:
    _say(worksheet, 1, 1, sheet.chapter, "title")
    for row, step in sheet.steps:
        _say(worksheet, row, 1, f"{step.title} ({step.key})", "heading")
    for row, column, operator in sheet.operators:
        _say(worksheet, row, column, operator, "operator")
    for block in sheet.blocks:
        _draw_block(worksheet, block)


def _draw_block(worksheet: Worksheet, block: Block) -> None:
    matrix = block.matrix
    shape = f" ({matrix.shape})" if matrix.shape else ""
    _say(worksheet, block.row - 3, block.column, f"{matrix.caption}{shape}")
    if matrix.tensor is not None:
        name = f"{_SIDES[matrix.tensor.side]}{matrix.tensor.name}"
        name = _("{tensor}, transposed", tensor=name) if matrix.transposed else name
        _say(worksheet, block.row - 2, block.column, name, "quiet")
    if matrix.columns != ("",):
        for column, name in enumerate(matrix.columns, start=block.column):
            _say(worksheet, block.row - 1, column, name, "name")
    style = ("given" if block.content is None else "computed") + ("" if _is_finite(matrix) else " or masked")
    row = block.row
    for head, name_of_head in enumerate(matrix.heads or ("",)):
        for i, name in enumerate(matrix.rows):
            if matrix.rows != ("",):
                _say(worksheet, row, block.column - 1, f"{name_of_head} · {name}" if name_of_head else name, "name")
            for j in range(len(matrix.columns)):
                cell = worksheet.cell(row, block.column + j)
                if block.content is None:
                    number = matrix.number((head, i, j))
                    cell.value = number if math.isfinite(number) else MASKED
                else:
                    cell.value = f"={block.content((head, i, j))}"
                cell.style = style
            row += 1
    if matrix.limit:
        _colour(worksheet, block)


def _is_finite(matrix: Matrix) -> bool:
    return bool(math.isfinite(matrix.values.min()))


def _colour(worksheet: Worksheet, block: Block) -> None:
    """The lesson's scale as a rule, so that a number that changes changes its colour; pale enough for black digits."""
    from openpyxl.formatting.rule import ColorScaleRule

    limit = block.matrix.limit
    (zero, below, _), (_, above, _), (_, share, _) = (stops[0] for stops in (NEGATIVE, POSITIVE, WEIGHTS))
    scale: dict[str, Any] = {"end_type": "num", "end_value": limit}
    if block.matrix.shares:
        scale |= {"start_type": "num", "start_value": 0, "start_color": zero[1:], "end_color": share[1:]}
    else:
        scale |= {"start_type": "num", "start_value": -limit, "start_color": below[1:], "end_color": above[1:]}
        scale |= {"mid_type": "num", "mid_value": 0, "mid_color": zero[1:]}
    rule = ColorScaleRule(**scale)
    worksheet.conditional_formatting.add(block.range.partition("!")[2].replace("$", ""), rule)


def _say(worksheet: Worksheet, row: int, column: int, text: str, style: str = "") -> None:
    """Text that stays text, whatever it begins with: no word becomes a formula, here or after an edit."""
    cell: Cell = worksheet.cell(row, column)
    cell.value = _NOT_IN_XML.sub("\N{REPLACEMENT CHARACTER}", text)
    cell.data_type = "s"
    if style:
        cell.style = style
    cell.quotePrefix = True


def _styles(decimals: int) -> Iterator[NamedStyle]:
    from openpyxl.styles import Alignment, Font, NamedStyle

    number = f"0.{'0' * decimals}"
    masked = f'[<={MASKED / 10:.0f}]"−∞";{number}'
    quiet, right = Font(color="666B73"), Alignment(horizontal="right")
    yield NamedStyle("computed", number_format=number)
    yield NamedStyle("computed or masked", number_format=masked, alignment=right)
    yield NamedStyle("given", font=Font(color="0000FF"), number_format=number)
    yield NamedStyle("given or masked", font=Font(color="0000FF"), number_format=masked, alignment=right)
    yield NamedStyle("constant", font=Font(color="0000FF"), number_format="General")
    yield NamedStyle("name", font=quiet, alignment=right)
    yield NamedStyle("quiet", font=quiet)
    yield NamedStyle("operator", alignment=Alignment(horizontal="center"))
    yield NamedStyle("heading", font=Font(bold=True, size=12))
    yield NamedStyle("title", font=Font(bold=True, size=14))
