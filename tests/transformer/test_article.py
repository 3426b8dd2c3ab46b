"""The article's example, end to end: by the tape, by loops that share no code with it, and as the repository has it."""

import json

import numpy as np
import pytest

from explorer.errors import UserError
from explorer.transformer import article
from explorer.transformer.passing import teacher_forced_pass
from tests.transformer import article_by_hand


@pytest.fixture(scope="module")
def trace():
    return teacher_forced_pass(article.translator(), article.TOKENS, article.TARGET)


@pytest.fixture(scope="module")
def golden():
    return json.loads(article_by_hand.GOLDEN.read_text(encoding="utf-8"))


def test_both_matrices_stand_to_the_digit(trace):
    assert trace["source.embedding"].value.tolist() == article_by_hand.X
    assert trace["target.embedding"].value.tolist() == article_by_hand.Y
    assert (list(trace.tokens), list(trace.target)) == (article_by_hand.SOURCE, article_by_hand.TARGET)


def test_every_intermediate_equals_the_loops_and_the_golden_values(trace, golden):
    assert {tensor.name for tensor in trace} == set(golden["values"])
    parameters = {name: tensor.value.tolist() for name, tensor in trace.parameters.items()}
    assert parameters == golden["parameters"]
    for values in (golden["values"], article_by_hand.compute(parameters)):
        for tensor in trace:
            expected = np.array(values[tensor.name], dtype=float)  # what is masked is null, so NaN
            value = np.where(np.isinf(tensor.value), np.nan, tensor.value)
            np.testing.assert_allclose(value, expected, atol=1e-12, rtol=0, err_msg=tensor.name)


def test_every_tensor_from_the_embeddings_to_the_loss_has_its_gradient(trace):
    for tensor in trace:
        assert tensor.gradient is not None, tensor.name
        assert tensor.gradient.shape == tensor.shape
    step = 1e-6
    translator = article.translator()
    for side in ("source", "target"):
        table = translator.parameters[f"{side}.table"]
        slopes = np.zeros_like(table)
        for cell in np.ndindex(table.shape):
            losses = []
            for sign in (1, -1):
                value = table[cell]
                table[cell] = value + sign * step
                losses.append(float(teacher_forced_pass(translator, article.TOKENS, article.TARGET)["loss"].value))
                table[cell] = value
            slopes[cell] = (losses[0] - losses[1]) / (2 * step)
        np.testing.assert_allclose(trace[f"{side}.table"].gradient, slopes, atol=1e-8)


def test_rows_and_columns_know_whose_tokens_they_are(trace):
    source, target = ("You", "are", "welcome"), ("<start>", "de", "nada")
    assert trace.labels("decoder.0.cross_attention.weights") == (("1", "2"), target, source)
    assert trace.labels("decoder.0.cross_attention.key")[1] == source
    assert trace.labels("logits") == (target, ("<pad>", "<start>", "<end>", "<unk>", "de", "nada"))
    assert trace.labels("losses") == (target,)


@pytest.mark.parametrize(
    ("source", "target", "says"),
    [
        ([], ["de"], "source is empty"),
        (["You"], [], "target is empty"),
        (["You"], ["nunca"], "cannot say “nunca”"),
        (["You"] * 65, ["de"], "source has 65 tokens"),
        (["You"], ["de"] * 64, "target has 65 tokens"),
    ],
)
def test_sentences_that_cannot_pass_are_refused_in_words(source, target, says):
    with pytest.raises(UserError, match=says):
        teacher_forced_pass(article.translator(), source, target)
