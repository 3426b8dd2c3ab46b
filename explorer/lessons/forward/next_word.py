"""From the last rows to the loss: what the next word might be, and how wrong that was."""

from __future__ import annotations

from collections.abc import Iterator

from explorer.lessons.forward.layers import last_norm
from explorer.lessons.forward.plan import Plan, concluded, steps
from explorer.lessons.numbers import in_passing, rounded
from explorer.lessons.sentences import quoted
from explorer.lessons.steps import Chapter
from explorer.texts import _
from explorer.transformer.model import PAD
from explorer.transformer.trace import Trace
from explorer.transformer.vocabulary import MARKS, START
from explorer.writing.documents import literal

_LOGITS: Plan = (
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
            "At each position, every word that the model can say gets a number, its [[logit]]. The higher it is, the "
            "more probable the word."
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
_LOSS: Plan = (
    (
        _("Loss at each position"),
        _(
            "The [[cross-entropy]] is minus the natural logarithm (ln) of the probability of the right word, in "
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


def next_word(trace: Trace) -> Iterator[Chapter]:
    """Two chapters: the probabilities of each next word, and the loss of the right ones."""
    said = last_norm(trace, "decoder.") + steps(trace, "", _LOGITS)
    yield concluded(_("The next word"), said, _likeliest(trace))
    yield concluded(_("How wrong was that?"), steps(trace, "", _LOSS), ends_in(trace))


def ends_in(trace: Trace) -> str:
    return _(
        "So far: the way forward ends in one number, the loss {loss}. The way back computes how each weight "
        "changes it.",
        loss=rounded(float(trace["loss"].value)),
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
