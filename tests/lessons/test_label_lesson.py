"""A text and its label as a lesson: pooling, logits, loss and the way back, in every document, computed once more."""

import math

import numpy as np
import pytest

from explorer.errors import UserError
from explorer.lessons.cells import Cell, behind
from explorer.lessons.edits import edited, read_edits
from explorer.lessons.equations import equations, equations_of_cell
from explorer.lessons.exercises import exercise
from explorer.lessons.flow import flow
from explorer.lessons.lesson import lesson
from explorer.lessons.pictures.whole import Whole
from explorer.lessons.renderings import render
from explorer.lessons.steps import GRADIENT, VALUE, Shown
from explorer.lessons.summaries import summary
from explorer.lessons.verification import verify
from explorer.questions.lessons import Lesson, Picture
from explorer.transformer.bounds import POOLINGS
from tests.lessons.test_spreadsheet import assert_documents_compute

LABELS = ["bad", "good", "neither"]
ASKED = {
    "source": "a good film",
    "target": "good",
    "labels": LABELS,
    "vectors": "wiki-en-glove",
    "d_model": 4,
    "layers": 1,
    "heads": 2,
    "d_ff": 3,
}


@pytest.fixture(scope="module", params=POOLINGS)
def told(request):
    """The lesson of a text; the weights differ from those that cancel out, a query of 0 among them."""
    example = Lesson(**ASKED, pooling=request.param).subject
    random = np.random.default_rng(0)
    for name, array in example.translator.parameters.items():
        if not name.endswith("table"):
            example.translator.parameters[name] = array + random.normal(0, 0.3, array.shape)
    return lesson(example)


def test_the_way_goes_from_the_words_to_the_label_and_back(told):
    keys = [step.key for step in told.steps]
    asked = ["queries", "scores", "scaled", "weights"] if "pooling.query" in told.trace.parameters else []
    ahead = [*(f"pooling.{name}" for name in (*asked, "pooled")), "labels.logits", "labels.probabilities"]
    ahead += ["labels.losses", "loss"]
    start = keys.index("back.loss") - len(ahead)
    assert keys[start:] == [*ahead, *(key for key in keys[start + len(ahead) :])]
    assert [key for key in keys if key.startswith("back.")][: len(ahead)] == [f"back.{key}" for key in ahead[::-1]]
    assert not [key for key in keys if key.startswith(("target.", "decoder.", "next."))]
    assert keys[-1] == "update.loss"
    assert told.headline == "Your own sentence: a good film → good"
    assert "None" not in repr([summary(told, chapter) for chapter in told.chapters])
    assert "Guessing among 3 labels" in summary(told, next(c for c in told.chapters if c.steps[-1].key == "loss"))
    assert "right word" not in render(told, "md").split("## Glossary")[0]
    assert told.step("labels.probabilities").prose.endswith("not trained, so its prediction means nothing yet.")
    labels = told.trace["labels.probabilities"]
    assert told.trace["loss"].value == pytest.approx(-math.log(labels.value[0, 1]))
    assert told.trace.labels(labels.name) == (("text",), ("bad", "good", "neither"))


def test_every_number_comes_from_its_terms_and_every_gradient_is_the_difference_that_it_makes(told):
    for step in told.steps:
        for shown in (*step.shown, *behind(told, step)):
            array = told.array(shown)
            for index in {tuple(0 for _ in array.shape), tuple(size - 1 for size in array.shape)}:
                assert told.explain(shown, *index).total == pytest.approx(array[index], abs=1e-11), (shown, index)
    for name in ("pooling.pooled", "labels.logits", "labels.output.weight", "encoder.0.feed_forward.norm"):
        assert verify(told, Shown(name, GRADIENT), most=6).passed
        assert verify(told, Shown(name, VALUE), most=6).passed


def test_each_step_has_its_equations_and_each_cell_its_own(told):
    for step in told.steps:
        if step.shown:
            assert all(math.isfinite(each.result.number(each.worked)) for each in equations(told, step))
    (logits,) = equations_of_cell(told, Cell(Shown("labels.logits"), (0, 1)))
    assert logits.worked == (0, 0, 1)
    given = "pooling.query" not in told.trace.parameters
    assert (equations_of_cell(told, Cell(Shown("pooling.weights"), (0, 0))) == ()) == given
    sheet = exercise(told, step="labels.logits", blanks=2)
    assert [blank.label for task in sheet.tasks for blank in task.blanks]


def test_the_notebook_and_the_spreadsheet_compute_the_same(told):
    assert_documents_compute(told)


def test_the_picture_has_a_box_for_each_step(told):
    whole = Whole(told)
    assert {key for box in flow(told).boxes for key in (*box.keys, *box.back)} == {step.key for step in told.steps}
    assert "One vector" in whole.as_svg()
    assert "which label the text “a good film” has: bad, good, neither" in whole.sentences[0]
    assert "the right label is “good”" in " ".join(stop.sentence for stop in whole.stops)


def test_which_label_is_right_changes_the_loss_and_not_the_answer():
    passes = {label: lesson(Lesson(**ASKED | {"target": label}).subject).trace for label in LABELS}
    shares = passes["good"]["labels.probabilities"].value[0]
    for place, (label, trace) in enumerate(passes.items()):
        np.testing.assert_array_equal(trace["labels.probabilities"].value[0], shares)
        assert trace["loss"].value == pytest.approx(-math.log(shares[place])), label


def test_an_edit_changes_the_loss(told):
    after = edited(told, read_edits("labels.output.bias[1]=5"))
    assert after.trace["loss"].value < told.trace["loss"].value


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"vectors": None, "d_model": None, "layers": None, "heads": None, "d_ff": None},
            "labels has an effect only with vectors",
        ),
        ({"target": "great"}, "“great” is none of the labels: bad, good, neither"),
        ({"labels": ["good", "good"]}, "Each label needs a name of its own"),
        ({"labels": None, "pooling": "mean"}, "pooling has an effect only with labels"),
        ({"dropout": 0.1}, "dropout has no effect with labels"),
    ],
)
def test_what_does_not_go_with_labels_is_said(changes, message):
    with pytest.raises(UserError, match=message):
        Lesson(**{**ASKED, **changes})
    with pytest.raises(UserError, match="A classifier says no words"):
        Picture(**ASKED, kind="beam")
