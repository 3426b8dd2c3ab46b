"""Marks of HTML and what only looks like them; and texts that begin marks without end."""

import pytest

from explorer.data.markup import without_markup


@pytest.mark.parametrize(
    ("text", "plain"),
    [
        ("good.<br /><br/>really<BR>", "good.  really "),
        ("<p class=x>a <a href=\"x>y\" title = 'z'>film</a></p >", " a  film  "),
        ("a<!-- no > film -->film<!-- a -- b <!-- c -->", "a film<!-- a -- b  "),
        ("if a<b and c>d", "if a<b and c>d"),
        ("for i <i and j> k", "for i <i and j> k"),
        ("a <bold> film, 3 < 4 &amp; 5 &unknown; AT&T", "a <bold> film, 3 < 4 & 5 &unknown; AT&T"),
    ],
)
def test_tags_go_entities_become_signs_and_other_text_stays(text, plain):
    assert without_markup(text) == plain


@pytest.mark.parametrize(
    "beginning", ["<!--", "<a ", "<a b", "<a b=", '<a b="', "<a b='", "<a b=c ", "<a b='\"' ", "</i", "&", "&#1", "&lt"]
)
@pytest.mark.parametrize("rest", [None, " ", "b=c "])
def test_marks_that_never_end_are_left_in_linear_time(beginning, rest):
    """Of a megabyte; were the time quadratic, this would take hours."""
    text = (beginning * 2**20 if rest is None else beginning + rest * 2**20)[: 2**20]
    assert without_markup(text) == text
