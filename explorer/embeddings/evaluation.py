"""How good are vectors? Analogies and word pairs judged by people, by gensim's own evaluation and its own files."""

from dataclasses import dataclass

from gensim.models import KeyedVectors
from gensim.test.utils import datapath

WORD_PAIRS = {"wordsim353": "wordsim353.tsv", "simlex999": "simlex999.txt"}
ANALOGIES = "questions-words.txt"
RESTRICT_VOCABULARY = 50_000


@dataclass(frozen=True)
class Score:
    """A benchmark's result: `value` (analogies: share answered rightly; word pairs: Spearman's ρ), both 0 to 1, and
    `coverage`, the share of its questions whose words are all in the vocabulary. None where nothing could be asked."""

    value: float | None
    coverage: float


def analogies(vectors: KeyedVectors) -> Score:
    """Mikolov et al.'s 19,544 analogies (2013, arXiv:1301.3781), asked of the 50,000 most frequent words."""
    questions = sum(not line.startswith(":") for line in open(datapath(ANALOGIES), encoding="utf-8"))
    if not len(vectors):
        return Score(None, 0.0)
    share, sections = vectors.evaluate_word_analogies(datapath(ANALOGIES), restrict_vocab=RESTRICT_VOCABULARY)
    asked = len(sections[-1]["correct"]) + len(sections[-1]["incorrect"])
    return Score(float(share), asked / questions) if asked else Score(None, 0.0)


def word_pairs(vectors: KeyedVectors, benchmark: str) -> Score:
    """Spearman's ρ between cosines and people's judgements, over the pairs whose words are both known.

    `benchmark` is "wordsim353" (Finkelstein et al. 2002, relatedness) or "simlex999" (Hill et al. 2015, similarity).
    """
    _, spearman, unknown_percent = vectors.evaluate_word_pairs(datapath(WORD_PAIRS[benchmark]))
    return Score(float(spearman.statistic), 1 - unknown_percent / 100)


def evaluate(vectors: KeyedVectors) -> dict[str, Score]:
    """The score of each benchmark: "analogies", "wordsim353", "simlex999"."""
    return {"analogies": analogies(vectors)} | {name: word_pairs(vectors, name) for name in WORD_PAIRS}
