"""The grammar of formulas: what is one, what is none, and that reading undoes writing."""

import string

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.embeddings import formula
from explorer.embeddings.formula import Formula, Term, parse
from explorer.errors import UserError


@pytest.mark.parametrize(
    ("text", "terms"),
    [
        ("king - man + woman", [(1, "king"), (-1, "man"), (1, "woman")]),
        ("king -man+woman", [(1, "king"), (-1, "man"), (1, "woman")]),
        ("  -king ", [(-1, "king")]),
        ("+ king", [(1, "king")]),
        ("0.5 * queen + 2*king - .25 × man", [(0.5, "queen"), (2, "king"), (-0.25, "man")]),
        ("take-off - landing", [(1, "take-off"), (-1, "landing")]),
        ("king- man", [(1, "king"), (-1, "man")]),
        ("king − man – woman", [(1, "king"), (-1, "man"), (-1, "woman")]),
        ('"new york" - "c++" + “São Paulo”', [(1, "new york"), (-1, "c++"), (1, "São Paulo")]),
        ('2 * "say ""yes"""', [(2, 'say "yes"')]),
        ("don't + rock'n'roll", [(1, "don't"), (1, "rock'n'roll")]),
        ("2004 - 2003", [(1, "2004"), (-1, "2003")]),
        ("dc-3", [(1, "dc-3")]),
        ("שלום + 東京", [(1, "שלום"), (1, "東京")]),
    ],
)
def test_formulas(text, terms):
    assert parse(text).terms == tuple(Term(weight, word) for weight, word in terms)


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("", "There is no formula: type one, such as king - man"),
        (" \n", "There is no formula"),
        ("king man", "no \\+ or - between “king” and “man”"),
        ("king - man woman", "between “man” and “woman”"),
        ("king +", "no word after the \\+"),
        ("king - - man", "no word after the - in “- - man”"),
        ("-", "no word after the -"),
        ("(king - man) + woman", "no parentheses"),
        ("king - (man + boy)", "no parentheses"),
        ('king + "new york', "do not come in pairs"),
        ('say "hi" - boat', 'A quote within quotes is doubled: "say ""hi"""\\.'),
        ("king + new york”", "between “new” and “york”"),
        ('"" + king', "nothing between two quotes"),
        ("king + * 2", "A number must stand before \\*"),
        ("2 *", "A number must stand before \\* and a word after"),
        ("half * queen", "A number must stand before \\*"),
        ("king ** 2", "A number must stand before \\*"),
        ("0 * queen", "weight 0 is not above 0"),
        ("1000 * queen", "weight 1000 is not above 0 and at most 100"),
        ("9" * 400 + " * queen", "weight 999.{37}… is not"),
        ("king + " * 1000 + "king", "1,001 words, but 100"),
        ("x" * 10_001, "10,001 characters"),
        ("__import__('os').system('true')", "no parentheses"),
    ],
)
def test_what_is_no_formula_is_said(text, says):
    with pytest.raises(UserError, match=says):
        parse(text)


words = st.text(min_size=1)
signs_and_words = st.lists(
    st.sampled_from(['"', "“", "”", " ", "+", "-", "−", "*", "×", "2", ".5", "king", "(", ")", "'"])
)
weights = st.one_of(st.just(1.0), st.floats(1e-9, formula.HEAVIEST), st.floats(-formula.HEAVIEST, -1e-9))


@settings(deadline=None)
@given(st.lists(st.builds(Term, weights, words), min_size=1, max_size=8).map(tuple).map(Formula))
def test_a_formula_that_was_written_is_read_as_the_same(written):
    if len(str(written)) <= formula.LONGEST_FORMULA:
        assert parse(str(written)) == written


def read_or_sentence(text):
    """The formula that a text is, or the sentence that it gets."""
    try:
        return parse(text)
    except UserError as error:
        return str(error)


@settings(deadline=None)
@given(st.one_of(st.text(), st.text(string.printable), signs_and_words.map("".join)))
def test_any_text_is_a_formula_or_gets_a_sentence(text):
    formula = read_or_sentence(text)
    if isinstance(formula, Formula):
        assert parse(str(formula)) == formula
    else:
        assert formula.endswith(".")
        assert len(formula) < 300


@pytest.mark.parametrize("unit", [" ", '"', "“", "-", "+ ", "1", "a-", "a", '""', "1.", "* "])
def test_long_texts_are_read_without_going_back_and_forth(unit):
    text = (unit * formula.LONGEST_FORMULA)[: formula.LONGEST_FORMULA - 1]
    for end in ("", '"', "(", "*"):
        outcome = read_or_sentence(text + end)
        assert isinstance(outcome, Formula) or len(outcome) < 300
