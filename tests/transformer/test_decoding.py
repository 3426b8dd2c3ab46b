"""Decoding: right answers, trees that add up, the cache against the pass without it, search against brute force."""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.errors import UserError
from explorer.transformer.decoding import _Decoder, beam_search, greedy, reshaped, sample
from explorer.transformer.vocabulary import END, START
from tests.transformer.conftest import toy_translator

WORDS = ["one", "two", "three"]


def branches(branch):
    yield branch
    for child in branch.children:
        yield from branches(child)


def test_greedy_and_beam_give_the_translation(trained_toy):
    assert greedy(trained_toy, WORDS).words == ("tres", "dos", "uno")
    assert beam_search(trained_toy, WORDS).words == ("tres", "dos", "uno")


@pytest.mark.parametrize("norm", ["post", "pre"])
@pytest.mark.parametrize("positions", ["sinusoidal", "learned"])
def test_the_cache_changes_no_probability(norm, positions):
    translator = toy_translator(seed=4, dtype=np.float64, layers=2, norm=norm, positions=positions, tied=False)
    for search in (greedy, beam_search, sample):
        cached, uncached = search(translator, WORDS, cached=True), search(translator, WORDS, cached=False)
        assert cached.words == uncached.words
        for ours, theirs in zip(branches(cached.root), branches(uncached.root), strict=True):
            assert ours.ids == theirs.ids
            assert ours.probability == pytest.approx(theirs.probability, abs=1e-12)
            np.testing.assert_allclose([p for _, p in ours.candidates], [p for _, p in theirs.candidates], atol=1e-12)


def test_every_step_leaves_its_probabilities_and_its_trace(trained_toy):
    decoding = greedy(trained_toy, WORDS, tracing=True, cached=False)
    assert "encoder.0.self_attention.weights" in decoding.encoder
    total = 0.0
    for branch in branches(decoding.root):
        total += math.log(branch.probability)
        if branch.finished:
            continue
        assert sum(share for _, share in branch.candidates) == pytest.approx(1, abs=1e-6)
        assert branch.trace["logits"].shape[0] == len(branch.ids)
        heads, target, source = branch.trace.labels("decoder.0.cross_attention.weights")
        assert (len(heads), len(target), source) == (2, len(branch.ids), tuple(WORDS))
        assert target[0] == "<start>"
        assert branch.children[0].word == branch.candidates[0][0]
    assert total == pytest.approx(decoding.log_probability)
    assert decoding.as_json()["translation"] == "tres dos uno"


def test_a_beam_of_one_is_greedy_and_a_wide_one_finds_the_best_answer():
    """Against brute force over every answer of up to three words."""
    translator = toy_translator(seed=8, dtype=np.float64, longest=4)
    assert beam_search(translator, WORDS[:2], width=1).words == greedy(translator, WORDS[:2]).words

    decoder = _Decoder(translator, WORDS[:2], tracing=False, cached=False)
    best = -math.inf
    words = [token for token in range(len(translator.target)) if token not in (0, START, END)]
    for length in range(3):
        for answer in itertools.product(words, repeat=length):
            branch = decoder.root
            for token in (*answer, END):
                branch = decoder.follow(branch, token)
            best = max(best, branch.log_probability)
    decoding = beam_search(translator, WORDS[:2], width=1000, penalty=0.0)
    assert decoding.log_probability == pytest.approx(best)


def test_sampling_follows_its_seed_and_its_temperature():
    translator = toy_translator(seed=2)
    assert sample(translator, WORDS, seed=5).words == sample(translator, WORDS, seed=5).words
    assert len({sample(translator, WORDS, seed=seed).words for seed in range(10)}) > 5
    assert sample(translator, WORDS, temperature=1e-3).words == greedy(translator, WORDS).words
    assert sample(translator, WORDS, temperature=1e-320).words == greedy(translator, WORDS).words
    assert sample(translator, WORDS, temperature=0).words == greedy(translator, WORDS).words
    np.testing.assert_array_equal(reshaped(np.array([0.2, 0.5, 0.3]), temperature=0), [0, 1, 0])
    assert sample(translator, WORDS, top_k=1).words == greedy(translator, WORDS).words


@settings(max_examples=100, deadline=None)
@given(
    scores=st.lists(st.floats(-5, 5), min_size=1, max_size=12),
    temperature=st.floats(0.1, 5),
    top_k=st.integers(0, 14),
    top_p=st.floats(0.01, 1),
)
def test_reshaped_probabilities(scores, temperature, top_k, top_p):
    shares = np.exp(scores) / np.exp(scores).sum()
    result = reshaped(shares, temperature, top_k, top_p)
    assert result.sum() == pytest.approx(1)
    heated = shares ** (1 / temperature) / (shares ** (1 / temperature)).sum()
    words = np.flatnonzero(result)
    assert 1 <= len(words) <= (top_k or len(shares))
    np.testing.assert_allclose(result[words], heated[words] / heated[words].sum())
    # the likeliest words are kept, and no more of them than top-p asks for
    assert heated[words].min() >= np.delete(heated, words).max(initial=0) - 1e-12
    among = heated[np.argsort(-heated, kind="stable")[: top_k or None]]
    assert heated[words].sum() - heated[words].min() < top_p * among.sum() + 1e-9


@pytest.mark.parametrize(("top_p", "kept"), [(0.4, 1), (0.41, 2), (0.65, 2), (0.9, 4), (0.96, 5), (1.0, 6)])
def test_top_p_keeps_no_word_more_for_a_rounding(top_p, kept):
    assert np.count_nonzero(reshaped(np.array([0.4, 0.25, 0.15, 0.1, 0.06, 0.04]), top_p=top_p)) == kept


@pytest.mark.parametrize(
    ("options", "says"),
    [
        ({"temperature": -0.5}, "temperature is -0.5"),
        ({"temperature": math.nan}, "temperature is nan"),
        ({"seed": -1}, "seed is -1"),
        ({"top_k": -1}, "top-k is -1"),
        ({"top_p": 0}, "top-p is 0"),
        ({"top_p": 1.5}, "top-p is 1.5"),
    ],
)
def test_sampling_that_makes_no_sense_is_refused(options, says):
    with pytest.raises(UserError, match=says):
        sample(toy_translator(), WORDS, **options)


def test_nothing_to_translate_and_no_beam_are_refused():
    with pytest.raises(UserError, match="nothing to translate"):
        greedy(toy_translator(), [])
    with pytest.raises(UserError, match="beam is 0 wide"):
        beam_search(toy_translator(), WORDS, width=0)
    with pytest.raises(UserError, match="source has 20 tokens"):
        greedy(toy_translator(), ["one"] * 20)
