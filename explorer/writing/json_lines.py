"""JSON Lines: an object in each line (jsonlines.org)."""

from __future__ import annotations

import json
from typing import Any


def object_of(line: str) -> dict[str, Any] | None:
    """The object in a line; None where the line is none, or nests deeper than Python reads."""
    try:
        entry = json.loads(line)
    except (ValueError, RecursionError):
        return None
    return entry if isinstance(entry, dict) else None
