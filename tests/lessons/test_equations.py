"""Every step as equations: each line, computed by a reader of what stands there, gives the number behind its “=”."""

import base64
import math
import random
from dataclasses import replace

import numpy as np
import pytest

from explorer.lessons.cells import Cell
from explorer.lessons.edits import Edit, edited
from explorer.lessons.equations import equations
from explorer.lessons.equations.backward import BACKWARD
from explorer.lessons.equations.difference import difference
from explorer.lessons.equations.forward import FORWARD
from explorer.lessons.equations.sampling import sampling
from explorer.lessons.example import article_example, own_example, trained_example
from explorer.lessons.lesson import lesson
from explorer.lessons.operations import ACCOUNTS
from explorer.lessons.pictures.attention import attention_lines
from explorer.lessons.pictures.whole import Whole
from explorer.lessons.renderings import render
from explorer.lessons.steps import VALUE, Shown
from explorer.transformer import checkpoint
from explorer.transformer.configuration import Configuration
from explorer.transformer.decoding import reshaped
from explorer.translation.translators import SHIPPED
from explorer.writing.numbers import rounded
from tests.lessons.calculator import computed, interval
from tests.lessons.examples import small_embedding

TRAINED = ["you", "are", "welcome"], ["de", "nada"]


def own(**configuration):
    return own_example(small_embedding(), ["you", "are", "you"], ["de", "nada"], Configuration(4, **configuration))


EXAMPLES = {
    "article": article_example,
    "two layers, SGD": lambda: replace(article_example(seed=1, layers=2, heads=1), optimiser="sgd"),
    "as in training": lambda: replace(article_example(seed=1), smoothing=0.1, dropout=0.2),
    "own": own,
    "all switches": lambda: own(norm="pre", activation="gelu", positions="learned", tied=True, scaled=True),
    "encoder": lambda: replace(article_example(), target=()),
    "phrase book": lambda: trained_example(checkpoint.load(SHIPPED), *TRAINED),
    "phrase book, as in training": lambda: replace(
        trained_example(checkpoint.load(SHIPPED), *TRAINED), smoothing=0.1, dropout=0.1
    ),
}


def exact(matrix, at):
    return f"({matrix.number(at)!r})"


def all_equations(told, decimals=4):
    return [(step, equation) for step in told.steps if step.shown for equation in equations(told, step, decimals)]


def any_cell(equation, dice):
    return equation.at(*(dice.randrange(size) for size in equation.result.values.shape))


@pytest.fixture(scope="module", params=EXAMPLES)
def told(request):
    return lesson(EXAMPLES[request.param]())


def test_each_line_of_any_cell_gives_the_number_of_the_trace(told):
    dice = random.Random(0)
    for step, equation in all_equations(told):
        for cell in (equation, any_cell(equation, dice), any_cell(equation, dice)):
            for line in cell.lines:
                left, right = cell.written(line, exact, lambda constant: f"({constant.number!r})")
                assert computed(left) == pytest.approx(computed(right), rel=1e-9, abs=1e-9), f"{step.key}: {left}"


def test_the_last_line_is_of_the_result_and_the_results_are_what_the_steps_show(told):
    for step in told.steps:
        results = [equation.result for equation in equations(told, step) if step.shown]
        names = {result.tensor for result in results if result.tensor}
        inside = {part.tensor for equation in equations(told, step) for part in equation.matrices} if step.shown else ()
        if any(shown.side == "updated" for shown in step.shown):
            continue
        assert set(step.shown) <= names | set(inside), step.key
        for equation in equations(told, step) if step.shown else ():
            assert equation.lines[-1].number.matrix is equation.result
            if equation.result.tensor:
                array = told.array(equation.result.tensor)
                assert equation.result.values.size <= array.size


def test_rows_and_columns_have_names_of_their_own(told):
    """Those of a word that stands twice, too."""
    for step, equation in all_equations(told):
        for matrix in equation.matrices:
            for names in (matrix.rows, matrix.columns):
                assert len(set(names)) == len(names), f"{step.key}: {names}"


def test_a_word_that_stands_twice_is_numbered_wherever_it_is_drawn():
    told = lesson(own())
    assert told.trace.labels("encoder.0.self_attention.weights")[1:] == (("you₁", "are", "you₂"),) * 2
    drawings = [attention_lines(told.trace, "encoder.0.self_attention.weights").as_svg(), Whole(told).as_svg()]
    for text in (*drawings, render(told, "html"), render(told, "md"), render(told, "ipynb")):
        assert "you₁" in text
        assert "you₂" in text
    assert "you${}_{2}$" in render(told, "tex")
    assert told.trace.tokens == ("you", "are", "you")  # what is read, and JSON has


def test_a_cell_of_a_tensor_is_where_its_equation_shows_it(told):
    for _, equation in all_equations(told):
        result = equation.result
        if result.tensor is None:
            continue
        array = told.array(result.tensor)
        for index in list(np.ndindex(array.shape))[:: max(1, array.size // 5)]:
            place = equation.cell_of(index)
            assert place or result.left_out, f"{result.tensor}{index} is nowhere"
            assert place is None or result.number(place) == array[index] or np.isnan(array[index])


def test_the_payload_holds_the_same_numbers_and_takes_them_from_the_same_cells():
    lesson_ = lesson(article_example())
    for _, equation in all_equations(lesson_):
        payload = equation.as_json()
        matrices = {part["id"]: part for part in payload["parts"] if part["kind"] == "matrix"}
        result = matrices[payload["result"]]
        numbers = np.frombuffer(base64.b64decode(result["float64"]), "<f8")
        assert numbers.tolist() == equation.result.values.ravel().tolist()
        for line, sent in zip(equation.lines, payload["lines"], strict=True):
            taken = []
            equation.written(line, lambda matrix, at, taken=taken: taken.append((matrix, at)) or "", str)
            letters = dict(zip("hij", equation.worked, strict=True))
            places = [*slots_of(sent["slots"], letters), (sent["part"], sent["at"], letters)]
            numbers = [number_at(matrices[part], at, letters) for part, at, letters in places]
            assert sorted(numbers) == sorted(matrix.number(at) for matrix, at in taken)


def slots_of(slots, letters):
    for slot in slots:
        if "over" in slot:
            for k in range(slot["over"]):
                yield from slots_of(slot["slots"], letters | {"k": k})
        elif "part" in slot:
            yield slot["part"], slot["at"], letters


def number_at(part, at, letters):
    """What a script reads there, of the payload alone."""

    def place(where):
        if isinstance(where, dict):
            by = [where["by"]] if isinstance(where["by"], str) else where["by"]
            table = where["table"]
            for letter in by:
                table = table[letters[letter]]
            return table
        return letters[where] if isinstance(where, str) else where

    head, row, column = map(place, at)
    flat = (head * len(part["rows"]) + row) * len(part["columns"]) + column
    return np.frombuffer(base64.b64decode(part["float64"]), "<f8")[flat].item()


def test_200_numbers_drawn_at_random_can_be_recomputed_from_what_is_printed():
    """With the digits that stand on the page alone: the printed result lies within what rounding of the printed
    numbers allows, and the allowance is small."""
    told, dice, decimals, widths = lesson(article_example()), random.Random(1), 4, []
    drawn = all_equations(told, decimals)
    for step, equation in dice.choices(drawn, k=200):
        cell = any_cell(equation, dice)
        for line in cell.lines:
            left, right = cell.written(
                line, lambda m, at: f"({rounded(m.number(at), decimals)})", lambda c: f"({rounded(c.number, decimals)})"
            )
            allowed = interval(left)
            assert allowed.meets(interval(right)), f"{step.key}: {left} = {right}"
            widths.append(allowed.width)
    finite = np.array([width for width in widths if math.isfinite(width)])
    assert np.median(finite) < 0.002
    assert len(finite) > 0.9 * len(widths)


def test_no_operation_lacks_an_equation():
    assert set(FORWARD) == set(BACKWARD) == set(ACCOUNTS)


def test_sines_and_cosines_take_turns():
    told = lesson(article_example())
    (equation,) = equations(told, told.step("source.positions"))
    written = [
        equation.at(0, 1, column).written(equation.lines[-1], lambda m, at: rounded(m.number(at)), str)[0]
        for column in range(4)
    ]
    assert [text.split()[0] for text in written] == ["sin", "cos", "sin", "cos"]


def test_a_forward_step_shows_no_gradient():
    told = lesson(article_example())
    for step in told.steps:
        if not step.key.startswith(("back.", "update.")) and step.shown:
            assert {p.tensor.side for e in equations(told, step) for p in e.matrices if p.tensor} == {VALUE}


def assert_each_line_gives_its_number(equation):
    for cell in map(equation.at, *np.array(list(np.ndindex(equation.result.values.shape))).T.tolist()):
        for line in cell.lines:
            left, right = cell.written(line, exact, lambda constant: f"({constant.number!r})")
            if "inf" in left:
                assert "0 where masked" in equation.result.caption
                continue
            assert computed(left.replace("^", "**")) == pytest.approx(computed(right), rel=1e-9, abs=1e-9), left


@pytest.mark.parametrize("name", ["article", "phrase book"])
@pytest.mark.parametrize("knobs", [(1.0, 0, 1.0), (0.5, 2, 1.0), (2.0, 0, 0.9), (0.01, 0, 1.0), (0.0, 0, 1.0)], ids=str)
def test_what_is_sampled_from_is_what_its_lines_give(name, knobs):
    lesson_ = lesson(EXAMPLES[name]())
    equation = sampling(lesson_, *knobs)
    assert_each_line_gives_its_number(equation)
    words = lesson_.trace["probabilities"].value.copy()
    words[:, :2] = 0  # <pad> and <start> are no words
    places = list(equation.matrices[0].places[1])
    assert equation.result.values[0] == pytest.approx(np.stack([reshaped(row, *knobs)[places] for row in words]))


def test_a_change_is_the_number_now_less_the_one_before():
    before = lesson(article_example())
    now = edited(before, [Edit(Cell(Shown("source.table"), (4, 1)), 0.9)])
    for name in ("source.embedding", "decoder.0.self_attention.masked", "losses", "loss"):
        assert_each_line_gives_its_number(difference(before, now, Shown(name)))
