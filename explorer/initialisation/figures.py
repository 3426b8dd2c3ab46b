"""The curves of a report along the training, and what its figures have in common."""

from __future__ import annotations

import re
import textwrap
from typing import Literal

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D

from explorer import palette
from explorer.initialisation.measures import CURVES, curve_axis
from explorer.initialisation.numbers import Curve
from explorer.initialisation.summary import Summary
from explorer.initialisation.words import size
from explorer.palette import INK, LINE, PAPER, QUIET
from explorer.texts import _
from explorer.writing.drawing import as_file, label

# (light theme, dark theme); a mark's shape and its place say the same as its colour
BETTER, WORSE = ((palette.POSITIVE[0][2], palette.POSITIVE[1][2]), (palette.NEGATIVE[0][2], palette.NEGATIVE[1][2]))
ARM = palette.CATEGORICAL[0]
_DARK = dict((PAPER, INK, QUIET, LINE, BETTER, WORSE, ARM))

_Line = Literal["-", "--"]
LONGEST_LABEL = 60  # letters
_ACROSS, _PANEL = 3, (2.7, 2.0)  # panels side by side, and inches of each
_NARROWEST = 6.0  # inches, for the heading
_IN_A_TITLE, _TITLE_LINES = 40, 3  # letters of a line above a panel, and lines at most


def curves(summary: Summary, column: str, share: float, form: str = "svg") -> bytes:
    """A panel an arm: its mean along the training with the 95% interval, beside the baseline's in grey; lengths of the
    embeddings beside that of the positional encodings."""
    return as_file(lambda: _curves(summary, column, share), form)


def themed(svg: bytes, name: str) -> str:
    """A figure as a part of a page of HTML, light or dark as the page is; `name` keeps its ids apart from others'."""
    text = f"<svg{svg.decode().partition('<svg')[2]}"
    text = re.sub(r'(\bid="|href="#|url\(#)', rf"\g<1>{name}-", text)
    return re.sub("|".join(_DARK), lambda match: f"light-dark({match[0]}, {_DARK[match[0]]})", text)


def _curves(summary: Summary, column: str, share: float) -> Figure:
    """Bands of arms that share their seeds overlap, so each has a panel of its own. Measures are inches."""
    arms = list(summary.plan.arms)
    lengths = column == "vector_lengths"
    if not lengths:
        arms.remove(summary.plan.baseline)
    across = min(_ACROSS, len(arms))
    down = -(-len(arms) // across)
    titles = [_title(arm) for arm in arms]
    (wide, high), gap, beside, heading = _PANEL, 0.25, 0.6, 0.55
    above = 0.17 + 0.14 * max(title.count("\n") + 1 for title in titles)
    figure_width = max(beside + across * wide + (across - 1) * gap + 0.15, _NARROWEST)
    figure_height = heading + down * (above + high) + 0.55
    drawing = Figure(figsize=(figure_width, figure_height), dpi=200, facecolor=PAPER[0])
    reference = "‖PE‖" if lengths else label(summary.plan.baseline, LONGEST_LABEL)
    _heading(
        drawing,
        f"{CURVES[column]} at {size(share, summary.plan)}{curve_axis(column).removeprefix(CURVES[column])}",
        reference,
    )
    first: Axes | None = None
    for number, arm in enumerate(arms):
        row, place = divmod(number, across)
        left, bottom = beside + place * (wide + gap), figure_height - heading - (row + 1) * (above + high)
        corner = (left / figure_width, bottom / figure_height)
        room = (*corner, wide / figure_width, high / figure_height)
        axes = drawing.add_axes(room, sharex=first, sharey=first, facecolor="none")
        first = first or axes
        bare(axes)
        grey = summary.curve(arm, share, "position_lengths") if lengths else None
        _band(axes, grey or summary.curve(summary.plan.baseline, share, column), QUIET[0], "--")
        _band(axes, summary.curve(arm, share, column), ARM[0], "-")
        axes.set_title(titles[number], fontsize=7, loc="left", color=INK[0], pad=3, parse_math=False)
        under = number + across >= len(arms)
        axes.tick_params(labelleft=place == 0, labelbottom=under)
        if under:
            axes.set_xlabel("updates", color=INK[0])
        as_they_stand(axes)
    if first is not None and lengths:
        first.set_ylim(bottom=0)  # how much wider one is than the other is the question
    return drawing


def _heading(drawing: Figure, title: str, reference: str) -> None:
    wide, tall = drawing.get_size_inches()
    drawing.text(0.1 / wide, 1 - 0.2 / tall, title, fontsize=9, va="center", color=INK[0], parse_math=False)
    lines: tuple[tuple[_Line, str, str], ...] = (("-", ARM[0], _("the arm")), ("--", QUIET[0], reference))
    for place, (line, colour, name) in enumerate(lines):
        start = 0.1 + place * 1.1
        height = 1 - 0.42 / tall
        ends = (start / wide, (start + 0.3) / wide)
        drawing.add_artist(Line2D(ends, (height, height), linestyle=line, color=colour, linewidth=1.2))
        drawing.text((start + 0.38) / wide, height, name, va="center", color=INK[0], parse_math=False)


def _band(axes: Axes, curve: Curve, colour: str, line: _Line) -> None:
    axes.fill_between(curve.steps, curve.low, curve.high, color=colour, alpha=0.2, linewidth=0)
    axes.plot(curve.steps, curve.mean, color=colour, linewidth=1.2, linestyle=line)


def _title(arm: str) -> str:
    return textwrap.fill(label(arm, _IN_A_TITLE * _TITLE_LINES), _IN_A_TITLE, max_lines=_TITLE_LINES, placeholder="…")


def bare(axes: Axes) -> None:
    """Axes in the colours of the page, with no more lines than they need."""
    axes.tick_params(length=2, width=0.5, color=QUIET[0], labelcolor=INK[0])
    axes.grid(axis="x", color=LINE[0], linewidth=0.4)
    axes.set_axisbelow(True)
    for side, spine in axes.spines.items():
        spine.set_visible(side in ("left", "bottom"))
        spine.set(linewidth=0.5, edgecolor=QUIET[0])


def as_they_stand(axes: Axes) -> None:
    """Names may have dollar signs, which are no mathematics."""
    for text in (*axes.get_xticklabels(), *axes.get_yticklabels(), axes.title, axes.xaxis.label, *axes.texts):
        text.set_parse_math(False)
