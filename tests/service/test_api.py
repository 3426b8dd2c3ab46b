"""The addresses under /api give the questions' own answers, and a sentence for what is wrong."""

import csv
import io
import json
from urllib.parse import quote, unquote

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Mount, Route
from starlette.testclient import TestClient

from explorer.embeddings import catalog
from explorer.initialisation import library
from explorer.initialisation.collected import collect
from explorer.initialisation.report import report
from explorer.initialisation.summary import Summary
from explorer.questions import QUESTIONS
from explorer.service.api import ROUTES
from explorer.service.http import Unroutable
from tests.embeddings.small import embedding_of
from tests.loops import in_a_thread

MODEL = catalog.DEFAULT


def answer_to(name, **values):
    """The answer of the question itself, as JSON has it."""
    return json.loads(json.dumps(QUESTIONS[name](**values).answer().as_json()))


@pytest.fixture(scope="module")
def get():
    client = TestClient(Starlette(routes=[Mount("/api", routes=ROUTES)]))
    return lambda path: client.get(f"/api/{path}")


def test_neighbours_are_the_questions_answer(get):
    answer = get(f"models/{MODEL}/neighbours/airplane?n=5&pos=NOUN")
    assert answer.status_code == 200
    assert answer.headers["content-type"] == "application/json"
    assert answer.json() == answer_to("neighbours", word="airplane", n=5, pos="NOUN")
    assert answer.json() == get("v1/neighbours?word=airplane&n=5&pos=NOUN").json()


def test_csv_is_the_questions_answer(get):
    answer = get(f"models/{MODEL}/neighbours/airplane?n=3&format=csv")
    assert answer.headers["content-type"].startswith("text/csv")
    assert answer.text == QUESTIONS["neighbours"](word="airplane", n=3).answer().as_csv()
    assert len(list(csv.reader(io.StringIO(answer.text)))) == 4


def test_words_with_odd_characters_are_asked_as_they_are(get):
    assert get(f"models/{MODEL}/neighbours/don't?n=1").status_code == 200
    assert get(f"models/{MODEL}/neighbours/u.s?n=1").status_code == 200
    assert get(f"models/{MODEL}/neighbours/and/or").json()["error"].startswith("“and/or” is not among")
    assert get(f"models/{MODEL}/neighbours/%3Cscript%3E").json()["error"].startswith("“<script>” is not among")


WORDS = (
    ".", "..", "/", "//", "and/or", "either/or", "c#", "100%", "?", "a+b", "%2F", "DBPEDIA_ID/Harbour", "new harbour",
    "&", "=", "\\", "harbour/", "/harbour", "café", "cafe\u0301", "ferry", "\xa0", "港\u3000口", "п’ять", "\u200b",
    "a\nb", "+", ";", "waxwing",
)  # fmt: skip


@pytest.fixture
def odd(get, monkeypatch):
    """A model called odd, of words that addresses do not take kindly to; the last has a vector of zeros."""
    embedding = embedding_of(WORDS)
    embedding.vectors[-1] = embedding.inverse_norms[-1] = 0
    monkeypatch.setattr(catalog, "names", lambda: ["odd"])
    monkeypatch.setattr(catalog, "load", lambda name: embedding)
    return lambda path: get(f"models/odd/{path}")


@pytest.mark.parametrize("word", WORDS[:-1])
def test_a_word_of_whatever_signs_is_asked_in_the_path_and_by_a_parameter(odd, word):
    written = quote(word, safe="")
    by_parameter = odd(f"neighbours?word={written}&n=100").json()
    assert by_parameter["word"] == word
    assert len(by_parameter["neighbours"]) == len(WORDS) - 2
    assert odd(f"similarity?first={written}&second=ferry").json()["first"] == word
    assert odd(f"similarity?first=ferry&second={written}").json()["second"] == word
    if word not in (".", "..", "a\nb"):  # which clients take out of a path, or servers do not route
        assert odd(f"neighbours/{written}?n=100").json() == by_parameter
        assert odd(f"similarity/{written}/{written}").json()["similarity"] == pytest.approx(1)


def test_a_slash_as_it_is_belongs_to_the_word_where_there_is_one_word_alone(odd):
    assert odd("neighbours/and/or").json()["word"] == "and/or"
    assert odd("neighbours/harbour/").json()["word"] == "harbour/"
    answer = odd("similarity/and/or/either/or")
    assert answer.status_code == 400
    assert answer.json()["error"].endswith(
        "here are 4: write a slash in a word as %2F, or use the parameters ?first=…&second=…."
    )


def test_what_has_no_cosine_is_null_with_a_note(odd):
    answer = odd("similarity/waxwing/ferry").json()
    assert answer["similarity"] is None
    assert answer["notes"] == ["The vector of “waxwing” is all zeros: nothing is near to it."]
    answer = odd("neighbours/waxwing").json()
    assert (answer["neighbours"], answer["warning"]) == (
        [],
        "The vector of “waxwing” is all zeros: nothing is near to it.",
    )


@pytest.mark.parametrize(
    ("path", "said"),
    [
        ("neighbours", "word is missing: give a word, a phrase or a formula"),
        ("neighbours/", "There is no word to look up"),
        ("neighbours?word=", "There is no word to look up"),
        ("neighbours/ferry?word=ferry", "both in the path and in the parameters"),
        ("neighbours/ferry?model=odd", "The model stands both in the path and in the parameters"),
        ("neighbours/ferry?min_count=1&minimum_count=1", "minimum_count is given twice, by two of its names"),
        ("neighbours/ferry?format=csv&format=json", "format is given 2 times"),
        ("neighbours?word=caf%E9", "“word=caf%E9” in the address is not in UTF-8"),
        ("neighbours?word=a&word=b", "word stands here 2 times, but takes one value"),
        ("neighbours/caf%E9", "“caf%E9” in the address is not in UTF-8"),
        ("similarity", "Similarity is asked of two words: give both"),
        ("similarity/ferry", "This takes 2 words, but here are 1"),
        ("similarity?first=ferry", "Similarity is asked of two words: give both"),
        ("similarity/ferry/", "Similarity is asked of two words: give both"),
        ("similarity/ferry/ferry?n=3", "There is no parameter “n” of similarity. Take first, second, pairs, model."),
    ],
)
def test_an_address_that_cannot_be_answered_says_why(odd, path, said):
    answer = odd(path)
    assert answer.status_code == 400
    assert said in answer.json()["error"]


@pytest.mark.parametrize("path", ["models", "comparisons", "comparisons/parts-of-speech", "", "nowhere"])
def test_no_address_passes_over_a_parameter_that_it_does_not_know(get, path):
    answer = get(f"{path}?limit=3")
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("There is no parameter “limit”")


@pytest.mark.parametrize("word", ["..", "%2E%2E", "%2e.", "a%2F..%2Fb", "a%0Ab", "%00"])
def test_a_path_that_no_server_routes_says_how_to_ask(word):
    app = Starlette(routes=[Mount("/api", routes=ROUTES)], middleware=[Middleware(Unroutable)])

    async def ask():
        """As it is, for a client would take .. out of the address."""
        answer = []
        scope = {"type": "http", "method": "GET", "headers": [], "query_string": b"", "root_path": ""}
        raw = f"/api/models/{MODEL}/neighbours/{word}"

        async def send(message):
            answer.append(message)

        await app(scope | {"path": unquote(raw), "raw_path": raw.encode()}, None, send)
        return answer

    start, body = in_a_thread(ask)
    assert start["status"] == 400
    assert "stands in a parameter" in json.loads(body["body"])["error"]


def test_no_path_has_a_control_character():
    anything = Route("/{path:path}", lambda request: PlainTextResponse("answer"), methods=["GET"])
    client = TestClient(Starlette(routes=[anything], middleware=[Middleware(Unroutable)]))
    for path in ("/metrics%0A", "/talk%00", "/%7Fmap"):
        assert client.head(path).status_code == client.get(path).status_code == 400
    assert client.get("/en/m/naïve%20word/").status_code == 200


def test_what_is_not_asked_but_sent_gets_a_sentence_too():
    client = TestClient(Starlette(routes=[Mount("/api", routes=ROUTES)]))
    for method in ("POST", "DELETE", "PUT"):
        answer = client.request(method, f"/api/models/{MODEL}/neighbours/king")
        assert (answer.status_code, answer.headers["allow"]) == (405, "GET, HEAD")
        assert "ask with GET" in answer.json()["error"]


def test_sentences_do_not_say_where_this_machine_keeps_its_files(get, tmp_path, monkeypatch):
    monkeypatch.setattr(catalog, "MODELS", tmp_path)
    (tmp_path / "broken").mkdir()
    (tmp_path / "broken" / "card.toml").write_text("title = 'x'", encoding="utf-8")
    (tmp_path / "broken" / "vectors.npy").write_bytes(b"none")
    answer = get("models/broken/neighbours/king")
    assert answer.status_code == 400
    assert answer.json()["error"].startswith("The model in broken is damaged")
    assert str(tmp_path) not in answer.text


def test_a_mistake_of_the_program_is_a_sentence_and_stands_in_the_log(odd, monkeypatch, caplog):
    monkeypatch.setattr("explorer.embeddings.neighbours.neighbours", lambda *_, **__: 1 / 0)
    answer = odd("neighbours/ferry")
    assert answer.status_code == 500
    assert answer.json()["error"].startswith("This is an error of the program")
    assert "ZeroDivisionError" in caplog.text


def test_similarity_and_models(get):
    assert get(f"models/{MODEL}/similarity/king/queen").json() == answer_to("similarity", first="king", second="queen")
    assert get("models").json() == answer_to("models")["models"]
    assert MODEL in [card["name"] for card in get("models").json()]


@pytest.mark.parametrize(
    ("path", "status", "said"),
    [
        (f"models/{MODEL}/neighbours/airplne", 404, "“airplne” is not among"),
        ("models/nowhere/neighbours/airplane", 404, "no model called “nowhere”"),
        (f"models/{MODEL}/neighbours/airplane?n=0", 400, "n is 0"),
        (f"models/{MODEL}/neighbours/airplane?n=many", 400, "n is “many”"),
        (f"models/{MODEL}/neighbours/airplane?pos=THING", 400, "pos is “THING”, but must be one of ADJ, ADP"),
        (f"models/{MODEL}/neighbours/airplane?metric=far", 400, "metric is “far”, but must be one of cosine, dot"),
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
    summary = Summary(collect(library.plan(name), library.folder(name)))
    assert get(f"comparisons/{name}").json() == json.loads(json.dumps(summary.as_json()))
    assert get(f"comparisons/{name}?format=csv").content == report(summary, "csv")
    assert get(f"comparisons/{name}?format=doc").status_code == 400
    assert get("comparisons/none").status_code == 404


def test_a_comparison_is_summarised_once(get, monkeypatch):
    library._summary.cache_clear()
    times = []
    monkeypatch.setattr(
        "explorer.initialisation.summary.Summary", lambda collected: times.append(collected) or Summary(collected)
    )
    answers = {get("comparisons/parts-of-speech").content for _ in range(3)}
    assert (len(answers), len(times)) == (1, 1)
