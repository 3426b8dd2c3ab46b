"""The layers of encoder and decoder: attention, feed-forward, and what adds them to the rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from explorer.lessons.forward.plan import DROPOUT, GAIN_AND_BIAS, Plan, concluded, steps
from explorer.lessons.numbers import in_passing
from explorer.lessons.sentences import quoted
from explorer.lessons.steps import Chapter, Step
from explorer.texts import _
from explorer.transformer.trace import Trace

_NORM = _("[[layer norm|Layer norm]] shifts and scales each row so that its mean is 0 and its variance 1.")
_NORM_FIRST = (_("Norm first"), f"{_NORM} {GAIN_AND_BIAS}", ("normalised",), ())
_ATTENTION: Plan = (
    _NORM_FIRST,
    (
        _("Queries"),
        _(
            "This is self-[[attention]]: queries, keys and values all come from the tokens of one sentence. A "
            "[[query]] is a vector that says what a token looks for. The rows are multiplied by a weight matrix; the "
            "result is split by columns into one part per [[head]], head 1 first."
        ),
        ("projected_query", "query"),
        ("query",),
    ),
    (
        _("Keys"),
        _(
            "A [[key]] is a vector that says what a token offers. It is compared with the queries. The rows are "
            "multiplied by a second weight matrix, and the result is split in the same way."
        ),
        ("projected_key", "key"),
        ("key",),
    ),
    (
        _("Values"),
        _(
            "A [[value]] is what a token passes on to the tokens that attend to it. The rows are multiplied by a third "
            "weight matrix, and the result is split in the same way."
        ),
        ("projected_value", "value"),
        ("value",),
    ),
    (
        _("Scores"),
        _(
            "A score is the [[dot product]] of a [[query]] and a [[key]]. It is high where the two vectors are long "
            "and point in similar directions, and below zero where they point in opposite ones. A row belongs to the "
            "token that looks, a column to the token that it looks at."
        ),
        ("scores",),
        (),
    ),
    (
        _("Scaled scores"),
        _(
            "A score is a sum of d_k products; d_k is the number of columns per head. If the numbers of queries and "
            "keys were independent, with mean 0 and variance 1, the variance of a score would be d_k. A [[softmax]] of "
            "scores that are far apart gives nearly everything to one token, and then hardly any gradient comes back "
            "through it. Divided by √d_k, the scores would have variance 1 for every d_k."
        ),
        ("scaled",),
        (),
    ),
    (
        _("Masked scores"),
        _(
            "The [[mask]] puts minus infinity where a token may not look: at the words after it, which are not written "
            "yet."
        ),
        ("masked",),
        (),
    ),
    (
        _("Attention weights"),
        _(
            "The [[softmax]] turns each row of scores into shares, the attention weights: none is negative, and each "
            "row adds up to 1."
        ),
        ("weights",),
        (),
    ),
    (
        _("Weighted values"),
        _(
            "The new content of each token is a weighted sum: the [[value|values]] of all tokens, each times its "
            "attention weight."
        ),
        ("heads",),
        (),
    ),
    (
        _("Heads joined"),
        _("The results of the heads are put side by side again. One more weight matrix mixes them."),
        ("concatenated", "output"),
        (),
    ),
)
# titles of steps that a cross-attention tells in other words
_CROSS = {
    _("Queries"): _(
        "This is [[cross-attention]]: the target looks at the source. The queries come from the target: each says what "
        "a token of the target looks for in the source. The rows are multiplied by a weight matrix; the result is "
        "split by columns into one part per [[head]], head 1 first."
    ),
    _("Keys"): _(
        "Keys and values come from the source, from the output of the last layer of the [[encoder]]. Each layer of the "
        "[[decoder]] reads the same rows. A [[key]] says what a token of the source offers. The rows are multiplied "
        "by a second weight matrix, and the result is split in the same way."
    ),
    _("Values"): _(
        "A [[value]] is what a token of the source passes on to the tokens of the target that attend to it. The "
        "same rows are multiplied by a third weight matrix, and the result is split in the same way."
    ),
    _("Scores"): _(
        "A score is the [[dot product]] of a query of the target and a key of the source. A row belongs to the "
        "token of the target that looks, a column to the token of the source that it looks at."
    ),
    _("Weighted values"): _(
        "The new content of each token of the target is a weighted sum: the values of the source, each "
        "times its attention weight."
    ),
}
_ADDED = (
    _("Residual"),
    _(
        "The result is added to what this part of the layer started from. This is the [[residual]] connection: the "
        "layer only has to learn what to *change*, and gradients have a short path back."
    ),
    ("residual",),
    (),
)
_SUM_BEFORE_NORM = _(
    "First the result is added to what this part of the layer started from. This is the [[residual]] connection: the "
    "layer only has to learn what to *change*. Then [[layer norm]] shifts and scales each row so that its mean is 0 "
    "and its variance 1."
)
_SIZE = _("So the numbers keep about the same size from layer to layer.")
_ADDED_AND_NORMED = (
    _("Add & norm"),
    f"{_SUM_BEFORE_NORM} {GAIN_AND_BIAS} {_SIZE}",
    ("residual", "norm"),
    (),
)
_FEED_FORWARD: Plan = (
    _NORM_FIRST,
    (
        _("Feed-forward, first matrix"),
        _(
            "Now comes the [[feed-forward]] part, which treats each token by itself. A weight matrix turns each row "
            "into a row of {width} numbers (d_ff). The [[activation]] follows in the next step."
        ),
        ("hidden",),
        (),
    ),
    (
        _("Activation"),
        _(
            "This is the ReLU: every number below zero becomes zero. Without this step, the two matrices around it "
            "could be multiplied into a single one."
        ),
        ("activation",),
        (),
    ),
    (
        _("Feed-forward, second matrix"),
        _("A second weight matrix turns each row back into a row of {width} numbers ([[d_model]])."),
        ("output",),
        (),
    ),
)
_LAST = _(
    "The output of the last layer goes through one more [[layer norm]]. It shifts and scales each row so that its mean "
    "is 0 and its variance 1."
)
_LAST_NORM = (
    _("Last norm"),
    f"{_LAST} {GAIN_AND_BIAS}",
    ("norm",),
    (),
)


def encoder_layers(trace: Trace) -> Iterator[Chapter]:
    """A chapter for each layer of the encoder, and one for its last norm where it has one."""
    yield from _layers(trace, "encoder", {_("Encoder, layer {layer}"): ("self_attention", "feed_forward")})
    yield concluded(
        _("The encoder's memory"),
        last_norm(trace, "encoder."),
        _("So far: the encoder has finished: each source token has one row, which the decoder reads.")
        if "target.embedding" in trace
        else _("So far: the encoder has finished: each source token has one row."),
    )


def decoder_layers(trace: Trace) -> Iterator[Chapter]:
    """A chapter for each part of each layer of the decoder; that of a language model has no cross-attention."""
    parts = {
        _("Decoder, layer {layer}: masked self-attention"): ("self_attention",),
        _("Decoder, layer {layer}: cross-attention"): ("cross_attention",),
        _("Decoder, layer {layer}: feed-forward"): ("feed_forward",),
    }
    yield from _layers(trace, "decoder", parts)


def last_norm(trace: Trace, scope: str) -> tuple[Step, ...]:
    """The norm behind a stack, where it has one."""
    return steps(trace, scope, (_LAST_NORM,))


def _layers(trace: Trace, stack: str, parts: Mapping[str, tuple[str, ...]]) -> Iterator[Chapter]:
    """The layers of a stack, each in a chapter for each of its parts, by the title of that."""
    layer = 0
    while f"{stack}.{layer}.self_attention.query" in trace:
        for title, sublayers in parts.items():
            scope = f"{stack}.{layer}.{sublayers[0]}."
            yield concluded(
                title.format(layer=layer + 1),
                tuple(step for name in sublayers for step in _sublayer(trace, f"{stack}.{layer}.{name}.")),
                _attended(trace, scope) if f"{scope}weights" in trace else _finished(trace, layer),
            )
        layer += 1


def _finished(trace: Trace, layer: int) -> str:
    """What a layer of the decoder has made of the last row."""
    depends = (
        _(
            "So far: layer {layer} of the decoder is finished. The row of {word} depends on the target up to this word "
            "and on the whole source."
        )
        if trace.tokens
        else _("So far: layer {layer} is finished. The row of {word} depends on this word and on all words before it.")
    )
    return depends.format(layer=layer + 1, word=quoted(trace.target_names[-1]))


def _attended(trace: Trace, scope: str) -> str:
    """Where the last token looked most, over all heads of an attention."""
    weights = trace[f"{scope}weights"]
    _heads, tokens, attended = trace.labels(weights.name)
    shares = weights.value.mean(axis=0)[-1]  # (S,)
    most = int(shares.argmax())
    share = in_passing(float(shares[most]))
    if (heads := len(weights.value)) > 1:
        weight = _("attention weight {share}, the mean of {heads} heads", share=share, heads=heads)
    else:
        weight = _("attention weight {share}", share=share)
    word = quoted(tokens[-1])
    if "self_attention" in scope and most == len(tokens) - 1:
        return _(
            "So far: {word} attends most to itself ({weight}). Its row now also contains the values of the tokens that "
            "it attends to.",
            word=word,
            weight=weight,
        )
    return _(
        "So far: {word} attends most to {other} ({weight}). Its row now also contains the values of the tokens that it "
        "attends to.",
        word=word,
        other=quoted(attended[most]),
        weight=weight,
    )


def _sublayer(trace: Trace, scope: str) -> tuple[Step, ...]:
    plan = (*(_FEED_FORWARD if scope.endswith("feed_forward.") else _ATTENTION), DROPOUT)
    if scope.endswith("cross_attention."):
        plan = tuple((title, _CROSS.get(title, prose), derived, shown) for title, prose, derived, shown in plan)
    return steps(trace, scope, (*plan, _ADDED_AND_NORMED if scope + "norm" in trace else _ADDED))
