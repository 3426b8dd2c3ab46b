"""What an untrained model with a tied table says first, held against the probabilities themselves."""

from itertools import pairwise

import numpy as np
import pytest

from explorer.lessons.example import trained_example
from explorer.lessons.lesson import lesson
from explorer.lessons.repetition import repetition, repetition_of, why_it_repeats
from explorer.transformer.batches import Batches
from explorer.transformer.passing import teacher_forced_pass
from tests.transformer.conftest import toy_pairs, toy_translator, trained_toy  # noqa: F401


def test_it_is_the_mean_probability_of_the_token_just_read():
    translator = toy_translator(norm="pre")
    pairs = toy_pairs(10)
    shares = []
    for source, target in pairs:
        probabilities = teacher_forced_pass(translator, source, target)["probabilities"].value
        ids = translator.target.ids(["<start>", *target, "<end>"])
        steps = enumerate(pairwise(ids))
        shares.append([probabilities[position, read] for position, (read, right) in steps if read != right])
    of_first = repetition_of(translator, teacher_forced_pass(translator, *pairs[0]))
    assert of_first == pytest.approx(np.mean(shares[0]))
    assert repetition(translator, Batches(translator, pairs, 4)) == pytest.approx(np.mean(np.concatenate(shares)))


def test_a_wide_tied_model_repeats_and_its_lesson_says_so():
    shares = {}
    for width in (16, 64, 256):
        translator = toy_translator(norm="pre", d_model=width)
        shares[width] = repetition(translator, Batches(translator, toy_pairs(50), 16))
    assert shares[16] < shares[64] < shares[256]
    assert shares[256] > 0.85
    told = lesson(trained_example(translator, ["one", "two"], ["dos", "uno"]))
    share = repetition_of(translator, told.trace)
    assert f"a probability of {share:.2f}" in told.step("next.words").prose
    assert "√256 = 16.00" in told.step("next.words").prose


def test_the_logit_of_the_token_just_read_grows_with_the_root_of_the_width_and_others_do_not():
    own, others = {}, {}
    for width in (64, 256):
        translator = toy_translator(norm="pre", d_model=width)
        passes = [(pair[1], teacher_forced_pass(translator, *pair)["logits"].value) for pair in toy_pairs(50)]
        read = [(logits, translator.target.ids(["<start>", *target])) for target, logits in passes]
        own[width] = np.mean([row[token] for logits, ids in read for row, token in zip(logits, ids, strict=True)])
        others[width] = np.mean(
            [
                np.abs(np.delete(row, token)).mean()
                for logits, ids in read
                for row, token in zip(logits, ids, strict=True)
            ]
        )
    assert own[256] / own[64] == pytest.approx(np.sqrt(256 / 64), rel=0.25)
    assert others[256] / others[64] < 1.3


def test_a_trained_model_does_not_repeat(trained_toy):  # noqa: F811
    share = repetition(trained_toy, Batches(trained_toy, toy_pairs(50), 16))
    assert why_it_repeats(trained_toy.configuration, share) == ""


def test_without_a_tied_table_there_is_nothing_to_say():
    translator = toy_translator(tied=False)
    assert why_it_repeats(translator.configuration, 0.9) == ""
