"""Edits: a weight changed, the pass told once more, and what cannot be a weight."""

import numpy as np
import pytest

from explorer.errors import UserError
from explorer.lessons.cells import Cell
from explorer.lessons.edits import (
    MOST_EDITS,
    Edit,
    change,
    editable,
    edited,
    read_edits,
    read_number,
    read_sides,
    rescaled,
    written,
)
from explorer.lessons.example import article_example
from explorer.lessons.lesson import lesson
from explorer.lessons.steps import GRADIENT, Shown
from explorer.transformer.inspection import widths
from explorer.transformer.replay import replay

WEIGHT = Cell(Shown("source.table"), (4, 1))


@pytest.fixture(scope="module")
def told():
    return lesson(article_example())


@pytest.mark.parametrize(("text", "number"), [("0.25", 0.25), (" −1,5 ", -1.5), ("1e3", 1000.0), ("-0", 0.0)])
def test_numbers_are_read_as_people_type_them(text, number):
    assert read_number(text) == number


@pytest.mark.parametrize("text", ["", "NaN", "inf", "-Infinity", "abc", "0.1.2", "9" * 400])
def test_what_no_weight_can_be_is_said(text):
    with pytest.raises(UserError, match="not a number that a weight can be"):
        read_number(text)


def test_edits_are_read_as_they_are_written_and_the_last_of_a_cell_counts():
    edits = (Edit(WEIGHT, 0.5), Edit(Cell(Shown("output.bias"), (2,)), -1.0))
    assert read_edits(written(edits)) == edits
    assert written((Edit(WEIGHT, 0.5), Edit(WEIGHT, 0.75))) == "source.table[4,1]=0.75"
    assert read_edits("") == ()


def test_more_edits_than_a_lesson_takes_are_not_even_read():
    assert len(read_edits(";".join(["output.bias[1]=1"] * MOST_EDITS))) == MOST_EDITS
    with pytest.raises(UserError, match=f"more than {MOST_EDITS} edits"):
        read_edits(";".join([*["output.bias[1]=1"] * MOST_EDITS, *["nonsense"] * 100_000]))


def test_each_side_is_rescaled_once_however_often_it_is_named():
    assert read_sides("") == read_sides(",,") == ()
    assert read_sides("target,source," * 2000) == ("source", "target")
    with pytest.raises(UserError, match="is not a side of a lesson") as error:
        read_sides("source," + "x" * 10_000)
    assert len(str(error.value)) < 100


def test_an_edit_changes_what_a_replay_changes(told):
    after = edited(told, [Edit(WEIGHT, 0.9)])
    table = told.trace["source.table"].value.copy()
    table[4, 1] = 0.9
    for name, value in replay(told.trace, {"source.table": table}).items():
        np.testing.assert_allclose(after.trace[name].value, value, rtol=1e-12, err_msg=name)
    difference = float(after.trace["loss"].value) - float(told.trace["loss"].value)
    assert change(told, after, Shown("loss")) == pytest.approx(difference)
    assert difference != 0
    assert [step.key for step in after.steps] == [step.key for step in told.steps]
    assert after.example.origin == f"{told.example.origin} Edited since: source.table [You, 2] = 0.9."


def test_what_is_masked_before_and_after_has_not_changed(told):
    after = edited(told, [Edit(WEIGHT, 0.9)])
    moved = change(told, after, Shown("decoder.0.self_attention.masked"))
    assert np.isfinite(moved).all()
    assert (moved[:, 0, 1:] == 0).all()


def test_a_vector_is_edited_in_its_table_and_what_is_computed_not_at_all(told):
    assert editable(told, Cell(Shown("source.embedding"), (0, 1))) == WEIGHT
    assert editable(told, WEIGHT) == WEIGHT
    assert editable(told, Cell(Shown("source.table", GRADIENT), (4, 1))) is None
    assert editable(told, Cell(Shown("logits"), (0, 0))) is None
    with pytest.raises(UserError, match="is computed"):
        edited(told, [Edit(Cell(Shown("logits"), (0, 0)), 1.0)])


@pytest.mark.parametrize(
    ("cell", "number", "said"),
    [
        (WEIGHT, 1e308, "overflows"),
        (Cell(Shown("source.table"), (9, 9)), 1.0, "none stands at"),
        (Cell(Shown("nowhere"), (0,)), 1.0, "no tensor"),
    ],
)
def test_what_cannot_be_computed_is_said(told, cell, number, said):
    with pytest.raises(UserError, match=said):
        edited(told, [Edit(cell, number)])


@pytest.mark.parametrize("side", ["source", "target"])
def test_after_a_rescaling_vectors_are_as_long_as_positions(told, side):
    found = widths(lesson(rescaled(told.example, side, widths(told.trace, side))).trace, side)
    assert found.vectors == pytest.approx(found.positions)
