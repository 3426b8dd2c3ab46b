"""A talk computed before anybody sees it: every scene with its drawing, its time, and what is wrong with it."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from explorer.answers import Answer, Document, Table
from explorer.errors import UserError, named
from explorer.questions.question import Progress, silent
from explorer.talks.deck import Deck, Scene
from explorer.talks.drawings import View
from explorer.talks.views import unknown_names, view
from explorer.texts import _, _n
from explorer.writing.mathematics import mathematics

WORDS_A_MINUTE = 130  # that a calm speaker reads aloud
_LEAST_OF_PLAN, _MOST_OF_PLAN = 0.5, 1.1  # of the minutes planned: a speaker says more than is written
_SILENT_SCENE = 5.0  # seconds of a scene without notes
MOST_PICTURE = 5_000_000  # bytes
_PICTURES = {
    ".png": "image/png",
    ".jpg": "image/jpeg",
    ".jpeg": "image/jpeg",
    ".gif": "image/gif",
    ".webp": "image/webp",
}


def speaking_time(scene: Scene) -> float:
    """How many seconds the notes of a scene take, read aloud."""
    return len(scene.notes.split()) / WORDS_A_MINUTE * 60 or _SILENT_SCENE


@dataclass(frozen=True)
class SceneRehearsal:
    """A scene with what it draws, the numbers that this shows, how many `seconds` its notes take, and its `problem`,
    which only the presenter reads."""

    scene: Scene
    drawing: dict[str, Any]
    shows: str = ""
    problem: str = ""
    cells: tuple[tuple[int, int, int], ...] = ()

    @property
    def seconds(self) -> float:
        return speaking_time(self.scene)

    @property
    def title(self) -> str:
        return self.scene.title or self.scene.ask or self.drawing.get("title", "")

    def as_json(self) -> dict[str, Any]:
        scene = self.scene
        return {
            "title": self.title,
            "notes": scene.notes,
            "page": scene.page,
            "drawing": self.drawing,
            "highlight": list(scene.highlight),
            "cells": [list(cell) for cell in self.cells],
            "reveal": scene.reveal,
            "live": scene.live,
            "seconds": round(self.seconds, 1),
            "problem": self.problem,
        }


@dataclass(frozen=True)
class Talk(Answer):
    """A talk with every scene computed."""

    deck: Deck
    scenes: tuple[SceneRehearsal, ...]

    @property
    def seconds(self) -> float:
        return sum(scene.seconds for scene in self.scenes)

    @property
    def headline(self) -> str:
        scenes = _n(
            "{title}: {count} scene, {minutes:.1f} minutes at {words} words a minute",
            "{title}: {count} scenes, {minutes:.1f} minutes at {words} words a minute",
            len(self.scenes),
            title=self.deck.title,
            minutes=self.seconds / 60,
            words=WORDS_A_MINUTE,
        )
        return f"{scenes}. {self.timing}" if self.timing else scenes

    @property
    def timing(self) -> str:
        """That the notes take far less or more time than is planned; empty where they do not."""
        planned, taken = self.deck.minutes, self.seconds / 60
        if planned is None or _LEAST_OF_PLAN * planned <= taken <= _MOST_OF_PLAN * planned:
            return ""
        return _(
            "The talk is planned for {planned:g} minutes, but its notes, read aloud, take {taken:.1f}.",
            planned=planned,
            taken=taken,
        )

    @property
    def sentences(self) -> Sequence[str]:
        return tuple(
            _("Scene {number}: {problem}", number=number, problem=scene.problem)
            for number, scene in enumerate(self.scenes, 1)
            if scene.problem
        )

    def as_json(self) -> dict[str, Any]:
        return {
            "title": self.deck.title,
            "speaker": self.deck.speaker,
            "minutes": self.deck.minutes,
            "seconds": round(self.seconds, 1),
            "scenes": [scene.as_json() for scene in self.scenes],
        }

    def table(self) -> Table:
        """One row a scene."""
        return Table(
            ("scene", "title", "seconds", "shows", "problem"),
            tuple(
                (number, scene.title, round(scene.seconds), scene.shows[:80], scene.problem or None)
                for number, scene in enumerate(self.scenes, 1)
            ),
        )

    def as_deck(self) -> Deck:
        """The talk with the numbers that its scenes show now, by which a later reader knows that they changed."""
        scenes = tuple(replace(each.scene, shows=each.shows or each.scene.shows) for each in self.scenes)
        return replace(self.deck, scenes=scenes)


@dataclass(frozen=True)
class TalkDocument(Document):
    """A talk as a file: a page of HTML, or the TOML file with the numbers of today."""

    talk: Talk
    form: str = "html"

    @property
    def content(self) -> bytes:
        from explorer.talks.document import as_html

        return (as_html(self.talk) if self.form == "html" else self.talk.as_deck().as_toml()).encode()

    @property
    def headline(self) -> str:
        return self.talk.headline

    @property
    def warnings(self) -> Sequence[str]:
        return self.talk.sentences

    def table(self) -> Table:
        return self.talk.table()

    def as_json(self) -> Any:
        return {"form": self.form, "text": self.content.decode()}


def rehearse(deck: Deck, progress: Progress = silent) -> Talk:
    """Compute every scene. A scene that fails has a problem and is left blank: the talk goes on."""
    scenes = []
    for number, scene in enumerate(deck.scenes):
        doing = _("scene {number} of {count}", number=number + 1, count=len(deck.scenes))
        progress(doing, number / len(deck.scenes))
        scenes.append(rehearse_scene(scene, deck.folder))
    return Talk(deck, tuple(scenes))


def rehearse_scene(scene: Scene, folder: Path | None) -> SceneRehearsal:
    """Compute one scene, as `rehearse` does."""
    try:
        shown, cells = _view(scene, folder)
    except UserError as error:
        return SceneRehearsal(scene, {"kind": "blank"}, problem=str(error))
    drawing, problems = shown.drawing, []
    if scene.shows and shown.shows != scene.shows:
        changed = _(
            "The numbers changed since the talk was written. They were: {before} They are: {now}",
            before=scene.shows,
            now=shown.shows,
        )
        problems.append(changed)
    if unknown := unknown_names(scene.page) if scene.page else ():
        problems.append(
            _(
                "The address has parameters that have no effect: {names}. Mend how they are written, or leave them "
                "out.",
                names=named(unknown),
            )
        )
    if drawing.get("rows") == []:
        problems.append(_("Its list has no row."))
    problem = " ".join(problems)
    if scene.ask:
        drawing = {"kind": "question", "choices": list(scene.choices), "answer": scene.answer, "behind": drawing}
    return SceneRehearsal(scene, drawing, shown.shows, problem, cells)


def _view(scene: Scene, folder: Path | None) -> tuple[View, tuple[tuple[int, int, int], ...]]:
    """What a scene shows, and of an equation the places of the cells that it works out."""
    if scene.page:
        shown = view(scene.page)
        cells = tuple(map(_cell, scene.highlight)) if scene.reveal == "cells" else ()
        _check(cells, shown.drawing)
        return shown, cells
    if scene.picture:
        return View({"kind": "picture", "address": _picture(scene.picture, folder), "alternative": scene.title}, ""), ()
    if scene.formula:
        return View({"kind": "formula", "mathematics": mathematics(scene.formula), "lines": list(scene.text)}, ""), ()
    if scene.quote:
        return View({"kind": "quote", "quote": scene.quote, "by": scene.by}, ""), ()
    return View({"kind": "text", "lines": list(scene.text)}, ""), ()


def _check(cells: Sequence[tuple[int, int, int]], drawing: dict[str, Any]) -> None:
    """Raises UserError for cells that the drawing does not have."""
    if not cells:
        return
    if drawing["kind"] != "equation":
        raise UserError(_("Cells are those of an equation, and this page shows none: leave out reveal = cells."))
    equation = drawing["equation"]
    result = equation["parts"][equation["result"]]
    rows, columns = len(result["rows"]), len(result["columns"])
    for _head, row, column in cells:
        if row >= rows or column >= columns:
            raise UserError(
                _(
                    "There is no cell {row},{column}: the result has {rows} rows and {columns} columns.",
                    row=row,
                    column=column,
                    rows=rows,
                    columns=columns,
                )
            )


def _cell(text: str) -> tuple[int, int, int]:
    """A place of an equation's result, written as row,column. Raises UserError for anything else."""
    parts = text.split(",")
    if len(parts) != 2 or not all(part.strip().isdecimal() and len(part) < 6 for part in parts):
        raise UserError(_("“{text}” is no cell: write row,column, counted from 0, as in 0,3.", text=text))
    return 0, int(parts[0]), int(parts[1])


def _picture(name: str, folder: Path | None) -> str:
    """A picture beside the talk's file, as an address that needs no file. Raises UserError for another place, and for
    what is no picture."""
    if folder is None:
        raise UserError(_("The picture “{name}” needs the talk as a file, beside which it lies.", name=name))
    kind = _PICTURES.get(Path(name).suffix.lower())
    if kind is None:
        raise UserError(_("“{name}” is none of {kinds}.", name=name, kinds=", ".join(_PICTURES)))
    try:
        path = (folder / name).resolve()
        if not path.is_relative_to(folder.resolve()) or not path.is_file():
            raise UserError(_("The picture “{name}” does not lie beside the file of the talk.", name=name))
        if path.stat().st_size > MOST_PICTURE:
            raise UserError(_("The picture “{name}” has more than {most:,} bytes.", name=name, most=MOST_PICTURE))
        content = path.read_bytes()
    except (OSError, ValueError) as error:
        raise UserError(_("The picture “{name}” cannot be read.", name=name)) from error
    return f"data:{kind};base64,{base64.b64encode(content).decode()}"
