"""Exercises: what is blank can be computed from what is printed, and an answer is judged as a teacher would."""

import json
import random
import re
from dataclasses import replace

import numpy as np
import pytest
from lxml import html
from markdown_it import MarkdownIt

from explorer.answers import MINUS
from explorer.errors import UserError
from explorer.lessons.equations import equations
from explorer.lessons.example import article_example, trained_example
from explorer.lessons.exercises import check, exercise
from explorer.lessons.lesson import lesson
from explorer.lessons.numbers import read, rounded
from explorer.lessons.tasks import given
from explorer.questions.lessons import Exercise
from explorer.transformer import checkpoint
from explorer.translation.translators import SHIPPED
from tests.lessons.odd_words import SOURCE, TARGET, odd_lesson
from tests.lessons.test_equations import computed


@pytest.fixture(scope="module")
def article():
    return lesson(article_example())


@pytest.fixture(scope="module")
def trained():
    return lesson(trained_example(checkpoint.load(SHIPPED), ["you", "are", "welcome"], ["de", "nada"]))


@pytest.fixture(scope="module", params=["article", "trained"])
def told(request):
    return request.getfixturevalue(request.param)


def all_exercises(told, **more):
    return [exercise(told, chapter, **more) for chapter in range(1, len(told.chapters) + 1)]


def test_a_solution_is_the_lessons_number_and_its_lines_give_it(article):
    errors = []
    for made in all_exercises(article, decimals=6, variant=3):
        for blank in made.blanks:
            assert blank.lines[-1].number == blank.solution == rounded(blank.value, 6)
            if blank.cell is not None:
                assert blank.value == article.array(blank.cell.shown)[blank.cell.index]
            for line in blank.lines:
                if line.sign == "=":
                    assert rounded(computed(line.text), 6) == line.number, str(line)
                errors.append(abs(computed(line.text) - read(line.number)) / max(1, abs(read(line.number))))
    assert len(errors) > 350
    assert max(errors) < 1e-6


@pytest.mark.parametrize("decimals", [2, 4, 6])
def test_who_computes_from_what_is_printed_is_right(article, decimals):
    judged = [
        check(blank, repr(computed(blank.lines[-1].text))).right
        for made in all_exercises(article, decimals=decimals, variant=3)
        for blank in made.blanks
    ]
    assert np.mean(judged) >= (0.9 if decimals == 2 else 1)


def test_what_is_given_holds_all_that_the_blanks_take_and_none_of_them(told):
    for made in all_exercises(told):
        for task in made.tasks:
            result = task.equation.result
            assert result not in task.given
            steps = {line.number.matrix for line in task.equation.lines}
            assert set(task.used) <= {*task.given, *steps}
            assert not steps & set(task.given)
            if "normalised" not in task.step.key:
                shown = {matrix.tensor for matrix in task.given if matrix.tensor}
                assert result.tensor not in shown


def test_the_same_variant_has_the_same_blanks_and_another_has_others(article):
    cells = [[str(blank.cell) for blank in exercise(article, 3, variant=variant).blanks] for variant in (1, 1, 2)]
    assert cells[0] == cells[1] != cells[2]
    assert len(cells[0]) == len(set(cells[0])) == 3 * 13
    assert [blank.number for blank in exercise(article, 3).blanks] == list(range(1, 40))
    drawn = exercise(article, variant=7)
    assert len(drawn.tasks) == 5
    keys = [step.key for step in article.steps]
    assert sorted(keys.index(task.step.key) for task in drawn.tasks) == [keys.index(t.step.key) for t in drawn.tasks]


def test_a_blank_is_worth_computing(article):
    for variant in range(5):
        masked = exercise(article, step="decoder.0.self_attention.weights", blanks=30, variant=variant)
        assert len(masked.blanks) == 2 * 6
        assert all(blank.value for blank in masked.blanks)
    assert len(exercise(article, step="loss", blanks=30).blanks) == 1


def test_answers_are_right_to_the_printed_digits(told):
    for made in all_exercises(told):
        for blank in made.blanks:
            for text in (blank.solution, blank.solution.replace(".", ","), f" {blank.value!r} "):
                verdict = check(blank, text)
                assert verdict.right
                assert verdict.sentence == f"Right: {blank.solution}."


def test_an_answer_that_rounding_moved_is_right_and_a_wrong_one_gets_the_worked_line(article):
    (blank,) = exercise(article, step="encoder.0.self_attention.scaled", blanks=1).blanks
    value = float(read(blank.solution))
    nearly = check(blank, f"{value + 0.0003:.4f}")
    assert nearly.right
    assert nearly.grade == "close"
    assert nearly.sentence == f"Right, but rounded too early: rounded only at the end, it is {blank.solution}."
    for wrong in (value + 0.01, -value, value * 2):
        verdict = check(blank, str(wrong))
        assert not verdict.right
        assert verdict.sentence == f"Not yet. {blank.hint}"
        assert verdict.how == f"Compute {blank.lines[-1].text} = ?"
    assert blank.solution not in verdict.sentence + verdict.how
    for text in ("", "x", "1/2", "inf", "nan", "=1", "9" * 400):
        verdict = check(blank, text)
        assert verdict.grade == "unreadable"
        assert f"is not a number. Type one such as 0.25 or {MINUS}1.5." in verdict.sentence
        assert len(verdict.sentence) < 120


def test_a_hint_names_the_row_and_the_column_to_multiply(article):
    blank = exercise(article, step="encoder.0.feed_forward.hidden", blanks=1).blanks[0]
    _, row, column = blank.equation.worked
    words = article.trace.tokens[row]
    assert blank.hint == (
        f"Multiply row “{words}” of “norm” by column “{column + 1}” of “weights”, number by number, and add up the "
        f"products. You need [{column + 1}] of “bias”."
    )
    share = exercise(article, step="encoder.0.self_attention.weights", blanks=1).blanks[0]
    head, row, _ = share.equation.worked
    word = article.trace.tokens[row]  # a softmax takes all scores of its row
    assert share.hint == (
        f"You need row “{word}” of “scaled scores, head {head + 1}”; [{word}] of “maximum, head {head + 1}”."
    )


def test_a_blank_takes_the_whole_row_that_a_softmax_or_a_norm_takes(article):
    for step, chosen in (("encoder.0.self_attention.weights", 0), ("encoder.0.self_attention.norm", 1)):
        equation = equations(article, article.step(step))[chosen].at(0, 1, 2)
        (blank,) = (replace(each, equation=equation) for each in exercise(article, step=step, blanks=1).blanks)
        head, row, _ = equation.worked
        first = given(equation)[0]
        own = {(head, row, column) for column in range(len(first.columns))}
        assert blank.takes[first] == own


def test_a_reader_gets_the_equation_without_its_answers_and_what_lies_on_the_way(told):
    for made in all_exercises(told):
        for task in made.tasks:
            seen = task.unsolved
            assert seen.lines == ()
            assert len(seen.matrices) == len(set(task.given)) + 1
            blank = {task.cuts[task.equation.result].at(each.equation.worked) for each in task.blanks}
            assert {tuple(place) for place in np.argwhere(np.isnan(seen.result.values)).tolist()} == blank
            for matrix, cut in task.cuts.items():
                assert max(len(cut.matrix.rows), len(cut.matrix.columns)) <= 16 or task.used[matrix]
                for place in task.used[matrix]:
                    assert cut.matrix.number(cut.at(place)) == matrix.number(place)


def test_operators_stay_until_something_is_left_out(article):
    (task,) = exercise(article, step="encoder.0.self_attention.query").tasks
    assert [part if isinstance(part, str) else part.caption for part in task.unsolved.parts] == [
        *("input", "·", "weights", "+", "bias"),
        *("=", "queries"),
    ]


def test_an_answer_is_given_by_the_number_of_its_blank(article):
    made = exercise(article, chapter=3)
    assert made.check(39, made.blanks[38].solution).right
    assert not made.check(39, "77").right
    for number in (0, 40):
        with pytest.raises(UserError, match=f"no blank {number}. This exercise has blanks 1 to 39"):
            made.check(number, "1")


def test_a_hint_has_the_numbers_on_the_way(article):
    (blank,) = exercise(article, step="encoder.0.self_attention.weights", blanks=1).blanks
    how = check(blank, "7").how
    assert how.count(";") == 3
    assert how.count("exp ") == 1
    assert how.endswith(" = ?")


def test_tiny_numbers_are_answered_in_powers_of_ten(article):
    tiny = [blank for made in all_exercises(article, decimals=2, blanks=30) for blank in made.blanks]
    tiny = [blank for blank in tiny if "·10" in blank.solution]
    assert tiny
    for blank in tiny:
        assert check(blank, blank.solution).right
        assert check(blank, repr(blank.value)).right
        assert not check(blank, "0").right
        assert not check(blank, repr(blank.value * 2)).right


def rows_of(table):
    return [[cell.text_content() for cell in row] for row in table.iter("tr")]


@pytest.mark.parametrize("form", ["md", "html"])
def test_a_sheet_has_the_blanks_first_and_the_solutions_last(article, form):
    made = exercise(article, chapter=3)
    text = made.sheet(form).content.decode()
    if form == "md":
        text = f"<div>{MarkdownIt('commonmark').enable('table').render(text)}</div>"
    page = html.fromstring(text)
    (solutions,) = [heading for heading in page.iter("h2") if heading.text_content() == "Solutions"]
    body = page.text_content()
    before = body[: body.rindex("Solutions")]
    entries = [cell for table in page.iter("table") for row in rows_of(table) for cell in row]
    for blank in made.blanks:
        assert [entry for entry in entries if entry.startswith(f"({blank.number})")]
        assert blank.lines[-1].text not in before
        assert blank.lines[-1].text in body
    assert sum(entry.startswith("(") for entry in entries) == len(made.blanks)
    assert not list(solutions.itersiblings("table"))
    assert len(list(page.iter("h2"))) == len(made.tasks) + 1
    if form == "html":
        assert not {"script", "img", "link"} & {element.tag for element in page.iter()}


@pytest.mark.parametrize("form", ["md", "html"])
def test_words_are_words_on_a_sheet(form):
    made = exercise(odd_lesson(), chapter=3)
    text = made.sheet(form).content.decode()
    assert "<script>" not in text
    if form == "md":
        text = f"<div>{MarkdownIt('commonmark', {'html': True}).enable('table').render(text)}</div>"
    body = html.fromstring(text).text_content()
    for word in (*SOURCE, *TARGET):
        assert word in body
    assert "alert(1)" in made._repr_html_()
    assert "<script>" not in made._repr_html_()


def test_of_wide_matrices_a_sheet_has_what_the_blanks_take(trained):
    made = exercise(trained, step="encoder.0.feed_forward.hidden", blanks=2)
    text = made.sheet("md").content.decode()
    assert "more columns are left out" in text
    assert len(text) < 20_000
    for blank in made.blanks:
        numbers = re.findall(r"\d+\.\d{4,}", blank.lines[-1].text)
        assert len(numbers) > 96
        given = {float(number) for number in re.findall(r" (\d+\.\d{4}) ", text.replace(MINUS, " "))}
        for number in map(float, numbers):  # with more digits than the matrices have
            assert given & {round(number + half, 4) for half in (-4e-5, 0, 4e-5)}


def test_where_nothing_is_computed_is_a_sentence(article):
    for step in ("source.tokens", "back.loss", "update.weight"):
        with pytest.raises(UserError, match="nothing to leave blank"):
            exercise(article, step=step)
    with pytest.raises(UserError, match="no chapter 99"):
        exercise(article, chapter=99)
    with pytest.raises(UserError, match="1 decimals"):
        exercise(article, decimals=1)
    with pytest.raises(UserError, match="chapter or step, not both"):
        Exercise(article=True, chapter=1, step="loss")


def test_the_payload_says_which_parts_are_given_and_where_the_blanks_are():
    answer = Exercise(article=True, step="encoder.0.self_attention.query", blanks=2, variant=1).answer().as_json()
    assert json.dumps(answer, allow_nan=False)
    (task,) = answer["tasks"]
    parts = {part["id"]: part for part in task["equation"]["parts"] if part["kind"] == "matrix"}
    assert [parts[part]["caption"] for part in task["given"]] == ["input", "weights", "bias"]
    shape = parts[task["equation"]["result"]]["heads"], parts[task["equation"]["result"]]["rows"]
    for blank in task["blanks"]:
        head, row, _ = blank["at"]
        assert head < len(shape[0])
        assert row < len(shape[1])
        assert blank["cell"].startswith("encoder.0.self_attention.query[")
        assert blank["lines"][-1]["result"] == blank["solution"]
        assert {line["sign"] for line in blank["lines"]} <= {"=", "≈"}


def test_every_exercise_of_many_variants_can_be_made(article):
    dice = random.Random(0)
    for _ in range(20):
        made = exercise(article, variant=dice.randrange(2**31), blanks=dice.randint(1, 30), decimals=dice.randint(2, 6))
        assert made.sheet("md").content
        assert made.table().rows
