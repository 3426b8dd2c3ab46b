"""Scenes show what the questions answer, whatever way the address is written."""

import re
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest

from explorer.answers import written
from explorer.errors import UserError
from explorer.lessons.equations import equations
from explorer.lessons.example import article_example
from explorer.lessons.learning import Learning
from explorer.lessons.lesson import lesson
from explorer.questions.jobs import Watch
from explorer.questions.lessons import Lesson
from explorer.questions.maps import Graph, Map
from explorer.questions.vectors import Analogy, Matrix, OddOneOut, Placement, Similarity
from explorer.questions.words import Neighbours
from explorer.talks import lessons, trainings
from explorer.talks.deck import Scene, read_deck
from explorer.talks.rehearsal import WORDS_A_MINUTE, rehearse
from explorer.talks.views import is_drawn, question_at, split, unknown_names, view


@pytest.mark.parametrize(
    ("address", "question"),
    [
        ("neighbours?word=airplane&n=6", Neighbours(word="airplane", n=6)),
        ("http://localhost:8501/neighbours?word=ice+cream&why=true", Neighbours(word="ice cream")),
        ("neighbours?word=king - man + woman", Neighbours(word="king - man + woman")),
        ("neighbours?word=100% sure", Neighbours(word="100% sure")),
        ("neighbours?word=tea&search=approximate&regex=^t", Neighbours(word="tea", approximate=True, pattern="^t")),
        ("map?word=tea&n=9&colour=tier", Map(around="tea", n=9)),
        ("map?show=list&words=tea, coffee&word=car&method=t-sne", Map(words=("tea", "coffee"), method="t-sne")),
        ("map?show=frequent&most=50&n=9&seed=4", Map(most_frequent=50)),
        ("map?view=graph&word=tea&threshold=0.5", Graph(around="tea", threshold=0.5)),
        ("map?view=graph&word=tea&threshold=0.5&nearest=", Graph(around="tea", threshold=0.5)),
        ("map?view=graph&word=tea&threshold=0.5&nearest=3", Graph(around="tea", nearest=3)),
        ("calculator?formula=king - man + woman&n=3", Analogy(formula="king - man + woman", n=3)),
        ("calculator?ask=matrix&words=tea,car,bus", Matrix(words=("tea", "car", "bus"))),
        ("calculator?ask=odd&words=tea,car,bus", OddOneOut(words=("tea", "car", "bus"))),
        ("calculator?ask=odd&among=tea,car,bus", OddOneOut(words=("tea", "car", "bus"))),  # an older address
        ("calculator?ask=pairs&pairs=tea,car", Similarity(pairs=(("tea", "car"),))),
        (
            "calculator?ask=axes&placed=hut&left=cheap&right=dear,costly",
            Placement(words=("hut",), axis=((("cheap",), ("dear", "costly")), (("small",), ("large",)))),
        ),
        ("similarity?first=cat&second=dog", Similarity(first="cat", second="dog")),
        ("/api/v1/similarity?first=cat&second=dog", Similarity(first="cat", second="dog")),
    ],
)
def test_an_address_is_a_question(address, question):
    assert question_at(address) == question


@pytest.mark.parametrize(
    ("address", "question"),
    [
        ("lesson?step=loss", Lesson(article=True)),
        ("lesson?lesson=article&layers=2&model=glove&source=a", Lesson(article=True, layers=2)),
        ("lesson?lesson=trained&source=thank,you&target=gracias", Lesson(source="thank you", target="gracias")),
        (
            "lesson?lesson=own&model=wiki-en-glove&source=good,day&encoder_only=true",
            Lesson(vectors="wiki-en-glove", source="good day", encoder_only=True),
        ),
        ("lesson?lesson=own&step=loss&target=buenas", Lesson(vectors="wiki-en-word2vec", target="buenas")),
        (
            "lesson?lesson=own&decoder_only=true&source=we,fly&target=volamos",
            Lesson(vectors="wiki-en-word2vec", source="we fly", decoder_only=True),
        ),
        (
            "lesson?lesson=own&labels=good,bad&right=bad&pooling=first&source=we,fly&target=volamos",
            Lesson(vectors="wiki-en-word2vec", source="we fly", labels=("good", "bad"), target="bad", pooling="first"),
        ),
    ],
)
def test_an_address_of_the_lesson_is_its_question(address, question):
    assert lessons.question(split(address)[1]) == question


def test_a_list_has_the_answers_numbers():
    rows = Neighbours(word="airplane", n=5).answer().rows
    drawn = view("neighbours?word=airplane&n=5").drawing
    assert [(row["word"], row["number"]) for row in drawn["rows"]] == [(row.word, written(row.score)) for row in rows]


def test_a_map_keeps_distances_and_marks_its_centre():
    answer = Map(around="tea", n=8).answer()
    points = view("map?word=tea&n=8").drawing["points"]
    drawn = np.array([[point["x"], -point["y"]] for point in points])
    true = answer.projection.coordinates[:, :2]
    ratio = np.linalg.norm(drawn[1:] - drawn[0], axis=1) / np.linalg.norm(true[1:] - true[0], axis=1)
    assert np.allclose(ratio, ratio[0], rtol=1e-2)
    assert [point["word"] for point in points if point["role"] == "centre"] == ["tea"]
    assert drawn[:, 0].min() >= 0
    assert drawn[:, 0].max() <= 1


def test_an_equation_is_the_lessons_own():
    told = lesson(article_example())
    (scores, *_) = equations(told, told.step("encoder.0.self_attention.scores"), 2)
    drawn = view("lesson?step=encoder.0.self_attention.scores").drawing["equation"]
    assert drawn == scores.as_json() | {"title": ""}


def test_of_many_matrices_the_worked_row_stands_there_and_gives_the_same_line():
    told = lesson(article_example())
    (softmax, *_) = equations(told, told.step("encoder.0.self_attention.weights"))
    one = softmax.at(1, 2, 1)

    def lines(equation):
        return [equation.written(line, lambda matrix, at: repr(matrix.number(at)), str) for line in equation.lines]

    row = one.of_row()
    assert {len(matrix.rows) for matrix in row.matrices} == {1}
    assert lines(row) == lines(one)


def test_an_edited_weight_changes_what_a_scene_shows():
    before, after = (view(f"lesson?step=loss{edit}").shows for edit in ("", "&edits=source.table[4,0]=3"))
    assert before != after


@pytest.mark.parametrize(
    "address",
    [
        "home",
        "learning?x=1",
        "lesson?lesson=checkpoint",
        "lesson?step=no",
        "talk?deck=what-is-an-embedding",
        "talk?file=/etc/hostname",
        "translate?source=hello&checkpoint=/etc/hostname",
        "http://[x/",
        "lesson?step=loss&decimals=99",
    ],
)
def test_what_cannot_be_shown_is_said(address):
    with pytest.raises(UserError):
        view(address)


def test_a_page_without_parameters_shows_what_it_opens_with():
    assert question_at("neighbours") == question_at("neighbours?word=airplane")
    assert question_at("map") == question_at("map?word=airplane")
    assert question_at("calculator") == question_at("calculator?formula=king - man + woman")
    assert question_at("calculator?ask=odd") == question_at("calculator?ask=odd&among=breakfast,cereal,dinner,lunch")
    assert question_at("side-by-side") == question_at("side-by-side?word=airplane")
    for tab in ("pairs", "matrix", "axes"):
        assert view(f"calculator?ask={tab}").shows
    for page in ("map?show=list", "map?show=frequent", "initialisation"):
        question_at(page)


def test_one_end_of_an_axis_that_the_page_opens_with_may_be_another():
    question = question_at("calculator?ask=axes&right=costly,dear")
    assert isinstance(question, Placement)
    assert question.axis == ((("cheap",), ("costly", "dear")), (("small",), ("large",)))


def test_a_cell_that_is_not_there_is_a_problem_of_its_scene():
    deck = read_deck(
        "[[scene]]\npage = 'lesson?step=loss'\nreveal = 'cells'\nhighlight = ['0,99']\n"
        "[[scene]]\npage = 'neighbours'\nreveal = 'cells'\nhighlight = ['0,0']",
        "deck",
    )
    beyond, no_equation = (scene.problem for scene in rehearse(deck).scenes)
    assert "There is no cell 0,99" in beyond
    assert "this page shows none" in no_equation


def test_a_page_knows_whether_a_scene_can_show_it():
    assert is_drawn("neighbours", {})
    assert is_drawn("lesson", {"step": "loss"})
    assert is_drawn("lesson", {})
    assert not is_drawn("lesson", {"view": "layers"})
    assert not is_drawn("lesson", {"lesson": "checkpoint", "step": "loss"})
    assert is_drawn("learning", {"losses": "0:7 1:6"})
    assert not is_drawn("learning", {})
    assert not is_drawn("talks", {})


DECK = """
title = "A talk"
minutes = 2
[[scene]]
title = "First"
notes = "{words}"
[[scene]]
page = "similarity?first=cat&second=dog"
shows = "{shows}"
[[scene]]
page = "neighbours?word=zzzzqqq"
[[scene]]
picture = "../secret.png"
[[scene]]
page = "lesson?step=loss"
reveal = "cells"
highlight = ["a"]
"""


def test_a_talk_goes_on_and_says_what_is_wrong_with_a_scene(tmp_path):
    (tmp_path / "secret.png").write_bytes(b"x")
    (tmp_path / "deck").mkdir()
    deck = read_deck(DECK.format(words="word " * WORDS_A_MINUTE, shows="0.9 of old"), "deck", tmp_path / "deck")
    talk = rehearse(deck)
    assert [scene.drawing["kind"] for scene in talk.scenes] == ["text", "number", "blank", "blank", "blank"]
    assert talk.scenes[0].seconds == 60
    assert talk.scenes[0].problem == ""
    changed, unknown, picture, cell = (scene.problem for scene in talk.scenes[1:])
    assert "0.9 of old" in changed
    assert "zzzzqqq" in unknown
    assert "beside" in picture
    assert "row,column" in cell
    again = rehearse(read_deck(talk.as_deck().as_toml(), "deck"))
    assert again.scenes[1].problem == ""


def test_a_picture_stands_in_the_talk(tmp_path):
    (tmp_path / "dot.png").write_bytes(b"\x89PNG")
    deck = read_deck("[[scene]]\ntitle = 'a'\npicture = 'dot.png'", "deck", Path(tmp_path))
    assert rehearse(deck).scenes[0].drawing["address"] == "data:image/png;base64,iVBORw=="


def test_a_scene_says_its_own_title_or_that_of_what_it_shows():
    titles = [Scene(title="Mine", page="similarity?first=cat&second=dog"), Scene(page="neighbours?word=airplane&n=3")]
    deck = read_deck("[[scene]]\ntitle='x'", "deck")
    assert [each.title for each in rehearse(type(deck)("t", tuple(titles))).scenes] == ["Mine", "Nearest to airplane"]


@pytest.mark.parametrize(
    ("address", "unknown"),
    [
        ("neighbours?wrod=tea&why=true&regex=^t&n=3", ("wrod",)),
        ("lesson?step=loss&vectors=nosuch&draw=row&edits=", ("vectors",)),
        ("comparison?comparison=phrase-book&size=0.05&arms=zeros&colour=red", ("colour",)),
        ("map?view=graph&word=tea&threshold=0.5&second=wiki-en-glove", ()),
        ("calculator?ask=axes&placed=hut&left=cheap", ()),
    ],
)
def test_a_name_that_an_address_cannot_have_is_found(address, unknown):
    assert unknown_names(address) == unknown


def test_every_name_that_a_page_gives_its_address_is_known_to_scenes():
    pages = Path(__file__).parents[2] / "pages"
    for page in ("neighbours", "map", "calculator", "side_by_side", "health", "initialisation", "lesson"):
        source = (pages / f"{page}.py").read_text(encoding="utf-8")
        controls = "Text|Choice|Tabs|Names|Several|Words|Number"
        names = re.findall(rf'(?:\b(?:{controls})\(|\bname=)\s*"([a-z_]+)"', source)
        assert names
        assert unknown_names(f"{page.replace('_', '-')}?{'&'.join(f'{name}=x' for name in names)}") == (), page


def test_a_wrong_name_an_empty_list_and_minutes_that_the_notes_do_not_fill_are_said():
    scenes = "[[scene]]\npage='neighbours?wrod=x&n=3'\n[[scene]]\npage='neighbours?word=tea&regex=^zzzz'"
    talk = rehearse(read_deck(f"minutes = 10\n{scenes}", "deck"))
    assert "no effect: “wrod”." in talk.scenes[0].problem
    assert talk.scenes[1].problem == "Its list has no row."
    assert talk.headline.endswith("planned for 10 minutes, but its notes, read aloud, take 0.2.")
    assert rehearse(read_deck(scenes, "deck")).timing == ""


def test_the_page_of_models_is_a_table_of_all_or_the_verdict_on_one():
    rows = view("models").drawing["rows"]
    assert [row[1:3] for row in rows][:3] == [["80,571", "300"], ["80,571", "150"], ["80,571", "100"]]
    judged = dict(row[::2] for row in view("models?model=wiki-en-word2vec").drawing["rows"])
    assert set(judged.values()) <= {"good", "fair", "beware"}
    assert judged["words"] == "beware"


def test_a_training_is_drawn_as_it_was_measured():
    address = "learning?updates=60&losses=0:7.0 10:4.5 60:2.5&entries=775&sentence=you are welcome&says=de nada"
    assert unknown_names(address) == ()
    shown = view(address)
    measured, guessing = shown.drawing["lines"]
    assert measured["points"] == [(0, 7.0), (10, 4.5), (60, 2.5)]
    assert guessing["points"][0][1] == pytest.approx(np.log(775))
    assert shown.shows == "7.0000 → 2.5000"


@pytest.mark.parametrize(
    "losses", ["", "0:1", "0:1 0:2", "5:1 3:2", "a:1 2:2", "0:nan 1:2", "0:-1 1:2", "0:inf 1:2", "0:1 99999999:2"]
)
def test_losses_that_nobody_measured_are_refused(losses):
    with pytest.raises(UserError):
        view(f"learning?losses={losses}&entries=775")


def test_a_training_says_its_own_scene(tmp_path):
    Watch(updates=2, d_model=4, heads=1, out=tmp_path).answer()
    learning = Learning(tmp_path)
    drawing = trainings.curve({name: [text] for name, text in trainings.recorded(learning).items()}).drawing
    assert [step for step, _loss in drawing["lines"][0]["points"]] == [moment.step for moment in learning.moments]


def test_a_long_training_is_thinned_evenly_from_its_first_moment_to_its_last():
    thinned = trainings._thinned(range(250))
    assert (len(thinned), thinned[0], thinned[-1]) == (100, 0, 249)
    assert {after - before for before, after in pairwise(thinned)} == {2, 3}


def test_a_lesson_without_a_step_is_the_whole_pass_as_on_its_page():
    drawing = view("lesson").drawing
    assert (drawing["kind"], drawing["title"]) == ("svg", "The whole pass: You are welcome → de nada")


def test_a_scene_of_a_lesson_has_the_sides_rescaled_as_on_its_page():
    address = "lesson?lesson=own&step=encoder.0.self_attention.scores"
    plain, scaled = view(address), view(f"{address}&rescaled=source")
    assert plain.shows != scaled.shows
    assert view(f"{address}&rescaled=").shows == plain.shows
