"""The way back, from the loss to the embeddings: every step of the way forward, in reverse, with its gradients."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from explorer.lessons.numbers import in_powers, read, rounded
from explorer.lessons.operations import account, is_smoothed
from explorer.lessons.steps import GRADIENT, Chapter, Shown, Step, unshown
from explorer.texts import _, _n
from explorer.transformer.operations import Dropout, LayerNorm, Linear, Lookup, Mask, MatMul, ReLU, Scale
from explorer.transformer.tape import Array, Node
from explorer.transformer.trace import Tensor, Trace
from explorer.writing.documents import literal

_START = _(
    "[[back-propagation|Back-propagation]] goes from the loss back to the weights. For every number it computes the "
    "[[gradient]]: how much the loss changes when that number changes a little. A bar marks a gradient: x̄ is the "
    "gradient of the loss with respect to x, and a matrix with a bar holds the gradient of each of its entries. It "
    "starts here: the gradient of the loss with respect to itself is 1."
)
_SHORT_WAY = _("One of them comes through the [[residual]] connection, unchanged: this is the short path back.")
_SEVERAL_USES = _("These numbers were used {count} times, so {count} gradients are added up.")
_SEVERAL_MATRICES = _(
    "On the way forward, {count} weight matrices came next. Each gradient comes back through the same matrix, "
    "transposed."
)
_PRODUCTS = {  # the end of a factor's name → where its gradient comes from
    "query": _(
        "The scores are a product of queries and keys. So the gradient of the queries is the gradient of the scores "
        "times the other factor, the keys."
    ),
    "key": _(
        "The scores are a product of queries and keys. So the gradient of the keys is the gradient of the scores, "
        "transposed, times the other factor, the queries."
    ),
    "weights": _(
        "The weighted values are a product of attention weights and values. So the gradient of the attention weights "
        "is the gradient of the weighted values times the other factor, the values, transposed."
    ),
    "value": _(
        "The weighted values are a product of attention weights and values. So the gradient of the values is the other "
        "factor, the attention weights, transposed, times the gradient of the weighted values."
    ),
    "table": _(
        "The similarities are a product of the decoder's rows and this table. So the table gets the gradient of the "
        "similarities, transposed, times the other factor, the rows."
    ),
    "norm": _(
        "The similarities are a product of these rows and the table. So the gradient of the rows is the gradient of "
        "the similarities times the other factor, the table."
    ),
}
_NOT_USED = _("It ends here: these sines and cosines are fixed, so nothing uses their gradient.")
_KEY_BIAS = _(
    "The gradient of the keys' bias is exactly 0. This bias adds the same number to all scores of a row, and that "
    "changes no share of the softmax."
)
_DIGITS = range(4, 16)  # of a probability, until one over it agrees with what is printed
_SMALL = 1e-4  # below it a probability is written in powers of ten
_ROUNDING = 1e-14  # a gradient that is no larger than this is 0 but for rounding
_LOGITS = _(
    "Together with the two steps before, a short formula remains: (p − q) / n. Here p is the probability of a word, q "
    "is 1 for the right word and 0 for all others, and n is the number of positions."
)
_LABEL_LOGITS = _(
    "Together with the two steps before, a short formula remains: p − q. Here p is the probability of a label, and q "
    "is 1 for the right label and 0 for all others."
)
_OF_ONE_TEXT = _("The loss is the mean over all texts. Here there is one, so its gradient is passed on unchanged.")
_RIGHT_LABEL = _(
    "Only the probability of the right label counts. Its gradient is minus one over the probability, times the "
    "gradient of the text's loss: the less probable the right label was, the larger the gradient."
)
_POOLED = {
    "pooling.weights": _(
        "The text's vector is a product of weights and rows. So the gradient of a weight is the gradient of the text's "
        "vector times the row that it weighs."
    ),
    "rows": _(
        "The text's vector is a product of weights and rows. So the gradient of each word's row is the gradient of the "
        "text's vector times the word's weight."
    ),
}
_SMOOTHED_LOGITS = _(
    "Together with the two steps before, a short formula remains: (p − q) / n. Here p is the probability of a word, q "
    "is what label smoothing wants of each word, and n is the number of positions."
)
_FURTHEST = _("The gradient furthest from 0 here is {number} ({places}).")
_FURTHEST_WEIGHT = _("In the gradient of the weight matrix it is {number} ({places}).")


def is_key_bias(name: str) -> bool:
    """Whether a parameter is b^K of an attention, whose gradient is 0, whatever rounding makes of it."""
    return name.endswith("attention.key.bias")


def backward_chapters(trace: Trace, forward: Sequence[Chapter]) -> tuple[Chapter, ...]:
    """The chapters of the way forward, last first, each with the gradients of what its steps computed and used.

    A bar over a symbol is the gradient of the loss with respect to that tensor.
    """
    return tuple(
        Chapter(_("Back: {title}", title=_lowered(chapter.title)), steps)
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
    said = dict.fromkeys(way for node in (*computed, *used) for way in _ways(trace, node))
    prose = " ".join((*(said or (_START,)), *_numbers(trace, nodes[0], tuple(used))))
    return Step(
        key=f"back.{step.key}",
        title=step.title,
        prose=prose,
        formulas=tuple(trace.gradient_formula(name) for name in names),
        shown=tuple(Shown(name, GRADIENT) for name in names),
    )


def _ways(trace: Trace, node: Node) -> Iterator[str]:
    """How a gradient arrives at a node, in words, from each operation that it went into."""
    users = _users(trace, node)
    first = {type(user.node.operation): user.node for user in reversed(users)}
    for user in reversed(first.values()):
        yield _way(trace, node, user, sum(isinstance(other.node.operation, type(user.operation)) for other in users))
    if len(users) > 1 and node.name not in trace.parameters:
        yield _SEVERAL_USES.format(count=len(users))
    if len(users) > 1 and any(user.name.endswith(".residual") for user in users):
        yield _SHORT_WAY
    if node.name == "labels.logits":
        yield _LABEL_LOGITS
    if node.name == "logits":
        yield _SMOOTHED_LOGITS if is_smoothed(trace["losses"].node) else _LOGITS
    if node.operation is None and node.name.endswith("positions"):
        yield _NOT_USED
    if is_key_bias(node.name):
        yield _KEY_BIAS


def _way(trace: Trace, node: Node, user: Node, alike: int) -> str:
    """How a gradient arrives at a node from one that used it, of so many uses that are `alike`."""
    said, is_parameter = account(user), node.name in trace.parameters
    ending = node.name.rsplit(".", 1)[-1]
    if node.name == "labels.losses":
        return _OF_ONE_TEXT
    if user.name == "labels.losses":
        return _RIGHT_LABEL
    if user.name == "pooling.pooled":
        return _POOLED.get(node.name, _POOLED["rows"])
    if isinstance(user.operation, MatMul) and ending in _PRODUCTS and not user.name.startswith("pooling."):
        return _PRODUCTS[ending]
    if isinstance(user.operation, Linear) and alike > 1 and not is_parameter:
        return _SEVERAL_MATRICES.format(count=alike)
    words = (said.to_parameters if is_parameter else "") or said.way_back
    return words.format(**_facts(user))


def _facts(user: Node) -> dict[str, object]:
    """What the words of an `Account` say of one node: its own numbers."""
    operation, value, source = user.operation, user.value, user.inputs[0].value
    facts: dict[str, object] = {}
    if value.ndim > 1:
        facts |= {"rows": value.shape[-2], "columns": source.shape[-1], "results": value.shape[-1]}
        facts["width"] = min(value.shape[-1], source.shape[-1])  # of a head
    if isinstance(operation, Scale):
        root = f"1/√{operation.factor**-2:.0f}" if operation.factor < 1 else f"√{operation.factor**2:.0f}"
        facts["factor"] = f"{root} = {rounded(operation.factor)}"
    if isinstance(operation, LayerNorm):
        deviations = 1 / user.saved[1]
        facts |= {"least": rounded(float(deviations.min())), "most": rounded(float(deviations.max()))}
    return facts


def _numbers(trace: Trace, node: Node, used: Sequence[Node]) -> Iterator[str]:
    """The step's own numbers: where the largest gradients stand, how many are 0 and why, how two uses share a table."""
    gradient = node.gradient
    if gradient is None or not gradient.ndim:
        return
    if node.name == "losses":
        yield _("Here each gets 1/{count} = {number}.", count=gradient.size, number=rounded(float(gradient[0])))
    elif node.name == "probabilities" and not any(is_smoothed(user.node) for user in _users(trace, node)):
        yield from _steepest_probability(trace, node)
    elif node.operation is not None:  # of fixed positions nobody uses the gradient
        yield _largest(trace, node)
    for user in _users(trace, node):
        if isinstance(user.node.operation, (ReLU, Mask, Dropout)):
            zero = int((gradient == 0).sum())
            yield _n(
                "Here {count:,} of {all:,} gradients is 0.",
                "Here {count:,} of {all:,} gradients are 0.",
                zero,
                all=gradient.size,
            )
    for parameter in used:
        if parameter.name.endswith("table") and not parameter.name.endswith("position_table"):
            yield from _rows_of_a_table(trace, parameter)
        elif parameter.name.endswith(".weight"):
            yield _largest(trace, parameter, _FURTHEST_WEIGHT)


def _largest(trace: Trace, node: Node, sentence: str = _FURTHEST) -> str:
    """Which number of a tensor has the largest gradient, by its row, column and head, in a `sentence`."""
    assert node.gradient is not None
    if not np.abs(node.gradient).max() > _ROUNDING:
        return _("Here all these gradients are 0.")
    index = np.unravel_index(np.abs(node.gradient).argmax(), node.gradient.shape)
    number = f"{rounded(float(node.gradient[index]))}"
    axes, labels = trace[node.name].axes, trace.labels(node.name)
    first_of_two = len(axes) == 2 and axes[0] == axes[1] == "feature"
    places = []
    for place, (axis, names) in enumerate(zip(axes, labels, strict=True)):
        name = names[int(index[place])]
        if axis == "head":
            places.append(_("head {name}", name=name))
        elif axis == "feature":
            is_row = first_of_two and not place
            places.append(_("row {name}", name=name) if is_row else _("column {name}", name=name))
        else:
            places.append(f"“{literal(name)}”")
    return sentence.format(number=number, places=", ".join(places))


def _steepest_probability(trace: Trace, node: Node) -> Iterator[str]:
    """Why the right word that the model found least probable has the largest gradient."""
    assert node.gradient is not None
    row, word = (int(place) for place in np.unravel_index(np.abs(node.gradient).argmax(), node.gradient.shape))
    tokens, words = trace.labels(node.name)
    number = rounded(float(node.gradient[row, word]))
    share = float(node.value[row, word])
    texts = [rounded(share, n) if share >= _SMALL else in_powers(share, n - 3) for n in _DIGITS]
    probability = next((text for text in texts if rounded(-1 / (len(tokens) * read(text))) == number), texts[-1])
    yield _(
        "The word “{word}” after “{token}” has the gradient furthest from 0: its probability is p = {probability}, so "
        "the gradient is −1 / ({count} p) = {number}.",
        word=literal(words[word]),
        token=literal(tokens[row]),
        probability=probability,
        count=len(tokens),
        number=number,
    )


def _rows_of_a_table(trace: Trace, table: Node) -> Iterator[str]:
    """Which word's row is to move most, and how much of it comes from each use of a table that is used twice."""
    assert table.gradient is not None
    lengths = np.linalg.norm(table.gradient, axis=-1)
    words = trace.labels(table.name)[0]
    yield (
        _(
            "The row of “{word}” has the longest gradient here, of length {length}; {zero:,} of {count:,} rows "
            "have the gradient 0.",
            word=literal(words[int(lengths.argmax())]),
            length=rounded(float(lengths.max())),
            zero=int((lengths == 0).sum()),
            count=len(lengths),
        )
    )
    shares = {type(user.node.operation): float(np.abs(_share(user.node, table)).sum()) for user in _users(trace, table)}
    if len(shares) > 1:
        lookup, output = shares.pop(Lookup), sum(shares.values())
        yield (
            _(
                "This table is used twice, and its gradient is the sum of two: as the table that is looked up "
                "(absolute values add up to {lookup}) and as the weights of the output layer ({output}).",
                lookup=rounded(lookup),
                output=rounded(output),
            )
        )


def _share(user: Node, source: Node) -> Array:
    """What one use of a tensor adds to its gradient."""
    assert user.operation is not None
    assert user.gradient is not None
    return user.operation.vjp(user.saved, user.gradient)[user.inputs.index(source)]


def _users(trace: Trace, node: Node) -> list[Tensor]:
    """What was computed from a tensor on the way to the loss."""
    return [user for user in trace if node in user.node.inputs and user.gradient is not None]


def _lowered(title: str) -> str:
    return title[0].lower() + title[1:]
