"""A lesson as Markdown with LaTeX, as GitHub renders it."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from explorer.lessons import glossary
from explorer.lessons.equations.parts import Matrix
from explorer.lessons.equations.worked import Worked
from explorer.lessons.lesson import Lesson
from explorer.lessons.numbers import whole_or_rounded
from explorer.lessons.renderings.displays import GAP, LIKE, Display, Extract, displays, how_to_read, twins
from explorer.lessons.renderings.parts import SIDES, introduction, number_of, numbers_of_steps, terms_in
from explorer.lessons.steps import Chapter, Step
from explorer.texts import _
from explorer.writing.documents import literal

_GLOSSARY = _("Glossary")


def to_markdown(lesson: Lesson, chapters: Sequence[Chapter] | None = None, decimals: int = 4) -> str:
    """The whole lesson, or some of its chapters, with a glossary of the terms that come up."""
    chapters = lesson.chapters if chapters is None else chapters
    return "\n\n".join(_paragraphs(lesson, chapters, decimals)) + "\n"


def _paragraphs(lesson: Lesson, chapters: Sequence[Chapter], decimals: int) -> Iterator[str]:
    pair = " → ".join(lesson.example.sides)
    numbers, terms = numbers_of_steps(lesson), terms_in(chapters)
    headings, keys = [pair], [""]
    for chapter in chapters:
        headings.append(f"{number_of(lesson, chapter)}. {chapter.title}")
        keys.append("")
        headings += [f"{numbers[step.key]} {step.title}" for step in chapter.steps]
        keys += [step.key for step in chapter.steps]
    targets = anchors([*headings, _GLOSSARY, *(glossary.NAMES[term] for term in terms)])
    term_targets = dict(zip(terms, targets[len(headings) + 1 :], strict=True))
    step_targets = dict(zip(keys, targets, strict=False))
    printed, like = displays(lesson, chapters, decimals), twins(lesson, chapters, decimals)

    yield f"# {literal(pair)}"
    yield literal(introduction(lesson, chapters))
    if reading := how_to_read(printed, like):
        yield literal(reading)
    for chapter in chapters:
        yield f"## {number_of(lesson, chapter)}. {literal(chapter.title)}"
        for step in chapter.steps:
            yield f"### {numbers[step.key]} {literal(step.title)}"
            yield glossary.with_terms(step.prose, lambda term, reading: f"[{reading}](#{term_targets[term]})")
            if twin := like.get(step.key):
                yield LIKE.format(number=f"[{twin[0]}](#{step_targets[twin[1]]})")
            else:
                # GitHub takes a backslash before punctuation out of $$ … $$, which would turn \, into a comma
                yield from (f"```math\n{formula}\n```" for formula in step.formulas)
            yield from tables_of(step, decimals)
            yield from equations_of(step, printed[step.key], decimals, step_targets)
    if terms:
        yield f"## {_GLOSSARY}"
        for term in terms:
            yield f"### {literal(glossary.NAMES[term])}\n\n{literal(glossary.TERMS[term])}"


def tables_of(step: Step, decimals: int = 4) -> Iterator[str]:
    for table in step.tables:
        yield f"*{literal(table.title)}*"
        yield _table(table.columns, table.rows, decimals, table.digits)


def equations_of(
    step: Step, printed: Sequence[Display], decimals: int, targets: Mapping[str, str] | None = None
) -> Iterator[str]:
    """Each equation of a step: in letters, then where each of its matrices stands, or the matrix, then its worked cell.
    `targets` are the anchors of steps that may be linked."""
    for display in printed:
        yield " ".join(literal(each) if isinstance(each, str) else _letter(each) for each in display.equation.parts)
        if display.elsewhere:
            yield _elsewhere(step, display, targets or {})
        for matrix, extract in display.here.items():
            side = SIDES[matrix.tensor.side] if matrix.tensor else "{tensor}"
            yield side.format(tensor=_caption(extract))
            yield _matrix(extract, decimals)
        yield "\n".join(f"- {_cell(line)} = {literal(str(line))}" for line in display.lines)


def _letter(matrix: Matrix) -> str:
    return _mathematics(matrix.symbol) if matrix.symbol else f"*{literal(matrix.caption)}*"


def _mathematics(symbol: str) -> str:
    """A formula in running text. Two stars, or an underscore after a brace, might be taken for emphasis."""
    unbraced = re.sub(r"_{(.)}", r"_\1", symbol).replace("*", r"\ast ")
    return f"${unbraced}$"


def _elsewhere(step: Step, display: Display, targets: Mapping[str, str]) -> str:
    places: list[str] = []
    for matrix, (number, key) in display.elsewhere.items():
        where = _("step {number}", number=number)
        link = where if key not in targets else f"[{where}](#{targets[key]})"
        if key == step.key:
            place = _("{matrix} above") if places else _("{matrix} stands above")
        else:
            place = _("{matrix} in {step}") if places else _("{matrix} stands in {step}")
        places.append(place.format(matrix=_letter(matrix), step=link))
    return f"{', '.join(places)}."


def _caption(extract: Extract) -> str:
    matrix = extract.matrix
    left_out = f" ({extract.left_out})" if extract.left_out else ""
    name = f"`{matrix.tensor.name}`" if matrix.tensor else literal(matrix.caption)
    symbol = f", {_mathematics(matrix.symbol)}" if matrix.symbol else ""
    return f"{name}{symbol}{left_out}"


def _matrix(extract: Extract, decimals: int) -> str:
    """One table, also of several heads: which head a row belongs to stands before it."""
    by_head = len(extract.matrix.heads or ()) > 1
    columns = [_("head")] * by_head + ["", *extract.column_names]
    rows = [
        [*[extract.head_name(head)] * by_head, name, *(GAP if number is None else number for number in numbers)]
        for head in extract.heads
        for name, numbers in zip(extract.row_names, extract.numbers(head), strict=True)
    ]
    return _table(columns, rows, decimals)


def _cell(line: Worked) -> str:
    names = f" {literal('[' + ', '.join(line.names) + ']')}" if line.names else ""
    return f"{_letter(line.matrix)}{names}"


def _table(
    columns: Sequence[str], rows: Sequence[Sequence[str | int | float]], decimals: int, digits: Sequence[int] = ()
) -> str:
    """Words to the left, numbers to the right."""
    sides = ["---" if all(isinstance(row[i], str) for row in rows) else "---:" for i in range(len(columns))]
    lines = [[literal(column) for column in columns], sides]
    each = digits or (0,) * len(rows)
    lines += [
        [literal(whole_or_rounded(cell, decimals, own)) for cell in row] for row, own in zip(rows, each, strict=True)
    ]
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
