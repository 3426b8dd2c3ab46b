"""A document of a lesson is enough to compute its numbers again, with pencil, paper and a pocket calculator."""

import json
import math
import random
import re
from collections import Counter

import numpy as np
import pytest
from lxml import html

from explorer.lessons.equations import equations
from explorer.lessons.equations.worked import worked
from explorer.lessons.example import article_example
from explorer.lessons.lesson import lesson
from explorer.lessons.numbers import read, rounded, significant
from explorer.lessons.renderings import render
from explorer.lessons.renderings.parts import numbers_of_steps, part
from explorer.lessons.steps import SIDES, VALUE, Shown
from explorer.questions.lessons import Lesson as LessonAsked
from tests.lessons.calculator import computed, interval
from tests.lessons.odd_words import odd_lesson
from tests.lessons.printed import matrix_of, plain, printed_equations
from tests.lessons.test_equations import EXAMPLES
from tests.lessons.test_language_lesson import ASKED as LANGUAGE

DECIMALS = 4
LESSONS = {name: lambda make=make: lesson(make()) for name, make in EXAMPLES.items()} | {
    "odd words": odd_lesson,
    "language model": lambda: LessonAsked(**LANGUAGE).lesson,
}


@pytest.fixture(scope="module", params=LESSONS)
def document(request):
    told = LESSONS[request.param]()
    return told, render(told, "md", decimals=DECIMALS)


@pytest.fixture(scope="module")
def article():
    return lesson(article_example())


def captions(text):
    """The side and the name of each tensor that has a table in a Markdown."""
    sides = {"": VALUE, "gradient of ": "gradient", "after the step: ": "updated"}
    pattern = rf"(?m)^({'|'.join(sides)})`([a-z0-9_.]+)`, \$.*\n\n\|"
    return Counter(Shown(name, sides[side]) for side, name in re.findall(pattern, text))


def test_200_cells_drawn_at_random_are_recomputed_from_the_printed_numbers_alone(article):
    """The equations say what is computed of which cells; each number, and each constant, is read off the document."""
    steps, numbers = printed_equations(render(article, "md", decimals=DECIMALS)), numbers_of_steps(article)
    dice, widths, drawn = random.Random(2), [], set()
    all_equations = [
        (step, equation, printed)
        for step in article.steps
        if step.shown
        for equation, printed in zip(equations(article, step), steps[numbers[step.key]], strict=True)
    ]
    for step, equation, printed in dice.choices(all_equations, k=200):
        place = numbers[step.key]
        letters = dict(zip(equation.matrices, printed.letters, strict=True))
        constants = iter(re.findall(r"\d[\d.]*(?:·10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]+)?", " ".join(text for _, text, *_ in printed.lines)))

        def number(matrix, at, place=place, printed=printed, letters=letters):
            table, is_transposed = matrix_of(steps, place, printed, letters[matrix])
            head, row, column = at
            return f"({table.text(head, column, row) if is_transposed else table.text(head, row, column)})"

        def constant(each, constants=constants):
            return next(text for text in constants if math.isclose(interval(text).low, each.number, rel_tol=1e-3))

        cell = equation.at(*(dice.randrange(size) for size in equation.result.values.shape))
        for line in cell.lines:
            left, right = cell.written(line, number, constant)
            allowed = interval(left, DECIMALS)
            assert allowed.meets(interval(right, DECIMALS)), f"{place}: {left} = {right}"
            widths.append(allowed.width)
        assert right == f"({rounded(equation.result.number(cell.worked), DECIMALS)})"
        drawn.add(place)
    assert len(drawn) > 50
    finite = np.array([width for width in widths if math.isfinite(width)])
    assert np.median(finite) < 0.002
    assert len(finite) > 0.9 * len(widths)


def test_each_worked_cell_gives_its_number_as_it_is_written(document):
    _, text = document
    lines = [line for each in printed_equations(text).values() for equation in each for line in equation.lines]
    assert len(lines) > 20
    for what, written, sign, number in lines:
        written = re.sub(r" \[[\d,]+ smaller terms\]", "", written)
        allowed = interval(written, DECIMALS)
        assert allowed.meets(interval(number, DECIMALS)), f"{what} = {written} {sign} {number}"


def assert_true_as_printed(lines, decimals):
    """What a reader types into a calculator as it is printed gives what is printed, or “≈” stands between."""
    for written, sign, number in lines:
        typed = re.sub(r" ?\[[\d,]+ smaller terms\]", "", written)
        agrees = rounded(computed(typed), decimals) == number
        assert agrees == (sign == "="), f"{written} {sign} {number}"


def test_a_calculator_gives_each_printed_result_to_its_last_digit(document):
    told, text = document
    for decimals in (2, 4, 6):
        steps = printed_equations(text if decimals == DECIMALS else render(told, "md", decimals=decimals))
        lines = [line[1:] for each in steps.values() for equation in each for line in equation.lines]
        assert_true_as_printed(lines, decimals)
        assert sum(sign == "≈" for _, sign, _ in lines) < 0.05 * len(lines)


def test_a_calculator_gives_the_result_of_any_cell(document):
    told, _ = document
    dice = random.Random(3)
    for step in told.steps:
        for equation in equations(told, step) if step.shown else ():
            cell = equation.at(*(dice.randrange(size) for size in equation.result.values.shape))
            lines = [worked(cell, line, DECIMALS) for line in cell.lines]
            assert_true_as_printed([(line.text, line.sign, line.number) for line in lines], DECIMALS)


def test_the_way_of_a_weight_through_a_step_works_out_with_the_printed_digits(document):
    """Of 200 weights drawn at random, each number from those that are printed above it, and from η, β₁, β₂ and ε."""
    told, _ = document
    if told.example.encoder_only:
        return
    update, dice, lengths = told.update, random.Random(4), []
    for name in dice.choices(list(told.trace.parameters), k=200):
        weight = update.weight(name, *(dice.randrange(size) for size in told.trace[name].value.shape))
        texts = [significant(number, digits) for (_, number), digits in zip(weight.rows, weight.digits, strict=True)]
        before, gradient, *means, change, after = map(read, texts)
        if update.optimiser == "adam":
            m, v, corrected_m, corrected_v, root = means
            step = -update.rate * corrected_m / (root + 1e-9)
            again = [0.1 * gradient, 0.02 * gradient**2, m / 0.1, v / 0.02, corrected_v**0.5, step]
        else:
            again = [-update.rate * gradient]
        assert [significant(*each) for each in zip([*again, before + change], weight.digits[2:], strict=True)] == texts[
            2:
        ]
        assert math.isclose(after, weight.after, rel_tol=6e-3)
        lengths += [len(text) for text in texts]
    assert np.mean(lengths) < 9


def test_every_document_prints_the_same_lines(article):
    written = [line[1:] for each in printed_equations(render(article, "md")).values() for e in each for line in e.lines]
    page = html.fromstring(render(article, "html"))
    shown = [line.text_content() for line in page.find_class("line")]
    assert all(
        text.endswith(f" = {left} {sign} {right}") for (left, sign, right), text in zip(written, shown, strict=True)
    )
    cells = json.loads(render(article, "ipynb"))["cells"]
    notebook = printed_equations(
        "\n\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
    )
    assert [line[1:] for each in notebook.values() for e in each for line in e.lines] == written
    assert render(article, "tex").count("\\approx ") == sum(sign == "≈" for _, sign, _ in written)


def test_each_parameter_and_all_that_a_step_shows_is_printed_exactly_once(document):
    told, text = document
    printed = captions(text)
    assert set(printed.values()) == {1}
    parameters = {Shown(name) for name in told.trace.parameters}
    shown = {shown for step in told.steps for shown in step.shown}
    assert {each.side for each in shown} == ({VALUE} if told.example.encoder_only else set(SIDES))
    missing = (parameters | shown) - set(printed)  # of a large lesson, in layers after the first of their kind
    assert {(kind(each.name), each.side) for each in missing} <= {(kind(each.name), each.side) for each in printed}
    like, numbers = twins(text), numbers_of_steps(told)
    assert bool(like) == bool(missing)
    steps = {numbers[step.key]: step for step in told.steps}
    for number, other in like.items():
        assert other not in like
        assert kind(steps[number].key) == kind(steps[other].key)
        assert steps[number].key != steps[other].key


def kind(name):
    """The name without the number of a layer."""
    return re.sub(r"\.\d+\.", ".", name)


def twins(text):
    """By the number of a step, that of the one that it is computed as."""
    sections = re.split(r"(?m)^### ", text)
    matches = (re.match(r"(\d+\.\d+) .*?computed as step \[(\d+\.\d+)\]", each, re.DOTALL) for each in sections)
    return dict(match.groups() for match in matches if match)


def test_what_stands_elsewhere_is_found_where_the_text_says(document):
    _, text = document
    steps = printed_equations(text)
    for step, each in steps.items():
        for equation in each:
            for letter in equation.letters:
                matrix_of(steps, step, equation, letter)


def test_a_step_or_a_chapter_alone_prints_all_that_it_needs(article):
    for chapters in (part(article, step="back.decoder.0.self_attention.scores"), part(article, chapter=3)):
        text = render(article, "md", chapters)
        steps = printed_equations(text)
        numbers = numbers_of_steps(article)
        assert list(steps) == [numbers[step.key] for chapter in chapters for step in chapter.steps]
        for step, each in steps.items():
            for equation in each:
                assert {place for place in equation.elsewhere.values() if place} <= set(steps)
                for letter in equation.letters:
                    matrix_of(steps, step, equation, letter)


def test_a_large_lesson_prints_what_can_be_read():
    told = LESSONS["phrase book"]()
    text = render(told, "md")
    assert len(text.splitlines()) < 7000
    assert "others: the sum of 1,520 more words" in text  # and its column has a name that is as short as its numbers
    assert "Every number that is left out here stands in this lesson as JSON." in text
    assert len(twins(text)) > 50
    tables = [m for each in printed_equations(text).values() for equation in each for m in equation.here.values()]
    assert max(len(table.columns) for table in tables) <= 17
    assert max(len(table.rows) for table in tables) <= 17
    lines = [line for each in printed_equations(text).values() for equation in each for line in equation.lines]
    for _, written, *_ in lines:
        assert written.count(" + ") <= 16
    folded = [written for _, written, *_ in lines if "smaller terms" in written]
    assert len(folded) > 50
    assert all(re.search(r" \+ \(?−?[\d.]+(·10[⁻⁰-⁹¹²³]+)?\)? \[[\d,]+ smaller terms\]", written) for written in folded)
    # the numbers of the largest terms stand in the tables, beside the names of their rows and columns
    weights = told.trace["encoder.0.feed_forward.hidden.weight"].value
    (table,) = (table for table in tables if table.caption.startswith("`encoder.0.feed_forward.hidden.weight`"))
    for _, name, texts in table.rows:
        if name != "…":
            assert texts[0] == rounded(weights[int(name) - 1, int(table.columns[0]) - 1])


def test_words_are_shown_as_they_are():
    told, texts = odd_lesson(), []
    for each in printed_equations(render(told, "md")).values():
        for equation in each:
            for matrix in equation.here.values():
                texts += [plain(name) for _, name, _ in matrix.rows]
    assert set(told.example.source) <= set(texts)
