"""The tape: names, scopes, and what backward leaves behind."""

import numpy as np
import pytest

from explorer.transformer.operations import Add, Linear, MatMul, Mean, ReLU, Scale
from explorer.transformer.tape import Tape

TWICE = Scale(2, "2\\,{0}")
X = np.array([[1.0, -2.0], [3.0, 4.0]])


def test_a_node_that_is_used_twice_collects_both_gradients():
    """x xᵀ + 2 x, summed: the derivative by x is 1 xᵀ + (1 x)ᵀ + 2, by hand."""
    tape = Tape({"x": X})
    x = tape.parameter("x")
    product = tape.apply(MatMul(), x, x, name="product")
    total = tape.apply(Add(), product, tape.apply(TWICE, x, name="twice"), name="total")
    gradients = tape.backward(total)
    expected = X.sum(axis=1) + X.sum(axis=0)[:, None] + 2
    np.testing.assert_array_equal(gradients["x"], expected)
    np.testing.assert_array_equal(x.gradient, expected)


def test_a_shared_gradient_is_not_changed_by_what_is_added_to_it():
    """Add hands one array to both of its inputs; what x collects further must not leak into y."""
    tape = Tape({"x": X, "y": X})
    x, y = tape.parameter("x"), tape.parameter("y")
    doubled = tape.apply(TWICE, x, name="doubled")
    total = tape.apply(Add(), tape.apply(Add(), x, y, name="sum"), doubled, name="total")
    gradients = tape.backward(total)
    np.testing.assert_array_equal(gradients["x"], np.full_like(X, 3))
    np.testing.assert_array_equal(gradients["y"], np.ones_like(X))


@pytest.mark.parametrize("tracing", [True, False])
def test_a_number_that_is_used_three_times_collects_all_gradients(tracing):
    """((x + x) + x) + x is 4 x."""
    tape = Tape({"x": np.array(3.0)}, tracing=tracing)
    x = total = tape.parameter("x")
    for name in ("two", "three", "four"):
        total = tape.apply(Add(), total, x, name=name)
    assert tape.backward(total)["x"] == 4


def test_a_given_gradient_takes_the_place_of_ones():
    tape = Tape({"x": X})
    output = tape.apply(ReLU(), tape.parameter("x"), name="output")
    weighting = np.array([[5.0, 6.0], [7.0, 8.0]])
    np.testing.assert_array_equal(tape.backward(output, weighting)["x"], weighting * (X > 0))
    np.testing.assert_array_equal(tape.backward(output)["x"], X > 0)
    assert tape.output is output


def test_what_lies_on_no_way_to_the_loss_has_no_gradient_and_an_unused_parameter_zeros():
    tape = Tape({"used": X, "beside": X, "unasked": X})
    beside = tape.apply(TWICE, tape.parameter("beside"), name="by the way")
    loss = tape.apply(Mean(np.ones((2, 2), dtype=bool)), tape.parameter("used"), name="loss")
    gradients = tape.backward(loss)
    np.testing.assert_array_equal(gradients["used"], np.full_like(X, 0.25))
    np.testing.assert_array_equal(gradients["beside"], np.zeros_like(X))
    assert set(gradients) == {"used", "beside"}
    assert beside.gradient is None


def test_scopes_prefix_the_names_inside_them_and_end_even_where_something_fails():
    tape = Tape({"encoder.0.norm.gain": X[0]})
    with tape.scope("encoder"):
        with pytest.raises(KeyError), tape.scope("1.norm"):
            tape.parameter("gain")
        with tape.scope("0"):
            assert tape.parameter("norm.gain").name == "encoder.0.norm.gain"
            assert tape.apply(TWICE, tape.constant(X, "mask"), name="twice").name == "encoder.0.twice"
        assert tape.full_name("norm") == "encoder.norm"
    assert tape.full_name("loss") == "loss"
    assert [node.name for node in tape.nodes] == ["encoder.0.norm.gain", "encoder.0.mask", "encoder.0.twice"]


def test_a_parameter_asked_for_twice_is_one_node():
    tape = Tape({"layer.weight": X})
    with tape.scope("layer"):
        first = tape.parameter("weight")
    assert tape.parameter("layer.weight") is first
    assert (tape.count, list(tape.parameters)) == (1, ["layer.weight"])


def test_without_tracing_gradients_are_the_same_to_the_bit_and_nothing_is_kept():
    random = np.random.default_rng(0)
    parameters = {"w": random.normal(size=(2, 2)), "b": random.normal(size=2)}

    def gradients(tracing):
        tape = Tape(parameters, tracing)
        x = tape.constant(X, "x")
        for number in range(3):
            x = tape.apply(Linear(), x, tape.parameter("w"), tape.parameter("b"), name=f"linear {number}")
        x = tape.apply(Add(), x, tape.apply(ReLU(), x, name="relu"), name="sum")
        return tape, x, tape.backward(x, X)

    (traced, output, gradients_traced), (untraced, bare, gradients_bare) = gradients(True), gradients(False)
    for name in parameters:
        np.testing.assert_array_equal(gradients_bare[name], gradients_traced[name])
        np.testing.assert_array_equal(traced.parameters[name].gradient, gradients_traced[name])
    np.testing.assert_array_equal(bare.value, output.value)
    assert [node.index for node in traced.nodes] == list(range(traced.count))
    assert all(node.gradient is not None for node in traced.nodes)
    assert untraced.nodes == []
    assert (bare.inputs, bare.saved) == ((), ())


@pytest.mark.parametrize("tracing", [True, False])
def test_a_tape_that_nobody_holds_is_freed_with_all_its_nodes(tracing, uncollected):
    tape = Tape({"w": X}, tracing)
    x = tape.constant(X, "x")
    output = tape.apply(MatMul(), x, tape.parameter("w"), name="product")
    tape.backward(output, X)
    del tape
    np.testing.assert_array_equal(output.value, X @ X)  # what was computed stays to be read …
    with pytest.raises(AssertionError, match="the tape of product is gone"):
        _ = output.tape  # … but nothing can be computed from it any more
    del x, output
    assert uncollected() == 0
