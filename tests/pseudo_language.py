"""A language in which every text stands in brackets, ⟦like this⟧: what a reader sees outside of them is a text that no
catalogue can translate.

`python -m tests.pseudo_language` reads each page in the language of its process, and prints what stands on it as JSON.
"""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from explorer.texts import _
from tools.texts import catalogue, compiled

LANGUAGE = "brackets"
_READ = {"label", "body", "help", "placeholder", "text", "caption", "title", "options", "alt"}  # fields of elements
# Of what a component is handed: where texts stand. The others are keys, names of tensors, and numbers.
_OF_A_COMPONENT = {"title", "label", "chapter", "chapters", "place", "sentence", "stops", "steps", "boxes", "trail"} | {
    "equations", "parts", "caption", "left_out", "texts", "terms", "folded",
}  # fmt: skip
_TRAINED = {"d_model": "8", "heads": "2", "data": "phrase book", "updates": "2"}
_VISITS: tuple[tuple[str, dict[str, str]], ...] = (
    ("home", {}),
    ("neighbours", {"n": "3", **dict.fromkeys(("filters", "why", "vector", "vocabulary"), "true")}),
    ("neighbours", {"word": "airplne"}),
    ("side_by_side", {"most": "200"}),
    ("map", {"n": "12"}),
    ("map", {"show": "list", "view": "graph"}),
    ("calculator", {}),
    ("calculator", {"ask": "pairs"}),
    ("calculator", {"ask": "odd"}),
    ("health", {"words": "300"}),
    ("health", {"show": "benchmarks", "restrict_vocab": "300"}),
    ("health", {"show": "why"}),
    ("models", {}),
    ("learning", {}),
    ("initialisation", {}),
    ("initialisation", {"show": "own"}),
    ("initialisation", {"show": "published"}),
    ("lesson", {}),
    ("lesson", {"step": "source.tokens"}),
    ("lesson", {"step": "encoder.0.self_attention.weights"}),
    ("lesson", {"step": "decoder.0.cross_attention.norm", "compare": "change", "edits": "source.table[4,0]=0.5"}),
    ("lesson", {"step": "next.greedy"}),
    ("lesson", {"step": "next.beam"}),
    ("lesson", {"step": "padding"}),
    ("lesson", {"step": "back.encoder.0.self_attention.weights"}),
    ("lesson", {"step": "update.embeddings"}),
    ("lesson", {"step": "update.weight"}),
    ("lesson", {"step": "source.embedding", "cell": "source.embedding[0,1]"}),
    ("lesson", {"view": "layers"}),
    ("learning", _TRAINED),
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
    """What of a text stands outside of all brackets, without marks of HTML and Markdown, formulas and code."""
    before = ""
    while text != before:
        before, text = text, re.sub(r"⟦[^⟦⟧]*⟧", " ", text, flags=re.DOTALL)
    text = re.sub(r"```math.*?```|\$\$.*?\$\$|\$[^$]+\$", " ", text, flags=re.DOTALL)
    text = re.sub(
        r"<(style|script|math|code)\b.*?</\1>|<[^>]*>|`[^`]*`|:[a-z-]+\[|\]\([^)]*\)", " ", text, flags=re.DOTALL
    )
    return " ".join(text.split())


def texts_of(page: str, url: dict[str, str]) -> Iterator[tuple[str, str]]:
    """What a page says: the kind of each element, and each of its texts."""
    from tests.test_pages import visit

    app = visit(page, **url)
    if url == _TRAINED:
        from explorer.service import trainings

        next(button for button in app.button if button.label == _("Train")).click().run()
        trainings.find(app.query_params["training"]).job.wait(120)
        app.run()
    assert not app.exception, app.exception
    for node in app.main:
        proto = getattr(node, "proto", None)
        if node.type == "bidi_component" and proto.json:
            content = json.loads(proto.json)
            yield node.type, "".join(span["text"] for span in content.get("spans", ()))
            yield from ((node.type, text) for text in _texts_of_a_component(content))
            yield from ((node.type, text) for svg in content.get("svgs", ()) for text in _texts_of_a_drawing(svg))
        for field, value in proto.ListFields() if hasattr(proto, "ListFields") else ():
            if field.name in _READ:
                for text in [value] if isinstance(value, str) else _texts(value):
                    yield node.type, text


def data() -> list[str]:
    """What pages show of the cards of models, of plans and of a vocabulary, which is no text of the program."""
    from explorer.embeddings import catalog, downloadable
    from explorer.initialisation import library
    from explorer.ui import doors
    from explorer.ui.messages import as_label

    cards, _broken = catalog.cards()
    of_cards = [
        text
        for card in cards
        for text in (card.name, card.title, card.description, card.differs, *card.corpus.values())
    ]
    of_catalogue = [
        text for model in downloadable.downloadable() for text in (model.title, model.licence, model.corpus)
    ]
    of_plans = [arm.name for name in library.names() for arm in library.plan(name).arms.values()]
    of_doors = [
        *doors.ARMS,
        *re.findall(r"\w+", doors.FORMULA),
        *(word for word, _cosine in doors.numbers()["similarity"]),
    ]
    texts = [str(text) for text in (*of_cards, *of_catalogue, *of_plans, *of_doors) if text]
    return sorted({*texts, *map(as_label, texts)}, key=len, reverse=True)  # a drawing escapes nothing


def _texts(value: Any) -> list[str]:
    return [each for each in value if isinstance(each, str)] if hasattr(value, "__iter__") else []


def _texts_of_a_component(content: Any) -> Iterator[str]:
    if isinstance(content, str):
        yield re.sub(r"[\w.]+ \[[^]]*\]", " ", content)  # but for the name of a cell
    elif isinstance(content, list):
        for each in content:
            yield from _texts_of_a_component(each)
    elif isinstance(content, dict):
        is_operator = content.get("kind") == "operator"
        for name, value in content.items():
            if name in _OF_A_COMPONENT or (name == "text" and is_operator):
                # texts and terms have names of their own, and so have steps, where they are no keys
                within = list(value.values()) if name in ("texts", "terms") and isinstance(value, dict) else value
                yield from _texts_of_a_component(
                    [each for each in within if isinstance(each, dict)] if name == "steps" else within
                )


def _texts_of_a_drawing(svg: str) -> Iterator[str]:
    """Its title, its description and its words, some of which are cut where they have no room."""
    for text in re.findall(r"<(?:title|desc|text)\b[^>]*>([^<]*)<", svg):
        yield re.sub(r"⟦[^⟦⟧]*…$", " ", html.unescape(text))


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
