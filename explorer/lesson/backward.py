"""The way back, from the loss to the embeddings: every step of the way forward, in reverse, with its gradients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from explorer.lesson.steps import GRADIENT, Chapter, Shown, Step
from explorer.transformer.tape import Node
from explorer.transformer.trace import Trace

# kind of operation → what its step back does, in words
_PROSE = {
    "Mean": "The loss is a mean, so each position's loss moves it by one over the number of positions.",
    "CrossEntropy": "Only the probability of the right word counts. The less likely it was, the steeper: minus one "
    "over the probability.",
    "Softmax": "A share can only grow at the cost of the others. Each number is pushed by its own gradient, less the "
    "mean of the row weighted by the shares.",
    "Linear": "What came in gets the gradient through the matrix, transposed. The matrix gets, for each of its cells, "
    "what came in times the gradient of what came out, added up over all tokens; the bias gets the plain sum.",
    "MatMul": "Each side of the product gets the gradient times the other side.",
    "Scale": "What was multiplied on the way forward is multiplied by the same number on the way back.",
    "Mask": "Nothing flows back to where a token was not allowed to look.",
    "Add": "A sum hands its gradient on unchanged, to both sides: this is the short way back that the [[residual]] "
    "keeps open.",
    "LayerNorm": "The part of the gradient that would only shift or stretch the whole row is taken off, since "
    "[[layer norm]] would undo it.",
    "ReLU": "Where the number was below zero, nothing comes back.",
    "GELU": "The gradient passes as far as the curve is steep at that number.",
    "SplitHeads": "The heads' gradients are put side by side again.",
    "MergeHeads": "The gradient is cut into one slice a head.",
    "Dropout": "What was dropped on the way forward gets no gradient.",
    "Lookup": "Each row of the table collects the gradients of every place where it was used. A word that comes twice "
    "collects twice; a word that does not come gets nothing.",
}


def backward_chapters(trace: Trace, forward: Sequence[Chapter]) -> tuple[Chapter, ...]:
    """The chapters of the way forward, last first, each with the gradients of what its steps computed and used.

    A bar over a symbol is the gradient of the loss by that tensor.
    """
    return tuple(
        Chapter(f"Back: {_lowered(chapter.title)}", steps)
        for chapter in reversed(forward)
        if (steps := tuple(_back(trace, step) for step in reversed(chapter.steps) if _reached(trace, step)))
    )


def _reached(trace: Trace, step: Step) -> bool:
    return any(trace[shown.name].gradient is not None for shown in step.shown)


def _back(trace: Trace, step: Step) -> Step:
    """The gradients of a step's results, then of the parameters that it used."""
    nodes = [trace[shown.name].node for shown in step.shown]
    parameters = [name for node in _computed(trace, step) for name in _parameters(trace, node)]
    names = [node.name for node in reversed(nodes)] + list(dict.fromkeys(parameters))
    kinds = dict.fromkeys(
        type(operation).__name__ for node in reversed(_computed(trace, step)) if (operation := node.operation)
    )
    prose = " ".join(_PROSE[kind] for kind in kinds) or "The gradient arrives here and goes no further."
    return Step(
        key=f"back.{step.key}",
        title=step.title,
        prose=prose,
        formulas=tuple(trace.gradient_formula(name) for name in names),
        shown=tuple(Shown(name, GRADIENT) for name in names),
    )


def _computed(trace: Trace, step: Step) -> list[Node]:
    """Everything that the step computed: what it shows, and what lies between that and the step before."""
    found = [trace[shown.name].node for shown in step.shown]
    for node in found:
        found.extend(
            source for source in node.inputs if "projected_" in source.name and source not in found
        )  # the only tensors that no step shows: queries, keys and values before they are cut into heads
    return found


def _parameters(trace: Trace, node: Node) -> Iterator[str]:
    return (source.name for source in node.inputs if source.name in trace.parameters)


def _lowered(title: str) -> str:
    return title[0].lower() + title[1:]
