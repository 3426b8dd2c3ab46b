"""What padding does: the lesson's pair in a batch with a shorter one, through the same model."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from explorer.documents import literal
from explorer.lessons.example import Example
from explorer.lessons.steps import Step, Table
from explorer.numbers import in_powers
from explorer.texts import _
from explorer.transformer.model import PAD, cross_entropy, transformer
from explorer.transformer.operations import TooUnlikely
from explorer.transformer.tape import Array, Tape
from explorer.transformer.vocabulary import MARKS, START, pad


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
    filling: float  # the largest gradient, without its sign, of the row of <pad> in the source's table

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
    shifted = [translator.shifted(pair.target) for pair in (example, shorter)]
    tape = Tape({name: array.astype(np.float64) for name, array in translator.parameters.items()})
    sources = pad([translator.read(pair.source) for pair in (example, shorter)])
    expected = pad([words for _, words in shifted])
    logits = transformer(tape, sources, pad([shown for shown, _ in shifted]), translator.configuration)
    gradients = tape.backward(cross_entropy(logits, expected, example.smoothing))
    named = {node.name: node.value for node in tape.nodes}
    side = "source" if source != example.source else "target"
    stack = "encoder" if side == "source" else "decoder"
    return Padded(
        (example, shorter),
        side,
        named[f"{stack}.0.self_attention.weights"][1],
        int((expected != PAD).sum()),
        expected.size,
        float(np.abs(named["probabilities"][1, : len(alone)] - alone).max()),
        float(np.abs(gradients["source.table"][PAD]).max()),
    )


def padding_step(batch: Padded) -> Step:
    """The batch, told."""
    filling, shorter = literal(MARKS[PAD]), batch.pairs[1]
    pair = " → ".join(shorter.sides)
    sentences = [
        _(
            "In training, several sentence pairs go through the model at once, as a batch. In a batch all sentences "
            "need the same number of tokens, so the shorter ones are filled up with the [[special token]] {filling}. "
            "The [[mask]] puts minus infinity at each {filling}, so every token gives it the attention weight 0. Where "
            "{filling} is the word to predict, no loss is counted. Here this pair shares a batch with a shorter one, "
            "“{pair}”.",
            filling=filling,
            pair=literal(pair),
        ),
        _(
            "The probabilities of the shorter pair differ from those that it gets alone by at most {difference}, which "
            "is rounding: padding changes nothing.",
            difference=in_powers(batch.difference),
        )
        if batch.difference
        else _("The probabilities of the shorter pair are exactly those that it gets alone: padding changes nothing."),
        _(
            "The loss of the batch is the mean of {counted} positions, not of {positions}. The rows of {filling} are "
            "computed too, but nothing reads them.",
            counted=batch.counted,
            positions=batch.positions,
            filling=filling,
        ),
    ]
    if batch.side == "source" and not batch.filling:
        sentences.append(
            _(
                "The row of {filling} in the source's [[embedding table]] gets the gradient 0, so it stays as it is.",
                filling=filling,
            )
        )
    tokens = batch.tokens(batch.side, 1)
    rows: tuple[tuple[str | float, ...], ...] = tuple(
        (token, *row) for token, row in zip(tokens, batch.weights[0].tolist(), strict=True)
    )
    batch_rows = tuple(
        (f"{number}", " ".join(batch.tokens("source", place)), " ".join(batch.tokens("target", place)))
        for place, number in enumerate((1, 2))
    )
    weights = (
        _("Attention weights of the shorter source, layer 1, head 1")
        if batch.side == "source"
        else _("Attention weights of the shorter target, layer 1, head 1")
    )
    columns = ("", *(f"{place}. {token}" for place, token in enumerate(tokens, start=1)))
    return Step(
        "padding",
        _("Padding"),
        " ".join(sentences),
        (),
        (),
        (
            Table(_("The batch"), (_("pair"), _("source"), _("decoder's input")), batch_rows),
            Table(weights, columns, rows),
        ),
    )


def _tokens(pair: Example, side: str) -> list[str]:
    return list(pair.source) if side == "source" else [MARKS[START], *pair.target]
