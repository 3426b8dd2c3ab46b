"""The equation of sampling: the probabilities of the next word, reshaped by temperature, top-k and top-p."""

from __future__ import annotations

import numpy as np

from explorer.lessons.bounds import DECIMALS
from explorer.lessons.equations.forward import COLUMN, with_rest
from explorer.lessons.equations.matrices import Draughtsman
from explorer.lessons.equations.parts import Constant, Equation, Line, Number, Sum
from explorer.lessons.lesson import Lesson
from explorer.texts import _
from explorer.transformer.decoding import reshaped
from explorer.transformer.model import PAD
from explorer.transformer.vocabulary import START


def sampling(lesson: Lesson, temperature: float, top_k: int, top_p: float, decimals: int = DECIMALS) -> Equation:
    """At each position of the target: p^(1/T) of the words that are kept, over their sum; each p is taken as a share of
    the highest. `<pad>` and `<start>` are never drawn. At temperature 0 the most probable word alone is kept. Raises
    UserError as `reshaped` does."""
    draw = Draughtsman(lesson, decimals)
    node = lesson.trace["probabilities"].node
    words = node.value.copy()  # (T, V)
    words[:, [PAD, START]] = 0
    shares = np.stack([reshaped(row, temperature, top_k, top_p) for row in words])
    kept = shares > 0
    probabilities = draw.tensor(node)
    assert probabilities.places is not None
    exponent = 1 / temperature if temperature else 1.0
    left = np.where(kept, words, 0.0)
    highest = left.max(axis=-1, keepdims=True)  # divided by it, no power of a cold temperature is lost
    most = draw.like(probabilities, highest, "\\max", _("the highest of its row"))
    powers = with_rest(draw, probabilities, (left / highest) ** exponent, "", _("kept, to the power 1/T"))
    total = draw.like(probabilities, powers.values.sum(axis=-1, keepdims=True), "\\Sigma", _("their sum"))
    result = draw.like(probabilities, shares[:, probabilities.places[1]][None], "", _("to sample from"), shares=True)
    is_kept = draw.like(probabilities, kept[:, probabilities.places[1]][None].astype(float), "", _("1 if kept, else 0"))
    terms = Sum(len(powers.columns), "{0}", (Number(powers, ("h", "i", "k")),))
    power = (Number(is_kept), Number(probabilities), Number(most, COLUMN), Constant(exponent, "1/T"))
    lines = (
        Line(Number(powers), "{0}·({1} / {2})^{3}", power),
        Line(Number(total, COLUMN), "{0}", (terms,)),
        Line(Number(result), "{0} / {1}", (Number(powers), Number(total, COLUMN))),
    )
    parts = (probabilities, "/", most, _("kept"), is_kept, "→", powers, "Σ", total, _("shares"), result)
    last = len(probabilities.rows) - 1
    return Equation("", parts, result, lines).at(0, last, int(result.values[0, last].argmax()))
