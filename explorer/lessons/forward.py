"""The way forward, from the words to the loss: the pass in reading order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from explorer.documents import literal
from explorer.lessons.steps import FEW_WORDS, Chapter, Shown, Step
from explorer.transformer.model import PAD
from explorer.transformer.operations import GELU, Mask, Softmax
from explorer.transformer.tape import Node
from explorer.transformer.trace import Trace
from explorer.transformer.vocabulary import MARKS, START

# title, prose, names of the tensors that are derived, names of those shown (all of them where it is empty)
_Plan = tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...]

_VECTORS: _Plan = (
    (
        "Embedding",
        "Each [[token]] is looked up: its [[vector]] is a row of the [[embedding table]], copied as it is. A token "
        "that comes twice gets the same row twice. So far the model has not looked at the sentence as a whole.",
        ("embedding",),
        (),
    ),
    (
        "Projection",
        "The rows are not as long as this model's [[d_model]], so a matrix, the same for all words, brings them to it. "
        "It starts at random, where distances survive roughly (Johnson & Lindenstrauss 1984); training changes it like "
        "any other weight.",
        ("projected",),
        (),
    ),
    (
        "Scaled embedding",
        "The rows are multiplied by √d, so that the [[positional encoding]] that is added next does not drown them.",
        ("scaled_embedding",),
        (),
    ),
)
_POSITIONS: _Plan = (
    (
        "Positional encoding",
        "[[attention|Attention]] alone does not know the order of its tokens: shuffled words would give shuffled "
        "results. So each place gets a [[positional encoding|pattern of its own]], here read off sines and cosines "
        "that swing slower from one pair of columns to the next.",
        ("positions",),
        (),
    ),
    (
        "Sum",
        "Vector and position are added, number by number. From now on each row says both *which* word and *where*.",
        ("input",),
        (),
    ),
)
_NORM = (
    "brings each row to mean 0 and variance 1, then multiplies each column by a number of its own, γ, and adds "
    "another, β. Training changes both; they start at 1 and 0"
)
_NORM_FIRST = ("Norm first", f"[[layer norm|Layer norm]] {_NORM}.", ("normalised",), ())
_ATTENTION: _Plan = (
    _NORM_FIRST,
    (
        "Queries",
        "In this [[attention]] a sentence looks at itself: queries, keys and values all come from its own tokens. A "
        "[[query]] is what a token looks for. The rows are multiplied by a matrix of weights, then cut into one slice "
        "a [[head]]: head 1 sees the first columns, head 2 the next.",
        ("projected_query", "query"),
        ("query",),
    ),
    (
        "Keys",
        "What each token offers to be found by: the rows times another matrix of weights, cut in the same way.",
        ("projected_key", "key"),
        ("key",),
    ),
    (
        "Values",
        "What each token hands over to those that attend to it: the rows times a third matrix of weights.",
        ("projected_value", "value"),
        ("value",),
    ),
    (
        "Scores",
        "Every [[query]] is multiplied with every [[key]]: the more they point in the same direction, the higher the "
        "score. A row belongs to the token that looks, a column to the one that is looked at.",
        ("scores",),
        (),
    ),
    (
        "Scaled scores",
        "Sums of more products spread wider, and a [[softmax]] of numbers far apart would put everything on one token. "
        "So the scores are divided by the square root of a head's width.",
        ("scaled",),
        (),
    ),
    (
        "Masked scores",
        "The [[mask]] puts minus infinity where a token may not look: here, at words that are still to be written.",
        ("masked",),
        (),
    ),
    (
        "Attention weights",
        "The [[softmax]] turns each row into shares: none is below zero, and together they are one.",
        ("weights",),
        (),
    ),
    (
        "Weighted values",
        "Each token's new content: the [[value|values]] of all tokens, mixed by its shares.",
        ("heads",),
        (),
    ),
    (
        "Heads joined",
        "The heads' results are put side by side again, and one more matrix of weights mixes them.",
        ("concatenated", "output"),
        (),
    ),
)
# titles of steps that a cross-attention tells in other words
_CROSS = {
    "Queries": "This is [[cross-attention]]: the target looks at the source. The queries come from the target, from "
    "what each of its tokens looks for in the source. The rows are multiplied by a matrix of weights, then cut into "
    "one slice a [[head]].",
    "Keys": "Keys and values come from the source: from what the [[encoder]] made of it in its last layer, the same "
    "rows for each layer of the [[decoder]]. A [[key]] is what a token of the source offers to be found by: these "
    "rows times another matrix of weights, cut in the same way.",
    "Values": "What each token of the source hands over to those of the target that attend to it: the same rows "
    "times a third matrix of weights.",
    "Scores": "Every query of the target is multiplied with every key of the source: the more they point in the same "
    "direction, the higher the score. A row belongs to the token of the target that looks, a column to the one of the "
    "source that is looked at.",
    "Weighted values": "The new content of each token of the target: the values of the source, mixed by its shares.",
}
_ADDED = (
    "Residual",
    "The result is added to what came in. A layer only needs to learn what to *change*, and gradients find a short way "
    "back. That sum is the [[residual]].",
    ("residual",),
    (),
)
_ADDED_AND_NORMED = (
    "Add & norm",
    "The result is added to what came in, so that a layer only needs to learn what to *change*: that sum is the "
    f"[[residual]]. Then [[layer norm]] {_NORM}. So numbers neither grow nor fade from layer to layer.",
    ("residual", "norm"),
    (),
)
_FEED_FORWARD: _Plan = (
    _NORM_FIRST,
    (
        "Feed-forward, widened",
        "Now the [[feed-forward]] part, each token by itself: a matrix of weights makes its row wider. These are the "
        "numbers before the [[activation]].",
        ("hidden",),
        (),
    ),
    (
        "Activation",
        "Whatever is below zero becomes zero. Without this bend, the two matrices around it could be multiplied "
        "into one.",
        ("activation",),
        (),
    ),
    ("Feed-forward, back", "A second matrix brings the row back to its width.", ("output",), ()),
)
_LAST_NORM = (
    "Last norm",
    f"What the stack hands on goes through a [[layer norm]] of its own. It {_NORM}.",
    ("norm",),
    (),
)
_LOGITS: _Plan = (
    (
        "Similarities",
        "Every position is multiplied with every word's own row of the target's [[embedding table]]: reading and "
        "writing share their weights.",
        ("similarities",),
        (),
    ),
    (
        "Logits",
        "A number for each word of the target's vocabulary, at each position: a [[logit]].",
        ("logits",),
        (),
    ),
    (
        "Probabilities",
        "The [[softmax]] makes shares of them: how likely the model finds each word to come *next*, after the token "
        f"that the row is named after. {literal(MARKS[PAD])} and {literal(MARKS[START])} get their share too, though "
        "they are no words. Decoding never takes them: it gives what they had to the others, so that the probabilities "
        "there are somewhat higher than here.",
        ("probabilities",),
        (),
    ),
)
_LOSS: _Plan = (
    (
        "Loss at each position",
        "[[cross-entropy|Cross-entropy]]: minus the logarithm of the probability of the word that should have come. "
        "Probability 1 costs nothing, one half 0.69, one hundredth 4.6.",
        ("losses",),
        (),
    ),
    ("Loss", "Their mean is the [[loss]]: the one number that training makes smaller.", ("loss",), ()),
)

_GELU = (
    "GELU takes each number times the share of a normal distribution that lies below it: large numbers stay nearly as "
    "they are, numbers far below zero become nearly zero. Without this bend, the two matrices around it could be "
    "multiplied into one."
)
_SHARE_OF_THE_MASKED = " Where the mask put minus infinity, the share is zero."
_LIKELIEST = " There are too many words to read, so the sentence's own and the likeliest stand here."


def forward_chapters(trace: Trace) -> tuple[Chapter, ...]:
    """From the words through the layers; for a pass through the whole model on to the loss.

    Steps that this pass did not take, such as the norm first of a post-norm model, are left out.
    """
    return tuple(chapter for chapter in _chapters(trace) if chapter.steps)


def _chapters(trace: Trace) -> Iterator[Chapter]:
    whole = "target.embedding" in trace
    side = "source." if whole else ""
    yield Chapter("Words become vectors", _steps(trace, side, _VECTORS))
    yield Chapter("Where each word stands", _steps(trace, side, _POSITIONS))
    yield from _layers(trace, "encoder", {"": ("self_attention", "feed_forward")}, "Encoder, layer {0}")
    yield Chapter("The encoder's memory", _steps(trace, "encoder.", (_LAST_NORM,)))
    if whole:
        yield Chapter("The target, one step behind", _steps(trace, "target.", _VECTORS + _POSITIONS))
        parts = {
            ": masked self-attention": ("self_attention",),
            ": cross-attention": ("cross_attention",),
            ": feed-forward": ("feed_forward",),
        }
        yield from _layers(trace, "decoder", parts, "Decoder, layer {0}")
        last = _steps(trace, "decoder.", (_LAST_NORM,))
        yield Chapter("The next word", last + _steps(trace, "", _LOGITS))
        yield Chapter("How wrong was that?", _steps(trace, "", _LOSS))


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
    if scope.endswith("cross_attention."):
        plan = tuple((title, _CROSS.get(title, prose), derived, shown) for title, prose, derived, shown in plan)
    return _steps(trace, scope, (*plan, _ADDED_AND_NORMED if scope + "norm" in trace else _ADDED))


def _steps(trace: Trace, scope: str, plan: _Plan) -> tuple[Step, ...]:
    return tuple(
        Step(
            key=scope + derived[-1],
            title=title,
            prose=_fitting(trace[scope + derived[-1]].node, prose),
            formulas=tuple(trace[scope + name].formula for name in derived),
            shown=tuple(Shown(scope + name) for name in shown or derived),
        )
        for title, prose, derived, shown in plan
        if scope + derived[0] in trace
    )


def _fitting(node: Node, prose: str) -> str:
    """What is said of a step, in words that are true of this model."""
    if isinstance(node.operation, GELU):
        return _GELU
    if isinstance(node.operation, Softmax) and isinstance(node.inputs[0].operation, Mask):
        return prose + _SHARE_OF_THE_MASKED
    if node.name == "logits" and node.value.shape[-1] > FEW_WORDS:
        return prose + _LIKELIEST
    return prose
