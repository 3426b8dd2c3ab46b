"""How much may be asked of vectors, and the names of the ways to ask: each stands here once.

The core checks them and `explorer.questions` declares them; nothing here needs NumPy.
"""

from typing import Literal, get_args

Metric = Literal["cosine", "dot", "euclidean"]
METRICS: tuple[Metric, ...] = get_args(Metric)

Tier = Literal["high", "medium", "low"]
TIERS: tuple[Tier, ...] = get_args(Tier)

UNIVERSAL_TAGS = (
    "ADJ", "ADP", "ADV", "AUX", "CCONJ", "DET", "INTJ", "NOUN", "NUM",
    "PART", "PRON", "PROPN", "PUNCT", "SCONJ", "SYM", "VERB", "X",
)  # fmt: skip

LEAST_SHARE = 15  # percent of its uses in which a word is a part of speech, to pass as one

ANALOGY_METHODS = ("add", "multiply")
MAP_METHODS = ("pca", "t-sne", "umap")
EXPORT_FORMATS = ("word2vec-text", "word2vec-binary", "projector", "npy", "csv", "json-lines", "parquet")
FORMATS_BY_ENDING = {
    ".bin": "word2vec-binary",
    ".tsv": "projector",
    ".npy": "npy",
    ".csv": "csv",
    ".jsonl": "json-lines",
    ".parquet": "parquet",
}

SUGGESTED = 8  # words while somebody types
LONGEST_WORD = 100  # characters that are normalised; a longer word is found as it is written
LONGEST_QUERY = 10_000  # characters of a word, a phrase or a formula
LONGEST_PATTERN = 500  # characters of a regular expression: more than the longest word with a backslash before each
LONGEST_LIST = 10_000  # words of a filter's list
MOST_CONDITIONS = 20  # for further columns
HIGHEST_COUNT = 10**12  # occurrences in a corpus
HIGHEST_SEED = 2**32 - 1  # what NumPy's oldest generator takes

MOST_NEIGHBOURS = 10_000
MOST_MATCHES = 10_000  # words that complete a beginning, or match a pattern
MOST_PAIRS = 1_000
MOST_WORDS = 100  # words of a matrix, of an axis, of a list with an odd one
MOST_AXES = 10
MOST_DIMENSIONS = 10_000  # dimensions in detail
MOST_MODELS = 20  # models side by side
BESIDE = 4  # models side by side where nobody names any
MOST_IN_COLUMN = 1_000  # neighbours in each of them
FOLLOWED = 3  # neighbours of a word in each of them that are followed from one to the next
MOST_COMPARED = 20_000  # words about which two models are compared
MOST_NEAREST = 100  # neighbours of each of them
MOST_AROUND = 500  # words of a map around one
MOST_POINTS = 5_000  # words of a map
MOST_NODES = 200  # words of a graph
MOST_JOINED = 20  # of its nearest that each of them is joined to
HIGHEST_PERPLEXITY = 200
FEWEST_PLACED, MOST_PLACED = 50, 200_000  # words of a map of all; of a larger model the most frequent
PERPLEXITY_OF_ALL = 20
FEWEST_MEASURED, MOST_MEASURED = 100, 50_000  # words over which the health of a model is measured
MOST_COMPONENTS = 10_000
MOST_EVALUATED = 10_000_000  # most frequent words of which analogies are asked

DEFAULT_NEIGHBOURS = 10
MEASURED = 5_000
EVALUATED = 50_000  # as gensim's own restrict_vocab is meant to be set
