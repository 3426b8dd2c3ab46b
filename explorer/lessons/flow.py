"""The whole pass as boxes and arrows: the encoder on the left, the decoder on the right, what a box is told in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from explorer.lessons.lesson import Lesson

_SUBLAYERS = {
    "self_attention": "Self-attention",
    "cross_attention": "Cross-attention",
    "feed_forward": "Feed-forward",
}
_MASKED = "Masked self-attention"
_SUBLAYER = re.compile(r"(encoder|decoder)\.(\d+)\.(\w+)\.")
_ENDS = {
    "Output layer": ("similarities", "logits"),
    "Probabilities": ("probabilities", "next."),
    "Loss": ("losses", "padding", "loss"),
    "Optimiser": ("update.",),
}


@dataclass(frozen=True)
class Box:
    """A part of the model: `keys` are its steps on the way forward, `back` those on the way back."""

    label: str
    name: str  # the label with the layer it stands in
    column: int
    row: int
    keys: tuple[str, ...]
    back: tuple[str, ...]


@dataclass(frozen=True)
class Flow:
    """Boxes, and edges between their numbers: on to the "next", as "memory", or past a layer as "residual"."""

    boxes: tuple[Box, ...]
    edges: tuple[tuple[int, int, str], ...]


def flow(lesson: Lesson) -> Flow:
    """The boxes of a lesson from top to bottom, the encoder's first."""
    keys = [step.key for step in lesson.steps]
    stacks = [_stack(keys, "source", "encoder"), _stack(keys, "target", "decoder")]
    stacks[1] += [(label, label, _starting(keys, *starts)) for label, starts in _ENDS.items()]
    stacks = [[box for box in stack if box[2]] for stack in stacks]  # the encoder alone has no decoder
    boxes: list[Box] = []
    edges: list[tuple[int, int, str]] = []
    for column, stack in enumerate(stacks):
        first = len(boxes)
        for row, (label, name, own) in enumerate(stack):
            back = tuple(key for key in keys if key.removeprefix("back.") in own and key.startswith("back."))
            boxes.append(Box(label, name, column, row, own, back))
        edges += [(number, number + 1, "next") for number in range(first, len(boxes) - 1)]
        edges += [
            (number - 1, number + 1, "residual")
            for number in range(first, len(boxes) - 1)
            if boxes[number].label in (*_SUBLAYERS.values(), _MASKED)
        ]
    memory = len(stacks[0]) - 1
    edges += [(memory, number, "memory") for number, box in enumerate(boxes) if box.label == "Cross-attention"]
    return Flow(tuple(boxes), tuple(edges))


def _stack(keys: list[str], side: str, stack: str) -> list[tuple[str, str, tuple[str, ...]]]:
    """Label, name and steps of each box of a side."""
    words = _starting(keys, f"{side}.tokens", f"{side}.embedding", f"{side}.projected", f"{side}.scaled_embedding")
    boxes = [
        (f"{side.capitalize()} vectors", f"{side.capitalize()} vectors", words),
        (
            "+ positions",
            f"{side.capitalize()} positions",
            _starting(keys, *(f"{side}.{name}" for name in ("positions", "input", "dropout"))),
        ),
    ]
    scopes = dict.fromkeys(match[0] for key in keys if (match := _SUBLAYER.match(key)) and match[1] == stack)
    for scope in scopes:
        _, layer, sublayer = scope.rstrip(".").split(".")
        own = _starting(keys, scope)
        added = tuple(key for key in own if key.endswith((".norm", ".residual")))
        label = _SUBLAYERS[sublayer]
        if stack == "decoder" and sublayer == "self_attention":
            label = _MASKED
        where = f"{stack} layer {int(layer) + 1}"
        boxes.append((label, f"{label}, {where}", tuple(key for key in own if key not in added)))
        plain = "Add & norm" if added[0].endswith(".norm") else "Add"
        boxes.append((plain, f"{plain} after {label.lower()}, {where}", added))
    last = _starting(keys, f"{stack}.norm")
    return [*boxes, ("Last norm", f"Last norm of the {stack}", last)] if last else boxes


def _starting(keys: list[str], *starts: str) -> tuple[str, ...]:
    return tuple(
        key for key in keys if any(key == start or (start[-1] == "." and key.startswith(start)) for start in starts)
    )
