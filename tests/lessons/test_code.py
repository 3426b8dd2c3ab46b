"""The NumPy of a step computes what the step shows."""

import numpy as np
import pytest
from lxml import html

from explorer.lessons.code import numpy_of
from explorer.lessons.example import article_example
from explorer.lessons.lesson import lesson
from explorer.lessons.renderings import render
from explorer.lessons.steps import GRADIENT, UPDATED, VALUE
from explorer.questions.lessons import Lesson as LessonAsked
from tests.lessons.test_equations import EXAMPLES
from tests.lessons.test_language_lesson import ASKED as LANGUAGE

LESSONS = {name: lambda make=make: lesson(make()) for name, make in EXAMPLES.items()} | {
    "language model": lambda: LessonAsked(**LANGUAGE).lesson
}


@pytest.mark.parametrize("name", LESSONS)
def test_the_program_of_each_step_computes_what_the_step_shows(name):
    told = LESSONS[name]()
    tensors = [*told.trace, *told.trace.parameters.values()]
    values = {tensor.name: tensor.value for tensor in tensors}
    gradients = {tensor.name: tensor.gradient for tensor in tensors}
    for step in told.steps:
        program = numpy_of(told, step)
        assert bool(program) == bool(step.shown)
        results = {VALUE: values.copy(), GRADIENT: gradients.copy(), UPDATED: {}}
        letters = {VALUE: "t", GRADIENT: "g", UPDATED: "after"}
        for shown in step.shown:
            if f'{letters[shown.side]}["{shown.name}"] = ' in program:  # a weight is given
                results[shown.side].pop(shown.name, None)
        exec(program, {letter: results[side] for side, letter in letters.items()})
        for shown in step.shown:
            again = results[shown.side][shown.name]
            np.testing.assert_allclose(again, told.array(shown), rtol=1e-9, atol=1e-9, err_msg=f"{step.key}: {shown}")


def test_a_page_of_html_has_the_program_of_each_step_folded():
    told = lesson(article_example())
    page = html.fromstring(render(told, "html"))
    programs = [numpy_of(told, step) for step in told.steps if step.shown]
    assert [pre.text_content() for pre in page.xpath("//details[summary='As NumPy']/pre")] == programs
    assert "def softmax(x):" in "".join(programs)
