"""Every operation's vector-Jacobian product against central differences, over shapes that hypothesis draws."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.errors import UserError
from explorer.transformer.operations import (
    GELU,
    Add,
    Append,
    Attention,
    CrossEntropy,
    Dropout,
    LayerNorm,
    Linear,
    Lookup,
    Mask,
    MatMul,
    Mean,
    MergeHeads,
    ReLU,
    Scale,
    Softmax,
    SoftmaxCrossEntropy,
    SplitHeads,
    TransposedLinear,
)
from explorer.transformer.operations.products import row_maxima
from explorer.transformer.tape import Tape

STEP = 1e-6


def assert_vjp_is_right(operation, *inputs):
    """Compare with the slope of sum(weighting · value) along every element of every input."""
    value, saved = operation.forward(*inputs)
    weighting = np.random.default_rng(0).normal(size=value.shape)
    for position, gradient in enumerate(operation.vjp(saved, weighting)):
        expected = np.empty_like(inputs[position])
        for cell in np.ndindex(expected.shape):
            slopes = []
            for sign in (1, -1):
                moved = [array.copy() for array in inputs]
                moved[position][cell] += sign * STEP
                slopes.append(sign * np.sum(weighting * operation.forward(*moved)[0]))
            expected[cell] = sum(slopes) / (2 * STEP)
        np.testing.assert_allclose(gradient, expected, atol=1e-7, rtol=1e-6, err_msg=f"input {position}")


def random_array(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


sizes = st.integers(1, 4)
leading = st.lists(st.integers(1, 3), max_size=2).map(tuple)
seeds = st.integers(0, 2**20)
quick = settings(max_examples=20, deadline=None)


@quick
@given(lead=leading, rows=sizes, columns=sizes, seed=seeds)
def test_add_broadcasts_over_leading_axes(lead, rows, columns, seed):
    assert_vjp_is_right(Add(), random_array(seed, *lead, rows, columns), random_array(seed + 1, rows, columns))


@quick
@given(lead=leading, rows=sizes, inner=sizes, columns=sizes, seed=seeds)
def test_matmul(lead, rows, inner, columns, seed):
    x, y = random_array(seed, *lead, rows, inner), random_array(seed + 1, *lead, inner, columns)
    assert_vjp_is_right(MatMul(), x, y)
    assert_vjp_is_right(MatMul(), x, random_array(seed + 2, inner, columns))
    assert_vjp_is_right(MatMul(transposed=True), x, np.ascontiguousarray(y.swapaxes(-1, -2)))


@quick
@given(lead=leading, rows=sizes, inner=sizes, columns=sizes, seed=seeds)
def test_linear(lead, rows, inner, columns, seed):
    x = random_array(seed, *lead, rows, inner)
    assert_vjp_is_right(Linear(), x, random_array(seed + 1, inner, columns), random_array(seed + 2, columns))
    assert_vjp_is_right(TransposedLinear(), x, random_array(seed + 1, columns, inner), random_array(seed + 2, columns))


def test_the_product_for_training_explains_itself_as_well():
    random = np.random.default_rng(3)
    arrays = {"x": random.normal(size=(2, 4, 3)), "w": random.normal(size=(5, 3)), "b": random.normal(size=5)}
    tape, operation = Tape(arrays), TransposedLinear()
    inputs = [tape.parameter(name) for name in arrays]
    node = tape.apply(operation, *inputs, name="y")
    tape.backward(node, random.normal(size=node.value.shape))
    for index in np.ndindex(node.value.shape):
        assert sum(term.number for term in operation.terms(node, index)) == pytest.approx(node.value[index])
    for position, source in enumerate(inputs):
        for index in np.ndindex(source.value.shape):
            slopes = operation.slopes(node, position, index)
            total = sum(node.gradient[moved] * math.prod(each.number for each in factors) for moved, factors in slopes)
            assert total == pytest.approx(source.gradient[index])


def test_gradients_can_be_asked_for_twice():
    loss = SoftmaxCrossEntropy(np.array([[1, 0]]), np.ones((1, 2)), 0.1)
    _, saved = loss.forward(random_array(0, 1, 2, 3))
    (first,), (second,) = (loss.vjp(saved, np.ones((1, 2))) for _ in range(2))
    np.testing.assert_array_equal(first, second)


@quick
@given(lead=leading, tokens=sizes, heads=sizes, width=sizes, seed=seeds)
def test_heads_split_and_merge(lead, tokens, heads, width, seed):
    x = random_array(seed, *lead, tokens, heads * width)
    assert_vjp_is_right(SplitHeads(heads), x)
    split, _ = SplitHeads(heads).forward(x)
    assert split.shape == (*lead, heads, tokens, width)
    np.testing.assert_array_equal(split[..., 0, :, :], x[..., :width])
    assert_vjp_is_right(MergeHeads(), split.copy())
    np.testing.assert_array_equal(MergeHeads().forward(split)[0], x)


@quick
@given(lead=leading, rows=sizes, columns=st.integers(2, 5), seed=seeds)
def test_softmax_layer_norm_scale_and_relu(lead, rows, columns, seed):
    x = random_array(seed, *lead, rows, columns)
    assert_vjp_is_right(Softmax(), x)
    assert_vjp_is_right(Scale(0.5, ""), x)
    assert_vjp_is_right(ReLU(), np.where(np.abs(x) < 1e-3, 0.1, x))  # no slope is defined at zero
    # two features that nearly agree make the norm too steep for a difference quotient of this step
    assert_vjp_is_right(
        LayerNorm(), x + np.arange(columns), random_array(seed + 1, columns), random_array(seed + 2, columns)
    )


@quick
@given(lead=leading, rows=sizes, columns=sizes, seed=seeds)
def test_softmax_rows_add_up_to_one_however_large_the_scores(lead, rows, columns, seed):
    weights, _ = Softmax().forward(random_array(seed, *lead, rows, columns) * 1e4)
    assert np.isfinite(weights).all()
    np.testing.assert_allclose(weights.sum(axis=-1), 1)


@quick
@given(lead=leading, heads=sizes, rows=sizes, columns=sizes, width=sizes, seed=seeds, is_masked=st.booleans())
def test_attention_in_one_step_is_attention_step_by_step(lead, heads, rows, columns, width, seed, is_masked):
    query = random_array(seed, *lead, heads, rows, width)
    key, value = random_array(seed + 1, 2, *lead, heads, columns, width)
    allowed = np.random.default_rng(seed).random((rows, columns)) < 0.7 if is_masked else None
    assert_vjp_is_right(Attention(allowed), query, key, value)
    scores, _ = Scale(1 / math.sqrt(width), "").forward(MatMul(transposed=True).forward(query, key)[0])
    weights, _ = Softmax().forward(scores if allowed is None else Mask(allowed).forward(scores)[0])
    np.testing.assert_array_equal(Attention(allowed).forward(query, key, value)[0], weights @ value)


def test_masked_scores_get_no_weight_and_no_gradient():
    allowed = np.array([[True, False, True], [False, False, False]])
    masked, saved = Mask(allowed).forward(random_array(0, 2, 3))
    weights, _ = Softmax().forward(masked)
    assert weights[0, 1] == 0
    assert weights[0].sum() == pytest.approx(1)
    np.testing.assert_array_equal(weights[1], 0)  # nothing to look at: no weight rather than NaN
    (gradient,) = Mask(allowed).vjp(saved, np.ones((2, 3)))
    np.testing.assert_array_equal(gradient, allowed)


@quick
@given(lead=leading, tokens=sizes, words=st.integers(2, 6), smoothing=st.sampled_from([0.0, 0.2]), seed=seeds)
def test_cross_entropy_alone_and_with_softmax(lead, tokens, words, smoothing, seed):
    targets = np.random.default_rng(seed).integers(0, words, (*lead, tokens))
    counted = np.random.default_rng(seed + 1).random((*lead, tokens)) < 0.7
    logits = random_array(seed, *lead, tokens, words)
    together = SoftmaxCrossEntropy(targets, counted, smoothing)
    assert_vjp_is_right(together, logits)
    probabilities, _ = Softmax().forward(logits)
    # 1/p is too steep for a difference quotient of this step where a probability is tiny
    assert_vjp_is_right(CrossEntropy(targets, counted, smoothing), 0.1 + probabilities)
    losses, _ = CrossEntropy(targets, counted, smoothing).forward(probabilities)
    np.testing.assert_allclose(together.forward(logits)[0], losses, atol=1e-12)
    assert (losses[~counted] == 0).all()
    if counted.any():
        assert_vjp_is_right(Mean(counted), losses)
        assert Mean(counted).forward(losses)[0] == pytest.approx(losses[counted].mean())


@pytest.mark.parametrize("gap", [712.0, 800.0])  # below the smallest normal number, and below any
def test_logits_too_far_apart_for_a_logarithm_are_refused_where_probabilities_are_shown(gap):
    targets, counted = np.array([1, 0]), np.array([True, True])
    logits = np.array([[0.0, 0.0], [-gap, 0.0]])
    assert SoftmaxCrossEntropy(targets, counted).forward(logits)[0][1] == pytest.approx(gap)
    with pytest.raises(UserError, match="word 0 at position 1 is too small"):
        CrossEntropy(targets, counted).forward(Softmax().forward(logits)[0])
    padded = CrossEntropy(targets, np.array([True, False])).forward(Softmax().forward(logits)[0])[0]
    np.testing.assert_allclose(padded, [math.log(2), 0])


@quick
@given(rows=st.integers(1, 5), columns=sizes, lead=leading, tokens=sizes, seed=seeds)
def test_looked_up_rows_collect_the_gradients_of_all_their_uses(rows, columns, lead, tokens, seed):
    ids = np.random.default_rng(seed).integers(0, rows, (*lead, tokens))
    table = random_array(seed, rows, columns)
    assert_vjp_is_right(Lookup(ids), table)
    _, saved = Lookup(ids).forward(table)
    (gradient,) = Lookup(ids).vjp(saved, np.ones((*lead, tokens, columns)))
    np.testing.assert_array_equal(gradient[:, 0], np.bincount(ids.ravel(), minlength=rows))


@quick
@given(lead=leading, rows=sizes, past=st.integers(1, 3), columns=sizes, seed=seeds)
def test_gelu_and_append(lead, rows, past, columns, seed):
    x = random_array(seed, *lead, rows, columns)
    assert_vjp_is_right(GELU(), x)
    assert_vjp_is_right(Append(random_array(seed + 1, *lead, past, columns)), x)
    by_erfc = [v * 0.5 * math.erfc(-v / math.sqrt(2)) for v in x.ravel().tolist()]
    np.testing.assert_allclose(GELU().forward(x)[0].ravel(), by_erfc, atol=1e-15)


def test_dropout_keeps_the_expectation_and_sends_gradients_where_values_went():
    x = np.ones((400, 500))
    dropout = Dropout.of_rate(0.3, x.shape, np.random.default_rng(0))
    value, saved = dropout.forward(x)
    assert set(np.unique(value)) == {0.0, 1 / 0.7}
    assert value.mean() == pytest.approx(1, abs=0.01)
    np.testing.assert_array_equal(dropout.vjp(saved, x)[0], value)


@pytest.mark.parametrize("width", [1, 5, 32, 33, 70])
def test_the_maximum_of_each_row_is_numpys(width):
    x = random_array(width, 3, 4, width)
    np.testing.assert_array_equal(row_maxima(x), x.max(axis=-1, keepdims=True))
