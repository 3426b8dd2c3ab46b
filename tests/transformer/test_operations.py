"""Every operation's vector-Jacobian product against central differences, over shapes that hypothesis draws."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.transformer.operations import (
    Add,
    LayerNorm,
    Linear,
    Mask,
    MatMul,
    MatMulTransposed,
    MergeHeads,
    ReLU,
    Scale,
    Softmax,
    SplitHeads,
)

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


def drawn(seed, *shape):
    return np.random.default_rng(seed).normal(size=shape)


sizes = st.integers(1, 4)
leading = st.lists(st.integers(1, 3), max_size=2).map(tuple)
seeds = st.integers(0, 2**20)
quick = settings(max_examples=20, deadline=None)


@quick
@given(lead=leading, rows=sizes, columns=sizes, seed=seeds)
def test_add_broadcasts_over_leading_axes(lead, rows, columns, seed):
    assert_vjp_is_right(Add(), drawn(seed, *lead, rows, columns), drawn(seed + 1, rows, columns))


@quick
@given(lead=leading, rows=sizes, inner=sizes, columns=sizes, seed=seeds)
def test_matmul(lead, rows, inner, columns, seed):
    x, y = drawn(seed, *lead, rows, inner), drawn(seed + 1, *lead, inner, columns)
    assert_vjp_is_right(MatMul(), x, y)
    assert_vjp_is_right(MatMul(), x, drawn(seed + 2, inner, columns))
    assert_vjp_is_right(MatMulTransposed(), x, np.ascontiguousarray(y.swapaxes(-1, -2)))


@quick
@given(lead=leading, rows=sizes, inner=sizes, columns=sizes, seed=seeds)
def test_linear(lead, rows, inner, columns, seed):
    x = drawn(seed, *lead, rows, inner)
    assert_vjp_is_right(Linear(), x, drawn(seed + 1, inner, columns), drawn(seed + 2, columns))


@quick
@given(lead=leading, tokens=sizes, heads=sizes, width=sizes, seed=seeds)
def test_heads_split_and_merge(lead, tokens, heads, width, seed):
    x = drawn(seed, *lead, tokens, heads * width)
    assert_vjp_is_right(SplitHeads(heads), x)
    split, _ = SplitHeads(heads).forward(x)
    assert split.shape == (*lead, heads, tokens, width)
    np.testing.assert_array_equal(split[..., 0, :, :], x[..., :width])
    assert_vjp_is_right(MergeHeads(), split.copy())
    np.testing.assert_array_equal(MergeHeads().forward(split)[0], x)


@quick
@given(lead=leading, rows=sizes, columns=st.integers(2, 5), seed=seeds)
def test_softmax_layer_norm_scale_and_relu(lead, rows, columns, seed):
    x = drawn(seed, *lead, rows, columns)
    assert_vjp_is_right(Softmax(), x)
    assert_vjp_is_right(Scale(0.5, ""), x)
    assert_vjp_is_right(ReLU(), np.where(np.abs(x) < 1e-3, 0.1, x))  # no slope is defined at zero
    # two features that nearly agree make the norm too steep for a difference quotient of this step
    assert_vjp_is_right(LayerNorm(), x + np.arange(columns), drawn(seed + 1, columns), drawn(seed + 2, columns))


@quick
@given(lead=leading, rows=sizes, columns=sizes, seed=seeds)
def test_softmax_rows_add_up_to_one_however_large_the_scores(lead, rows, columns, seed):
    weights, _ = Softmax().forward(drawn(seed, *lead, rows, columns) * 1e4)
    assert np.isfinite(weights).all()
    np.testing.assert_allclose(weights.sum(axis=-1), 1)


def test_masked_scores_get_no_weight_and_no_gradient():
    allowed = np.array([[True, False, True], [False, False, False]])
    masked, saved = Mask(allowed).forward(drawn(0, 2, 3))
    weights, _ = Softmax().forward(masked)
    assert weights[0, 1] == 0
    assert weights[0].sum() == pytest.approx(1)
    np.testing.assert_array_equal(weights[1], 0)  # nothing to look at: no weight rather than NaN
    (gradient,) = Mask(allowed).vjp(saved, np.ones((2, 3)))
    np.testing.assert_array_equal(gradient, allowed)
