"""A talk as one page of HTML that needs nothing else: no server, no font, no request."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from explorer import palette, tensors
from explorer.texts import _
from explorer.writing.documents import page

if TYPE_CHECKING:
    from explorer.talks.rehearsal import Talk

_HERE = Path(__file__).parent
_SCRIPTS = (
    *("scenes", "comparisons", "curves", "equations", "places"),  # what is drawn
    *("frame", "glide", "state", "acts", "show", "room", "desk", "audience"),  # the windows
    *("paper", "svg", "walk", "begin"),
)
_TEXTS = {
    "keys": _("Keys"),
    "hint": _("→ next step · ? all keys"),
    "go_to": _("Go to scene"),
    "close": _("Close"),
    "scene": _("Scene {number} of {count}"),
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
    "no_stage": _("The window of the talk is not connected. Open this talk beside it, or press p there."),
    "two_presenters": _("Another presenter's window or phone moves the talk, too: the last press counts."),
    "other_version": _("Another window shows another version of this talk. Reload both."),
    "offline": _("The answer did not come. The prepared one stands there."),
    "more_rows": _("… {count} more"),
    "live": _("Type"),
    "no_room": _("No phone can reach this talk. End it, and start it by: explorer talk FILE --network"),
}
_ROOM_TEXTS = {
    "not_connected": _("Not connected. The talk goes on in its own window; this page connects again by itself."),
    "new_room": _("This talk was started anew. Reload this page."),
    "visitors": _("Phones that follow: {count}"),
    "ask": _("Ask the audience"),
    "asks": _("Stop asking"),
    "nothing_to_ask": _("This scene asks nothing."),
    "waiting": _("Words that wait"),
    "accept": _("Show"),
    "drop": _("Leave out"),
    "link": _("Link for phones"),
    "phone": _("My phone"),
    "phone_code": _("Code: {code}. It works once."),
    "pointer": _("Touch this scene to point at it."),
    "code": _("Code"),
    "enter": _("Connect"),
    "enter_code": _("Enter the code that the presenter's window shows under “My phone”, or that the command printed."),
    "follows": _("You follow the talk."),
    "browses": _("You browse by yourself."),
    "follow": _("Follow again"),
    "voted": _("Your vote counts: {choice}"),
    "word": _("Your word"),
    "send": _("Send"),
    "sent": _("Sent: {word}. It appears when the presenter takes it."),
    "take_part": _("Take part: {link}"),
}
_KEYS = [
    ("→ ↓ Page Down Space", _("the next step")),
    ("← ↑ Page Up", _("the step before")),
    ("Home, End", _("first and last scene")),
    ("g", _("go to a scene")),
    ("b, w", _("black, white")),
    ("f", _("full screen")),
    ("p", _("presenter's window")),
    ("l", _("laser pointer")),
    ("z", _("zoom in where the mouse is, and out")),
    ("d", _("dark or light")),
    ("h", _("the next head")),
    ("i", _("type a word of one's own, where a scene is live")),
    ("q", _("the link for phones, where the talk has a network")),
    ("a", _("ask the audience, and stop asking")),
    ("y, x", _("show the first word in the queue, or leave it out: in the presenter's window")),
    ("?", _("these keys")),
]


def as_html(talk: Talk, room: Mapping[str, Any] | None = None, scheme: str = "light dark") -> str:
    """The whole talk: scenes, reveals, keys, notes, the presenter's window, and pages for paper (at `#print`).

    It is as dark as the reader's machine, or where the `scheme` is light or dark, as that.

    `room` is that of a talk which phones reach: its name, its link and the picture of it, and whether this is the page
    of who presents. The others get neither notes nor problems.
    """
    texts, data = _TEXTS, talk.as_json()
    if room:
        texts = texts | _ROOM_TEXTS
        data["room"] = room
        if not room["presents"]:
            data["scenes"] = [scene | {"notes": "", "problem": ""} for scene in data["scenes"]]
    return document({**data, "texts": texts, "keys": _KEYS, "tensors": tensors.TEXTS, "levels": palette.LEVELS}, scheme)


def document(talk: dict[str, Any], scheme: str = "light dark") -> str:
    """The page of a talk that is computed already. Its version tells whether two windows show the same."""
    scenes = json.dumps([scene["drawing"] for scene in talk["scenes"]], sort_keys=True)
    talk = talk | {"version": hashlib.sha256(scenes.encode()).hexdigest()[:12]}
    data = json.dumps(talk, ensure_ascii=False).replace("<", "\\u003c")
    script = _script()
    body = f'<script type="application/json" id="talk">{data}</script>\n<script type="module">{script}</script>'
    style = stylesheet().replace("color-scheme: light dark", f"color-scheme: {scheme}", 1)
    return page(talk["title"], style, body, [script], images=True)


def stylesheet() -> str:
    style = "".join((_HERE / f"{name}.css").read_text(encoding="utf-8") for name in ("stage", "room"))
    for name, (light, dark) in {"INK": palette.INK, "PAPER": palette.PAPER, "LINE": palette.LINE}.items():
        style = style.replace(f"{name}_LIGHT", light).replace(f"{name}_DARK", dark)
    levels = (f"{side}{level}" for side in "np" for level in range(palette.LEVELS + 1))
    return style + "\n".join(palette.rules(levels))


def _script() -> str:
    """All scripts as one module: what draws tensors, then those of talks."""
    own = "".join((_HERE / f"{name}.js").read_text(encoding="utf-8") for name in _SCRIPTS)
    style = json.dumps(tensors.alone()).replace("<", "\\u003c")
    return f"\n{tensors.script()}\nconst TENSOR_STYLE = {style};\n{{\n{own}\n}}\n"
