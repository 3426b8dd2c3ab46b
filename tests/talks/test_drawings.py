"""What a stage draws of a lesson, of vectors and of comparisons."""

import re
from typing import Any

import pytest

from explorer.errors import UserError
from explorer.lessons.pictures.picture import TALK_TYPE
from explorer.palette import LEVELS
from explorer.questions import QUESTIONS
from explorer.talks.views import view


def answered(name: str, **values: Any) -> Any:
    return QUESTIONS[name](**values).answer()


def parts(drawing):
    return [part for part in drawing["equation"]["parts"] if part["kind"] == "matrix"]


def test_a_vector_is_its_first_numbers_and_the_colours_of_all():
    drawing = view("vector?word=airplane").drawing
    vector = answered("vector", word="airplane").query.vector
    assert (drawing["kind"], drawing["word"], len(drawing["levels"])) == ("vector", "airplane", len(vector))
    assert drawing["numbers"][:3] == ["0.0938", "0.0938", "0.1562"]
    for number, level in zip(vector, drawing["levels"], strict=True):
        assert level[0] == ("n" if number < 0 else "p")
        assert int(level[1:]) == round(abs(float(number)) / float(abs(vector).max()) * LEVELS)


def test_words_on_an_axis_are_bars_to_both_sides():
    drawing = view("axes?words=nurse,engineer&axis=he,she").drawing
    assert drawing["kind"] == "words"
    assert [(row["word"], row["share"] < 0) for row in drawing["rows"]] == [("engineer", True), ("nurse", False)]
    assert "nearer to he" in drawing["caption"]
    assert "nearer to she" in drawing["caption"]


def test_the_odd_word_is_the_shortest_bar():
    drawing = view("odd-one-out?words=breakfast,lunch,dinner,airplane").drawing
    assert drawing["kind"] == "words"
    assert drawing["rows"][-1]["word"] == "airplane"


def test_the_next_word_stands_as_bars_and_the_right_one_stands_out():
    bars = view("lesson?step=next.words&position=0").drawing
    assert bars["kind"] == "words"
    assert [row["word"] for row in bars["rows"] if row["right"]] == ["de ✓"]
    assert bars["rows"][-1]["number"] == "0.018"
    for address in ("lesson?step=next.words", "picture?article=true&kind=next-word"):
        columns = view(address).drawing["columns"]
        assert [each["title"] for each in columns] == ["after <start>", "after de", "after nada"]
        assert columns[0]["rows"] == bars["rows"]


@pytest.mark.parametrize("position", ["3", "-1", "first"])
def test_a_position_that_is_none_is_refused(position):
    with pytest.raises(UserError, match="from 0 to 2"):
        view(f"lesson?step=next.words&position={position}")


def test_a_step_of_the_optimiser_is_a_weight_and_the_loss_before_and_after():
    loss = {"name": "the loss", "before": "2.4281", "after": "1.2147"}
    weight = {"name": "embedding table [You, 3]", "before": "−0.1000", "after": "−0.0500"}
    for address, rows in (
        ("update?article=true", [weight, loss]),
        ("lesson?step=update.weight", [weight, loss]),
        ("lesson?step=update.loss", [loss]),
    ):
        shown = view(address)
        assert shown.drawing["rows"] == rows
        assert "2.4281 → 1.2147" in shown.shows


def test_a_row_of_a_lesson_may_stand_as_bars():
    drawing = view("lesson?step=back.logits&equation=0&draw=bars").drawing
    numbers = {row["word"]: float(row["number"].replace("−", "-")) for row in drawing["rows"]}
    assert numbers["de"] == pytest.approx((0.0181 - 1) / 3, abs=1e-4)
    assert all(number > 0 for word, number in numbers.items() if word != "de")
    assert sum(numbers.values()) == pytest.approx(0, abs=1e-3)


def test_a_comparison_draws_the_arms_and_the_differences_asked_for():
    address = "comparison?comparison=phrase-book&size=0.05"
    all_arms = view(address).drawing
    assert [row["name"] for row in all_arms["rows"]][-1] == "word2vec, wide"
    few = view(f"{address}&arms=zeros;word2vec, wide").drawing
    assert [row["name"] for row in few["rows"]] == ["zeros", "word2vec, wide"]
    rescaled = view(f"{address}&against=rescaled").drawing
    assert "word2vec, Xavier" in rescaled["axis"]
    assert [row["text"].split()[0] for row in rescaled["rows"]] == ["0.1396", "0.6548"]
    means = view(f"{address}&draw=means&arms=random, Xavier").drawing
    assert [(row["word"], row["number"]) for row in means["rows"]] == [("random, Xavier", "3.8491")]
    assert view("initialisation?run=phrase-book&size=0.05").drawing == all_arms


def test_an_arm_that_is_none_is_refused():
    with pytest.raises(UserError, match="There is no arm “ones”"):
        view("comparison?comparison=phrase-book&arms=ones")


@pytest.mark.parametrize(
    ("address", "rows"),
    [
        # one token's row, and the weights whole
        ("step=encoder.0.self_attention.query", [1, 4, 1, 1, 1]),
        ("step=encoder.0.feed_forward.output", [1, 8, 1, 1]),
        ("step=encoder.0.self_attention.norm&equation=1", [1] * 7),
        ("step=encoder.0.self_attention.scaled&draw=row", [1, 1]),
        # what has room stays whole, and so does what takes its rows from a list
        ("step=encoder.0.self_attention.scores", [3, 2, 3]),
        ("step=source.embedding&draw=row", [7, 3]),
    ],
)
def test_an_equation_that_has_no_room_shows_the_worked_row(address, rows):
    drawing = view(f"lesson?{address}").drawing
    assert [len(part["rows"]) for part in parts(drawing)] == rows


def test_the_worked_row_says_the_same_sum_as_the_whole_equation():
    whole = view("lesson?step=encoder.0.self_attention.heads&cell=encoder.0.self_attention.heads[1,2,0]")
    row = view("lesson?step=encoder.0.self_attention.heads&cell=encoder.0.self_attention.heads[1,2,0]&draw=row")
    assert row.shows == whole.shows
    assert tuple(row.drawing["equation"]["worked"]) == (1, 0, 0)
    assert parts(row.drawing)[0]["rows"] == ("welcome",)


def test_a_beam_search_is_drawn_for_the_room_and_can_be_shown_step_by_step():
    drawing = view("picture?kind=beam").drawing["svg"]
    assert set(re.findall(r"\bstep\d", drawing)) == {"step0", "step1", "step2"}  # de, nada, <end>
    assert min(float(size) for size in re.findall(r'font-size="([\d.]+)"', drawing)) >= TALK_TYPE
