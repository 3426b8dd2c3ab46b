"""The way back, from the loss to the embeddings: every step of the way forward, in reverse, with its gradients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from explorer.lessons.steps import GRADIENT, Chapter, Shown, Step, unshown
from explorer.transformer.tape import Node
from explorer.transformer.trace import Trace

# kind of operation → how the gradient by what went into it arrives, in words
_PROSE = {
    "Mean": "The loss is a mean, so each position's loss moves it by one over the number of positions.",
    "CrossEntropy": "Only the probability of the right word counts. The less likely it was, the steeper: minus one "
    "over the probability, times what arrived.",
    "Softmax": "A [[softmax]] made shares of these, and a share can only grow at the cost of the others. Each number "
    "is pushed by its own share's gradient, less the mean of the row weighted by the shares, and all that times its "
    "own share.",
    "Linear": "What went through a matrix gets its gradient back through the same matrix, transposed.",
    "MatMul": "Each side of a product gets the product's gradient times the other side.",
    "Scale": "What was multiplied on the way forward is multiplied by the same number on the way back.",
    "Mask": "Nothing flows back to where a token was not allowed to look.",
    "Add": "A sum hands its gradient on unchanged, to both sides.",
    "LayerNorm": "[[layer norm|Layer norm]] came next: its γ scales the gradient, and the part that would only shift "
    "or stretch the whole row is taken off, since the norm would undo it.",
    "ReLU": "Where the number was below zero, nothing comes back.",
    "GELU": "The gradient passes as far as the curve is steep at that number.",
    "SplitHeads": "The heads' gradients are put side by side again.",
    "MergeHeads": "The gradient is cut into one slice a head.",
    "Lookup": "Each row of the table collects the gradients of every place where it was used. A word that comes twice "
    "collects twice; a word that does not come gets nothing.",
}
# the same for the parameters of an operation, where that is another way
_TO_PARAMETERS = {
    "Linear": "A matrix gets, for each of its cells, what came in times the gradient of what came out, added up over "
    "all tokens; the bias gets the plain sum.",
    "LayerNorm": "The gain γ gets the normalised numbers times the gradient of what came out, added up over all "
    "tokens; the bias β gets the plain sum.",
    "Add": "The bias was added at every position, so it gets the sum over all of them.",
}
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
    to_parameters = _TO_PARAMETERS if node.name in trace.parameters else {}
    users = [user for user in trace if node in user.node.inputs and user.gradient is not None]
    kinds = [type(user.node.operation).__name__ for user in users]
    for kind in dict.fromkeys(kinds):
        yield to_parameters.get(kind, _PROSE[kind])
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
