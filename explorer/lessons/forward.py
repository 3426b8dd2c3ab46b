"""The way forward, from the words to the loss: the pass in reading order."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping
from dataclasses import replace

import numpy as np

from explorer.documents import literal
from explorer.lessons.numbers import in_passing, rounded
from explorer.lessons.operations import account, is_smoothed
from explorer.lessons.steps import FEW_WORDS, Chapter, Shown, Step
from explorer.texts import _, _n
from explorer.transformer.model import PAD
from explorer.transformer.operations import (
    Add,
    CrossEntropy,
    Dropout,
    Lookup,
    Mask,
    MergeHeads,
    ReLU,
    Scale,
    Softmax,
    SplitHeads,
)
from explorer.transformer.tape import Array, Node
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
_FIXED_ARE_LONG = _(
    "But the rows of the [[positional encoding]], added next, have the length √(d/2) and would dominate the sum."
)
_LEARNED_ARE_AS_LONG = _("But the rows of the [[positional encoding]], added next, start at the same length.")
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

_LEARNED_POSITIONS = _(
    "[[attention|Attention]] alone does not know the order of its tokens: if the words are shuffled, the results are "
    "the same, only shuffled. A [[positional encoding]] tells positions apart: each position gets a row of its own. "
    "This model has learned these rows; they are weights like all others."
)
_LONGEST = {
    "query": _("The longest query here is that of {token} in head {head}; its length is {length}."),
    "key": _("The longest key here is that of {token} in head {head}; its length is {length}."),
    "value": _("The longest value here is that of {token} in head {head}; its length is {length}."),
}
_SHARE_OF_THE_MASKED = _("Where the mask put minus infinity, the share is zero.")
_LIKELIEST = _("There are too many words to show, so you see those of the sentence and the most probable ones.")


def forward_chapters(trace: Trace, origin: str = "") -> tuple[Chapter, ...]:
    """From the words through the layers; for a pass through the whole model on to the loss. `origin` says where the
    source's vectors come from.

    Steps that this pass did not take, such as the norm first of a post-norm model, are left out.
    """
    return tuple(chapter for chapter in _chapters(trace, origin) if chapter.steps)


def _chapters(trace: Trace, origin: str) -> Iterator[Chapter]:
    whole = "target.embedding" in trace
    side = "source." if "source.embedding" in trace else ""
    word, last = _quoted(trace.tokens[-1]), len(trace.tokens)
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
    if whole:
        word, last = _quoted(trace.target[-1]), len(trace.target)
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
        loss = rounded(float(trace["loss"].value))
        yield _concluded(
            _("How wrong was that?"),
            _steps(trace, "", _LOSS),
            _(
                "So far: the way forward ends in one number, the loss {loss}. The way back computes how each weight "
                "changes it.",
                loss=loss,
            ),
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
                    word=_quoted(trace.target[-1]),
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
    word = _quoted(tokens[-1])
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
        other=_quoted(attended[most]),
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
        token=_quoted(tokens[-1]),
        word=_quoted(words[most]),
        share=in_passing(shares[most], 3),
    )


def _quoted(word: str) -> str:
    return f"“{literal(word)}”"


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
            prose=_fitting(trace, trace[scope + derived[-1]].node, prose),
            formulas=tuple(trace[scope + name].formula for name in derived),
            shown=tuple(Shown(scope + name) for name in shown or derived),
        )
        for title, prose, derived, shown in plan
        if scope + derived[0] in trace
    )


def _fitting(trace: Trace, node: Node, prose: str) -> str:
    """What is said of a step, in words and numbers that are true of this model."""
    return " ".join((_of_this_model(trace, node, prose), *_own_numbers(trace, node)))


def _of_this_model(trace: Trace, node: Node, prose: str) -> str:
    prose = prose.replace("{width}", str(node.value.shape[-1] if node.value.ndim else ""))
    if node.operation is not None and (said := account(node).way_there):
        return said
    if isinstance(node.operation, Lookup) and node.name.endswith("positions"):
        return _LEARNED_POSITIONS
    if isinstance(node.operation, Scale):
        if node.name.endswith("scaled"):
            return f"{prose} {_spread(trace, node)}"
        learned = trace[node.name.replace("scaled_embedding", "positions")].node.operation is not None
        return f"{prose.format(positions=_LEARNED_ARE_AS_LONG if learned else _FIXED_ARE_LONG)} {_stretched(node)}"
    if node.name.endswith("input") and isinstance(node.operation, Add):
        return f"{prose} {_lengths(node)}"
    if isinstance(node.operation, Dropout):
        return prose.format(rate=f"{node.operation.rate:g}")
    if is_smoothed(node):
        return _smoothed(node)
    if node.name == "loss":
        return f"{prose} {_shares_of_the_loss(trace)}"
    if isinstance(node.operation, Softmax) and isinstance(node.inputs[0].operation, Mask):
        return f"{prose} {_SHARE_OF_THE_MASKED}"
    if node.name == "logits" and node.value.shape[-1] > FEW_WORDS:
        return f"{prose} {_LIKELIEST}"
    return prose


def _own_numbers(trace: Trace, node: Node) -> Iterator[str]:
    """What this pass computed in a step that many layers have, and other sentences too."""
    operation, value, labels = node.operation, node.value, trace.labels(node.name)
    if isinstance(operation, SplitHeads):
        lengths = np.linalg.norm(value, axis=-1)  # (h, T)
        head, row = _highest(lengths)
        yield _LONGEST[node.name.rsplit(".", 1)[-1]].format(
            token=_quoted(labels[1][row]), head=head + 1, length=rounded(float(lengths[head, row]))
        )
    elif node.name.endswith("scores"):
        head, row, column = _highest(value)
        yield _(
            "The highest score here is {score}: in head {head}, {token} looks at {other}.",
            score=rounded(float(value[head, row, column])),
            head=head + 1,
            token=_quoted(labels[1][row]),
            other=_quoted(labels[2][column]),
        )
    elif isinstance(operation, Mask):
        masked = int((~np.broadcast_to(operation.allowed, value.shape)[0]).sum())
        yield _n(
            "Here {count:,} of the {all:,} scores of each head is masked.",
            "Here {count:,} of the {all:,} scores of each head are masked.",
            masked,
            all=value[0].size,
        )
    elif node.name.endswith("weights"):
        first = int(
            value.shape[1] > 1 and isinstance(node.inputs[0].operation, Mask)
        )  # who may not look at itself alone
        head, row, column = _highest(value[:, first:])
        share, token = rounded(float(value[head, row + first, column])), _quoted(labels[1][row + first])
        if "self_attention" in node.name and row + first == column:
            yield _(
                "The largest share here is {share}: in head {head}, {token} gives it to itself.",
                share=share,
                head=head + 1,
                token=token,
            )
        else:
            yield _(
                "The largest share here is {share}: in head {head}, {token} gives it to {other}.",
                share=share,
                head=head + 1,
                token=token,
                other=_quoted(labels[2][column]),
            )
    elif node.name.endswith("heads"):
        longest = np.linalg.norm(node.inputs[1].value[0], axis=-1).max()  # of (h, S, d_k)
        yield _(
            "In head 1, the row of {word} has the length {length} now; the longest of the values that it was made of "
            "has {longest}.",
            word=_quoted(labels[1][-1]),
            length=rounded(float(np.linalg.norm(value[0, -1]))),
            longest=rounded(float(longest)),
        )
    elif isinstance(node.inputs[0].operation if node.inputs else None, MergeHeads):
        heads, width = node.inputs[0].inputs[0].value.shape[::2]
        yield _n(
            "Here {count} part of {width} columns makes a row of {all} numbers again.",
            "Here {count} parts of {width} columns make a row of {all} numbers again.",
            heads,
            width=width,
            all=value.shape[-1],
        )
    elif node.name.endswith((".residual", ".norm")) and not node.name.startswith(("encoder.norm", "decoder.norm")):
        total = node if node.name.endswith(".residual") else node.inputs[0]
        before, added, after = (rounded(float(np.linalg.norm(each.value[-1]))) for each in (*total.inputs, total))
        yield _(
            "The row of {word} had the length {before}, what is added to it has {added}, and the sum has {after}.",
            word=_quoted(labels[0][-1]),
            before=before,
            added=added,
            after=after,
        )
    elif isinstance(operation, ReLU):
        yield _n(
            "Here {count:,} of {all:,} numbers becomes zero.",
            "Here {count:,} of {all:,} numbers become zero.",
            int((value == 0).sum()),
            all=value.size,
        )
    elif isinstance(operation, Dropout):
        yield _n(
            "Here {count:,} of {all:,} numbers becomes 0.",
            "Here {count:,} of {all:,} numbers become 0.",
            int((~operation.kept).sum()),
            all=value.size,
        )
    elif node.name.endswith("positions") and operation is None and value.shape[-1] > 2:
        d = value.shape[-1]
        yield _(
            "Here the last pair oscillates {times:,.0f} times more slowly than the first.",
            times=10000 ** ((d - 2 + d % 2) / d),
        )
    elif node.name == "logits":
        row, column = _highest(value)
        yield _(
            "The highest logit here is {logit}: {word} after {token}.",
            logit=rounded(float(value[row, column])),
            word=_quoted(labels[1][column]),
            token=_quoted(labels[0][row]),
        )
    elif isinstance(operation, CrossEntropy):
        words = trace.labels("probabilities")[1]
        least, most = int(value.argmin()), int(value.argmax())
        right = [_quoted(words[id_]) for id_ in operation.targets.tolist()]
        yield _(
            "Here the costs go from {least} ({least_word} after {least_token}) to {most} ({most_word} after "
            "{most_token}).",
            least=rounded(float(value[least])),
            least_word=right[least],
            least_token=_quoted(trace.target[least]),
            most=rounded(float(value[most])),
            most_word=right[most],
            most_token=_quoted(trace.target[most]),
        )


def _highest(numbers: Array) -> tuple[int, ...]:
    """Where the highest number of an array stands."""
    return tuple(int(place) for place in np.unravel_index(int(numbers.argmax()), numbers.shape))


def _root(symbol: str, size: int) -> str:
    """The number behind √d, or behind √d_k of the scores."""
    return f"√{symbol} = √{size} = {rounded(math.sqrt(size)).removesuffix('.0000')}"


def _spread(trace: Trace, node: Node) -> str:
    """What the division by √d_k does to these scores, and to the last row of the head where it does most."""
    scores = node.inputs[0]  # (h, T, S)
    spread = _(
        "Here {root}: the scores have a standard deviation of {before} before and of {after} after the division.",
        root=_root("d_k", scores.inputs[0].value.shape[-1]),
        before=rounded(float(scores.value.std())),
        after=rounded(float(node.value.std())),
    )
    rows = scores.value[:, -1], node.value[:, -1]  # (h, S) of the last token, which may look at all others
    without, shares = (Softmax().forward(each.copy())[0].max(axis=-1) for each in rows)  # (h,)
    head = int((without - shares).argmax())
    if without[head] - shares[head] < _TELLING:
        return spread
    undivided = _(
        "Without it, the largest attention weight of {word} in head {head} would be {without} instead of {share}.",
        word=_quoted(trace.labels(node.name)[1][-1]),
        head=head + 1,
        without=in_passing(float(without[head])),
        share=in_passing(float(shares[head])),
    )
    return f"{spread} {undivided}"


def _stretched(node: Node) -> str:
    """What the multiplication by √d does to these vectors."""
    before, after = (_mean_length(each) for each in (node.inputs[0], node))
    return _(
        "Here {root}: the mean length of these rows grows from {before} to {after}.",
        root=_root("d", node.value.shape[-1]),
        before=rounded(before),
        after=rounded(after),
    )


_TELLING = 0.01  # a difference between two shares that is worth a sentence
_MUCH_LONGER = 1.5  # √d-scaled random vectors are √2 times as long as their positions


def _lengths(node: Node) -> str:
    """How long the words' vectors are beside the rows of their positions, and what follows where they differ much."""
    vectors, positions = node.inputs
    words, places, d = _mean_length(vectors), _mean_length(positions), node.value.shape[-1]
    if positions.operation is None and d % 2 == 0:
        lengths = _(
            "Here the vectors of the words have the mean length {words}, the rows of the positions {positions}, as "
            "always √(d/2) with d = {d}.",
            words=rounded(words),
            positions=rounded(places),
            d=d,
        )
    else:
        lengths = _(
            "Here the vectors of the words have the mean length {words}, the rows of the positions {positions}.",
            words=rounded(words),
            positions=rounded(places),
        )
    unscaled = not isinstance(vectors.operation, Scale)
    if words > _MUCH_LONGER * places:
        longer = _("So the words outweigh their positions. Vectors that are far too long drown the order of words.")
        return f"{lengths} {longer}"
    if places > _MUCH_LONGER * words:
        longer = _("So the positions outweigh the words.")
        reason = _("The paper multiplies the vectors by √d first; this model does not.") if unscaled else ""
        return f"{lengths} {longer} {reason}".rstrip()
    return lengths


def _mean_length(node: Node) -> float:
    """The mean length of a node's rows (T, d)."""
    return float(np.linalg.norm(node.value, axis=-1).mean())


def _smoothed(node: Node) -> str:
    """The loss with label smoothing, and the least that it can be."""
    assert isinstance(node.operation, CrossEntropy)
    smoothing, words = node.operation.smoothing, node.inputs[0].value.shape[-1]
    other = smoothing / words
    right = 1 - smoothing + other
    floor = -right * math.log(right) - (words - 1) * other * math.log(other)
    return _(
        "With [[label smoothing]] ε = {smoothing:g}, the right word should not get probability 1 but q = 1 − "
        "ε + ε/V = {right}, and each other of the V = {words:,} words q = ε/V = {other} (Szegedy et al. "
        "2016). The [[cross-entropy]] is minus the sum of q times the natural logarithm of the probability, "
        "over all words, in [[nat|nats]]. It cannot fall below {floor}, which it reaches where every probability is "
        "its q; there the plain loss, minus the logarithm of the right word's probability, is {plain}.",
        smoothing=smoothing,
        right=rounded(right),
        words=words,
        other=rounded(other),
        floor=rounded(floor),
        plain=rounded(-math.log(right)),
    )


def _shares_of_the_loss(trace: Trace) -> str:
    """What guessing would cost, and which position has the largest part in this loss."""
    losses, words = trace["losses"].value, trace["probabilities"].shape[-1]
    worst = int(losses.argmax())
    guessing = _(
        "A model that guesses, with the same probability for each of the {words:,} words, has the loss ln {words:,} = "
        "{loss}.",
        words=words,
        loss=rounded(math.log(words)),
    )
    if len(losses) < 2 or not losses.sum():
        return guessing
    largest = _(
        "The largest part of the sum comes from the word after {word}: {share:.0%}.",
        word=_quoted(trace.target[worst]),
        share=losses[worst] / losses.sum(),
    )
    return f"{guessing} {largest}"
