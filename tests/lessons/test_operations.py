"""A lesson can tell of each operation that may stand in it."""

import inspect

import pytest

from explorer.lessons.operations import ACCOUNTS
from explorer.transformer import operations
from explorer.transformer.operations import Append, Attention, SoftmaxCrossEntropy, TransposedLinear

# Training and decoding alone have them: a lesson is one whole pass, with the scores and probabilities in between.
NOT_IN_A_LESSON = {Append, Attention, SoftmaxCrossEntropy, TransposedLinear}
OPERATIONS = {each for each in vars(operations).values() if inspect.isclass(each) and hasattr(each, "vjp")}


def test_every_operation_is_exported():
    assert {each.__name__ for each in OPERATIONS} == set(operations.__all__) - {"TooUnlikely"}


def test_every_operation_of_a_lesson_has_an_account():
    assert set(ACCOUNTS) == OPERATIONS - NOT_IN_A_LESSON


@pytest.mark.parametrize("operation", sorted(ACCOUNTS, key=str))
def test_the_lines_of_numpy_take_what_the_operation_takes(operation):
    """The forward line takes the operation and each input; the backward one the gradient and the value as well."""
    account, inputs = ACCOUNTS[operation], len(inspect.signature(operation.forward).parameters) - 1
    assert account.way_back.endswith(".")
    assert len(inspect.signature(account.forward).parameters) == 1 + inputs
    assert len(inspect.signature(account.backward).parameters) == 3 + inputs


@pytest.mark.parametrize("operation", sorted(OPERATIONS, key=str))
def test_letters_stand_in_the_formulas_they_belong_to(operation):
    letters = getattr(operation, "letters", {})
    formulas = (
        " ".join(letters and (*operation.slope_formulas, *letters.values())).replace("{{", "{").replace("}}", "}")
    )
    assert all(letter in formulas for letter in letters)
