"""The whole encoder-decoder against PyTorch, live and by golden values, and against itself."""

import dataclasses

import numpy as np
import pytest

from explorer.errors import UserError
from explorer.transformer.configuration import Configuration
from explorer.transformer.layers import sinusoidal_positions
from explorer.transformer.model import cross_entropy, transformer
from explorer.transformer.parameters import check_parameters, parameter_shapes
from explorer.transformer.tape import Tape
from tests.transformer.conftest import uneven_parameters
from tests.transformer.golden_transformer import CASES, assert_equals_golden, assert_same_tensors

CONFIGURATIONS = 40


def random_case(seed):
    """A random configuration, uneven parameters for it, and a padded batch with repeated tokens."""
    random = np.random.default_rng(seed)
    heads = int(random.integers(1, 9))
    configuration = Configuration(
        d_model=heads * int(random.integers(1, 5)),
        heads=heads,
        layers=int(random.integers(1, 5)),
        d_ff=int(random.integers(1, 20)),
        norm=str(random.choice(["post", "pre"])),
        activation=str(random.choice(["relu", "gelu"])),
        positions=str(random.choice(["sinusoidal", "learned"])),
        scaled=bool(random.integers(2)),
        tied=bool(random.integers(2)),
        source_words=int(random.integers(5, 12)),
        target_words=int(random.integers(5, 12)),
        longest=12,
        source_width=1 + seed % 8 if seed % 3 == 2 else 0,
    )
    parameters = uneven_parameters(configuration, seed, random)
    batch = int(random.integers(1, 9))
    source_length = int(random.integers(2, 8))
    target_length = source_length + int(random.choice([-1, 1, 2]))
    source = random.integers(1, configuration.source_words, (batch, source_length))
    target = random.integers(1, configuration.target_words, (batch, target_length + 1))
    source[:, 1] = source[:, 0]  # a repeated token
    for row in range(batch - 1):
        source[row, source_length - int(random.integers(0, source_length - 1)) :] = 0
        target[row, target_length + 1 - int(random.integers(0, target_length)) :] = 0
    smoothing = float(random.choice([0.0, 0.1]))
    return configuration, parameters, source, target[:, :-1].copy(), target[:, 1:].copy(), smoothing


def run(case, tracing=True):
    configuration, parameters, source, target, expected, smoothing = case
    tape = Tape(parameters, tracing=tracing)
    loss = cross_entropy(transformer(tape, source, target, configuration), expected, smoothing)
    return tape, loss, tape.backward(loss)


@pytest.mark.parametrize("seed", range(CONFIGURATIONS))
def test_every_tensor_and_every_gradient_equals_pytorchs(seed, record_property):
    pytest.importorskip("torch", reason="the live comparison needs PyTorch: pip install torch==2.13.0")
    from tests.transformer.pytorch_transformer import as_arrays, pytorch_pass

    case = configuration, parameters, source, target, expected, smoothing = random_case(seed)
    tape, _, gradients = run(case)
    sines = sinusoidal_positions(configuration.longest, configuration.d_model)
    tensors, leaves = pytorch_pass(configuration, parameters, sines, source, target, expected, smoothing)
    assert_same_tensors(tape, *as_arrays(tensors, leaves))
    assert {node.name for node in tape.nodes} - set(tensors) - set(leaves) == {"losses"}
    assert set(gradients) == set(leaves)
    record_property("pytorch_configuration", seed)


@pytest.mark.parametrize("case", CASES)
def test_every_tensor_and_every_gradient_equals_golden_values_from_pytorch(case):
    assert_equals_golden(case)


@pytest.mark.parametrize("seed", range(3))
def test_the_models_gradients_equal_central_differences(seed):
    case = random_case(seed)
    parameters = case[1]
    _, _, gradients = run(case)
    random = np.random.default_rng(seed)
    for name, array in parameters.items():
        where = tuple(int(random.integers(n)) for n in array.shape)
        losses = []
        for step in (1e-5, -1e-5):
            moved = dict(parameters)
            moved[name] = array.copy()
            moved[name][where] += step
            losses.append(float(run((case[0], moved, *case[2:]))[1].value))
        slope = (losses[0] - losses[1]) / 2e-5
        assert gradients[name][where] == pytest.approx(slope, abs=1e-7, rel=1e-4), name


@pytest.mark.parametrize("seed", range(4))
def test_tracing_changes_no_result(seed):
    """Without it softmax and cross-entropy are one operation, so that the last bits may differ."""
    case = random_case(seed)
    traced, untraced = run(case), run(case, tracing=False)
    assert untraced[1].value == pytest.approx(float(traced[1].value), rel=1e-14)
    for name in case[1]:
        np.testing.assert_allclose(untraced[2][name], traced[2][name], atol=1e-13, rtol=1e-11, err_msg=name)
    assert untraced[0].nodes == []


def test_float32_stays_float32_throughout():
    configuration, parameters, *rest = random_case(1)
    parameters = {name: array.astype(np.float32) for name, array in parameters.items()}
    tape, _, gradients = run((configuration, parameters, *rest))
    for node in tape.nodes:
        assert node.value.dtype == np.float32, node.name
        assert node.gradient is None or node.gradient.dtype == np.float32, node.name
    assert {gradient.dtype for gradient in gradients.values()} == {np.dtype(np.float32)}


def test_padding_changes_no_sentences_loss():
    """The trap: padding that leaks into attention or into the loss."""
    configuration, parameters, source, target, expected, _ = random_case(7)
    alone = run((configuration, parameters, source[-1:], target[-1:], expected[-1:], 0.0))[1].value
    wider = [np.pad(ids[-1:], ((0, 0), (0, 3))) for ids in (source, target, expected)]
    configuration = dataclasses.replace(configuration, longest=20)
    if configuration.positions == "learned":
        for side in ("source", "target"):
            table = parameters[f"{side}.position_table"]
            parameters[f"{side}.position_table"] = np.vstack([table, np.ones((8, table.shape[1]))])
    assert run((configuration, parameters, *wider, 0.0))[1].value == pytest.approx(float(alone), abs=1e-12)


def test_no_position_sees_what_comes_after_it():
    configuration, parameters, source, target, _, _ = random_case(3)
    changed = target.copy()
    changed[:, -1] = 1 + changed[:, -1] % (configuration.target_words - 1)
    logits = [transformer(Tape(parameters), source, ids, configuration).value for ids in (target, changed)]
    np.testing.assert_array_equal(logits[0][:, :-1], logits[1][:, :-1])


@pytest.mark.parametrize(
    ("source", "target", "says"),
    [
        ([[]], [[1]], "source is empty"),
        ([[1]], [[1] * 13], "target has 13 tokens, but this model reads at most 12"),
        ([[99]], [[1]], "source ids .* hold 99, but the vocabulary goes from 0"),
        ([[1]], [[-1]], "target ids .* hold -1"),
    ],
)
def test_ids_that_do_not_fit_are_refused_in_words(source, target, says):
    configuration, parameters, *_ = random_case(0)
    with pytest.raises(UserError, match=says):
        transformer(Tape(parameters), np.array(source, dtype=int), np.array(target), configuration)


def test_parameters_that_do_not_fit_are_named_with_their_shapes():
    configuration, parameters, *_ = random_case(0)
    check_parameters(configuration, parameters)
    assert set(parameters) == set(parameter_shapes(configuration))
    name = "encoder.0.feed_forward.hidden.weight"
    for change, says in [
        ({name: parameters[name].T}, f"{name} has shape .*but the configuration needs"),
        ({name: parameters[name] * np.nan}, f"{name} .* holds NaN"),
        ({"extra": np.zeros(1)}, "no parameter called extra"),
    ]:
        with pytest.raises(UserError, match=says):
            check_parameters(configuration, parameters | change)
    del parameters[name]
    with pytest.raises(UserError, match=f"{name} is missing"):
        check_parameters(configuration, parameters)
