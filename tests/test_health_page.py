"""The health page through Streamlit's own test runner: what it asks the core and what it says."""

import pytest

from explorer.embeddings import catalog
from explorer.embeddings.evaluation import evaluate_model
from explorer.embeddings.health import examine
from explorer.embeddings.percentiles import percentile
from explorer.questions.models import Health
from explorer.ui.messages import as_label
from tests.test_pages import component, sentences, visit


def tables(app):
    assert not app.exception
    return [table.value for table in app.table]


def test_the_measures_of_three_spaces_stand_side_by_side():
    app = visit("health", words="1000", components="2")
    measures, neighbours = tables(app)
    raw, _, rest = examine(catalog.load(), 1000, 2)
    assert list(measures.columns) == ["measure", "as it is", "centred", "all but the top 2"]
    assert measures["as it is"][0] == f"{raw.hubness.skewness:.2f}"
    assert measures["all but the top 2"][4] == f"{rest.frequency.same_band:.1%}"
    assert len(neighbours) == 8
    assert [header.value for header in app.header] == [
        "Hubness",
        "Anisotropy",
        "Frequency bias",
        "What this does to neighbours",
    ]
    assert len(app.get("plotly_chart")) == 4


def test_benchmarks_have_a_row_a_section_and_its_coverage():
    app = visit("health", show="benchmarks", restrict_vocab="2000")
    (table,) = tables(app)
    *_, scores = evaluate_model(catalog.load(), 2000)
    family = scores.sections["family"]
    row = table[table["benchmark"] == "family"].iloc[0]
    assert row["questions"] == "506"
    assert row.iloc[2] == f"{family.value:.4f} (coverage {family.coverage:.1%})"
    assert len(table) == 2 + 3 + 14


def test_benchmarks_of_two_models_stand_side_by_side():
    two = catalog.names()[:2]
    app = visit("health", show="benchmarks", models=",".join(two), restrict_vocab="300")
    (table,) = tables(app)
    assert list(table.columns) == ["benchmark", "questions", *(as_label(name) for name in two)]


def test_benchmarks_that_were_stopped_wait_to_be_run():
    app = visit("health", show="benchmarks", run="no", restrict_vocab="1999")
    assert tables(app) == []
    (button,) = [button for button in app.button if button.label == "Run the benchmarks"]
    button.click().run()
    assert len(tables(app)[0]) == 2 + 3 + 14


def test_why_two_words_are_similar():
    app = visit("health", show="why", first="Airplane", second="aeroplane", n="4")
    why = component(app, "why")
    answer = percentile(catalog.load(), "airplane", "aeroplane")
    assert why["answer"] == f"airplane · aeroplane: {answer.similarity:.4f}"
    assert answer.sentence in why["texts"]["percentile"]
    columns = [column["name"] for column in why["dimensions"]["columns"]]
    assert columns == ["dimension", "share", "in airplane", "in aeroplane", "lowest", "highest"]
    assert len(why["dimensions"]["rows"]) == 4
    assert sum(why["shares"]["values"]) == pytest.approx(answer.similarity)


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ({"words": "5"}, "words is 5, but must be a whole number from 100 to 50,000."),
        ({"components": "300"}, "300 components cannot be taken away"),
        ({"models": "nope"}, "no model called “nope”"),
        ({"models": ""}, "No model is chosen"),
        ({"models": "a,b,c,d,e"}, "leave some out"),
        ({"words": "300", "example": "king<b>"}, "“king&lt;b&gt;” is not among"),
        ({"show": "nothing"}, "nothing called “nothing” to show"),
        (
            {"show": "benchmarks", "restrict_vocab": "0"},
            "restrict_vocab is 0, but must be a whole number from 1 to",
        ),
        ({"show": "why", "first": "airplne"}, "“airplne” is not among"),
        ({"show": "why", "second": ""}, "type one"),
    ],
)
def test_bad_input_is_answered_with_a_sentence(url, said):
    *_, last = sentences(visit("health", **url))
    assert said in last
    assert 'role="alert"' in last


def test_a_word_that_is_unknown_leaves_the_measures_where_they_are():
    app = visit("health", words="1000", example="airplne")
    (measures,) = tables(app)
    assert len(measures) == 6
    assert any("airplne" in sentence for sentence in sentences(app))


def test_the_model_that_travels_here_is_the_one_that_is_measured():
    app = visit("health", words="1000", first="biplane", model="wiki-en-glove")
    assert app.multiselect(key="models").value == ["wiki-en-glove"]
    _measures, near = tables(app)  # of a frequent word: the one that was asked elsewhere may be none of the measured
    answer = Health(model="wiki-en-glove", words=1000, word="king").answer()
    assert near["as it is"][0].startswith(answer.example.near[0][0].word)
