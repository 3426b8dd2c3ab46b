"""The optimiser's step is taken as PyTorch takes it, and what a lesson says of it is true."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from explorer.errors import UserError
from explorer.lessons.example import article_example
from explorer.lessons.lesson import lesson
from explorer.lessons.steps import UPDATED, Shown
from explorer.lessons.update import SteppedWeight, silent_step
from explorer.transformer.optimisers import Adam
from tests.lessons.examples import EXAMPLES


@pytest.mark.parametrize(
    ("rate", "printed"), [(0.05, "0.05"), (0.00012345678, "0.00012345678"), (1.25e-5, "1.25 \\cdot 10^{-5}")]
)
def test_the_rate_is_printed_with_all_of_its_digits(rate, printed):
    told = lesson(replace(article_example(), optimiser="sgd", rate=rate))
    assert told.update.formula.count(f"\\eta &= {printed}") == 1


@pytest.mark.parametrize("number", [math.inf, -math.inf, math.nan])
def test_a_weight_without_bounds_has_rows_all_the_same(number):
    for means in ((), (number, math.inf)):
        weight = SteppedWeight(1.0, number, number, 0.1, *means)
        assert len(weight.digits) == len(weight.rows)


@pytest.mark.parametrize("rule", ["adam", "sgd"])
def test_the_optimisers_step_is_pytorchs(rule):
    torch = pytest.importorskip("torch")
    told = lesson(replace(article_example(), optimiser=rule, rate=0.05))
    for name, tensor in told.trace.parameters.items():
        weight = torch.tensor(tensor.value, requires_grad=True)
        weight.grad = torch.tensor(tensor.gradient)
        if rule == "adam":
            torch.optim.Adam([weight], lr=0.05, betas=(0.9, 0.98), eps=1e-9).step()
        else:
            torch.optim.SGD([weight], lr=0.05).step()
        np.testing.assert_allclose(told.array(Shown(name, UPDATED)), weight.detach().numpy(), atol=1e-12)
    assert told.update.loss < float(told.trace["loss"].value)


@pytest.mark.parametrize(
    ("rate", "said"), [(0.1, "less wrong"), (20, "more wrong now"), (1e-300, "as wrong as before")]
)
def test_what_the_step_did_to_the_loss_is_said(rate, said):
    told = lesson(replace(article_example(), rate=rate, optimiser="sgd"))
    step = told.step("update.loss")
    assert said in step.prose
    before, after = (row[1] for row in step.tables[0].rows)
    assert (before, after) == (float(told.trace["loss"].value), told.update.loss)
    assert {"less": after < before, "more": after > before, "as": after == before}[said.split()[0]]


def test_a_step_that_goes_too_far_is_said():
    with pytest.raises(UserError, match="learning rate 1000 no loss can be computed"):
        _ = lesson(replace(article_example(), rate=1000)).chapters


def test_the_rows_of_one_weight_lead_from_its_gradient_to_its_change():
    told = lesson(article_example())
    (table,) = told.step("update.weight").tables
    old, gradient, _, _, m, v, root, change, new = (number for _, number in table.rows)
    assert root == pytest.approx(abs(gradient))
    assert m == pytest.approx(gradient)
    assert v == pytest.approx(gradient**2)
    assert change == pytest.approx(-told.update.rate * m / math.sqrt(v))
    assert new == pytest.approx(old + change)


@pytest.mark.parametrize("rule", ["adam", "sgd"])
def test_the_words_about_the_step_are_true_of_its_numbers(rule):
    told = lesson(replace(article_example(), optimiser=rule))
    weight, embeddings, neighbours = (told.step(f"update.{key}") for key in ("weight", "embeddings", "neighbours"))
    gradient = told.trace["source.table"].gradient
    moved = np.abs(told.array(Shown("source.table", UPDATED)) - told.trace["source.table"].value)
    np.testing.assert_array_equal(moved == 0, gradient == 0)
    assert ("sign" in weight.prose) == ("by about 0.05;" in embeddings.prose) == (rule == "adam")
    np.testing.assert_allclose(
        moved, told.update.rate * (gradient != 0 if rule == "adam" else abs(gradient)), rtol=1e-3
    )
    before, after = (re.findall(r"[^ ,]+ (?=[0-9−])", names) for _, names in neighbours.tables[0].rows)
    assert ("the same after" in neighbours.prose) == (before == after)


def test_with_dropout_only_numbers_that_have_a_gradient_move():
    told = lesson(EXAMPLES["as in training"]())
    used = sorted({*told.example.translator.source.ids(told.example.source)})
    moved = told.array(Shown("source.table", UPDATED)) != told.trace["source.table"].value
    assert not moved[used].all()
    assert "each number that has a gradient by about 0.05" in told.step("update.embeddings").prose


@pytest.mark.parametrize("rule", ["adam", "sgd"])
def test_rows_without_a_gradient_stay_in_the_first_step_alone(rule):
    told = lesson(replace(article_example(), optimiser=rule))
    prose = told.step("update.embeddings").prose
    assert "the others have not: their gradient is zero" in prose
    assert ("for this first step" in prose) == (rule == "adam")
    assert ("still moves by 0.673 times the learning rate" in prose) == (rule == "adam")


def test_adam_moves_a_weight_once_more_without_a_gradient():
    for gradient in (-1.5, 1e-3):
        rule, weight = Adam(), np.zeros(1)
        rule.step(weight, np.array([gradient]), 0.1, 1)
        first = weight.copy()
        rule.step(weight, np.zeros(1), 0.1, 2)
        assert abs(weight - first)[0] / 0.1 == pytest.approx(silent_step(), rel=1e-5)
        assert np.sign(weight - first) == np.sign(first)
    assert silent_step() == pytest.approx(0.6733, abs=5e-5)
