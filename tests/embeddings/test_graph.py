"""The graph of neighbours, against a plain loop over pairs."""

from itertools import combinations

import networkx
import numpy as np
import pytest

from explorer.embeddings.graph import JOINED, neighbour_graph
from explorer.errors import UserError


def test_an_edge_for_each_pair_that_is_close_enough(tiny):
    words = list(tiny.words)
    graph = neighbour_graph(tiny, words, threshold=0.6)
    expected = {}
    for first, second in combinations(words, 2):
        a, b = (tiny.vector(word).astype(float) for word in (first, second))
        cosine = a @ b / np.linalg.norm(a) / np.linalg.norm(b)
        if cosine >= 0.6:
            expected[first, second] = cosine
    edges = {(edge.first, edge.second): edge.similarity for edge in graph.edges}
    assert edges.keys() == expected.keys()
    assert edges == pytest.approx(expected, abs=1e-6)
    assert list(edges.values()) == sorted(edges.values(), reverse=True)
    assert set(graph.places) == set(words)


def test_the_same_seed_draws_the_same_picture(tiny):
    assert neighbour_graph(tiny, list(tiny.words)) == neighbour_graph(tiny, list(tiny.words))


def test_the_springs_begin_in_the_order_of_the_words_whatever_process_asks(tiny, monkeypatch):
    orders = []
    springs = networkx.spring_layout
    monkeypatch.setattr(
        networkx, "spring_layout", lambda graph, **how: orders.append(list(graph)) or springs(graph, **how)
    )
    words = tiny.words[::-1]
    neighbour_graph(tiny, words, 0.6)
    assert max(map(len, orders)) > 1
    assert orders == [[word for word in words if word in order] for order in orders]


def test_bands_hold_each_edge_once_from_the_weakest_on(tiny):
    graph = neighbour_graph(tiny, list(tiny.words), threshold=0.6)
    bands = graph.bands(4)
    assert sorted((edge for band in bands for edge in band), key=graph.edges.index) == list(graph.edges)
    for number, band in enumerate(bands):
        low, high = 0.6 + 0.1 * number, 0.6 + 0.1 * (number + 1)
        assert all(low - 1e-6 <= edge.similarity <= high + 1e-6 for edge in band)


def test_words_that_nothing_joins_stand_apart_inside_the_picture(tiny):
    graph = neighbour_graph(tiny, list(tiny.words), threshold=0.6)
    places = np.array(list(graph.places.values()))
    np.testing.assert_allclose((places.min(axis=0), places.max(axis=0)), ((-1, -1), (1, 1)))
    assert len(set(graph.places.values())) == len(tiny.words)
    assert graph.degrees["Paris"] == 0
    assert sum(graph.degrees.values()) == 2 * len(graph.edges)


def test_as_csv_an_edge_is_a_line(tiny):
    graph = neighbour_graph(tiny, list(tiny.words), threshold=0.6)
    lines = graph.as_csv().splitlines()
    assert lines[0] == "first,second,similarity,below"
    assert len(lines) == 1 + len(graph.edges)


@pytest.mark.parametrize(
    ("count", "threshold", "sentence"),
    [(1, 0.6, "This is 1 word"), (3, 1.5, "threshold is 1.5"), (3, -2, "threshold is -2")],
)
def test_what_makes_no_graph_is_said(tiny, count, threshold, sentence):
    with pytest.raises(UserError, match=sentence):
        neighbour_graph(tiny, list(tiny.words)[:count], threshold)


def test_the_word_in_the_centre_is_joined_to_its_nearest_however_low_their_cosines(tiny):
    words = list(tiny.words)
    graph = neighbour_graph(tiny, words, threshold=1, centre=words[0])
    units = tiny.units(tiny.rows_of(words))
    nearest = [words[row] for row in np.argsort(-(units @ units[0]))[1 : 1 + JOINED]]
    assert {edge.second for edge in graph.edges_of([words[0]])} == set(nearest)
    assert "is joined to its 3 nearest, although their cosines are lower than 1" in graph.sentences[0]
    assert neighbour_graph(tiny, words, threshold=-1, centre=words[0]).sentences == ()


def test_one_edge_is_no_edges(tiny):
    said = "tiny · 2 words · 1 edge. A line joins two words whose cosine is -1 or more."
    assert neighbour_graph(tiny, list(tiny.words)[:2], threshold=-1).headline == said


def test_an_edge_below_the_threshold_is_marked(tiny):
    graph = neighbour_graph(tiny, list(tiny.words), threshold=0.9, centre="the")
    assert {edge.below for edge in graph.edges} == {True, False}
    assert all(edge.below == (edge.similarity < 0.9) for edge in graph.edges)
    assert graph.table().header == ("first", "second", "similarity", "below")
    assert graph.as_json()["edges"][-1]["below"] is True


@pytest.mark.parametrize("nearest", [1, 3, 20])
def test_each_word_is_joined_to_its_nearest_however_low_their_cosines(tiny, nearest):
    words = list(tiny.words)
    graph = neighbour_graph(tiny, words, nearest=nearest)
    cosines = tiny.units(tiny.rows_of(words)) @ tiny.units(tiny.rows_of(words)).T
    expected = set()
    for row, word in enumerate(words):
        others = sorted((other for other in range(len(words)) if other != row), key=lambda other: -cosines[row, other])
        expected |= {frozenset((word, words[other])) for other in others[:nearest]}
    assert {frozenset((edge.first, edge.second)) for edge in graph.edges} == expected
    assert graph.alone == 0
    assert not any(edge.below for edge in graph.edges)
    assert graph.as_json()["threshold"] is None
    strengths = [graph.strength(edge) for edge in graph.edges]
    assert (strengths[-1], strengths) == (0, sorted(strengths, reverse=True))
    assert sum(map(len, graph.bands(4))) == len(graph.edges)
