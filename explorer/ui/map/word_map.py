"""Words on a map: a point a word, hollow where its place cannot be trusted; and as a graph, joined by lines."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Sequence
from html import escape
from typing import Any

import numpy as np
import plotly.graph_objects as go
import streamlit as st

from explorer.embeddings.embedding import Array
from explorer.embeddings.graph import NeighbourGraph
from explorer.embeddings.label_sides import label_sides
from explorer.embeddings.map_words import MapWord, MapWords
from explorer.embeddings.projection import TRUSTED as TRUSTED
from explorer.embeddings.projection import Projection
from explorer.palette import CATEGORICAL, CLOSENESS, PARTS_OF_SPEECH, TIERS, colour
from explorer.texts import _
from explorer.ui.map.turning_map import turning
from explorer.ui.theme import is_dark, theme_colour

COLOURS = ("part of speech", "frequency", "closeness")
LABELLED = 61  # words that all have their label: 60 and the one they lie around
CONFIG = {"displaylogo": False, "toImageButtonOptions": {"format": "svg", "filename": "map"}}
HEIGHT = 620

_NAMED_OF_MANY = 40
_NAMED_IN_SPACE = 8  # words of a map in space that have their label; the others have it under the pointer
_BANDS = 4  # of lines in a graph, the stronger the thicker
_PALE = 0.25  # the opacity of what is not selected
_HIDDEN = {"title": "", "showticklabels": False, "showgrid": False, "zeroline": False}


def points_of(chart: str) -> list[int]:
    """The rows of the words that are selected on a chart."""
    points = st.session_state.get(chart, {}).get("selection", {}).get("points", [])
    return sorted({point["customdata"][0] for point in points if point.get("customdata")})


def table_height(rows: int) -> int:
    """Pixels of a table of that many rows beside a picture."""
    return min(HEIGHT - 60, 37 + 35 * max(1, rows))


def map_figure(
    projection: Projection,
    words: MapWords,
    colour_by: str,
    selected: Collection[int] = (),
    ringed: Collection[int] = (),
) -> go.Figure:
    """The map, coloured by one of COLOURS or a further column; rows of words are `selected` (the others are pale) and
    `ringed`.

    The `customdata` of a point begins with the row of its word.
    """
    figure = go.Figure()
    flat, n = projection.coordinates.shape[1] == 2, len(words.rows)
    size = (10 if n <= LABELLED else 7 if n <= 1000 else 4.5) * (1 if flat else 0.45)
    labels = _labels(words, ringed) if flat else _few_labels(words, ringed)
    sides = label_sides(projection.coordinates[:, :2], labels, square=True)
    pale = [_PALE if selected and row not in selected else 1.0 for row in range(n)]
    judged = f"<br>%{{customdata[3]}} of its {projection.k} nearest on the map are true neighbours"
    judged = judged if projection.k else ""
    true, trusted = projection.true_neighbours, projection.trusted
    for name, rows, marker in _groups(words, colour_by):
        full = [row for row in rows if trusted[row]]
        hollow = [row for row in rows if not trusted[row]]
        for some, symbol, line in ((full, "circle", 0), (hollow, "circle-open", 1.5)):
            figure.add_trace(
                _points(projection.coordinates[some], flat)(
                    mode="markers+text",
                    text=[_as_html(labels[row], words.centre, row in ringed) for row in some],
                    customdata=[[row, *_hover(words.rows[row]), true[row]] for row in some],
                    hovertemplate=f"<b>%{{customdata[1]}}</b>%{{customdata[2]}}{judged}<extra></extra>",
                    marker=_at(marker, some)
                    | {"symbol": symbol, "size": size, "line": {"width": line}}
                    | ({"opacity": [pale[row] for row in some]} if flat else {}),
                    textfont={"color": [_faded(theme_colour("textColor"), pale[row]) for row in some], "size": 13},
                    legendgroup=name,
                    showlegend=False,
                    **({"textposition": [sides[row] for row in some], "cliponaxis": False} if flat else {}),
                )
            )
        _legend_entry(figure, f"{name} ({len(rows):,})", "circle", marker, flat, name)
    for symbol, label, count in (
        ("circle", _("full: half or more true neighbours"), n - projection.misplaced),
        ("circle-open", _("hollow: fewer than half"), projection.misplaced),
    ):
        _legend_entry(figure, f"{label} ({count:,})", symbol, {"color": theme_colour("textColor")}, flat, label)
    figure.add_trace(
        _points(projection.coordinates[list(ringed)], flat)(
            mode="markers",
            marker={
                "symbol": "circle-open",
                "size": size + 10,
                "color": theme_colour("textColor"),
                "line": {"width": 2.5},
            },
            hoverinfo="skip",
            showlegend=False,
        )
    )
    figure.update_yaxes(scaleanchor="x")  # a distance is as long in every direction
    return _framed(figure) if flat else turning(_framed(figure), projection.method == "pca")


def settling(places: Array, words: MapWords, colour_by: str) -> str:
    """Words on their way to their places, which t-SNE is still looking for: the first two axes as an SVG."""
    low, high = places[:, :2].min(axis=0), places[:, :2].max(axis=0)
    at = (places[:, :2] - (low + high) / 2) / (float((high - low).max()) or 1.0)
    x, y = (HEIGHT / 2 + at * (HEIGHT - 20) * (1, -1)).T
    paths = []
    for _name, rows, marker in _groups(words, colour_by):
        colour = marker["color"] if isinstance(marker["color"], str) else theme_colour("primaryColor")
        dots = "".join(f"M{x[row]:.1f} {y[row]:.1f}h0" for row in rows)
        paths.append(f'<path d="{dots}" stroke="{colour}"></path>')
    box = f'width="{HEIGHT}" height="{HEIGHT}" viewBox="0 0 {HEIGHT} {HEIGHT}"'
    look = 'fill="none" stroke-linecap="round" stroke-width="5"'
    return f'<svg xmlns="http://www.w3.org/2000/svg" {box} {look}>{"".join(paths)}</svg>'


def graph_figure(graph: NeighbourGraph, words: MapWords, colour_by: str) -> go.Figure:
    """The graph: its words as points, and its edges as lines, thick where the cosine is high."""
    figure, places = go.Figure(), np.array([graph.places[word] for word in words.words])
    for band, edges in enumerate(graph.bands(_BANDS)):
        ends = [(graph.places[edge.first], graph.places[edge.second], (None, None)) for edge in edges]
        x, y = zip(*(place for line in ends for place in line), strict=True) if ends else ((), ())
        figure.add_scatter(
            x=x,
            y=y,
            mode="lines",
            line={"width": 1 + band, "color": theme_colour("textColor")},
            opacity=0.18 + 0.14 * band,
            hoverinfo="skip",
            showlegend=False,
        )
    degrees = graph.degrees
    labels = _labels(words)
    sides = label_sides(places, labels, square=False)
    for name, rows, marker in _groups(words, colour_by):
        figure.add_scatter(
            x=places[rows, 0],
            y=places[rows, 1],
            mode="markers+text",
            text=[_as_html(labels[row], words.centre) for row in rows],
            textposition=[sides[row] for row in rows],
            textfont={"color": theme_colour("textColor"), "size": 13},
            customdata=[[row, *_hover(words.rows[row]), degrees[words.words[row]]] for row in rows],
            hovertemplate=_("<b>%{customdata[1]}</b>%{customdata[2]}<br>joined to %{customdata[3]}<extra></extra>"),
            cliponaxis=False,
            marker=_at(marker, rows) | {"size": 10},
            name=f"{name} ({len(rows):,})",
            showlegend=bool(name),
        )
    return _framed(figure)


def _groups(words: MapWords, colour_by: str) -> list[tuple[str, list[int], dict[str, Any]]]:
    """The words by colour: the name of each group, its rows, and its marker, whose `color` may be one a row."""
    theme, rows = is_dark(), words.rows
    if colour_by == "closeness":
        scale = [[step / 8, colour(CLOSENESS[theme], step / 8)] for step in range(9)]
        lowest, highest = words.closeness
        marker = {
            "color": [row.similarity or 0.0 for row in rows],
            "colorscale": scale,
            "cmin": lowest,
            "cmax": highest,
            "showscale": True,
            "colorbar": {"title": "cosine", "x": 1.08, "len": 0.6, "thickness": 10, "outlinewidth": 0, "nticks": 5},
        }
        return [("", list(range(len(rows))), marker)]
    if colour_by in words.columns:
        names = [row.columns[colour_by] or _("not known") for row in rows]
        first = [name for name, _times in Counter(names).most_common(len(CATEGORICAL))]
        others = _("others")
        names = [name if name in first else others for name in names]
        colours = dict(zip(first, CATEGORICAL, strict=False)) | {others: PARTS_OF_SPEECH["other"]}
    elif colour_by == "frequency":
        colours = {tier: TIERS[tier] for tier in TIERS} | {"not known": PARTS_OF_SPEECH["other"]}
        names = [row.tier or _("not known") for row in rows]
    else:
        colours = PARTS_OF_SPEECH
        names = [row.pos if row.pos in colours else "other" for row in rows]
    members = {name: [row for row, its in enumerate(names) if its == name] for name in colours}
    return [(name, its, {"color": colours[name][theme]}) for name, its in members.items() if its]


def _faded(colour: str, opacity: float) -> str:
    return f"{colour}{round(255 * opacity):02x}"


def _at(marker: dict[str, Any], rows: Sequence[int]) -> dict[str, Any]:
    """The marker of some rows, where its colours are one a row."""
    if isinstance(marker["color"], str):
        return marker
    return marker | {"color": [marker["color"][row] for row in rows]}


def _points(coordinates: Array, flat: bool) -> Any:
    """A trace of points that waits for its other properties."""
    axes = dict(zip("xyz", coordinates.T.tolist(), strict=False))
    return lambda **properties: (go.Scatter if flat else go.Scatter3d)(**axes, **properties)


def _legend_entry(figure: go.Figure, name: str, symbol: str, marker: dict[str, Any], flat: bool, group: str) -> None:
    if isinstance(marker["color"], str):
        entry = {
            "mode": "markers",
            "marker": marker | {"symbol": symbol, "size": 10, "line": {"width": 1.5 * (symbol != "circle")}},
        }
        nowhere = {axis: [None] for axis in ("xy" if flat else "xyz")}
        trace = go.Scatter if flat else go.Scatter3d
        figure.add_trace(trace(**nowhere, **entry, name=name, legendgroup=group, showlegend=True))


def _labels(words: MapWords, ringed: Collection[int] = ()) -> list[str]:
    """The word of each row, empty where it is only told under the pointer: of many words, the first have theirs."""
    first = LABELLED if len(words.rows) <= LABELLED else _NAMED_OF_MANY
    marked = set(ringed) if len(ringed) <= LABELLED else set()
    return [
        word if row < first or row in marked or word == words.centre else "" for row, word in enumerate(words.words)
    ]


def _few_labels(words: MapWords, ringed: Collection[int]) -> list[str]:
    """The word in the centre, those nearest to it and those that are ringed: in space, more would lie on each other."""
    nearest = sorted(range(len(words.rows)), key=lambda row: -(words.rows[row].similarity or 0.0))[:_NAMED_IN_SPACE]
    shown = {*ringed, *(nearest if words.centre else range(min(_NAMED_IN_SPACE, len(words.rows))))}
    return [word if row in shown or word == words.centre else "" for row, word in enumerate(words.words)]


def _as_html(word: str, centre: str | None, is_ringed: bool = False) -> str:
    """A word as plotly takes it, which reads HTML in its labels; the word in the centre is bold. One that is ringed has
    a space on both sides, so that the ring covers no letter."""
    text = f"<b>{escape(word)}</b>" if word == centre else escape(word)
    return f"\u2002{text}\u2002" if is_ringed and word else text


def _hover(row: MapWord) -> tuple[str, str]:
    """The word, and what is known about it."""
    known = [
        row.pos,
        "" if row.count is None else _("{count:,} occurrences", count=row.count),
        "" if row.similarity is None else _("cosine {similarity:.4f}", similarity=row.similarity),
        *(f"{name}: {value}" for name, value in row.columns.items() if value),
    ]
    return escape(row.word), "".join(f" · {escape(part)}" for part in known if part)


def _framed(figure: go.Figure) -> go.Figure:
    clear, faint = "rgba(0,0,0,0)", "rgba(138,145,155,0.3)"
    bare = {"title": "", "showticklabels": False, "nticks": 3, "backgroundcolor": clear, "gridcolor": faint}
    figure.update_layout(
        height=HEIGHT,
        margin={"l": 40, "r": 40, "t": 8, "b": 0},  # for labels of words at the edge
        dragmode="select",
        legend={"orientation": "h", "y": -0.02, "yanchor": "top", "font": {"color": theme_colour("textColor")}},
        hoverlabel={"align": "left"},
        xaxis=_HIDDEN,
        yaxis=_HIDDEN,
        scene=dict.fromkeys(("xaxis", "yaxis", "zaxis"), bare) | {"aspectmode": "data", "dragmode": "turntable"},
        uirevision="stay",
    )
    return figure
