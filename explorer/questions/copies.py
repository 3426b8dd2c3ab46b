"""Copy as: the same question at another door, as something to paste."""

from __future__ import annotations

import shlex
from collections.abc import Sequence
from pathlib import Path
from urllib.parse import urlencode

from explorer.questions.parameter import Axes, Flag, Pairs, Several, Texts
from explorer.questions.question import Question


def arguments(question: Question) -> tuple[list[str], str]:
    """The words of the command that asks a question, and what it reads from standard input."""
    named: list[str] = []
    positional: list[str] = []
    stdin = ""
    for name, value in question.own_values.items():
        parameter = question.parameters[name]
        if parameter.positional and (isinstance(parameter, Texts) or len(positional) == _place(question, name)):
            positional += list(value) if isinstance(parameter, Texts) else parameter.write(value)
        elif isinstance(parameter, Flag):
            named.append(option(name))
        elif isinstance(parameter, Pairs):
            named += [option(name), "-"]
            stdin = parameter.write(value)[0]
        elif isinstance(parameter, Axes):
            named += [word for axis in value for word in (option(name), *(" ".join(end) for end in axis))]
        elif isinstance(parameter, Several):
            named += _option_with(name, [text for one in value for text in parameter.each.write(one)])
        elif isinstance(parameter, Texts):
            named += _option_with(name, value)
        else:
            named += _option_with(name, parameter.write(value))
    separator = ["--"] if any(word.startswith("-") for word in positional) or _ends_in_list(question) else []
    return [question.name, *named, *(separator if positional else []), *positional], stdin


def command(question: Question) -> str:
    """The command line."""
    words, stdin = arguments(question)
    line = shlex.join(["explorer", *words])
    return f"printf %s {shlex.quote(stdin)} | {line}" if stdin else line


def address(question: Question) -> str:
    """The path and parameters of the HTTP API."""
    written = urlencode(question.write())
    return f"/api/v1/{question.name}" + (f"?{written}" if written else "")


def curl(question: Question, server: str = "http://localhost:8501") -> str:
    """The command that asks over HTTP."""
    return shlex.join(["curl", f"{server}{address(question)}"])


def python(question: Question) -> str:
    """Three lines of Python with this package."""
    values = question.own_values
    opened = ""
    if "model" in question.parameters:
        model = values.pop("model", None)
        opened = f"ex.open({_literal(model) if model else ''})."
    ordered = sorted(values.items(), key=lambda item: not question.parameters[item[0]].positional)
    words = [
        _literal(value)
        if question.parameters[name].positional and place == _place(question, name)
        else f"{name}={_literal(value)}"
        for place, (name, value) in enumerate(ordered)
    ]
    name = question.python_name
    return f"import explorer as ex\n\nanswer = {opened or 'ex.'}{name}({', '.join(words)})\nprint(answer)\n"


def option(name: str) -> str:
    """The name of a parameter on the command line."""
    return f"-{name}" if len(name) == 1 else f"--{name.replace('_', '-')}"


def _option_with(name: str, words: Sequence[str]) -> list[str]:
    """An option with its words; a word that looks like an option itself is joined to its name."""
    if any(word.startswith("-") for word in words) and len(name) > 1:
        return [f"{option(name)}={word}" for word in words]
    return [option(name), *words]


def _place(question: Question, name: str) -> int:
    """Which of the positional parameters it is."""
    return [each for each, parameter in question.parameters.items() if parameter.positional].index(name)


def _ends_in_list(question: Question) -> bool:
    """Whether an option that takes several words would take the positional ones as well."""
    return any(
        isinstance(question.parameters[name], (Several, Texts)) and not question.parameters[name].positional
        for name in question.own_values
    )


def _literal(value: object) -> str:
    """A Python literal; whatever signs a word has, it can be nothing else in it."""
    if isinstance(value, Path):
        return repr(str(value))
    return repr(list(value)) if isinstance(value, tuple) else repr(value)
