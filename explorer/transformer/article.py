"""The worked example of the article: "You are welcome" in four dimensions, to the digit."""

import numpy as np

TOKENS: tuple[str, ...] = ("You", "are", "welcome")
VECTORS = np.array(
    [
        [0.1, 0.2, -0.1, 0.4],
        [-0.3, 0.5, 0.1, -0.2],
        [0.4, -0.3, 0.2, 0.1],
    ]
)
