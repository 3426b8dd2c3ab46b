"""What a training of vectors takes where nothing else is said, and how much may be asked of it: each stands here once.

The recipes' dataclasses have them from here, and `explorer.questions.jobs` declares them; nothing here needs NumPy.
"""

from typing import Any

ALGORITHMS = ("skip-gram", "cbow")

WORD2VEC: dict[str, Any] = {
    "algorithm": "skip-gram",
    "window": 5,
    "vector_size": 150,
    "epochs": 5,
    "negative": 5,
    "sample": 1e-4,
    "dimensions": 150,
    "whitening": 0.5,
    "minimum_count": 20,
    "seed": 1,
    "workers": 1,
}
GLOVE: dict[str, Any] = {
    "window": 10,
    "dimensions": 150,
    "sweeps": 6,
    "maximum": 10.0,
    "exponent": 0.75,
    "ridge": 3.0,
    "minimum_count": 20,
    "seed": 1,
}
FASTTEXT: dict[str, Any] = {
    "algorithm": "skip-gram",
    "window": 5,
    "epochs": 5,
    "negative": 5,
    "sample": 1e-4,
    "dimensions": 100,
    "shortest": 3,
    "longest": 6,
    "buckets": 50_000,
    "minimum_count": 20,
    "seed": 1,
    "workers": 1,
}
RECIPES = {"word2vec": WORD2VEC, "glove": GLOVE, "fasttext": FASTTEXT}
"""For each method the options that it has, with their defaults."""

OF_EACH_TRAINING = ("algorithm", "window", "vector_size", "epochs", "negative", "sample")
"""What may differ between the trainings that Word2Vec joins."""

SISTER_WORDS = 20_000  # most frequent words whose neighbours in other trainings are kept
TAGGED_EVERY = 3  # paragraphs of which the lexicon tags one

MOST_TRAININGS = 20
WIDEST_WINDOW = 1_000  # words on either side
MOST_DIMENSIONS = 10_000
MOST_EPOCHS = 10_000  # or sweeps
MOST_NEGATIVE = 1_000
HIGHEST_SAMPLE = 0.999
LONGEST_N_GRAM = 100  # characters
MOST_BUCKETS = 100_000_000
HIGHEST_WEIGHING = 1e9  # of GloVe's x_max, α and ridge
MOST_WORKERS = 1_024
