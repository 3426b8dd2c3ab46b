"""What all pictures share: an answer that draws itself, and the few marks of SVG that drawings are made of."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

import numpy as np

from explorer.answers import Answer, Document, Table
from explorer.errors import cut
from explorer.palette import CATEGORICAL, INK, LINE, NEGATIVE, PAPER, POSITIVE, QUIET, WEIGHTS, Scale, colour
from explorer.palette import LEVELS as LEVELS
from explorer.texts import _
from explorer.transformer.tape import Array
from explorer.writing.numbers import MINUS

Link = Callable[[str], str]  # from the key of a step to its address

FINEST = 48  # columns of a strip: of a wider row each cell shows the largest number of several
TALK = (1228.0, 610.0)  # width and height of a drawing in a talk
TALK_TYPE = 24.0  # the size of its smallest words
_SCALES = {"n": NEGATIVE, "p": POSITIVE, "s": WEIGHTS}
LETTER = 0.56  # the width of a letter, in sizes of its font


class Picture(Answer):
    """An answer that can be drawn. The file needs nothing else, and follows the theme of whoever shows it."""

    def as_svg(self, link: Link | None = None) -> str:
        """The drawing. With a `link`, what belongs to a step leads to its address."""
        raise NotImplementedError

    def for_talk(self) -> str:
        """The drawing in type for the last row."""
        return self.as_svg()

    def as_html(self) -> str:
        """The drawing, and below it in a fold its numbers as a table."""
        numbers = escape(_("The numbers"))
        return f"{self.as_svg()}<details><summary>{numbers}</summary>{super().as_html()}</details>"


@dataclass(frozen=True)
class Drawing(Document):
    """A picture as a file."""

    picture: Picture
    form: str = "svg"

    @property
    def content(self) -> bytes:
        return self.picture.as_svg().encode(errors="replace")

    @property
    def headline(self) -> str:
        return self.picture.headline

    @property
    def warnings(self) -> Sequence[str]:
        return self.picture.warnings

    def table(self) -> Table:
        return self.picture.table()

    def as_json(self) -> Any:
        return {"form": self.form, "text": self.content.decode()}

    def as_html(self) -> str:
        return self.picture.as_html()


def both(property_: str, colours: tuple[str, str]) -> str:
    """CSS for both themes; a program that does not know `light-dark` takes the light one."""
    return f"{property_}:{colours[0]};{property_}:light-dark({colours[0]},{colours[1]});"


def head_colour(head: int) -> tuple[str, str]:
    """The colour of a head, counted from 0: apart for every eye; from the eighth on they come again."""
    return CATEGORICAL[head % len(CATEGORICAL)]


def _colours(level: str) -> tuple[str, str]:
    """Of a level of a scale, such as p12, in the light theme and in the dark one."""
    light, dark = (colour(stops, int(level[1:]) / LEVELS) for stops in _SCALES[level[0]])
    return light, dark


_STYLE = (
    "&{font-family:system-ui,'Segoe UI','Helvetica Neue',Arial,'DejaVu Sans',sans-serif;max-width:100%;"
    "height:auto;font-variant-numeric:tabular-nums}"
    "&:root{color-scheme:light dark}"  # where it is a file of its own
    f".ink{{{both('fill', INK)}}}.quiet{{{both('fill', QUIET)}}}.bold{{font-weight:600}}"
    f".line{{fill:none;{both('stroke', LINE)}}}.card{{{both('fill', ('#f5f7f9', '#1f242a'))}{both('stroke', LINE)}}}"
    f".strong{{{both('fill', ('#1f5f99', '#8fc0ee'))}}}.soft{{{both('fill', ('#c5d9ec', '#34506b'))}}}"
    f".ground{{{both('fill', (PAPER[0], _colours('p0')[1]))}{both('stroke', LINE)}}}"
    f".way{{fill:none;{both('stroke', ('#8d949e', '#6b737d'))}}}"
)


def document(
    width: float,
    height: float,
    title: str,
    description: str,
    body: Iterable[str],
    kind: str,
    style: str = "",
    linked: bool = False,
) -> str:
    """A whole SVG of a `kind`, which its `style` is for. Where it has links, it is a group that a screen reader walks
    through, and a picture otherwise."""
    role = "group" if linked else "img"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" class="explorer-picture {kind}" viewBox="0 0 {width:g} {height:g}" '
        f'width="{width:g}" height="{height:g}" role="{role}" aria-label="{shown(title, 300)}">'
        f"<title>{shown(title, 300)}</title><desc>{shown(description, 5000)}</desc>"
        f"<style>{_scoped(_STYLE, '')}{_scoped(style, f'.{kind}')}</style>" + "".join(body) + "</svg>\n"
    )


def _scoped(style: str, kind: str) -> str:
    """The rules for what is inside pictures of a kind alone: a page may hold several, and has rules of its own. “&” is
    the picture itself."""

    def selectors(match: re.Match[str]) -> str:
        each = re.split(r",(?![^(]*\))", match[1])
        own = f".explorer-picture{kind}"
        return ",".join(own + one[1:] if one.startswith("&") else f"{own} {one}" for one in each) + "{"

    return re.sub(r"([^{}]+)\{", selectors, style)


def shown(text: str, longest: int = 24) -> str:
    """Words for a drawing: not too long, what cannot be printed nor stand in XML replaced, signs of XML escaped."""
    clean = "".join(sign if sign.isprintable() else "\N{REPLACEMENT CHARACTER}" for sign in text)
    return escape(cut(clean, longest))


def text(
    x: float, y: float, words: str, size: float = 13, looks: str = "ink", anchor: str = "start", longest: int = 24
) -> str:
    side = "" if anchor == "start" else f' text-anchor="{anchor}"'
    return f'<text x="{x:g}" y="{y:g}" font-size="{size:g}" class="{looks}"{side}>{shown(words, longest)}</text>'


def fitting(words: str, width: float, size: float) -> str:
    """As much of some words as has room."""
    return cut(words, max(2, int(width / (size * LETTER))))


def anchor(link: Link | None, key: str, label: str, inside: str, looks: str = "box", **data: object) -> str:
    """What leads to a step, where there are links, and otherwise a group."""
    marks = "".join(f' data-{name}="{shown(str(value), 5000)}"' for name, value in data.items())
    if link is None or not key:
        return f'<g class="{looks}"{marks}>{inside}</g>'
    where = f'href="{escape(link(key))}" data-step="{shown(key, 300)}" aria-label="{shown(label, 500)}"'
    return f'<a class="{looks}" {where}{marks}>{inside}</a>'


def number(value: float, decimals: int = 3) -> str:
    """A number in a drawing, without a minus before what is shown as zero."""
    written = f"{value:.{decimals}f}"
    return (written.lstrip("-") if float(written) == 0 else written).replace("-", MINUS)


def share(probability: float, decimals: int = 3) -> str:
    """A probability in a drawing; one that is not 0 is not shown as 0."""
    least = 10.0**-decimals
    return f"< {least:g}" if 0 < probability < least / 2 else number(probability, decimals)


def coarse(rows: Array, finest: int = FINEST) -> Array:
    """Rows (T, n) with at most `finest` columns: of neighbours that share one, the number of largest magnitude."""
    if rows.shape[1] <= finest:
        return rows
    parts = np.array_split(np.arange(rows.shape[1]), finest)
    picked = [part[np.abs(rows[:, part]).argmax(axis=1)] for part in parts]
    return np.stack([rows[np.arange(len(rows)), columns] for columns in picked], axis=1)


def heat(x: float, y: float, width: float, height: float, rows: Array, scale: Scale) -> str:
    """A matrix (T, n) in the colours that matrices have everywhere: strong is large. What is masked (−∞) has none."""
    count, columns = rows.shape
    across, down = width / columns, height / count
    gap = 0.6 if min(across, down) > 4 else 0.0
    levels: dict[str, list[str]] = {}
    for (row, column), value in np.ndenumerate(rows):
        level = scale.level(float(value)) if np.isfinite(value) else "p0"
        if int(level[1:]):
            levels.setdefault(level, []).append(
                f"M{x + column * across:.2f} {y + row * down:.2f}"
                f"h{across - gap:.2f}v{down - gap:.2f}h{gap - across:.2f}z"
            )
    cells = (
        f'<path style="{both("fill", _colours(level))}" d="{"".join(levels[level])}"/>' for level in sorted(levels)
    )
    ground = f'<rect x="{x - 1:g}" y="{y - 1:g}" width="{width + 2:g}" height="{height + 2:g}" rx="2" class="ground"/>'
    return ground + "".join(cells)


def size_of(shape: Sequence[int]) -> str:
    return " × ".join(map(str, shape))


def plain(numbers: Array) -> Any:
    """Numbers as JSON has them; what is masked is null."""
    values = numbers.astype(object)
    values[~np.isfinite(numbers)] = None
    return values.tolist()
