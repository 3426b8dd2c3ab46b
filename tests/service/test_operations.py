"""What is counted, logged and said of the server itself, and how long a question from elsewhere may take."""

import json
import logging
import math
import threading
from dataclasses import dataclass
from itertools import count

import anyio
import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.testclient import TestClient

from explorer import serving
from explorer.answers import Answer
from explorer.embeddings import catalog
from explorer.errors import NotThere, UserError
from explorer.questions.models import Health
from explorer.questions.words import Complete
from explorer.service import answering, health, journal, metrics, talks
from explorer.service.api import ROUTES
from explorer.service.asking import Asker, asking, patience, watch
from explorer.serving import Serving
from tests.loops import in_a_thread
from tests.patience import PATIENCE


@dataclass(frozen=True)
class Said(Answer):
    """An answer with this JSON."""

    json: object

    def as_json(self):
        return self.json


@pytest.fixture
def log():
    """The lines of the log, which is set up as the server sets it up."""
    logger = logging.getLogger("explorer")
    before = logger.handlers, logger.propagate, logger.level
    lines = []

    def begin(how):
        journal.begin(how)
        logger.handlers[0].emit = lambda record: lines.append(json.loads(logger.handlers[0].format(record)))
        return lines

    yield begin
    logger.handlers, logger.propagate = before[:2]
    logger.setLevel(before[2])


@pytest.fixture
def client_at(monkeypatch):
    """Clients at an address of a server that watches its questions."""
    for question in (Complete, Health):
        monkeypatch.setattr(question, "answer", question.answer)  # it is as before afterwards
    watch([Complete, Health], page=lambda: Asker("page", 0.5))

    def client_at(address, queries=False):
        routes = [Mount("/api", routes=ROUTES), *health.ROUTES, metrics.route(lambda: {("Import", "running"): 2})]
        app = Starlette(routes=routes, middleware=[Middleware(journal.Journal, queries=queries)])
        return TestClient(app, client=(address, 50_000))

    return client_at


def counts(client):
    """The samples of /metrics by their names and labels."""
    answer = client.get("/metrics")
    assert answer.headers["content-type"].startswith("application/openmetrics-text")
    families = text_string_to_metric_families(answer.text)
    return {(s.name, *sorted(s.labels.items())): s.value for family in families for s in family.samples}


def question_count(client, **labels):
    return counts(client).get(("explorer_question_seconds_count", *sorted(labels.items())), 0)


def test_questions_are_counted_by_name_door_and_outcome(client_at):
    client = client_at("127.0.0.1")
    labels = {"question": "complete", "door": "api", "outcome": "answered"}
    before, pages = question_count(client, **labels), question_count(client, **{**labels, "door": "page"})
    assert client.get("/api/v1/complete?prefix=airp").status_code == 200
    Complete(prefix="airp").answer()
    assert question_count(client, **labels) == before + 1
    assert question_count(client, **{**labels, "door": "page"}) == pages + 1
    refused = question_count(client, **{**labels, "outcome": "refused"})
    assert client.get("/api/v1/complete?prefix=airp&model=none").status_code == 404
    assert question_count(client, **{**labels, "outcome": "refused"}) == refused + 1
    now = counts(client)
    assert now["explorer_jobs", ("kind", "Import"), ("state", "running")] == 2
    assert now["explorer_model_bytes", ("model", catalog.DEFAULT)] == catalog.load().vectors.nbytes
    assert now["explorer_request_seconds_count", ("status", "200")] >= 1
    assert "airp" not in client.get("/metrics").text


def test_the_log_says_what_was_asked_but_not_with_which_words(client_at, log):
    lines = log("answers")
    assert client_at("192.0.2.1").get("/api/v1/complete?prefix=airp").status_code == 200
    (line,) = lines
    assert {name: line[name] for name in ("level", "question", "method", "status", "address")} == {
        "level": "info", "question": "complete", "method": "GET", "status": 200, "address": "192.0.2.1",
    }  # fmt: skip
    assert line["bytes"] > 0
    assert "airp" not in json.dumps(line)


def test_the_log_has_the_words_where_that_is_wished(client_at, log):
    lines = log("queries")
    assert client_at("192.0.2.1", queries=True).get("/api/v1/complete?prefix=airp").status_code == 200
    assert (lines[0]["path"], lines[0]["query"]) == ("/api/v1/complete", "prefix=airp")


@pytest.mark.parametrize(("how", "has_words"), [("answers", False), ("queries", True)])
def test_a_mistake_of_the_program_stands_in_the_log_with_its_place(client_at, log, monkeypatch, how, has_words):
    lines = log(how)
    monkeypatch.setattr(Complete, "answer", lambda self, progress=None: {}["airp\x1b[31m"])
    assert client_at("192.0.2.1").get("/api/v1/complete?prefix=airp").status_code == 500
    line = lines[0]
    assert (line["level"], line["error"]) == ("error", "KeyError")
    assert line["traceback"][-1].startswith("<lambda>, line")
    assert ("airp" in json.dumps(line)) == has_words
    assert "\x1b" not in json.dumps(line)


def test_a_question_from_elsewhere_is_given_up_after_its_time(client_at, monkeypatch):
    def answer(self, progress):
        for _ in range(1000):
            progress("measuring", 0.5)
        return Said([])

    monkeypatch.setattr(Health, "answer", answer)
    watch([Health], page=lambda: Asker("page", 0.0))
    monkeypatch.setattr(serving, "settings", lambda: Serving(seconds=1))
    monkeypatch.setattr("explorer.service.asking.time.perf_counter", iter(range(100_000)).__next__)
    client = client_at("192.0.2.1")
    outcomes = [{"question": "health", "door": "api", "outcome": outcome} for outcome in ("out of time", "refused")]
    before = [question_count(client, **each) for each in outcomes]
    elsewhere, here = client.get("/api/v1/health"), client_at("127.0.0.1").get("/api/v1/health")
    assert (elsewhere.status_code, here.status_code) == (503, 200)
    assert [question_count(client, **each) for each in outcomes] == [before[0] + 1, before[1]]
    assert elsewhere.json()["error"].startswith("This takes longer than the second that visitors")
    with pytest.raises(UserError, match="This takes longer than the 0 seconds"):
        Health().answer()


def test_time_is_for_those_elsewhere_alone():
    assert patience(5, is_here=False) == 5
    assert patience(5, is_here=True) == patience(0, is_here=False) == math.inf


def test_who_has_waited_too_long_for_a_turn_is_told_when_to_ask_again(client_at, monkeypatch):
    monkeypatch.setattr(answering, "monotonic", count(step=answering.LONGEST_WAIT + 1).__next__)
    answer = client_at("192.0.2.1").get("/api/v1/complete?prefix=a")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "30")
    assert client_at("127.0.0.1").get("/api/v1/complete?prefix=a").status_code == 200


def test_it_lives_and_is_ready_until_it_ends(client_at, monkeypatch):
    client = client_at("192.0.2.1")
    assert client.get("/healthz").json() == {"status": "ok"}
    ready = client.get("/readyz")
    assert (ready.status_code, ready.json()) == (200, {"status": "ready", "model": catalog.DEFAULT, "ending": False})
    monkeypatch.setattr(answering, "_ending", answering.Event())
    monkeypatch.setattr(answering, "_over", answering.Event())
    answering.end(3600)
    assert client.get("/readyz").status_code == 503
    assert client.get("/healthz").status_code == 200
    assert client.get("/api/v1/health?words=100").status_code == 200  # in its time of grace
    answering.end(0)
    assert client.get("/api/v1/health?words=100").status_code == 503


def test_without_its_model_it_is_not_ready(client_at, monkeypatch):
    def load(name=None):
        raise NotThere("There is none.")

    monkeypatch.setattr(catalog, "load", load)
    assert client_at("192.0.2.1").get("/readyz").status_code == 503


def test_one_address_does_not_take_the_turns_of_all(monkeypatch):
    go_on = threading.Event()

    def answer(self, progress=None):
        return Said([self.prefix == "wait" and go_on.wait(PATIENCE)])

    monkeypatch.setattr(Complete, "answer", answer)

    async def ask(prefix, address):
        return await answering.answered(Complete, lambda: Complete(prefix=prefix), asker=Asker("api", 60, address))

    async def ask_all():
        async with anyio.create_task_group() as group:
            for _ in range(20):
                group.start_soon(ask, "wait", "192.0.2.1")
            await anyio.wait_all_tasks_blocked()
            other = await ask("other", "192.0.2.2")
            go_on.set()
        return other

    assert in_a_thread(ask_all) == "[false]"
    assert answering._turns == {}


def test_a_view_of_a_talk_has_the_time_of_who_asks_for_it(monkeypatch):
    askers = []
    monkeypatch.setattr("explorer.service.talks._drawing", lambda page, _state: askers.append(asking.get()) or "{}")
    monkeypatch.setattr(serving, "settings", lambda: Serving(seconds=7))
    for address in ("192.0.2.1", "127.0.0.1"):
        TestClient(Starlette(routes=talks.routes()), client=(address, 50_000)).get("/talk/view?page=health")
    assert askers == [Asker("talk", 7.0, "192.0.2.1"), Asker("talk", math.inf)]
