"""Padding as a lesson tells it: no token attends to it, and it changes neither probabilities nor the loss."""

from dataclasses import replace

import numpy as np
import pytest

from explorer.lessons.example import article_example, trained_example
from explorer.lessons.lesson import lesson
from explorer.lessons.padding import padded
from explorer.transformer import checkpoint
from explorer.translation.translators import SHIPPED
from tests.transformer.conftest import toy_translator

EXAMPLES = {
    "article": article_example,
    "phrase book": lambda: trained_example(checkpoint.load(SHIPPED), ["you", "are", "welcome"], ["de", "nada"]),
    "pre-norm": lambda: trained_example(toy_translator(norm="pre"), ["two", "one", "two"], ["uno"]),
    "one word": lambda: trained_example(toy_translator(), ["two"], ["uno", "dos"]),
}


@pytest.mark.parametrize("make", EXAMPLES.values(), ids=EXAMPLES)
def test_padding_is_looked_at_by_nobody_and_changes_nothing(make):
    example = make()
    batch = padded(example)
    tokens = batch.tokens(batch.side, 1)
    assert tokens[-1] == "<pad>"
    assert "<pad>" not in tokens[:-1] + batch.tokens(batch.side, 0)
    assert not batch.weights[:, :, -1].any()
    np.testing.assert_allclose(batch.weights.sum(axis=-1), 1)
    assert batch.difference < 1e-5  # single precision of the vectors; of weights in float64 about 1e-16
    assert batch.filling == 0
    short = batch.pairs[1]
    assert batch.counted == len(example.target) + len(short.target) + 2
    assert batch.positions == 2 * (len(example.target) + 1)


@pytest.mark.parametrize("make", EXAMPLES.values(), ids=EXAMPLES)
def test_the_step_tells_the_batch(make):
    example = make()
    step, batch = lesson(example).step("padding"), padded(example)
    sentences, weights = step.tables
    assert [row[1:] for row in sentences.rows] == [
        tuple(" ".join(batch.tokens(side, which)) for side in ("source", "target")) for which in (0, 1)
    ]
    assert all(row[-1] == 0 for row in weights.rows)
    np.testing.assert_array_equal([row[1:] for row in weights.rows], batch.weights[0])
    assert f"the mean of {batch.counted} positions, not of {batch.positions}" in step.prose
    assert ("gets the gradient 0" in step.prose) == (batch.side == "source")


def test_where_no_word_can_be_left_out_there_is_no_shorter_pair():
    example = replace(article_example(), source=("You",), target=("de",))
    assert padded(example) is None
    assert "padding" not in [step.key for step in lesson(example).steps]
    assert padded(article_example().of(["You", "are"], None)) is None
