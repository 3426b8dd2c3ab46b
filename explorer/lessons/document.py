"""A lesson, a part of it, or one of its matrices, written as a document."""

from __future__ import annotations

import json
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from explorer.answers import Document as Answer
from explorer.answers import Table
from explorer.errors import UserError
from explorer.lessons.bounds import DECIMALS, FIGURES, WORKBOOKS
from explorer.lessons.lesson import Lesson, table_of
from explorer.lessons.renderings import render
from explorer.lessons.renderings.figures import figure
from explorer.lessons.renderings.parts import part
from explorer.lessons.renderings.text import in_text
from explorer.lessons.steps import Chapter, Shown, Step
from explorer.texts import _
from explorer.transformer.trace import Trace


@dataclass(frozen=True)
class Document(Answer):
    """A `lesson` in one of the forms md, tex, ipynb, html, json and xlsx, whole, or its `chapter` or `step` alone; or
    what is `shown` as svg or pdf. It is written when its `content` is asked for."""

    lesson: Lesson
    form: str
    chapter: int | None = None
    step: str | None = None
    shown: Shown | None = None
    decimals: int = DECIMALS

    @property
    def trace(self) -> Trace:
        return self.lesson.trace

    @cached_property
    def chapters(self) -> tuple[Chapter, ...]:
        """Those that the document tells. Raises UserError where there is no such chapter or step."""
        return part(self.lesson, self.chapter, self.step)

    @property
    def steps(self) -> tuple[Step, ...]:
        return tuple(step for chapter in self.chapters for step in chapter.steps)

    @cached_property
    def content(self) -> bytes:
        if self.form in FIGURES:
            assert self.shown is not None
            return figure(self.lesson, self.shown, self.form, self.decimals)
        content = render(self.lesson, self.form, self.chapters, self.decimals)
        return content if isinstance(content, bytes) else content.encode(errors="replace")

    @property
    def readable(self) -> bytes:
        if self.form != "md":
            return self.content
        return in_text(self.content.decode()).encode(errors="replace")

    @property
    def warnings(self) -> Sequence[str]:
        return self.lesson.warnings

    @property
    def headline(self) -> str:
        return self.lesson.headline

    def table(self) -> Table:
        return table_of(self.lesson, self.chapters)

    def as_json(self) -> Any:
        """What the document in JSON holds; of another, its form and its text; of a spreadsheet, its bytes in Base64."""
        if self.form == "json":
            return json.loads(self.content)
        if self.form == "pdf":
            raise UserError(_("A PDF cannot stand in JSON. Ask for svg, or write the PDF into a file."))
        if self.form in WORKBOOKS:
            return {"form": self.form, "base64": b64encode(self.content).decode()}
        return {"form": self.form, "text": self.content.decode()}

    def _repr_markdown_(self) -> str | None:
        return self.content.decode() if self.form == "md" else None
