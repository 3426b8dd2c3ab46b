"""A document in Markdown as a terminal shows it: formulas, links and tables without their marks."""

from __future__ import annotations

import re
from collections.abc import Iterator

from explorer.answers import text_width
from explorer.writing.mathematics import plain

_INLINE = re.compile(r"\$([^$\n]+)\$|\[([^][\n]+)\]\(#[^)\n]*\)|\\([!-/:-@\[-`{-~])|\*\*?([^*\n]+)\*\*?|`([^`\n]+)`")


def in_text(markdown: str) -> str:
    """The same for a reader who sees no more than letters."""
    return "\n\n".join(_blocks(markdown)) + "\n"


def _blocks(markdown: str) -> Iterator[str]:
    for block in markdown.strip().split("\n\n"):
        if block.startswith("```math\n"):
            yield "\n".join(f"    {line}" for line in plain(block[8:-4]).split("\n"))
        elif block.startswith("|"):
            yield _table(block)
        else:
            yield _without_marks(block)


def _without_marks(text: str) -> str:
    def shown(match: re.Match[str]) -> str:
        formula, link, literal, emphasised, code = match.groups()
        if formula:
            return plain(formula.replace(r"\ast ", "*"))
        return literal or code or _without_marks(link or emphasised)

    return _INLINE.sub(shown, text)


def _table(block: str) -> str:
    """Columns below each other, numbers to the right."""
    header, sides, *lines = (
        [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]] for line in block.split("\n")
    )
    rows = [[_without_marks(cell) for cell in line] for line in (header, *lines)]
    widths = [max(text_width(row[place]) for row in rows) for place in range(len(header))]
    return "\n".join(
        "  ".join(
            f"{'' if side == '---' else ' ' * (width - text_width(cell))}{cell}"
            f"{' ' * (width - text_width(cell)) if side == '---' else ''}"
            for cell, width, side in zip(row, widths, sides, strict=True)
        ).rstrip()
        for row in rows
        if any(row)
    )
