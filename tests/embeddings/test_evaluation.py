"""Benchmarks against gensim's own functions on the same files, and against a reckoning of our own."""

from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors
from gensim.test.utils import datapath
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import spearmanr

from explorer.embeddings import catalog, evaluation, store
from explorer.embeddings.evaluation import Score, analogies, evaluate, evaluate_model, run, word_pairs
from explorer.errors import UserError
from tests.embeddings.conftest import write_lexicon, write_model


def analogy_questions():
    lines = Path(datapath("questions-words.txt")).read_text(encoding="utf-8").splitlines()
    return [line.lower().split() for line in lines if not line.startswith(":")]


FAMILY = list(dict.fromkeys(word for question in analogy_questions()[8363:8869] for word in question))


def share_of_analogies_right(words, unit_vectors):
    """3CosAdd in matrix products: the share answered rightly of the questions with known words only, and how many."""
    places = {word: place for place, word in enumerate(words)}
    rows = [[places[word] for word in question] for question in analogy_questions() if set(question) <= places.keys()]
    right = 0
    for a, b, c, d in (np.array(block).T for block in np.array_split(rows, max(1, len(rows) // 500))):
        scores = (unit_vectors[b] - unit_vectors[a] + unit_vectors[c]) @ unit_vectors.T
        for known in (a, b, c):
            scores[np.arange(len(a)), known] = -np.inf
        right += int((scores.argmax(axis=1) == d).sum())
    return right / len(rows), len(rows)


def keyed(words, vectors):
    model = KeyedVectors(np.shape(vectors)[1])
    model.add_vectors(list(words), np.asarray(vectors, dtype=np.float32))
    return model


def assert_equals_gensim(vectors, scores, restrict_vocab):
    share, sections = vectors.evaluate_word_analogies(datapath("questions-words.txt"), restrict_vocab=restrict_vocab)
    assert scores.analogies.value == (pytest.approx(share, abs=1e-9) if scores.analogies.asked else None)
    assert list(scores.sections) == [section["section"] for section in sections[:-1]]
    for section in sections[:-1]:
        ours, right = scores.sections[section["section"]], len(section["correct"])
        assert ours.asked == right + len(section["incorrect"])
        assert ours.value == (pytest.approx(right / ours.asked, abs=1e-9) if ours.asked else None)
    for benchmark, file in evaluation.WORD_PAIRS.items():
        try:
            pearson, spearman, unknown_percent = vectors.evaluate_word_pairs(datapath(file))
        except ValueError:
            assert scores.word_pairs[benchmark].value is None
        else:
            ours = scores.word_pairs[benchmark]
            for value, theirs in ((ours.value, spearman.statistic), (ours.pearson, pearson.statistic)):
                assert value == (None if np.isnan(theirs) else pytest.approx(theirs, abs=1e-9))
            assert ours.coverage == pytest.approx(1 - unknown_percent / 100, abs=1e-9)


def test_analogies_agree_with_a_reckoning_of_our_own():
    vectors = keyed(FAMILY, np.random.default_rng(0).normal(size=(len(FAMILY), 20)))
    unit = vectors.vectors / np.linalg.norm(vectors.vectors, axis=1, keepdims=True)
    share, count = share_of_analogies_right(FAMILY, unit)
    assert count >= 506
    assert analogies(vectors) == Score(pytest.approx(share), count, 19544)


@pytest.mark.filterwarnings("ignore:An input array is constant")
@settings(max_examples=10, deadline=None)
@given(
    seed=st.integers(0, 2**20),
    restrict_vocab=st.sampled_from([3, 40, 1000]),
    dimensions=st.integers(2, 6),
    grid=st.sampled_from([1, 2, 1000]),
)
def test_ties_case_variants_and_rows_of_zeros_are_as_gensim_has_them(seed, restrict_vocab, dimensions, grid):
    random = np.random.default_rng(seed)
    few = random.permutation(FAMILY)[:12]
    words = random.permutation([variant for word in few for variant in (word, word.upper(), word.title())])
    words = [*words, *(f"w{i}" for i in range(20))]
    vectors = keyed(words, random.integers(-grid, grid + 1, (len(words), dimensions)))  # small integers make ties
    with np.errstate(invalid="ignore"):
        *_, scores = run(vectors, restrict_vocab)
        assert_equals_gensim(vectors, scores, restrict_vocab)


def test_the_shipped_models_first_words_score_as_in_gensim():
    model = catalog.load()
    n = 1_500
    vectors = keyed(model.words[:n], model.vectors[:n])
    *_, scores = run(vectors, n)
    assert scores.analogies.asked > 200
    assert scores.semantic.asked + scores.syntactic.asked == scores.analogies.asked
    assert_equals_gensim(vectors, scores, n)


def test_word_pairs_agree_with_a_reckoning_of_our_own():
    rows = [line.split("\t") for line in Path(datapath("wordsim353.tsv")).read_text().splitlines() if line[0] != "#"]
    words = sorted({word.lower() for row in rows[:200] for word in row[:2]})
    vectors = keyed(words, np.random.default_rng(1).normal(size=(len(words), 8)))
    known = [(a.lower(), b.lower(), float(s)) for a, b, s in rows if {a.lower(), b.lower()} <= set(words)]
    rho = spearmanr([s for *_, s in known], [vectors.similarity(a, b) for a, b, _ in known]).statistic
    score = word_pairs(vectors, "wordsim353")
    assert score.value == pytest.approx(rho)
    assert (score.asked, score.questions) == (len(known), len(rows))


@pytest.mark.parametrize("words", [["zzz", "yyy"], ["stock", "jaguar"]])
def test_vectors_that_know_too_few_words_have_no_score(words):
    assert {name: score.value for name, score in evaluate(keyed(words, np.eye(2, 3))).items()} == dict.fromkeys(
        ["analogies", "wordsim353", "simlex999"]
    )


def test_a_mapped_model_is_evaluated_step_by_step_and_once(tmp_path, monkeypatch):
    random = np.random.default_rng(2)
    words = {word: (9999 - i, "NOUN", random.normal(size=10).tolist()) for i, word in enumerate(FAMILY)}
    model = store.open_model(
        write_model(tmp_path / "family", words), write_lexicon(tmp_path / "lexicon.tsv.gz", words), tmp_path / "cache"
    )
    steps = list(evaluate_model(model))
    assert [step.done for step in steps] == sorted(step.done for step in steps)
    assert (steps[0].done, steps[-1].done) == (0, 1)
    assert list(steps[-1].sections)[4] == "family"
    assert_equals_gensim(keyed(model.words, model.vectors), steps[-1], evaluation.RESTRICTED_VOCABULARY)

    monkeypatch.setattr(evaluation, "run", None)
    assert list(evaluate_model(model)) == [steps[-1]]


def test_what_was_stopped_half_way_is_not_kept(tiny):
    steps = evaluate_model(tiny)
    next(steps)
    steps.close()
    *_, scores = evaluate_model(tiny)
    assert scores.done == 1


def test_a_vocabulary_of_no_words_is_refused():
    with pytest.raises(UserError, match="restricted to 0 words"):
        next(run(keyed(["a"], np.eye(1)), 0))
