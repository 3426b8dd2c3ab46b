"""Changed numbers and what follows from them, against a whole pass with those numbers."""

import numpy as np
import pytest

from explorer.errors import UserError
from explorer.transformer import article
from explorer.transformer.passing import teacher_forced_pass
from explorer.transformer.replay import replay


@pytest.fixture
def translator():
    return article.translator(layers=2)


@pytest.mark.parametrize("name", ["source.table", "encoder.0.self_attention.key.weight", "output.bias"])
def test_a_changed_weight_changes_all_that_a_new_pass_changes(translator, name):
    trace = teacher_forced_pass(translator, article.TOKENS, article.TARGET)
    changed = trace[name].value.copy()
    changed.flat[-1] += 0.3
    repeated = replay(trace, {name: changed})
    translator.parameters[name] = changed
    again = teacher_forced_pass(translator, article.TOKENS, article.TARGET)
    for tensor in again:
        np.testing.assert_allclose(repeated.get(tensor.name, trace[tensor.name].value), tensor.value, atol=1e-12)
    unmoved = [tensor.name for tensor in trace if tensor.name not in repeated]
    assert all(np.array_equal(trace[name].value, again[name].value) for name in unmoved)


def test_a_changed_tensor_in_between_leaves_what_came_before(translator):
    trace = teacher_forced_pass(translator, article.TOKENS, article.TARGET)
    name = "encoder.1.self_attention.weights"
    again = replay(trace, {name: np.zeros(trace[name].shape)})
    np.testing.assert_array_equal(again["encoder.1.self_attention.heads"], 0)
    assert "encoder.1.self_attention.scores" not in again
    assert again["loss"] != trace["loss"].value


def test_what_does_not_fit_is_said(translator):
    trace = teacher_forced_pass(translator, article.TOKENS, article.TARGET)
    with pytest.raises(UserError, match="no tensor called “nothing”"):
        replay(trace, {"nothing": np.zeros(1)})
    with pytest.raises(UserError, match=r"shape \(3, 4\), but the change has \(4,\)"):
        replay(trace, {"source.input": np.zeros(4)})
