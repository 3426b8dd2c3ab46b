import base64

import numpy as np
import pytest

from explorer.transformer import article
from explorer.transformer.encoding import encode
from explorer.ui.matrix_view import _payload, scale_limits


@pytest.fixture(scope="module")
def trace():
    return encode(article.TOKENS, article.VECTORS)


def test_tensors_of_one_role_share_their_scale(trace):
    limits = scale_limits(trace)
    for role in {tensor.role for tensor in trace} - {"weights"}:
        assert limits[role] == max(abs(tensor.value).max() for tensor in trace if tensor.role == role)


def test_probabilities_run_to_1_whatever_they_are(trace):
    assert scale_limits(trace)["weights"] == 1


def test_what_is_masked_does_not_stretch_the_scale(trace):
    class Masked:
        role = "scores"
        value = np.array([[0.5, -np.inf], [-2.0, np.nan]])

    assert scale_limits([Masked()]) == {"scores": 2.0}


def test_the_browser_gets_every_bit_of_every_number(trace):
    limits = scale_limits(trace)
    for tensor in trace:
        sent = np.frombuffer(base64.b64decode(_payload(trace, tensor, limits)["float64"]), dtype="<f8")
        np.testing.assert_array_equal(sent, tensor.value.ravel())


def test_rows_columns_and_heads_have_their_names(trace):
    limits = scale_limits(trace)
    embedding = _payload(trace, trace["embedding"], limits)
    assert embedding["heads"] is None
    assert embedding["rows"] == ("You", "are", "welcome")
    assert embedding["columns"] == ("1", "2", "3", "4")
    assert embedding["shape"] == "3 tokens × 4 features"
    weights = _payload(trace, trace["encoder.0.self_attention.weights"], limits)
    assert weights["heads"] == ("1", "2")
    assert weights["rows"] == weights["columns"] == ("You", "are", "welcome")
    assert weights["shape"] == "2 heads × 3 tokens × 3 tokens"
