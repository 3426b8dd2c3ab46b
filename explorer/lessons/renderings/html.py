"""A lesson as one page of HTML that needs nothing else: no script, no font, no request."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from html import escape
from pathlib import Path

from explorer import notebook
from explorer.documents import page
from explorer.html_matrix import heading, matrix
from explorer.lessons import glossary
from explorer.lessons.grids import Grid, grids
from explorer.lessons.lesson import Lesson
from explorer.lessons.numbers import whole_or_rounded
from explorer.lessons.prose import spans
from explorer.lessons.renderings import colours
from explorer.lessons.renderings.colours import scale_of
from explorer.lessons.renderings.parts import SIDES, introduction, number_of, terms_in
from explorer.lessons.steps import Chapter, Shown, Step, Table
from explorer.mathematics import mathematics
from explorer.palette import Scale

_STYLE = Path(__file__).with_name("page.css")


def to_html(lesson: Lesson, chapters: Sequence[Chapter] | None = None, decimals: int = 4) -> str:
    """The whole lesson, or some of its chapters; each number has all its digits in its title."""
    chapters = lesson.chapters if chapters is None else chapters
    title = " → ".join(lesson.example.sides)
    style = f"{colours.stylesheet()}\n{_STYLE.read_text(encoding='utf-8')}{notebook.TABLES.read_text(encoding='utf-8')}"
    return page(title, style, "\n".join(_body(lesson, chapters, decimals)))


def _body(lesson: Lesson, chapters: Sequence[Chapter], decimals: int) -> Iterator[str]:
    sides = [escape(side) for side in lesson.example.sides]
    title = " → ".join(f"<bdi>{side}</bdi>" for side in sides)  # right-to-left words leave the arrow its way
    terms = terms_in(chapters)
    yield '<nav aria-label="Contents">\n<ol>'
    for chapter in chapters:
        number = number_of(lesson, chapter)
        steps = "".join(f'<li><a href="#{step.key}">{escape(step.title)}</a></li>' for step in chapter.steps)
        yield f'<li value="{number}"><a href="#chapter-{number}">{escape(chapter.title)}</a><ul>{steps}</ul></li>'
    yield '</ol>\n<p><a href="#glossary">Glossary</a></p>' if terms else "</ol>"
    yield f"""</nav>
<main>
<h1>{title}</h1>
<p>{escape(introduction(lesson, chapters))}</p>
<p class="quiet">Point at a number to see all its digits. The deeper a colour, the further the number is from zero:
<span class="n24">below</span> it, <span class="p24">above</span> it, <span class="s24">shares</span> of one.</p>"""
    for chapter in chapters:
        number = number_of(lesson, chapter)
        yield f'<h2 id="chapter-{number}">{number}. {escape(chapter.title)}</h2>'
        for step in chapter.steps:
            yield from _step(lesson, step, decimals)
    if terms:
        yield '<h2 id="glossary">Glossary</h2>\n<dl>'
        yield from (
            f'<dt id="{_id(term)}"><dfn>{escape(term)}</dfn></dt><dd>{escape(glossary.TERMS[term])}</dd>'
            for term in terms
        )
        yield "</dl>"
    yield "</main>"


def step_in_notebook(lesson: Lesson, step: Step, decimals: int = 4) -> str:
    """One step as a notebook shows it; what a term means stands in its title."""
    return notebook.output(_step_in_notebook(lesson, step, decimals), f"{lesson.chapter(step).title}: {step.title}")


def in_notebook(lesson: Lesson, decimals: int = 4) -> str:
    """All steps as a notebook shows them: a line a step, each to be opened."""
    first = lesson.steps[0]
    chapters = (
        f"<h4>{number}. {escape(chapter.title)}</h4>"
        + "".join(
            notebook.folded(step.title, _step_in_notebook(lesson, step, decimals), step is first)
            for step in chapter.steps
        )
        for number, chapter in enumerate(lesson.chapters, start=1)
    )
    pair = " → ".join(" ".join(words) for words in (lesson.example.source, lesson.example.target))
    origin = f"{lesson.example.title}. {lesson.example.origin}"
    return notebook.output(f'<p class="prose">{escape(origin)}</p>{"".join(chapters)}', pair)


def _step_in_notebook(lesson: Lesson, step: Step, decimals: int) -> str:
    prose = "".join(
        f'<dfn title="{escape(glossary.TERMS[span.term])}">{escape(span.text)}</dfn>' if span.term
        else f"<em>{escape(span.text)}</em>" if span.emphasised
        else escape(span.text)
        for span in spans(step.prose)
    )  # fmt: skip
    return "".join([f'<p class="prose">{prose}</p>', *_shown(lesson, step, decimals)])


def _step(lesson: Lesson, step: Step, decimals: int) -> Iterator[str]:
    yield f'<section id="{step.key}">\n<h3>{escape(step.title)}</h3>\n<p>{_prose(step.prose)}</p>'
    yield from _shown(lesson, step, decimals)
    yield "</section>"


def _shown(lesson: Lesson, step: Step, decimals: int) -> Iterator[str]:
    """Formulas, tables and tensors of a step."""
    yield from (f'<div class="scroll">{mathematics(formula, "block")}</div>' for formula in step.formulas)
    yield from (_table(table, decimals) for table in step.tables)
    for shown in step.shown:
        yield _tensor(lesson, shown, scale_of(lesson, shown), decimals)


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
    caption = f"head {grid.head}" if grid.head else ""
    return matrix(grid.values.tolist(), grid.rows, grid.columns, scale, caption, decimals)


def _table(table: Table, decimals: int) -> str:
    caption = f"<caption>{escape(table.title)}</caption>"
    columns = zip(table.columns, table.numeric, strict=True)
    header = "".join(heading(name, "col", above_numbers) for name, above_numbers in columns)
    rows = "".join(f"<tr>{''.join(_entry(cell, decimals) for cell in row)}</tr>\n" for row in table.rows)
    return f'<div class="scroll"><table>\n{caption}\n<tr>{header}</tr>\n{rows}</table></div>'


def _entry(cell: str | int | float, decimals: int) -> str:
    text = escape(whole_or_rounded(cell, decimals))
    if isinstance(cell, str):
        return f'<td dir="auto">{text}</td>'
    return f'<td class="number" title="{cell!r}">{text}</td>'


def _id(term: str) -> str:
    return f"term-{term.lower().replace(' ', '-').replace('_', '-')}"
