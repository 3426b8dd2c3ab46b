"""Prefixes and regular expressions over the vocabulary, against Python's own on each word."""

import re

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.embeddings import catalog, patterns
from explorer.embeddings.bounds import LONGEST_WORD
from explorer.embeddings.patterns import matching, suggestions
from explorer.errors import UserError
from tests.embeddings.small import embedding_of


@pytest.mark.parametrize(
    "pattern", ["plane$", "^air", "(?i)^PARIS$", "[aeiou]{3}", "^[0-9]+$", "é", "a.c", r"-|\.", "x*"]
)
def test_a_pattern_matches_what_pythons_own_does(pattern):
    embedding = catalog.load()
    expected = [bool(re.search(pattern, word)) for word in embedding.words]
    assert matching(embedding, pattern).tolist() == expected


@pytest.mark.parametrize("endless", ["(a+)+$", "(a|aa)+$", "(.*a){25}$", "(x+x+)+y", "(.{0,100}){0,9}$"])
def test_a_pattern_that_would_run_for_ever_elsewhere_does_not_here(endless):
    assert matching(embedding_of(["a" * 100 + "b"]), endless).tolist() == [endless == "(.{0,100}){0,9}$"]


def test_a_pattern_that_takes_too_long_is_given_up(monkeypatch):
    monkeypatch.setattr(patterns, "LONGEST_SEARCH", -1.0)
    with pytest.raises(UserError, match="takes more than"):
        matching(catalog.load(), r"((\PN?){30}){33}zq")


@pytest.mark.parametrize(
    ("pattern", "says"),
    [
        ("(", r"missing \)"),
        ("*a", "no argument for repetition"),
        ("[z-a]", "invalid character class range"),
        (r"\1", "invalid escape sequence"),
        ("(?=a)", "invalid perl operator"),
        (r"(\pL{0,30}){0,30}", "pattern too large"),
        ("a" * 501, "501 characters"),
        ("\ud800", "is not a regular expression"),
    ],
)
def test_a_bad_pattern_is_a_sentence(tiny, pattern, says):
    with pytest.raises(UserError, match=says):
        matching(tiny, pattern)


def suggested(embedding, typed, limit=8):
    return [match.word for match in suggestions(embedding, typed, limit).words]


def test_completions_are_the_most_frequent_words_in_any_case(tiny):
    assert suggested(tiny, "a") == ["aircraft", "airplane"]
    assert suggested(tiny, "A", limit=1) == ["aircraft"]
    assert suggested(tiny, "par") == ["Paris"]
    assert suggested(tiny, "don’t"[:3]) == ["don't"]
    for nothing in ("", "  ", "q", "(", "a" * LONGEST_WORD, "\x00"):
        assert suggested(tiny, nothing) == []
    assert suggested(tiny, "aircarft") == ["aircraft"]
    assert suggested(embedding_of(["new", "news", "newt", "ne"]), "ne", limit=2) == ["ne", "new"]
    assert suggested(embedding_of(["new_york", "new-york", "newt", "new::york"]), "new y") == [
        "new_york",
        "new-york",
        "new::york",
    ]


@settings(max_examples=50, deadline=None)
@given(words=st.lists(st.text("abAB.*(-é", min_size=1, max_size=4), min_size=1, unique=True), prefix=st.text("aB.*(é"))
def test_completions_are_a_plain_loops(words, prefix):
    expected = [word for word in words if word.lower().startswith(prefix.lower())] if prefix else []
    expected.sort(key=lambda word: word != prefix)  # the word itself is first, however rare
    answer = suggested(embedding_of(words), prefix, limit=1000)
    assert answer[: len(expected)] == expected
    assert not any(word.lower().startswith(prefix.lower()) for word in answer[len(expected) :])


def test_a_word_is_suggested_first_and_no_slip_of_the_pen():
    words = [match.word for match in suggestions(catalog.load(), "mouse").words]
    assert words[0] == "mouse"
    assert all(word.startswith("mouse") for word in words)
    assert "woman" in [match.word for match in suggestions(catalog.load(), "womn").words]
