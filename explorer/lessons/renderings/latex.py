"""A lesson as a LaTeX document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from explorer.lessons import glossary
from explorer.lessons.grids import Grid, grids
from explorer.lessons.lesson import Lesson
from explorer.lessons.numbers import in_latex
from explorer.lessons.prose import spans
from explorer.lessons.renderings.parts import SIDES, introduction, number_of, terms_in
from explorer.lessons.steps import Chapter, Shown, Step, Table

_PREAMBLE = r"""\documentclass[a4paper]{article}
\usepackage[T1]{fontenc}
\IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
\usepackage{amsmath,graphicx}
\usepackage[margin=2.2cm]{geometry}
\setlength{\parindent}{0pt}
\setlength{\parskip}{0.7em}
\newcommand{\fitted}[1]{\begin{center}\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{#1}\end{center}}
"""
_MOST_ROWS = 45
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "'": "'{}",  # two of them would become a closing quote
    "`": r"\textasciigrave{}",
    "-": "{-}",  # two of them would become a dash
    "[": "{[}",  # at the start of a row, an option
    "*": "{*}",
    "√": r"$\surd$",
    "−": r"$-$",
    "→": r"$\to$",
    "·": r"$\cdot$",
    "γ": r"$\gamma$",
    "β": r"$\beta$",
    "μ": r"$\mu$",
    "σ": r"$\sigma$",
    "×": r"$\times$",
} | {character: f"\\{character}" for character in "&%$#_{}"}
# What pdfTeX shows without further packages: Latin letters but for a few, and typographic punctuation.
_KNOWN = re.compile(r"[ -~\u00a0-\u017f‐‑–—‘’‚“”„†‡•…‰‹›€](?<![ĦħĸĿŀŉŦŧſ])")


def to_latex(lesson: Lesson, chapters: Sequence[Chapter] | None = None, decimals: int = 4) -> str:
    """The whole lesson, or some of its chapters, as a document that needs a standard installation alone."""
    chapters = lesson.chapters if chapters is None else chapters
    return "\n\n".join(_paragraphs(lesson, chapters, decimals)) + "\n"


def _paragraphs(lesson: Lesson, chapters: Sequence[Chapter], decimals: int) -> Iterator[str]:
    pair = " $\\to$ ".join(map(escaped, lesson.example.sides))
    yield _PREAMBLE + f"\\title{{{pair}}}\n\\author{{}}\n\\date{{}}\n\\begin{{document}}\n\\maketitle"
    yield escaped(introduction(lesson, chapters))
    if len(chapters) > 1:
        yield "\\tableofcontents"
    for chapter in chapters:
        yield f"\\setcounter{{section}}{{{number_of(lesson, chapter) - 1}}}\n\\section{{{escaped(chapter.title)}}}"
        for step in chapter.steps:
            yield from _step(lesson, step, decimals)
    if terms := terms_in(chapters):
        items = "\n".join(f"\\item[{escaped(term)}] {escaped(glossary.TERMS[term])}" for term in terms)
        yield f"\\section*{{Glossary}}\n\\begin{{description}}\n{items}\n\\end{{description}}"
    yield "\\end{document}"


def _step(lesson: Lesson, step: Step, decimals: int) -> Iterator[str]:
    yield f"\\subsection{{{escaped(step.title)}}}"
    yield "".join(
        f"\\emph{{{escaped(span.text)}}}" if span.emphasised else escaped(span.text) for span in spans(step.prose)
    )
    for formula in step.formulas:
        yield f"\\fitted{{$\\displaystyle {formula}$}}"
    for table in step.tables:
        yield f"\\emph{{{escaped(table.title)}}}\n\n{_table(table, decimals)}"
    for shown in step.shown:
        for grid in grids(lesson, shown):
            yield "\n".join([_caption(lesson, shown, grid), *_arrays(grid, decimals)])


def _caption(lesson: Lesson, shown: Shown, grid: Grid) -> str:
    head = f", head {grid.head}" if grid.head else ""
    left_out = f" ({grid.left_out} in the JSON)" if grid.left_out else ""
    symbol = lesson.trace[shown.name].symbol
    return f"{SIDES[shown.side]}\\texttt{{{escaped(shown.name)}}}, ${symbol}${head}{left_out}"


def _arrays(grid: Grid, decimals: int) -> Iterator[str]:
    """Rows with their names beside them, in arrays that may be scaled to the page."""
    header = " & ".join(["", *(f"\\text{{{escaped(column)}}}" for column in grid.columns)])
    lines = [
        " & ".join([f"\\text{{{escaped(name)}}}", *(in_latex(x, decimals) for x in row)])
        for name, row in zip(grid.rows, grid.values.tolist(), strict=True)
    ]
    for body in _pages(lines):
        array = f"\\begin{{array}}{{l|{'r' * len(grid.columns)}}}\n{header} \\\\ \\hline\n{body}\n\\end{{array}}"
        yield f"\\fitted{{${array}$}}"


def _table(table: Table, decimals: int) -> str:
    header, *lines = (
        " & ".join(f"${in_latex(cell, decimals)}$" if isinstance(cell, float) else escaped(str(cell)) for cell in row)
        for row in (table.columns, *table.rows)
    )
    columns = "".join("r" if numeric else "l" for numeric in table.numeric)
    return "\n".join(
        f"\\fitted{{\\begin{{tabular}}{{{columns}}}\n{header} \\\\ \\hline\n{body}\n\\end{{tabular}}}}"
        for body in _pages(lines)
    )


def _pages(lines: Sequence[str]) -> Iterator[str]:
    """Rows, as many at a time as a page has room for: a box that is higher runs off its end."""
    for start in range(0, len(lines), _MOST_ROWS):
        yield " \\\\\n".join(lines[start : start + _MOST_ROWS])


def escaped(text: str) -> str:
    """Words as LaTeX that shows them as they are, on one line; a character that pdfTeX lacks by its number, U+1F642."""
    return "".join(map(_escaped, re.sub(r"\s", " ", text)))


def _escaped(character: str) -> str:
    if character in _SPECIAL or _KNOWN.fullmatch(character):
        return _SPECIAL.get(character, character)
    return f"\\texttt{{U+{ord(character):04X}}}"
