"""Figures as files, the same bytes for the same drawing: SVG for pages, PDF for papers."""

from __future__ import annotations

import io
import threading
import unicodedata
import warnings
from collections.abc import Callable
from typing import Any

import matplotlib
from matplotlib.figure import Figure

_SETTINGS: dict[Any, Any] = {
    "svg.fonttype": "none",  # text stays text, which any font can show
    "svg.hashsalt": "explorer",  # the same names inside the file every time
    "font.family": "sans-serif",
    "font.sans-serif": ["DejaVu Sans", "Arial", "Helvetica"],  # the first comes with matplotlib
    "font.size": 8,
    "hatch.linewidth": 0.4,
}
_one_at_a_time = threading.Lock()  # matplotlib's settings are the process's, and it is not made for threads


def as_file(draw: Callable[[], Figure], form: str = "svg") -> bytes:
    """What `draw` draws, as "svg", "pdf" or "png"."""
    out = io.BytesIO()
    with _one_at_a_time, matplotlib.rc_context(_SETTINGS), warnings.catch_warnings():
        warnings.filterwarnings("ignore", message="Glyph .* missing")  # a box stands there, which says enough
        dates = {"svg": {"Date": None}, "pdf": {"CreationDate": None}}.get(form)
        draw().savefig(out, format=form, metadata=dates)
    return out.getvalue()


def label(word: str, longest: int) -> str:
    """A word on one line, not too long; what cannot be printed, nor stand in XML, becomes a replacement character."""
    clean = "".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in word)
    return clean if len(clean) <= longest else clean[: longest - 1] + "…"


def width(label: str) -> int:
    """In letters; those of East Asia are twice as wide."""
    return sum(2 if unicodedata.east_asian_width(c) in "WF" else 1 for c in label)
