"""What has no effect beside others is refused where a question is asked, and left out where a page or a scene asks."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest

from explorer.questions import QUESTIONS
from explorer.questions.question import Question
from explorer.ui.declared import in_effect
from explorer.ui.declared import question as question_of
from tests.questions.doors import DOORS
from tests.questions.test_contract import goes_before, inside


def _situations() -> Iterator[Any]:
    """Each parameter that has no effect in a situation, with values of others that make it one; what questions inherit
    stands for all of them."""
    declared = {parameter: question for question in QUESTIONS.values() for parameter in question.parameters.values()}
    for parameter, question in declared.items():
        if parameter.needs:
            yield pytest.param(question, parameter, {}, id=f"{question.name}-{parameter.name}")
        for other in [name for name in parameter.without if name in question.parameters]:
            values = _needed(question, parameter.name) | _needed(question, other)
            values[other] = inside(question.parameters[other])[-1]
            yield pytest.param(question, parameter, values, id=f"{question.name}-{parameter.name}-{other}")


def _needed(question: type[Question], name: str) -> dict[str, Any]:
    """Values of others with which a parameter has an effect."""
    for other, values in question.parameters[name].needs.items():
        value = inside(question.parameters[other])[-1] if values is True else values[0]
        return _needed(question, other) | {other: value}
    return {}


@pytest.mark.parametrize(("question", "parameter", "values"), [*_situations()])
def test_what_has_no_effect_is_refused_at_every_door_and_left_out_by_pages(question, parameter, values, monkeypatch):
    monkeypatch.setattr(question, "check", lambda self: None)
    before = (p for p in question.parameters.values() if p is not parameter and p.example is not None)
    values = values | {p.name: p.example for p in before if goes_before(p, question)}
    idle = {parameter.name: inside(parameter)[-1]}
    sentences = {door: ask(question.name, values | idle) for door, ask in DOORS.items()}
    assert sentences["core"].sentence.startswith(f"{parameter.name} has ")
    assert set(sentences.values()) == {sentences["core"]}

    meant = question(**values)
    texts = {name: question.parameters[name].write(value) for name, value in meant.own_values.items()}
    assert question.of_page(texts | {parameter.name: ["not", "even", "read"]}) == meant
    controls = [SimpleNamespace(declared=question.parameters[name], value=values[name]) for name in values]
    controls.append(SimpleNamespace(declared=parameter, value=idle[parameter.name]))
    assert in_effect(question, *controls) == controls[:-1]
    assert question_of(question, *controls) == meant

    has_effect = _needed(question, parameter.name)
    assert parameter.name in question.in_effect([*has_effect, parameter.name], (has_effect | idle).__getitem__)


def test_what_has_no_effect_itself_takes_none_from_others():
    texts = {"labels": ["good", "bad"], "pooling": ["mean"], "decoder_only": ["true"], "smoothing": ["0.1"]}
    assert QUESTIONS["lesson"].of_page(texts) == QUESTIONS["lesson"](smoothing=0.1)
