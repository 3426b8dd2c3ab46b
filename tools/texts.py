"""Collect the texts that a user reads, for translators: explorer/locale/explorer.pot (gettext's format).

python -m tools.texts            writes the file
python -m tools.texts --check    says whether it is out of date or a catalogue names other values, and ends with 1 if so
"""

from __future__ import annotations

import ast
import string
import sys
from collections.abc import Iterator
from pathlib import Path

from explorer.questions import JOBS, QUESTIONS
from explorer.questions.jobs import Watch
from explorer.questions.question import Question
from explorer.texts import entries_of, paragraphs

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = ROOT / "explorer" / "locale" / "explorer.pot"
_HEADER = """# The texts of Embedding Explorer. `python -m tools.texts` makes this file of the code; change that.
msgid ""
msgstr ""
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=n != 1;\\n"
"""
Message = tuple[str, ...]  # a text, or that for one and that for several


def template() -> str:
    """What the file of all texts should hold: each once, with the files that have it, in their order."""
    places: dict[Message, list[str]] = {}
    for message, place in messages():
        if place not in places.setdefault(message, []):
            places[message].append(place)
    return "\n".join([_HEADER, *(_entry(message, files) for message, files in places.items())])


def messages() -> Iterator[tuple[Message, str]]:
    """Each text, and the file in which it stands."""
    for path in sorted([*(ROOT / "explorer").rglob("*.py"), *(ROOT / "pages").glob("*.py"), ROOT / "streamlit_app.py"]):
        place = path.relative_to(ROOT).as_posix()
        for call in calls(path):
            count = 2 if isinstance(call.func, ast.Name) and call.func.id == "_n" else 1
            message = tuple(str(each.value) for each in call.args[:count] if isinstance(each, ast.Constant))
            if len(message) == count:
                yield message, place
    questions: list[type[Question]] = [*QUESTIONS.values(), *JOBS.values(), Watch]
    for question in questions:
        place = f"{question.__module__.replace('.', '/')}.py"
        labels = (parameter.own_label for parameter in question.parameters.values())
        for text in filter(None, (*paragraphs(question.__doc__), *labels)):
            yield (text,), place


def calls(path: Path) -> Iterator[ast.Call]:
    """The calls of a file by which a text is had, from top to bottom."""
    nodes = ast.walk(ast.parse(path.read_text(encoding="utf-8")))
    found = [
        node
        for node in nodes
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in ("_", "_n")
    ]
    yield from sorted(found, key=lambda call: (call.lineno, call.col_offset))


def values_of(text: str) -> set[str]:
    """The names of the values that a text has a place for."""
    return {name for _text, name, *_format in string.Formatter().parse(text) if name is not None}


def wrong_translations(path: Path) -> Iterator[str]:
    """The texts of a catalogue whose translation names a value that the text does not have."""
    for entry in entries_of(path.read_text(encoding="utf-8")):
        known = values_of(entry["msgid"]) | values_of(entry.get("msgid_plural", ""))
        if entry["msgid"] and any(
            values_of(text) - known for field, text in entry.items() if field.startswith("msgstr")
        ):
            yield entry["msgid"]


def _entry(message: Message, files: list[str]) -> str:
    fields = ["msgid", "msgid_plural"][: len(message)]
    lines = [f"#: {' '.join(files)}"]
    lines += ["#, python-brace-format"] * any(values_of(text) for text in message if "{" in text)
    lines += [f"{field} {_quoted(text)}" for field, text in zip(fields, message, strict=True)]
    lines += ['msgstr ""'] if len(message) == 1 else ['msgstr[0] ""', 'msgstr[1] ""']
    return "\n".join([*lines, ""])


def _quoted(text: str) -> str:
    for sign, escaped in (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\t", "\\t"), ("\r", "\\r")):
        text = text.replace(sign, escaped)
    return f'"{text}"'


def main() -> int:
    content, check = template(), "--check" in sys.argv[1:]
    stale = not TEMPLATE.exists() or TEMPLATE.read_text(encoding="utf-8") != content
    if stale and check:
        print(f"{TEMPLATE.relative_to(ROOT)} is out of date: run `python -m tools.texts`.")
    elif stale:
        TEMPLATE.parent.mkdir(exist_ok=True)
        TEMPLATE.write_text(content, encoding="utf-8")
        print(f"{TEMPLATE.relative_to(ROOT)} is written.")
    wrong = [(path, text) for path in TEMPLATE.parent.rglob("*.po") for text in wrong_translations(path)]
    for path, text in wrong:
        print(f"{path.relative_to(ROOT)}: the translation of “{text}” names a value that the text does not have.")
    return int((stale and check) or bool(wrong))


if __name__ == "__main__":
    sys.exit(main())
