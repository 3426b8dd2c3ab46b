"""The encoder against PyTorch: live where it is installed, golden values that PyTorch made in any case."""

import dataclasses

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.errors import UserError
from explorer.transformer.configuration import Configuration
from explorer.transformer.model import encoder
from explorer.transformer.parameters import initial_parameters, parameter_count, parameter_shapes
from explorer.transformer.tape import Tape
from tests.transformer.pytorch_reference import CASES, GOLDEN, pytorch_encoder, uneven_parameters


def run(configuration, parameters, x, tracing=True):
    tape = Tape(parameters, tracing=tracing)
    return tape, encoder(tape.constant(x, "input"), configuration)


@pytest.mark.parametrize("case", CASES)
def test_encoder_equals_golden_values_from_pytorch(case):
    configuration, x = CASES[case]
    golden = np.load(GOLDEN)
    prefix = f"{case}/parameters/"
    parameters = {name.removeprefix(prefix): golden[name] for name in golden.files if name.startswith(prefix)}
    tape, _ = run(configuration, parameters, x)
    blocks = [node.value for node in tape.nodes if node.name.endswith("feed_forward.norm")]
    for number, block in enumerate(blocks):
        np.testing.assert_allclose(block, golden[f"{case}/blocks/{number}"], atol=1e-12, rtol=0)
    assert len(blocks) == configuration.layers


@st.composite
def configurations(draw):
    heads = draw(st.integers(1, 4))
    return Configuration(
        d_model=heads * draw(st.integers(1, 6)),
        heads=heads,
        layers=draw(st.integers(1, 3)),
        d_ff=draw(st.integers(1, 20)),
    )


@settings(max_examples=25, deadline=None)
@given(configuration=configurations(), tokens=st.integers(1, 9), batch=st.integers(1, 4), seed=st.integers(0, 2**20))
def test_encoder_and_its_gradients_equal_pytorch(configuration, tokens, batch, seed):
    torch = pytest.importorskip("torch", reason="the live comparison needs PyTorch: pip install torch==2.13.0")
    x = np.random.default_rng(seed).normal(size=(batch, tokens, configuration.d_model))
    parameters = uneven_parameters(configuration, seed)
    tape, output = run(configuration, parameters, x)
    # any fixed weighting makes the output a scalar to differentiate
    weighting = np.random.default_rng(seed + 1).normal(size=x.shape)
    gradients = tape.backward(output, weighting)

    theirs = pytorch_encoder(configuration, parameters)
    source = torch.from_numpy(x).requires_grad_()
    expected = theirs(source)
    (expected * torch.from_numpy(weighting)).sum().backward()
    np.testing.assert_allclose(output.value, expected.detach().numpy(), atol=1e-10, rtol=0)
    np.testing.assert_allclose(tape.nodes[0].gradient, source.grad.numpy(), atol=1e-9, rtol=1e-9)
    first = theirs.layers[0]
    for name, gradient in {
        "encoder.0.feed_forward.hidden.weight": first.linear1.weight.grad.T,
        "encoder.0.self_attention.output.bias": first.self_attn.out_proj.bias.grad,
        "encoder.0.self_attention.query.weight": first.self_attn.in_proj_weight.grad[: configuration.d_model].T,
        "encoder.0.feed_forward.norm.gain": first.norm2.weight.grad,
    }.items():
        np.testing.assert_allclose(gradients[name], gradient.numpy(), atol=1e-9, rtol=1e-9, err_msg=name)


def test_tracing_changes_no_bit():
    configuration, x = CASES["wider"]
    parameters = initial_parameters(configuration, seed=5)
    (traced, with_trace), (untraced, without) = (
        run(configuration, parameters, x, tracing) for tracing in (True, False)
    )
    np.testing.assert_array_equal(with_trace.value, without.value)
    gradients = traced.backward(with_trace, np.ones_like(x)), untraced.backward(without, np.ones_like(x))
    for name in parameters:
        np.testing.assert_array_equal(gradients[0][name], gradients[1][name])
    assert untraced.nodes == []


def test_a_batch_gives_each_sentence_what_it_gets_alone():
    configuration, _ = CASES["wider"]
    parameters = uneven_parameters(configuration, seed=2)
    batch = np.random.default_rng(0).normal(size=(3, 4, 6))
    together = run(configuration, parameters, batch)[1].value
    alone = [run(configuration, parameters, sentence)[1].value for sentence in batch]
    np.testing.assert_allclose(together, alone, atol=1e-12, rtol=0)


def test_initial_parameters_follow_the_seed_and_xavier():
    configuration = Configuration(d_model=40, heads=4, layers=1)
    first, again, other = (initial_parameters(configuration, seed) for seed in (1, 1, 2))
    assert {name: array.shape for name, array in first.items()} == parameter_shapes(configuration)
    weight = "encoder.0.feed_forward.hidden.weight"
    np.testing.assert_array_equal(first[weight], again[weight])
    assert not np.array_equal(first[weight], other[weight])
    assert np.abs(first[weight]).max() <= np.sqrt(6 / 200)
    assert first[weight].std() == pytest.approx(np.sqrt(2 / 200), rel=0.05)


@pytest.mark.parametrize("width", [3, 8, 30])
def test_a_projection_of_the_source_adds_its_numbers_and_changes_no_other(width):
    plain = Configuration(d_model=8, layers=1, source_words=50, target_words=9, positions="learned")
    projected = dataclasses.replace(plain, source_width=width)
    added = 50 * (width - 8) + width * 8
    assert parameter_count(projected) == parameter_count(plain) + added
    assert parameter_count(plain) == sum(array.size for array in initial_parameters(plain, 1).values())
    before, after = initial_parameters(plain, 1), initial_parameters(projected, 1)
    assert list(after) == list(parameter_shapes(projected))
    assert set(after) - set(before) == {"source.projection"}
    for name in before.keys() - {"source.table"}:
        np.testing.assert_array_equal(after[name], before[name])
    assert after["source.table"].shape == (50, width)
    assert np.abs(after["source.projection"]).max() <= np.sqrt(6 / (width + 8))
    assert after["source.projection"].std() == pytest.approx(np.sqrt(2 / (width + 8)), rel=0.2)


@pytest.mark.parametrize(
    ("sizes", "says"),
    [
        ({"d_model": 10, "heads": 3}, "3 heads do not divide d_model = 10"),
        ({"d_model": 4, "heads": 0}, "heads is 0"),
        ({"d_model": 0}, "d_model is 0"),
        ({"d_model": 4, "layers": -1}, "layers is -1"),
        ({"d_model": 4, "d_ff": 0}, "d_ff is 0"),
        ({"d_model": 4, "source_width": -1}, "source_width is -1, but must be a whole number from 0 to 8,192"),
        ({"d_model": 4, "tied": "no"}, "tied is “no”, but must be true or false"),
        ({"d_model": 4, "dropout": 1.0}, "dropout is 1.0, but must be at least 0"),
    ],
)
def test_sizes_that_do_not_fit_are_refused_in_words(sizes, says):
    with pytest.raises(UserError, match=says):
        Configuration(**sizes)
