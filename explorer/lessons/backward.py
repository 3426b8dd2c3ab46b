"""The way back, from the loss to the embeddings: every step of the way forward, in reverse, with its gradients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from explorer.lessons.operations import account
from explorer.lessons.steps import GRADIENT, Chapter, Shown, Step, unshown
from explorer.transformer.tape import Node
from explorer.transformer.trace import Trace

_START = (
    "[[back-propagation|Back-propagation]] goes from the loss back to the weights. For every number it computes the "
    "[[gradient]]: how much the loss changes when that number changes a little. A bar marks a gradient: x̄ is the "
    "gradient of the loss with respect to x, and a matrix with a bar holds the gradient of each of its entries. It "
    "starts here: the gradient of the loss with respect to itself is one."
)
_SHORT_WAY = "Nothing is lost in the sum: this is the short path back that the [[residual]] connection provides."
_TWICE = "A number that was used more than once adds up the gradients of all its uses."
_NOT_USED = "It ends here: these sines and cosines are fixed, so nothing uses their gradient."
_KEY_BIAS = (
    "The gradient of the keys' bias is exactly 0. This bias adds the same number to all scores of a row, and that "
    "changes no share of the softmax."
)
_LOGITS = (
    "Together with the two steps before, a short formula remains: (p − q) / n. Here p is the probability of a word, q "
    "is 1 for the right word and 0 for all others, and n is the number of positions."
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
