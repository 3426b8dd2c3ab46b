"""The way forward, from the words to the loss: the pass in reading order."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import replace

from explorer.documents import literal
from explorer.lessons.numbers import in_passing, rounded
from explorer.lessons.sentences import quoted, sentences
from explorer.lessons.steps import Chapter, Shown, Step
from explorer.texts import _
from explorer.transformer.model import PAD
from explorer.transformer.trace import Trace
from explorer.transformer.vocabulary import MARKS, START

# title, prose, names of the tensors that are derived, names of those shown (all of them where it is empty)
_Plan = tuple[tuple[str, str, tuple[str, ...], tuple[str, ...]], ...]

_VECTORS: _Plan = (
    (
        _("Embedding"),
        _(
            "Each [[token]] is looked up in the [[embedding table]]. Its [[vector]], also called its embedding, is a "
            "copy of one row of that table, so the same word always gets the same row. At this step no row depends on "
            "the other words of the sentence."
        ),
        ("embedding",),
        (),
    ),
    (
        _("Projection"),
        _(
            "These rows have another length than this model's [[d_model]]. One matrix, the same for all words, brings "
            "them to that length. It starts with random numbers: a random projection keeps distances roughly as they "
            "were (Johnson & Lindenstrauss 1984). Training changes it like any other weight."
        ),
        ("projected",),
        (),
    ),
    (
        _("Scaled embedding"),
        _(
            "A new [[embedding table]] is drawn with variance 1/d, where d is [[d_model]], so its rows have a length "
            "of about 1. This suits a table that also serves as the output layer: the [[logit|logits]] then start at a "
            "size of about 1. {positions} So the vectors are multiplied by √d first. Smaller positions would keep the "
            "same proportion, but the whole sum would be smaller beside what the layers add to it."
        ),
        ("scaled_embedding",),
        (),
    ),
)
_POSITIONS: _Plan = (
    (
        _("Positional encoding"),
        _(
            "[[attention|Attention]] alone does not know the order of its tokens: if the words are shuffled, the "
            "results are the same, only shuffled. A [[positional encoding]] tells positions apart: each position gets "
            "a row of its own. Here the rows are made of sines and cosines; from one pair of columns to the next they "
            "oscillate more slowly. None of this is learned."
        ),
        ("positions",),
        (),
    ),
    (
        _("Sum"),
        _(
            "The vector of the word and the row of its position are added, number by number. From now on each row says "
            "both *which* word it is and *where* it is."
        ),
        ("input",),
        (),
    ),
)
_GAIN_AND_BIAS = _(
    "Last, it multiplies each column by a weight γ and adds a weight β. They start at 1 and 0, and training changes "
    "them."
)
_NORM = _("[[layer norm|Layer norm]] shifts and scales each row so that its mean is 0 and its variance 1.")
_NORM_FIRST = (_("Norm first"), f"{_NORM} {_GAIN_AND_BIAS}", ("normalised",), ())
_ATTENTION: _Plan = (
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
_DROPOUT = (
    _("Dropout"),
    _(
        "In training, [[dropout]] sets numbers to 0 at random, so that the model cannot rely on any single one: each "
        "with the probability r = {rate}. The others are divided by 1 − r, so that the mean stays the same."
    ),
    ("dropout",),
    (),
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
    f"{_SUM_BEFORE_NORM} {_GAIN_AND_BIAS} {_SIZE}",
    ("residual", "norm"),
    (),
)
_FEED_FORWARD: _Plan = (
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
    f"{_LAST} {_GAIN_AND_BIAS}",
    ("norm",),
    (),
)
_LOGITS: _Plan = (
    (
        _("Similarities"),
        _(
            "The [[dot product]] of each row with the vector of every word in the target's [[embedding table]]. The "
            "same weights serve for reading and for writing; this is called weight tying."
        ),
        ("similarities",),
        (),
    ),
    (
        _("Logits"),
        _(
            "At each position, every word of the target's vocabulary gets a number, its [[logit]]. The higher it is, "
            "the more probable the word."
        ),
        ("logits",),
        (),
    ),
    (
        _("Probabilities"),
        _(
            "The [[softmax]] turns the logits of each row into probabilities: how probable each word is as the "
            "*next* one, after the token that names the row. The special tokens {pad} and {start} get a "
            "probability too, although the model never writes them. Decoding leaves them out and shares their "
            "probability among the other words, so its probabilities are higher than these.",
            pad=literal(MARKS[PAD]),
            start=literal(MARKS[START]),
        ),
        ("probabilities",),
        (),
    ),
)
_LOSS: _Plan = (
    (
        _("Loss at each position"),
        _(
            "The [[cross-entropy]] is minus the natural logarithm of the probability of the right word, in "
            "[[nat|nats]]. Probability 1 costs nothing, one half costs 0.69 nats, one hundredth costs 4.6."
        ),
        ("losses",),
        (),
    ),
    (
        _("Loss"),
        _("The mean of the costs at all positions is the [[loss]]: the one number that training makes smaller."),
        ("loss",),
        (),
    ),
)


_ASKED: _Plan = (
    (
        _("The text's query"),
        _(
            "Which words count for the whole text? One [[query]] asks all of them, the same for every text. It starts "
            "at 0, so that at first each word counts alike; training changes it like any other weight."
        ),
        ("queries",),
        (),
    ),
    (
        _("Scores of the words"),
        _("A score is the [[dot product]] of the query with the row of a word, as the encoder hands it on."),
        ("scores",),
        (),
    ),
    (
        _("Scaled scores of the words"),
        _("The scores are divided by √d, d being the number of columns, for the same reason as those of a head."),
        ("scaled",),
        (),
    ),
    (
        _("Weights of the words"),
        _("The [[softmax]] turns the scores into shares: how much each word counts for the text."),
        ("weights",),
        (),
    ),
)
_POOLED = {
    "mean": _(
        "A text has as many rows as words, and a label is given to all of it. So the rows become one: their mean, in "
        "which each of n words has the weight 1/n."
    ),
    "first": _(
        "A text has as many rows as words, and a label is given to all of it. So one row stands for the text: that of "
        "the first token, {start}, which is no word; [[attention]] has brought it what it needs of the others (Devlin "
        "et al. 2019).",
        start=literal(MARKS[START]),
    ),
    "attention": _("The text's one vector is a weighted sum: the row of each word, times the word's weight."),
}
_LABELS: _Plan = (
    (
        _("Logits of the labels"),
        _(
            "One more weight matrix gives each label a number, its [[logit]]. The higher it is, the more probable the "
            "label."
        ),
        ("logits",),
        (),
    ),
    (
        _("Probabilities of the labels"),
        _("The [[softmax]] turns the logits into probabilities: how probable each label is for this text."),
        ("probabilities",),
        (),
    ),
)
_LABEL_LOSS: _Plan = (
    (
        _("Loss of the label"),
        _(
            "The [[cross-entropy]] is minus the natural logarithm of the probability of the right label, in "
            "[[nat|nats]]. Probability 1 costs nothing, one half costs 0.69 nats, one hundredth costs 4.6."
        ),
        ("losses",),
        (),
    ),
)
_MEAN_OF_TEXTS: _Plan = (
    (
        _("Loss"),
        _(
            "The mean of the costs of all texts is the [[loss]]: the one number that training makes smaller. Here "
            "there is one text."
        ),
        ("loss",),
        (),
    ),
)


def forward_chapters(trace: Trace, origin: str = "") -> tuple[Chapter, ...]:
    """From the words through the layers; for a pass through the whole model on to the loss. `origin` says where the
    source's vectors come from.

    Steps that this pass did not take, such as the norm first of a post-norm model, are left out.
    """
    return tuple(chapter for chapter in _chapters(trace, origin) if chapter.steps)


def _chapters(trace: Trace, origin: str) -> Iterator[Chapter]:
    whole, labelled = "target.embedding" in trace, "pooling.pooled" in trace
    side = "source." if "source.embedding" in trace else ""
    word, last = quoted(trace.tokens[-1]), len(trace.tokens)
    embedding, *others = _steps(trace, side, _VECTORS)
    yield _concluded(
        _("Words become vectors"),
        (replace(embedding, prose=f"{embedding.prose} {literal(origin)}".rstrip()), *others),
        _(
            "So far: {word} has become a vector of {width} numbers, the last row.",
            word=word,
            width=trace[f"{side}input"].shape[-1],
        ),
    )
    yield _concluded(
        _("Where each word stands"),
        _steps(trace, side, (*_POSITIONS, _DROPOUT)),
        _stands_at(word, last),
    )
    yield from _layers(trace, "encoder", {_("Encoder, layer {layer}"): ("self_attention", "feed_forward")})
    yield _concluded(
        _("The encoder's memory"),
        _steps(trace, "encoder.", (_LAST_NORM,)),
        _("So far: the encoder has finished: each source token has one row, which the decoder reads.")
        if whole
        else _("So far: the encoder has finished: each source token has one row."),
    )
    if labelled:
        yield from _of_a_label(trace)
    if whole:
        word, last = quoted(trace.target[-1]), len(trace.target)
        yield _concluded(
            _("The target, one step behind"),
            _steps(trace, "target.", (*_VECTORS, *_POSITIONS, _DROPOUT)),
            _stands_at(word, last),
        )
        parts = {
            _("Decoder, layer {layer}: masked self-attention"): ("self_attention",),
            _("Decoder, layer {layer}: cross-attention"): ("cross_attention",),
            _("Decoder, layer {layer}: feed-forward"): ("feed_forward",),
        }
        yield from _layers(trace, "decoder", parts)
        norm = _steps(trace, "decoder.", (_LAST_NORM,))
        yield _concluded(_("The next word"), norm + _steps(trace, "", _LOGITS), _likeliest(trace))
        yield _concluded(_("How wrong was that?"), _steps(trace, "", _LOSS), _ends_in(trace))


def _of_a_label(trace: Trace) -> Iterator[Chapter]:
    """From the words' rows to the label of a text and its loss."""
    if trace["pooling.weights"].node.operation is not None:
        kind, asked = "attention", _ASKED
    else:
        kind, asked = ("first" if trace.tokens[0] == MARKS[START] else "mean"), ()
    pooled = (_("One vector for the text"), _POOLED[kind], ("pooled",), ())
    yield Chapter(_("One vector for the text"), _steps(trace, "pooling.", (*asked, pooled)))
    probabilities = trace["labels.probabilities"]
    most = int(probabilities.value[0].argmax())
    yield _concluded(
        _("The label"),
        _steps(trace, "labels.", _LABELS),
        _(
            "So far: the most probable label is {label} ({share}).",
            label=quoted(trace.labels(probabilities.name)[1][most]),
            share=in_passing(float(probabilities.value[0, most]), 3),
        ),
    )
    yield _concluded(
        _("How wrong was that?"),
        _steps(trace, "labels.", _LABEL_LOSS) + _steps(trace, "", _MEAN_OF_TEXTS),
        _ends_in(trace),
    )


def _ends_in(trace: Trace) -> str:
    return _(
        "So far: the way forward ends in one number, the loss {loss}. The way back computes how each weight "
        "changes it.",
        loss=rounded(float(trace["loss"].value)),
    )


def _stands_at(word: str, place: int) -> str:
    return _(
        "So far: the last row says that the word is {word} and that its position is {place} of {place}.",
        word=word,
        place=place,
    )


def _layers(trace: Trace, stack: str, parts: Mapping[str, tuple[str, ...]]) -> Iterator[Chapter]:
    """The layers of a stack, each in a chapter for each of its parts, by the title of that."""
    layer = 0
    while f"{stack}.{layer}.self_attention.query" in trace:
        for title, sublayers in parts.items():
            steps = tuple(step for name in sublayers for step in _sublayer(trace, f"{stack}.{layer}.{name}."))
            scope = f"{stack}.{layer}.{sublayers[0]}."
            summary = (
                _attended(trace, scope)
                if f"{scope}weights" in trace
                else _(
                    "So far: layer {layer} of the decoder is finished. The row of {word} depends on the target up to "
                    "this word and on the whole source.",
                    layer=layer + 1,
                    word=quoted(trace.target[-1]),
                )
            )
            yield _concluded(title.format(layer=layer + 1), steps, summary)
        layer += 1


def _concluded(title: str, steps: tuple[Step, ...], summary: str) -> Chapter:
    """A chapter whose last step ends with what has been reached, where it has a step at all."""
    if not steps:
        return Chapter(title, steps)
    *before, last = steps
    return Chapter(title, (*before, replace(last, prose=f"{last.prose} {summary}")))


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


def _likeliest(trace: Trace) -> str:
    """The word that the model finds most probable after the last one."""
    probabilities = trace["probabilities"]
    shares = probabilities.value[-1]  # (V,)
    most = int(shares.argmax())
    tokens, words = trace.labels(probabilities.name)
    return _(
        "So far: after {token} the most probable is {word} ({share}).",
        token=quoted(tokens[-1]),
        word=quoted(words[most]),
        share=in_passing(shares[most], 3),
    )


def _sublayer(trace: Trace, scope: str) -> tuple[Step, ...]:
    plan = (*(_FEED_FORWARD if scope.endswith("feed_forward.") else _ATTENTION), _DROPOUT)
    if scope.endswith("cross_attention."):
        plan = tuple((title, _CROSS.get(title, prose), derived, shown) for title, prose, derived, shown in plan)
    return _steps(trace, scope, (*plan, _ADDED_AND_NORMED if scope + "norm" in trace else _ADDED))


def _steps(trace: Trace, scope: str, plan: _Plan) -> tuple[Step, ...]:
    return tuple(
        Step(
            key=scope + derived[-1],
            title=title,
            prose=sentences(trace, trace[scope + derived[-1]].node, prose),
            formulas=tuple(trace[scope + name].formula for name in derived),
            shown=tuple(Shown(scope + name) for name in shown or derived),
        )
        for title, prose, derived, shown in plan
        if scope + derived[0] in trace
    )
