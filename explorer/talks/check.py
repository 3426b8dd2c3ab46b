"""A rehearsal in a real browser: walk through the whole talk, name each scene that fails, is too wide or has small
type, and measure every change."""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

import numpy as np

from explorer.answers import Answer, Table
from explorer.talks.browser import outcome
from explorer.talks.document import as_html
from explorer.talks.rehearsal import Talk
from explorer.texts import _

SLOWEST = 300.0  # milliseconds of a change of scene that a room does not notice …
USUAL = 150.0  # … and of 95 in 100


@dataclass(frozen=True)
class SceneReport:
    """A scene as the browser drew it: its presses, its slowest change in milliseconds, what is wrong."""

    number: int
    title: str
    presses: int
    slowest: float
    problems: tuple[str, ...]


@dataclass(frozen=True)
class Report(Answer):
    """A walk through a talk."""

    title: str
    scenes: tuple[SceneReport, ...]
    timing: str = ""  # that the notes take another time than is planned

    @property
    def problems(self) -> tuple[str, ...]:
        """What must be mended, scene by scene."""
        return tuple(
            _("Scene {number}, “{title}”: {problem}", number=scene.number, title=scene.title, problem=problem)
            for scene in self.scenes
            for problem in scene.problems
        )

    @property
    def usual(self) -> float:
        """Milliseconds in which 95 in 100 of the scenes changed."""
        return float(np.quantile([scene.slowest for scene in self.scenes[1:]] or [0.0], 0.95))

    @property
    def headline(self) -> str:
        slowest = max((scene.slowest for scene in self.scenes), default=0.0)
        return _(
            "{title}: the slowest change took {slowest:.0f} ms, 95% took at most {usual:.0f} ms",
            title=self.title,
            slowest=slowest,
            usual=self.usual,
        )

    @property
    def sentences(self) -> tuple[str, ...]:
        fits = self.problems or (_("Every scene fits, can be read and needs no network."),)
        return tuple(filter(None, (*fits, self.timing)))

    def as_json(self) -> dict[str, Any]:
        rows = [
            {"scene": each.number, "title": each.title, "presses": each.presses, "milliseconds": round(each.slowest, 1)}
            | {"problems": list(each.problems)}
            for each in self.scenes
        ]
        return {"title": self.title, "usual_milliseconds": round(self.usual, 1), "scenes": rows}

    def table(self) -> Table:
        rows = tuple((s.number, s.title, s.presses, round(s.slowest), len(s.problems)) for s in self.scenes)
        return Table(("scene", "title", "presses", "milliseconds", "problems"), rows)


def check(talk: Talk, width: int = 1280, height: int = 720) -> Report:
    """Walk through a talk in a window of this size. Raises UserError where no browser is installed."""
    drawn = json.loads(outcome(as_html(talk), "check", f"--window-size={width},{height}"))
    scenes = []
    for scene, seen in zip(talk.scenes, drawn, strict=True):
        problems = [scene.problem] if scene.problem else []
        problems += [
            _FLAWS[kind].format(texts=", ".join(f"“{text}”" for text in texts)) for kind, texts in seen["problems"]
        ]
        if seen["slowest"] > SLOWEST:
            problems.append(
                _("it took {time:.0f} ms to appear, of at most {most:.0f}", time=seen["slowest"], most=SLOWEST)
            )
        scenes.append(SceneReport(seen["scene"], scene.title, seen["presses"], seen["slowest"], tuple(problems)))
    return Report(talk.deck.title, tuple(scenes), talk.timing)


_FLAWS = {
    "small": _("type below 24 pixels: {texts}"),
    "over": _("it runs over the edge: {texts}"),
}
