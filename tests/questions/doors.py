"""The doors at which a question is asked, as functions that return the answer's JSON or the error's sentence."""

from __future__ import annotations

import io
import json
import sys
from collections.abc import Callable
from contextlib import redirect_stderr, redirect_stdout
from dataclasses import dataclass
from typing import Any

from mcp import Client
from starlette.testclient import TestClient

from explorer.cli import main
from explorer.errors import UserError
from explorer.python import FUNCTIONS
from explorer.questions import QUESTIONS
from explorer.questions.copies import arguments, option
from explorer.questions.parameter import Axes, Flag, Pairs, Parameter, Texts
from explorer.questions.question import Question
from explorer.service.agents import server
from explorer.service.questions import app
from tests.loops import in_a_thread

http = TestClient(app)


@dataclass(frozen=True)
class Refused:
    """The sentence that a door answers with to what cannot be asked."""

    sentence: str


def core(name: str, values: dict[str, Any]) -> Any:
    return _answer_or_sentence(lambda: QUESTIONS[name](**values).answer().as_json())


def python(name: str, values: dict[str, Any]) -> Any:
    return _answer_or_sentence(lambda: FUNCTIONS[QUESTIONS[name].python_name](**values).as_json())


def http_get(name: str, values: dict[str, Any]) -> Any:
    parameters = QUESTIONS[name].parameters
    texts = [(key, text) for key, value in values.items() for text in _texts(parameters.get(key), value)]
    return _received(http.get(f"/{name}", params=texts))


def http_post(name: str, values: dict[str, Any]) -> Any:
    return _received(http.post(f"/{name}", content=json.dumps(values)))


def command_line(name: str, values: dict[str, Any]) -> Any:
    """Runs the command with the options that these values need."""
    parameters, named, positional, stdin = QUESTIONS[name].parameters, [], [], ""
    for key in sorted(
        values, key=[*parameters, *values].index
    ):  # positional ones stand in the order of the declaration
        value, parameter = values[key], parameters.get(key)
        if isinstance(parameter, Flag):
            named += [option(key)] * bool(value)
        elif isinstance(parameter, Axes):
            named += [word for axis in value for word in (option(key), *(" ".join(end) for end in axis))]
        elif isinstance(parameter, Pairs):
            named, stdin = [*named, option(key), "-"], parameter.write(value)[0]
        else:
            words = list(value) if isinstance(parameter, Texts) else _texts(parameter, value)
            if parameter is not None and parameter.positional:
                positional += words
            else:
                joined = any(word.startswith("-") for word in words) and len(key) > 1
                named += [f"{option(key)}={word}" for word in words] if joined else [option(key), *words]
    return run([name, *named, *(["--", *positional] if positional else [])], stdin)


def copied_command(question: Question) -> Any:
    """The command as the pages copy it."""
    return run(*arguments(question))


def run(words: list[str], text: str = "") -> Any:
    out, err, stdin = io.StringIO(), io.StringIO(), sys.stdin
    sys.stdin = io.StringIO(text)
    try:
        with redirect_stdout(out), redirect_stderr(err):
            status = main([words[0], "--json", *words[1:]])
    finally:
        sys.stdin = stdin
    if status:
        assert status == 2, err.getvalue()
        return Refused(err.getvalue().removeprefix("explorer: ").strip())
    return json.loads(out.getvalue())


def agents(name: str, values: dict[str, Any]) -> Any:
    async def call() -> Any:
        async with Client(server()) as client:
            return await client.call_tool(name, values)

    answer = in_a_thread(call)
    text = answer.content[0].text
    return Refused(text.partition(" Suggestions:")[0]) if answer.is_error else json.loads(text)


DOORS: dict[str, Callable[[str, dict[str, Any]], Any]] = {
    "core": core,
    "Python": python,
    "HTTP GET": http_get,
    "HTTP POST": http_post,
    "command line": command_line,
    "agents": agents,
}


LOCAL_DOORS = {door: DOORS[door] for door in ("core", "Python", "command line")}


def _answer_or_sentence(ask: Callable[[], Any]) -> Any:
    try:
        return json.loads(json.dumps(ask(), allow_nan=False))
    except UserError as error:
        return Refused(str(error))


def _received(response: Any) -> Any:
    if response.status_code != 200:
        assert response.status_code in (400, 404), response.text
        return Refused(response.json()["error"])
    return response.json()


def _texts(parameter: Parameter | None, value: Any) -> list[str]:
    """The texts that stand for a value in an address; of one that is out of bounds too."""
    try:
        return parameter.write(value) if parameter else [str(value)]
    except (TypeError, ValueError):
        return [str(value)]
