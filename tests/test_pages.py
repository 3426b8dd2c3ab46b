"""The pages through Streamlit's own test runner: what they ask the core and what they say."""

import ast
import json
from functools import cache
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np
import pytest
from streamlit.components.v2 import manifest_scanner
from streamlit.testing.v1 import AppTest

from explorer.embeddings import catalog
from explorer.embeddings.importing import import_model
from explorer.questions.jobs.causes import Causes, Rescaling
from explorer.ui import navigation
from tests.embeddings.conftest import own_models, write_lexicon, write_model  # noqa: F401
from tests.patience import PATIENCE

PAGES = Path(navigation.HOME).parent

# For each page Streamlit's runner looks for components in all packages that are installed, which takes longer than most
# pages do: once is enough.
manifest_scanner.scan_component_manifests = cache(manifest_scanner.scan_component_manifests)


def visit(page: str, **url: str) -> AppTest:
    """A page at an address of which it knows every parameter."""
    app = visit_as_typed(page, **url)
    assert not [html for html in app.get("html") if "of this page and w" in html.proto.body], url
    return app


def visit_as_typed(page: str, **url: str) -> AppTest:
    """Come to a page by its address, which may have parameters that no page has. Only where the address is not the name
    of its file does Streamlit's runner need a run of Home before."""
    app = AppTest.from_file("../explorer/ui/shell.py", default_timeout=PATIENCE)
    if page == "side_by_side":
        app.run()
    app.switch_page(f"../../pages/{page}.py")
    for name, value in url.items():
        app.query_params[name] = value
    return app.run()


def sentences(app: AppTest) -> list[str]:
    """What the page says, without its style sheet."""
    assert not app.exception
    return [html.proto.body for html in app.get("html") if "explorer-" in html.proto.body and "<p" in html.proto.body]


def component(app: AppTest, key: str) -> dict:
    """What a component of the page was given."""
    assert not app.exception
    (part,) = [part for part in app.get("bidi_component") if part.key == key]
    return json.loads(part.proto.json)


def downloads(app: AppTest) -> list[str]:
    """What the page offers to download."""
    return [download["label"] for download in component(app, "action_bar")["downloads"]]


def test_home_offers_a_word_and_three_doors():
    app = visit("home")
    assert {component.key for component in app.get("bidi_component")} >= {"word_box", "neighbour_table", "atlas"}
    assert [header.value for header in app.header] == [
        "Query word similarity",
        "Compare initialisations",
        "Inside a transformer",
    ]
    assert len(app.get("page_link")) == 8
    assert not app.exception


def test_a_run_of_a_page_opens_a_model_once_and_leaves_the_pages_of_the_menu_as_they_were(monkeypatch):
    visit("neighbours")
    pages = [page for group in navigation._groups(False).values() for page in group]
    before = [dict(vars(page)) for page in pages]
    looks, look = [], catalog._load
    monkeypatch.setattr(catalog, "_load", lambda name: looks.append(name) or look(name))
    monkeypatch.setattr(catalog, "_has", lambda name, text: False)  # which holds no model
    visit("neighbours", word="glider")
    assert looks.count(catalog.DEFAULT) == 1
    assert [vars(page) for page in pages] == before


def test_neighbours_answers_with_the_table_and_two_downloads():
    app = visit("neighbours", word="airplane", n="3")
    assert sentences(app) == []
    assert {component.key for component in app.get("bidi_component")} >= {"word_box", "neighbour_table"}
    assert downloads(app) == ["Download CSV", "Download JSON"]


def test_neighbours_says_which_variant_of_the_word_it_took():
    (sentence,) = sentences(visit("neighbours", word="AIRPLANE"))
    assert "“AIRPLANE” is not in the vocabulary; these are the neighbours of “airplane”." in sentence


def test_neighbours_of_an_unknown_word_offers_the_closest_ones():
    app = visit("neighbours", word="airplne")
    (sentence,) = sentences(app)
    assert "“airplne” is not among" in sentence
    assert "Did you mean" not in sentence  # for the words stand as links
    assert app.markdown[0].value == "Did you mean:"
    assert app.get("page_link")[0].proto.label == "airplane"


def test_a_phrase_is_the_centre_of_its_map_and_can_be_picked():
    table = component(visit("neighbours", word="new york minute", n="3"), "neighbour_table")
    assert [place["word"] for place in table["points"] if place["role"] == "centre"] == ["new york minute"]
    assert len(table["points"]) == 4
    assert table["phrase"]
    assert table["atlas"] == "map?show=all&word=new+york+minute&model=wiki-en-word2vec"


def test_neighbours_says_so_where_the_filters_leave_nothing():
    (sentence,) = sentences(visit("neighbours", word="airplane", min_count="1000000000"))
    assert "No word passes the filters" in sentence


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ({"word": "airplane fly"}, "the mean of “airplane” and “fly”"),
        ({"word": "airplane_NOUN"}, "the neighbours of “airplane”"),
        ({"among": "plane, airships qqqqq"}, "1 word of your list is not in the vocabulary: “qqqqq”."),
        ({"vocabulary": "true", "matching": "^airp"}, "7 words of wiki-en-word2vec match."),
    ],
)
def test_neighbours_says_how_it_understood(url, said):
    assert said in sentences(visit("neighbours", **url))[0]


def test_neighbours_leads_to_the_same_word_in_other_models(tmp_path, monkeypatch):
    for name in ("first", "second"):
        folder = write_model(tmp_path / name)
        card = f'title = "The {name}"\nwords = 8\ndimensions = 3\nsize = 1\n'
        (folder / "card.toml").write_text(card, encoding="utf-8")
    monkeypatch.setattr(catalog, "MODELS", tmp_path)
    monkeypatch.setattr(catalog, "SHIPPED_MODELS", tmp_path)
    monkeypatch.setattr(catalog, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(catalog, "LEXICON", write_lexicon(tmp_path / "lexicon.tsv.gz"))
    app = visit("neighbours", word="airplane", model="first", n="3")
    assert sentences(app) == []
    links = {link["label"]: link["href"] for link in component(app, "action_bar")["links"]}
    assert links == {
        "Side by side": "side-by-side?word=airplane&models=first%2Csecond",
        "In second": "?word=airplane&model=second&n=3",
    }


@pytest.mark.parametrize(
    ("page", "url", "said"),
    [
        ("neighbours", {"word": "waxwing", "vector": "true", "why": "true", "python": "true"}, "nothing is near to it"),
        ("side_by_side", {"word": "waxwing", "models": "zeros"}, ""),
        ("side_by_side", {"word": "harbour", "models": "zeros,zeros"}, ""),
        ("map", {"word": "waxwing"}, "nothing is near to it"),
        (
            "map",
            {"show": "frequent", "method": "t-sne", "dimensions": "3"},
            "because their vectors are all zeros: “waxwing”",
        ),
        ("calculator", {"ask": "matrix", "words": "waxwing,harbour"}, ""),
        ("calculator", {"formula": "harbour - waxwing"}, "nothing is near to it"),
        ("health", {"models": "zeros"}, "Words whose vectors are all zeros are left out: 1."),
    ],
)
def test_a_page_says_of_a_vector_of_zeros_that_it_is_one(own_models, page, url, said):  # noqa: F811
    vectors = np.random.default_rng(0).normal(size=(120, 2)).round(4)
    lines = [f"word{row} {x} {y}" for row, (x, y) in enumerate(vectors)] + ["waxwing 0 0", "harbour 1 0.5"]
    file = own_models.parent / "zeros.txt"
    file.write_text("\n".join(lines[::-1]), encoding="utf-8")
    import_model(file, "zeros")
    text = " ".join(sentences(visit_as_typed(page, model="zeros", **url)))
    assert said in text


def test_neighbours_unfolds_the_vector_and_why():
    app = visit("neighbours", word="airplane", vector="true", why="true", python="true")
    assert [part.label for part in app.expander] == [
        "More filters",
        "Why similar?",
        "The vector",
        "Search the vocabulary",
    ]
    assert len(component(app, "vector_chart")["values"]) == 300
    assert "The cosine is the sum of 300 products" in component(app, "why")["texts"]["sum"]


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ({"word": ""}, "type one"),
        ({"word": "x" * 10_000}, "10,000 characters"),
        ({"word": "<script>alert(1)</script>"}, "&lt;script&gt;"),
        ({"word": "🛩️"}, "🛩️"),
        ({"word": "מטוס"}, "מטוס"),
        ({"word": "airplane qqqqq"}, "qqqqq"),
        ({"n": "0"}, "n is 0, but must be a whole number from 1 to 10,000."),
        ({"n": "-1"}, "n is -1, but must be a whole number from 1 to 10,000."),
        ({"n": "1000000000"}, "n is 1,000,000,000, but must be a whole number from 1 to 10,000."),
        ({"n": "many"}, "n is “many”, but must be a whole number from 1 to 10,000."),
        ({"pos": "FOO"}, "pos is “FOO”, but must be one of ADJ, ADP"),
        ({"model": "../secret"}, "no model called “../secret”"),
        ({"min_count": "-1"}, "minimum_count is -1, but must be a whole number from 0"),
        ({"minimum_count": "-1"}, "minimum_count is -1, but must be a whole number from 0"),
        ({"band": "huge"}, "band is “huge”, but must be one of high, medium or low."),
        ({"metric": "manhattan"}, "metric is “manhattan”, but must be one of cosine, dot or euclidean."),
        ({"search": "quantum"}, "approximate is “quantum”, but must be true or false."),
        ({"search": "approximate"}, "has no index. Build it with"),
        ({"regex": "("}, "is not a regular expression"),
        ({"among": " , "}, "among has 0 entries, but must have 1 to 10,000."),
        ({"among": "word " * 10_000}, "too long for a link"),
    ],
)
def test_neighbours_answers_bad_input_with_one_sentence(url, said):
    (sentence,) = sentences(visit("neighbours", **url))
    assert said in sentence
    assert 'role="alert"' in sentence


@pytest.mark.parametrize(
    ("old", "new"),
    [
        (
            {"words": "airplane,fly", "model": "wiki-en-glove", "layers": "3", "d_ff": "8"},
            {
                "lesson": "own",
                "encoder_only": "true",
                "source": "airplane,fly",
                "model": "wiki-en-glove",
                "layers": "3",
                "d_ff": "8",
            },
        ),
        ({}, {"lesson": "own", "encoder_only": "true"}),
        ({"model": "article", "heads": "1"}, {"lesson": "article", "heads": "1"}),
        (
            {"model": "phrasebook", "source": "good,morning", "target": "buenos,días"},
            {"lesson": "trained", "source": "good,morning", "target": "buenos,días"},
        ),
        ({"words": "<b>&x=1"}, {"lesson": "own", "encoder_only": "true", "source": "<b>&x=1"}),
    ],
)
def test_links_to_the_former_pass_lead_to_the_lesson(old, new):
    assert navigation.lesson_of_pass(old) == new


@pytest.mark.parametrize(
    ("page", "url"),
    [
        ("neighbours", {"word": "airplne"}),
        ("map", {"word": "airplne"}),
        ("health", {"show": "why", "first": "airplne"}),
        ("lesson", {"lesson": "own", "encoder_only": "true", "source": "airplne"}),
        ("side_by_side", {"word": "airplne", "models": "wiki-en-glove"}),
    ],
)
def test_a_spelling_that_is_offered_is_asked_in_the_model_that_was_asked(page, url):
    links = visit_as_typed(page, model="wiki-en-glove", **url).get("page_link")
    queries = [parse_qs(link.proto.query_string) for link in links if link.proto.label == "airplane"]
    assert [query["model"] for query in queries] == [["wiki-en-glove"]] * len(queries)
    assert queries


def test_the_table_sends_the_words_with_the_model_they_are_of():
    app = visit("neighbours", word="dog", model="wiki-en-glove", n="3")
    (table,) = [component for component in app.get("bidi_component") if component.key == "neighbour_table"]
    assert json.loads(table.proto.json)["model"] == "wiki-en-glove"


COMPUTING = {"sum", "min", "max", "round"}
STILL_COMPUTING = {"initialisation", "learning"}  # a longest list and a smallest batch


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.py")), ids=lambda path: path.stem)
def test_pages_ask_and_draw_but_do_not_compute(page):
    tree = list(ast.walk(ast.parse(page.read_text(encoding="utf-8"))))
    imports = {alias.name for node in tree if isinstance(node, ast.Import) for alias in node.names}
    imports |= {node.module for node in tree if isinstance(node, ast.ImportFrom)}
    assert not {name.partition(".")[0] for name in imports} & {"numpy", "math", "statistics", "scipy"}
    called = {getattr(node.func, "id", getattr(node.func, "attr", "")) for node in tree if isinstance(node, ast.Call)}
    assert page.stem in STILL_COMPUTING or not called & COMPUTING


@pytest.mark.parametrize(
    ("page", "url", "mended"),
    [
        ("neighbours", {"word": "airplne", "pos": "NOUN", "n": "3"}, {"word": "airplane", "pos": "NOUN", "n": "3"}),
        ("calculator", {"formula": "2 * airplne - fly", "n": "3"}, {"formula": "2 * airplane - fly", "n": "3"}),
        ("calculator", {"ask": "matrix", "words": "dog,airplne"}, {"ask": "matrix", "words": "dog,airplane"}),
        ("health", {"show": "why", "second": "airplne"}, {"show": "why", "second": "airplane"}),
        ("home", {"word": "airplne"}, {"word": "airplane"}),
    ],
)
def test_a_spelling_that_is_offered_mends_the_question_where_it_stands(page, url, mended):
    links = visit(page, **url).get("page_link")
    (link,) = [link.proto for link in links if link.proto.label == "airplane"]
    assert {name: values[0] for name, values in parse_qs(link.query_string).items()} == mended
    assert link.page == {"home": "", "calculator": "calculator"}.get(page, page)


def test_of_a_long_list_the_first_rows_are_drawn_and_it_says_so():
    table = component(visit("neighbours", word="airplane", n="150"), "neighbour_table")
    assert len(table["rows"]) == 100
    assert table["more"] == {"asked": "word=airplane&n=150", "rows": 500}
    assert table["texts"]["rows"] == "100 of 150 rows"


def test_a_row_says_whether_its_cosine_is_high_and_the_table_what_retrained_models_say():
    table = component(visit("neighbours", word="airplane", n="3"), "neighbour_table")
    assert table["rows"][0]["verdict"] == (
        "A cosine of 0.5889 is high: 2 of 10,000 random pairs of equally frequent words have a cosine as high."
    )
    assert table["texts"]["retrained"] == "✓ also a neighbour in both retrained models"
    few = component(visit("neighbours", word="airplane", n="3", pos="NOUN"), "neighbour_table")
    assert "among the 25,877 words of wiki-en-word2vec that pass the filters" in few["texts"]["caption"]
    rare = component(visit("neighbours", word="ilyushin-62", n="3", model="wiki-en-fasttext"), "neighbour_table")
    assert rare["texts"]["retrained"] == ""


@pytest.mark.parametrize(
    ("page", "url", "boxes"),
    [
        ("side_by_side", {"most": "200"}, {"word_box": "one"}),
        ("calculator", {}, {"formula_box": "several"}),
        ("calculator", {"ask": "matrix"}, {"words_box": "list"}),
        ("calculator", {"ask": "odd"}, {"words_box": "list"}),
        ("health", {"show": "why"}, {"first_box": "one", "second_box": "one"}),
    ],
)
def test_every_page_of_words_suggests_words(page, url, boxes):
    app = visit(page, **url)
    assert {key: component(app, key)["words"] for key in boxes} == boxes


def test_the_why_of_a_shipped_comparison_is_there_at_once():
    app = visit("initialisation", run="phrase-book", why="true")
    for kind in (Causes, Rescaling):
        assert kind(comparison="phrase-book").shipped_answer["answer"] in " ".join(sentences(app))
