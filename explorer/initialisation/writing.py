"""What a report is made of, and how that is written as Markdown, as HTML and as LaTeX."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from html import escape
from pathlib import Path

from explorer.initialisation.figures import themed
from explorer.writing.documents import literal, page
from explorer.writing.latex import PREAMBLE, escaped

_PREAMBLE = (
    PREAMBLE
    + r"""\usepackage{booktabs,graphicx}
\setlength{\belowcaptionskip}{6pt}
\newcommand{\fitted}[1]{\resizebox{\ifdim\width>\linewidth\linewidth\else\width\fi}{!}{#1}}
"""
)
_WIDE, _WRAPPED = 40, r"p{0.45\linewidth}"  # letters of a column, from which on its cells have several lines
_SECTIONS = {1: "title", 2: "section*", 3: "subsection*"}
_STYLE = Path(__file__).with_name("report.css")


@dataclass(frozen=True)
class Heading:
    level: int  # 1 to 3
    text: str


@dataclass(frozen=True)
class Paragraph:
    text: str


@dataclass(frozen=True)
class Items:
    """A list of sentences; under a title that it unfolds from, where `folded` names one."""

    sentences: tuple[str, ...]
    folded: str = ""


@dataclass(frozen=True)
class Table:
    """Columns in which all cells begin with a digit, a sign or a dash are numbers, and stand to the right."""

    title: str
    columns: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]

    @property
    def numbers(self) -> tuple[bool, ...]:
        return tuple(all(cell[:1] in "0123456789+−–" for cell in column) for column in zip(*self.rows, strict=True))


@dataclass(frozen=True)
class Picture:
    """`draw` draws it, as "svg", "pdf" or "png"; `text` says what is on it."""

    name: str
    text: str
    draw: Callable[..., bytes]


@dataclass(frozen=True)
class Code:
    text: str


Block = Heading | Paragraph | Items | Table | Picture | Code


def to_markdown(blocks: Iterable[Block]) -> str:
    """As GitHub renders it; pictures are files beside it, NAME.svg."""
    return "\n\n".join(map(_markdown, blocks)) + "\n"


def _markdown(block: Block) -> str:
    match block:
        case Heading(level, text):
            return f"{'#' * level} {literal(text)}"
        case Paragraph(text):
            return literal(text)
        case Items(sentences, folded):
            items = "\n".join(f"- {literal(sentence)}" for sentence in sentences)
            return f"<details><summary>{escape(folded)}</summary>\n\n{items}\n\n</details>" if folded else items
        case Table(title, columns, rows):
            sides = ["---:" if number else "---" for number in block.numbers]
            lines = [map(literal, columns), sides, *(map(literal, row) for row in rows)]
            return f"*{literal(title)}*\n\n" + "\n".join(f"| {' | '.join(line)} |" for line in lines)
        case Picture(name, text):
            return f"![{literal(text)}]({name}.svg)\n\n{literal(text)}"
        case Code(text):
            fence = "`" * max(3, max((len(run) for run in _ticks(text)), default=0) + 1)
            return f"{fence}\n{text.rstrip()}\n{fence}"


def _ticks(text: str) -> list[str]:
    return "".join(c if c == "`" else " " for c in text).split()


def to_html(title: str, blocks: Iterable[Block]) -> str:
    """One page that needs nothing else, light or dark as its reader likes it."""
    body = "\n".join(map(_html, blocks))
    return page(title, _STYLE.read_text(encoding="utf-8"), f"<main>\n{body}\n</main>")


def _html(block: Block) -> str:
    match block:
        case Heading(level, text):
            return f"<h{level}>{escape(text)}</h{level}>"
        case Paragraph(text):
            return f"<p>{escape(text)}</p>"
        case Items(sentences, folded):
            items = "\n".join(f"<li>{escape(sentence)}</li>" for sentence in sentences)
            items = f"<ul>\n{items}\n</ul>"
            return f"<details><summary>{escape(folded)}</summary>\n{items}\n</details>" if folded else items
        case Table(title, columns, rows):
            kinds = [' class="number"' if number else "" for number in block.numbers]
            head = "".join(f'<th scope="col"{kind}>{escape(c)}</th>' for c, kind in zip(columns, kinds, strict=True))
            body = "\n".join(_html_row(row, kinds) for row in rows)
            return (
                f'<div class="scroll" tabindex="0"><table><caption>{escape(title)}</caption>\n'
                f"<thead><tr>{head}</tr></thead>\n<tbody>\n{body}\n</tbody></table></div>"
            )
        case Picture(name, text, draw):
            picture = themed(draw(), name).replace("<svg", f'<svg role="img" aria-label="{escape(text)}"', 1)
            return f'<figure><div class="scroll">{picture}</div><figcaption>{escape(text)}</figcaption></figure>'
        case Code(text):
            return f'<pre tabindex="0"><code>{escape(text.rstrip())}</code></pre>'


def _html_row(row: tuple[str, ...], kinds: list[str]) -> str:
    name, *cells = row
    filled = "".join(f"<td{kind}>{escape(cell)}</td>" for cell, kind in zip(cells, kinds[1:], strict=True))
    return f'<tr><th scope="row">{escape(name)}</th>{filled}</tr>'


def to_latex(blocks: Iterable[Block]) -> str:
    """A document that needs a standard installation alone; its tables can be put into a paper as they are. Pictures are
    files beside it, NAME.pdf."""
    return _PREAMBLE + "\\begin{document}\n\n" + "\n\n".join(map(_latex, blocks)) + "\n\n\\end{document}\n"


def _latex(block: Block) -> str:
    match block:
        case Heading(level, text):
            heading = f"\\{_SECTIONS[level]}{{{escaped(text)}}}"
            return heading + "\n\\author{}\n\\date{}\n\\maketitle" * (level == 1)
        case Paragraph(text):
            return escaped(text)
        case Items(sentences, folded):
            items = "\n".join(f"\\item {escaped(sentence)}" for sentence in sentences)
            title = f"\\subsection*{{{escaped(folded)}}}\n" if folded else ""
            return f"{title}\\begin{{itemize}}\n{items}\n\\end{{itemize}}"
        case Table(title, columns, rows):
            longest = [max(map(len, column), default=0) for column in zip(*rows, strict=True)]
            sides = "".join(
                "r" if number else _WRAPPED if letters > _WIDE else "l"
                for number, letters in zip(block.numbers, longest, strict=True)
            )
            head, *lines = (f"{' & '.join(map(escaped, row))} \\\\" for row in (columns, *rows))
            body = "\n".join(["\\toprule", head, "\\midrule", *lines, "\\bottomrule"])
            tabular = f"\\fitted{{\\begin{{tabular}}{{{sides}}}\n{body}\n\\end{{tabular}}}}"
            caption = f"\\caption{{{escaped(title)}}}"
            return f"\\begin{{table}}[htbp]\n\\centering\n{caption}\n{tabular}\n\\end{{table}}"
        case Picture(name, text):
            picture = f"\\includegraphics[width=\\linewidth]{{{name}.pdf}}"
            caption = f"\\caption{{{escaped(text)}}}"
            return f"\\begin{{figure}}[htbp]\n\\centering\n{picture}\n{caption}\n\\end{{figure}}"
        case Code(text):
            return "\n".join(f"\\noindent\\texttt{{{escaped(line)}}}\\\\" for line in text.rstrip().split("\n") if line)
