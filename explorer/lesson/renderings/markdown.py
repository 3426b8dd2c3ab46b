"""A lesson as Markdown with LaTeX, as GitHub renders it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from explorer.lesson import glossary
from explorer.lesson.grids import Grid, grids
from explorer.lesson.lesson import Lesson
from explorer.lesson.numbers import rounded, whole_or_rounded
from explorer.lesson.steps import GRADIENT, UPDATED, Chapter, Shown, Step

_SPECIAL = re.compile(r"([\\`*_{}\[\]<>()#+!|$~&-])")
_SIDES = {GRADIENT: "gradient of ", UPDATED: "after the step: "}


def to_markdown(lesson: Lesson, chapters: Sequence[Chapter] | None = None, decimals: int = 4) -> str:
    """The whole lesson, or some of its chapters, with a glossary of the terms that come up."""
    chapters = lesson.chapters if chapters is None else chapters
    return "\n\n".join(_paragraphs(lesson, chapters, decimals)) + "\n"


def _paragraphs(lesson: Lesson, chapters: Sequence[Chapter], decimals: int) -> Iterator[str]:
    source, target = (escaped(" ".join(words)) for words in (lesson.example.source, lesson.example.target))
    yield f"# {source} → {target}"
    yield f"{lesson.example.title}. {escaped(lesson.example.origin)}"
    for number, chapter in enumerate(chapters, start=1):
        yield f"## {number}. {escaped(chapter.title)}"
        for step in chapter.steps:
            yield from _step(lesson, step, decimals)
    terms = dict.fromkeys(t for chapter in chapters for step in chapter.steps for t in glossary.terms_of(step.prose))
    if terms:
        yield "## Glossary"
        for term in sorted(terms, key=str.lower):
            yield f"### {term}\n\n{glossary.TERMS[term]}"


def _step(lesson: Lesson, step: Step, decimals: int) -> Iterator[str]:
    yield f"### {escaped(step.title)}"
    yield glossary.with_terms(step.prose.replace("<", "\\<"), lambda term, reading: f"[{reading}](#{anchor(term)})")
    for formula in step.formulas:
        yield f"$$\n{formula}\n$$"
    for table in step.tables:
        yield f"*{escaped(table.title)}*"
        yield table_lines(table.columns, [[whole_or_rounded(cell, decimals) for cell in row] for row in table.rows])
    for shown in step.shown:
        for grid in grids(lesson, shown):
            yield _caption(lesson, shown, grid)
            rows = [
                [name, *(rounded(x, decimals) for x in row)] for name, row in zip(grid.rows, grid.values, strict=True)
            ]
            yield table_lines(("", *grid.columns), rows)


def _caption(lesson: Lesson, shown: Shown, grid: Grid) -> str:
    head = f", head {grid.head}" if grid.head else ""
    left_out = f" ({grid.left_out} in the JSON)" if grid.left_out else ""
    return f"{_SIDES.get(shown.side, '')}`{shown.name}`, ${lesson.trace[shown.name].symbol}${head}{left_out}"


def table_lines(columns: Sequence[str], rows: Sequence[Sequence[str]]) -> str:
    """A table of cells that are text; all but the first column to the right."""
    lines = [columns, ["---", *["---:"] * (len(columns) - 1)], *rows]
    written = [line if number == 1 else [escaped(cell) for cell in line] for number, line in enumerate(lines)]
    return "\n".join(f"| {' | '.join(line)} |" for line in written)


def escaped(text: str) -> str:
    """Words as Markdown that shows them as they are."""
    return _SPECIAL.sub(r"\\\1", text)


def anchor(term: str) -> str:
    """The anchor that GitHub gives a heading."""
    return re.sub(r"[^\w\- ]", "", term.lower()).replace(" ", "-")
