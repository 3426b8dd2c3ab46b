"""The check passes on every tensor of a lesson, and fails on a number that is wrong."""

import pytest

from explorer.lesson.example import article_example
from explorer.lesson.lesson import lesson
from explorer.lesson.steps import GRADIENT, UPDATED, VALUE, Shown
from explorer.lesson.verification import verify


@pytest.fixture
def told():
    return lesson(article_example())


def test_every_matrix_of_the_lesson_agrees(told):
    for step in told.steps:
        for shown in step.shown:
            verdict = verify(told, shown, most=6)
            assert verdict.passed, (shown, verdict.sentence)


@pytest.mark.parametrize(
    ("name", "side", "cells"),
    [("logits", VALUE, 18), ("encoder.0.self_attention.key", GRADIENT, 12), ("output.weight", UPDATED, 24)],
)
def test_a_number_that_is_wrong_is_found(told, name, side, cells):
    verdict = verify(told, Shown(name, side))
    assert verdict.passed
    assert verdict.checked == verdict.cells == cells
    assert verdict.sentence.startswith("Agrees, all")
    told.array(Shown(name, side))[0, 1] += 0.01
    assert verify(told, Shown(name, side)).sentence.startswith("Differs")
