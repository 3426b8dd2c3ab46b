"""The talks that come along: they rehearse without a problem, last as long as planned, and say only true numbers."""

import base64
import json
import math
import re
from typing import Any

import numpy as np
import pytest

from explorer.questions import QUESTIONS
from explorer.talks.deck import FOLDER, open_deck, read_deck
from explorer.talks.rehearsal import rehearse


def answered(name: str, **values: Any) -> Any:
    return QUESTIONS[name](**values).answer()


EMBEDDING, TRANSFORMER, START = "what-is-an-embedding", "transformer-in-numbers", "does-a-good-start-matter"
MINUTES = {EMBEDDING: 10, TRANSFORMER: 20, START: 15}
MOST_WORDS = 150  # of a scene's notes
NUMBER = re.compile(r"\d+(?:,\d{3})*(?:\.\d+)?(?:·10⁻\d)?")


@pytest.fixture(scope="module", params=MINUTES)
def talk(request):
    return rehearse(open_deck(request.param))


def test_these_come_along():
    assert {path.stem for path in FOLDER.glob("*.toml")} == set(MINUTES)


def test_no_scene_has_a_problem_or_other_numbers_than_when_it_was_written(talk):
    assert talk.sentences == ()
    assert [scene.shows for scene in talk.scenes] == [scene.scene.shows for scene in talk.scenes]


def test_the_notes_take_the_minutes_planned(talk):
    assert talk.deck.minutes in MINUTES.values()
    assert 0.85 <= talk.seconds / 60 / talk.deck.minutes <= 1.05


def test_every_scene_has_a_title_and_notes_that_are_not_too_long(talk):
    for scene in talk.scenes:
        assert scene.scene.title or scene.scene.ask
        assert 20 <= len(scene.scene.notes.split()) <= MOST_WORDS, scene.title


def test_answers_are_among_the_choices(talk):
    questions = [scene.scene for scene in talk.scenes if scene.scene.choices]
    assert len(questions) >= 4
    for scene in questions:
        assert scene.answer in scene.choices
        assert len(set(scene.choices)) == len(scene.choices)


def test_the_file_is_what_the_program_writes(talk):
    written = talk.as_deck().as_toml()
    assert read_deck(written, "talk", talk.deck.folder) == talk.deck
    name = next(name for name, minutes in MINUTES.items() if minutes == talk.deck.minutes)
    assert (FOLDER / f"{name}.toml").read_text(encoding="utf-8") == written


def test_every_number_in_the_notes_is_on_its_scene_or_follows_from_the_results(talk):
    results = [abs(number) for number in results_of(talk)]
    before = []
    for scene in talk.scenes:
        numbers = list(numbers_in(scene.drawing)) + list(numbers_in([scene.shows, scene.title, *scene.scene.text]))
        for said in re.findall(r"\d+\.\d+", scene.scene.notes):
            places = len(said.split(".")[1])
            known = [*numbers, *before, *results]
            assert any(f"{number:.{places}f}" == said for number in known), f"{said} in “{scene.title}”"
        before = numbers  # what the speaker comes from


def results_of(talk):
    """What the notes may say beside what the scene shows: rows of the comparisons, and what the lesson computes."""
    if talk.deck.minutes == MINUTES[START]:
        for measure, against in (("loss", "baseline"), ("loss", "rescaled"), ("area", "baseline")):
            table = answered("comparison", comparison="phrase-book", measure=measure, against=against).table()
            for row in table.rows:
                cells = dict(zip(table.header, row, strict=True))
                yield from (cells[name] for name in ("difference", "adjusted_p") if cells[name] is not None)
        yield 2.379 - 1.875  # the captions
    if talk.deck.minutes == MINUTES[TRANSFORMER]:
        update = answered("update", article=True)
        moved = answered("lesson", article=True)
        weight, alone = update.weight, moved_alone(moved)
        yield from (weight.before, weight.after, update.rate, update.rate * weight.gradient)
        yield from (update.loss_before, alone, update.loss_before - alone, math.log(6), math.log(2))
    if talk.deck.minutes == MINUTES[EMBEDDING]:
        yield answered("similarity", first="cat", second="car").similarity


def moved_alone(lesson):
    from explorer.lessons.edits import edited, read_edits

    return float(edited(lesson, read_edits("source.table[4,2]=-0.05")).trace["loss"].value)


def numbers_in(drawing):
    """The numbers of a drawing: those that are written, and those of its matrices."""
    if isinstance(drawing, dict):
        if "float64" in drawing:
            yield from np.abs(np.frombuffer(base64.b64decode(drawing["float64"]), "<f8")).tolist()
            return
        for value in drawing.values():
            yield from numbers_in(value)
    elif isinstance(drawing, (list, tuple)):
        for value in drawing:
            yield from numbers_in(value)
    elif isinstance(drawing, str) and len(drawing) < 5_000:
        yield from (float(text.split("·")[0].replace(",", "")) for text in NUMBER.findall(drawing))
    elif isinstance(drawing, float):
        yield abs(drawing)


def test_the_counts_in_the_notes_are_those_of_the_models():
    lesson = answered("lesson", article=True)
    weights = sum(lesson.trace[name].value.size for name in lesson.trace.parameters)
    said = json.dumps([scene.notes for scene in open_deck(TRANSFORMER).scenes], ensure_ascii=False)
    assert f"It has {weights} weights" in said
    card = answered("card", model="wiki-en-word2vec").as_json()
    said = json.dumps([scene.notes for scene in open_deck(EMBEDDING).scenes], ensure_ascii=False)
    assert f"{round(card['corpus']['tokens'] / 1e6)} million words" in said
    assert f"gets {round(100 * card['scores']['analogies'])} of 100 right" in said
