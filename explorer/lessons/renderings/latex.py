"""A lesson as a LaTeX document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from explorer.lessons import glossary
from explorer.lessons.equations.parts import Matrix
from explorer.lessons.lesson import Lesson
from explorer.lessons.numbers import LOWERED, in_latex, whole_or_rounded
from explorer.lessons.prose import spans
from explorer.lessons.renderings.displays import LIKE, Display, Extract, blocks, displays, how_to_read, twins
from explorer.lessons.renderings.parts import introduction, number_of, numbers_of_steps, terms_in
from explorer.lessons.steps import Chapter, Step, Table
from explorer.texts import _
from explorer.writing.latex import PREAMBLE, escaped

_PREAMBLE = (
    PREAMBLE
    + r"""\usepackage{amsmath,graphicx}
\setlength{\parindent}{0pt}
\setlength{\parskip}{0.7em}
\setlength{\arraycolsep}{3pt}
\newcommand{\fitted}[1]{\begin{center}\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{#1}\end{center}}
"""
)
_MOST_ROWS = 45  # of an array
_MOST_LETTERS = 90  # of a line; a line that is wider all the same becomes smaller
_MATHEMATICS = {
    "√": "\\surd ",
    "·": " \\cdot ",
    "−": "-",
    "²": "^2",
    "Φ": "\\Phi ",
    "∞": "\\infty ",
    "φ": "\\varphi ",
    "≈": "\\approx ",
}


def to_latex(lesson: Lesson, chapters: Sequence[Chapter] | None = None, decimals: int = 4) -> str:
    """The whole lesson, or some of its chapters, as a document that needs a standard installation alone."""
    chapters = lesson.chapters if chapters is None else chapters
    return "\n\n".join(_paragraphs(lesson, chapters, decimals)) + "\n"


def _paragraphs(lesson: Lesson, chapters: Sequence[Chapter], decimals: int) -> Iterator[str]:
    pair = " $\\to$ ".join(map(escaped, lesson.example.sides))
    yield _PREAMBLE + f"\\title{{{pair}}}\n\\author{{}}\n\\date{{}}\n\\begin{{document}}\n\\maketitle"
    numbers, printed = numbers_of_steps(lesson), displays(lesson, chapters, decimals)
    like = twins(lesson, chapters, decimals)
    yield escaped(introduction(lesson, chapters))
    if reading := how_to_read(printed, like):
        yield escaped(reading)
    if len(chapters) > 1:
        yield "\\tableofcontents"
    for chapter in chapters:
        yield f"\\setcounter{{section}}{{{number_of(lesson, chapter) - 1}}}\n\\section{{{escaped(chapter.title)}}}"
        for step in chapter.steps:
            before = int(numbers[step.key].partition(".")[2]) - 1
            yield f"\\setcounter{{subsection}}{{{before}}}\n\\subsection{{{escaped(step.title)}}}"
            yield from _step(step, decimals, like.get(step.key))
            for display in printed[step.key]:
                yield from _equation(step, display, decimals)
    if terms := terms_in(chapters):
        items = "\n".join(f"\\item[{escaped(glossary.NAMES[term])}] {escaped(glossary.TERMS[term])}" for term in terms)
        title = escaped(_("Glossary"))
        yield f"\\section*{{{title}}}\n\\begin{{description}}\n{items}\n\\end{{description}}"
    yield "\\end{document}"


def _step(step: Step, decimals: int, twin: tuple[str, str] | None) -> Iterator[str]:
    yield "".join(
        f"\\emph{{{escaped(span.text)}}}" if span.emphasised else escaped(span.text) for span in spans(step.prose)
    )
    if twin:
        yield escaped(LIKE.format(number=twin[0]))
    for formula in () if twin else step.formulas:
        yield f"\\fitted{{$\\displaystyle {formula}$}}"
    for table in step.tables:
        yield f"\\emph{{{escaped(table.title)}}}\n\n{_table(table, decimals)}"


@dataclass(frozen=True)
class _Box:
    """A piece of an equation that no line breaks, and how wide it is, in letters."""

    text: str
    width: int


def _equation(step: Step, display: Display, decimals: int) -> Iterator[str]:
    """Its parts side by side, on as many lines as they need, and the worked cell."""
    boxes: list[_Box] = []
    before = _Box("", 0)
    for part in display.equation.parts:
        if isinstance(part, str):
            before = _joined([before, _Box(f"\\;\\text{{{escaped(part)}}}\\;", len(part) + 3)])
            continue
        if extract := display.here.get(part):
            own = list(_matrix(extract, decimals))
        else:
            number, key = display.elsewhere[part]
            where = "above" if key == step.key else f"step {number}"
            own = [_Box(f"{_letter(part)}\\,\\text{{\\footnotesize({where})}}", len(where) + 4)]
        boxes += [_joined([before, own[0]]), *own[1:]]
        before = _Box("", 0)
    for line in _lines([*boxes, before] if before.text else boxes):
        yield f"\\fitted{{${line.text}$}}"
    yield "\n\n".join(
        f"${_letter(line.matrix)}$ {escaped('[' + ', '.join(line.names) + ']') if line.names else ''} "
        f"$= {_in_mathematics(str(line))}$"
        for line in display.lines
    )


def _joined(boxes: Sequence[_Box]) -> _Box:
    return _Box("\n".join(box.text for box in boxes if box.text), sum(box.width for box in boxes))


def _lines(boxes: Sequence[_Box]) -> Iterator[_Box]:
    line: list[_Box] = []
    for box in boxes:
        if line and sum(each.width for each in line) + box.width > _MOST_LETTERS:
            yield _joined(line)
            line = []
        line.append(box)
    yield _joined(line)


def _head(head: str) -> str:
    return escaped(_("head {head}", head=head))


def _letter(part: Matrix) -> str:
    return part.symbol or f"\\text{{\\emph{{{escaped(part.caption)}}}}}"


def _matrix(extract: Extract, decimals: int) -> Iterator[_Box]:
    """A matrix below its name: its heads, and its columns where there are many, one below the other. What is too high
    for a page is several boxes."""
    part = extract.matrix
    left_out = f"\\text{{\\footnotesize\\ ({escaped(extract.left_out)})}}" if extract.left_out else ""
    symbol = f"{part.symbol}\\ " if part.symbol else ""
    name = f"{symbol}\\text{{{escaped(part.caption)}}}{left_out}"
    arrays = [
        (
            f"\\text{{{_head(extract.head_name(head))}}}" if part.heads else "",
            *_array(extract, head, rows, columns, decimals),
        )
        for head in extract.heads
        for columns in blocks(len(extract.columns))
        for rows in blocks(len(extract.rows), _MOST_ROWS)
    ]
    stack, high = [name], 0
    widest = len(part.caption) + len(extract.left_out) + 4
    for head, array, width, height in arrays:
        if high and high + height > _MOST_ROWS:
            yield _stacked(stack, widest)
            stack, high = [], 0
        stack += [head, array] if head else [array]
        widest, high = max(widest, width), high + height
    yield _stacked(stack, widest)


def _stacked(lines: Sequence[str], width: int) -> _Box:
    body = " \\\\\n".join(lines)
    return _Box(f"\\begin{{array}}{{c}}\n{body}\n\\end{{array}}", width)


def _array(extract: Extract, head: int, rows: slice, columns: slice, decimals: int) -> tuple[str, int, int]:
    """Rows with their names beside them; about how wide it is, in letters, and how high, in lines."""
    names = extract.column_names[columns]
    header = " & ".join(["", *(f"\\text{{{escaped(name)}}}" for name in names)])
    numbers = [
        ["\\dots" if number is None else in_latex(number, decimals) for number in row[columns]]
        for row in extract.numbers(head)[rows]
    ]
    labels = extract.row_names[rows]
    body = " \\\\\n".join(
        " & ".join([f"\\text{{{escaped(label)}}}", *row]) for label, row in zip(labels, numbers, strict=True)
    )
    array = f"\\begin{{array}}{{l|{'r' * len(names)}}}\n{header} \\\\ \\hline\n{body}\n\\end{{array}}"
    widths = (max(map(len, [name, *column])) for name, *column in zip(names, *numbers, strict=True))
    return array, max(map(len, labels)) + sum(min(width, 12) + 1 for width in widths) + 2, len(labels) + 2


def _table(table: Table, decimals: int) -> str:
    header, *lines = (
        " & ".join(
            f"${_in_mathematics(whole_or_rounded(cell, decimals, digits))}$"
            if isinstance(cell, float)
            else escaped(str(cell))
            for cell in row
        )
        for row, digits in ((table.columns, 0), *table.with_digits)
    )
    columns = "".join("r" if numeric else "l" for numeric in table.numeric)
    return "\n".join(
        f"\\fitted{{\\begin{{tabular}}{{{columns}}}\n{header} \\\\ \\hline\n{body}\n\\end{{tabular}}}}"
        for body in _pages(lines)
    )


def _in_mathematics(text: str) -> str:
    """A worked cell's line in LaTeX's mathematics."""
    text = re.sub(r"\[(.*?)\]", r"\\text{\\footnotesize[\1]}", text)
    text = re.sub("[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]{2,}|[⁻⁰¹³⁴⁵⁶⁷⁸⁹]|(?<=10)²", lambda match: f"^{{{match[0].translate(LOWERED)}}}", text)
    text = re.sub("exp|ln|sin|cos|max", r"\\\g<0>", text)
    return "".join(_MATHEMATICS.get(character, character) for character in text)


def _pages(lines: Sequence[str]) -> Iterator[str]:
    """Rows, as many at a time as a page has room for: a box that is higher runs off its end."""
    for start in range(0, len(lines), _MOST_ROWS):
        yield " \\\\\n".join(lines[start : start + _MOST_ROWS])
