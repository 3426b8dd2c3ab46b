"""Exercises: a step's equation with some numbers left blank, their solutions, and a word on what a reader typed."""

from __future__ import annotations

import random
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np

from explorer.answers import Answer, Table
from explorer.answers import Document as Written
from explorer.errors import UserError
from explorer.lessons.bounds import BLANKS, DECIMALS, EXERCISE_STEPS
from explorer.lessons.cells import Cell
from explorer.lessons.equations import Equation, equations
from explorer.lessons.lesson import Lesson
from explorer.lessons.marking import Verdict, check
from explorer.lessons.numbers import check_decimals
from explorer.lessons.renderings.parts import part
from explorer.lessons.steps import Chapter, Step
from explorer.lessons.tasks import Blank, Task, is_computed
from explorer.texts import _, _n
from explorer.transformer.trace import unknown_words_warning


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


def _task(
    lesson: Lesson, chapter: Chapter, step: Step, blanks: int, first: int, dice: random.Random, decimals: int
) -> Task | None:
    """One of the step's equations with so many blanks, the first of that number; None where nothing is computed."""
    computed = [each for each in equations(lesson, step, decimals) if is_computed(each)]
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
    result, (_head, row, column) = equation.result, equation.worked
    if result.tensor is None or result.places is None:  # a share of a gradient
        place = ", ".join(filter(None, (result.rows[row], result.columns[column])))
        return Blank(number, equation, f"{result.caption} [{place}]", None)
    cell = Cell(result.tensor, result.index(equation.worked))
    return Blank(number, equation, cell.label(lesson), cell)
