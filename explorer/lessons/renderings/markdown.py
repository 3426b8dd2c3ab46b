"""A lesson as Markdown with LaTeX, as GitHub renders it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence

from explorer.documents import literal
from explorer.lessons import glossary
from explorer.lessons.grids import Grid, grids
from explorer.lessons.lesson import Lesson
from explorer.lessons.numbers import whole_or_rounded
from explorer.lessons.renderings.parts import SIDES, introduction, number_of, terms_in
from explorer.lessons.steps import Chapter, Shown, Step


def to_markdown(lesson: Lesson, chapters: Sequence[Chapter] | None = None, decimals: int = 4) -> str:
    """The whole lesson, or some of its chapters, with a glossary of the terms that come up."""
    chapters = lesson.chapters if chapters is None else chapters
    return "\n\n".join(_paragraphs(lesson, chapters, decimals)) + "\n"


def _paragraphs(lesson: Lesson, chapters: Sequence[Chapter], decimals: int) -> Iterator[str]:
    pair = " → ".join(lesson.example.sides)
    terms, headings = terms_in(chapters), [pair]
    for chapter in chapters:
        headings += [f"{number_of(lesson, chapter)}. {chapter.title}", *(step.title for step in chapter.steps)]
    targets = dict(zip(terms, anchors([*headings, "Glossary", *terms])[len(headings) + 1 :], strict=True))

    yield f"# {literal(pair)}"
    yield literal(introduction(lesson, chapters))
    for chapter in chapters:
        yield f"## {number_of(lesson, chapter)}. {literal(chapter.title)}"
        for step in chapter.steps:
            yield f"### {literal(step.title)}"
            yield glossary.with_terms(step.prose, lambda term, reading: f"[{reading}](#{targets[term]})")
            # GitHub takes a backslash before punctuation out of $$ … $$, which would turn \, into a comma
            yield from (f"```math\n{formula}\n```" for formula in step.formulas)
            yield from tables_of(step, decimals)
            yield from _matrices(lesson, step, decimals)
    if terms:
        yield "## Glossary"
        for term in terms:
            yield f"### {literal(term)}\n\n{literal(glossary.TERMS[term])}"


def tables_of(step: Step, decimals: int = 4) -> Iterator[str]:
    for table in step.tables:
        yield f"*{literal(table.title)}*"
        yield _table(table.columns, table.rows, decimals)


def _matrices(lesson: Lesson, step: Step, decimals: int) -> Iterator[str]:
    for shown in step.shown:
        for grid in grids(lesson, shown):
            yield _caption(lesson, shown, grid)
            rows = [(name, *row) for name, row in zip(grid.rows, grid.values.tolist(), strict=True)]
            yield _table(("", *grid.columns), rows, decimals)


def _caption(lesson: Lesson, shown: Shown, grid: Grid) -> str:
    head = f", head {grid.head}" if grid.head else ""
    left_out = f" ({grid.left_out} in the JSON)" if grid.left_out else ""
    return f"{SIDES[shown.side]}`{shown.name}`, ${lesson.trace[shown.name].symbol}${head}{left_out}"


def _table(columns: Sequence[str], rows: Sequence[Sequence[str | int | float]], decimals: int) -> str:
    """Words to the left, numbers to the right."""
    sides = ["---" if any(isinstance(row[i], str) for row in rows) else "---:" for i in range(len(columns))]
    lines = [[literal(column) for column in columns], sides]
    lines += [[literal(whole_or_rounded(cell, decimals)) for cell in row] for row in rows]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def anchors(headings: Sequence[str]) -> list[str]:
    """The anchors that GitHub gives headings: of those that read the same, the second ends in -1, and so on."""
    seen: Counter[str] = Counter()
    slugs = []
    for heading in headings:
        slug = re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")
        slugs.append(f"{slug}-{seen[slug]}" if seen[slug] else slug)
        seen[slug] += 1
    return slugs
