"""The page of maps through Streamlit's own test runner."""

import importlib.util
import json

import pytest
from streamlit.testing.v1 import AppTest

from explorer.embeddings import atlas, catalog
from explorer.embeddings.graph import neighbour_graph
from explorer.embeddings.map_words import around
from explorer.embeddings.neighbours import neighbours
from explorer.embeddings.projection import project
from tests.test_pages import component, sentences, visit


def figure(app: AppTest) -> dict:
    (chart,) = app.get("plotly_chart")
    return json.loads(chart.proto.spec)


def hovers(app: AppTest) -> dict[str, dict]:
    """Word → what its point tells: whether it is hollow, and how many of its neighbours are true."""
    return {
        entry[1]: {"hollow": trace["marker"]["symbol"] == "circle-open", "true": entry[3]}
        for trace in figure(app)["data"]
        for entry in trace.get("customdata", [])
    }


def test_a_map_says_how_far_it_can_be_trusted_and_marks_the_points_that_cannot():
    app = visit("map", word="airplane", n="30")
    embedding = catalog.load()
    expected = project(embedding, around(embedding, "airplane", 30).words)
    trust = app.markdown[0].value
    assert f"Trustworthiness {expected.trustworthiness:.3f}" in trust
    assert f"Hollow points ({(expected.kept < 0.5).sum()} of 31) are misplaced" in trust
    assert hovers(app) == {
        word: {"hollow": share < 0.5, "true": round(share * expected.k)}
        for word, share in zip(expected.words, expected.kept.tolist(), strict=True)
    }
    assert [button.label for button in app.get("download_button")] == [
        "Download CSV",
        "Download JSON",
        "For the Embedding Projector",
    ]


@pytest.mark.parametrize("colour", ["part of speech", "frequency", "closeness"])
@pytest.mark.parametrize("dimensions", ["2", "3"])
def test_every_colour_and_dimension_is_drawn(colour, dimensions):
    app = visit("map", n="12", colour=colour, dimensions=dimensions)
    assert len(hovers(app)) == 13
    assert {trace["type"] for trace in figure(app)["data"]} == {"scatter" if dimensions == "2" else "scatter3d"}


def test_a_small_map_has_labels_and_a_large_one_those_of_its_first_words():
    few, many = (figure(visit("map", n=n))["data"] for n in ("20", "100"))
    labels = [[text for trace in data for text in trace.get("text", []) if text] for data in (few, many)]
    assert len(labels[0]) == 21
    nearest = [row.word for row in neighbours(catalog.load(), "airplane", 39).rows]
    assert set(labels[1]) == {"<b>airplane</b>", *nearest}


def test_many_words_wait_for_the_button_and_are_drawn_once(monkeypatch):
    app = visit("map", show="frequent", most="210", method="t-sne", seed="7")
    assert app.get("plotly_chart") == []
    (sentence,) = sentences(app)
    assert "210 words takes a while" in sentence
    app.button[0].click().run(timeout=120)
    assert len(hovers(app)) == 210
    again = visit("map", show="frequent", most="210", method="t-sne", seed="7")
    assert [button.label for button in again.button] == ["Add this view to a talk"]
    assert hovers(again) == hovers(app)


def test_a_list_says_which_words_are_unknown_and_colours_nothing_by_closeness():
    app = visit("map", show="list", words="cat, dog, zzqqxx, horse", colour="closeness")
    unknown, colours = sentences(app)
    assert "1 word of your list is not in the vocabulary: “zzqqxx”" in unknown
    assert "The colours are parts of speech instead" in colours
    assert set(hovers(app)) == {"cat", "dog", "horse"}


def test_the_graph_has_the_edges_of_the_core():
    app = visit("map", view="graph", n="20", threshold="0.5")
    embedding = catalog.load()
    graph = neighbour_graph(embedding, around(embedding, "airplane", 20).words, 0.5)
    assert f"**{len(graph.edges)} lines** among 21 words" in app.markdown[0].value
    assert list(app.dataframe[0].value["cosine"]) == [edge.similarity for edge in graph.edges]


def test_a_map_in_space_names_the_nearest_and_turns_at_a_press():
    app = visit("map", show="around", word="airplane", dimensions="3")
    figure = json.loads(app.get("plotly_chart")[0].proto.spec)
    names = {name for trace in figure["data"] for name in trace.get("text", ()) if name}
    assert "<b>airplane</b>" in names
    assert len(names) == 8  # itself and its nearest; all others are under the pointer
    eyes = [frame["layout"]["scene"]["camera"]["eye"] for frame in figure["frames"]]
    assert eyes[0]["x"] == pytest.approx(eyes[-1]["x"])
    assert len({(round(eye["x"], 3), round(eye["y"], 3)) for eye in eyes}) == len(eyes) - 1
    labels = [button["label"] for button in figure["layout"]["updatemenus"][0]["buttons"]]
    assert labels == ["↻ Turn", "■ Stop"]


def test_a_word_that_is_entered_takes_the_place_of_one_by_an_earlier_name():
    box = component(visit("map", around="cat", n="9"), "word_box")
    assert (box["value"], box["names"]) == ("cat", ["word", "around"])


def test_what_has_no_effect_is_neither_drawn_nor_asked_with_and_the_address_keeps_it():
    app = visit("map", show="list", words="cat dog cow horse", n="9", perplexity="not even read", seed="7")
    assert "Trustworthiness" in app.markdown[0].value
    assert [box.label for box in app.number_input] == []
    app.selectbox("method").set_value("t-sne").run()
    assert [box.label for box in app.number_input] == ["Perplexity", "Seed"]
    assert "perplexity is “not even read”, but must be a number" in sentences(app)[0]


def test_the_graph_joins_each_word_to_its_nearest_in_place_of_a_threshold():
    app = visit("map", view="graph", n="20", nearest="3")
    assert "A line joins each word to the 3 that are nearest to it" in app.markdown[0].value
    assert "no line" not in app.markdown[0].value
    assert not app.slider


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ({"show": "list", "words": "cat"}, "map of 1 word shows nothing"),
        ({"show": "list", "words": ""}, "words has 0 entries, but must have 1 to 5,000."),
        ({"show": "list", "words": "cat dog", "method": "t-sne"}, "at least 4 words"),
        ({"show": "list", "words": "x" * 30_001}, "too long for a link"),
        ({"show": "list", "words": "cat", "view": "graph"}, "This is 1 word, but a graph"),
        ({"show": "nothing"}, "“nothing” is not one of all, around, list, frequent."),
        ({"show": "frequent", "most": "5001"}, "most_frequent is 5,001, but must be a whole number from 2 to 5,000."),
        ({"word": "airplne"}, "“airplne” is not among"),
        ({"word": "<b>"}, "&lt;b&gt;"),
        ({"n": "501"}, "n is 501, but must be a whole number from 1 to 500."),
        ({"method": "magic"}, "method is “magic”, but must be one of pca, t-sne or umap."),
        ({"dimensions": "4"}, "dimensions is 4, but must be a whole number from 2 to 3."),
        ({"method": "t-sne", "perplexity": "0"}, "perplexity is 0, but must be a number from 1 to 200."),
        ({"colour": "taste"}, "no colour by “taste”"),
        ({"view": "poem"}, "“poem” is not one of map, graph."),
        ({"view": "graph", "threshold": "2"}, "threshold is 2, but must be a number from −1 to 1."),
        ({"view": "graph", "nearest": "21"}, "nearest is 21, but must be a whole number from 1 to 20."),
        ({"view": "graph", "n": "300"}, "These are 301 words, but a graph has from 2 to 200."),
        ({"model": "../secret"}, "no model called “../secret”"),
    ],
)
def test_bad_input_is_answered_with_one_sentence(url, said):
    (sentence,) = sentences(visit("map", **url))
    assert said in sentence
    assert 'role="alert"' in sentence


def test_the_page_opens_with_all_words_and_older_addresses_stay_maps_of_a_few():
    app = visit("map", word="glider")
    assert app.markdown[0].value.startswith("All 80,571 words of wiki")
    assert "**glider** and its nearest are lit" in app.markdown[0].value
    assert app.get("plotly_chart") == []
    assert app.session_state["show"] == "all"
    assert "Trustworthiness" in visit("map", word="glider", n="10").markdown[0].value


def test_a_model_without_a_map_of_all_words_offers_to_compute_it(monkeypatch):
    monkeypatch.setattr(atlas, "has_atlas", lambda name: False)
    assert "Trustworthiness" in visit("map").markdown[0].value
    app = visit("map", show="all")
    assert "No map of all words of wiki-en-word2vec has been computed yet." in sentences(app)[0]
    assert [button.label for button in app.button] == ["Compute the map", "Add this view to a talk"]


@pytest.mark.skipif(importlib.util.find_spec("umap") is not None, reason="UMAP is installed here")
def test_umap_says_how_to_install_it_before_anything_is_asked_to_be_drawn():
    (sentence,) = sentences(visit("map", show="frequent", most="500", method="umap"))
    assert "pip install umap-learn" in sentence
