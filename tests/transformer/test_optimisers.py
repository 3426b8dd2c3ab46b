"""Optimisers against PyTorch's, step for step, and against the papers' sentences."""

import math

import numpy as np
import pytest

from explorer.errors import UserError
from explorer.transformer.optimisers import SGD, Adam, FlatParameters, clip, optimiser, warm_up
from tests.transformer.golden_transformer import FACTORS, RATE, read_steps

STEPS = 20
SIZE = 70_001  # more than two blocks of the optimiser's loop, and an odd rest


def steps_with(ours, theirs):
    """Let both take 20 steps with the same gradients; give our parameters and PyTorch's."""
    import torch

    random = np.random.default_rng(0)
    parameters = random.normal(size=SIZE)
    tensor = torch.from_numpy(parameters.copy()).requires_grad_()
    their_optimiser = theirs(torch.optim, [tensor])
    for number in range(1, STEPS + 1):
        gradient = random.normal(size=SIZE)
        ours.step(parameters, gradient.copy(), 0.01, number)
        tensor.grad = torch.from_numpy(gradient)
        their_optimiser.step()
    return parameters, tensor.detach().numpy()


@pytest.mark.parametrize(
    ("ours", "theirs"),
    [
        (SGD(), lambda optim, p: optim.SGD(p, lr=0.01)),
        (SGD(0.9), lambda optim, p: optim.SGD(p, lr=0.01, momentum=0.9)),
        (Adam(), lambda optim, p: optim.Adam(p, lr=0.01, betas=(0.9, 0.98), eps=1e-9)),
        (Adam(decay=0.1), lambda optim, p: optim.AdamW(p, lr=0.01, betas=(0.9, 0.98), eps=1e-9, weight_decay=0.1)),
    ],
)
def test_twenty_steps_equal_pytorchs(ours, theirs):
    pytest.importorskip("torch", reason="the live comparison needs PyTorch: pip install torch==2.13.0")
    parameters, expected = steps_with(ours, theirs)
    np.testing.assert_allclose(parameters, expected, atol=1e-9, rtol=0)


@pytest.mark.parametrize("name", ["adam", "adamw"])
def test_the_next_steps_along_the_models_gradients_equal_golden_values_from_pytorch(name):
    parameters, gradient, expected = read_steps(name)
    ours = optimiser(name)
    for number, factor in enumerate(FACTORS, start=1):
        ours.step(parameters, factor * gradient, RATE, number)
    np.testing.assert_allclose(parameters, expected, atol=1e-9, rtol=0)


def test_adam_equals_the_papers_algorithm_in_a_plain_loop():
    random = np.random.default_rng(1)
    parameters = random.normal(size=5)
    theta, m, v = parameters.tolist(), [0.0] * 5, [0.0] * 5
    adam = Adam()
    for t in range(1, STEPS + 1):
        gradient = random.normal(size=5)
        adam.step(parameters, gradient.copy(), 0.1, t)
        for i, g in enumerate(gradient.tolist()):
            m[i] = 0.9 * m[i] + (1 - 0.9) * g
            v[i] = 0.98 * v[i] + (1 - 0.98) * g * g
            theta[i] -= 0.1 * (m[i] / (1 - 0.9**t)) / (math.sqrt(v[i] / (1 - 0.98**t)) + 1e-9)
    np.testing.assert_allclose(parameters, theta, atol=1e-12)


def test_warm_up_rises_to_its_peak_and_falls_with_the_root():
    rates = [warm_up(step, 512, 4000) for step in (1, 2000, 4000, 16000)]
    assert rates[0] == pytest.approx(512**-0.5 * 4000**-1.5)
    assert rates[1] == pytest.approx(rates[2] / 2)
    assert rates[3] == pytest.approx(rates[2] / 2)


def test_clipping_keeps_the_direction():
    gradient = np.array([3.0, 4.0])
    assert clip(gradient, 1.0) == 5
    np.testing.assert_allclose(gradient, [0.6, 0.8])
    assert clip(gradient, 2.0) == pytest.approx(1)
    np.testing.assert_allclose(gradient, [0.6, 0.8])


def test_flat_parameters_are_views():
    flat = FlatParameters({"a": np.ones((2, 3)), "b": np.zeros(2)})
    flat.flat[0] = 7
    assert flat.arrays["a"][0, 0] == 7
    out = np.full(8, np.nan)
    flat.gather({"b": np.array([1.0, 2.0])}, out)
    np.testing.assert_array_equal(out, [0, 0, 0, 0, 0, 0, 1, 2])
    np.testing.assert_array_equal(flat.view(out)["b"], [1, 2])


def test_frozen_parameters_stand_at_the_end_whatever_their_place():
    arrays = {"a": np.full(2, 1.0), "b": np.full((1, 3), 2.0), "c": np.full(1, 3.0)}
    flat = FlatParameters(arrays, frozen=("a",))
    np.testing.assert_array_equal(flat.flat, [2, 2, 2, 3, 1, 1])
    assert flat.learnable == 4
    for name, array in arrays.items():
        np.testing.assert_array_equal(flat.arrays[name], array)
    out = np.full(4, np.nan)
    flat.gather({"a": np.ones(2), "c": np.array([5.0])}, out)
    np.testing.assert_array_equal(out, [0, 0, 0, 5])
    assert {name: each.shape for name, each in flat.view(out).items()} == {"b": (1, 3), "c": (1,)}


def test_an_optimiser_that_is_not_there_is_said():
    with pytest.raises(UserError, match="no optimiser called “lion”"):
        optimiser("lion")
