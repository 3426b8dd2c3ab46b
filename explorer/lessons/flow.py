"""The whole pass as boxes and arrows: the encoder on the left, the decoder on the right, what a box is told in."""

from __future__ import annotations

import re
from dataclasses import dataclass

from explorer.lessons.lesson import Lesson
from explorer.texts import _
from explorer.transformer.trace import Trace

VECTORS, POSITIONS, FEED_FORWARD, ADD, NORM, LAST_NORM = "vectors", "positions", "feed_forward", "add", "norm", "last"
SELF, MASKED, CROSS = "self_attention", "masked_attention", "cross_attention"
POOLING, OUTPUT, PROBABILITIES, LOSS, OPTIMISER = "pooling", "output", "probabilities", "loss", "optimiser"
"""What a box can be."""
ATTENTIONS = (SELF, MASKED, CROSS)
_SUBLAYERS = {  # its label, and as it reads in a name
    SELF: (_("Self-attention"), _("self-attention")),
    MASKED: (_("Masked self-attention"), _("masked self-attention")),
    CROSS: (_("Cross-attention"), _("cross-attention")),
    FEED_FORWARD: (_("Feed-forward"), _("feed-forward")),
}
_SIDES = {
    "source": (_("Source vectors"), _("Source positions")),
    "target": (_("Target vectors"), _("Target positions")),
    "": (_("Vectors"), _("Positions")),  # of the only side
}
_WHERE = {"encoder": _("{part}, encoder layer {layer}"), "decoder": _("{part}, decoder layer {layer}")}
_SUMS = {ADD: _("Add"), NORM: _("Add & norm")}
_AFTER = {ADD: _("Add after {part}"), NORM: _("Add & norm after {part}")}
_LAST_NORMS = {"encoder": _("Last norm of the encoder"), "decoder": _("Last norm of the decoder")}
_SUBLAYER = re.compile(r"(encoder|decoder)\.(\d+)\.(\w+)\.")
_ENDS = {
    POOLING: (_("One vector"), ("pooling.",)),
    OUTPUT: (_("Output layer"), ("similarities", "logits", "labels.logits")),
    PROBABILITIES: (_("Probabilities"), ("probabilities", "next.", "labels.probabilities")),
    LOSS: (_("Loss"), ("losses", "padding", "labels.losses", "loss")),
    OPTIMISER: (_("Optimiser"), ("update.",)),
}


@dataclass(frozen=True)
class Box:
    """A part of the model, of a `kind`: `keys` are its steps on the way forward, `back` those on the way back."""

    label: str
    name: str  # the label with the layer it stands in
    column: int
    row: int
    keys: tuple[str, ...]
    back: tuple[str, ...]
    kind: str


@dataclass(frozen=True)
class Flow:
    """Boxes, and edges between their numbers: on to the "next", as "memory", or past a layer as "residual"."""

    boxes: tuple[Box, ...]
    edges: tuple[tuple[int, int, str], ...]


def flow(lesson: Lesson) -> Flow:
    """The boxes of a lesson from top to bottom, the encoder's first."""
    keys = [step.key for step in lesson.steps]
    stacks = [_stack(keys, "source", "encoder"), _stack(keys, "target", "decoder", not lesson.trace.tokens)]
    stacks[1] += [(kind, label, label, _starting(keys, *starts)) for kind, (label, starts) in _ENDS.items()]
    stacks = [some for stack in stacks if (some := [box for box in stack if box[3]])]  # one half may stand alone
    boxes: list[Box] = []
    edges: list[tuple[int, int, str]] = []
    for column, stack in enumerate(stacks):
        first = len(boxes)
        for row, (kind, label, name, own) in enumerate(stack):
            back = tuple(key for key in keys if key.removeprefix("back.") in own and key.startswith("back."))
            boxes.append(Box(label, name, column, row, own, back, kind))
        edges += [(number, number + 1, "next") for number in range(first, len(boxes) - 1)]
        edges += [
            (number - 1, number + 1, "residual")
            for number in range(first, len(boxes) - 1)
            if boxes[number].kind in _SUBLAYERS
        ]
    memory = len(stacks[0]) - 1
    edges += [(memory, number, "memory") for number, box in enumerate(boxes) if box.kind in (CROSS, POOLING)]
    return Flow(tuple(boxes), tuple(edges))


def tokens_of(trace: Trace, box: Box) -> tuple[str, ...]:
    """The tokens whose rows a box computes."""
    return trace.target_names if box.column or not trace.tokens else trace.token_names


def _stack(keys: list[str], side: str, stack: str, alone: bool = False) -> list[tuple[str, str, str, tuple[str, ...]]]:
    """Kind, label, name and steps of each box of a side."""
    vectors, positions = _SIDES["" if alone else side]
    words = _starting(
        keys, f"{side}.tokens", f"{side}.shifted", f"{side}.embedding", f"{side}.projected", f"{side}.scaled_embedding"
    )
    boxes = [
        (VECTORS, vectors, vectors, words),
        (
            POSITIONS,
            _("+ positions"),
            positions,
            _starting(keys, *(f"{side}.{name}" for name in ("positions", "input", "dropout"))),
        ),
    ]
    scopes = dict.fromkeys(match[0] for key in keys if (match := _SUBLAYER.match(key)) and match[1] == stack)
    for scope in scopes:
        _part, layer, sublayer = scope.rstrip(".").split(".")
        own = _starting(keys, scope)
        added = tuple(key for key in own if key.endswith((".norm", ".residual")))
        kind = MASKED if stack == "decoder" and sublayer == SELF else sublayer
        label, part = _SUBLAYERS[kind]
        name = _WHERE[stack].format(part=label, layer=int(layer) + 1)
        boxes.append((kind, label, name, tuple(key for key in own if key not in added)))
        total = NORM if added[0].endswith(".norm") else ADD
        name = _WHERE[stack].format(part=_AFTER[total].format(part=part), layer=int(layer) + 1)
        boxes.append((total, _SUMS[total], name, added))
    last = _starting(keys, f"{stack}.norm")
    return [*boxes, (LAST_NORM, _("Last norm"), _LAST_NORMS[stack], last)] if last else boxes


def _starting(keys: list[str], *starts: str) -> tuple[str, ...]:
    scopes = tuple(start for start in starts if start.endswith("."))
    return tuple(key for key in keys if key in starts or key.startswith(scopes))
