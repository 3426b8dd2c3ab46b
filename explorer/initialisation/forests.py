"""Forest plots: differences with their intervals, of the arms of a comparison or of an arm in several."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from matplotlib.figure import Figure

from explorer.initialisation.figures import ARM, BETTER, LONGEST_LABEL, WORSE, as_they_stand, bare
from explorer.initialisation.measures import MEASURES, Measure, agreeing
from explorer.initialisation.statistics import Comparison
from explorer.initialisation.words import p_value, size
from explorer.palette import INK, PAPER, QUIET
from explorer.texts import _
from explorer.writing.drawing import as_file, label, width

if TYPE_CHECKING:
    from explorer.initialisation.summary import Summary
    from explorer.initialisation.together import Together

_LETTER, _ROW, _PLOT = 0.073, 0.26, 3.4  # inches: the width of a letter, the height of a row, the width of a plot
_BESIDE_ZERO = 0.25  # of the width of what is drawn: what is free on each side of zero at least, for the side's name


@dataclass(frozen=True)
class _Row:
    """A line of a forest: a difference with its interval, what is written beside it, and the seeds behind it."""

    name: str
    ends: tuple[float, float, float]  # the difference and its interval, in the unit that it is read in
    text: str
    colour: str
    filled: bool
    seeds: tuple[float, ...] = ()
    mark: str = "o"
    mark_size: float = 5


def forest(summary: Summary, measure: str, share: float, form: str = "svg") -> bytes:
    """Every arm's mean difference to the baseline with its 95% interval over the differences of its seeds, the best
    first. A filled mark is a significant difference, a hollow one is not."""
    measured, baseline = MEASURES[measure], summary.plan.baseline
    points = summary.points(measure, share)
    rows = []
    for each in measured.best_first(summary.comparisons(measure, share)):
        own, other = points[each.arm], points[baseline]
        seeds = tuple(sorted(measured.scaled(own[seed] - other[seed]) for seed in own.keys() & other.keys()))
        ends = tuple(map(measured.scaled, (each.difference, each.low, each.high)))
        text = _interval(measured.difference(each), each.adjusted_p)
        colour = _colour(each, measured.lower_is_better)
        rows.append(_Row(each.arm, ends, text, colour, each.is_significant, seeds))  # type: ignore[arg-type]
    title = f"{measured.title} at {size(share, summary.plan)}"
    return as_file(
        lambda: _drawn(title, rows, measured, _("to {baseline}", baseline=label(baseline, LONGEST_LABEL))), form
    )


def together_forest(answer: Together, form: str = "svg") -> bytes:
    """The differences of an arm in several comparisons, the heavier the larger; beneath them what all say together."""
    measured, whole = answer.measure, answer.mean_effect
    rows = []
    for each in answer.rows:
        ends = tuple(map(measured.scaled, (each.difference, each.low, each.high)))
        text = _interval(agreeing(ends, signed=True), None)
        rows.append(_Row(each.comparison, ends, text, QUIET[0], True, (), "s", 2 + 7 * each.weight))  # type: ignore[arg-type]
    ends = tuple(map(measured.scaled, (whole.mean, whole.low, whole.high)))
    text = _interval(agreeing(ends, signed=True), whole.p)
    rows.append(_Row(_("all together"), ends, text, ARM[0], answer.is_significant, (), "D", 6))  # type: ignore[arg-type]
    title = f"{measured.title}: {label(answer.arm, LONGEST_LABEL)}"
    return as_file(lambda: _drawn(title, rows, measured, _("to the baseline of each")), form)


def _interval(numbers: Sequence[str], p: float | None) -> str:
    mean, low, high = numbers
    return f"{mean} ({low} to {high})" + ("" if p is None else f", {p_value(p)}")


def _colour(comparison: Comparison, lower_is_better: bool) -> str:
    if not comparison.is_significant:
        return QUIET[0]
    return (BETTER if (comparison.difference < 0) == lower_is_better else WORSE)[0]


def _drawn(title: str, rows: Sequence[_Row], measured: Measure, compared: str) -> Figure:
    """All measures are inches, from the top left."""
    names = [label(row.name, LONGEST_LABEL) for row in rows]
    left = max(map(width, names), default=0) * _LETTER + 0.25
    right = max((width(row.text) for row in rows), default=0) * _LETTER + 0.3
    high = max(len(rows), 1) * _ROW
    drawing = Figure(figsize=(left + _PLOT + right, high + 1.4), dpi=200, facecolor=PAPER[0])
    wide, tall = drawing.get_size_inches()
    axes = drawing.add_axes((left / wide, 0.95 / tall, _PLOT / wide, high / tall), facecolor="none")
    bare(axes)
    drawing.text(0.1 / wide, 1 - 0.2 / tall, title, fontsize=9, va="center", color=INK[0], parse_math=False)
    axes.axvline(0, color=QUIET[0], linewidth=0.8)
    for place, row in enumerate(rows):
        mean, *ends = row.ends
        axes.plot(row.seeds, [place] * len(row.seeds), "|", color=QUIET[0], markersize=5, markeredgewidth=0.6)
        axes.plot(ends, (place, place), color=row.colour, linewidth=1.6, solid_capstyle="butt")
        axes.plot(
            mean, place, row.mark, markersize=row.mark_size, markeredgewidth=1.2, color=row.colour,
            markerfacecolor=row.colour if row.filled else PAPER[0],
        )  # fmt: skip
        axes.text(1.03, place, row.text, transform=axes.get_yaxis_transform(), va="center", color=INK[0])
    if not rows:
        axes.text(
            0.5, 0, _("nothing can be compared yet"), transform=axes.get_yaxis_transform(), ha="center", va="center"
        )
    axes.set_yticks(range(len(names)), names)
    axes.set_ylim(max(len(rows), 1) - 0.5, -0.5)
    low, top = axes.get_xlim()
    free = _BESIDE_ZERO * (top - low)
    axes.set_xlim(min(low, -free), max(top, free))
    left_side, right_side = measured.sides
    for side, shift, anchor in ((f"← {left_side}", -4, "right"), (f"{right_side} →", 4, "left")):
        axes.annotate(
            side,
            (0, 0),
            (shift, -23),
            ("data", "axes fraction"),
            "offset points",
            ha=anchor,
            va="baseline",
            color=INK[0],
        )
    axes.set_xlabel(f"{measured.difference_axis}\n{compared}", color=INK[0], linespacing=1.4, labelpad=16)
    as_they_stand(axes)
    return drawing
