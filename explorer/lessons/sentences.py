"""What is said of a step of the way forward: its words, and numbers that are true of this model and this pass."""

from __future__ import annotations

import math
from collections.abc import Iterator

import numpy as np

from explorer.lessons.numbers import in_passing, rounded
from explorer.lessons.operations import account, is_smoothed
from explorer.lessons.steps import FEW_WORDS
from explorer.texts import _, _n
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
from explorer.writing.documents import literal

_FIXED_ARE_LONG = _(
    "But the rows of the [[positional encoding]], added next, have the length √(d/2) and would dominate the sum."
)
_LEARNED_ARE_AS_LONG = _("But the rows of the [[positional encoding]], added next, start at the same length.")
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


def sentences(trace: Trace, node: Node, prose: str) -> str:
    """What is said of a step, in words and numbers that are true of this model."""
    if node.name.startswith(("pooling.", "labels.")):
        return f"{prose} {_of_a_text(trace, node)}".rstrip()
    return " ".join((_of_this_model(trace, node, prose), *_own_numbers(trace, node)))


def _of_a_text(trace: Trace, node: Node) -> str:
    """What this pass computed where a text becomes one vector and gets a label."""
    labels = trace.labels(node.name)
    if node.name in ("pooling.scores", "pooling.weights", "labels.logits", "labels.probabilities"):
        most = int(node.value[0].argmax())
        if len(set(node.value[0].tolist())) == 1:
            return _("Here they are all alike.")
        values = {"name": quoted(labels[1][most]), "number": rounded(float(node.value[0, most]))}
        return _("The largest number here is {number}, that of {name}.", **values)
    if node.name == "pooling.pooled":
        length = rounded(float(np.linalg.norm(node.value)))
        return _("Here it has {width} numbers and the length {length}.", width=node.value.shape[-1], length=length)
    return ""


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
    if node.name == "loss" and "losses" in trace:
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
            token=quoted(labels[1][row]), head=head + 1, length=rounded(float(lengths[head, row]))
        )
    elif node.name.endswith(("scores", "scaled")):
        behind_mask = f"{node.name.rpartition('.')[0]}.masked"  # of a decoder, whose words may not look at later ones
        allowed = np.isfinite(trace[behind_mask].value) if behind_mask in trace else np.True_
        head, row, column = _highest(np.where(allowed, value, -np.inf))
        said = (
            _("The highest score here that the [[mask]] allows is {score}: in head {head}, {token} looks at {other}.")
            if behind_mask in trace
            else _("The highest score here is {score}: in head {head}, {token} looks at {other}.")
        )
        yield said.format(
            score=rounded(float(value[head, row, column])),
            head=head + 1,
            token=quoted(labels[1][row]),
            other=quoted(labels[2][column]),
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
        share, token = rounded(float(value[head, row + first, column])), quoted(labels[1][row + first])
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
                other=quoted(labels[2][column]),
            )
    elif node.name.endswith("heads"):
        longest = np.linalg.norm(node.inputs[1].value[0], axis=-1).max()  # of (h, S, d_k)
        yield _(
            "In head 1, the row of {word} has the length {length} now; the longest of the values that it was made of "
            "has {longest}.",
            word=quoted(labels[1][-1]),
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
            word=quoted(labels[0][-1]),
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
            word=quoted(labels[1][column]),
            token=quoted(labels[0][row]),
        )
    elif isinstance(operation, CrossEntropy):
        words = trace.labels("probabilities")[1]
        least, most = int(value.argmin()), int(value.argmax())
        right = [quoted(words[id_]) for id_ in operation.targets.tolist()]
        yield _(
            "Here the costs go from {least} ({least_word} after {least_token}) to {most} ({most_word} after "
            "{most_token}).",
            least=rounded(float(value[least])),
            least_word=right[least],
            least_token=quoted(trace.target_names[least]),
            most=rounded(float(value[most])),
            most_word=right[most],
            most_token=quoted(trace.target_names[most]),
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
        word=quoted(trace.labels(node.name)[1][-1]),
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
        "2016). The [[cross-entropy]] is minus the sum of q times the natural logarithm (ln) of the probability, "
        "over all words, in [[nat|nats]]. It cannot fall below {floor}, which it reaches where every probability is "
        "its q; there the plain loss, minus the natural logarithm of the right word's probability, is {plain}.",
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
        word=quoted(trace.target_names[worst]),
        share=losses[worst] / losses.sum(),
    )
    return f"{guessing} {largest}"


def quoted(word: str) -> str:
    """A word as prose quotes it."""
    return f"“{literal(word)}”"
