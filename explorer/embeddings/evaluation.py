"""How good are vectors? Analogies and word pairs that people judged, by gensim's own functions and files."""

import math
from dataclasses import dataclass
from pathlib import Path

from gensim.models import KeyedVectors
from gensim.test.utils import datapath

ANALOGIES = "questions-words.txt"
WORD_PAIRS = {"wordsim353": "wordsim353.tsv", "simlex999": "simlex999.txt"}
RESTRICTED_VOCABULARY = 50_000


@dataclass(frozen=True)
class Score:
    """The result of one benchmark.

    `value` is the share of analogies answered rightly (0 to 1) or Spearman's ρ of word pairs (-1 to 1), None where too
    few questions could be asked; `coverage` the share of questions (0 to 1) all of whose words are in the vocabulary.
    """

    value: float | None
    coverage: float


def analogies(vectors: KeyedVectors) -> Score:
    """Google's 19,544 analogies (Mikolov et al. 2013, arXiv:1301.3781) over the 50,000 most frequent words."""
    lines = Path(datapath(ANALOGIES)).read_text(encoding="utf-8").splitlines()
    questions = sum(not line.startswith(":") for line in lines)
    share, sections = vectors.evaluate_word_analogies(datapath(ANALOGIES), restrict_vocab=RESTRICTED_VOCABULARY)
    total = sections[-1]
    asked = len(total["correct"]) + len(total["incorrect"])
    return Score(float(share) if asked else None, asked / questions)


def word_pairs(vectors: KeyedVectors, benchmark: str) -> Score:
    """Spearman's ρ between the cosines of word pairs and how alike people find them.

    `benchmark` is "wordsim353" (relatedness; Finkelstein et al. 2002) or "simlex999" (similarity; Hill et al. 2015).
    """
    try:
        _, spearman, unknown_percent = vectors.evaluate_word_pairs(datapath(WORD_PAIRS[benchmark]))
    except ValueError:  # how gensim, or scipy below it, says that no pair, or a single one, could be asked
        return Score(None, 0.0)
    value = float(spearman.statistic)
    return Score(None if math.isnan(value) else value, 1 - unknown_percent / 100)


def evaluate(vectors: KeyedVectors) -> dict[str, Score]:
    """The score of each benchmark: "analogies", "wordsim353" and "simlex999"."""
    return {"analogies": analogies(vectors)} | {benchmark: word_pairs(vectors, benchmark) for benchmark in WORD_PAIRS}
