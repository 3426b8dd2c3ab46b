"""Prose is Markdown with *emphasis*, [[terms]] of the glossary, and a backslash before what is meant as it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

_MARKED = re.compile(r"\\([!-/:-@\[-`{-~])|\*([^*\\]+)\*|\[\[([^]|]+)(?:\|([^]]+))?\]\]")


@dataclass(frozen=True)
class Span:
    """A stretch of text, plain, emphasised, or pointing at a `term` of the glossary."""

    text: str
    emphasised: bool = False
    term: str = ""


def spans(prose: str) -> Iterator[Span]:
    """The stretches of a text in order, for renderings that are not Markdown."""
    end = 0
    for match in _MARKED.finditer(prose):
        if match.start() > end:
            yield Span(prose[end : match.start()])
        escaped, emphasised, term, reading = match.groups()
        yield Span(reading or term, term=term) if term else Span(escaped or emphasised, bool(emphasised))
        end = match.end()
    if end < len(prose):
        yield Span(prose[end:])
