"""A cell of a lesson: how it is written in addresses, what it is called, and on which step it stands."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from explorer.errors import UserError, cut
from explorer.lessons.lesson import Lesson
from explorer.lessons.steps import GRADIENT, SIDES, UPDATED, VALUE, Shown, Step, unshown
from explorer.texts import _

_WRITTEN = re.compile(r"(?:(gradient|updated):)?([A-Za-z_0-9.]{1,200})\[([0-9]{0,9}(?:,[0-9]{1,9}){0,3})\]")
_SUBLAYERS = {
    "self_attention": _("self-attention"),
    "cross_attention": _("cross-attention"),
    "feed_forward": _("feed-forward"),
}
_PARTS = {
    "encoder": _("encoder"),
    "decoder": _("decoder"),
    "source": _("source"),
    "target": _("target"),
    "output": _("output"),
    "pooling": _("pooling"),
    "labels": _("labels"),
}
_OF = {VALUE: "{name}", GRADIENT: _("gradient of {name}"), UPDATED: _("updated {name}")}


@dataclass(frozen=True)
class Cell:
    """One number: `str` gives `scores[0,1,2]` or `gradient:scores[0,1,2]`, which `parse` reads again."""

    shown: Shown
    index: tuple[int, ...]

    @classmethod
    def parse(cls, text: str) -> Cell:
        """Raises UserError for what is no cell's name."""
        match = _WRITTEN.fullmatch(text)
        if not match:
            raise UserError(
                _(
                    "“{text}” names no number. A number is written as encoder.0.self_attention.scores[0,1,2], counted "
                    "from 0, or as loss[] where there is one alone.",
                    text=cut(text),
                )
            )
        index = tuple(int(place) for place in match[3].split(",") if place)
        return cls(Shown(match[2], match[1] or VALUE), index)

    @staticmethod
    def is_named_by(text: str) -> bool:
        """Whether a text is the name of a cell, of whatever lesson."""
        return bool(_WRITTEN.fullmatch(text))

    def __str__(self) -> str:
        side = "" if self.shown.side == VALUE else f"{self.shown.side}:"
        return f"{side}{self.shown.name}[{','.join(map(str, self.index))}]"

    def on(self, side: str) -> Cell:
        """The same place on another of the SIDES."""
        assert side in SIDES
        return Cell(Shown(self.shown.name, side), self.index)

    def stands_in(self, lesson: Lesson) -> bool:
        """Whether the lesson has such a cell: another model has other tensors."""
        shape = lesson.trace[self.shown.name].shape if self.shown.name in lesson.trace else None
        return shape is not None and len(shape) == len(self.index) and all(map(int.__lt__, self.index, shape))

    @property
    def place(self) -> str:
        """The part of the model that it stands in: “encoder 1, self-attention”, “target”, or nothing."""
        parts = self.shown.name.removesuffix(short(self.shown.name)).rstrip(".").split(".")
        stack, *layer = parts[:2]
        numbered = " ".join([_PARTS.get(stack, stack), *(str(int(number) + 1) for number in layer)])
        return ", ".join([numbered, *(_SUBLAYERS[part] for part in parts[2:] if part in _SUBLAYERS)])

    def label(self, lesson: Lesson) -> str:
        """How a reader calls it: “gradient of scores, head 1 [You, are]”."""
        trace = lesson.trace
        places = [
            (axis, names[place])
            for axis, names, place in zip(
                trace[self.shown.name].axes, trace.labels(self.shown.name), self.index, strict=True
            )
        ]
        label = short(self.shown.name)
        for axis, name in places:
            if axis == "head":
                label = _("{tensor}, head {head}", tensor=label, head=name)
        inside = ", ".join(name for axis, name in places if axis != "head")
        return _OF[self.shown.side].format(name=f"{label} [{inside}]" if inside else label)


def short(name: str) -> str:
    """A tensor's name without the layer it stands in."""
    *scope, last = name.split(".")
    return f"{scope[-1]}.{last}" if scope and last in ("weight", "bias", "gain", "table", "position_table") else last


def behind(lesson: Lesson, step: Step) -> tuple[Shown, ...]:
    """What a step uses and does not show: the parameters, and what lies between them and its result."""
    return tuple(dict.fromkeys(shown for shown in _used(lesson, step) if shown not in step.shown))


def _used(lesson: Lesson, step: Step) -> Iterator[Shown]:
    for shown in step.shown:
        node = lesson.trace[shown.name].node
        for source in (*unshown(node), node) if shown.side != UPDATED else ():
            if source is not node:
                yield Shown(source.name, shown.side)
            if shown.side == VALUE:
                yield from (Shown(used.name) for used in source.inputs if used.name in lesson.trace.parameters)


def home(lesson: Lesson, shown: Shown) -> Step | None:
    """The step on which a tensor stands: one that shows it, or else one that uses it; None where there is none."""
    told = [step for step in lesson.steps if not step.key.startswith("update.")]
    for step in told:
        if shown in step.shown:
            return step
    for step in told:
        if shown in behind(lesson, step):
            return step
    return next((step for step in lesson.steps if shown in step.shown), None)
