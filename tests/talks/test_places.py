"""What a stage draws of words that have a place on a plane, and of comparisons at several sizes."""

from math import hypot

import pytest

from explorer.errors import UserError
from explorer.questions.maps import Atlas, Graph
from explorer.questions.vectors import Placement
from explorer.talks.places import MOST_POINTS
from explorer.talks.views import view


def names(drawing, role=None):
    return [point["word"] for point in drawing["points"] if role in (None, point["role"])]


def test_the_map_of_all_words_opens_around_the_asked_one():
    drawing = view("map?word=airplane").drawing
    part = Atlas(around="airplane").answer()
    x, y, zoom = part.around
    assert (x, y) == part.centre_place
    (centre,) = (point for point in drawing["points"] if point["role"] == "centre")
    assert (centre["word"], centre["x"], centre["y"]) == ("airplane", 0, 0)
    near = names(drawing, "near")
    assert near
    assert set(near) <= set(part.drawn.words)
    for point in drawing["points"]:
        at = part.places[part.drawn.words.index(point["word"])]
        away = hypot(at[0] - x, at[1] - y) * zoom
        assert hypot(point["x"], point["y"]) == pytest.approx(away, abs=2e-4)


def test_the_map_of_all_words_shows_what_the_address_has_on_the_screen():
    around = view("map?word=airplane").drawing
    far = view("map?word=airplane&at=0,0,1&colour=frequency").drawing
    assert names(far) == ["airplane"]  # its neighbours would stand on each other
    assert [each["name"] for each in far["legend"]] == ["high frequency", "medium frequency", "low frequency"]
    assert len(far["colours"]) == 3
    assert around["legend"] == []  # the clusters have their names
    away = view("map?word=airplane&at=0,0,30&colour=part+of+speech").drawing
    assert "airplane" not in names(away)  # it lies elsewhere
    assert names(away, "") == names(away)
    assert away["title"] != "airplane"
    assert "NOUN" in [each["name"] for each in away["legend"]]
    for wrong in ("at=here", "at=1,nan,2"):
        assert view(f"map?word=airplane&{wrong}").drawing == around


def test_a_graph_has_its_lines_and_words_with_most_of_them():
    graph = Graph(around="airplane").answer().graph
    drawing = view("map?view=graph&word=airplane").drawing
    words = names(drawing)
    assert len(words) == len(set(words)) == MOST_POINTS
    assert names(drawing, "centre") == ["airplane"]
    pairs = {(edge.first, edge.second) for edge in graph.edges}
    assert {(words[one], words[other]) for one, other, _strength in drawing["lines"]} <= pairs
    left_out = set(graph.places) - set(words)
    assert max(graph.degrees[word] for word in left_out) <= min(graph.degrees[word] for word in words[1:])


def test_words_on_two_axes_lie_to_the_side_that_they_are_near_to():
    address = "axes?words=hut,palace&axis=cheap,expensive&axis=small,large"
    drawing = view(address).drawing
    assert drawing["axes"] == [["cheap", "expensive"], ["small", "large"]]
    answer = Placement(words=("hut", "palace"), axis=((("cheap",), ("expensive",)), (("small",), ("large",)))).answer()
    for point, (right, up) in zip(drawing["points"], answer.positions.tolist(), strict=True):
        assert (point["x"] > 0.5) == (right > 0)
        assert (point["y"] < 0.5) == (up > 0)


def test_a_matrix_of_cosines_has_its_colours():
    drawing = view("calculator?ask=matrix&words=cat,dog,car").drawing
    for row, levels in zip(drawing["rows"], drawing["levels"], strict=True):
        assert len(row) == len(levels) == 4
        for number, level in zip(row[1:], levels[1:], strict=True):
            assert (level[0] == "n") == number.startswith("−")


def test_a_comparison_stands_at_all_sizes_with_what_may_be_said_of_them():
    shown = view("initialisation?run=phrase-book")
    drawing = shown.drawing
    assert [each["name"] for each in drawing["columns"]] == ["5% of the pairs", "20% of the pairs", "100% of the pairs"]
    assert drawing["sentence"] == ""  # three sizes that differ are too long for a stage
    tags = view("initialisation?run=parts-of-speech").drawing
    assert tags["sentence"].startswith("At 5%, 20% and 100% of the pairs, 7 of 11 arms reach a higher held-out")
    assert shown.shows.startswith("5% of the pairs: zeros −0.2264")
    few = view("initialisation?run=phrase-book&arms=zeros&arms=word2vec, wide&sizes=0.05&sizes=1").drawing
    assert [[row["name"] for row in each["rows"]] for each in few["columns"]] == [["zeros", "word2vec, wide"]] * 2
    assert few["sentence"] == ""  # it is about all arms
    with pytest.raises(UserError, match=r"There is no size “0\.3”\. There are: 0\.05; 0\.2; 1"):
        view("initialisation?run=phrase-book&sizes=0.3")
