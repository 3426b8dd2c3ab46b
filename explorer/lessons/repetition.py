"""Why an untrained model can be worse than guessing: one with a tied table says the token that it has just read."""

from __future__ import annotations

import numpy as np

from explorer.lessons.numbers import in_passing
from explorer.texts import _
from explorer.transformer.batches import Batches
from explorer.transformer.configuration import Configuration
from explorer.transformer.model import PAD, transformer
from explorer.transformer.operations import Softmax
from explorer.transformer.tape import Array, Tape
from explorer.transformer.trace import Trace
from explorer.transformer.translator import Translator

_NOTABLE = 0.1  # from here on repeating, and not chance, is what an untrained model does


def repetition(translator: Translator, batches: Batches) -> float:
    """The mean probability that a model gives, as the next token, to the one that its decoder has just read, over all
    positions of `batches` at which another token is right, teacher-forced."""
    total = count = 0.0
    for batch in batches.in_order():
        tape = Tape(translator.parameters, tracing=False)
        logits = transformer(tape, batch.source, batch.target, translator.configuration)
        probabilities, _ = Softmax().forward(logits.value)  # (B, T, V)
        counted = (batch.expected != PAD) & (batch.expected != batch.target)
        total += float(_of_those_read(probabilities, batch.target)[counted].sum())
        count += int(counted.sum())
    return total / count


def repetition_of(translator: Translator, trace: Trace) -> float:
    """The same over the positions of one pass."""
    read, expected = translator.shifted(trace.target[1:])
    return float(_of_those_read(trace["probabilities"].value, read)[read != expected].mean())


def why_it_repeats(configuration: Configuration, share: float) -> str:
    """What a mean probability `share` of the token just read comes from; empty where it is small, or where the table
    is not tied, so that it comes from elsewhere."""
    if not configuration.tied or share < _NOTABLE:
        return ""
    return _(
        "This model repeats: it gives the token that the decoder has just read a probability of {share} to come next "
        "(the mean over all positions where another one is right). The decoder's "
        "residual connections carry the vector of that token to the output. There it is compared with every row of the "
        "same table (weight tying), and its own row is the most similar one. With random weights this dot product "
        "grows with √d_model, here √{d_model} = {root}; the dot "
        "products with other rows do not grow. So the wider the model is, the more certain it is of the wrong token. "
        "Training unlearns this first.",
        share=in_passing(share),
        d_model=configuration.d_model,
        root=in_passing(configuration.d_model**0.5),
    )


def _of_those_read(probabilities: Array, read: Array) -> Array:
    """Of probabilities (…, T, V), those of the tokens (…, T) that were read at the same position."""
    return np.take_along_axis(probabilities, read[..., None], axis=-1)[..., 0]
