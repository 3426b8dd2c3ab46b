"""Cells: their names in addresses, the steps they stand on, and the way from the loss back to a vector."""

import pytest

from explorer.errors import UserError
from explorer.lessons.cells import Cell, behind, home
from explorer.lessons.example import article_example
from explorer.lessons.lesson import lesson
from explorer.lessons.steps import GRADIENT, UPDATED, VALUE, Shown


@pytest.fixture(scope="module")
def told():
    return lesson(article_example())


@pytest.mark.parametrize(
    "cell",
    [
        Cell(Shown("loss"), ()),
        Cell(Shown("encoder.0.self_attention.scores"), (1, 0, 2)),
        Cell(Shown("source.table", GRADIENT), (4, 3)),
        Cell(Shown("output.bias", UPDATED), (0,)),
    ],
    ids=str,
)
def test_a_cell_is_read_as_it_is_written(cell):
    assert Cell.parse(str(cell)) == cell


@pytest.mark.parametrize(
    "text", ["", "loss", "loss[", "loss[a]", "wrong:loss[]", "loss[-1]", "<b>[0]", "x" * 500 + "[0]"]
)
def test_what_is_no_cell_is_said(text):
    with pytest.raises(UserError, match="names no number"):
        Cell.parse(text)


def test_a_cell_is_called_by_its_tokens(told):
    assert Cell(Shown("encoder.0.self_attention.scores"), (1, 0, 2)).label(told) == "scores, head 2 [You, welcome]"
    assert Cell(Shown("source.table", GRADIENT), (4, 3)).label(told) == "gradient of source.table [You, 4]"
    assert Cell(Shown("loss"), ()).label(told) == "loss"


@pytest.mark.parametrize(
    ("name", "place"),
    [
        ("encoder.0.self_attention.norm", "encoder 1, self-attention"),
        ("decoder.1.cross_attention.query.weight", "decoder 2, cross-attention"),
        ("encoder.norm.gain", "encoder"),
        ("target.embedding", "target"),
        ("source.table", ""),
        ("loss", ""),
    ],
)
def test_a_cell_says_where_in_the_model_it_stands(name, place):
    assert Cell(Shown(name), (0,)).place == place


def test_cells_of_another_model_do_not_stand_in_this_one(told):
    assert Cell(Shown("logits"), (2, 5)).stands_in(told)
    assert not Cell(Shown("logits"), (2, 6)).stands_in(told)
    assert not Cell(Shown("logits"), (2,)).stands_in(told)
    assert not Cell(Shown("encoder.7.norm.gain"), (0,)).stands_in(told)


def test_every_tensor_and_every_gradient_has_a_step_where_it_stands(told):
    for tensor in (*told.trace, *told.trace.parameters.values()):
        for side in (VALUE, GRADIENT) if tensor.gradient is not None else (VALUE,):
            shown = Shown(tensor.name, side)
            step = home(told, shown)
            assert step is not None, shown
            assert shown in step.shown or shown in behind(told, step)
            assert step.key.startswith("back.") == (side == GRADIENT)


def cells_of(factor):
    """The cells that a factor is, or was computed from."""
    if factor.tensor is not None:
        return [Cell(Shown(factor.tensor, GRADIENT if factor.gradient else VALUE), factor.index)]
    return [Cell(Shown(factor.of), index) for index in factor.cells if factor.of]


def test_the_first_factors_lead_from_the_loss_to_a_vector(told):
    cell, walked = Cell(Shown("loss"), ()), []
    while told.explain(cell.shown, *cell.index).operation != "given":
        walked.append(cell.shown.name)
        factors = [factor for term in told.explain(cell.shown, *cell.index).terms for factor in term.factors]
        cell = next(
            found for factor in factors for found in cells_of(factor) if not found.shown.name.endswith("weight")
        )
    assert walked[:4] == ["loss", "losses", "probabilities", "logits"]
    assert {"losses", "probabilities", "decoder.0.self_attention.residual", "target.embedding"} <= set(walked)
    assert cell.shown.name == "target.table"
