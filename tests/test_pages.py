"""The pages through Streamlit's own test runner: what they ask the core and what they say."""

import re
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

from explorer.ui import navigation

PAGES = Path(navigation.HOME).parent


def visit(page: str, **url: str) -> AppTest:
    app = AppTest.from_file("../explorer/ui/shell.py", default_timeout=30).run()
    app.switch_page(f"../../pages/{page}.py")
    for name, value in url.items():
        app.query_params[name] = value
    return app.run()


def sentences(app: AppTest) -> list[str]:
    """What the page says, without its style sheet."""
    assert not app.exception
    return [html.proto.body for html in app.get("html") if "explorer-" in html.proto.body and "<p" in html.proto.body]


def test_home_offers_a_word_and_three_doors():
    app = visit("home")
    assert app.text_input[0].value == "airplane"
    assert [header.value for header in app.header] == [
        "Query word similarity",
        "Compare initialisations",
        "Show it in a talk",
    ]
    assert len(app.get("page_link")) == 3
    assert not app.exception


def test_neighbours_answers_with_the_table_and_two_downloads():
    app = visit("neighbours", word="airplane", n="3")
    assert sentences(app) == []
    assert len(app.get("bidi_component")) == 1
    assert [button.label for button in app.get("download_button")] == ["Download CSV", "Download JSON"]


def test_neighbours_says_which_variant_of_the_word_it_took():
    (sentence,) = sentences(visit("neighbours", word="AIRPLANE"))
    assert "“AIRPLANE” is not in the vocabulary; these are the neighbours of “airplane”." in sentence


def test_neighbours_of_an_unknown_word_offers_the_closest_ones():
    app = visit("neighbours", word="airplne")
    (sentence,) = sentences(app)
    assert "“airplne” is not among" in sentence
    assert "airplane" in [link.proto.label for link in app.get("page_link")]


def test_neighbours_says_so_where_the_filters_leave_nothing():
    (sentence,) = sentences(visit("neighbours", word="airplane", min_count="1000000000"))
    assert "No word passes both filters" in sentence


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ({"word": ""}, "type one"),
        ({"word": "x" * 10_000}, "10,000 characters"),
        ({"word": "<script>alert(1)</script>"}, "&lt;script&gt;"),
        ({"word": "🛩️"}, "🛩️"),
        ({"word": "מטוס"}, "מטוס"),
        ({"word": "a b"}, "a b"),
        ({"n": "0"}, "“0” is not a whole number"),
        ({"n": "-1"}, "“-1” is not a whole number"),
        ({"n": "1000000000"}, "“1000000000” is not a whole number"),
        ({"pos": "FOO"}, "“FOO” is not a part of speech"),
        ({"model": "../secret"}, "no model called “../secret”"),
        ({"min_count": "-1"}, "“-1” is not a whole number"),
    ],
)
def test_neighbours_answers_bad_input_with_one_sentence(url, said):
    (sentence,) = sentences(visit("neighbours", **url))
    assert said in sentence
    assert 'role="alert"' in sentence


def test_the_pass_shows_every_step_of_every_layer():
    app = visit("transformer_pass", words="airplane,fly", layers="3")
    assert sentences(app) == []
    assert [header.value for header in app.header] == ["From words to the input", "Layer 1", "Layer 2", "Layer 3"]
    assert len(app.get("bidi_component")) == 3 + 3 * 11


def test_the_pass_of_the_article_needs_no_model():
    app = visit("transformer_pass", model="article", layers="1")
    assert sentences(app) == []
    assert app.text_input[0].value == "You are welcome"
    assert app.text_input[0].disabled


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ({"words": ""}, "at least one word"),
        ({"words": "airplane,airplne"}, "“airplne” is not among"),
        ({"words": ",".join(["fly"] * 25)}, "25 words, but this page shows 24 at most"),
        ({"heads": "7"}, "heads do not divide"),
        ({"layers": "1000000000"}, "“1000000000” is not a whole number"),
        ({"d_model": "1000"}, "d_model"),
        ({"seed": "-1"}, "“-1” is not a whole number"),
        ({"model": "FOO"}, "no model called “FOO”"),
    ],
)
def test_the_pass_answers_bad_input_with_one_sentence(url, said):
    (sentence,) = sentences(visit("transformer_pass", **url))
    assert said in sentence


@pytest.mark.parametrize("page", sorted(PAGES.glob("*.py")), ids=lambda path: path.stem)
def test_pages_ask_and_draw_but_do_not_compute(page):
    assert not re.search(r"^\s*(import|from) numpy", page.read_text(encoding="utf-8"), re.MULTILINE)


@pytest.mark.parametrize("model", ["article", "phrasebook"])
def test_the_pass_goes_through_the_whole_model_to_the_loss(model):
    app = visit("transformer_pass", model=model)
    assert sentences(app) == []
    headers = [header.value for header in app.header]
    assert "Decoder layer 1: cross-attention to the source" in headers
    assert headers[-1] == "The next word, and the loss"


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ({"model": "phrasebook", "target": "zapatos,marcianos"}, "cannot say “marcianos”"),
        ({"model": "phrasebook", "target": ""}, "target is empty"),
        ({"model": "phrasebook", "source": "!"}, "source is empty"),
        ({"model": "phrasebook", "source": ",".join(["you"] * 25)}, "25 words"),
        ({"model": "article", "heads": "3"}, "3 heads do not divide d_model = 4"),
    ],
)
def test_what_cannot_pass_is_said(url, said):
    (sentence,) = sentences(visit("transformer_pass", **url))
    assert said in sentence


def test_the_models_own_translation_is_offered_and_unknown_words_are_named():
    app = visit("transformer_pass", model="phrasebook", source="good,zebras", target="de,nada")
    assert sentences(app) == [
        '<p class="explorer-note">The model does not know zebras, and reads &lt;unk&gt; there.</p>'
    ]
    (link,) = app.get("page_link")
    assert "own translation" in link.proto.label
