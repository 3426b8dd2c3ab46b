"""A sentence in a language model as a lesson: a decoder alone, forward, back, in every document, computed anew."""

import math

import numpy as np
import pytest

from explorer.errors import UserError
from explorer.lessons.cells import behind
from explorer.lessons.edits import edited, read_edits
from explorer.lessons.equations import equations
from explorer.lessons.flow import flow
from explorer.lessons.lesson import lesson
from explorer.lessons.pictures.whole import Whole
from explorer.lessons.renderings import render
from explorer.lessons.steps import GRADIENT, VALUE, Shown
from explorer.lessons.summaries import summary
from explorer.lessons.verification import verify
from explorer.questions.lessons import Lesson, Picture, Update
from tests.lessons.test_spreadsheet import assert_documents_compute

ASKED = {
    "source": "you are welcome",
    "decoder_only": True,
    "vectors": "wiki-en-glove",
    "d_model": 4,
    "layers": 1,
    "heads": 2,
    "d_ff": 3,
}


@pytest.fixture(scope="module")
def told():
    return lesson(Lesson(**ASKED).subject)


def test_the_way_goes_from_the_words_through_the_decoder_to_the_loss_and_back(told):
    keys = [step.key for step in told.steps]
    attention = [f"decoder.0.self_attention.{name}" for name in (
        "query", "key", "value", "scores", "scaled", "masked", "weights", "heads", "output", "norm",
    )]  # fmt: skip
    feed_forward = [f"decoder.0.feed_forward.{name}" for name in ("hidden", "activation", "output", "norm")]
    ahead = ["target.tokens", "target.shifted", "target.embedding", "target.positions", "target.input"]
    ahead += [*attention, *feed_forward, "logits", "probabilities", "next.words", "losses", "padding", "loss"]
    assert keys[: len(ahead)] == ahead
    assert keys[-4:] == ["update.weight", "update.embeddings", "update.neighbours", "update.loss"]
    assert {key.removeprefix("back.") for key in keys[len(ahead) : -4]} < set(ahead)
    assert told.headline == "Your own sentence: you are welcome"
    assert told.trace.target == ("<start>", "you", "are", "welcome")
    right = [told.trace["probabilities"].value[place, told.example.translator.source.words.index(word)]
             for place, word in enumerate(("you", "are", "welcome", "<end>"))]  # fmt: skip
    assert told.trace["loss"].value == pytest.approx(-np.log(right).mean())


def test_no_sentence_speaks_of_a_source_or_a_translation(told):
    text = render(told, "md").split("## Glossary")[0]
    prose = [line for line in text.splitlines() if line[:1].isalpha()]
    prose += [summary(told, chapter) for chapter in told.chapters] + [*Whole(told).sentences]
    prose += [stop.sentence for stop in Whole(told).stops]
    for line in prose:
        assert not {"source", "encoder", "translation", "None"}.intersection(line.replace(",", " ").split()), line
    for step in ("next.words", "probabilities"):
        ends = told.step(step).prose if step == "next.words" else summary(told, told.chapter(told.step(step)))
        assert ends.endswith("The weights of this model are random, not trained, so its prediction means nothing yet.")


def test_every_number_comes_from_its_terms_and_every_gradient_is_the_difference_that_it_makes(told):
    for step in told.steps:
        for shown in (*step.shown, *behind(told, step)):
            array = told.array(shown)
            for index in {tuple(0 for _ in array.shape), tuple(size - 1 for size in array.shape)}:
                assert told.explain(shown, *index).total == pytest.approx(array[index], abs=1e-11), (shown, index)
        if step.shown:
            assert not any(math.isnan(each.result.number(each.worked)) for each in equations(told, step))
    for name in ("target.table", "decoder.0.self_attention.query.weight", "decoder.0.feed_forward.norm"):
        assert verify(told, Shown(name, GRADIENT), most=6).passed
        assert verify(told, Shown(name, VALUE), most=6).passed


def test_the_notebook_and_the_spreadsheet_compute_the_same(told):
    assert_documents_compute(told)


def test_the_picture_is_one_column_and_the_output_beside_it(told):
    drawn = flow(told)
    assert {key for box in drawn.boxes for key in (*box.keys, *box.back)} == {step.key for step in told.steps}
    assert {box.column for box in drawn.boxes} == {0}
    assert {kind for _, _, kind in drawn.edges} == {"next", "residual"}
    assert "Decoder: reads the words so far" in Whole(told).as_svg()


def test_an_edit_and_a_step_of_the_optimiser_change_the_loss(told):
    after = edited(told, read_edits("output.bias[6]=5"))
    assert after.trace["loss"].value != told.trace["loss"].value
    assert Update(**ASKED).answer().as_json()["cell"].startswith("target.table[")


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        (
            {"vectors": None, "d_model": None, "layers": None, "heads": None, "d_ff": None},
            "decoder_only has an effect only with vectors",
        ),
        ({"encoder_only": True}, "decoder_only has no effect with encoder_only"),
        ({"labels": ["good", "bad"]}, "labels has no effect with decoder_only"),
        ({"target": "welcome"}, "target has no effect with decoder_only"),
        ({"dropout": 0.1}, "dropout has no effect with decoder_only"),
    ],
)
def test_what_does_not_go_with_a_language_model_is_said(changes, message):
    with pytest.raises(UserError, match=message):
        Lesson(**{**ASKED, **changes})
    for kind in ("decoding", "beam"):
        with pytest.raises(UserError, match="language model is not trained"):
            Picture(**ASKED, kind=kind)
