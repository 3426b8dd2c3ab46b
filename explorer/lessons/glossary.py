"""The words of the field that a lesson uses, each in a sentence or two; prose points at them as [[term]]."""

from __future__ import annotations

import re
from collections.abc import Callable

TERMS = {
    "token": "A piece of text that the model reads as one unit; here, a word.",
    "vector": "A list of numbers. A model knows a word only as its vector.",
    "embedding table": "A matrix with a row for each word of a vocabulary: the word's vector.",
    "d_model": "How many numbers stand for a token on its way through the model.",
    "positional encoding": "A pattern of numbers, another one for each place in the sentence, that is added to the "
    "vectors because attention alone does not know the order of its tokens.",
    "attention": "A mixture of the vectors of tokens, its own among them, whose shares are computed from the tokens "
    "themselves.",
    "query": "What a token looks for: a vector to compare with the keys of other tokens.",
    "key": "What a token offers to be found by.",
    "value": "What a token hands over to those that attend to it.",
    "head": "One of several attentions that run side by side, each on a slice of the numbers of every token.",
    "mask": "Says where a token may not look; there the score becomes minus infinity, so that its share becomes zero.",
    "softmax": "Turns any numbers into shares: e to the power of each, divided by their sum. None is below zero, and "
    "they add up to one; minus infinity gets the share zero.",
    "residual": "What came in, added to what a layer computed: the layer need only learn the difference.",
    "layer norm": "Brings the numbers of each token to mean 0 and variance 1, then scales and shifts each feature by "
    "weights of its own, γ and β.",
    "feed-forward": "Two linear maps with an activation between them, applied to each token by itself.",
    "activation": "A function of a single number that is not a straight line, such as max(0, x); without one, two "
    "linear maps would be no more than one.",
    "encoder": "The half of the model that reads the source sentence.",
    "decoder": "The half that writes the target, one word after the other, looking back at the source.",
    "teacher forcing": "In training the decoder is shown the right words so far, not its own guesses.",
    "cross-attention": "Attention whose queries come from the target and whose keys and values come from the source.",
    "logit": "A number for each word that could come next; the higher, the likelier.",
    "cross-entropy": "Minus the logarithm of the probability that the model gave to the right word: 0 if it was sure, "
    "and large if it thought the word unlikely.",
    "loss": "One number that says how wrong the model was; training makes it smaller.",
    "gradient": "How much the loss would change if a number grew by a little, divided by that little. It is written "
    "with a bar: x̄ is the gradient of the loss with respect to x.",
    "back-propagation": "Computing all gradients in one walk backwards, by the chain rule.",
    "learning rate": "How far the optimiser goes in one step.",
    "Adam": "An optimiser that divides each gradient by how large it usually is, so that all numbers move at a similar "
    "pace (Kingma & Ba 2015).",
    "greedy decoding": "Taking the likeliest word at every step.",
    "beam search": "Following several beginnings of an answer at once and keeping the likeliest of those looked at; it "
    "may miss the likeliest of all.",
    "cosine": "How alike the directions of two vectors are: 1 for the same, 0 for a right angle, −1 for opposite.",
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
