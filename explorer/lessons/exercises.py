"""Exercises: a step's equation with some numbers left blank, their solutions, and a word on what a reader typed."""

from __future__ import annotations

import math
import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from explorer.answers import Answer, Table
from explorer.answers import Document as Written
from explorer.errors import UserError, cut
from explorer.lessons.bounds import BLANKS, DECIMALS, EXERCISE_STEPS
from explorer.lessons.cells import Cell
from explorer.lessons.equations import Equation, equations
from explorer.lessons.equations.parts import Constant, Matrix, Number, Slot, Sum
from explorer.lessons.equations.worked import Worked, worked
from explorer.lessons.lesson import Lesson
from explorer.lessons.numbers import TIMES, check_decimals, read, rounded
from explorer.lessons.renderings.parts import part
from explorer.lessons.steps import Chapter, Step
from explorer.texts import _, _n
from explorer.transformer.trace import unknown_words_warning

# By how much an answer may differ that was computed from rounded numbers: units of the last decimal, or a share of it.
_UNITS, _TENTH, _SHARE = 5, 0.1, 0.005


@dataclass(frozen=True, eq=False)
class Blank:
    """A number that is to be computed. `equation` is that of its step, with this cell as the one worked out; `number`
    counts the blanks of an exercise from 1; `cell` is its name in the lesson, None for what no tensor holds."""

    number: int
    equation: Equation
    label: str
    cell: Cell | None

    @property
    def value(self) -> float:
        return self.equation.result.number(self.equation.worked)

    @property
    def solution(self) -> str:
        """The number as it is printed."""
        return rounded(self.value, self.equation.result.decimals)

    @cached_property
    def lines(self) -> tuple[Worked, ...]:
        """How the number comes about, line by line in the order of computing. The last line is that of the number
        itself."""
        result = self.equation.result
        return tuple(worked(self.equation, line, result.decimals, folded=False) for line in self.equation.lines)

    def as_json(self) -> dict[str, Any]:
        return {
            "number": self.number,
            "cell": self.cell and str(self.cell),
            "label": self.label,
            "at": list(self.equation.worked),
            "solution": self.solution,
            "value": self.value,
            "lines": [line.as_json() for line in self.lines],
        }


@dataclass(frozen=True, eq=False)
class Task:
    """A step's equation, of whose result some cells are blank."""

    chapter: Chapter
    step: Step
    equation: Equation
    blanks: tuple[Blank, ...]

    @property
    def given(self) -> tuple[Matrix, ...]:
        """What the blanks are computed from: the equation's matrices but for the result, for what lies on the way to
        it, and for what shows the same numbers once more."""
        computed = {line.number.matrix for line in self.equation.lines}
        used = {slot.matrix for line in self.equation.lines for slot in _numbers(line.slots)}
        return tuple(matrix for matrix in dict.fromkeys(self.equation.matrices) if matrix in used - computed)

    @property
    def constants(self) -> tuple[Constant, ...]:
        """The numbers that stand in no matrix, such as √d_k."""
        slots = (slot for line in self.equation.lines for slot in line.slots)
        return tuple(dict.fromkeys(slot for slot in slots if isinstance(slot, Constant)))

    @cached_property
    def used(self) -> dict[Matrix, set[tuple[int, int, int]]]:
        """Of each matrix of the lines, the cells that the blanks take, and the blanks themselves."""
        cells: dict[Matrix, set[tuple[int, int, int]]] = {}

        def number(matrix: Matrix, at: tuple[int, int, int]) -> str:
            cells.setdefault(matrix, set()).add(at)
            return ""

        for blank in self.blanks:
            for line in blank.equation.lines:
                blank.equation.written(line, number, str)
        return cells

    def as_json(self) -> dict[str, Any]:
        """`equation` is the payload that `explorer.tensors` draws, and `given` are the ids of its parts that the reader
        sees; the others but for the result would give the answers away."""
        places = {part: place for place, part in enumerate(self.equation.parts)}
        return {
            "chapter": self.chapter.title,
            "step": self.step.key,
            "title": self.step.title,
            "formulas": list(self.step.formulas),
            "equation": self.equation.as_json(),
            "given": [places[matrix] for matrix in self.given],
            "blanks": [blank.as_json() for blank in self.blanks],
        }


@dataclass(frozen=True, eq=False)
class Exercise(Answer):
    """Tasks from a `lesson`, drawn by the `variant`: the same variant has the same blanks."""

    lesson: Lesson
    tasks: tuple[Task, ...]
    variant: int
    decimals: int

    @property
    def blanks(self) -> tuple[Blank, ...]:
        return tuple(blank for task in self.tasks for blank in task.blanks)

    @property
    def headline(self) -> str:
        steps = _n("{count} step", "{count} steps", len(self.tasks))
        numbers = _n("{count} number to compute", "{count} numbers to compute", len(self.blanks))
        return f"{' → '.join(self.lesson.example.sides)}: {steps}, {numbers}"

    @property
    def warnings(self) -> Sequence[str]:
        return unknown_words_warning(self.lesson.trace.unknown)

    def table(self) -> Table:
        """A row for each blank, with its solution."""
        rows = (
            (blank.number, task.step.key, blank.label, blank.solution, "; ".join(map(str, blank.lines)))
            for task in self.tasks
            for blank in task.blanks
        )
        return Table(("number", "step", "cell", "solution", "how"), tuple(rows))

    def as_json(self) -> dict[str, Any]:
        return {
            "title": self.lesson.example.title,
            "source": list(self.lesson.example.source),
            "target": list(self.lesson.example.target),
            "variant": self.variant,
            "decimals": self.decimals,
            "tasks": [task.as_json() for task in self.tasks],
        }

    def as_html(self) -> str:
        from explorer.lessons.renderings.exercises import in_notebook

        return in_notebook(self)

    def check(self, number: int, answer: str) -> Verdict:
        """What to say about an answer to the blank of that number. Raises UserError where there is none."""
        if not 1 <= number <= len(self.blanks):
            raise UserError(
                _(
                    "There is no blank {number}. This exercise has blanks 1 to {last}.",
                    number=number,
                    last=len(self.blanks),
                )
            )
        return check(self.blanks[number - 1], answer)

    def sheet(self, form: str) -> Sheet:
        """The exercise as a page to print, `md` or `html`, with the solutions at its end."""
        return Sheet(self, form)


@dataclass(frozen=True, eq=False)
class Sheet(Written):
    """An `exercise` as a page to print, `md` or `html`."""

    exercise: Exercise
    form: str

    @cached_property
    def content(self) -> bytes:
        from explorer.lessons.renderings.exercises import FORMATS

        return FORMATS[self.form](self.exercise).encode(errors="replace")

    @property
    def readable(self) -> bytes:
        from explorer.lessons.renderings.text import in_text

        return in_text(self.content.decode()).encode(errors="replace") if self.form == "md" else self.content

    @property
    def headline(self) -> str:
        return self.exercise.headline

    @property
    def warnings(self) -> Sequence[str]:
        return self.exercise.warnings

    def table(self) -> Table:
        return self.exercise.table()

    def as_json(self) -> Any:
        return {"form": self.form, "text": self.content.decode()}

    def _repr_markdown_(self) -> str | None:
        return self.content.decode() if self.form == "md" else None


@dataclass(frozen=True)
class Verdict:
    """Whether an answer is `right`, and a `sentence` for who gave it."""

    right: bool
    sentence: str


def exercise(
    lesson: Lesson,
    chapter: int | None = None,
    step: str | None = None,
    blanks: int = BLANKS,
    variant: int = 0,
    decimals: int = DECIMALS,
) -> Exercise:
    """Tasks about one step, about each step of a chapter (counted from 1), or about EXERCISE_STEPS steps drawn from the
    whole lesson; each with so many blanks, or with fewer where its result has fewer numbers.

    Raises UserError as `parts.part` and `check_decimals`, and for a step that computes nothing.
    """
    check_decimals(decimals)
    dice = random.Random(f"exercise {variant}")
    chapters = part(lesson, chapter, step)
    steps = [(each, told) for each in chapters for told in each.steps if told.shown]
    if chapter is None and step is None:
        places = sorted(dice.sample(range(len(steps)), min(EXERCISE_STEPS, len(steps))))
        steps = [steps[place] for place in places]
    tasks: list[Task] = []
    count = 1
    for own, told in steps:
        if task := _task(lesson, own, told, blanks, count, dice, decimals):
            tasks.append(task)
            count += len(task.blanks)
    if not tasks:
        raise UserError(
            _("Nothing is computed there, so there is nothing to leave blank. Take another step or chapter.")
        )
    return Exercise(lesson, tuple(tasks), variant, decimals)


def check(blank: Blank, text: str) -> Verdict:
    """What to say about an answer as a reader types it, with a point or a comma before its decimals.

    It is right where it has the printed digits, and nearly so where only the rounding of the printed numbers can have
    made the difference. Of a wrong one the worked line is the hint, without its result.
    """
    try:
        answer = read(text)
    except ValueError:
        answer = math.nan
    if not math.isfinite(answer):
        sentence = _("“{text}” is not a number. Type one such as 0.25 or −1.5.", text=cut(text.strip()))
        return Verdict(False, sentence)
    decimals, solution, size = blank.equation.result.decimals, blank.solution, abs(blank.value)
    unit = 10**-decimals
    if TIMES in solution:
        unit *= size if size > 1 else size * 10 ** (decimals - 1)
    if rounded(answer, decimals) == solution or abs(answer - blank.value) <= unit / 2:
        return Verdict(True, _("Right: {solution}.", solution=solution))
    allowance = max(unit, min(_UNITS * unit, _TENTH * size), _SHARE * size)  # of small numbers little may be rounding
    if TIMES not in solution and abs(answer - blank.value) <= allowance:
        return Verdict(
            True, _("Right but for rounding: rounded once, at the end, it is {solution}.", solution=solution)
        )
    *before, last = blank.lines
    hint = "; ".join([*map(str, before), f"{last.text} = ?"])
    return Verdict(False, _("Not yet. Compute {hint}", hint=hint))


def _task(
    lesson: Lesson, chapter: Chapter, step: Step, blanks: int, first: int, dice: random.Random, decimals: int
) -> Task | None:
    """One of the step's equations with so many blanks, the first of that number; None where nothing is computed."""
    computed = [each for each in equations(lesson, step, decimals) if any(line.slots for line in each.lines)]
    if not computed:
        return None
    equation = dice.choice(computed)
    values = equation.result.values
    worth = np.argwhere(np.isfinite(values) & (values != 0))
    cells = worth if len(worth) else np.argwhere(np.isfinite(values))
    drawn = dice.sample(range(len(cells)), min(blanks, len(cells)))
    places = sorted((int(head), int(row), int(column)) for head, row, column in (cells[place] for place in drawn))
    whole = next(each for each in lesson.chapters if each.title == chapter.title)
    return Task(
        whole,
        step,
        equation,
        tuple(_blank(lesson, number, equation.at(*at)) for number, at in enumerate(places, start=first)),
    )


def _blank(lesson: Lesson, number: int, equation: Equation) -> Blank:
    result, (head, row, column) = equation.result, equation.worked
    if result.tensor is None or result.places is None:  # a share of a gradient
        place = ", ".join(filter(None, (result.rows[row], result.columns[column])))
        return Blank(number, equation, f"{result.caption} [{place}]", None)
    index = [head] * bool(result.heads)
    index += [result.places[0][row]] * (result.rows != ("",)) + [result.places[1][column]] * (result.columns != ("",))
    cell = Cell(result.tensor, tuple(index))
    return Blank(number, equation, cell.label(lesson), cell)


def _numbers(slots: Sequence[Slot]) -> Iterator[Number]:
    for slot in slots:
        if isinstance(slot, Sum):
            yield from _numbers(slot.slots)
        elif isinstance(slot, Number):
            yield slot
