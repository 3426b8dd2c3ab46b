"""The check passes on every tensor of a lesson, and fails on a number that is wrong."""

import pytest

from explorer.lessons.example import article_example, trained_example
from explorer.lessons.lesson import lesson
from explorer.lessons.steps import GRADIENT, UPDATED, VALUE, Shown
from explorer.lessons.verification import verify
from tests.transformer.conftest import toy_translator


@pytest.fixture
def told():
    return lesson(article_example())


def projected():
    """A lesson of a model whose source vectors are of another size than its own."""
    return lesson(trained_example(toy_translator(source_width=5, dtype=float), ["two", "one", "two"], ["uno"]))


@pytest.mark.parametrize("tell", [lambda: lesson(article_example()), projected])
def test_every_matrix_of_the_lesson_agrees(tell):
    told = tell()
    for step in told.steps:
        for shown in step.shown:
            verdict = verify(told, shown, most=6)
            assert verdict.passed, (shown, verdict.sentence)


@pytest.mark.parametrize("name", ["source.table", "output.weight", "source.positions"])
def test_what_was_computed_from_nothing_is_not_called_checked(told, name):
    verdict = verify(told, Shown(name))
    assert (verdict.passed, verdict.checked) == (True, 0)
    assert verdict.sentence.startswith("There is nothing to check")


@pytest.mark.parametrize(
    ("name", "side", "cells"),
    [("logits", VALUE, 18), ("encoder.0.self_attention.key", GRADIENT, 12), ("output.weight", UPDATED, 24)],
)
def test_a_number_that_is_wrong_is_found(told, name, side, cells):
    verdict = verify(told, Shown(name, side))
    assert verdict.passed
    assert verdict.checked == verdict.cells == cells
    assert verdict.sentence.startswith(f"{cells} of {cells} ")
    assert "The results agree with the lesson" in verdict.sentence
    told.array(Shown(name, side))[0, 1] += 0.01
    assert "The results differ from the lesson" in verify(told, Shown(name, side)).sentence


def test_a_check_of_some_numbers_says_why_not_of_all(told):
    sentence = verify(told, Shown("logits"), most=6).sentence
    assert sentence.startswith("6 of 18 numbers were computed once more, each from its terms. A check takes 6 at most")
    assert "at most" not in verify(told, Shown("logits")).sentence
