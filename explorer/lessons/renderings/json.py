"""A lesson as JSON: its text and tables, and every digit of its tensors."""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from explorer.lessons.cells import behind
from explorer.lessons.lesson import Lesson
from explorer.lessons.steps import UPDATED, Chapter, Shown
from explorer.transformer.tape import Array


def to_json(lesson: Lesson, chapters: Sequence[Chapter] | None = None, decimals: int = 4) -> str:
    """The whole lesson with all of its trace and every parameter's update; or some of its chapters, with the tensors
    that stand on their steps. A tensor has its value and its gradient, unrounded: `decimals` are for other formats."""
    return json.dumps(as_json(lesson, chapters), ensure_ascii=False, allow_nan=False) + "\n"


def as_json(lesson: Lesson, chapters: Sequence[Chapter] | None = None) -> dict[str, Any]:
    """What `to_json` writes. The encoder alone has neither a target nor a loss, and nothing is updated."""
    chapters = lesson.chapters if chapters is None else tuple(chapters)
    trace, update = lesson.trace, _updated(lesson)
    tensors, parameters, updated = _standing(lesson, chapters)
    return {
        "title": lesson.example.title,
        "origin": lesson.example.origin,
        "chapters": [_chapter(chapter) for chapter in chapters],
        "trace": {
            "tokens": list(trace.tokens),
            "target": list(trace.target),
            **({"label": lesson.example.label} if lesson.example.label else {}),
            "loss": float(trace["loss"].value) if "loss" in trace else None,
            "tensors": {name: trace[name].as_json(gradient=True) for name in tensors},
            "parameters": {name: trace[name].as_json(gradient=True) for name in parameters},
        },
        "updated": {name: update[name].tolist() for name in updated},
    }


def _updated(lesson: Lesson) -> dict[str, Array]:
    return {} if lesson.example.encoder_only else lesson.update.parameters


def numbers(lesson: Lesson, chapters: Sequence[Chapter] | None = None) -> int:
    """How many numbers `to_json` writes."""
    trace = lesson.trace
    tensors, parameters, updated = _standing(lesson, lesson.chapters if chapters is None else tuple(chapters))
    traced = (trace[name] for name in (*tensors, *parameters))
    return sum(tensor.value.size * (1 if tensor.gradient is None else 2) for tensor in traced) + sum(
        _updated(lesson)[name].size for name in updated
    )


def _standing(lesson: Lesson, chapters: tuple[Chapter, ...]) -> tuple[list[str], list[str], list[str]]:
    """The names of the tensors, of the parameters and of those with their update that stand in these chapters."""
    trace = lesson.trace
    tensors, parameters = [tensor.name for tensor in trace], list(trace.parameters)
    updated = list(_updated(lesson))
    if chapters == lesson.chapters:
        return tensors, parameters, updated
    steps = [step for chapter in chapters for step in chapter.steps]
    standing = {shown for step in steps for shown in (*step.shown, *behind(lesson, step))}
    names = {shown.name for shown in standing}
    return (
        [name for name in tensors if name in names],
        [name for name in parameters if name in names],
        [name for name in updated if Shown(name, UPDATED) in standing],
    )


def _chapter(chapter: Chapter) -> dict[str, Any]:
    steps = [
        {
            "key": step.key,
            "title": step.title,
            "prose": step.prose,
            "formulas": list(step.formulas),
            "shown": [{"tensor": shown.name, "side": shown.side} for shown in step.shown],
            "tables": [table.as_json() for table in step.tables],
        }
        for step in chapter.steps
    ]
    return {"title": chapter.title, "steps": steps}
