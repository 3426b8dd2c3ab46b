"""The pass in reading order: each step's title, a sentence, and the names of its tensors on the trace."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
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
    ("Scaled embedding", "The rows times √d, so that positions do not drown them.", ("scaled_embedding",), ()),
    (
        "Positional encoding",
        "Attention alone does not know the order of the words. Each position gets a pattern of sines and cosines.",
        ("positions",),
        (),
    ),
    ("Sum", "Both together are what the first layer reads.", ("input",), ()),
)

_ATTENTION: _Plan = (
    ("Norm first", "Before anything else each row is brought to mean 0 and variance 1.", ("normalised",), ()),
    (
        "Queries",
        "What each word looks for: a linear map, cut into one slice a head.",
        ("projected_query", "query"),
        ("query",),
    ),
    ("Keys", "What each word offers to be found by.", ("projected_key", "key"), ("key",)),
    ("Values", "What each word hands over to those who attend to it.", ("projected_value", "value"), ("value",)),
    ("Scores", "Every query times every key: a row for the word that looks.", ("scores",), ()),
    (
        "Scaled scores",
        "Divided by the square root of a head's width, so that wide heads do not saturate the softmax.",
        ("scaled",),
        (),
    ),
    ("Masked scores", "Where a word may not look stands minus infinity.", ("masked",), ()),
    ("Attention weights", "The softmax makes each row a share that sums to 1.", ("weights",), ()),
    ("Weighted values", "Each word's mixture of the values, by its weights.", ("heads",), ()),
    (
        "Attention output",
        "The heads side by side, mixed by one more linear map.",
        ("concatenated", "output"),
        ("output",),
    ),
)
_ADDED = ("Add", "The output is added to what came in.", ("residual",), ())
_ADDED_AND_NORMED = (
    "Add & norm",
    "The output is added to what came in; each row is then brought to mean 0 and variance 1.",
    ("residual", "norm"),
    (),
)
_FEED_FORWARD: _Plan = (
    ("Norm first", "Each row is brought to mean 0 and variance 1.", ("normalised",), ()),
    (
        "Feed-forward",
        "Each word by itself: a wider layer, everything below zero cut off, and back.",
        ("hidden", "activation", "output"),
        (),
    ),
)
_OUTPUT: _Plan = (
    ("Last norm", "What the last layer hands on, brought to mean 0 and variance 1.", ("decoder.norm",), ()),
    (
        "Similarities",
        "Every position times every word's own row of the embedding table: the weights are tied.",
        ("similarities",),
        (),
    ),
    (
        "Logits",
        "A number for each word that could come next. Where there are too many to read, the likeliest stand here.",
        ("logits",),
        (),
    ),
    ("Probabilities", "The softmax makes each row a share that sums to 1.", ("probabilities",), ()),
    ("Losses", "At each position: minus the logarithm of the expected word's probability.", ("losses",), ()),
    ("Loss", "Their mean: the one number that training makes smaller.", ("loss",), ()),
)


def chapters(trace: Trace) -> Iterator[Chapter]:
    """From the input through the layers, for a pass through the whole model on to the loss.

    Steps that this pass did not take are left out.
    """
    whole = "target.embedding" in trace
    if not whole:
        yield Chapter("From words to the input", _steps(trace, "", _INPUT))
        yield from _layers(trace, "encoder", {"": ("self_attention", "feed_forward")}, "Layer {0}")
        return
    yield Chapter("The source, from words to the input", _steps(trace, "source.", _INPUT))
    yield from _layers(trace, "encoder", {"": ("self_attention", "feed_forward")}, "Encoder layer {0}")
    if "encoder.norm" in trace:
        last = ("Last norm", "What the decoder will look at.", ("norm",), ())
        yield Chapter("The encoder's memory", _steps(trace, "encoder.", (last,)))
    yield Chapter("The target, from words to the input", _steps(trace, "target.", _INPUT))
    parts = {
        ": masked self-attention": ("self_attention",),
        ": cross-attention to the source": ("cross_attention",),
        ": feed-forward": ("feed_forward",),
    }
    yield from _layers(trace, "decoder", parts, "Decoder layer {0}")
    yield Chapter("The next word, and the loss", _steps(trace, "", _OUTPUT))


def _layers(trace: Trace, stack: str, parts: Mapping[str, tuple[str, ...]], title: str) -> Iterator[Chapter]:
    """The layers of a stack, each in a chapter for each of its parts."""
    layer = 0
    while f"{stack}.{layer}.self_attention.query" in trace:
        for named, sublayers in parts.items():
            steps = tuple(step for name in sublayers for step in _sublayer(trace, f"{stack}.{layer}.{name}."))
            yield Chapter(title.format(layer + 1) + named, steps)
        layer += 1


def _sublayer(trace: Trace, scope: str) -> tuple[Step, ...]:
    plan = _FEED_FORWARD if scope.endswith("feed_forward.") else _ATTENTION
    return _steps(trace, scope, (*plan, _ADDED_AND_NORMED if scope + "norm" in trace else _ADDED))


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
