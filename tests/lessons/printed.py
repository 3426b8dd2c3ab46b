"""What stands in a lesson's Markdown, read from its text alone: steps, their equations, matrices and worked cells."""

import re
from dataclasses import dataclass, field

_STEP = re.compile(r"### (\d+\.\d+) (.*)")
_LETTER = re.compile(r"\$[^$]+\$|(?<!\\)\*[^*]+(?<!\\)\*")
_PLACE = re.compile(r"(\$[^$]+\$) (?:stands )?(?:in (?:\[?step (\d+\.\d+)\]?(?:\(#[^)]*\))?)|above)")
_TRANSPOSED = re.compile(r"\$\{(.*)\}\^\\top\$")


@dataclass
class PrintedMatrix:
    """A table: the names of its columns, and of each of its rows the head, the name and the texts of the numbers."""

    caption: str
    columns: list
    rows: list

    def text(self, head, row, column):
        heads = list(dict.fromkeys(name for name, *_ in self.rows))
        within = [texts for name, _, texts in self.rows if name == heads[head]]
        return within[row][column]


@dataclass
class PrintedEquation:
    """Its letters from left to right; by letter, the matrices that stand here, and the steps where others do."""

    letters: list
    here: dict = field(default_factory=dict)
    elsewhere: dict = field(default_factory=dict)
    lines: list = field(default_factory=list)  # (what, text, sign, number)


def plain(text):
    """Markdown as the reader sees it."""
    return re.sub(r"\\(.)", r"\1", text)


def printed_equations(markdown):
    """By the number of a step, its equations."""
    steps = {}
    for block in re.split(r"(?m)^(?=#{2,3} )", markdown):
        heading, *paragraphs = block.strip().split("\n\n")
        if match := _STEP.fullmatch(heading):
            steps[match[1]] = list(_equations(paragraphs))
    return steps


def _equations(paragraphs):
    start = 0
    for end, paragraph in enumerate(paragraphs):
        if not paragraph.startswith("- "):
            continue
        own, matrices = paragraphs[start:end], {}
        start = end + 1
        while own[-1].startswith("|"):
            table, caption = own.pop(), own.pop()
            letter = (_LETTER.findall(caption) or [f"*{caption.partition(' (')[0]}*"])[-1]
            assert letter not in matrices
            matrices[letter] = _matrix(caption, table)
        places = _PLACE.findall(own.pop()) if re.search(r" stands (in|above)", own[-1]) else []
        equation = PrintedEquation(_LETTER.findall(own.pop()), matrices, dict(places))
        for line in paragraph.split("\n"):
            what, _, rest = line.removeprefix("- ").partition(" = ")
            text, sign, number = re.fullmatch("(.*) ([=≈]) (.*)", plain(rest)).groups()
            equation.lines.append((what, text, sign, number))
        yield equation


def _matrix(caption, table):
    header, _, *lines = (re.split(r"(?<!\\)\|", line)[1:-1] for line in table.split("\n"))
    rows = [[cell.strip() for cell in line] for line in lines]
    columns = [plain(cell.strip()) for cell in header]
    heads = columns[0] == "head"
    return PrintedMatrix(
        caption,
        columns[2:] if heads else columns[1:],
        [(row[0], row[1], row[2:]) if heads else ("", row[0], row[1:]) for row in rows],
    )


def transposed(letter):
    """A letter without its T, and whether it had one."""
    match = _TRANSPOSED.fullmatch(letter)
    return (f"${match[1]}$", True) if match else (letter, False)


def matrix_of(steps, step, equation, letter):
    """The matrix that a letter of an equation names, and whether it stands there transposed. It is the only one."""
    wanted, here = transposed(letter)
    places = [equation] if letter not in equation.elsewhere else steps[equation.elsewhere[letter] or step]
    matches = [
        (matrix, transposed(other)[1] != here)
        for place in places
        for other, matrix in place.here.items()
        if transposed(other)[0] == wanted
    ]
    assert len(matches) == 1, f"{letter} of step {step} stands in {len(matches)} places"
    return matches[0]
