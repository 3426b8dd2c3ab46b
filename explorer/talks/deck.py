"""A talk as its TOML file says it: scenes with titles, notes, what they show and what is revealed step by step."""

from __future__ import annotations

import re
import threading
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from typing import Any

from explorer import places
from explorer.errors import NotThere, UserError, cut
from explorer.files import write_file
from explorer.texts import _
from explorer.toml_text import parse_toml

FOLDER = places.PACKAGE / "talks" / "decks"
"""The talks that come along."""

MOST_SCENES = 200
_LONGEST_NAME = 60
MOST_MINUTES = 600
MOST_LINES = 12  # of text on a scene
LONGEST_LINE = 400
LONGEST_NOTES = 6_000
_WIDEST_LIST = 100  # characters of a list on one line of a file
REVEALS = ("", "rows", "lines", "cells", "answer")
"""What appears at a press of the clicker: nothing, one row or word after the other, one line of a text (the first comes
with its title) or of a worked sum after the other, one worked cell of an equation after the other, or the answer to the
scene's question."""
_KINDS = ("page", "text", "quote", "formula", "picture", "ask")  # what a scene may show


_one_at_a_time = threading.Lock()  # visitors share a process: none may write over what another has just added


@dataclass(frozen=True)
class Scene:
    """One view of a talk.

    `page` is the address of a page or of a question with its parameters, as *Copy link* gives it. `highlight` names the
    words that matter, or with `reveal = "cells"` the cells of an equation's result as `row,column`, counted from 0.
    `live` is the parameter of the page that may be typed on stage. `shows` has the numbers that stood there when the
    talk was written.
    """

    title: str = ""
    notes: str = ""
    page: str = ""
    text: tuple[str, ...] = ()
    quote: str = ""
    by: str = ""
    formula: str = ""
    picture: str = ""
    ask: str = ""
    choices: tuple[str, ...] = ()
    answer: str = ""
    highlight: tuple[str, ...] = ()
    reveal: str = ""
    live: str = ""
    shows: str = ""


@dataclass(frozen=True)
class Deck:
    """A talk: its `title`, who holds it, for how many minutes it is planned, and its scenes."""

    title: str
    scenes: tuple[Scene, ...]
    speaker: str = ""
    minutes: float | None = None
    folder: Path | None = field(default=None, compare=False)  # where its pictures are

    def as_toml(self) -> str:
        """The file of the talk, which `read_deck` reads again; what is not said is left out."""
        head = [("title", self.title), ("speaker", self.speaker), ("minutes", self.minutes)]
        blocks = ["\n".join(f"{name} = {_written(value)}" for name, value in head if value not in ("", None))]
        for scene in self.scenes:
            values = [(each.name, getattr(scene, each.name)) for each in fields(Scene)]
            lines = [f"{name} = {_written(value)}" for name, value in values if value not in ("", ())]
            blocks.append("\n".join(["[[scene]]", *lines]))
        return "\n\n".join(blocks) + "\n"


def names() -> tuple[str, ...]:
    """The talks that come along, and the user's own."""
    return tuple(sorted({path.stem for folder in (FOLDER, places.TALKS) for path in folder.glob("*.toml")}))


def own_names() -> tuple[str, ...]:
    """The user's own talks."""
    return tuple(sorted(path.stem for path in places.TALKS.glob("*.toml")))


def last_changed() -> str:
    """The user's own talk that was changed last; empty where there is none."""
    own = sorted(places.TALKS.glob("*.toml"), key=lambda path: path.stat().st_mtime)
    return own[-1].stem if own else ""


def name_of(title: str) -> str:
    """The name of the file of a talk with this title. Raises UserError for a title without a letter or digit."""
    name = re.sub(r"[^\w]+", "-", title.lower()).strip("-")[:_LONGEST_NAME].strip("-")
    if not name:
        raise UserError(_("The talk needs a title with a letter or a digit in it."))
    return name


def save(name: str, deck: Deck) -> None:
    """Write a talk among the user's own, whole or not at all. Raises UserError where it cannot be written."""
    if name not in own_names() and name_of(name) != name:
        raise UserError(_("“{name}” is no name of a talk.", name=cut(name)))
    read_deck(deck.as_toml(), name)  # what could not be read again is not written
    places.TALKS.mkdir(parents=True, exist_ok=True)
    write_file(places.TALKS / f"{name}.toml", deck.as_toml().encode())


def remove_talk(name: str) -> None:
    """Delete one of the user's own talks. Raises NotThere where there is none of this name."""
    if name not in own_names():
        raise NotThere(_("There is no talk of your own called “{name}”.", name=cut(name)))
    (places.TALKS / f"{name}.toml").unlink(missing_ok=True)


def add(name: str, title: str, scene: Scene) -> Deck:
    """Put a scene at the end of one of the user's talks; where there is none of this name, of a new one."""
    with _one_at_a_time:
        if name not in own_names():
            check_new(name)
        deck = open_deck(name) if name in own_names() else Deck(title, ())
        deck = replace(deck, scenes=(*deck.scenes, scene))
        save(name, deck)
    return deck


def check_new(name: str) -> None:
    """Raises UserError where a talk has this name already: it would no longer be found."""
    if name in names():
        raise UserError(_("There is a talk “{name}” already. Take another title.", name=name))


def move(deck: Deck, start: int, end: int) -> Deck:
    """The talk with a scene at another place, both counted from 0."""
    scenes = [scene for place, scene in enumerate(deck.scenes) if place != start]
    return replace(deck, scenes=(*scenes[:end], deck.scenes[start], *scenes[end:]))


def remove(deck: Deck, place: int) -> Deck:
    """The talk without a scene; its last one stays."""
    scenes = tuple(scene for number, scene in enumerate(deck.scenes) if number != place)
    return replace(deck, scenes=scenes or deck.scenes)


def open_deck(name: str) -> Deck:
    """A talk by its name: the user's own, or one that came along. Raises NotThere for another name."""
    if name in names():  # a name, and no path
        own = places.TALKS / f"{name}.toml"
        return read_file(own if own.is_file() else FOLDER / f"{name}.toml")
    raise NotThere(_("There is no talk “{name}”. There are: {names}.", name=cut(name), names=", ".join(names())))


def read_file(path: Path) -> Deck:
    """The talk in a file. Raises UserError for a file that cannot be read, or is no talk."""
    try:
        text = path.read_text(encoding="utf-8-sig")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else _("it is not UTF-8")
        raise UserError(_("The talk “{name}” cannot be read: {reason}.", name=path.name, reason=reason)) from error
    return read_deck(text, path.name, path.parent)


def read_deck(text: str, name: str, folder: Path | None = None) -> Deck:
    """The talk that a TOML text says. Raises UserError, with the number of the scene, for what is no talk."""
    said = parse_toml(text, _("The talk “{name}”", name=name))
    scenes = said.pop("scene", [])
    if not isinstance(scenes, list) or not scenes or not all(isinstance(each, dict) for each in scenes):
        raise UserError(_("The talk “{name}” has no scenes: begin each with the line [[scene]].", name=name))
    if len(scenes) > MOST_SCENES:
        raise UserError(
            _(
                "The talk “{name}” has {count} scenes, of at most {most}.",
                name=name,
                count=len(scenes),
                most=MOST_SCENES,
            )
        )
    if unknown := [key for key in said if key not in ("title", "speaker", "minutes")]:
        raise UserError(
            _(
                "The talk “{name}” has no “{key}”: it has title, speaker, minutes and [[scene]]s.",
                name=name,
                key=cut(unknown[0]),
            )
        )
    minutes = said.get("minutes")
    is_number = isinstance(minutes, (int, float)) and not isinstance(minutes, bool)
    if minutes is not None and not (is_number and 0 < minutes <= MOST_MINUTES):
        raise UserError(_("The minutes of the talk “{name}” must be a number above 0.", name=name))
    title, speaker = (_text(said.get(key, ""), key, name) for key in ("title", "speaker"))
    read = tuple(_scene(each, _("Scene {number} of “{name}”", number=n, name=name)) for n, each in enumerate(scenes, 1))
    return Deck(title or name, read, speaker, minutes, folder)


def _scene(said: Mapping[str, Any], where: str) -> Scene:
    known = {each.name for each in fields(Scene)}
    if unknown := [key for key in said if key not in known]:
        raise UserError(
            _(
                "{where} has no “{key}”. A scene has: {known}.",
                where=where,
                key=cut(unknown[0]),
                known=", ".join(each.name for each in fields(Scene)),
            )
        )
    values: dict[str, Any] = {}
    for key, value in said.items():
        if key in ("text", "choices", "highlight"):
            lines = [value] if isinstance(value, str) else value
            if not isinstance(lines, list) or len(lines) > MOST_LINES:
                raise UserError(
                    _("{where}: {key} is a list of at most {most} texts.", where=where, key=key, most=MOST_LINES)
                )
            values[key] = tuple(_text(line, key, where) for line in lines)
        else:
            values[key] = _text(value, key, where, LONGEST_NOTES if key in ("notes", "page") else LONGEST_LINE)
    scene = Scene(**values)
    if scene.reveal not in REVEALS:
        raise UserError(
            _(
                "{where}: reveal is “{reveal}”. Take one of {known}, or leave it out.",
                where=where,
                reveal=cut(scene.reveal),
                known=", ".join(REVEALS[1:]),
            )
        )
    if not scene.title and not any(getattr(scene, kind) for kind in _KINDS):
        raise UserError(
            _("{where} shows nothing: give it a title, or one of {kinds}.", where=where, kinds=", ".join(_KINDS))
        )
    return scene


def _text(value: object, key: str, where: str, longest: int = LONGEST_LINE) -> str:
    if not isinstance(value, str):
        raise UserError(_("{where}: {key} must be a text in quotes.", where=where, key=key))
    if len(value) > longest:
        raise UserError(
            _(
                "{where}: {key} has {count} characters, of at most {longest}.",
                where=where,
                key=key,
                count=len(value),
                longest=longest,
            )
        )
    return value.strip()


def _written(value: Any) -> str:
    """A value as TOML."""
    if isinstance(value, tuple):
        parts = list(map(_written, value))
        short = f"[{', '.join(parts)}]"
        return short if len(short) <= _WIDEST_LIST else "[\n" + "".join(f"    {part},\n" for part in parts) + "]"
    if isinstance(value, (int, float)):
        return repr(value)
    lines = "\n" in value
    text = value.replace("\\", "\\\\").replace('"', '\\"')
    escaped = "".join(
        f"\\u{ord(sign):04X}" if (ord(sign) < 32 and not (lines and sign == "\n")) or ord(sign) == 127 else sign
        for sign in text
    )
    return f'"""\n{escaped}"""' if lines else f'"{escaped}"'
