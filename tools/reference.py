"""Write what follows from the declarations: the reference in docs/reference, docs/formats.md, and the types
of `import explorer`.

python -m tools.reference            writes the files
python -m tools.reference --check    says which are out of date, and ends with 1 if one is
"""

from __future__ import annotations

import ast
import re
import sys
from argparse import SUPPRESS
from collections.abc import Iterator, Sequence
from pathlib import Path

from explorer.answers import CSV_FOR_EXCEL
from explorer.cli import parser
from explorer.cli.parser import Parser
from explorer.initialisation.strategies import options
from explorer.python import signature
from explorer.questions import JOBS, QUESTIONS
from explorer.questions.copies import address, command, option, python
from explorer.questions.parameter import Parameter
from explorer.questions.question import Question
from explorer.service.answering import LONGEST_ANSWER
from explorer.service.http import LONGEST_ADDRESS, LONGEST_BODY
from tools.formats import formats
from tools.plan_keys import plan_keys

ROOT = Path(__file__).resolve().parents[1]
_MADE = "Made from the declarations in `explorer/questions/` by `python -m tools.reference`. Change those, not this."


def files() -> dict[Path, str]:
    """Each file with what it should hold."""
    return {
        ROOT / "docs" / "reference" / "questions.md": questions(),
        ROOT / "docs" / "reference" / "command-line.md": command_line(),
        ROOT / "docs" / "reference" / "http.md": http(),
        ROOT / "docs" / "reference" / "python.md": python_reference(),
        ROOT / "docs" / "reference" / "plans.md": plan_keys(),
        ROOT / "docs" / "reference" / "strategies.md": strategies(),
        ROOT / "docs" / "formats.md": formats(),
        ROOT / "explorer" / "__init__.pyi": stub(),
    }


def questions() -> str:
    """Every question with its parameters, and how to ask it at each door."""
    parts = [
        "# Questions",
        _MADE,
        "Every question is asked alike on a page, the command line, over HTTP and in Python.",
    ]
    for room in dict.fromkeys(question.room for question in QUESTIONS.values()):
        parts.append(f"## {room}")
        for question in QUESTIONS.values():
            if question.room == room:
                parts += [*_question(question), f"```text\nGET {address(question.example())}\n```"]
    parts += ["## Jobs", "A job makes something, so the command line and Python alone take it, not HTTP nor agents."]
    for job in JOBS.values():
        parts += _question(job)
    return "\n\n".join(parts) + "\n"


def strategies() -> str:
    """What each option of a plan's arm may say, with its source."""
    parts = [
        "# Ways to start an embedding table",
        "Made from `explorer/initialisation/strategies.py` by `python -m tools.reference`. Change that, not this.",
        'What the options of an arm may say in a plan: `[arms."my vectors"]`, then a line for each, such as '
        '`start = "pretrained"`. `model` names a model, `others` is a list of further ones, `thaw` a number of '
        "updates, and `rate` the share of the learning rate that a slower table has. `explorer strategies` lists "
        "the same.",
        "No lexicon of related words comes along, so vectors are not retrofitted to one (Faruqui et al. 2015).",
    ]
    entries = options().entries
    for name in dict.fromkeys(entry.option for entry in entries):
        rows = (f"| `{entry.value}` | {entry.meaning} |" for entry in entries if entry.option == name)
        parts += [f"## {name}", "\n".join(["| value | what it is |", "| --- | --- |", *rows])]
    return "\n\n".join(parts) + "\n"


def command_line() -> str:
    """Every command that asks a question or does a job, with its options."""
    parts = [
        "# Command line",
        _MADE,
        f"Every command takes `--json`, `--csv` and `--excel` ({CSV_FOR_EXCEL}) as well. "
        "What is to be said beside an answer goes to standard error. "
        "The exit status is 0, or 2 for what cannot be asked. `explorer COMMAND --help` lists the same options.",
    ]
    commands = parser("explorer").commands
    asked = {question.name: question for question in (*QUESTIONS.values(), *JOBS.values())}
    for name, question in asked.items():
        parts += [f"## explorer {name}", f"{question.summary()}.", f"```sh\n{command(question.example())}\n```"]
        rows = [_row(parameter, _on_command_line(parameter)) for parameter in question.parameters.values()]
        if rows := [*rows, *_options(commands[name], (*_FORMS, *question.parameters))]:
            parts.append(_table("option", rows))
    for name, further in commands.items():
        if name not in asked:
            parts += [f"## explorer {name}", further.description or ""]
            if rows := list(_options(further)):
                parts.append(_table("option", rows))
    return "\n\n".join(parts) + "\n"


_FORMS = ("json", "csv", "excel")


def _options(command: Parser, left_out: Sequence[str] = ()) -> Iterator[str]:
    """A row for each option that a command has besides those `left_out`, which a declaration says."""
    formatter = command.filled()._get_formatter()
    for action in command._actions:
        if action.dest in ("help", *left_out) or action.help in (None, SUPPRESS):
            continue
        names = ", ".join(f"`{name}`" for name in action.option_strings) or f"`{action.metavar or action.dest.upper()}`"
        values = (
            "true or false"
            if action.nargs == 0
            else ", ".join(map(str, action.choices or ())) or str(action.metavar or "")
        )
        yield f"| {names} | {formatter._expand_help(action)} | {values} | – |"


def http() -> str:
    """Every address of the HTTP API."""
    parts = [
        "# HTTP",
        _MADE,
        "`explorer serve` answers these addresses beside the pages; `/api/v1/openapi.json` is the OpenAPI document and "
        "`/api/v1/docs` its page. GET takes the parameters in the address, POST takes them as a JSON object. "
        f"`format=csv` answers as CSV, `format=excel` as {CSV_FOR_EXCEL}. "
        "A list stands in one parameter with commas between its entries; an entry with a "
        "comma in it stands in double quotes. In an address a plain + is a space, as forms write it: a formula with "
        "+ has %2B in its place. What is wrong with a question comes back as "
        '`{"error": "a sentence", "suggestions": ["words"]}`: status 401 where one has to log in or a token does not '
        "count, 403 for what somebody may not ask, 404 for what is not there, 405 for a method that "
        f"asks nothing, 413 for a body of more than {LONGEST_BODY:,} bytes, 414 for an address of more than "
        f"{LONGEST_ADDRESS:,}, 429 for too many requests a minute from one address elsewhere or, where people log in, "
        "from one person, 500 for a mistake of the "
        "program, 503 for a question that was given up, has waited for too long or takes longer than visitors have, "
        "400 for the rest. "
        f"An answer has at most {LONGEST_ANSWER:,} characters. A question that takes long ends when its client "
        "goes away.",
        "The addresses from before v1 are answered by the same questions and take the same parameters: "
        "`/api/models`, `/api/models/MODEL/neighbours/WORD`, `/api/models/MODEL/similarity/FIRST/SECOND`, "
        "`/api/comparisons` and `/api/comparisons/NAME`. A word that no path can hold stands in a parameter.",
    ]
    for question in QUESTIONS.values():
        parts += [f"## {question.name}", f"{question.summary()}.", f"```text\nGET {address(question.example())}\n```"]
        remote = question.remote_parameters()
        parts += [_parameters(remote)] if remote else []
    return "\n\n".join(parts) + "\n"


def python_reference() -> str:
    """Every function, and every method of a model."""
    parts = [
        "# Python",
        _MADE,
        '```python\nimport explorer as ex\n\nmodel = ex.open("wiki-en-word2vec")\n'
        'answer = model.neighbours("airplane", pos="NOUN")\n```',
        "An answer prints as text and shows as a table in a notebook. `answer.as_json()`, `answer.as_csv()` and "
        "`answer.as_frame()` (pandas) take it along. Give `pandas.read_csv` the option `keep_default_na=False`, so "
        "that it keeps words such as *null* and *nan*, and R's `read.csv` the option `na.strings=''`; "
        "`answer.as_csv(byte_order_mark=True)` is for Excel, and has a tab before words such as =1+1. A matrix, a "
        "map and a tensor of a trace are drawn in a notebook; `examples/` has three to start from. "
        '`model.vectors` is a NumPy array, `model["airplane"]` its row. '
        "What cannot be asked raises `ex.UserError`, whose text is a sentence. A job calls `progress` with what is "
        "being done and the share of it, 0 to 1, and asks `cancelled` now and then whether to stop.",
    ]
    for question in (*QUESTIONS.values(), *JOBS.values()):
        name = question.python_name
        declared = re.sub(r"(: |-> )'([^']*)'", r"\1\2", str(signature(question)))  # types are no texts
        parts += [f"## {name}", f"```python\nex.{name}{declared}\n```", f"{question.summary()}."]
        parts += [_parameters(question.parameters)] if question.parameters else []
    return "\n\n".join(parts) + "\n"


def stub() -> str:
    """The types of the functions and methods that are derived, for editors and type checkers."""
    asked = (*QUESTIONS.values(), *JOBS.values())
    answers = {question: _answer(question) for question in asked}
    modules = {name.rpartition(".")[0] for answer in answers.values() for name in _DOTTED.findall(answer)}
    lines = [
        f"# {_MADE}",
        "from collections.abc import Callable, Iterator, Sequence",
        "from pathlib import Path",
        "from typing import Any",
        "",
        *(f"import {module}" for module in sorted(modules)),
        "from explorer.embeddings.embedding import Array, Embedding",
        "from explorer.errors import UserError as UserError",
        "",
        "__version__: str",
        "",
        "class Model:",
        "    embedding: Embedding",
        "    def __init__(self, embedding: Embedding) -> None: ...",
        "    @property",
        "    def name(self) -> str: ...",
        "    @property",
        "    def words(self) -> tuple[str, ...]: ...",
        "    @property",
        "    def vectors(self) -> Array: ...",
        "    def __getitem__(self, word: str) -> Array: ...",
        "    def __contains__(self, word: object) -> bool: ...",
        "    def __len__(self) -> int: ...",
        "    def __iter__(self) -> Iterator[str]: ...",
    ]
    for question, answer in answers.items():
        if "model" in question.parameters:
            lines.append(f"    {_typed(question, answer, of_model=True)}")
    lines += ["", "def open(model: str | None = None) -> Model: ..."]
    lines += [_typed(question, answer) for question, answer in answers.items()]
    return "\n".join(lines) + "\n"


_DOTTED = re.compile(r"[a-z_]+(?:\.\w+)+")  # a name with its module


def _answer(question: type[Question]) -> str:
    """The type of its answer, every name with its module, which the imports for type checkers say."""
    declaring = next(base for base in question.__mro__ if "answer" in vars(base))
    source = Path(sys.modules[declaring.__module__].__file__ or "").read_text(encoding="utf-8")
    modules = {
        alias.asname or alias.name: f"{node.module}.{alias.name}"
        for checked in ast.parse(source).body
        if isinstance(checked, ast.If)
        for node in checked.body
        if isinstance(node, ast.ImportFrom)
        for alias in node.names
    }
    declared = vars(declaring)["answer"].__annotations__["return"]
    return re.sub(r"(?<![\w.])\w+", lambda name: modules.get(name[0], name[0]), declared)


def _typed(question: type[Question], answer: str, of_model: bool = False) -> str:
    declared = signature(question, of_model)
    given: list[str] = []
    starred = False
    for parameter in declared.parameters.values():
        if parameter.kind is parameter.KEYWORD_ONLY and not starred:
            given, starred = [*given, "*"], True
        annotation = "" if parameter.name == "self" else f": {_annotation(parameter.annotation)}"
        given.append(f"{parameter.name}{annotation}{' = ...' * (parameter.default is not parameter.empty)}")
    return f"def {question.python_name}({', '.join(given)}) -> {answer}: ..."


def _annotation(annotation: str) -> str:
    """What may be given where a value of this type is kept."""
    return (
        annotation.replace("tuple[str, ...]", "Sequence[str]")
        .replace("tuple[int, ...]", "int | Sequence[int]")
        .replace("tuple[float, ...]", "float | Sequence[float]")
        .replace("Path", "str | Path")
        .replace("tuple[tuple[", "Sequence[tuple[")
        .replace("], ...]", "]]")
    )


def _question(question: type[Question]) -> Iterator[str]:
    example = question.example()
    yield f"### {question.name}"
    yield f"{question.summary()}."
    if question.parameters:
        yield _parameters(question.parameters)
    yield f"```sh\n{command(example)}\n```"
    yield f"```python\n{python(example).strip()}\n```"


def _parameters(parameters: dict[str, Parameter]) -> str:
    rows = [
        _row(parameter, ", ".join(f"`{name}`" for name in (parameter.name, *parameter.aliases)))
        for parameter in parameters.values()
    ]
    return _table("parameter", rows)


def _table(named: str, rows: list[str]) -> str:
    return "\n".join([f"| {named} | what it is | values | default |", "|---|---|---|---|", *rows])


def _row(parameter: Parameter, names: str) -> str:
    default = "required"
    if not parameter.is_required:
        default = "–" if parameter.is_optional else " ".join(parameter.write(parameter.default))
    return f"| {names} | {parameter.described} | {parameter.values} | {default} |"


def _on_command_line(parameter: Parameter) -> str:
    if parameter.positional:
        return f"`{parameter.name.upper()}`"
    return ", ".join(f"`{option(name)}`" for name in (parameter.name, *parameter.aliases))


def main() -> int:
    stale = [path for path, text in files().items() if not path.exists() or path.read_text(encoding="utf-8") != text]
    for path in stale:
        if "--check" in sys.argv[1:]:
            print(f"{path.relative_to(ROOT)} is out of date: run `python -m tools.reference`.")
        else:
            path.write_text(files()[path], encoding="utf-8")
            print(f"{path.relative_to(ROOT)} is written.")
    return int(bool(stale) and "--check" in sys.argv[1:])


if __name__ == "__main__":
    sys.exit(main())
