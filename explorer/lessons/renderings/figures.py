"""Any matrix or attention map of a lesson as a figure, a head beside the other: SVG for pages, PDF for papers."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.colors import ListedColormap
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from explorer.errors import UserError
from explorer.lessons.grids import Grid, grids
from explorer.lessons.lesson import Lesson
from explorer.lessons.numbers import check_decimals, rounded
from explorer.lessons.renderings.colours import scale_of
from explorer.lessons.renderings.parts import SIDES
from explorer.lessons.steps import Shown
from explorer.palette import Scale, text_on
from explorer.texts import _
from explorer.writing.drawing import as_file, label, width

FORMATS = ("svg", "pdf")

_MOST_WITH_DIGITS = 48  # columns of all heads together that still have room for digits
_LETTER, _LINE, _GAP = 0.075, 0.27, 0.35  # inches: the width of a letter, the height of a row, what lies between heads
_SMALL = 0.12  # inches: a cell without digits
_LONGEST_LABEL = 24  # letters
_VECTORS = 10_000  # cells that are drawn one by one; more become pixels, so that the file stays small


def figure(lesson: Lesson, shown: Shown, form: str = "svg", decimals: int = 4) -> bytes:
    """The file, the same bytes for the same numbers. Colours are those of the lesson on white paper; digits stand in
    the cells where there is room, and of a vocabulary the words that a lesson shows.

    Raises UserError for another format or number of decimals, and for what the lesson does not hold.
    """
    check_decimals(decimals)
    if form not in FORMATS:
        first, second = FORMATS
        raise UserError(
            _("A figure has no format “{form}”. Take {first} or {second}.", form=form, first=first, second=second)
        )
    tables, scale = grids(lesson, shown, most_columns=lesson.array(shown).size), scale_of(lesson, shown)
    title = f"{SIDES[shown.side].format(tensor=shown.name)}, ${lesson.trace[shown.name].symbol}$"
    return as_file(lambda: _drawn(tables, scale, title, decimals), form)


def _drawn(tables: Sequence[Grid], scale: Scale, title: str, decimals: int) -> Figure:
    """All measures are inches, from the top left."""
    first = tables[0]
    texts = [rounded(x, decimals) for grid in tables for x in grid.values.ravel().tolist()]
    digits = len(tables) * len(first.columns) <= _MOST_WITH_DIGITS
    across, down = (max(map(len, texts)) * _LETTER + 0.1, _LINE) if digits else (_SMALL, _SMALL)
    columns, rows = ([label(name, _LONGEST_LABEL) for name in names] for names in (first.columns, first.rows))
    upright = max(map(width, columns)) * _LETTER > across
    left = max(map(width, rows)) * _LETTER + 0.2
    above = 0.45 + (0.2 if first.head else 0) + (max(map(width, columns)) * _LETTER if upright else 0.15)
    wide, high = len(columns) * across, len(rows) * down
    size = (
        max(len(tables) * (left + wide) + (len(tables) - 1) * _GAP, len(title) * 0.085) + 0.15,
        above + high + (0.35 if first.left_out else 0.15),
    )
    drawing = Figure(figsize=size, dpi=200, facecolor="white")
    drawing.text(0.1 / size[0], 1 - 0.22 / size[1], title, fontsize=9, va="center")
    for number, grid in enumerate(tables):
        start = left + number * (left + wide + _GAP)
        place = (start / size[0], 1 - (above + high) / size[1], wide / size[0], high / size[1])
        axes = drawing.add_axes(place)
        if grid.head:
            name = _("head {head}", head=grid.head)
            drawing.text(start / size[0], 1 - 0.45 / size[1], name, va="center", color="#555555")
        _matrix(axes, grid.values, scale, decimals if digits else None)
        _name(axes, columns, rows, upright, (across, down))
    if first.left_out:
        note = _("{words} in the JSON", words=first.left_out)
        drawing.text(0.1 / size[0], 0.15 / size[1], note, va="center", color="#555555")
    return drawing


def _matrix(axes: Axes, values: np.ndarray, scale: Scale, decimals: int | None) -> None:
    """Cells in their colours, masked ones hatched, with digits where `decimals` says how many."""
    colours = [[scale.colour(x) if np.isfinite(x) else "#ffffff" for x in row] for row in values.tolist()]
    known = {colour: number for number, colour in enumerate(sorted({c for row in colours for c in row}))}
    axes.pcolormesh(
        np.array([[known[colour] for colour in row] for row in colours]),
        cmap=ListedColormap(list(known)),
        vmin=-0.5,
        vmax=len(known) - 0.5,
        edgecolors="#d5d8dc" if decimals is not None else "none",
        linewidth=0.4,
        rasterized=values.size > _VECTORS,
    )
    axes.invert_yaxis()
    for row, column in np.argwhere(~np.isfinite(values)).tolist():
        axes.add_patch(Rectangle((column, row), 1, 1, fill=False, hatch="////", edgecolor="#d5d8dc", linewidth=0))
    if decimals is None:
        return
    for (row, column), number in np.ndenumerate(values):
        ink = text_on(colours[row][column])
        axes.text(column + 0.5, row + 0.5, rounded(number, decimals), ha="center", va="center", color=ink)


def _name(axes: Axes, columns: list[str], rows: list[str], upright: bool, cell: tuple[float, float]) -> None:
    """Labels above and beside the matrix, as many as have room."""
    for axis, names, room in ((axes.xaxis, columns, cell[0]), (axes.yaxis, rows, cell[1])):
        every = 1 if room > _SMALL or not names[-1].isdigit() else 8
        axis.set_ticks(np.arange(0, len(names), every) + 0.5, names[::every])
    axes.tick_params(length=0, pad=3, top=False, labeltop=True, labelbottom=False)
    for name in axes.get_xticklabels():
        name.set_rotation(90 if upright else 0)
    for name in (*axes.get_xticklabels(), *axes.get_yticklabels()):
        name.set_parse_math(False)  # a word may have dollar signs
    for spine in axes.spines.values():
        spine.set(linewidth=0.4, edgecolor="#8a9099")
