"""The calculator through Streamlit's own test runner: what it asks the core and what it says."""

import base64
import json
import re

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from explorer.embeddings import catalog
from explorer.embeddings.analogy import analogy
from explorer.questions.vectors import Matrix
from tests.test_pages import component, downloads, sentences, visit


def table(app: AppTest) -> dict:
    """What the page's table or matrix shows."""
    assert not app.exception
    (shown,) = [part for part in app.get("bidi_component") if re.search("table|matrix", part.key)]
    return json.loads(shown.proto.json)


def matrix_of(app):
    (equation,) = table(app)["equations"]
    (matrix,) = equation["parts"]
    return matrix


def test_the_formula_stands_there_answered():
    app = visit("calculator")
    (left_out,) = sentences(app)
    assert "“king”, “man”, “woman” themselves are left out." in left_out
    assert component(app, "formula_box")["value"] == "king - man + woman"
    answer = analogy(catalog.load(), "king - man + woman")
    rows = table(app)["rows"]
    assert [row["number"] for row in rows] == [row.score for row in answer.rows]
    assert rows[0]["words"] == [{"word": "queen", "href": f"neighbours?word=queen&model={catalog.DEFAULT}"}]
    assert downloads(app) == ["Download CSV", "Download JSON"]


def test_everything_is_in_the_url():
    app = visit("calculator", formula="2 * king - queen", method="multiply", n="3")
    assert len(table(app)["rows"]) == 3
    assert "2 * king - queen by 3CosMul" in table(app)["caption"]


def test_pairs_with_an_unknown_word_among_them():
    app = visit("calculator", ask="pairs", pairs="king, queen\nking, qqqqqqqq\nking man, queen")
    rows = table(app)["rows"]
    assert [row["number"] is None for row in rows] == [False, True, False]
    assert [row["notes"] for row in rows] == [["19 of 10,000 are as high"], [""], [""]]  # a phrase is no word
    assert "“qqqqqqqq” is not among" in rows[1]["problem"]


def test_a_matrix_has_the_words_on_both_sides():
    matrix = matrix_of(visit("calculator", ask="matrix", words="king,car,queen"))
    assert matrix["rows"] == matrix["columns"]
    assert set(matrix["rows"]) == {"king", "car", "queen"}
    assert (matrix["limit"], matrix["key"]) == (1, True)
    sent = np.frombuffer(base64.b64decode(matrix["float64"]), dtype="<f8").reshape(3, 3)
    np.testing.assert_array_equal(sent, Matrix(words=["king", "car", "queen"]).answer().cosines)


def test_the_odd_one_out_is_named():
    (sentence,) = sentences(visit("calculator", ask="odd"))
    assert "The odd one out is cereal." in sentence


@pytest.mark.parametrize(
    ("url", "axes"),
    [
        ({"lower": "", "upper": ""}, ["cheap – expensive"]),
        ({}, ["cheap – expensive", "small – large"]),
        (
            {"third_start": "old", "third_end": "new,modern"},
            ["cheap – expensive", "small – large", "old – new, modern"],
        ),
    ],
)
def test_words_stand_on_one_axis_two_or_three(url, axes):
    app = visit("calculator", ask="axes", **url)
    assert matrix_of(app)["columns"] == axes
    (chart,) = app.get("plotly_chart")
    labels = {note["text"] for note in json.loads(chart.proto.spec)["layout"]["annotations"]}
    assert {"<b>← cheap</b>", "<b>expensive →</b>"} <= labels
    assert ("<b>large →</b>" in labels) == (len(axes) > 1)


def test_a_phrase_says_how_it_was_taken():
    sentence, _left_out = sentences(visit("calculator", formula='"prime minister" - man'))
    assert "the mean of “prime” and “minister”" in sentence


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ({"formula": ""}, "There is no formula"),
        ({"formula": "king man"}, "no + or - between “king” and “man”"),
        ({"formula": "<script>alert(1)</script>"}, "no parentheses"),
        ({"formula": "<script>"}, "&lt;script&gt;"),
        ({"formula": "x" * 100_000}, "x…”, but must be text of at most 10,000 characters."),
        ({"formula": "king - mann + womann"}, "“womann” is not among"),
        ({"method": "divide"}, "method is “divide”, but must be one of add or multiply."),
        ({"n": "0"}, "n is 0, but must be a whole number from 1 to 10,000."),
        ({"model": "../secret"}, "no model called"),
        ({"ask": "pairs", "pairs": ""}, "pairs has 0 entries, but must have 1 to 1,000."),
        ({"ask": "pairs", "pairs": "king"}, "Line 1, “king”, is no pair"),
        ({"ask": "pairs", "pairs": "king queen\n" * 1001}, "pairs has 1,001 entries, but must have 1 to 1,000."),
        ({"ask": "pairs", "pairs": "king queen\n" * 3000}, "too long for a link"),
        ({"ask": "matrix", "words": ""}, "words has 0 entries, but must have 2 to 100."),
        ({"ask": "matrix", "words": ",".join(["king"] * 1000)}, "words has 1,000 entries, but must have 2 to 100."),
        ({"ask": "odd", "among": "king"}, "words has 1 entry, but must have 3 to 100."),
        ({"ask": "axes", "placed": ""}, "words has 0 entries, but must have 1 to 100."),
        ({"ask": "axes", "left": ""}, "nothing at the other"),
        ({"ask": "axes", "left": "", "right": "", "lower": "", "upper": ""}, "axis has 0 entries, but must have"),
        ({"ask": "everything"}, "nothing called “everything”"),
    ],
)
def test_bad_input_gets_one_sentence(url, said):
    (sentence,) = sentences(visit("calculator", **url))
    assert said in sentence
    assert 'role="alert"' in sentence
