"""From the words' rows to the label of a text and its loss."""

from __future__ import annotations

from collections.abc import Iterator

from explorer.lessons.forward.next_word import ends_in
from explorer.lessons.forward.plan import Plan, concluded, steps
from explorer.lessons.numbers import in_passing
from explorer.lessons.sentences import quoted
from explorer.lessons.steps import Chapter
from explorer.texts import _
from explorer.transformer.trace import Trace
from explorer.transformer.vocabulary import MARKS, START
from explorer.writing.documents import literal

_ASKED: Plan = (
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
_LABELS: Plan = (
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
_LABEL_LOSS: Plan = (
    (
        _("Loss of the label"),
        _(
            "The [[cross-entropy]] is minus the natural logarithm (ln) of the probability of the right label, in "
            "[[nat|nats]]. Probability 1 costs nothing, one half costs 0.69 nats, one hundredth costs 4.6."
        ),
        ("losses",),
        (),
    ),
)
_MEAN_OF_TEXTS: Plan = (
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


def label(trace: Trace) -> Iterator[Chapter]:
    """Three chapters: one vector for the text, its label, and the loss of the right one."""
    if trace["pooling.weights"].node.operation is not None:
        kind, asked = "attention", _ASKED
    else:
        kind, asked = ("first" if trace.tokens[0] == MARKS[START] else "mean"), ()
    pooled = (_("One vector for the text"), _POOLED[kind], ("pooled",), ())
    yield Chapter(_("One vector for the text"), steps(trace, "pooling.", (*asked, pooled)))
    probabilities = trace["labels.probabilities"]
    most = int(probabilities.value[0].argmax())
    yield concluded(
        _("The label"),
        steps(trace, "labels.", _LABELS),
        _(
            "So far: the most probable label is {label} ({share}).",
            label=quoted(trace.labels(probabilities.name)[1][most]),
            share=in_passing(float(probabilities.value[0, most]), 3),
        ),
    )
    yield concluded(
        _("How wrong was that?"),
        steps(trace, "labels.", _LABEL_LOSS) + steps(trace, "", _MEAN_OF_TEXTS),
        ends_in(trace),
    )
