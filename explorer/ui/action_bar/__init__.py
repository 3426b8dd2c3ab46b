"""One bar of what can be done with an answer: take its link and its numbers along, ask it elsewhere, show it in a talk,
go on to another page."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from pathlib import Path
from urllib.parse import urlencode, urlsplit

import streamlit as st

from explorer.questions import copies
from explorer.questions.question import Question
from explorer.questions.recipes import recipe
from explorer.texts import _
from explorer.ui.add_to_talk import add_to_talk
from explorer.ui.dom import script
from explorer.ui.downloads import name_of
from explorer.ui.navigation import this_page

OPEN = "python"  # says in the address that the forms are open, from when there was that one alone
_WITHOUT_A_BROWSER = "http://localhost:8501/"
_HERE = Path(__file__).parent
_component = st.components.v2.component(
    "explorer_action_bar",
    css=(_HERE / "bar.css").read_text(encoding="utf-8"),
    js=script(_HERE / "bar.js"),
)


def action_bar(
    *questions: Question,
    download: Question | None = None,
    links: Mapping[str, str] | None = None,
    key: str = "action_bar",
    in_talk: bool = True,
    before: Callable[[], None] = lambda: None,
) -> None:
    """Draw the bar of the questions of a page: as Python of this package, as Python of gensim and NumPy alone where
    there is such a recipe, as commands, as requests over HTTP.

    The answer of a `download` comes over HTTP when it is asked for, as CSV and as JSON. `links` lead to other pages,
    each by its label. A view that is shown in a talk is added to one here, unless another bar of the page does that.
    `before` draws buttons that stand in the same row, such as downloads of what took long to compute.
    """
    address = urlsplit(st.context.url or _WITHOUT_A_BROWSER)
    server = f"{address.scheme}://{address.netloc}"
    forms = {
        "Python": "\n".join(copies.python(question) for question in questions),
        _("Python without this package"): "\n".join(filter(None, map(recipe, questions))),
        _("Command"): "\n".join(map(copies.command, questions)),
        "curl": "\n".join(copies.curl(question, server) for question in questions),
    }
    data = {
        "link": link(address.geturl()),
        "forms": {name: text for name, text in forms.items() if text},
        "open": st.query_params.get(OPEN) == "true",
        "downloads": [_download(download, form) for form in ("csv", "json")] if download else [],
        "links": [{"label": label, "href": href} for label, href in (links or {}).items()],
        "texts": {"link": _("Copy link"), "copy_as": _("Copy as"), "copy": _("Copy"), "copied": _("Copied")},
    }
    with st.container(horizontal=True, vertical_alignment="top", key=f"row of {key}"):
        before()
        _component(key=key, data=data)
        if in_talk:
            add_to_talk(this_page().url_path)


def _download(question: Question, form: str) -> dict[str, str]:
    address = copies.address(question).lstrip("/")
    href = f"{address}{'&' if '?' in address else '?'}{urlencode({'format': form})}"
    return {"label": _("Download {form}", form=form.upper()), "href": href, "name": f"{name_of(question)}.{form}"}


def link(page: str) -> str:
    """The address of the page with everything that its controls say; without the open forms, which its reader has no
    need of."""
    parameters = [(name, text) for name in st.query_params for text in st.query_params.get_all(name) if name != OPEN]
    return f"{page}?{urlencode(parameters)}" if parameters else page
