"""A map in space: seen from near enough to fill its frame, and turned once around at the press of a button."""

from math import cos, pi, sin

import plotly.graph_objects as go

from explorer.texts import _
from explorer.ui.theme import theme_colour

_STEPS_AROUND, _AWAY = 90, 1.55  # of a turn around a map in space, and how far away it is seen from


def turning(figure: go.Figure, has_components: bool) -> go.Figure:
    """The figure with its camera and its buttons; the axes of one that `has_components` are named by their number."""
    steps = [2 * pi * step / _STEPS_AROUND for step in range(_STEPS_AROUND + 1)]
    eyes = [{"x": _AWAY * cos(angle), "y": _AWAY * sin(angle), "z": 0.45} for angle in steps]
    figure.frames = [go.Frame(layout={"scene": {"camera": {"eye": eye}}}) for eye in eyes]
    how = {"frame": {"duration": 60, "redraw": True}, "transition": {"duration": 0}, "fromcurrent": False}
    stop = {"mode": "immediate", "frame": {"duration": 0, "redraw": False}, "transition": {"duration": 0}}
    figure.update_layout(
        scene={
            "camera": {"eye": eyes[0], "center": {"x": 0, "y": 0, "z": -0.08}},
            **{
                f"{axis}axis": {"title": {"text": _("component {number}", number=number) if has_components else ""}}
                for number, axis in enumerate("xyz", start=1)
            },
        },
        updatemenus=[
            {
                "type": "buttons",
                "direction": "right",
                "showactive": False,
                "x": 0,
                "xanchor": "left",
                "y": 1,
                "yanchor": "top",
                "font": {"color": theme_colour("textColor")},
                "bgcolor": theme_colour("backgroundColor"),
                "buttons": [
                    {"label": "↻ " + _("Turn"), "method": "animate", "args": [None, how]},
                    {"label": "■ " + _("Stop"), "method": "animate", "args": [[None], stop]},
                ],
            }
        ],
    )
    return figure
