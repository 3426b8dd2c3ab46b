"""From an example to its lesson: the way forward, the way back, and one step of the optimiser."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np

from explorer.answers import Answer
from explorer.answers import Table as Rows
from explorer.errors import UserError
from explorer.lessons.backward import backward_chapters, is_key_bias
from explorer.lessons.example import Example
from explorer.lessons.forward import forward_chapters
from explorer.lessons.optimising import optimiser_chapter
from explorer.lessons.steps import GRADIENT, UPDATED, VALUE, Chapter, Shown, Step
from explorer.lessons.telling import told
from explorer.lessons.update import Update, first_update
from explorer.texts import _
from explorer.transformer.explanation import Explanation
from explorer.transformer.tape import Array
from explorer.transformer.trace import Trace, unknown_words_warning


@dataclass(frozen=True, eq=False)
class Lesson(Answer):
    """Chapters of steps about one example. Every number of it stands on `trace`, or on `update`, one step of the
    optimiser from its gradients. Chapters and update are computed when they are first asked for."""

    example: Example
    trace: Trace

    @cached_property
    def update(self) -> Update:
        """Raises UserError as `first_update` does, and where there is no loss to make smaller."""
        if self.example.encoder_only:
            raise UserError(_("The encoder alone has no loss, so no step of an optimiser is taken."))
        return first_update(self.example, self.trace)

    @cached_property
    def chapters(self) -> tuple[Chapter, ...]:
        """Raises UserError as `update` does."""
        forward = told(self.example, self.trace, forward_chapters(self.trace, self.example.origin))
        if self.example.encoder_only:
            return forward
        back = backward_chapters(self.trace, forward)
        return (*forward, *back, optimiser_chapter(self))

    @property
    def headline(self) -> str:
        return f"{self.example.title}: {' → '.join(self.example.sides)}"

    @property
    def warnings(self) -> Sequence[str]:
        return unknown_words_warning(self.trace.unknown)

    @property
    def sentences(self) -> Sequence[str]:
        return tuple(filter(None, (*self.warnings, self.example.target_origin, self.example.origin)))

    def table(self) -> Rows:
        """A row for each step."""
        return table_of(self, self.chapters)

    def as_json(self) -> dict[str, Any]:
        """Its text and tables, and every digit of its tensors. Raises UserError for what would become too large."""
        from explorer.lessons.renderings import check_size
        from explorer.lessons.renderings.json import as_json

        check_size(self, "json")
        return as_json(self)

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(step for chapter in self.chapters for step in chapter.steps)

    def step(self, key: str) -> Step:
        """The step of that key. Raises UserError where there is none."""
        for step in self.steps:
            if step.key == key:
                return replace(step, lesson=self)
        from difflib import get_close_matches  # only an error needs it

        keys = [step.key for step in self.steps]
        (nearest,) = get_close_matches(key[:60], keys, 1, cutoff=0)
        raise UserError(
            _(
                "This lesson has no step “{key}”. It may belong to a model with other layers. The nearest name is "
                "“{nearest}”; the first step is “{first}”.",
                key=key[:60],
                nearest=nearest,
                first=keys[0],
            )
        )

    def _repr_html_(self) -> str:
        """Step by step, as a notebook shows it."""
        from explorer.lessons.renderings.html import in_notebook

        return in_notebook(self)

    def chapter(self, step: Step) -> Chapter:
        """The chapter that tells a step."""
        return next(chapter for chapter in self.chapters if any(step.key == other.key for other in chapter.steps))

    def array(self, shown: Shown) -> Array:
        """The numbers that a step shows, of the tensor's shape; 0 where rounding alone made another number of it.

        Raises UserError for what is not there.
        """
        if shown.side == UPDATED:
            if shown.name not in self.update.parameters:
                raise UserError(_("{name} is not a parameter, so the optimiser does not change it.", name=shown.name))
            return self.update.parameters[shown.name]
        tensor = self.trace[shown.name]
        if shown.side == VALUE:
            return tensor.value
        if tensor.gradient is None:
            raise UserError(_("{name} has no gradient: the loss does not depend on it.", name=shown.name))
        return np.zeros_like(tensor.gradient) if is_key_bias(shown.name) else tensor.gradient

    def explain(self, shown: Shown, *index: int) -> Explanation:
        """How one number came about. Raises UserError for no such cell."""
        if shown.side == UPDATED:
            self.array(shown)
            return self.update.explain(shown.name, *index)
        if shown.side == GRADIENT:
            explanation = self.trace.explain_gradient(shown.name, *index)
            return replace(explanation, number=0.0) if is_key_bias(shown.name) else explanation
        return self.trace.explain(shown.name, *index)


def lesson(example: Example) -> Lesson:
    """Run the example forward, back and one optimiser step, and tell it from its words to its new weights.

    Raises UserError as `teacher_forced_pass` does.
    """
    return Lesson(example, example.trace)


def table_of(lesson: Lesson, chapters: Sequence[Chapter]) -> Rows:
    """The steps of some of its chapters, whose numbers count from 1."""
    numbers = {chapter.title: number for number, chapter in enumerate(lesson.chapters, start=1)}
    rows = ((numbers[each.title], each.title, step.key, step.title) for each in chapters for step in each.steps)
    return Rows(("number", "chapter", "key", "title"), tuple(rows))
