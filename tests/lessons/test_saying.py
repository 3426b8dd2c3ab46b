"""What a lesson says of decoding is what decoding does."""

import numpy as np
import pytest

from explorer.lessons.equations.sampling import sampling
from explorer.lessons.example import article_example
from explorer.lessons.lesson import lesson
from explorer.lessons.prose import spans
from explorer.transformer.decoding import beam_search, greedy
from tests.lessons.examples import EXAMPLES, example_lesson
from tests.transformer.conftest import toy_translator


@pytest.fixture(scope="module", params=EXAMPLES)
def told(request):
    return example_lesson(request.param)


def test_decoding_shares_out_what_is_no_word():
    told = lesson(article_example())
    shares = told.trace["probabilities"].value[0].copy()
    shares[:2] = 0  # <pad> and <start>
    shares /= shares.sum()
    words = told.example.translator.target.words
    greedy, beam = (told.step(f"next.{way}") for way in ("greedy", "beam"))
    assert "<pad> and <start> are never taken" in "".join(span.text for span in spans(greedy.prose))
    first, probability, _ = greedy.tables[0].rows[0]
    assert (first, probability) == (words[shares.argmax()], pytest.approx(shares.max()))
    tops = {word: share for word, share, _ in beam.tables[0].rows if not word.startswith("·")}
    assert tops == {words[i]: pytest.approx(shares[i]) for i in np.argsort(-shares)[:3]}
    assert "<end> at once: the empty sentence" in "".join(span.text for span in spans(beam.prose))


def test_sampling_shows_what_it_draws_from():
    told = lesson(article_example())
    probabilities = told.trace["probabilities"].value
    words = probabilities[:, 2:] / probabilities[:, 2:].sum(axis=1, keepdims=True)  # without <pad> and <start>
    drawn = sampling(told, 1.0, 0, 1.0).result
    assert drawn.columns == told.example.translator.target.words
    (shares,) = drawn.values
    assert not shares[:, :2].any()
    np.testing.assert_allclose(shares[:, 2:], words)
    first = told.step("next.greedy").tables[0].rows[0][1]
    assert shares[0].max() == pytest.approx(first)
    for key in ("probabilities", "next.words", "next.greedy"):
        assert "<pad> and <start>" in "".join(span.text for span in spans(told.step(key).prose))


def test_a_prediction_of_random_weights_is_cautioned_of_and_that_of_trained_ones_is_not(told):
    is_trained = told.example.embedding is None and not told.example.at_will
    for key in ("next.words", "next.greedy"):
        assert ("random, not trained" in told.step(key).prose) != is_trained


def test_beam_search_is_told_as_it_is_done(told):
    prose = told.step("next.beam").prose
    assert "at every step" not in prose
    assert "a wider beam can find a worse translation" in prose
    tree, ended = told.step("next.beam").tables
    for answer, log_probability, n, norm, score in ended.rows:
        assert n == len(answer.split())
        assert norm == pytest.approx(((5 + n) / 6) ** 0.6)
        assert score == pytest.approx(log_probability / norm)
    best = max(ended.rows, key=lambda row: row[-1])[0].removesuffix("<end>").strip()
    assert (best or "the empty sentence") in "".join(span.text for span in spans(prose))
    assert len(ended.rows) == sum(row[0].split()[-1] == "<end>" for row in tree.rows)


def test_a_beam_can_find_a_less_probable_answer_than_greedy_decoding():
    """As the lesson says; of random models one in a few does."""
    worse = [
        seed
        for seed in range(30)
        if beam_search(toy_translator(seed), ["one", "two"], 3, penalty=0).log_probability
        < greedy(toy_translator(seed), ["one", "two"]).log_probability - 1e-9
    ]
    assert worse
