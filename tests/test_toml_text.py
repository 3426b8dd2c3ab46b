"""TOML from anybody: what is well-formed and small is read, all else is a sentence, and at once."""

import pytest

from explorer.errors import UserError
from explorer.toml_text import DEEPEST, MOST_CHARACTERS, MOST_PARTS, parse_toml


@pytest.mark.parametrize("start", ["", "\ufeff"])
def test_what_a_text_says(start):
    assert parse_toml(start + 'a = 1\n[b.c]\nd = ["x", {e = 2.5}]', "It") == {
        "a": 1,
        "b": {"c": {"d": ["x", {"e": 2.5}]}},
    }


@pytest.mark.parametrize(
    "text",
    [
        "a" + ".a" * 40_000 + " = 1",
        "[a" + " . a" * 20_000 + "]",
        "[[a" + '."a"' * 20_000 + "]]",
        "a" + ".'a'" * 20_000 + " = 1",
        "x = '''it's''' # a comment\nb = { a" + ".a" * 40_000 + " = 1 }",
        'x = """quoted""""\na' + ".a" * 40_000 + " = 1",
    ],
)
def test_a_key_of_very_many_parts_is_refused_before_it_is_read(text):
    with pytest.raises(UserError, match=f"^The card has a key of more than {MOST_PARTS} parts"):
        parse_toml(text, "The card")


@pytest.mark.parametrize(
    "text",
    [
        "a = " + "[" * 600 + "]" * 600,
        "a = " + "{a=" * 600 + "1" + "}" * 600,
        "a = " + "[" * DEEPEST + "]" * DEEPEST,
        "a = " + "{a.a.a.a.a.a.a.a=" * 100 + "1" + "}" * 100,
        "a = " + "[" * 99_000,
    ],
)
def test_what_is_nested_too_deep_is_refused(text):
    with pytest.raises(UserError, match=f"^The plan has more than {DEEPEST} lists or tables within each other"):
        parse_toml(text, "The plan")


def test_what_is_too_long_is_refused():
    with pytest.raises(UserError, match=r"^The plan has more than the 100,000 characters that it may have:"):
        parse_toml("#" + "x" * MOST_CHARACTERS + "\n", "The plan")


@pytest.mark.parametrize(
    "text", ["a = ", "a = 1\na = 2", "a = " + "1" * 5000, "a = 2024-13-01", '"""' + '\\"""' * 20_000]
)
def test_what_is_no_toml_is_said(text):
    with pytest.raises(UserError, match=r"^The card cannot be read as TOML: "):
        parse_toml(text, "The card")


@pytest.mark.parametrize(
    "text",
    [
        "a = '" + "a." * 1000 + "'",
        'a = """\n' + "a." * 1000 + '"""',
        'a = "say \\"' + "a." * 1000 + '"',
        "# " + "a." * 1000,
        "a = [" + "0.1, " * 1000 + "]",
        ".".join("abcdefghijklmnop") + " = 1",
        "a = " + "[" * (DEEPEST - 1) + "]" * (DEEPEST - 1),
    ],
)
def test_dots_in_texts_comments_and_numbers_are_no_keys(text):
    assert list(parse_toml(text, "It")) == (["a"] if text[0] == "a" else [])
