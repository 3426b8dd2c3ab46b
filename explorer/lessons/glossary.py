"""The words of the field that a lesson uses, each in a sentence or two; prose points at them as [[term]].

A translation points at the same terms, and says how they read: [[token|Zeichen]].
"""

from __future__ import annotations

import re
from collections.abc import Callable

from explorer.texts import _

TERMS = {
    "token": _("A piece of text that the model reads as one unit; here, a word."),
    "special token": _("A token that is no word, such as <start>, <end>, <pad> (filling) and <unk> (unknown word)."),
    "vector": _("A list of numbers. A model knows a word only as its vector."),
    "embedding table": _("A matrix with one row for each word of a vocabulary: the vector of that word."),
    "d_model": _("How many numbers represent a token on its way through the model."),
    "dot product": _("Two vectors are multiplied number by number, and the products are added up."),
    "positional encoding": _(
        "A row of numbers, different for each position in the sentence, that is added to the "
        "vectors because attention alone does not know the order of the tokens."
    ),
    "attention": _(
        "Each token gets a weighted sum of the values of the tokens; the weights are computed from the tokens "
        "themselves."
    ),
    "query": _("A vector that says what a token looks for. It is compared with the keys."),
    "key": _("A vector that says what a token offers. It is compared with the queries."),
    "value": _("A vector that a token passes on to the tokens that attend to it."),
    "head": _("One of several attentions that run side by side, each on a part of the columns."),
    "mask": _("Says where a token may not look. There the score becomes minus infinity, so its share becomes zero."),
    "softmax": _(
        "Turns any numbers into shares: e to the power of each number, divided by the sum of all of these. None "
        "is negative, and they add up to one; minus infinity gets the share zero."
    ),
    "residual": _("The input of a layer is added to its output, so the layer only has to learn the difference."),
    "layer norm": _(
        "Shifts and scales the numbers of each token to mean 0 and variance 1. Then it multiplies each "
        "column by a weight γ and adds a weight β."
    ),
    "feed-forward": _("Two weight matrices with an activation between them, applied to each token by itself."),
    "activation": _(
        "A function of a single number whose graph is not a straight line, such as max(0, x). Without it, "
        "two matrices in a row would do no more than one."
    ),
    "encoder": _("The half of the model that reads the source sentence."),
    "decoder": _(
        "The half of a model that writes, one word after the other. That of a translator also reads the encoder's "
        "output; a language model is a decoder alone."
    ),
    "language model": _(
        "A model that gives each word a probability to come next, after the words before it. Trained on very much "
        "text, and far larger, it is what writes in today's chat programs."
    ),
    "teacher forcing": _(
        "In training, the decoder reads the right words so far, not the words that it predicted itself."
    ),
    "cross-attention": _(
        "Attention whose queries come from the target and whose keys and values come from the source."
    ),
    "logit": _("A number for each word that could come next; the higher it is, the more probable the word."),
    "cross-entropy": _(
        "Minus the natural logarithm (ln) of the probability that the model gave to the right word: 0 if it was sure "
        "of that word, and large if it found the word improbable."
    ),
    "nat": _(
        "The unit of a loss that is computed with the natural logarithm. One nat is the cost of a word to which the "
        "model gave the probability 1/e = 0.3679."
    ),
    "loss": _("One number that says how wrong the model was. Training makes it smaller."),
    "dropout": _(
        "In training, numbers are set to 0 at random and the others made larger, so that the model cannot rely "
        "on any single one (Srivastava et al. 2014). Without training, nothing is set to 0."
    ),
    "label smoothing": _(
        "In training, the right word should get a little less than probability 1 and every other word a "
        "little more than 0, so that the model does not become too sure (Szegedy et al. 2016)."
    ),
    "gradient": _(
        "How much the loss changes when a number grows a little, divided by that little. It is written with a "
        "bar: x̄ is the gradient of the loss with respect to x."
    ),
    "back-propagation": _("All gradients are computed in one pass backwards, by the chain rule."),
    "learning rate": _("A factor that says how far the optimiser moves the weights in one step."),
    "Adam": _(
        "An optimiser that divides each gradient by its usual size, so that all weights move at a similar speed "
        "(Kingma & Ba 2015)."
    ),
    "greedy decoding": _("The most probable word is taken at every step."),
    "beam search": _(
        "Several beginnings of an answer are followed at once, and the best of the finished ones is taken, by a score "
        "that does not favour short ones. It looks at few answers, so it may miss the most probable one."
    ),
    "cosine": _(
        "How similar the directions of two vectors are: 1 for the same direction, 0 for a right angle, −1 for "
        "opposite directions."
    ),
}

NAMES = {  # of the terms, as a reader meets them
    "token": _("token"),
    "special token": _("special token"),
    "vector": _("vector"),
    "embedding table": _("embedding table"),
    "d_model": _("d_model"),
    "dot product": _("dot product"),
    "positional encoding": _("positional encoding"),
    "attention": _("attention"),
    "query": _("query"),
    "key": _("key"),
    "value": _("value"),
    "head": _("head"),
    "mask": _("mask"),
    "softmax": _("softmax"),
    "residual": _("residual"),
    "layer norm": _("layer norm"),
    "feed-forward": _("feed-forward"),
    "activation": _("activation"),
    "encoder": _("encoder"),
    "decoder": _("decoder"),
    "language model": _("language model"),
    "teacher forcing": _("teacher forcing"),
    "cross-attention": _("cross-attention"),
    "logit": _("logit"),
    "cross-entropy": _("cross-entropy"),
    "nat": _("nat"),
    "loss": _("loss"),
    "dropout": _("dropout"),
    "label smoothing": _("label smoothing"),
    "gradient": _("gradient"),
    "back-propagation": _("back-propagation"),
    "learning rate": _("learning rate"),
    "Adam": _("Adam"),
    "greedy decoding": _("greedy decoding"),
    "beam search": _("beam search"),
    "cosine": _("cosine"),
}

_POINTER = re.compile(r"\[\[([^]|]+)(?:\|([^]]+))?\]\]")


def terms_of(prose: str) -> list[str]:
    """The terms that a text points at, in order."""
    return list(dict.fromkeys(match[1] for match in _POINTER.finditer(prose)))


def with_terms(prose: str, show: Callable[[str, str], str]) -> str:
    """The text with each [[term]] or [[term|as it reads here]] replaced by `show(term, reading)`.

    Raises KeyError for a term that the glossary lacks.
    """

    def replaced(match: re.Match[str]) -> str:
        TERMS[match[1]]
        return show(match[1], match[2] or match[1])

    return _POINTER.sub(replaced, prose)


def plain(prose: str) -> str:
    """The text as it reads, without pointers."""
    return with_terms(prose, lambda _, reading: reading)
