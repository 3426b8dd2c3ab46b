"""An exercise as a page to print, in Markdown and HTML: what is given, what is to be computed, the solutions last."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from html import escape

from explorer.lessons.equations.parts import Matrix
from explorer.lessons.exercises import Exercise
from explorer.lessons.numbers import rounded
from explorer.lessons.renderings.parts import number_of
from explorer.lessons.tasks import Blank, Task
from explorer.texts import _
from explorer.writing import notebook
from explorer.writing.documents import literal, page
from explorer.writing.html_matrix import heading
from explorer.writing.mathematics import mathematics

_STYLE = """
:root {color-scheme: light dark}
body {font: 1rem/1.5 system-ui, sans-serif; font-variant-numeric: tabular-nums; max-width: 60rem; margin: 2rem auto;
  padding: 0 1rem}
section, figure {break-inside: avoid}
figure {margin: 0.75rem 0; overflow-x: auto}
figcaption, .quiet {opacity: 0.8}
table {border-collapse: collapse}
th, td {border: 1px solid color-mix(in srgb, currentcolor 30%, transparent); padding: 0.2rem 0.5rem}
td {text-align: right}
th {font-weight: normal}
.blank {min-width: 6rem; text-align: left; border: 2px solid}
h2.solutions {break-before: page}
"""


@dataclass(frozen=True)
class _Grid:
    """A matrix, or one head of it, as texts; of a blank, the blank itself."""

    symbol: str
    about: str
    rows: tuple[str, ...]
    columns: tuple[str, ...]
    cells: tuple[tuple[str | Blank, ...], ...]


_SOLUTIONS, _GIVEN, _COMPUTE = _("Solutions"), _("Given:"), _("Compute:")


def _heading(exercise: Exercise) -> str:
    return _("Exercise: {sentences}", sentences=" → ".join(exercise.lesson.example.sides))


def to_markdown(exercise: Exercise) -> str:
    return "\n\n".join(_in_markdown(exercise)) + "\n"


def to_html(exercise: Exercise) -> str:
    title = _heading(exercise)
    body = "\n".join(
        (
            f"<h1>{escape(title)}</h1>\n<p>{escape(_task_in_words(exercise))}</p>",
            *(_task_in_html(exercise, task) for task in exercise.tasks),
            f'<h2 class="solutions">{escape(_SOLUTIONS)}</h2>\n{_solutions(exercise)}',
        )
    )
    return page(title, _STYLE, f"<main>\n{body}\n</main>")


def in_notebook(exercise: Exercise) -> str:
    """The tasks as a notebook shows them, the solutions behind a line that one may open."""
    tasks = "".join(_task_in_html(exercise, task) for task in exercise.tasks)
    return f"<p>{escape(_task_in_words(exercise))}</p>{tasks}{notebook.folded(_SOLUTIONS, _solutions(exercise))}"


FORMATS = {"md": to_markdown, "html": to_html}


def _task_in_words(exercise: Exercise) -> str:
    return _(
        "Compute each number that is blank from the matrices above it. They are rounded to {decimals} decimals, so the "
        "last digit of yours may differ. The solutions stand at the end.",
        decimals=exercise.decimals,
    )


def _title(exercise: Exercise, task: Task) -> str:
    return f"{task.step.title} ({number_of(exercise.lesson, task.chapter)}. {task.chapter.title})"


def _grids(matrix: Matrix, task: Task) -> Iterator[_Grid]:
    """A matrix head by head. Of many rows or columns those stand there that the blanks take."""
    cut = task.cuts[matrix]
    seen = cut.matrix
    is_result = matrix is task.equation.result
    blanks = {cut.at(blank.equation.worked): blank for blank in task.blanks} if is_result else {}
    for head, rows in enumerate(seen.values):
        cells = tuple(
            tuple(
                blanks.get((head, row, column)) or rounded(float(number), seen.decimals)
                for column, number in enumerate(numbers)
            )
            for row, numbers in enumerate(rows)
        )
        named = seen.caption
        if seen.heads:
            named = _("{tensor}, head {head}", tensor=named, head=seen.heads[head])
        if seen.left_out:
            named = _("{tensor} ({words} are left out)", tensor=named, words=seen.left_out)
        yield _Grid(seen.symbol, named, seen.rows, seen.columns, cells)


def _in_markdown(exercise: Exercise) -> Iterator[str]:
    yield f"# {literal(_heading(exercise))}"
    yield literal(_task_in_words(exercise))
    for task in exercise.tasks:
        yield f"## {literal(_title(exercise, task))}"
        yield from (f"```math\n{formula}\n```" for formula in task.step.formulas)
        if task.given:
            yield _GIVEN
        for matrix in task.given:
            yield from (_grid_in_markdown(grid) for grid in _grids(matrix, task))
        if task.constants:
            yield literal(task.constants_in_words)
        yield _COMPUTE
        yield from (_grid_in_markdown(grid) for grid in _grids(task.equation.result, task))
    yield f"## {_SOLUTIONS}"
    for blank in exercise.blanks:
        lines = "\n".join(f"- `{line.text}` {line.sign} **{literal(line.number)}**" for line in blank.lines)
        yield f"**{literal(f'({blank.number})')}** {literal(blank.label)}\n\n{lines}"


def _grid_in_markdown(grid: _Grid) -> str:
    symbol = f", ${grid.symbol}$" if grid.symbol else ""
    lines = [["", *(literal(column) for column in grid.columns)], ["---", *["---:"] * len(grid.columns)]]
    lines += [
        [literal(name), *(literal(_blank_in_words(cell) if isinstance(cell, Blank) else cell) for cell in cells)]
        for name, cells in zip(grid.rows, grid.cells, strict=True)
    ]
    return f"*{literal(grid.about)}*{symbol}\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _blank_in_words(blank: Blank) -> str:
    return f"({blank.number}) ________"


def _task_in_html(exercise: Exercise, task: Task) -> str:
    formulas = "".join(f"<p>{mathematics(formula, 'block')}</p>" for formula in task.step.formulas)
    given = "".join(_grid_in_html(grid) for matrix in task.given for grid in _grids(matrix, task))
    constants = f"<p>{escape(task.constants_in_words)}</p>" if task.constants else ""
    blank = "".join(_grid_in_html(grid) for grid in _grids(task.equation.result, task))
    return (
        f"<section>\n<h2>{escape(_title(exercise, task))}</h2>\n{formulas}"
        f"{f'<p>{escape(_GIVEN)}</p>' if given else ''}{given}{constants}<p>{escape(_COMPUTE)}</p>{blank}</section>"
    )


def _grid_in_html(grid: _Grid) -> str:
    symbol = f", {mathematics(grid.symbol)}" if grid.symbol else ""
    header = "".join(heading(column) for column in grid.columns)
    rows = "".join(
        f"<tr>{heading(name, 'row')}{''.join(map(_cell_in_html, cells))}</tr>\n"
        for name, cells in zip(grid.rows, grid.cells, strict=True)
    )
    return (
        f"<figure><figcaption>{escape(grid.about)}{symbol}</figcaption>"
        f"<table><tr><td></td>{header}</tr>\n{rows}</table></figure>"
    )


def _cell_in_html(cell: str | Blank) -> str:
    return f'<td class="blank">({cell.number})</td>' if isinstance(cell, Blank) else f"<td>{cell}</td>"


def _solutions(exercise: Exercise) -> str:
    entries = "".join(
        f"<li><p>{escape(blank.label)}</p>"
        + "".join(f"<p>{escape(line.text)} {line.sign} <b>{escape(line.number)}</b></p>" for line in blank.lines)
        + "</li>\n"
        for blank in exercise.blanks
    )
    return f"<ol>\n{entries}</ol>"
