"""All questions at all doors: the same answers, the same bounds, the same sentences."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from explorer.answers import Answer, Table
from explorer.cli import main
from explorer.errors import UserError
from explorer.questions import QUESTIONS
from explorer.questions.copies import arguments, curl, python
from explorer.questions.parameter import (
    Axes,
    Choice,
    Choices,
    File,
    Flag,
    Model,
    Number,
    Pairs,
    Parameter,
    Text,
    Texts,
    Whole,
)
from explorer.questions.question import Question
from tests.questions.doors import DOORS, LOCAL_DOORS, Refused, copied_command, http

PARAMETERS = [
    pytest.param(question, parameter, id=f"{question.name}-{parameter.name}")
    for question in QUESTIONS.values()
    for parameter in question.parameters.values()
]


class Echo(Answer):
    """Answers with the values it was asked with."""

    def __init__(self, values: dict[str, Any]) -> None:
        self.asked = values

    def as_json(self) -> dict[str, Any]:
        return {name: str(value) if isinstance(value, Path) else value for name, value in self.asked.items()}

    def table(self) -> Table:
        return Table(tuple(self.asked), (tuple(self.asked.values()),))


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_door_gives_the_same_answer(name, record_property):
    question = QUESTIONS[name].example()
    answers = {door: ask(name, question.own_values) for door, ask in DOORS.items()}
    answers["copied command"] = copied_command(question)
    answers["copied Python"] = _copied_python(question)
    answers["copied address"] = http.get(curl(question).split("/api/v1")[1].rstrip("'")).json()
    assert not isinstance(answers["core"], Refused)
    for door, answer in answers.items():
        assert answer == answers["core"], door
    record_property("question_doors", len(answers))


@pytest.mark.parametrize("name", QUESTIONS)
def test_an_answer_can_be_taken_along_in_every_form(name):
    answer = QUESTIONS[name].example().answer()
    table = answer.table()
    assert answer.as_csv().count("\r\n") >= 1 + len(table.rows)
    assert answer.as_csv(byte_order_mark=True).startswith("\ufeff")
    assert len(answer.as_frame()) == len(table.rows)
    assert "<table>" in answer._repr_html_()
    assert str(answer)
    assert all(len(row) == len(table.header) for row in table.rows)


@pytest.mark.parametrize("name", QUESTIONS)
def test_excel_gets_a_byte_order_mark_on_the_command_line_and_over_http(name, capsysbinary):
    question = QUESTIONS[name].example()
    expected = question.answer().as_csv(byte_order_mark=True).encode()
    command, *words = arguments(question)[0]
    assert main([command, "--excel", *words]) == 0
    assert capsysbinary.readouterr().out == expected
    assert http.get(f"/{name}", params=[*question.write(), ("format", "excel")]).content == expected


@pytest.mark.parametrize(("question", "parameter"), PARAMETERS)
def test_bounds_hold_at_every_door(question, parameter, monkeypatch, record_property):
    monkeypatch.setattr(question, "answer", lambda self, progress=None: Echo(self.values))
    monkeypatch.setattr(question, "check", lambda self: None)
    monkeypatch.setattr(question, "refuse_idle", lambda self: None)
    required = {
        p.name: p.example
        for p in question.parameters.values()
        if p is not parameter and p.example is not None and goes_before(p, question)
    }
    tried = 0
    doors = LOCAL_DOORS if parameter.is_local else DOORS
    for value in inside(parameter):
        answers = {door: ask(question.name, required | {parameter.name: value}) for door, ask in doors.items()}
        for door, answer in answers.items():
            assert answer == answers["core"], (door, value)
        assert not isinstance(answers["core"], Refused), answers["core"]
        tried += 1
    for value in outside(parameter):
        sentences = {door: ask(question.name, required | {parameter.name: value}) for door, ask in doors.items()}
        for door, sentence in sentences.items():
            assert isinstance(sentence, Refused), (door, value)
            assert sentence == sentences["core"], (door, value)
        tried += 1
    record_property("bounds_tried", tried)
    record_property("bound_doors", len(DOORS))


LOCAL = [pytest.param(*case.values, id=case.id) for case in PARAMETERS if case.values[1].is_local]


@pytest.mark.parametrize(("question", "parameter"), LOCAL)
def test_a_file_is_given_by_who_works_at_this_machine_alone(question, parameter):
    values = question.example().own_values | {parameter.name: "some/where"}
    for door in DOORS.keys() - LOCAL_DOORS.keys():
        sentence = DOORS[door](question.name, values)
        assert isinstance(sentence, Refused), door
        assert sentence.sentence.startswith(f"{parameter.name} names a file of this machine"), door
    assert parameter.name not in question.schema()["properties"]
    paths = http.get("/openapi.json").json()["paths"]
    declared = [each["name"] for each in paths[f"/{question.name}"]["get"]["parameters"]]
    assert parameter.name not in declared


@pytest.mark.parametrize("name", QUESTIONS)
def test_what_is_missing_or_unknown_gets_a_sentence_at_every_door(name):
    question = QUESTIONS[name]
    if required := [p.name for p in question.parameters.values() if p.is_required]:
        for door, ask in DOORS.items():
            answer = ask(name, {})
            assert isinstance(answer, Refused), door
            assert answer.sentence.startswith(f"{required[0]} is missing"), door
    for door, ask in DOORS.items():
        answer = ask(name, question.example().own_values | {"nonsense": "1"})
        assert isinstance(answer, Refused), door
        unknown = "no option --nonsense of" if door == "command line" else "no parameter “nonsense” of"
        assert f"There is {unknown} {name}." in answer.sentence, door


@pytest.mark.parametrize(("question", "parameter"), PARAMETERS)
def test_every_parameter_is_explained(question, parameter):
    assert parameter.help
    assert "\n" not in parameter.help
    assert not parameter.help.endswith(".")
    assert parameter.help in parameter.schema()["description"]
    if parameter.example is not None:
        assert question.example().values[parameter.name] is not None


@pytest.mark.parametrize(
    ("name", "values"),
    [("lesson", {"labels": ["very good"]}), ("together", {"comparisons": ["my reviews"], "arm": "non-static"})],
)
def test_one_text_is_split_only_where_words_are_asked_for(name, values):
    with pytest.raises(UserError, match="has 1 entry, but must have 2 to"):
        QUESTIONS[name](**values)


def test_names_of_models_are_parted_by_commas_however_they_are_given():
    asked = QUESTIONS["side-by-side"](word="airplane", models=["wiki-en-glove, wiki-en-fasttext"])
    assert asked.values["models"] == ("wiki-en-glove", "wiki-en-fasttext")


def test_a_sentence_in_quotes_is_encoded_word_by_word():
    sentence = "you are welcome, " * 7  # is longer than a word may be
    answer = QUESTIONS["encode"](words=["hello", sentence], d_model=4).answer()
    assert answer.as_json()["tokens"] == ["hello", *7 * ("you", "are", "welcome")]
    with pytest.raises(UserError, match="words"):
        QUESTIONS["encode"](words=["a " * 4_000], d_model=4).answer()


def test_declared_names_are_unique():
    for question in QUESTIONS.values():
        names = [name for p in question.parameters.values() for name in (p.name, *p.aliases)]
        assert len(set(names)) == len(names)


def inside(parameter: Parameter) -> list[Any]:
    """Values at the bounds, as JSON has them."""
    match parameter:
        case Whole() | Number():
            least = parameter.least + (1e-6 if isinstance(parameter, Number) and parameter.above else 0)
            return [least, parameter.most]
        case Flag():
            return [True]
        case Choices():
            several = [choice.lower() for choice in parameter.choices[:3]]
            return [*parameter.choices, ", ".join(several), several]
        case Choice():
            return [*parameter.choices]
        case Axes():
            return [[[["cheap"], ["very", "expensive"]]]]
        case Pairs():
            return [[["a b", "c"]] * parameter.fewest]
        case Texts():
            words = ["plain", 'odd, "quoted"', " spaced ", "-dash"]
            return [words[:2] * parameter.fewest, words[3:] * parameter.fewest]
        case Text():
            return ["it's “odd” & <b>", "x" * min(parameter.longest, 1000)]
        case Model():
            return ["wiki-en-glove"]
        case File():
            return ["some/where.safetensors", "x" * parameter.longest]
    raise AssertionError(parameter)


def outside(parameter: Parameter) -> list[Any]:
    """Values just beyond the bounds, and of another kind."""
    match parameter:
        case Whole():
            return [parameter.least - 1, parameter.most + 1, "many"]
        case Number():
            return [parameter.least - 1, parameter.most * 2 + 1, "much"]
        case Choices():
            return ["no such choice", f"{parameter.choices[0]},no such choice"]
        case Choice():
            return ["no such choice"]
        case Text():
            return ["x" * (parameter.longest + 1)] if parameter.longest <= 10_000 else []
        case File():
            return ["x" * (parameter.longest + 1)]
        case Texts():
            return [["x"] * (parameter.fewest - 1)] if parameter.fewest > 1 else []
    return []


def goes_before(parameter: Parameter, question: type[Question]) -> bool:
    """Whether a question cannot be asked without it: it is required, or a word of the command line before others."""
    return parameter.is_required or (parameter.positional and not isinstance(parameter, (Model, Texts)))


def _copied_python(question: Question) -> Any:
    import json

    scope: dict[str, Any] = {}
    exec(python(question).replace("print(answer)\n", ""), scope)
    return json.loads(json.dumps(scope["answer"].as_json()))
