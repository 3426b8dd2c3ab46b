"""What jobs answer: what they made, and how to go on with it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from explorer.answers import Answer, Table

_NO_ROWS = Table((), ())


@dataclass(frozen=True)
class Made(Answer):
    """What a job made: `content` is its JSON, `line` the line that says what it is, `rows` are numbers about it; `end`
    says how the work ended, where that line does not."""

    content: Any
    line: str
    sentences: tuple[str, ...] = ()
    rows: Table = _NO_ROWS
    end: str = ""
    warnings: tuple[str, ...] = ()

    @property
    def headline(self) -> str:
        return self.line

    @property
    def outcome(self) -> str:
        return self.end or self.line

    def as_json(self) -> Any:
        return self.content

    def table(self) -> Table:
        return self.rows
