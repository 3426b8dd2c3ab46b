"""Which part of a lesson is rendered, and what all renderings call its parts."""

from __future__ import annotations

from collections.abc import Sequence

from explorer.errors import UserError
from explorer.lessons import glossary
from explorer.lessons.lesson import Lesson
from explorer.lessons.steps import GRADIENT, UPDATED, VALUE, Chapter
from explorer.texts import _
from explorer.writing.documents import literal

SIDES = {VALUE: "{tensor}", GRADIENT: _("gradient of {tensor}"), UPDATED: _("after the step: {tensor}")}
_COUNTING = _(
    "The text counts from 1; the tensors' names count layers from 0, as code does: encoder.0, or decoder.0, is layer 1."
)


def part(lesson: Lesson, chapter: int | None = None, step: str | None = None) -> tuple[Chapter, ...]:
    """One chapter, counted from 1, one step by its key, in its chapter, or all of the lesson.

    Raises UserError where there is no such chapter or step.
    """
    if step is not None:
        found = lesson.step(step)
        return (Chapter(lesson.chapter(found).title, (found,)),)
    if chapter is None:
        return lesson.chapters
    if not 1 <= chapter <= len(lesson.chapters):
        raise UserError(
            _(
                "There is no chapter {chapter}. This lesson has chapters 1 to {last}.",
                chapter=chapter,
                last=len(lesson.chapters),
            )
        )
    return lesson.chapters[chapter - 1 : chapter]


def introduction(lesson: Lesson, chapters: Sequence[Chapter]) -> str:
    """The first sentences of a document; where the vectors come from is in them unless one of its steps says it."""
    origin = lesson.example.origin
    is_told = any(literal(origin) in step.prose for chapter in chapters for step in chapter.steps)
    return f"{lesson.example.title}. {'' if is_told else f'{origin} '}{_COUNTING}"


def number_of(lesson: Lesson, chapter: Chapter) -> int:
    """A chapter's number in its lesson, from 1, also of a chapter that was cut down to one step."""
    return [whole.title for whole in lesson.chapters].index(chapter.title) + 1


def numbers_of_steps(lesson: Lesson) -> dict[str, str]:
    """By its key, what each step of a lesson is called in its documents: 3.1 is the first of chapter 3."""
    return {
        step.key: f"{chapter}.{number}"
        for chapter, whole in enumerate(lesson.chapters, start=1)
        for number, step in enumerate(whole.steps, start=1)
    }


def terms_in(chapters: Sequence[Chapter]) -> list[str]:
    """The terms of the glossary that come up, in alphabetical order."""
    terms = {term for chapter in chapters for step in chapter.steps for term in glossary.terms_of(step.prose)}
    return sorted(terms, key=str.lower)
