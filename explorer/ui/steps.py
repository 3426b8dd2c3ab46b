"""The pass in reading order: each step's title, a sentence, and the names of its tensors on the trace."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from explorer.transformer.trace import Tensor, Trace


@dataclass(frozen=True)
class Step:
    """`derived` are the tensors whose formulas lead to the step's result, `shown` those of them that are drawn."""

    title: str
    prose: str
    derived: tuple[Tensor, ...]
    shown: tuple[Tensor, ...]


@dataclass(frozen=True)
class Chapter:
    title: str
    steps: tuple[Step, ...]


# title, prose, names of the tensors that are derived, names of those drawn (all of them where it is empty)
_Plan = tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...]

_INPUT: _Plan = (
    ("Embedding", "Each word is looked up: its row of the embedding table, as it is.", ("embedding",), ()),
    ("Projection", "A seeded random projection makes the rows shorter.", ("projected",), ()),
    (
        "Positional encoding",
        "Attention alone does not know the order of the words. Each position gets a pattern of sines and cosines.",
        ("positions",),
        (),
    ),
    ("Sum", "Both together are what the first layer reads.", ("input",), ()),
)

_LAYER: _Plan = (
    (
        "Queries",
        "What each word looks for: a linear map, cut into one slice a head.",
        ("self_attention.projected_query", "self_attention.query"),
        ("self_attention.query",),
    ),
    (
        "Keys",
        "What each word offers to be found by.",
        ("self_attention.projected_key", "self_attention.key"),
        ("self_attention.key",),
    ),
    (
        "Values",
        "What each word hands over to those who attend to it.",
        ("self_attention.projected_value", "self_attention.value"),
        ("self_attention.value",),
    ),
    ("Scores", "Every query times every key: a row for the word that looks.", ("self_attention.scores",), ()),
    (
        "Scaled scores",
        "Divided by the square root of a head's width, so that wide heads do not saturate the softmax.",
        ("self_attention.scaled",),
        (),
    ),
    ("Masked scores", "Where a word may not look stands minus infinity.", ("self_attention.masked",), ()),
    ("Attention weights", "The softmax makes each row a share that sums to 1.", ("self_attention.weights",), ()),
    (
        "Weighted values",
        "Each word's mixture of the values, by its weights.",
        ("self_attention.heads",),
        (),
    ),
    (
        "Attention output",
        "The heads side by side, mixed by one more linear map.",
        ("self_attention.concatenated", "self_attention.output"),
        ("self_attention.output",),
    ),
    (
        "Add & norm",
        "The output is added to what came in; each row is then brought to mean 0 and variance 1.",
        ("self_attention.residual", "self_attention.norm"),
        (),
    ),
    (
        "Feed-forward",
        "Each word by itself: a wider layer, everything below zero cut off, and back.",
        ("feed_forward.hidden", "feed_forward.activation", "feed_forward.output"),
        (),
    ),
    (
        "Add & norm",
        "Added and normalised again: this is what the layer hands on.",
        ("feed_forward.residual", "feed_forward.norm"),
        (),
    ),
)


def chapters(trace: Trace) -> Iterator[Chapter]:
    """The input, then a chapter a layer; steps that this pass did not take are left out."""
    yield Chapter("From words to the input", _steps(trace, "", _INPUT))
    layer = 0
    while f"encoder.{layer}.self_attention.query" in trace:
        yield Chapter(f"Layer {layer + 1}", _steps(trace, f"encoder.{layer}.", _LAYER))
        layer += 1


def _steps(trace: Trace, scope: str, plan: _Plan) -> tuple[Step, ...]:
    return tuple(
        Step(
            title,
            prose,
            derived=tuple(trace[scope + name] for name in derived),
            shown=tuple(trace[scope + name] for name in shown or derived),
        )
        for title, prose, derived, shown in plan
        if scope + derived[0] in trace
    )
