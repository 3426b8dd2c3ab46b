"""An answer to take along: as CSV and as JSON, the numbers that stand on the page."""

from __future__ import annotations

import json
import re
from typing import Any

import streamlit as st

from explorer.answers import Answer
from explorer.questions.question import Question
from explorer.texts import _

_LONGEST = 80


def file_name(name: str) -> str:
    """The name as a file may have it everywhere: letters, digits, dots and dashes, for a word may hold any sign."""
    return re.sub(r"[^\w.-]+", "-", name).strip(".-")[:_LONGEST] or "answer"


def name_of(question: Question) -> str:
    """What the file of a question's answer is called: the question and all that it asks, so that no two have one
    name."""
    return file_name("-".join([question.name, *(text for _name, text in question.write())]))


def answer_downloads(name: str, answer: Answer) -> None:
    """Draw the buttons of an answer, which has its own forms."""
    downloads(name, answer.as_json(), answer.as_csv())


def downloads(name: str, tree: Any, table: str | None = None) -> None:
    """Draw a button for `name`.csv, where there is a table, and one for `name`.json."""
    name = file_name(name)
    with st.container(horizontal=True, width="content"):
        if table is not None:
            st.download_button(_("Download CSV"), table, f"{name}.csv", "text/csv", on_click="ignore")
        text = json.dumps(tree, ensure_ascii=False, indent=2, allow_nan=False)
        st.download_button(_("Download JSON"), text, f"{name}.json", "application/json", on_click="ignore")
