"""A talk as one page of HTML that needs nothing else: no server, no font, no request."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer import palette, tensors
from explorer.documents import page
from explorer.texts import _

if TYPE_CHECKING:
    from explorer.talks.rehearsal import Talk

_HERE = Path(__file__).parent
_TEXTS = {
    "keys": _("Keys"),
    "go_to": _("Go to scene"),
    "close": _("Close"),
    "scene": _("Scene {number} of {count}"),
    "end": _("End of the talk"),
    "now": _("Now"),
    "next": _("Next"),
    "notes": _("Notes"),
    "no_notes": _("No notes."),
    "outline": _("Scenes"),
    "previous": _("← Back"),
    "on": _("On →"),
    "black": _("Black"),
    "restart": _("Clock to 0"),
    "ahead": _("{minutes} min ahead"),
    "behind": _("{minutes} min behind"),
    "on_time": _("on time"),
    "of": _("of {minutes} min"),
    "no_audience": _("The window of the talk is not connected. Open this talk beside it, or press p there."),
    "offline": _("The answer did not come. The prepared one stands there."),
    "more_rows": _("… {count} more"),
    "live": _("Type"),
}
_KEYS = [
    ("→ ↓ Page Down Space", _("on")),
    ("← ↑ Page Up", _("back")),
    ("Home, End", _("first and last scene")),
    ("g", _("go to a scene")),
    ("b, w", _("black, white")),
    ("f", _("full screen")),
    ("p", _("presenter's window")),
    ("l", _("laser pointer")),
    ("z", _("zoom in where the mouse is, and out")),
    ("d", _("dark or light")),
    ("i", _("type a word of one's own, where a scene is live")),
    ("?", _("these keys")),
]


def as_html(talk: Talk) -> str:
    """The whole talk: scenes, reveals, keys, notes, the presenter's window, and pages for paper (at `#print`)."""
    return document({**talk.as_json(), "texts": _TEXTS, "keys": _KEYS, "tensors": tensors.TEXTS, "levels": palette.LEVELS})


def document(talk: dict[str, Any]) -> str:
    """The page of a talk that is computed already."""
    data = json.dumps(talk, ensure_ascii=False).replace("<", "\\u003c")
    script = _script()
    body = f'<script type="application/json" id="talk">{data}</script>\n<script type="module">{script}</script>'
    return page(talk["title"], stylesheet(), body, [script], images=True)


def stylesheet() -> str:
    style = (_HERE / "stage.css").read_text(encoding="utf-8")
    for name, (light, dark) in {"INK": palette.INK, "PAPER": palette.PAPER, "LINE": palette.LINE}.items():
        style = style.replace(f"{name}_LIGHT", light).replace(f"{name}_DARK", dark)
    levels = (f"{side}{level}" for side in "np" for level in range(palette.LEVELS + 1))
    return style + "\n".join(palette.rules(levels))


def _script() -> str:
    """All scripts as one module: what draws tensors, then the stage and the presenter's desk."""
    own = "".join((_HERE / f"{name}.js").read_text(encoding="utf-8") for name in ("scenes", "stage", "desk"))
    style = json.dumps(tensors.alone()).replace("<", "\\u003c")
    return f"\n{tensors.script()}\nconst TENSOR_STYLE = {style};\n{{\n{own}\n}}\n"
