"""How good are vectors? Analogies and word pairs that people judged, by gensim's files and rules, and with its results.

gensim answers each of 19,544 analogies by a search of its own. Here the words of a section are compared with the
vocabulary once, which takes seconds; where float32 leaves it open which word is nearest, gensim itself decides.
"""

from __future__ import annotations

import math
from collections.abc import Generator, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from weakref import WeakKeyDictionary

import numpy as np

from explorer.answers import Answer, Table
from explorer.embeddings.bounds import EVALUATED as RESTRICTED_VOCABULARY
from explorer.embeddings.centring import without_zeros
from explorer.embeddings.embedding import Array, Embedding
from explorer.errors import UserError
from explorer.texts import _

if TYPE_CHECKING:
    from gensim.models import KeyedVectors

ANALOGIES = "questions-words.txt"
WORD_PAIRS = {"wordsim353": "wordsim353.tsv", "simlex999": "simlex999.txt"}

_BLOCK = 32  # analogies at a time
_UNSURE = 1e-5  # sums of three cosines nearer than this may change places with the order of float32 additions
_LOOKED_THROUGH = 5  # so many of the nearest gensim looks at for one that is not in the question


@dataclass(frozen=True)
class Score:
    """The result of one benchmark, or of a section of one.

    `value` is the share of analogies answered rightly (0 to 1) or Spearman's ρ of word pairs (-1 to 1), None where too
    few questions could be asked: only `asked` of the `questions` have all their words in the vocabulary. `pearson` is
    Pearson's r of word pairs.
    """

    value: float | None
    asked: int
    questions: int
    pearson: float | None = None

    @property
    def coverage(self) -> float:
        """The share of questions (0 to 1) that could be asked."""
        return self.asked / self.questions if self.questions else 0.0

    def as_json(self) -> dict[str, Any]:
        return {"value": self.value, "asked": self.asked, "questions": self.questions, "coverage": self.coverage}


@dataclass(frozen=True)
class Scores(Answer):
    """What is known so far: a score for each benchmark of word pairs and each section of analogies that is finished.

    `done` is the share (0 to 1) of all analogies behind it.
    """

    restrict_vocab: int
    word_pairs: Mapping[str, Score] = field(default_factory=dict)
    sections: Mapping[str, Score] = field(default_factory=dict)
    done: float = 0.0
    model: str = ""

    @property
    def analogies(self) -> Score:
        """All sections together."""
        return _together(self.sections.values())

    @property
    def semantic(self) -> Score:
        """The sections about the world, such as capitals."""
        return _together(score for section, score in self.sections.items() if not _is_grammar(section))

    @property
    def syntactic(self) -> Score:
        """The sections about grammar, such as plurals."""
        return _together(score for section, score in self.sections.items() if _is_grammar(section))

    @property
    def by_name(self) -> dict[str, Score]:
        """Every benchmark, then every section, by name, as far as they are known."""
        together = {"analogies": self.analogies, "semantic": self.semantic, "syntactic": self.syntactic}
        return {
            **self.word_pairs,
            **{name: score for name, score in together.items() if score.questions},
            **self.sections,
        }

    @property
    def headline(self) -> str:
        return _(
            "{model} · analogies of the {words:,} most frequent words · word pairs by Spearman's ρ",
            model=self.model,
            words=self.restrict_vocab,
        )

    def table(self) -> Table:
        """One row a benchmark or section."""
        rows = ((name, score.value, score.asked, score.questions) for name, score in self.by_name.items())
        return Table(("benchmark", "value", "asked", "questions"), tuple(rows))

    def as_json(self) -> dict[str, Any]:
        pairs = {
            benchmark: {"spearman": score.value, "pearson": score.pearson} | score.as_json()
            for benchmark, score in self.word_pairs.items()
        }
        analogies = {"restrict_vocab": self.restrict_vocab} | self.analogies.as_json()
        analogies |= {"semantic": self.semantic.as_json(), "syntactic": self.syntactic.as_json()}
        analogies["sections"] = {section: score.as_json() for section, score in self.sections.items()}
        named = {"model": self.model} if self.model else {}
        return named | {"analogies": analogies, **pairs}


_finished: WeakKeyDictionary[Embedding, dict[int, Scores]] = WeakKeyDictionary()


def evaluate(vectors: KeyedVectors) -> dict[str, Score]:
    """The score of each benchmark: "analogies", "wordsim353" and "simlex999"."""
    *_, scores = run(vectors)
    return {"analogies": scores.analogies, **scores.word_pairs}


def evaluate_model(embedding: Embedding, restrict_vocab: int = RESTRICTED_VOCABULARY) -> Generator[Scores, None, None]:
    """`run` on a model without copying its vectors. A result is kept, and given at once the next time.

    Words whose vectors are all zeros count as unknown: they have no cosine, and one would make all of them NaN.
    """
    finished = _finished.setdefault(embedding, {})
    if restrict_vocab not in finished:
        for scores in run(as_keyed_vectors(without_zeros(embedding)), restrict_vocab):
            scores = replace(scores, model=embedding.name)
            yield scores
        finished[restrict_vocab] = scores
    yield finished[restrict_vocab]


def run(vectors: KeyedVectors, restrict_vocab: int = RESTRICTED_VOCABULARY) -> Iterator[Scores]:
    """What is known after the word pairs and after each section of analogies; the last has it all.

    Analogies are asked about the `restrict_vocab` most frequent words. It is lazy: a caller can stop at any point.
    Raises UserError for a vocabulary restricted to less than one word.
    """
    if restrict_vocab < 1:
        raise UserError(
            _(
                "The vocabulary is restricted to {words:,} words, but must have 1 or more.",
                words=restrict_vocab,
            )
        )
    pairs = {benchmark: word_pairs(vectors, benchmark) for benchmark in WORD_PAIRS}
    yield Scores(restrict_vocab, pairs)
    questions = sum(len(rows) for rows in analogy_questions().values())
    sections: dict[str, Score] = {}
    for section, score in _sections(vectors, restrict_vocab):
        sections = {**sections, section: score}
        yield Scores(restrict_vocab, pairs, sections, sum(each.questions for each in sections.values()) / questions)


def word_pairs(vectors: KeyedVectors, benchmark: str) -> Score:
    """Spearman's ρ between the cosines of word pairs and how alike people find them: gensim's `evaluate_word_pairs`.

    `benchmark` is "wordsim353" (relatedness; Finkelstein et al. 2002) or "simlex999" (similarity; Hill et al. 2015).
    """
    questions = _count_pairs(benchmark)
    try:
        pearson, spearman, unknown_percent = vectors.evaluate_word_pairs(_path(WORD_PAIRS[benchmark]))
    except ValueError:  # how gensim, or scipy below it, says that no pair, or a single one, could be asked
        return Score(None, 0, questions)
    count = round(questions * (1 - unknown_percent / 100))
    return Score(_unless_nan(spearman.statistic), count, questions, _unless_nan(pearson.statistic))


def analogies(vectors: KeyedVectors, restrict_vocab: int = RESTRICTED_VOCABULARY) -> Score:
    """Google's 19,544 analogies (Mikolov et al. 2013, arXiv:1301.3781), as `evaluate_word_analogies` scores them."""
    return _together(score for _, score in _sections(vectors, restrict_vocab))


@cache
def analogy_questions() -> dict[str, tuple[tuple[str, ...], ...]]:
    """The four words of each question, in upper case, by section."""
    sections: dict[str, list[tuple[str, ...]]] = {}
    for line in Path(_path(ANALOGIES)).read_text(encoding="utf-8").splitlines():
        if line.startswith(":"):
            questions = sections.setdefault(line[1:].strip(), [])
        else:
            questions.append(tuple(line.upper().split()))
    return {section: tuple(questions) for section, questions in sections.items()}


def as_keyed_vectors(embedding: Embedding) -> KeyedVectors:
    """gensim's view of a model: the same mapped vectors, nothing is copied."""
    from gensim.models import KeyedVectors

    vectors = KeyedVectors(embedding.dimensions)
    vectors.vectors = embedding.vectors
    vectors.index_to_key = embedding.words
    vectors.key_to_index = embedding.rows
    return vectors


def _sections(vectors: KeyedVectors, restrict_vocab: int) -> Iterator[tuple[str, Score]]:
    vectors.fill_norms()
    asker = _Asker(vectors, restrict_vocab)
    for section, questions in analogy_questions().items():
        known = [[asker.row[word] for word in words] for words in questions if asker.row.keys() >= set(words)]
        right = asker.count_right(np.array(known)) if known else 0
        yield section, Score(right / len(known) if known else None, len(known), len(questions))


class _Asker:
    """Asks analogies as gensim does: 3CosAdd, the words of the question left out in whatever case, case ignored."""

    def __init__(self, vectors: KeyedVectors, restrict_vocab: int):
        self.vectors = vectors
        words = vectors.index_to_key[:restrict_vocab]
        upper = [word.upper() for word in words]
        self.restrict_vocab = restrict_vocab
        self.row = {word: row for row, word in reversed(list(enumerate(upper)))}  # the most frequent in any case
        self.first = np.array([self.row[word] for word in upper])  # (r,) the row of the most frequent in another case
        self.norms = vectors.norms[:restrict_vocab]
        self.empty = np.flatnonzero(self.norms == 0)

    def count_right(self, questions: Array) -> int:
        """How many of the questions (n, 4), rows of a, b, c and the right answer, are answered rightly."""
        rows, places = np.unique(questions[:, :3], return_inverse=True)
        every = self.vectors.vectors[: self.restrict_vocab]
        with np.errstate(divide="ignore", invalid="ignore"):
            cosines = (every[rows] / self.norms[rows, None]) @ every.T / self.norms  # (words of the section, r)
        right = 0
        for start in range(0, len(questions), _BLOCK):
            block = questions[start : start + _BLOCK]
            a, b, c = places.reshape(-1, 3)[start : start + _BLOCK].T
            sums = cosines[b]  # (block, r)
            sums -= cosines[a]
            sums += cosines[c]
            right += self._count_right(block, sums)
        return right

    def _count_right(self, questions: Array, sums: Array) -> int:
        each = np.arange(len(questions))
        sums[:, self.empty] = -np.inf
        sums[each[:, None], questions[:, :3]] = -np.inf
        nearest = sums.argmax(axis=1)
        lead = sums[each, nearest].copy()
        sums[each, nearest] = -np.inf
        lead -= sums.max(axis=1)
        answers = self.first[nearest]
        repeats = (answers[:, None] == questions[:, :3]).any(axis=1)
        for i in np.flatnonzero(repeats | ~(lead > _UNSURE)):
            answers[i] = self._ask_gensim(*(int(row) for row in questions[i, :3]))
        return int(np.count_nonzero(answers == questions[:, 3]))

    def _ask_gensim(self, a: int, b: int, c: int) -> int:
        nearest = self.vectors.most_similar([b, c], [a], topn=_LOOKED_THROUGH, restrict_vocab=self.restrict_vocab)
        answers = [self.row[word.upper()] for word, _ in nearest]
        return next((answer for answer in answers if answer not in {a, b, c}), answers[-1] if answers else -1)


def _together(scores: Iterable[Score]) -> Score:
    scores = list(scores)
    count = sum(score.asked for score in scores)
    right = sum(round(score.value * score.asked) for score in scores if score.value is not None)
    return Score(right / count if count else None, count, sum(score.questions for score in scores))


def _is_grammar(section: str) -> bool:
    return section.startswith("gram")


def _unless_nan(value: float) -> float | None:
    return None if math.isnan(value) else float(value)


@cache
def _count_pairs(benchmark: str) -> int:
    lines = Path(_path(WORD_PAIRS[benchmark])).read_text(encoding="utf-8").splitlines()
    return sum(line.count("\t") == 2 for line in lines if not line.startswith("#"))


def _path(benchmark: str) -> str:
    from gensim.test.utils import datapath  # gensim takes a second to import

    return str(datapath(benchmark))
