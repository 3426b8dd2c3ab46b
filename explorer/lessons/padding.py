"""What padding does: the lesson's pair in a batch with a shorter one, through the same model."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from explorer.lessons.example import Example
from explorer.lessons.steps import Step, Table
from explorer.texts import _
from explorer.transformer.model import PAD, cross_entropy
from explorer.transformer.notation import told_apart
from explorer.transformer.operations import TooUnlikely
from explorer.transformer.reader import Batch
from explorer.transformer.tape import Array, Tape
from explorer.transformer.vocabulary import MARKS, START, pad
from explorer.writing.documents import literal
from explorer.writing.numbers import in_powers


@dataclass(frozen=True, eq=False)
class Padded:
    """A batch of two pairs, the second of them shorter. `weights` (h, T, T) are those of its first self-attention on
    the `side` that is padded, `difference` the largest between its probabilities in the batch and alone."""

    pairs: tuple[Example, Example]
    side: str
    weights: Array
    counted: int  # positions of the batch that have a loss
    positions: int  # all of its positions, padding included
    difference: float
    filling: float  # the largest gradient, without its sign, of the row of <pad> in the table that is read first

    def tokens(self, side: str, which: int) -> list[str]:
        """A sentence of the batch, filled up."""
        longest, shorter = (_tokens(pair, side) for pair in self.pairs)
        sentence = (longest, shorter)[which]
        return [*sentence, *[MARKS[PAD]] * (len(longest) - len(sentence))]


def padded(example: Example) -> Padded | None:
    """The example and what is left of it without its last words, as a batch; None where no word can be left out."""
    source, target = (words[:-1] or words for words in (example.source, example.target))
    if not example.target or (source, target) == (example.source, example.target):
        return None
    shorter = replace(example, source=source, target=target, dropout=0.0)
    try:
        alone = shorter.trace["probabilities"].value
    except TooUnlikely:  # of a word that the shorter pair has at another place
        return None
    translator = example.translator
    read = [translator.ids((pair.source, pair.target)) for pair in (example, shorter)]
    tape = Tape({name: array.astype(np.float64) for name, array in translator.parameters.items()})
    batch = Batch(*(pad([each[part] for each in read]) for part in range(3)))
    gradients = tape.backward(cross_entropy(translator.logits(tape, batch), batch.expected, example.smoothing))
    named = {node.name: node.value for node in tape.nodes}
    side = "source" if source != example.source else "target"
    stack = "encoder" if side == "source" else "decoder"
    return Padded(
        (example, shorter),
        side,
        named[f"{stack}.0.self_attention.weights"][1],
        int((batch.expected != PAD).sum()),
        batch.expected.size,
        float(np.abs(named["probabilities"][1, : len(alone)] - alone).max()),
        float(np.abs(gradients[translator.table][PAD]).max()),
    )


def padding_step(batch: Padded) -> Step:
    """The batch, told."""
    filling, shorter = literal(MARKS[PAD]), batch.pairs[1]
    pair = " → ".join(shorter.sides)
    sentences = [
        _(
            "In training, several examples go through the model at once, as a batch. In a batch all sentences "
            "need the same number of tokens, so the shorter ones are filled up with the [[special token]] {filling}. "
            "The [[mask]] puts minus infinity at each {filling}, so every token gives it the attention weight 0. Where "
            "{filling} is the word to predict, no loss is counted. Here this example shares a batch with a shorter "
            "one, “{pair}”.",
            filling=filling,
            pair=literal(pair),
        ),
        _(
            "The probabilities of the shorter example differ from those that it gets alone by at most {difference}, "
            "which is rounding: padding changes nothing.",
            difference=in_powers(batch.difference),
        )
        if batch.difference
        else _(
            "The probabilities of the shorter example are exactly those that it gets alone: padding changes nothing."
        ),
        _(
            "The loss of the batch is the mean of {counted} positions, not of {positions}. The rows of {filling} are "
            "computed too, but nothing reads them.",
            counted=batch.counted,
            positions=batch.positions,
            filling=filling,
        ),
    ]
    of_language = shorter.is_of_language
    if of_language and not batch.filling:
        sentences.append(
            _(
                "The row of {filling} in the [[embedding table]] gets the gradient 0, so it stays as it is.",
                filling=filling,
            )
        )
    elif batch.side == "source" and not batch.filling:
        sentences.append(
            _(
                "The row of {filling} in the source's [[embedding table]] gets the gradient 0, so it stays as it is.",
                filling=filling,
            )
        )
    tokens = told_apart(batch.tokens(batch.side, 1))
    rows: tuple[tuple[str | float, ...], ...] = tuple(
        (token, *row) for token, row in zip(tokens, batch.weights[0].tolist(), strict=True)
    )
    sides = {"target": _("input")} if of_language else {"source": _("source"), "target": _("decoder's input")}
    batch_rows = tuple((f"{place + 1}", *(" ".join(batch.tokens(side, place)) for side in sides)) for place in range(2))
    if of_language:
        weights = _("Attention weights of the shorter sentence, layer 1, head 1")
    elif batch.side == "source":
        weights = _("Attention weights of the shorter source, layer 1, head 1")
    else:
        weights = _("Attention weights of the shorter target, layer 1, head 1")
    return Step(
        "padding",
        _("Padding"),
        " ".join(sentences),
        (),
        (),
        (
            Table(_("The batch"), (_("sentence") if of_language else _("pair"), *sides.values()), batch_rows),
            Table(weights, ("", *tokens), rows),
        ),
    )


def _tokens(pair: Example, side: str) -> list[str]:
    return list(pair.source) if side == "source" else [MARKS[START], *pair.target]
