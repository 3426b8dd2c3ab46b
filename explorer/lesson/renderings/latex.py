"""A lesson as a LaTeX document."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from explorer.lesson import glossary
from explorer.lesson.grids import Grid, grids
from explorer.lesson.lesson import Lesson
from explorer.lesson.numbers import in_latex
from explorer.lesson.steps import GRADIENT, UPDATED, Chapter, Shown, Step, Table

_PREAMBLE = r"""\documentclass[a4paper]{article}
\usepackage[T1]{fontenc}
\usepackage{amsmath,amssymb,array,graphicx}
\usepackage[margin=2.2cm]{geometry}
\setcounter{MaxMatrixCols}{64}
\setlength{\parindent}{0pt}
\setlength{\parskip}{0.7em}
\newcommand{\fitted}[1]{\begin{center}\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{#1}\end{center}}
"""
_SPECIAL = {
    "\\": r"\textbackslash{}",
    "~": r"\textasciitilde{}",
    "^": r"\textasciicircum{}",
    "<": r"\textless{}",
    ">": r"\textgreater{}",
    "|": r"\textbar{}",
    '"': r"\textquotedbl{}",
    "√": r"$\surd$",
    "−": r"$-$",
    "→": r"$\to$",
    "·": r"$\cdot$",
    "γ": r"$\gamma$",
    "β": r"$\beta$",
    "×": r"$\times$",
    "“": "``",
    "”": "''",
    "’": "'",
} | {character: f"\\{character}" for character in "&%$#_{}"}
_SIDES = {GRADIENT: "gradient of ", UPDATED: "after the step: "}


def to_latex(lesson: Lesson, chapters: Sequence[Chapter] | None = None, decimals: int = 4) -> str:
    """The whole lesson, or some of its chapters, as a document that needs a standard installation alone."""
    chapters = lesson.chapters if chapters is None else chapters
    return "\n\n".join(_paragraphs(lesson, chapters, decimals)) + "\n"


def _paragraphs(lesson: Lesson, chapters: Sequence[Chapter], decimals: int) -> Iterator[str]:
    source, target = (escaped(" ".join(words)) for words in (lesson.example.source, lesson.example.target))
    yield _PREAMBLE + f"\\title{{{source} $\\to$ {target}}}\n\\author{{}}\n\\date{{}}\n\\begin{{document}}\n\\maketitle"
    yield escaped(f"{lesson.example.title}. {lesson.example.origin}")
    yield "\\tableofcontents"
    for chapter in chapters:
        yield f"\\section{{{escaped(chapter.title)}}}"
        for step in chapter.steps:
            yield from _step(lesson, step, decimals)
    terms = dict.fromkeys(t for chapter in chapters for step in chapter.steps for t in glossary.terms_of(step.prose))
    if terms:
        items = "\n".join(f"\\item[{escaped(t)}] {escaped(glossary.TERMS[t])}" for t in sorted(terms, key=str.lower))
        yield f"\\section*{{Glossary}}\n\\begin{{description}}\n{items}\n\\end{{description}}"
    yield "\\end{document}"


def _step(lesson: Lesson, step: Step, decimals: int) -> Iterator[str]:
    yield f"\\subsection{{{escaped(step.title)}}}"
    yield _emphasised(escaped(glossary.plain(step.prose)))
    for formula in step.formulas:
        yield f"\\fitted{{$\\displaystyle {formula}$}}"
    for table in step.tables:
        yield f"\\emph{{{escaped(table.title)}}}\n\n{_table(table, decimals)}"
    for shown in step.shown:
        for grid in grids(lesson, shown):
            yield f"{_caption(shown, grid)}\n\\fitted{{${_matrix(grid, decimals)}$}}"


def _emphasised(text: str) -> str:
    """Markdown's stars as LaTeX."""
    return re.sub(r"\*([^*]+)\*", r"\\emph{\1}", text)


def _caption(shown: Shown, grid: Grid) -> str:
    head = f", head {grid.head}" if grid.head else ""
    left_out = f" ({grid.left_out} left out)" if grid.left_out else ""
    return f"{_SIDES.get(shown.side, '')}\\texttt{{{escaped(shown.name)}}}{head}{escaped(left_out)}"


def _matrix(grid: Grid, decimals: int) -> str:
    """Rows with their names beside them, in an array that may be scaled to the page."""
    header = " & ".join(["", *(f"\\text{{{escaped(column)}}}" for column in grid.columns)])
    lines = [
        " & ".join([f"\\text{{{escaped(name)}}}", *(in_latex(x, decimals) for x in row)])
        for name, row in zip(grid.rows, grid.values.tolist(), strict=True)
    ]
    body = " \\\\\n".join(lines)
    return f"\\begin{{array}}{{l|{'r' * len(grid.columns)}}}\n{header} \\\\ \\hline\n{body}\n\\end{{array}}"


def _table(table: Table, decimals: int) -> str:
    lines = [
        " & ".join(f"${in_latex(cell, decimals)}$" if isinstance(cell, float) else escaped(str(cell)) for cell in row)
        for row in (table.columns, *table.rows)
    ]
    body = " \\\\\n".join([f"{lines[0]} \\\\ \\hline\n{lines[1]}" if len(lines) > 1 else lines[0], *lines[2:]])
    return f"\\fitted{{\\begin{{tabular}}{{{'l' * len(table.columns)}}}\n{body}\n\\end{{tabular}}}}"


def escaped(text: str) -> str:
    """Words as LaTeX that shows them as they are."""
    return "".join(_SPECIAL.get(character, character) for character in text)
