"""Addresses of pages: names that a page does not know are said, and those of questions and commands are understood."""

import pytest
import streamlit as st

from explorer.ui import left_out
from explorer.ui.parameters import Control
from tests.test_pages import component, sentences, visit, visit_as_typed

PAGES = (
    "home", "neighbours", "map", "side_by_side", "calculator", "health", "models", "lesson", "learning",
    "initialisation", "talks",
)  # fmt: skip


@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_what_it_leaves_out_and_knows_each_of_its_controls_by_a_name_of_its_own(page, monkeypatch):
    read, said = set(), []
    say, text = left_out.say_what_is_left_out, Control._text

    def said_of(*known):
        said[:] = known
        say(*known)

    def read_of(control):
        if "colours" in st.query_params:  # no other page that the visitor came by
            read.add(control.name)
        return text(control)

    monkeypatch.setattr(left_out, "say_what_is_left_out", said_of)
    monkeypatch.setattr(Control, "_text", read_of)
    few = {"words": "1000"} if page == "health" else {"most": "200"} if page == "side_by_side" else {}
    app = visit_as_typed(page, **few, colours="red")
    assert any("“colours” is no parameter of this page and was left out." in said for said in sentences(app))

    controls = [each for each in said if isinstance(each, Control)]
    own = [each if isinstance(each, str) else each.name for each in said]
    assert len(own) == len(set(own))
    assert read <= set(own)
    assert not {alias for each in controls for alias in each.aliases if alias != each.name} & set(own)


@pytest.mark.parametrize(
    ("unknown", "sentence"),
    [
        ({"min_counts": "5"}, "“min_counts” is no parameter of this page and was left out. Did you mean “min_count”?"),
        ({"zzz": "1", "qqq": "2"}, "“qqq”, “zzz” are no parameters of this page and were left out."),
        ({"python": "true", "regex": "^a"}, None),
    ],
)
def test_an_unknown_name_is_said_with_the_nearest_known_one(unknown, sentence):
    app = visit_as_typed("neighbours", word="airplane", n="2", **dict(sorted(unknown.items())))
    assert [sentence in said for said in sentences(app)] == [True] * (sentence is not None)


@pytest.mark.parametrize(
    ("page", "address", "said"),
    [
        ("map", {"around": "glider"}, "glider"),
        ("map", {"words": "cat,dog,horse,cow"}, "cow"),
        ("map", {"most_frequent": "12"}, "the"),
    ],
)
def test_a_map_takes_the_parameters_of_its_question(page, address, said):
    app = visit(page, **address)
    assert sentences(app) == []
    assert said in str(app.get("plotly_chart")[0].proto.spec)


@pytest.mark.parametrize(
    ("command", "tab"), [("odd-one-out", "odd"), ("analogy", "formula"), ("similarity", "pairs"), ("axes", "axes")]
)
def test_the_calculator_knows_its_tabs_by_the_names_of_the_commands(command, tab):
    app = visit("calculator", ask=command)
    assert app.segmented_control("ask").value == tab
    assert f"explorer {command}" in component(app, "action_bar")["forms"]["Command"]
