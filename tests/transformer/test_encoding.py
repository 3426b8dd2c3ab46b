"""What `encode` puts on the trace: the article's digits, formulas, seeds, bad sizes."""

import math

import numpy as np
import pytest

from explorer.errors import UserError
from explorer.transformer import article
from explorer.transformer.encoding import encode
from tests.transformer.pytorch_reference import pytorch_encoder


@pytest.fixture(scope="module")
def trace():
    return encode(article.TOKENS, article.VECTORS, layers=2, heads=2)


def test_the_articles_matrix_stands_to_the_digit(trace):
    assert trace.tokens == ("You", "are", "welcome")
    assert trace["embedding"].value.tolist() == [[0.1, 0.2, -0.1, 0.4], [-0.3, 0.5, 0.1, -0.2], [0.4, -0.3, 0.2, 0.1]]


def test_the_trace_names_every_step_in_order(trace):
    names = [tensor.name for tensor in trace]
    assert names[:3] == ["embedding", "positions", "input"]
    steps = ["query", "key", "value", "scores", "scaled", "weights", "heads", "concatenated", "output", "residual"]
    for layer in (0, 1):
        places = [names.index(f"encoder.{layer}.self_attention.{step}") for step in steps]
        assert places == sorted(places)
    assert names[-1] == "encoder.1.feed_forward.norm"


def test_each_tensor_tells_its_formula_role_and_axes(trace):
    scores = trace["encoder.0.self_attention.scores"]
    assert scores.formula == r"S_h = Q_h\,{K_h}^\top"
    assert (scores.role, scores.axes, scores.shape) == ("scores", ("head", "source", "source"), (2, 3, 3))
    for tensor in trace:
        assert len(tensor.axes) == tensor.value.ndim
        assert tensor.formula.count("{") == tensor.formula.count("}")
    assert "X^{(1)}" in trace["encoder.1.self_attention.projected_query"].formula


def test_json_holds_every_tensor_and_the_weights_on_request(trace):
    answer = trace.as_json()
    assert set(answer) == {"tokens", "tensors"}
    assert set(answer["tensors"]) == {tensor.name for tensor in trace}
    assert answer["tensors"]["embedding"] == {"shape": [3, 4], "formula": "X", "value": article.VECTORS.tolist()}
    assert "encoder.1.feed_forward.output.weight" in trace.as_json(parameters=True)["parameters"]


def test_the_traced_pass_is_pytorchs(trace):
    torch = pytest.importorskip("torch", reason="the live comparison needs PyTorch: pip install torch==2.13.0")
    from explorer.transformer.configuration import Configuration

    parameters = {name: tensor.value for name, tensor in trace.parameters.items()}
    theirs = pytorch_encoder(Configuration(d_model=4, heads=2, layers=2), parameters)
    x = torch.from_numpy(trace["input"].value).unsqueeze(0)
    np.testing.assert_allclose(
        trace["encoder.1.feed_forward.norm"].value, theirs(x).detach().numpy()[0], atol=1e-10, rtol=0
    )
    _, weights = theirs.layers[0].self_attn(x, x, x, average_attn_weights=False)
    np.testing.assert_allclose(
        trace["encoder.0.self_attention.weights"].value, weights.detach().numpy()[0], atol=1e-10, rtol=0
    )


def test_the_seed_decides_every_weight():
    def output(seed):
        return encode(article.TOKENS, article.VECTORS, seed=seed)["encoder.1.feed_forward.norm"].value

    np.testing.assert_array_equal(output(1), output(1))
    assert not np.array_equal(output(1), output(2))


def test_a_smaller_d_model_goes_through_a_seeded_projection_that_keeps_lengths():
    vectors = np.random.default_rng(0).normal(size=(40, 300))
    trace = encode([f"w{i}" for i in range(40)], vectors, d_model=100, layers=1)
    np.testing.assert_allclose(trace["projected"].value, vectors @ trace["projection"].value, atol=1e-12)
    lengths = np.linalg.norm(trace["projected"].value, axis=1) / np.linalg.norm(vectors, axis=1)
    assert lengths.mean() == pytest.approx(1, abs=0.05)


@pytest.mark.parametrize(
    ("tokens", "vectors", "sizes", "says"),
    [
        ((), np.empty((0, 4)), {}, "nothing to encode"),
        (article.TOKENS, article.VECTORS, {"heads": 3}, "3 heads do not divide d_model = 4"),
        (article.TOKENS, article.VECTORS, {"d_model": 8}, "d_model is 8, but the vectors have 4 dimensions"),
        (article.TOKENS, article.VECTORS, {"d_model": 0}, "d_model is 0"),
        (article.TOKENS, article.VECTORS, {"seed": -1}, "seed is -1"),
        (article.TOKENS, article.VECTORS * math.nan, {}, "NaN"),
    ],
)
def test_what_cannot_be_encoded_is_refused_in_words(tokens, vectors, sizes, says):
    with pytest.raises(UserError, match=says):
        encode(tokens, vectors, **sizes)
