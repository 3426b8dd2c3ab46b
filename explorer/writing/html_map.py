"""Words at places, as an SVG within a page: points, lines between them, and the labels that have room.

Text has the colour of the page around it. A label that would cover another is left out: its point says it to the
pointer and to a screen reader.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape

from explorer.answers import text_width
from explorer.errors import cut
from explorer.texts import _n

_WIDTH, _LOWEST, _HIGHEST = 720, 260, 540  # pixels
_ASIDE, _ABOVE = 90, 24  # room for labels beside and above the outermost points
_RADIUS = 4
_LETTER, _LINE = 6.4, 13  # pixels of a letter, and of a line of text
_LONGEST = 24  # letters of a label
_LOOKED_AT = 500  # points that may get a label; more have no room

Box = tuple[float, float, float, float]  # left, top, right, bottom


@dataclass(frozen=True)
class Point:
    """A word at a place (y upwards); `about` is what its point says beside the word, and a label may be left away."""

    word: str
    x: float
    y: float
    colour: tuple[str, str]  # light theme, dark theme
    about: str = ""
    hollow: bool = False
    is_centre: bool = False
    has_label: bool = True


@dataclass(frozen=True)
class Line:
    """From one point to another, by their numbers; `strength` (0 to 1) says how dark."""

    start: int
    end: int
    strength: float = 1.0


def drawing(points: Sequence[Point], lines: Sequence[Line], title: str, legend: Sequence[Point] = ()) -> str:
    """The picture, and below it the sentence of the legend: the words of its points are what their looks mean."""
    places, height = _placed(points)
    labels = list(_labels(points, places, height))
    box = f'viewBox="0 0 {_WIDTH} {height}" width="{_WIDTH}" height="{height}"'
    svg = [f'<svg {box} role="img" aria-label="{escape(title)}">']
    for line in lines:
        (x1, y1), (x2, y2) = places[line.start], places[line.end]
        opacity = 0.2 + 0.45 * max(0.0, min(1.0, line.strength))
        svg.append(
            f'<line x1="{x1:.1f}" y1="{y1:.1f}" x2="{x2:.1f}" y2="{y2:.1f}" stroke-opacity="{opacity:.2f}"></line>'
        )
    for point, (x, y) in zip(points, places, strict=True):
        about = f": {point.about}" if point.about else ""
        svg.append(
            f'<circle cx="{x:.1f}" cy="{y:.1f}" r="{_RADIUS + point.is_centre}" style="{_look(point)}">'
            f"<title>{escape(point.word + about)}</title></circle>"
        )
    svg += labels
    named = sum(point.has_label for point in points)
    hidden = named - len(labels)
    unlabelled = (
        _n(
            "{count:,} of {named:,} words has no room for a label: point at it.",
            "{count:,} of {named:,} words have no room for a label: point at them.",
            hidden,
            named=named,
        )
        if hidden
        else ""
    )
    marks = " ".join(
        '<span><svg width="10" height="10" aria-hidden="true">'
        f'<circle cx="5" cy="5" r="{_RADIUS}" style="{_look(point)}"></circle></svg> {escape(point.word)}</span>'
        for point in legend
    )
    below = f'<p class="quiet legend">{marks} {unlabelled}</p>' if marks or unlabelled else ""
    return "".join([*svg, "</svg>", below])


def _look(point: Point) -> str:
    colour = f"light-dark({point.colour[0]}, {point.colour[1]})"
    return f"fill:none;stroke:{colour};stroke-width:1.5" if point.hollow else f"fill:{colour}"


def _placed(points: Sequence[Point]) -> tuple[list[tuple[float, float]], int]:
    """Where the points stand in pixels, with one scale for both axes, and the height of the picture."""
    left, right = min(p.x for p in points), max(p.x for p in points)
    low, high = min(p.y for p in points), max(p.y for p in points)
    across, up = right - left, high - low
    scale = min(
        (_WIDTH - 2 * _ASIDE) / across if across else float("inf"),
        (_HIGHEST - 2 * _ABOVE) / up if up else float("inf"),
    )
    scale = 1.0 if scale == float("inf") else scale
    height = max(_LOWEST, round(up * scale) + 2 * _ABOVE)
    x, y = (_WIDTH - across * scale) / 2, (height - up * scale) / 2
    return [(x + (p.x - left) * scale, y + (high - p.y) * scale) for p in points], height


def _labels(points: Sequence[Point], places: Sequence[tuple[float, float]], height: int) -> Iterator[str]:
    """The centre's label, then in the points' order those that cover no point and none of the labels before them."""
    dots = [(x - _RADIUS, y - _RADIUS, x + _RADIUS, y + _RADIUS) for x, y in places]
    taken: list[Box] = []
    order = sorted(range(len(points)), key=lambda number: not points[number].is_centre)
    for number in order[:_LOOKED_AT]:
        point, (x, y) = points[number], places[number]
        if not point.has_label:
            continue
        text = "".join(
            sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in cut(point.word, _LONGEST)
        )
        long, gap = text_width(text) * _LETTER, _RADIUS + 3
        sides = (
            (x + gap, y + 4, "start", x + gap),
            (x - gap, y + 4, "end", x - gap - long),
            (x, y - gap, "middle", x - long / 2),
            (x, y + gap + 8, "middle", x - long / 2),
        )
        boxes = [(left, base - _LINE + 3, left + long, base + 3) for _, base, _, left in sides]
        others = dots[:number] + dots[number + 1 :]
        free = [
            place
            for place, box in enumerate(boxes)
            if box[0] >= 0 and box[2] <= _WIDTH and box[1] >= 0 and box[3] <= height
            if not any(_overlap(box, each) for each in (*taken, *others))
        ]
        if free or point.is_centre:  # whose label is there, whatever it covers
            place = free[0] if free else 0
            at, base, anchor, _ = sides[place]
            taken.append(boxes[place])
            centre = ' class="centre"' if point.is_centre else ""
            yield f'<text x="{at:.1f}" y="{base:.1f}" text-anchor="{anchor}"{centre}>{escape(text)}</text>'


def _overlap(one: Box, other: Box) -> bool:
    return one[0] < other[2] and other[0] < one[2] and one[1] < other[3] and other[1] < one[3]
