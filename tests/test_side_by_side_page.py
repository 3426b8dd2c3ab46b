"""The page of models side by side, through Streamlit's own test runner."""

import json
import shutil
from urllib.parse import parse_qs

import numpy as np
import pytest

from explorer.embeddings import catalog
from explorer.embeddings.importing import import_model, remove
from explorer.embeddings.neighbours import neighbours
from explorer.embeddings.side_by_side import disagreement
from explorer.errors import named
from explorer.questions.models import Drift, SideBySide
from tests.embeddings.conftest import own_models  # noqa: F401  a fixture
from tests.test_pages import sentences, visit

WORDS = ["<b>bold</b>", *(f"w{number}" for number in range(30))]


def bring(models, name, seed):
    rows = np.random.default_rng(seed).normal(size=(len(WORDS), 6)).round(4).tolist()
    file = models.parent / f"{name}.txt"
    file.write_text("".join(f"{word} {' '.join(map(str, row))}\n" for word, row in zip(WORDS, rows, strict=True)))
    import_model(file, name)


@pytest.fixture
def two(own_models):  # noqa: F811
    bring(own_models, "one", 0)
    bring(own_models, "other", 1)
    return {"models": "one,other", "first": "one", "second": "other", "k": "5", "most": "30", "word": "w3"}


def text(app):
    assert not app.exception
    return "\n".join(markdown.value for markdown in app.markdown)


def mean(first, second):
    return f"On average **{disagreement(catalog.load(first), catalog.load(second), 5, 30).mean_shared:.1f}**"


def test_two_models_are_compared(two):
    app = visit("side_by_side", **two)
    assert mean("one", "other") in text(app)
    headers = ["From model to model", "Where two models disagree", "“w3” in both, on one map"]
    assert [header.value for header in app.header] == headers
    assert len(app.get("plotly_chart")) == 3


def test_words_enter_the_map_as_text(two):
    app = visit("side_by_side", **two | {"word": "<b>bold</b>"})
    drift, _, picture = (json.loads(chart.proto.spec) for chart in app.get("plotly_chart"))
    assert "<b>bold" not in json.dumps(drift)
    words = [word for trace in picture["data"] for word in trace.get("text", ())]
    assert words.count("<b>&lt;b&gt;bold&lt;/b&gt;</b>") == 2  # in bold, for it is the question
    assert not any("<" in word.removeprefix("<b>").removesuffix("</b>") for word in words)


def test_a_model_that_was_replaced_is_compared_anew(two, own_models):  # noqa: F811
    before = text(visit("side_by_side", **two))
    remove("other")
    bring(own_models, "other", 2)
    after = text(visit("side_by_side", **two))
    assert mean("one", "other") in after
    assert mean("one", "other") not in before


def test_a_damaged_card_spoils_no_other_model(two, own_models):  # noqa: F811
    shutil.copytree(own_models / "one", own_models / "a-damaged-one")
    (own_models / "a-damaged-one" / "card.toml").write_text("title = ")
    assert mean("one", "other") in text(visit("side_by_side", **two))


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ({"word": "nowhere"}, "“nowhere” is not among"),
        ({"models": ""}, "models has 0 entries, but must have 1 to 20."),
        ({"first": "nope"}, "no model called “nope”"),
        ({"k": "30"}, "number of words is 30"),
    ],
)
def test_bad_input_is_answered_with_a_sentence(two, url, said):
    assert said in "\n".join(sentences(visit("side_by_side", **two | url)))


def links(app):
    return {link.proto.label: parse_qs(link.proto.query_string) for link in app.get("page_link")}


def test_a_disputed_word_is_asked_with_every_control_as_it_is(two):
    url = two | {"pos": "NOUN", "n": "7"}
    disputed = disagreement(catalog.load("one"), catalog.load("other"), 5, 30).between(0, 5)
    app = visit("side_by_side", **url | {"pos": ""})
    where = links(app)[disputed[0][0]]
    assert {name: values[0] for name, values in where.items()} == {
        name: value for name, value in (url | {"word": disputed[0][0]}).items() if name != "pos"
    }


def test_the_two_that_are_compared_are_the_first_two_columns(two, own_models):  # noqa: F811
    bring(own_models, "another", 2)
    few = {"k": "5", "most": "30", "word": "w3"}
    assert mean("other", "another") in text(visit("side_by_side", models="other,another", **few))
    assert mean("other", "one") in text(visit("side_by_side", models="one,other", first="other", **few))


def test_a_model_that_is_named_again_counts_once_and_more_than_there_are_is_refused(two):
    assert mean("one", "other") in text(visit("side_by_side", **two | {"models": "one,other," * 150}))
    app = visit("side_by_side", **two | {"models": ",".join(map(str, range(300)))})
    assert "models has 300 entries, but must have 1 to 20." in "".join(sentences(app))


def test_a_guess_from_subwords_says_so_in_its_column():
    app = visit("side_by_side", word="qwertyx", most="200")
    (columns,) = [component for component in app.get("bidi_component") if component.key == "joined_columns"]
    word2vec, glove, fasttext = json.loads(columns.proto.json)["columns"]
    assert fasttext["sentences"] == neighbours(catalog.load("wiki-en-fasttext"), "qwertyx").sentences
    assert "inferred from its subwords" in fasttext["sentences"][0]
    assert "is not among" in word2vec["sentences"][0]
    assert "is not among" in glove["sentences"][0]


def columns(app):
    (part,) = [part for part in app.get("bidi_component") if part.key == "joined_columns"]
    return json.loads(part.proto.json)["columns"]


def test_each_column_says_how_it_found_the_word_and_leads_to_its_model():
    app = visit("side_by_side", word="qwertyx", models="wiki-en-glove,wiki-en-fasttext", most="200")
    glove, fasttext = columns(app)
    assert [word["href"] for word in glove["suggestions"]] == [
        "?word=qwerty&models=wiki-en-glove%2Cwiki-en-fasttext&most=200"
    ]
    assert [word["word"] for word in fasttext["suggestions"]] == ["qwerty"]
    assert "Did you mean" not in glove["sentences"][0]
    assert (glove["known"], fasttext["known"]) == (False, False)  # so “did you mean” stands before the words
    assert glove["about"] == "models?model=wiki-en-glove"
    assert fasttext["neighbours"] == "neighbours?word=qwertyx&model=wiki-en-fasttext"
    (known, _) = columns(visit("side_by_side", word="cat", models="wiki-en-glove,wiki-en-fasttext", most="200"))
    assert known["known"]
    assert known["sentences"][0] == "“cat” is one of its 80,571 words."


def test_four_models_stand_side_by_side_and_each_two_say_what_they_share(two, own_models):  # noqa: F811
    for seed in (2, 3):
        bring(own_models, f"more{seed}", seed)
    app = visit("side_by_side", models="one,other,more2,more3", word="w3", k="5", most="30")
    assert [column["title"] for column in columns(app)] == ["one", "other", "more2", "more3"]
    answer = SideBySide(word="w3", models=["one", "other", "more2", "more3"]).answer()
    assert len(answer.agreement) == 6
    assert [list(row) for row in app.table[0].value.astype(str).to_numpy()] == [
        [one, other, str(count)] for one, other, count in answer.agreement
    ]
    assert app.selectbox("first").options == ["one", "other", "more2", "more3"]


def test_one_model_alone_is_compared_with_none(two):
    app = visit("side_by_side", models="one", word="w3")
    assert "Choose two models or more above to compare them." in "".join(sentences(app))


def test_of_many_models_the_first_that_have_the_word_are_asked_and_the_rest_are_named(own_models):  # noqa: F811
    bring(own_models, "m00", 0)
    for number in range(1, 22):
        shutil.copytree(own_models / "m00", own_models / f"m{number:02}")
    file = own_models.parent / "a.txt"
    file.write_text("\n".join(f"{letter} {place} 1" for place, letter in enumerate("abcdefgh")))
    import_model(file, "lacks-w3")
    asked, left = ["m00", "m01", "m02", "m03"], [f"m{number:02}" for number in range(4, 22)]
    lacks = "“w3” is not in “lacks-w3”."
    rest = f"The first 4 models that have “w3” are asked, and not {named(left)}. Name models to ask others."
    for kind in (SideBySide, Drift):
        answer = kind(word="w3").answer()
        assert set(answer.sentences) >= {lacks, rest}
        assert (answer.as_json()["lacking"], answer.as_json()["left"]) == (["lacks-w3"], left)
    app = visit("side_by_side", word="w3")
    said = "".join(sentences(app))
    assert f"{lacks}" in said
    assert rest in said
    assert "must have" not in said
    assert app.multiselect(key="models").value == asked
