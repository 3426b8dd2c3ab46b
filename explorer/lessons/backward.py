"""The way back, from the loss to the embeddings: every step of the way forward, in reverse, with its gradients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from explorer.lessons.operations import account
from explorer.lessons.steps import GRADIENT, Chapter, Shown, Step, unshown
from explorer.transformer.tape import Node
from explorer.transformer.trace import Trace

_START = (
    "[[back-propagation|Back-propagation]] walks from the loss to the weights and asks of every number how much the "
    "loss would change with it: its [[gradient]]. A bar stands for that: x̄ is the gradient of the loss with respect "
    "to x, and a matrix under a bar holds the gradient of each of its cells. It starts here, for the gradient of the "
    "loss with respect to itself is one."
)
_SHORT_WAY = "Through the sum nothing is lost: that is the short way back that the [[residual]] keeps open."
_TWICE = "What was used more than once adds up what comes back from each use."
_NOT_USED = "Here it ends: these sines and cosines are fixed, so nothing uses their gradient."
_KEY_BIAS = (
    "Of the biases that of the keys gets exactly 0: it adds the same to all scores of a row, and what is added to all "
    "of them changes no share of the softmax."
)
_LOGITS = (
    "With the two steps before put in, little is left: (p − q) / n, each word's probability less 1 for the right word "
    "and less 0 for the others, over the number of positions n."
)


def is_key_bias(name: str) -> bool:
    """Whether a parameter is b^K of an attention, whose gradient is 0, whatever rounding makes of it."""
    return name.endswith("attention.key.bias")


def backward_chapters(trace: Trace, forward: Sequence[Chapter]) -> tuple[Chapter, ...]:
    """The chapters of the way forward, last first, each with the gradients of what its steps computed and used.

    A bar over a symbol is the gradient of the loss with respect to that tensor.
    """
    return tuple(
        Chapter(f"Back: {_lowered(chapter.title)}", steps)
        for chapter in reversed(forward)
        if (steps := tuple(_back(trace, step) for step in reversed(chapter.steps) if _reached(trace, step)))
    )


def _reached(trace: Trace, step: Step) -> bool:
    return any(trace[shown.name].gradient is not None for shown in step.shown)


def _back(trace: Trace, step: Step) -> Step:
    """The gradients of a step's results, then of the parameters that it used, and how they arrive."""
    nodes = [trace[shown.name].node for shown in reversed(step.shown)]
    computed = nodes + [source for node in nodes for source in unshown(node)]
    used = dict.fromkeys(source for node in computed for source in node.inputs if source.name in trace.parameters)
    names = [node.name for node in (*nodes, *used)]
    prose = " ".join(dict.fromkeys(way for node in (*computed, *used) for way in _ways(trace, node))) or _START
    return Step(
        key=f"back.{step.key}",
        title=step.title,
        prose=prose,
        formulas=tuple(trace.gradient_formula(name) for name in names),
        shown=tuple(Shown(name, GRADIENT) for name in names),
    )


def _ways(trace: Trace, node: Node) -> Iterator[str]:
    """How a gradient arrives at a node, in words, from each operation that it went into."""
    users = [user for user in trace if node in user.node.inputs and user.gradient is not None]
    for said in dict.fromkeys(account(user.node) for user in users):
        yield (said.to_parameters if node.name in trace.parameters else "") or said.way_back
    if len(users) > 1:
        yield _TWICE
    if len(users) > 1 and any(user.name.endswith(".residual") for user in users):
        yield _SHORT_WAY
    if node.name == "logits":
        yield _LOGITS
    if node.operation is None and node.name.endswith("positions"):
        yield _NOT_USED
    if is_key_bias(node.name):
        yield _KEY_BIAS


def _lowered(title: str) -> str:
    return title[0].lower() + title[1:]
