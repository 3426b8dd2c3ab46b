"""A program that was written for WebVectors asks this server as it asked that one: its addresses and the shapes of its
answers are those that WebVectors documents (github.com/akutuzov/webvectors, “API”)."""

import csv
import io
import json
from urllib.parse import quote

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from explorer.embeddings import catalog
from explorer.questions.vectors import Similarity
from explorer.questions.words import Neighbours
from explorer.service.webvectors import ROUTES
from tests.embeddings.small import embedding_of

MODEL = catalog.DEFAULT


@pytest.fixture(scope="module")
def get():
    client = TestClient(Starlette(routes=ROUTES), follow_redirects=False)
    return lambda path: client.get(f"/{path}")


class Client:
    """A program of the wild: it knows the three addresses, and takes the answers apart as they are documented."""

    def __init__(self, get, model):
        self.get, self.model = get, model

    def associates(self, word):
        answer = json.loads(self.get(f"{self.model}/{quote(word, safe='')}/api/json/").text)
        return list(answer[self.model][word].items())

    def associates_as_csv(self, word):
        model, asked, *lines = self.get(f"{self.model}/{quote(word, safe='')}/api/csv/").text.rstrip("\n").split("\n")
        assert (model, asked) == (self.model, word)
        return [(word, float(cosine)) for word, cosine in csv.reader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)]

    def similarity(self, first, second):
        answer = self.get(f"{self.model}/{quote(first, safe='')}__{quote(second, safe='')}/api/similarity/").text
        cosine, *names = answer.split("\t")
        assert names == [first, second, self.model + "\n"] or names == [first, second, self.model]
        return float(cosine)


@pytest.mark.parametrize("word", ["airplane", "airplane_NOUN", "Paris", "don't"])
def test_a_client_gets_the_ten_nearest_in_both_shapes(get, word):
    client = Client(get, MODEL)
    rows = Neighbours(word=word).answer().rows
    assert client.associates(word) == [(row.word, row.similarity) for row in rows]
    assert client.associates_as_csv(word) == client.associates(word)
    assert len(rows) == 10


def test_a_client_gets_the_cosine_of_two_words(get):
    cosine = Similarity(first="king", second="queen").answer().similarity
    assert Client(get, MODEL).similarity("king", "queen") == cosine
    assert Client(get, MODEL).similarity("king_NOUN", "queen_NOUN") == cosine
    assert get(f"{MODEL}/king__queen/api/similarity/").headers["content-type"] == "text/plain; charset=utf-8"


def test_words_whose_tags_are_part_of_them_and_words_with_slashes(get, monkeypatch):
    embedding = embedding_of(["airplane_NOUN", "aeroplane_NOUN", "and/or", "fly_VERB"])
    monkeypatch.setattr(catalog, "names", lambda: ["tagged"])
    monkeypatch.setattr(catalog, "load", lambda name: embedding)
    client = Client(get, "tagged")
    assert {word for word, _ in client.associates("airplane_NOUN")} == {"aeroplane_NOUN", "and/or", "fly_VERB"}
    assert client.associates_as_csv("and/or") == client.associates("and/or")
    assert client.similarity("and/or", "and/or") == pytest.approx(1)


@pytest.mark.parametrize("end", ["", "/"])
def test_an_address_ends_with_a_slash_or_without(get, end):
    assert get(f"{MODEL}/airplane/api/json{end}").status_code == 200
    assert get(f"en/{MODEL}/airplane{end}").status_code == 302


def test_the_page_of_a_word_is_that_of_its_neighbours(get):
    answer = get(f"en/{MODEL}/airplane_NOUN/")
    assert (answer.status_code, answer.headers["location"]) == (302, f"/neighbours?word=airplane_NOUN&model={MODEL}")


@pytest.mark.parametrize("end", ["airplne/api/json/", "airplne/api/csv/", "airplne__king/api/similarity/"])
def test_an_unknown_word_is_404_with_suggestions(get, end):
    answer = get(f"{MODEL}/{end}")
    assert (answer.status_code, answer.headers["content-type"]) == (404, "application/json")
    assert "airplane" in answer.json()["suggestions"]


@pytest.mark.parametrize("word", ["airplne", "<script>alert(1)</script>"])
def test_the_page_of_an_unknown_word_is_404_with_links(get, word):
    answer = get(f"no/{MODEL}/{quote(word, safe='')}/")
    assert answer.status_code == 404
    assert "<script>" not in answer.text
    assert ("/no/wiki-en-word2vec/airplane/" in answer.text) == (word == "airplne")


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        ("none/king/api/json/", 404, "no model called “none”"),
        (f"{MODEL}/king/api/similarity/", 400, "“king” is no pair: write FIRST__SECOND"),
        (f"{MODEL}/a__b__c/api/similarity/", 400, "“a__b__c” is no pair"),
        (f"{MODEL}/caf%E9/api/json/", 400, "is not in UTF-8"),
        (f"{MODEL}/king/api/json/?nonsense=1", 400, "There is no parameter “nonsense”"),
        (f"{MODEL}/king/api/json/?word=queen", 400, "stands both in the path and in the parameters"),
    ],
)
def test_what_cannot_be_answered_says_why(get, path, status, said):
    answer = get(path)
    assert answer.status_code == status
    assert said in answer.json()["error"]


def test_a_further_parameter_of_the_question_is_taken(get):
    rows = Neighbours(word="airplane", n=3, pos="VERB").answer().rows
    answer = get(f"{MODEL}/airplane/api/csv/?n=3&pos=VERB").text
    assert [row[0] for row in csv.reader(io.StringIO(answer), delimiter="\t")][2:] == [row.word for row in rows]
