"""A language in which every text stands in brackets, ⟦like this⟧: what a reader sees outside of them is a text that no
catalogue can translate.

`python -m tests.pseudo_language` reads each page in the language of its process, and prints what stands on it as JSON.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from tools.texts import catalogue, compiled

LANGUAGE = "brackets"
_READ = {"label", "body", "help", "placeholder", "text", "caption", "title", "options", "alt"}  # fields of elements
_VISITS: tuple[tuple[str, dict[str, str]], ...] = (
    ("home", {}),
    ("neighbours", {"n": "3", "open": "why,vector,vocabulary"}),
    ("neighbours", {"word": "airplne"}),
    ("side_by_side", {}),
    ("map", {"n": "12"}),
    ("map", {"show": "list", "drawn": "graph"}),
    ("calculator", {}),
    ("calculator", {"ask": "pairs"}),
    ("calculator", {"ask": "odd"}),
    ("health", {}),
    ("health", {"show": "benchmarks"}),
    ("health", {"show": "why"}),
    ("models", {}),
    ("learning", {}),
    ("initialisation", {}),
)


def write_catalogue(folder: Path) -> None:
    """The catalogue of this language, as EXPLORER_LOCALE needs it."""
    texts = catalogue()
    for message in texts:
        if message.id:
            forms = [message.id] if isinstance(message.id, str) else message.id
            bracketed = [f"⟦{text}⟧" for text in forms]
            message.string = bracketed[0] if isinstance(message.id, str) else tuple(bracketed)
    path = folder / LANGUAGE / "LC_MESSAGES" / "explorer.mo"
    path.parent.mkdir(parents=True)
    path.write_bytes(compiled(texts))


def outside(text: str) -> str:
    """What of a text stands outside of all brackets, without marks of HTML and Markdown."""
    before = ""
    while text != before:
        before, text = text, re.sub(r"⟦[^⟦⟧]*⟧", " ", text, flags=re.DOTALL)
    text = re.sub(r"<style.*?</style>|<[^>]*>|`[^`]*`|:[a-z-]+\[|\]\([^)]*\)", " ", text, flags=re.DOTALL)
    return " ".join(text.split())


def texts_of(page: str, url: dict[str, str]) -> Iterator[tuple[str, str]]:
    """What a page says: the kind of each element, and each of its texts."""
    from streamlit.testing.v1 import AppTest

    app = AppTest.from_file("../explorer/ui/shell.py", default_timeout=60).run()
    app.switch_page(f"../../pages/{page}.py")
    for name, value in url.items():
        app.query_params[name] = value
    app.run()
    assert not app.exception, app.exception
    for node in app.main:
        proto = getattr(node, "proto", None)
        for field, value in proto.ListFields() if hasattr(proto, "ListFields") else ():
            if field.name in _READ:
                for text in [value] if isinstance(value, str) else _texts(value):
                    yield node.type, text


def data() -> list[str]:
    """What pages show of the cards of models and of plans, which is no text of the program."""
    from explorer.embeddings import catalog, downloads
    from explorer.initialisation import library
    from explorer.ui.messages import as_label

    cards, _broken = catalog.cards()
    of_cards = [text for card in cards for text in (card.title, card.description, *card.corpus.values())]
    of_catalogue = [text for model in downloads.downloadable() for text in (model.title, model.licence)]
    of_plans = [arm.name for name in library.names() for arm in library.plan(name).arms.values()]
    texts = [str(text) for text in (*of_cards, *of_catalogue, *of_plans) if text]
    return sorted(map(as_label, texts), key=len, reverse=True)


def _texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if hasattr(value, "__iter__") else []


if __name__ == "__main__":
    known = data()
    pages = []
    for page, url in _VISITS:
        elements = []
        for kind, text in texts_of(page, url):
            for each in known:
                text = text.replace(each, "")
            elements.append((kind, text))
        pages.append((page, url, elements))
    print(json.dumps(pages))
