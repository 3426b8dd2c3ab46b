"""A lesson as one page of HTML that needs nothing else: no font, no request. Equations answer to clicks and keys; where
no script runs, and on paper, they are tables."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from html import escape
from itertools import groupby
from pathlib import Path

from explorer.lessons import glossary
from explorer.lessons.code import AS_NUMPY, numpy_of
from explorer.lessons.equations.parts import Matrix
from explorer.lessons.lesson import Lesson
from explorer.lessons.numbers import whole_or_rounded
from explorer.lessons.prose import spans
from explorer.lessons.renderings import colours
from explorer.lessons.renderings.colours import scale_of
from explorer.lessons.renderings.displays import LIKE, Display, Extract, blocks, displays, how_to_read, twins
from explorer.lessons.renderings.parts import SIDES, introduction, number_of, numbers_of_steps, terms_in
from explorer.lessons.steps import Chapter, Step, Table
from explorer.palette import Scale
from explorer.tensors import standalone, standalone_script
from explorer.texts import _
from explorer.writing import notebook
from explorer.writing.documents import page
from explorer.writing.html_matrix import heading, matrix
from explorer.writing.mathematics import mathematics

_STYLE = Path(__file__).with_name("page.css")
_MARK = 'document.documentElement.className = "scripted";'  # where scripts run, the tables are not shown as well
_DOORS = """
const steps = STEPS;
document.addEventListener("cell", ({ detail: { side, name } }) => {
  if (`${side} ${name}` in steps) location.hash = steps[`${side} ${name}`];
});
"""


_CONTENTS, _GLOSSARY = _("Contents"), _("Glossary")
_HINT = _(
    '<span class="live">Click a number of a result, or use the arrow keys, to see how it came about. Click\nany other '
    "number to go to the step that computes it. Point at a number to see all its digits. </span>The deeper a\ncolour, "
    'the further the number is from zero:\n<span class="n24">below</span> it, <span class="p24">above</span> it, '
    '<span class="s24">shares</span> of one.'
)


def to_html(lesson: Lesson, chapters: Sequence[Chapter] | None = None, decimals: int = 4) -> str:
    """The whole lesson, or some of its chapters; whoever points at a number sees all its digits."""
    chapters = lesson.chapters if chapters is None else chapters
    title = " → ".join(lesson.example.sides)
    style = f"{colours.stylesheet()}\n{_STYLE.read_text(encoding='utf-8')}{notebook.TABLES.read_text(encoding='utf-8')}"
    body, doors = "\n".join(_body(lesson, chapters, decimals)), _doors(lesson, chapters, decimals)
    draw = standalone_script()
    scripts = (_MARK, doors, draw.partition(">")[2].removesuffix("</script>"))
    return page(title, style, f"<script>{_MARK}</script>\n{body}\n<script>{doors}</script>\n{draw}", scripts)


def _doors(lesson: Lesson, chapters: Sequence[Chapter], decimals: int) -> str:
    """A number of a tensor leads to the step where the document prints it first."""
    steps = {
        f"{extract.matrix.tensor.side} {extract.matrix.tensor.name}": key
        for key, each in displays(lesson, chapters, decimals).items()
        for display in each
        for extract in display.here.values()
        if extract.matrix.tensor
    }
    return _DOORS.replace("STEPS", json.dumps(steps))


def _body(lesson: Lesson, chapters: Sequence[Chapter], decimals: int) -> Iterator[str]:
    sides = [escape(side) for side in lesson.example.sides]
    title = " → ".join(f"<bdi>{side}</bdi>" for side in sides)  # right-to-left words leave the arrow its way
    terms, numbers, printed = terms_in(chapters), numbers_of_steps(lesson), displays(lesson, chapters, decimals)
    like = twins(lesson, chapters, decimals)
    yield f'<nav aria-label="{escape(_CONTENTS)}">\n<ol>'
    for chapter in chapters:
        number = number_of(lesson, chapter)
        steps = "".join(f'<li><a href="#{step.key}">{escape(step.title)}</a></li>' for step in chapter.steps)
        yield f'<li value="{number}"><a href="#chapter-{number}">{escape(chapter.title)}</a><ul>{steps}</ul></li>'
    yield f'</ol>\n<p><a href="#glossary">{escape(_GLOSSARY)}</a></p>' if terms else "</ol>"
    yield f"""</nav>
<main>
<h1>{title}</h1>
<p>{escape(introduction(lesson, chapters))}</p>
{f'<p class="still">{escape(reading)}</p>' if (reading := how_to_read(printed, like)) else ""}
<p class="quiet">{_HINT}</p>"""
    for chapter in chapters:
        number = number_of(lesson, chapter)
        yield f'<h2 id="chapter-{number}">{number}. {escape(chapter.title)}</h2>'
        for step in chapter.steps:
            yield f'<section id="{step.key}">\n<h3>{numbers[step.key]} {escape(step.title)}</h3>'
            yield f"<p>{_prose(step.prose)}</p>"
            twin, key = like.get(step.key, ("", ""))
            yield from _formulas_and_tables(step, decimals, twin and f'<a href="#{key}">{twin}</a>')
            yield from _equations(lesson, step, printed[step.key], decimals, printed)
            if program := numpy_of(lesson, step):
                code = f"<pre><code>{escape(program)}</code></pre>"
                yield f"<details><summary>{escape(AS_NUMPY)}</summary>{code}</details>"
            yield "</section>"
    if terms:
        yield f'<h2 id="glossary">{escape(_GLOSSARY)}</h2>\n<dl>'
        yield from (
            f'<dt id="{_id(term)}"><dfn>{escape(glossary.NAMES[term])}</dfn></dt>'
            f"<dd>{escape(glossary.TERMS[term])}</dd>"
            for term in terms
        )
        yield "</dl>"
    yield "</main>"


def step_in_notebook(lesson: Lesson, step: Step, decimals: int = 4) -> str:
    """One step as a notebook shows it; what a term means stands in its title."""
    chapter = lesson.chapter(step)
    printed = displays(lesson, [Chapter(chapter.title, (step,))], decimals)
    return notebook.output(_step_in_notebook(lesson, step, decimals, printed, {}), f"{chapter.title}: {step.title}")


def in_notebook(lesson: Lesson, decimals: int = 4) -> str:
    """All steps as a notebook shows them: a line a step, each to be opened."""
    first, printed, like = lesson.steps[0], displays(lesson, decimals=decimals), twins(lesson, decimals=decimals)
    chapters = (
        f"<h4>{number}. {escape(chapter.title)}</h4>"
        + "".join(
            notebook.folded(step.title, _step_in_notebook(lesson, step, decimals, printed, like), step is first)
            for step in chapter.steps
        )
        for number, chapter in enumerate(lesson.chapters, start=1)
    )
    pair = " → ".join(lesson.example.sides)
    origin = f"{lesson.example.title}. {lesson.example.origin}"
    return notebook.output(f'<p class="prose">{escape(origin)}</p>{"".join(chapters)}', pair)


def _step_in_notebook(
    lesson: Lesson,
    step: Step,
    decimals: int,
    printed: Mapping[str, Sequence[Display]],
    like: Mapping[str, tuple[str, str]],
) -> str:
    prose = "".join(
        f'<dfn title="{escape(glossary.TERMS[span.term])}">{escape(span.text)}</dfn>' if span.term
        else f"<em>{escape(span.text)}</em>" if span.emphasised
        else escape(span.text)
        for span in spans(step.prose)
    )  # fmt: skip
    equations = (_equation(lesson, step, display, decimals, {}, True) for display in printed[step.key])
    twin = like[step.key][0] if step.key in like else ""
    return "".join([f'<p class="prose">{prose}</p>', *_formulas_and_tables(step, decimals, escape(twin)), *equations])


def _formulas_and_tables(step: Step, decimals: int, twin: str) -> Iterator[str]:
    """`twin` is the number, in HTML, of the step that this one is computed as, where there is one."""
    if twin:
        yield f"<p>{escape(LIKE).format(number=twin)}</p>"
    else:
        yield from (f'<div class="scroll">{mathematics(formula, "block")}</div>' for formula in step.formulas)
    yield from (_table(table, decimals) for table in step.tables)


def _equations(
    lesson: Lesson, step: Step, printed: Sequence[Display], decimals: int, linked: Mapping[str, object]
) -> Iterator[str]:
    """Small equations that the script draws, with tables for where it does not run; of large ones these alone."""
    for is_small, group in groupby(printed, key=lambda display: display.is_small):
        each = list(group)
        tables = "".join(_equation(lesson, step, display, decimals, linked, not is_small) for display in each)
        if is_small:
            yield standalone([display.equation.as_json() for display in each], with_script=False)
        yield f'<div class="still">{tables}</div>' if is_small else tables


def _prose(prose: str) -> str:
    parts = []
    for span in spans(prose):
        text = escape(span.text)
        if span.term:
            text = f'<a href="#{_id(span.term)}">{text}</a>'
        parts.append(f"<em>{text}</em>" if span.emphasised else text)
    return "".join(parts)


def _equation(
    lesson: Lesson, step: Step, display: Display, decimals: int, linked: Mapping[str, object], all_digits: bool
) -> str:
    """An equation as tables: an operator stays with the matrix behind it. Below it the worked cell."""
    units, before = [], ""
    for part in display.equation.parts:
        if isinstance(part, str):
            before += f'<span class="operator">{escape(part)}</span>'
            continue
        if part in display.here:
            figure = _figure(lesson, display.here[part], decimals, all_digits)
        else:
            number, key = display.elsewhere[part]
            where = escape(_("above") if key == step.key else _("step {number}", number=number))
            link = f'<a href="#{key}">{where}</a>' if key in linked and key != step.key else where
            figure = f'<span class="elsewhere">{_letter(part)} <small>{link}</small></span>'
        units.append(f'<div class="unit">{before}{figure}</div>')
        before = ""
    lines = "".join(
        f'<p class="line">{_letter(line.matrix)} <small>{escape(", ".join(line.names))}</small> = '
        f"{escape(line.text)} {line.sign} <b>{line.number}</b></p>"
        for line in display.lines
    )
    return f'<div class="equation"><div class="parts">{"".join(units)}{before}</div>{lines}</div>\n'


def _letter(part: Matrix) -> str:
    return mathematics(part.symbol) if part.symbol else f"<i>{escape(part.caption)}</i>"


def _figure(lesson: Lesson, extract: Extract, decimals: int, all_digits: bool) -> str:
    """What it is, then a matrix a head, side by side; a wide one in several."""
    part = extract.matrix
    scale = scale_of(lesson, part.tensor) if part.tensor else Scale(part.limit, part.shares)
    name = f"<code>{escape(part.tensor.name)}</code>" if part.tensor else escape(part.caption)
    name = SIDES[part.tensor.side].format(tensor=name) if part.tensor else name
    left_out = f" ({extract.left_out})" if extract.left_out else ""
    matrices = "".join(
        _matrix(extract, head, columns, scale, decimals, all_digits)
        for head in extract.heads
        for columns in blocks(len(extract.columns))
    )
    return (
        f'<figure class="tensor"><figcaption class="quiet"><i style="background: var(--role-{part.role})"></i> '
        f"{_letter(part) if part.symbol else ''} {name}"
        f'{escape(left_out)}</figcaption><div class="heads">{matrices}</div></figure>'
    )


def _matrix(extract: Extract, head: int, columns: slice, scale: Scale, decimals: int, all_digits: bool) -> str:
    numbers = [row[columns] for row in extract.numbers(head)]
    lit = {(row, column - columns.start) for row, column in extract.lit(head)}
    name = _("head {head}", head=extract.head_name(head)) if extract.matrix.heads else ""
    return matrix(numbers, extract.row_names, extract.column_names[columns], scale, name, decimals, all_digits, lit)


def _table(table: Table, decimals: int) -> str:
    caption = f"<caption>{escape(table.title)}</caption>"
    columns = zip(table.columns, table.numeric, strict=True)
    header = "".join(heading(name, "col", above_numbers) for name, above_numbers in columns)
    rows = "".join(
        f"<tr>{''.join(_entry(cell, decimals, digits) for cell in row)}</tr>\n" for row, digits in table.with_digits
    )
    return f'<div class="scroll"><table>\n{caption}\n<tr>{header}</tr>\n{rows}</table></div>'


def _entry(cell: str | int | float, decimals: int, digits: int) -> str:
    text = escape(whole_or_rounded(cell, decimals, digits))
    if isinstance(cell, str):
        return f'<td dir="auto">{text}</td>'
    return f'<td class="number" title="{cell!r}">{text}</td>'


def _id(term: str) -> str:
    return f"term-{term.lower().replace(' ', '-').replace('_', '-')}"
