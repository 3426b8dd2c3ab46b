"""Charts of a comparison of initialisations: one for each size of the training set, side by side."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from html import escape
from typing import Any

import plotly.graph_objects as go
import streamlit as st
from plotly.subplots import make_subplots

from explorer.errors import UserError
from explorer.initialisation.measures import CURVES, MEASURES, Measure, agreeing, curve_axis
from explorer.initialisation.statistics import Comparison
from explorer.initialisation.summary import Summary
from explorer.initialisation.together import Together
from explorer.initialisation.words import p_value, size
from explorer.palette import CATEGORICAL, GREY
from explorer.texts import _
from explorer.ui.clickable_chart import clickable_chart
from explorer.ui.theme import is_dark, theme_colour

COLUMNS = tuple(column for column in CURVES if column != "position_lengths")
"""What curves can be drawn of; the positions' lengths are drawn beside the vectors'."""

PLAIN = {"displaylogo": False, "displayModeBar": False}
"""How Plotly draws them: without its bar of tools."""

_DASHES = {"frozen": "dot", "thawed": "dash"}  # all others are trained from the first update on
_ROW = 30  # pixels of an arm
_BESIDE_ZERO = 0.25  # of the width of all intervals: what is free on each side of zero at least, for the side's name
_Clicked = Callable[[str, float, int | None], None]  # an arm, a size, and the seed of a run


def forest_chart(
    summary: Summary,
    measure: str,
    shares: Sequence[float],
    arms: Sequence[str],
    chosen: str,
    clicked: _Clicked,
    against: str = "baseline",
) -> None:
    """The mean differences of arms, best first at the first size, with their 95% intervals: to the baseline, to the
    `controls` of pre-trained vectors, or of these to themselves `rescaled`. Raises UserError where there is none."""
    ask = {"baseline": summary.comparisons, "controls": summary.controls, "rescaled": summary.rescaled}[against]
    measured = MEASURES[measure]
    columns = [[comparison for comparison in ask(measure, share) if comparison.arm in arms] for share in shares]
    order: dict[str, Comparison] = {}
    for compared in columns:
        for comparison in measured.best_first(compared):
            order.setdefault(_row(comparison, against), comparison)
    if not order:
        raise UserError(_("The chosen arms cannot be compared in this way, or not yet: choose other arms above."))
    figure = _side_by_side(summary, shares)
    for place, (share, compared) in enumerate(zip(shares, columns, strict=True), start=1):
        for significant in (True, False):
            marks = [comparison for comparison in compared if comparison.is_significant == significant]
            figure.add_trace(_intervals(marks, measured, share, significant, against), 1, place)
        figure.add_vline(0, line_color=theme_colour("textColor"), line_width=1.5, row=1, col=place)
    figure.update_yaxes(
        tickvals=list(order),
        ticktext=[f"<b>{row}</b>" if comparison.arm == chosen else row for row, comparison in order.items()],
        categoryorder="array", categoryarray=list(order), range=[len(order) - 0.5, -0.5],
        tickfont=letters(), showgrid=True, ticklabelstandoff=8,
    )  # fmt: skip
    figure.update_xaxes(zeroline=False, matches="x")
    _finish(figure, 160 + _ROW * max(len(order), 2))
    _differences_axis(figure, measured, [end for column in columns for each in column for end in (each.low, each.high)])
    _selectable(
        figure,
        "forest",
        clicked,
        _("{title}: the mean difference of each arm; the words below say the same", title=measured.title),
    )


def together_chart(answer: Together) -> None:
    """The differences of an arm in several comparisons with their 95% intervals, the larger the heavier; beneath them
    what all say together."""
    measured, whole = answer.measure, answer.mean_effect
    together = _("all together")
    rows = [(row.comparison, row.difference, row.low, row.high, row.weight) for row in answer.rows]
    rows.append((together, whole.mean, whole.low, whole.high, 1.0))
    figure = go.Figure()
    for name, *numbers, weight in rows:
        mean, low, high = (measured.scaled(number) for number in numbers)
        is_whole = name == together
        colour = theme_colour("primaryColor") if is_whole else theme_colour("textColor")
        figure.add_scatter(
            x=[mean], y=[escape(name)], mode="markers",
            marker=_marker("diamond" if is_whole else "square", colour) | {"size": 15 if is_whole else 6 + 12 * weight},
            error_x={
                "array": [high - mean], "arrayminus": [mean - low], "color": colour, "width": 0,
                "thickness": 3.5 if is_whole else 1.5,
            },
            customdata=[[*agreeing([mean, low, high], signed=True), f"{weight:.0%}"]],
            hovertemplate=_(
                "%{{y}}: %{{customdata[0]}} {points}<br>95% interval %{{customdata[1]}} to %{{customdata[2]}}"
                "<br>weight %{{customdata[3]}}<extra></extra>",
                points=measured.points,
            ),
        )  # fmt: skip
    figure.add_vline(0, line_color=theme_colour("textColor"), line_width=1.5)
    figure.update_yaxes(autorange="reversed", tickfont=letters(), ticklabelstandoff=8)
    figure.update_xaxes(zeroline=False)
    _finish(figure, 160 + _ROW * len(rows))
    _differences_axis(figure, measured, [end for row in rows for end in row[2:4]])
    st.plotly_chart(figure, key="pooled", config=PLAIN, alt=answer.headline)


def curves_chart(summary: Summary, column: str, shares: Sequence[float], arms: Sequence[str], chosen: str) -> None:
    """A column of the runs by updates: the mean over the seeds and its 95% band, a line for each arm. Where there are
    more arms than colours, only the chosen one and the baseline stand out."""
    figure = _side_by_side(summary, shares)
    colours = _colours(summary, arms, chosen)
    for place, share in enumerate(shares, start=1):
        for arm in sorted(arms, key=lambda each: each in colours):  # what stands out lies on top
            curve, colour = summary.curve(arm, share, column), colours.get(arm)
            if colour:
                for bound, fill in ((curve.high, None), (curve.low, "tonexty")):
                    figure.add_scatter(
                        x=curve.steps, y=bound, mode="lines", line_width=0, fill=fill, hoverinfo="skip",
                        fillcolor=_faint(colour), legendgroup=arm, showlegend=False, row=1, col=place,
                    )  # fmt: skip
            dash = _DASHES.get(summary.plan.arms[arm].training, "solid")
            figure.add_scatter(
                x=curve.steps, y=curve.mean, mode="lines", name=escape(arm), legendgroup=arm, row=1, col=place,
                line={"color": colour or GREY, "dash": dash, "width": 2.5 if colour else 1},
                showlegend=place == 1 and bool(colour),
                hovertemplate=_("{arm}, update %{{x:,}}: %{{y:.4g}}<extra></extra>", arm=escape(arm)),
            )  # fmt: skip
        if column == "vector_lengths":
            positions = summary.curve(summary.plan.baseline, share, "position_lengths")
            figure.add_scatter(
                x=positions.steps, y=positions.mean, mode="lines", name="‖PE‖", showlegend=place == 1,
                line={"color": theme_colour("textColor"), "dash": "longdash", "width": 1.5}, row=1, col=place,
                hovertemplate="‖PE‖: %{y:.4g}<extra></extra>",
            )  # fmt: skip
    figure.update_xaxes(title_text="update")
    figure.update_yaxes(title_text=_in_lines(curve_axis(column)), col=1)
    legend = {"orientation": "h", "y": -0.2, "yanchor": "top", "x": 0, "font": letters()}
    figure.update_layout(showlegend=True, legend=legend)
    _finish(figure, 400 + 22 * (len(colours) // 5))
    figure.update_layout(dragmode="zoom")
    st.plotly_chart(figure, key="curves", config=PLAIN, alt=_("{curves} of each arm by updates", curves=CURVES[column]))


def seeds_chart(summary: Summary, measure: str, shares: Sequence[float], arm: str, clicked: _Clicked) -> None:
    """Every run of an arm and of the baseline, those of one seed joined."""
    figure = _side_by_side(summary, shares)
    measured = MEASURES[measure]
    pair = list(dict.fromkeys([arm, summary.plan.baseline]))
    rows = [escape(each) for each in pair]
    for place, share in enumerate(shares, start=1):
        points = summary.points(measure, share)
        both = [points.get(each, {}) for each in pair]
        for seed in sorted(both[0].keys() & both[-1].keys()):
            figure.add_scatter(
                x=[measured.scaled(numbers[seed]) for numbers in both], y=rows, mode="lines",
                line={"color": GREY, "width": 1}, hoverinfo="skip", row=1, col=place,
            )  # fmt: skip
        for each, row, numbers in zip(pair, rows, both, strict=True):
            is_baseline = each == summary.plan.baseline
            colour = theme_colour("textColor") if is_baseline else theme_colour("primaryColor")
            figure.add_scatter(
                x=[measured.scaled(number) for number in numbers.values()], y=[row] * len(numbers), mode="markers",
                marker=_marker("circle-open" if is_baseline else "circle", colour),
                customdata=[[each, share, seed, measured.number(number)] for seed, number in numbers.items()],
                hovertemplate=_("seed %{customdata[2]}: %{customdata[3]}<extra>click to watch it learn</extra>"),
                row=1, col=place,
            )  # fmt: skip
    figure.update_yaxes(categoryorder="array", categoryarray=rows[::-1], tickfont=letters())
    _finish(figure, 260)  # each size on an axis of its own: on one for all its runs would be a blob
    _name_the_axis(figure, measured.axis)
    _selectable(figure, "seeds", clicked, _("{title} of each run of the arm and of the baseline", title=measured.title))


def _row(comparison: Comparison, against: str) -> str:
    return escape(comparison.arm if against == "baseline" else f"{comparison.arm} − {comparison.baseline}")


def _intervals(
    compared: Sequence[Comparison], measure: Measure, share: float, significant: bool, against: str
) -> go.Scatter:
    """Filled squares and strong lines for significant differences, open circles and thin lines for others."""
    colour = theme_colour("primaryColor") if significant else GREY
    return go.Scatter(
        x=[measure.scaled(each.difference) for each in compared],
        y=[_row(each, against) for each in compared],
        mode="markers",
        marker=_marker("square" if significant else "circle-open", colour),
        error_x={
            "array": [measure.scaled(each.high - each.difference) for each in compared],
            "arrayminus": [measure.scaled(each.difference - each.low) for each in compared],
            "color": colour,
            "thickness": 3.5 if significant else 1.5,
            "width": 0 if significant else 4,
        },
        customdata=[
            [each.arm, share, None, escape(each.arm), *measure.difference(each), p_value(each.adjusted_p), each.seeds]
            for each in compared
        ],
        hovertemplate=_(
            "%{{customdata[3]}}: %{{customdata[4]}} {points}"
            "<br>95% interval %{{customdata[5]}} to %{{customdata[6]}}"
            "<br>%{{customdata[7]}} after Holm’s correction, %{{customdata[8]}} seeds<extra></extra>",
            points=measure.points,
        ),
    )


def _side_by_side(summary: Summary, shares: Sequence[float]) -> go.Figure:
    titles = [size(share, summary.plan).replace(" the", "<br>the") for share in shares]
    titled = titles if len(summary.plan.sizes) > 1 else None
    figure = make_subplots(1, len(shares), shared_yaxes=True, subplot_titles=titled, horizontal_spacing=0.03)
    figure.update_annotations(font=letters())
    return figure


def _marker(symbol: str, colour: str) -> dict[str, Any]:
    return {"symbol": symbol, "size": 11, "color": colour, "line": {"width": 2, "color": colour}}


def letters() -> dict[str, Any]:
    """The font of what is read on a chart."""
    return {"color": theme_colour("textColor"), "size": 14}


def _colours(summary: Summary, arms: Sequence[str], chosen: str) -> dict[str, str]:
    """A colour for each arm, and that of text for the baseline. Where there are more arms than colours, only the chosen
    arm and the baseline have one."""
    others = [arm for arm in arms if arm != summary.plan.baseline]
    if len(others) > len(CATEGORICAL):
        others = [arm for arm in others if arm == chosen]
    colours = {arm: colour[is_dark()] for arm, colour in zip(others, CATEGORICAL, strict=False)}
    return colours | {arm: theme_colour("textColor") for arm in arms if arm == summary.plan.baseline}


def _faint(colour: str) -> str:
    red, green, blue = (int(colour[at : at + 2], 16) for at in (1, 3, 5))
    return f"rgba({red},{green},{blue},0.13)"


def _finish(figure: go.Figure, height: int) -> None:
    top = 56 if figure.layout.annotations else 10
    figure.update_layout(height=height, margin={"l": 10, "r": 10, "t": top, "b": 10}, dragmode=False)
    if figure.layout.showlegend is None:
        figure.update_layout(showlegend=False)


def _name_the_axis(figure: go.Figure, name: str, below: int = 28) -> None:
    """The name of what all charts side by side have on their horizontal axes, once, so many pixels beneath them."""
    figure.add_annotation(
        text=_in_lines(name), x=0.5, xref="paper", y=0, yref="paper", yshift=-below, yanchor="top",
        showarrow=False, font=letters(),
    )  # fmt: skip
    figure.update_layout(margin_b=100)


def _differences_axis(figure: go.Figure, measure: Measure, ends: Sequence[float]) -> None:
    """The axis of differences: its two sides beside its zero, which is never at an edge; its name beneath."""
    low, high = min(0.0, *map(measure.scaled, ends)), max(0.0, *map(measure.scaled, ends))
    span = high - low or 1.0
    bounds = [min(low - 0.05 * span, -_BESIDE_ZERO * span), max(high + 0.05 * span, _BESIDE_ZERO * span)]
    figure.update_xaxes(range=bounds)
    left, right = measure.sides
    for axis in figure.select_xaxes():
        for text, anchor, shift in ((f"← {left}", "right", -6), (f"{right} →", "left", 6)):
            figure.add_annotation(
                text=text, x=0, xref=axis.plotly_name.replace("axis", ""), xanchor=anchor, xshift=shift, y=0,
                yref="paper", yshift=-28, yanchor="top", showarrow=False, font=letters(),
            )  # fmt: skip
    _name_the_axis(figure, measure.difference_axis, below=50)


def _in_lines(name: str) -> str:
    """The name of an axis with its unit on a line of its own, so that it fits a phone."""
    return name.replace(", ", ",<br>", 1)


def _selectable(figure: go.Figure, key: str, clicked: _Clicked, alt: str) -> None:
    """Draw; a click on a point calls `clicked` with whose it is."""

    def tell() -> None:
        points: list[Any] = st.session_state[key]["selection"]["points"]
        if points:
            arm, share, seed = points[0]["customdata"][:3]
            clicked(arm, share, seed)

    clickable_chart(figure, key, alt, tell, PLAIN)
