"""Collect the texts that a user reads, for translators, and compile their catalogues, with Babel.

python -m tools.texts            writes explorer/locale/explorer.pot, and beside each explorer.po its explorer.mo
python -m tools.texts --check    writes nothing, and ends with 1 where one of these files is out of date

Both end with 1 where a translation names a value that its text does not have.
"""

from __future__ import annotations

import io
import string
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

from babel.messages.catalog import Catalog
from babel.messages.extract import extract_from_file
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po

from explorer.questions import JOBS, QUESTIONS
from explorer.questions.question import Question
from explorer.texts import paragraphs

ROOT = Path(__file__).resolve().parents[1]
TEMPLATE = ROOT / "explorer" / "locale" / "explorer.pot"
KEYWORDS = {"_": None, "_n": (1, 2)}
# Babel's own header has the time and its version, which change without a text.
_HEADER = """# The texts of Embedding Explorer. `python -m tools.texts` makes this file of the code; change that.
msgid ""
msgstr ""
"MIME-Version: 1.0\\n"
"Content-Type: text/plain; charset=UTF-8\\n"
"Content-Transfer-Encoding: 8bit\\n"
"Plural-Forms: nplurals=2; plural=n != 1;\\n"

"""
Message = str | tuple[str, ...]  # a text, or that for one and that for several


def catalogue() -> Catalog:
    """All texts, each once, with the files that have it."""
    texts = Catalog(charset="utf-8")
    for message, place in messages():
        texts.add(message, locations=[(place, 0)]).flags.discard("python-format")  # “{share:%} of” is none
    return texts


def template() -> str:
    """What the file of all texts should hold."""
    content = io.BytesIO()
    write_po(content, catalogue(), width=0, omit_header=True, include_lineno=False)
    return _HEADER + content.getvalue().decode()


def messages() -> Iterator[tuple[Message, str]]:
    """Each text, and the file in which it stands."""
    for path in sources():
        for _line, message, _comments, _context in extract_from_file("python", path, KEYWORDS):
            yield message, path.relative_to(ROOT).as_posix()
    questions: list[type[Question]] = [*QUESTIONS.values(), *JOBS.values()]
    for question in questions:
        labels = (parameter.own_label for parameter in question.parameters.values())
        for text in filter(None, (*paragraphs(question.__doc__), *labels)):
            yield text, f"{question.__module__.replace('.', '/')}.py"


def sources() -> list[Path]:
    """The files that have texts."""
    return [*sorted([*(ROOT / "explorer").rglob("*.py"), *(ROOT / "pages").glob("*.py")]), ROOT / "streamlit_app.py"]


def values_of(text: str) -> set[str]:
    """The names of the values that a text has a place for."""
    return {name for _text, name, *_format in string.Formatter().parse(text) if name is not None}


def wrong_translations(translations: Catalog) -> Iterator[str]:
    """The texts whose translation names a value that they do not have."""
    for message in translations:
        one, *several = _forms(message.id)
        known = values_of(one).union(*map(values_of, several))
        if one and any(values_of(text) - known for text in _forms(message.string)):
            yield one


def compiled(translations: Catalog) -> bytes:
    """The catalogue as gettext reads it, without what is marked as fuzzy."""
    content = io.BytesIO()
    write_mo(content, translations)
    return content.getvalue()


def _forms(text: str | Iterable[str] | None) -> list[str]:
    return [text] if isinstance(text, str) else list(text or ())


def main() -> int:
    expected, problems = {TEMPLATE: template().encode()}, []
    for path in sorted(TEMPLATE.parent.rglob("*.po")):
        with path.open("rb") as file:
            translations = read_po(file)
        expected[path.with_suffix(".mo")] = compiled(translations)
        problems += [
            f"{path.relative_to(ROOT)}: the translation of “{text}” names a value that the text does not have."
            for text in wrong_translations(translations)
        ]
    for path, content in expected.items():
        if path.exists() and path.read_bytes() == content:
            continue
        if "--check" in sys.argv[1:]:
            problems.append(f"{path.relative_to(ROOT)} is out of date: run `python -m tools.texts`.")
        else:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
            print(f"{path.relative_to(ROOT)} is written.")
    print("".join(f"{problem}\n" for problem in problems), end="")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
