"""The texts that a user reads, in the language of this process.

Code has every text in English: `_("{name} has no index.", name=model.name)`. A catalogue says what stands for it in
another language: `LANGUAGE/LC_MESSAGES/explorer.mo` in `explorer/locale/`, or in the folder EXPLORER_LOCALE, as gettext
has it. The environment variable EXPLORER_LANGUAGE names the language; without it all is English, whatever the system
speaks. A text without a translation stays English. `python -m tools.texts` collects the texts for translators, and
compiles their catalogues.
"""

from __future__ import annotations

import os
import sys
from gettext import NullTranslations, translation
from pathlib import Path

LOCALE = Path(os.environ.get("EXPLORER_LOCALE") or Path(__file__).resolve().parent / "locale")
ENGLISH = "en"
LANGUAGE = os.environ.get("EXPLORER_LANGUAGE") or ENGLISH


def _catalogue(language: str) -> NullTranslations:
    if language != ENGLISH:
        try:
            return translation("explorer", LOCALE, [language])
        except Exception as error:  # whatever gettext makes of a damaged file; a program without it speaks English
            print(f"explorer: no texts in the language “{language}”, so they are English: {error}.", file=sys.stderr)
    return NullTranslations()


_TEXTS = _catalogue(LANGUAGE)


def _(message: str, /, **values: object) -> str:
    """The text in the language of this process; `values` take the places that it names: {name}, {count:,}."""
    text = _TEXTS.gettext(message)
    return text.format(**values) if values else text


def _n(one: str, several: str, count: int, /, **values: object) -> str:
    """The text for one and for several, in the form that the language has for this number, which stands at {count}."""
    return _TEXTS.ngettext(one, several, count).format(count=count, **values)


def paragraphs(docstring: str | None) -> list[str]:
    """The texts of a docstring that a user reads: its paragraphs, each on one line."""
    return [" ".join(paragraph.split()) for paragraph in (docstring or "").strip().split("\n\n") if paragraph]
