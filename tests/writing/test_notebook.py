"""What Jupyter shows of answers, tensors, sums and lessons: the numbers themselves, each word as it is written, nothing
that runs or is loaded, and colours that hold in both themes."""

import math
import re

import numpy as np
import pytest
from lxml import html

from explorer import palette
from explorer.answers import Answer, Table
from explorer.embeddings import as_high
from explorer.embeddings.alignment import AlignedMap, Moved
from explorer.embeddings.axes import Axis, Placement
from explorer.embeddings.graph import Edge, NeighbourGraph
from explorer.embeddings.map_words import MapWord, MapWords
from explorer.embeddings.matrix import Matrix
from explorer.embeddings.neighbour_list import Answer as Neighbours
from explorer.embeddings.neighbour_list import Neighbour
from explorer.embeddings.pictures import WordGraph, WordMap
from explorer.embeddings.projection import Projection
from explorer.embeddings.side_by_side import Column, SideBySide
from explorer.lessons.equations import equations
from explorer.lessons.example import article_example
from explorer.lessons.lesson import lesson
from explorer.lessons.numbers import rounded
from explorer.writing.html_map import Point, drawing
from tests.lessons.odd_words import SOURCE, TARGET, odd_lesson

ODD = (*SOURCE, *TARGET, "<img src=x onerror=alert(1)>", "$a$ and $b$")


@pytest.fixture(scope="module")
def article():
    return lesson(article_example())


@pytest.fixture(scope="module")
def odd():
    return odd_lesson()


class Words(Answer):
    """The odd words, as text and as numbers."""

    headline = " ".join(ODD)
    sentences = ODD

    def table(self):
        return Table(("word", "similarity", *ODD), tuple((word, -0.25, *ODD) for word in ODD))


def neighbours(model, words, metric="cosine"):
    rows = tuple(
        Neighbour(place + 1, word, "NOUN", 0.9 - place / 10, 12_345, None, 0.9 - place / 10, 0.9998, 2)
        for place, word in enumerate(words)
    )
    return Neighbours(model, "a", "a", rows, metric, random_pairs=10_000, other_seeds=4, depth=100)


def side_by_side():
    columns = [Column(f"model {number}", neighbours("m", words)) for number, words in enumerate(("ab", "bcd"))]
    return SideBySide("a", (*columns, Column("model 2", None, "It lacks a.")))


def word_map():
    rng = np.random.default_rng(0)
    words = tuple(MapWord(word, "NOUN" if place % 2 else "X", None, None) for place, word in enumerate(ODD))
    coordinates = rng.normal(size=(len(ODD), 2))
    shares = np.linspace(0, 1, len(ODD))
    return WordMap(Projection("m", "pca", ODD, coordinates, 10, 0.9, shares, 0.5), MapWords(words, ODD[0]))


def word_graph():
    words = MapWords(tuple(MapWord(word, "VERB", None, None) for word in ODD))
    places = {word: (math.cos(place), math.sin(place)) for place, word in enumerate(ODD)}
    return WordGraph(NeighbourGraph("m", 0.5, places, (Edge(ODD[0], ODD[1], 0.5), Edge(ODD[1], ODD[2], 0.9))), words)


def aligned():
    moved = tuple(Moved(word, (place, 0.0), (place, 1.0), 0.5) for place, word in enumerate(ODD))
    return AlignedMap(ODD[0], "one", "other", moved, 0.5, 0.75)


DRAWN = {
    "table": lambda odd: Words(),
    "neighbours": lambda odd: neighbours("m", ODD),
    "matrix": lambda odd: Matrix("m", ODD, np.eye(len(ODD)), ODD),
    "placement": lambda odd: Placement("m", (Axis(ODD[:2], ODD[2:4]),), ODD, np.zeros((len(ODD), 1))),
    "side by side": lambda odd: SideBySide("a", (Column("m", neighbours("m", ODD)),) * 2),
    "map": lambda odd: word_map(),
    "graph": lambda odd: word_graph(),
    "aligned map": lambda odd: aligned(),
    "tensor": lambda odd: odd.trace["encoder.0.self_attention.weights"],
    "parameter": lambda odd: odd.trace["source.table"],
    "step": lambda odd: odd.step("source.embedding"),
    "lesson": lambda odd: odd,
    "explanation": lambda odd: odd.trace.explain("encoder.0.self_attention.scores", 0, 0, 2),
}


@pytest.mark.parametrize("name", DRAWN)
def test_nothing_runs_or_is_loaded_and_every_word_is_a_word(name, odd):
    answer = DRAWN[name](odd)
    text = answer._repr_html_()
    page = html.fromstring(text)
    assert not list(page.iter("script", "link", "img", "iframe", "object", "form"))
    assert not [at for element in page.iter() for at in element.attrib if at in ("src", "href") or at.startswith("on")]
    assert "url(" not in text
    assert "@import" not in text
    assert {"tex2jax_ignore", "mathjax_ignore"} <= set(page.get("class").split())  # dollar signs stay dollar signs
    if name != "explanation":
        assert "<script>alert(1)</script>" in page.text_content()


@pytest.mark.parametrize("name", DRAWN)
def test_the_style_touches_nothing_else_in_the_notebook(name, odd):
    style = html.fromstring(DRAWN[name](odd)._repr_html_()).find("style").text
    assert style.count("{") == style.count("}")
    depth, outside = 0, ""
    for sign in style:
        depth -= sign == "}"
        outside += sign if depth == 0 else ""
        depth += sign == "{"
    rules = [rule.strip() for rule in outside.split("}") if rule.strip()]
    selectors = [selector for rule in rules for selector in rule.rstrip("{").split(",")]
    assert selectors
    assert all(".explorer" in selector for selector in selectors)


@pytest.mark.parametrize("name", DRAWN)
def test_every_colour_is_one_of_a_light_and_a_dark_theme(name, odd):
    text = DRAWN[name](odd)._repr_html_()
    assert "light-dark(" in text
    assert not re.findall(r"#[0-9a-f]{6}\b", re.sub(r"light-dark\([^()]*\)", "", text))


def test_neighbours_say_how_high_their_cosines_are_and_leave_out_what_says_nothing():
    page = html.fromstring(neighbours("m", ["b", "c"])._repr_html_())
    assert [cell.text_content() for cell in page.iter("th")] == [
        "rank", "word", "pos", "similarity", "count", "percentile", "survived",
    ]  # fmt: skip
    first = [cell.text_content() for cell in page.find(".//tbody/tr")]
    assert first == ["1", "b", "NOUN", "0.9000", "12,345", "2 of 10,000 are as high", "2 of 4"]
    assert page.find(".//tbody//i").get("style") == "width:90.0%"
    assert "score" in [cell.text for cell in html.fromstring(neighbours("m", "b", "dot")._repr_html_()).iter("th")]


@pytest.mark.parametrize(
    ("share", "sentence"),
    [(0.9998, "2 of 10,000 are as high"), (0.9999, "1 of 10,000 is as high"), (1.0, "0 of 10,000 are as high")],
)
def test_a_percentile_is_a_count_of_pairs(share, sentence):
    assert as_high.short(share, 10_000) == sentence


def test_a_negative_number_has_a_real_minus_sign_and_its_bar_another_colour():
    cell = html.fromstring(Words()._repr_html_()).find(".//tbody/tr")[1]
    assert cell.text_content() == "−0.2500"
    assert cell.find(".//i").get("class") == "below"


def test_a_matrix_has_the_palettes_colours_from_minus_one_to_one():
    cosines = np.array([[1.0, -0.5], [0.0, 0.25]])
    text = Matrix("m", ("a", "b"), cosines, ())._repr_html_()
    page = html.fromstring(text)
    cells = page.findall(".//td[@title]")
    assert [cell.get("class") for cell in cells] == ["p32", "n16", "p0", "p8"]
    assert [cell.text_content() for cell in cells] == ["1.0000", "−0.5000", "0.0000", "0.2500"]
    assert [head.text for head in page.findall(".//th[@scope='row']")] == ["a", "b"]
    for level in ("p32", "n16", "p0", "p8"):  # and no other colour comes along
        assert palette.rules([level])[0] in text
    assert ".p31" not in text


def test_side_by_side_a_word_of_several_models_is_marked():
    page = html.fromstring(side_by_side()._repr_html_())
    assert [head.text for head in page.iter("th")] == ["model 0", "model 1", "model 2"]
    marked = page.findall(".//td[@class='shared']")
    assert [(cell.text, cell.get("title")) for cell in marked] == [("b", "model 0 2, model 1 1")] * 2
    assert [len(row) for row in page.findall(".//tbody/tr")] == [4, 4, 4]
    assert "model 2: It lacks a." in page.text_content()


def test_labels_on_a_map_cover_neither_one_another_nor_a_point():
    places = np.random.default_rng(1).normal(size=(150, 2)).tolist()
    points = [Point(f"word {place}", x, y, ("#000000", "#ffffff")) for place, (x, y) in enumerate(places)]
    page = html.fromstring(f"<div>{drawing(points, (), 'a map')}</div>")
    texts = list(page.iter("text"))
    assert 30 < len(texts) < 150
    assert f"{150 - len(texts)} of 150 words have no room" in page.text_content()
    boxes = []
    for text in texts:
        x, y, long = float(text.get("x")), float(text.get("y")), len(text.text) * 6
        left = x - {"start": 0, "middle": long / 2, "end": long}[text.get("text-anchor")]
        boxes.append((left, y - 9, left + long, y + 2))
    dots = [
        tuple(float(circle.get(f"c{axis}")) + side for side in (-2, 2) for axis in "xy")
        for circle in page.iter("circle")
    ]
    for number, (left, top, right, bottom) in enumerate(boxes):
        for x0, y0, x1, y1 in (*boxes[:number], *dots):
            assert not (left < x1 and x0 < right and top < y1 and y0 < bottom)


def test_the_word_in_the_centre_has_its_label_whatever_it_covers():
    crowd = [Point(f"word {place}", place % 7 / 50, place / 300, ("#000000", "#ffffff")) for place in range(60)]
    centre = Point("the centre", 0.06, 0.1, ("#000000", "#ffffff"), is_centre=True)
    page = html.fromstring(f"<div>{drawing([*crowd, centre], (), 'a map')}</div>")
    assert [text.text for text in page.iter("text") if text.get("class") == "centre"] == ["the centre"]


def test_a_map_draws_its_warnings_and_says_where_its_points_are():
    page = html.fromstring(word_map()._repr_html_())
    circles = page.find(".//svg").findall(".//circle")
    assert len(circles) == len(ODD)
    assert sum("fill:none" in circle.get("style") for circle in circles) == len(ODD) // 2
    assert circles[-1].find("title").text == f"{ODD[-1]}: 10 of its 10 nearest on the map are true"
    assert len(page.findall(".//details//tbody/tr")) == len(ODD)
    lines = html.fromstring(word_graph()._repr_html_()).findall(".//line")
    opacities = [float(line.get("stroke-opacity")) for line in lines]
    assert len(lines) == 2
    assert opacities[0] < opacities[1]  # the closer, the darker
    assert len(html.fromstring(aligned()._repr_html_()).findall(".//line")) == len(ODD)


@pytest.mark.parametrize(
    "name", ["encoder.0.self_attention.weights", "decoder.0.self_attention.masked", "losses", "loss"]
)
def test_a_tensor_is_a_matrix_a_head_with_every_digit(article, name):
    tensor = article.trace[name]
    page = html.fromstring(tensor._repr_html_())
    cells = page.findall(".//td[@title]")
    assert [float(cell.get("title")) for cell in cells] == tensor.value.ravel().tolist()
    assert [cell.text_content() for cell in cells] == [rounded(x) for x in tensor.value.ravel().tolist()]
    assert [cell.get("class") == "masked" for cell in cells] == np.isinf(tensor.value).ravel().tolist()
    heads = tensor.shape[0] if len(tensor.shape) == 3 else 0
    assert [caption.text for caption in page.iter("caption")] == [f"head {head + 1}" for head in range(heads)]
    columns = [head.text for head in page.findall(".//th[@scope='col']")]
    assert columns == [name for labels in article.trace.labels(name)[-1:] for name in labels] * max(heads, 1)


def test_a_step_in_a_notebook_has_the_matrices_of_the_lessons_page(article):
    step = article.step("encoder.0.self_attention.weights")
    cells = html.fromstring(step._repr_html_()).xpath("(//figure)[last()]//td[@title]")
    alone = html.fromstring(article.trace[step.key]._repr_html_()).findall(".//td[@title]")
    assert len(cells) == len(alone)
    for cell, other in zip(cells, alone, strict=True):
        assert (cell.get("class"), cell.get("title"), cell.text) == (other.get("class"), other.get("title"), other.text)
    (equation,) = equations(article, step)
    worked = rounded(equation.result.number(equation.worked))
    assert [cell.text for cell in cells if "data-lit" in cell.attrib] == [worked]


def test_a_lesson_in_a_notebook_has_all_steps_each_to_be_opened(article):
    page = html.fromstring(article._repr_html_())
    assert [line.text for line in page.iter("summary")] == [step.title for step in article.steps]
    opened = [fold.find("summary").text for fold in page.iter("details") if fold.get("open") is not None]
    assert opened == [article.steps[0].title]
    assert article.steps[3]._repr_html_() is None  # one that was not asked for by name does not know its lesson
    assert article.step(article.steps[3].key) == article.steps[3]


@pytest.mark.parametrize("of_gradient", [False, True])
def test_an_explanation_shows_its_terms_and_their_sum(article, of_gradient):
    explain = article.trace.explain_gradient if of_gradient else article.trace.explain
    explanation = explain("encoder.0.self_attention.query", 1, 2, 0)
    page = html.fromstring(explanation._repr_html_())
    numbers = [float(cell.get("title")) for cell in page.findall(".//td[@title]")]
    assert numbers[:-1] == [term.number for term in explanation.terms]
    assert numbers[-1] == pytest.approx(explanation.number, rel=1e-12)
    names = {factor.tensor for term in explanation.terms for factor in term.factors if factor.tensor}
    titles = {code.get("title").partition("[")[0] for code in page.findall(".//code[@title]")}
    assert titles == names
    assert page.findall(".//math")
