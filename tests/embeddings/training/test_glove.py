"""GloVe against plain loops over the paper's equations, and from a small corpus to a model folder."""

import itertools
import math
import os
from dataclasses import replace

import numpy as np
import pytest
from gensim.models import KeyedVectors
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.embeddings.model_files import VECTORS, VOCABULARY
from explorer.embeddings.training.corpus import CorpusError
from explorer.embeddings.training.glove import Options, Problem, count_cooccurrences, factorise, train, weights
from explorer.embeddings.training.making import About, TrainingError
from tests.embeddings.training.test_word2vec import PLACES, SUBJECTS, VERBS, write_corpus

OPTIONS = Options(window=4, dimensions=6, sweeps=3, minimum_count=5, seed=3)
SIZE = 7


def counts_by_hand(paragraphs, window):
    """Every pair of words, one after the other, as the authors' cooccur.c counts it."""
    counts = np.zeros((SIZE, SIZE))
    for paragraph in paragraphs:
        for place, word in enumerate(paragraph):
            for before in range(max(0, place - window), place):
                counts[word, paragraph[before]] += 1 / (place - before)
                counts[paragraph[before], word] += 1 / (place - before)
    return counts


def objective_by_hand(counts, words, contexts, options):
    """Equation 8 with the ridge, cell by cell."""
    total = options.ridge * ((words**2).sum() + (contexts**2).sum())
    for i, j in itertools.product(range(SIZE), repeat=2):
        if counts[i, j] > 0:
            weight = min(1.0, (counts[i, j] / options.maximum) ** options.exponent)
            product = sum(w * c for w, c in zip(words[i, :-1], contexts[j, :-1], strict=True))
            total += weight * (product + words[i, -1] + contexts[j, -1] - math.log(counts[i, j])) ** 2
    return total


@pytest.fixture
def paragraphs():
    return [row.tolist() for row in np.random.default_rng(0).integers(SIZE - 1, size=(20, 9))]


@pytest.fixture
def counts(paragraphs):
    return count_cooccurrences(paragraphs, SIZE, window=3)


def vectors(seed, dimensions=3):
    return np.random.default_rng(seed).normal(size=(SIZE, dimensions + 1))


@settings(deadline=None, max_examples=60)
@given(st.lists(st.lists(st.integers(0, SIZE - 1), max_size=12), max_size=8), st.integers(1, 15), st.integers(1, 20))
def test_cooccurrences_equal_a_plain_count_however_they_are_cut(paragraphs, window, piece):
    counts = count_cooccurrences(paragraphs, SIZE, window, piece)
    np.testing.assert_allclose(counts.toarray(), counts_by_hand(paragraphs, window), rtol=1e-12)
    assert (counts.toarray() == counts.T.toarray()).all()
    assert (counts.data > 0).all()


def test_weights_are_the_papers():
    options = replace(OPTIONS, maximum=100.0, exponent=0.75)
    assert weights(np.array([1.0, 50.0, 100.0, 1e6]), options).tolist() == pytest.approx([0.01**0.75, 0.5**0.75, 1, 1])


def test_the_objective_equals_the_papers_sum(counts):
    words, contexts = vectors(1), vectors(2)
    objective = Problem.of(counts, OPTIONS, np.float64).objective(words, contexts)
    assert objective == pytest.approx(objective_by_hand(counts.toarray(), words, contexts, OPTIONS), rel=1e-12)


def test_one_step_goes_down_the_gradient_to_the_lowest_point_there(counts):
    words, contexts = vectors(1), vectors(2)
    problem = Problem.of(counts, OPTIONS, np.float64)
    gradient = np.zeros_like(words)
    for place in np.ndindex(words.shape):  # central differences are exact for a quadratic
        up, down = words.copy(), words.copy()
        up[place] += 1
        down[place] -= 1
        gradient[place] = (problem.objective(up, contexts) - problem.objective(down, contexts)) / 2
    moved = words.copy()
    problem.improve(moved, contexts, steps=1)
    for row in range(SIZE):
        step = words[row] - moved[row]
        length = step @ gradient[row] / (gradient[row] @ gradient[row])
        np.testing.assert_allclose(step, length * gradient[row], atol=1e-9)
    for longer in (0.99, 1.01):
        assert problem.objective(moved, contexts) < problem.objective(words + longer * (moved - words), contexts)


def test_enough_steps_solve_each_words_least_squares_exactly(counts):
    words, contexts = vectors(1), vectors(2)
    dense = counts.toarray()
    Problem.of(counts, OPTIONS, np.float64).improve(words, contexts, steps=20)
    for row in range(SIZE):
        near = np.flatnonzero(dense[row])
        design = np.column_stack([contexts[near, :-1], np.ones(len(near))])
        root = np.sqrt(weights(dense[row, near], OPTIONS))[:, None]
        ridge = np.sqrt(OPTIONS.ridge) * np.eye(4)
        target = np.concatenate([root[:, 0] * (np.log(dense[row, near]) - contexts[near, -1]), np.zeros(4)])
        expected = np.linalg.lstsq(np.vstack([root * design, ridge]), target)[0]
        np.testing.assert_allclose(words[row], expected, atol=1e-9)


def test_every_half_sweep_lowers_the_objective(counts):
    words, contexts = vectors(1), vectors(2)
    problem = Problem.of(counts, OPTIONS, np.float64)
    objectives = [problem.objective(words, contexts)]
    for _ in range(5):
        problem.improve(words, contexts)
        objectives.append(problem.objective(words, contexts))
        problem.improve(contexts, words)
        objectives.append(problem.objective(words, contexts))
    assert objectives == sorted(objectives, reverse=True)
    assert objectives[-1] < objectives[0] / 2


def test_steps_beyond_the_solution_do_no_harm(counts):
    words, contexts = vectors(1).astype(np.float32), vectors(2).astype(np.float32)
    problem = Problem.of(counts, OPTIONS)
    problem.improve(words, contexts, steps=20)
    solved = words.copy()
    problem.improve(words, contexts, steps=500)
    np.testing.assert_allclose(words, solved, atol=1e-4)


def test_a_word_without_neighbours_has_a_finite_vector(counts):
    assert counts[[SIZE - 1]].nnz == 0
    assert np.isfinite(factorise(counts, OPTIONS)).all()


def test_the_same_seed_gives_the_same_bits_and_another_seed_others(counts):
    first, again = factorise(counts, OPTIONS), factorise(counts, OPTIONS)
    assert first.dtype == np.float32
    assert first.shape == (SIZE, OPTIONS.dimensions)
    np.testing.assert_array_equal(first, again)
    assert not np.array_equal(first, factorise(counts, replace(OPTIONS, seed=4)))


@pytest.mark.parametrize(
    "wrong",
    [
        {"window": 0},
        {"dimensions": 0},
        {"sweeps": 0},
        {"minimum_count": 0},
        {"maximum": 0.0},
        {"maximum": math.nan},
        {"exponent": math.inf},
        {"ridge": -1.0},
        {"ridge": math.nan},
        {"seed": -1},
    ],
)
def test_options_that_cannot_work_are_refused_with_a_sentence(wrong):
    with pytest.raises(TrainingError, match=r"\.$"):
        replace(OPTIONS, **wrong)


def test_a_model_folder_repeats_bit_for_bit_and_says_how_it_was_made(tmp_path):
    corpus = write_corpus(tmp_path / "corpus.txt")
    reported = []
    about = About(title="small", probes=("plane",))
    card = train(corpus, tmp_path / "one", OPTIONS, about, lambda stage, share: reported.append((stage, share)))
    train(corpus, tmp_path / "two", OPTIONS, about)
    assert sorted(os.listdir(tmp_path)) == ["corpus.txt", "one", "two"]
    assert (tmp_path / "one" / VECTORS).read_bytes() == (tmp_path / "two" / VECTORS).read_bytes()

    loaded = KeyedVectors.load_word2vec_format(
        tmp_path / "one" / VECTORS, fvocab=tmp_path / "one" / VOCABULARY, binary=True
    )
    assert set(loaded.index_to_key) == {"the", "in", *SUBJECTS, *VERBS, *PLACES}
    assert loaded.vectors.shape == (15, 6)
    assert card["training"]["method"] == "glove"
    assert card["training"]["ridge"] == OPTIONS.ridge
    assert list(card["neighbours"]) == ["plane"]
    assert list(dict(reported)) == ["reading", "counting", "training", "evaluating", "writing"]
    for stage in dict(reported):
        shares = [share for now, share in reported if now == stage]
        assert shares == sorted(shares)
        assert stage == "evaluating" or shares[-1] == 1


def test_a_corpus_of_single_words_is_refused(tmp_path):
    (tmp_path / "corpus.txt").write_text("plane\naircraft\n" * 9)
    with pytest.raises(CorpusError, match="No two words stand near each other"):
        train(tmp_path / "corpus.txt", tmp_path / "out", OPTIONS)
    assert os.listdir(tmp_path) == ["corpus.txt"]


@pytest.mark.parametrize("stage", ["counting", "training"])
def test_an_interrupt_leaves_nothing_behind(tmp_path, stage):
    def interrupt(now, share):
        if now == stage:
            raise KeyboardInterrupt

    corpus = write_corpus(tmp_path / "corpus.txt")
    with pytest.raises(KeyboardInterrupt):
        train(corpus, tmp_path / "out", OPTIONS, progress=interrupt)
    assert os.listdir(tmp_path) == ["corpus.txt"]
