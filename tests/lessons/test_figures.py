"""Figures write the trace's numbers, colour them as the page does, and are the same file every time."""

import re

import numpy as np
import pytest
from lxml import etree

from explorer.errors import UserError
from explorer.lessons.example import article_example
from explorer.lessons.grids import grids
from explorer.lessons.lesson import lesson
from explorer.lessons.numbers import rounded
from explorer.lessons.renderings.colours import scale_of
from explorer.lessons.renderings.figures import figure
from explorer.lessons.steps import GRADIENT, UPDATED, VALUE, Shown
from tests.lessons.odd_words import odd_lesson

SVG = "{http://www.w3.org/2000/svg}"


@pytest.fixture(scope="module")
def article():
    return lesson(article_example())


def texts(svg):
    return ["".join(text.itertext()).strip() for text in etree.fromstring(svg).iter(f"{SVG}text")]


@pytest.mark.parametrize(
    "shown",
    [
        Shown("decoder.0.self_attention.masked"),
        Shown("encoder.0.self_attention.weights", GRADIENT),
        Shown("source.table", UPDATED),
        Shown("losses"),
        Shown("loss"),
    ],
)
def test_the_numbers_written_are_the_traces(article, shown):
    written = texts(figure(article, shown, decimals=3))
    array = article.array(shown)
    numbers = [rounded(x, 3) for x in array.ravel().tolist()]
    assert [text for text in written if re.fullmatch(r"−?(\d+\.\d+(·10⁻[⁰¹²³⁴⁵⁶⁷⁸⁹]+)?|∞)", text)] == numbers
    for grid in grids(article, shown):
        assert {*grid.rows, *grid.columns} - {""} <= set(written)
        assert not grid.head or f"head {grid.head}" in written


def test_a_wide_matrix_has_colours_and_no_digits():
    told = lesson(article_example(heads=1, d_ff=64))
    written = texts(figure(told, Shown("encoder.0.feed_forward.hidden.weight")))
    assert not [text for text in written if re.fullmatch(r"−?\d+\.\d+", text)]
    assert [text for text in written if text.isdigit()] == ["1", "9", "17", "25", "33", "41", "49", "57", "1"]


@pytest.mark.parametrize("form", ["svg", "pdf"])
def test_a_figure_is_the_same_file_every_time(article, form):
    first, second = (figure(article, Shown("encoder.0.self_attention.weights"), form) for _ in range(2))
    assert first == second
    assert first.startswith({"svg": b"<?xml", "pdf": b"%PDF"}[form])
    assert b"Date" not in first


def test_words_are_words_in_a_figure():
    told = odd_lesson()
    svg = figure(told, Shown("decoder.0.cross_attention.scores"))
    assert {"$x$", "`a|b`", "🙂", "привет", "</table>", "<script>alert(1)</scrip…"} <= set(texts(svg))
    assert not list(etree.fromstring(svg).iter(f"{SVG}script"))
    assert figure(told, Shown("decoder.0.cross_attention.scores"), "pdf").startswith(b"%PDF")


def test_the_same_kind_of_tensor_has_the_same_scale(article):
    queries = [scale_of(article, Shown(f"{stack}.0.self_attention.query")) for stack in ("encoder", "decoder")]
    assert queries[0] == queries[1]
    names = [tensor.name for tensor in article.trace if tensor.role == "query" and "projected" not in tensor.name]
    assert queries[0].limit == max(np.abs(article.trace[name].value).max() for name in names)
    assert scale_of(article, Shown("encoder.0.self_attention.weights")).shares
    assert scale_of(article, Shown("encoder.0.self_attention.weights")).limit == 1
    assert not scale_of(article, Shown("encoder.0.self_attention.weights", GRADIENT)).shares
    assert scale_of(article, Shown("source.table", VALUE)) == scale_of(article, Shown("source.table", UPDATED))


def test_a_scale_goes_from_paper_to_its_end(article):
    scale = scale_of(article, Shown("decoder.0.self_attention.scaled"))
    assert [scale.level(x * scale.limit) for x in (-2, -1, 0, 0.5, 1)] == ["n32", "n32", "p0", "p16", "p32"]
    assert scale.colour(0) == "#ffffff"


def test_what_cannot_be_drawn_is_said(article):
    with pytest.raises(UserError, match="no format “png”"):
        figure(article, Shown("loss"), "png")
    with pytest.raises(UserError, match="1 decimals"):
        figure(article, Shown("loss"), decimals=1)
    with pytest.raises(UserError, match="holds no tensor called “nothing”"):
        figure(article, Shown("nothing"))
    with pytest.raises(UserError, match="is not a parameter"):
        figure(article, Shown("loss", UPDATED))
