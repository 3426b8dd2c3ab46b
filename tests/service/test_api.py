"""The HTTP API gives the core's own answers, and a sentence for what is wrong."""

import csv
import io
import json

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from explorer.embeddings import catalog
from explorer.embeddings.neighbours import neighbours
from explorer.embeddings.similarity import similarity
from explorer.initialisation import library
from explorer.initialisation.found import found
from explorer.initialisation.report import report
from explorer.initialisation.summary import summarise
from explorer.service.api import ROUTES

MODEL = catalog.DEFAULT


@pytest.fixture(scope="module")
def get():
    client = TestClient(Starlette(routes=[Mount("/api", routes=ROUTES)]))
    return lambda path: client.get(f"/api/{path}")


def test_neighbours_are_the_cores(get):
    answer = get(f"models/{MODEL}/neighbours/airplane?n=5&pos=NOUN")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == json.loads(json.dumps(neighbours(catalog.load(), "airplane", 5, "NOUN").as_json()))


def test_csv_is_the_cores(get):
    answer = get(f"models/{MODEL}/neighbours/airplane?n=3&format=csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.text == neighbours(catalog.load(), "airplane", 3).as_csv()
    assert len(list(csv.reader(io.StringIO(answer.text)))) == 4


def test_words_with_odd_characters_are_asked_as_they_are(get):
    assert get(f"models/{MODEL}/neighbours/don't?n=1").status_code == 200
    assert get(f"models/{MODEL}/neighbours/u.s?n=1").status_code == 200
    assert get(f"models/{MODEL}/neighbours/and/or").json()["error"].startswith("“and/or” is not among")
    assert get(f"models/{MODEL}/neighbours/%3Cscript%3E").json()["error"].startswith("“<script>” is not among")


def test_similarity_and_models(get):
    pair = similarity(catalog.load(), "king", "queen")
    assert get(f"models/{MODEL}/similarity/king/queen").json() == json.loads(json.dumps(pair.as_json()))
    assert MODEL in [card["name"] for card in get("models").json()]


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        (f"models/{MODEL}/neighbours/airplne", 404, "“airplne” is not among"),
        ("models/nowhere/neighbours/airplane", 404, "no model called “nowhere”"),
        (f"models/{MODEL}/neighbours/airplane?n=0", 400, "n is 0"),
        (f"models/{MODEL}/neighbours/airplane?n=many", 400, "n is “many”"),
        (f"models/{MODEL}/neighbours/airplane?pos=THING", 400, "not a part of speech"),
        (f"models/{MODEL}/neighbours/airplane?metric=far", 400, "“far” is not a metric"),
        (f"models/{MODEL}/neighbours/airplane?regex=(", 400, "regular expression"),
        (f"models/{MODEL}/neighbours/airplane?format=xml", 400, "no format “xml”"),
        (f"models/{MODEL}/neighbours/airplane?limit=3", 400, "no parameter “limit”"),
        ("nothing", 404, "nothing at this address"),
    ],
)
def test_what_is_wrong_is_a_sentence_with_its_status(get, path, status, said):
    answer = get(path)
    assert answer.status_code == status
    assert said in answer.json()["error"]


def test_a_misspelt_word_gets_suggestions(get):
    assert "airplane" in get(f"models/{MODEL}/neighbours/airplne").json()["suggestions"]


def test_comparisons_are_the_cores(get):
    name = "parts-of-speech"
    assert {"name": name, "shipped": True} in get("comparisons").json()
    summary = summarise(found(library.plan(name), library.folder(name)))
    assert get(f"comparisons/{name}").json() == json.loads(json.dumps(summary.as_json()))
    assert get(f"comparisons/{name}?format=csv").content == report(summary, "csv")
    assert get(f"comparisons/{name}?format=doc").status_code == 400
    assert get("comparisons/none").status_code == 404
