"""A lesson as one page of HTML that needs nothing else: no script, no font, no request."""

from __future__ import annotations

import math
from collections.abc import Iterator, Sequence
from functools import cache
from html import escape, unescape
from pathlib import Path
from xml.etree.ElementTree import tostring

from latex2mathml.converter import convert_to_element

from explorer.documents import page
from explorer.lessons import glossary
from explorer.lessons.grids import Grid, grids
from explorer.lessons.lesson import Lesson
from explorer.lessons.numbers import rounded, whole_or_rounded
from explorer.lessons.prose import spans
from explorer.lessons.renderings import colours
from explorer.lessons.renderings.colours import Scale, Scales
from explorer.lessons.renderings.parts import SIDES, number_of, terms_in
from explorer.lessons.steps import Chapter, Shown, Step, Table

_STYLE = Path(__file__).with_name("page.css")
_BAR = "\N{HORIZONTAL BAR}"


def to_html(lesson: Lesson, chapters: Sequence[Chapter] | None = None, decimals: int = 4) -> str:
    """The whole lesson, or some of its chapters; each number has all its digits in its title."""
    chapters = lesson.chapters if chapters is None else chapters
    sides = (lesson.example.source, lesson.example.target)
    title = " → ".join(" ".join(words) for words in sides)
    style = f"{colours.stylesheet()}\n{_STYLE.read_text(encoding='utf-8')}"
    return page(title, style, "\n".join(_body(lesson, chapters, decimals)))


def _body(lesson: Lesson, chapters: Sequence[Chapter], decimals: int) -> Iterator[str]:
    sides = [escape(" ".join(words)) for words in (lesson.example.source, lesson.example.target)]
    heading = " → ".join(f"<bdi>{side}</bdi>" for side in sides)  # right-to-left words leave the arrow its way
    scales, terms = Scales(lesson), terms_in(chapters)
    yield '<nav aria-label="Contents">\n<ol>'
    for chapter in chapters:
        number = number_of(lesson, chapter)
        steps = "".join(f'<li><a href="#{step.key}">{escape(step.title)}</a></li>' for step in chapter.steps)
        yield f'<li value="{number}"><a href="#chapter-{number}">{escape(chapter.title)}</a><ul>{steps}</ul></li>'
    yield '</ol>\n<p><a href="#glossary">Glossary</a></p>' if terms else "</ol>"
    yield f"""</nav>
<main>
<h1>{heading}</h1>
<p>{escape(lesson.example.title)}. {escape(lesson.example.origin)}</p>
<p class="quiet">Point at a number for all its digits. The deeper a colour, the further from zero:
<span class="n24">below</span> it, <span class="p24">above</span> it, <span class="s24">shares</span> of one.</p>"""
    for chapter in chapters:
        number = number_of(lesson, chapter)
        yield f'<h2 id="chapter-{number}">{number}. {escape(chapter.title)}</h2>'
        for step in chapter.steps:
            yield from _step(lesson, step, scales, decimals)
    if terms:
        yield '<h2 id="glossary">Glossary</h2>\n<dl>'
        yield from (
            f'<dt id="{_id(term)}"><dfn>{escape(term)}</dfn></dt><dd>{escape(glossary.TERMS[term])}</dd>'
            for term in terms
        )
        yield "</dl>"
    yield "</main>"


def _step(lesson: Lesson, step: Step, scales: Scales, decimals: int) -> Iterator[str]:
    yield f'<section id="{step.key}">\n<h3>{escape(step.title)}</h3>\n<p>{_prose(step.prose)}</p>'
    yield from (f'<div class="scroll">{mathematics(formula, "block")}</div>' for formula in step.formulas)
    yield from (_table(table, decimals) for table in step.tables)
    for shown in step.shown:
        yield _tensor(lesson, shown, scales.of(shown), decimals)
    yield "</section>"


def _prose(prose: str) -> str:
    parts = []
    for span in spans(prose):
        text = escape(span.text)
        if span.term:
            text = f'<a href="#{_id(span.term)}">{text}</a>'
        parts.append(f"<em>{text}</em>" if span.emphasised else text)
    return "".join(parts)


def _tensor(lesson: Lesson, shown: Shown, scale: Scale, decimals: int) -> str:
    """What it is, then a matrix a head, side by side."""
    tensor, tables = lesson.trace[shown.name], grids(lesson, shown)
    left_out = f" ({tables[0].left_out} in the JSON)" if tables[0].left_out else ""
    about = (
        f'<p class="quiet"><i style="background: var(--role-{tensor.role})"></i> {SIDES[shown.side]}'
        f"<code>{escape(shown.name)}</code>, {mathematics(tensor.symbol)}{escape(left_out)}</p>"
    )
    matrices = "".join(_grid(grid, scale, decimals) for grid in tables)
    return f'<div class="tensor">{about}<div class="heads">{matrices}</div></div>'


def _grid(grid: Grid, scale: Scale, decimals: int) -> str:
    caption = f"<caption>head {escape(grid.head)}</caption>" if grid.head else ""
    header = "".join(_header(column, "col") for column in grid.columns)
    rows = "".join(
        f"<tr>{_header(name, 'row')}{''.join(_cell(x, scale, decimals) for x in row)}</tr>\n"
        for name, row in zip(grid.rows, grid.values.tolist(), strict=True)
    )
    return f'<div class="scroll"><table class="matrix">{caption}\n<tr><td></td>{header}</tr>\n{rows}</table></div>'


def _header(name: str, scope: str, above_numbers: bool = False) -> str:
    kind = ' class="number"' if above_numbers else ""
    return f'<th scope="{scope}"{kind}>{escape(name)}</th>' if name else "<td></td>"


def _cell(number: float, scale: Scale, decimals: int) -> str:
    level = scale.level(number) if math.isfinite(number) else "masked"
    return f'<td class="{level}" title="{number!r}">{rounded(number, decimals)}</td>'


def _table(table: Table, decimals: int) -> str:
    caption = f"<caption>{escape(table.title)}</caption>"
    columns = zip(table.columns, table.numeric, strict=True)
    header = "".join(_header(name, "col", above_numbers) for name, above_numbers in columns)
    rows = "".join(f"<tr>{''.join(_entry(cell, decimals) for cell in row)}</tr>\n" for row in table.rows)
    return f'<div class="scroll"><table>\n{caption}\n<tr>{header}</tr>\n{rows}</table></div>'


def _entry(cell: str | int | float, decimals: int) -> str:
    text = escape(whole_or_rounded(cell, decimals))
    if isinstance(cell, str):
        return f'<td dir="auto">{text}</td>'
    return f'<td class="number" title="{cell!r}">{text}</td>'


@cache
def mathematics(formula: str, display: str = "inline") -> str:
    """LaTeX as MathML, which browsers draw by themselves."""
    known = formula.replace("{aligned}", "{align*}")  # the same to the eye, and the converter knows it
    root = convert_to_element(known, display=display)
    for element in root.iter("mover"):
        if unescape(element[1].text or "") == _BAR:  # which browsers do not draw out over long symbols
            element.tag = "mrow"
            element.set("class", "bar")
            element.remove(element[1])
    for element in root.iter():
        element.text = element.text and unescape(element.text)
    return tostring(root, encoding="unicode")


def _id(term: str) -> str:
    return f"term-{term.lower().replace(' ', '-').replace('_', '-')}"
