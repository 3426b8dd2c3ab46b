"""The worked example of the article: "You are welcome" → "de nada" in four dimensions, its vectors to the digit."""

from __future__ import annotations

import numpy as np

from explorer.transformer.configuration import Configuration
from explorer.transformer.parameters import initial_parameters
from explorer.transformer.translator import Translator
from explorer.transformer.vocabulary import MARKS, START, Vocabulary

TOKENS: tuple[str, ...] = ("You", "are", "welcome")
VECTORS = np.array(
    [
        [0.1, 0.2, -0.1, 0.4],
        [-0.3, 0.5, 0.1, -0.2],
        [0.4, -0.3, 0.2, 0.1],
    ]
)
TARGET: tuple[str, ...] = ("de", "nada")
TARGET_VECTORS = np.array(
    [
        [0.0, 0.0, 0.0, 0.0],  # <start>
        [-0.2, 0.4, 0.3, 0.1],
        [0.5, -0.1, -0.4, 0.3],
    ]
)


def translator(seed: int = 0, layers: int = 1, heads: int = 2, d_ff: int | None = 8) -> Translator:
    """The article's vectors in a transformer whose other weights, which the article leaves open, are drawn from `seed`,
    in float64. Raises UserError for sizes that do not fit four dimensions."""
    source, target = Vocabulary([*MARKS, *TOKENS]), Vocabulary([*MARKS, *TARGET])
    configuration = Configuration(
        d_model=4, heads=heads, layers=layers, d_ff=d_ff, source_words=len(source), target_words=len(target)
    )
    parameters = initial_parameters(configuration, seed)
    parameters["source.table"][source.ids(TOKENS)] = VECTORS
    parameters["target.table"][[START, *target.ids(TARGET)]] = TARGET_VECTORS
    return Translator(configuration, parameters, source, target)
