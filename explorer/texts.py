"""The texts that a user reads, in the language of this process.

Code has every text in English: `_("{name} has no index.", name=model.name)`. A catalogue says what stands for it in
another language: `LANGUAGE/LC_MESSAGES/explorer.po` in `explorer/locale/`, or in the folder EXPLORER_LOCALE, as gettext
has it. The environment variable EXPLORER_LANGUAGE names the language; without it all is English, whatever the system
speaks. A text without a translation stays English. `python -m tools.texts` collects the texts for translators.
"""

from __future__ import annotations

import ast
import os
import re
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

LOCALE = Path(os.environ.get("EXPLORER_LOCALE") or Path(__file__).resolve().parent / "locale")
ENGLISH = "en"


class Catalogue:
    """What stands for each text: the forms of its plural, or its one form."""

    def __init__(self, forms: dict[str, list[str]], plural: Callable[[int], int]) -> None:
        self.forms, self.plural = forms, plural

    @classmethod
    def read(cls, path: Path) -> Catalogue:
        """The catalogue of a .po file. Raises ValueError for one that cannot be read."""
        from gettext import c2py

        entries = {entry["msgid"]: entry for entry in entries_of(path.read_text(encoding="utf-8"))}
        rule = re.search(r"plural=([^;\n]+)", entries.get("", {}).get("msgstr", ""))
        forms = {
            message: [text for field, text in sorted(entry.items()) if field.startswith("msgstr")]
            for message, entry in entries.items()
            if message
        }
        return cls(
            {message: texts for message, texts in forms.items() if all(texts)}, c2py(rule[1] if rule else "n!=1")
        )

    def text(self, message: str) -> str:
        return self.forms.get(message, [message])[0]

    def counted(self, one: str, several: str, count: int) -> str:
        forms = self.forms.get(one)
        if forms is None:
            return one if count == 1 else several
        return forms[min(self.plural(count), len(forms) - 1)]


def entries_of(content: str) -> Iterator[dict[str, str]]:
    """The entries of a .po file, by field: msgid, msgid_plural, msgstr, msgstr[0] …; without those marked as fuzzy."""
    for block in re.split(r"\n\s*\n", content):
        entry: dict[str, str] = {}
        field = ""
        for line in block.splitlines():
            if match := re.match(r"(msgid|msgid_plural|msgstr|msgstr\[\d\])\s+(?=\")", line):
                field = match[1]
                line = line[match.end() :]
            if field and line.startswith('"'):
                entry[field] = entry.get(field, "") + ast.literal_eval(line)
        is_fuzzy = re.search(r"^#,.*\bfuzzy\b", block, re.MULTILINE) and entry.get("msgid")
        if "msgid" in entry and not is_fuzzy:
            yield entry


def _catalogue(language: str) -> Catalogue:
    path = LOCALE / language / "LC_MESSAGES" / "explorer.po"
    if language != ENGLISH:
        try:
            return Catalogue.read(path)
        except (OSError, ValueError, SyntaxError) as error:
            print(f"explorer: no texts in the language “{language}”, so they are English: {error}.", file=sys.stderr)
    return Catalogue({}, lambda count: int(count != 1))


LANGUAGE = os.environ.get("EXPLORER_LANGUAGE") or ENGLISH
_TEXTS = _catalogue(LANGUAGE)


def _(message: str, /, **values: object) -> str:
    """The text in the language of this process; `values` take the places that it names: {name}, {count:,}."""
    text = _TEXTS.text(message)
    return text.format(**values) if values else text


def _n(one: str, several: str, count: int, /, **values: object) -> str:
    """The text for one and for several, in the form that the language has for this number, which stands at {count}."""
    return _TEXTS.counted(one, several, count).format(count=count, **values)


def paragraphs(docstring: str | None) -> list[str]:
    """The texts of a docstring that a user reads: its paragraphs, each on one line."""
    return [" ".join(paragraph.split()) for paragraph in (docstring or "").strip().split("\n\n") if paragraph]
