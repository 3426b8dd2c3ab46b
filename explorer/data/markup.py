"""Marks of HTML in texts that were taken from pages, such as the <br /> of reviews: they are no words."""

from __future__ import annotations

import html
import re

# A tag or a comment ends before the next one begins, and nothing in it is tried twice: the time is linear in the text.
_TAG = re.compile(
    r"""
    </?(?:a|b|blockquote|br|center|code|div|em|font|h[1-6]|hr|i|img|li|ol|p|pre|s|small|span|strong|sub|sup|table
    |tbody|td|th|tr|u|ul)
    (?:\s++[\w:-]++\s*+=\s*+(?:"[^"<]*+"|'[^'<]*+'|[^\s<>"']++))*+
    \s*+/?+>
    |<!--(?:(?!<!--|-->).)*+-->
    """,
    re.IGNORECASE | re.DOTALL | re.VERBOSE,
)
_ENTITY = re.compile(r"&(?:#\d{1,7}|#x[0-9a-f]{1,6}|[a-z]{2,8}[0-9]?);", re.IGNORECASE)


def without_markup(text: str) -> str:
    """The text without tags, its entities as the characters that they stand for; other signs < and & stay."""
    if "<" in text:
        text = _TAG.sub(" ", text)
    return _ENTITY.sub(lambda entity: html.unescape(entity[0]), text) if "&" in text else text
