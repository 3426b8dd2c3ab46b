"""Light questions: those that come at once share a reading of the vectors, and their answers are kept."""

import gc
import json
import tracemalloc
import weakref

import anyio
import pytest
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.routing import Mount
from starlette.testclient import TestClient

from explorer.embeddings import catalog
from explorer.embeddings.engine import models as engine
from explorer.embeddings.model_files import CARD, SISTERS
from explorer.embeddings.search import exact
from explorer.questions.question import Basis
from explorer.questions.words import Neighbours
from explorer.service import answering, gathering
from explorer.service.answer_cache import AnswerCache
from explorer.service.answering import Refusal, answered
from explorer.service.api import ROUTES, Shortcut
from tests.embeddings.conftest import WORDS, own_models, write_model  # noqa: F401
from tests.embeddings.test_reading import no_memory_for_several
from tests.loops import in_a_thread

CARD_TEXT = 'title = "Tiny"\nwords = 9\ndimensions = 3\nsize = 1\n'


@pytest.fixture
def tiny(own_models, monkeypatch):  # noqa: F811
    """A model that is open, of which nobody has asked anything yet."""
    monkeypatch.setattr(answering, "answers", AnswerCache())
    folder = write_model(own_models / "tiny", WORDS | {"nothing": (1, "NOUN", [0, 0, 0])})
    (folder / CARD).write_text(CARD_TEXT)
    return catalog.load("tiny")


@pytest.fixture
def readings(monkeypatch):
    """How many queries each reading of the vectors has answered."""
    many, sizes = exact.nearest_of_many, []
    monkeypatch.setattr(exact, "nearest_of_many", lambda *given: sizes.append(len(given[2])) or many(*given))
    return sizes


def ask_at_once(*questions):
    """The answers to questions, given as their values, that come at the same moment."""

    async def ask_all():
        answers = [None] * len(questions)

        async def ask(place, values):
            answers[place] = await answered(Neighbours, lambda: Neighbours(**values), is_short=True)

        async with anyio.create_task_group() as group:
            for place, values in enumerate(questions):
                group.start_soon(ask, place, values)
        return answers

    return in_a_thread(ask_all)


def about(word, n=3, **more):
    return {"word": word, "n": n, "model": "tiny"} | more


def alone(question):
    return json.loads(json.dumps(Neighbours(**question).answer().as_json()))


def test_questions_that_come_at_once_share_a_reading_and_are_answered_as_if_each_were_alone(tiny, readings):
    questions = [about(word, n) for n, word in enumerate(tiny.words, start=1)]
    answers = ask_at_once(*questions)
    assert readings[0] == len(tiny.words) - 1  # nothing is near to zeros, so these are not searched for
    assert [json.loads(answer) for answer in answers] == list(map(alone, questions))


def test_a_refusal_among_them_reaches_who_asked_alone(tiny, readings, monkeypatch):
    compute = Neighbours.answer

    def answer(self, progress):
        if self.word == "fly":
            raise MemoryError
        return compute(self, progress)

    monkeypatch.setattr(Neighbours, "answer", answer)
    first, refused, last = ask_at_once(about("plane"), about("fly"), about("Paris"))
    assert json.loads(first)["word"] == "plane"
    assert json.loads(last)["word"] == "Paris"
    assert isinstance(refused, Refusal)
    assert "more memory" in refused.sentence
    assert readings == [3]


def test_who_leaves_is_not_waited_for_and_holds_up_nobody(tiny):
    async def leave_and_ask():
        with anyio.CancelScope() as scope:
            scope.cancel()
            await answered(Neighbours, lambda: Neighbours(**about("plane")), is_short=True)
        assert scope.cancelled_caught
        return await answered(Neighbours, lambda: Neighbours(**about("fly")), is_short=True)

    assert json.loads(in_a_thread(leave_and_ask))["word"] == "fly"


def test_a_thread_that_fails_lets_nobody_wait_for_ever(tiny, monkeypatch):
    async def ask():
        with anyio.fail_after(60):
            return await answered(Neighbours, lambda: Neighbours(**about("plane")), is_short=True)

    async def fail_and_ask():
        with monkeypatch.context() as patched:
            patched.setattr(gathering, "_outcomes", fail)
            with pytest.raises(MemoryError):
                await ask()
        return await ask()

    def fail(together):
        raise MemoryError

    assert json.loads(in_a_thread(fail_and_ask))["word"] == "plane"


def test_where_the_shared_reading_fails_each_is_answered_alone(tiny, monkeypatch):
    no_memory_for_several(monkeypatch)
    assert [json.loads(each)["word"] for each in ask_at_once(about("plane"), about("fly"))] == ["plane", "fly"]


@pytest.mark.parametrize(
    "more",
    [{"word": "plane - fly"}, {"word": "nowhere"}, {"pos": ["NOUN"]}, {"n": 101}, {"metric": "dot"}, {"model": "none"}],
)
def test_other_questions_are_not_light(tiny, more):
    assert Neighbours(**about("plane")).basis()
    assert Neighbours(**about("plane") | more).basis() is None


def test_no_engine_is_asked_where_all_others_would_wait_for_it(tiny, monkeypatch):
    monkeypatch.setattr(engine, "_entry", lambda name: pytest.fail(f"The engine was asked for {name}."))
    assert Neighbours(word="plane", model="tiny@engine").basis() is None


def test_a_model_that_who_asks_does_not_see_makes_no_light_question(tiny, monkeypatch):
    ask_at_once(about("plane"))
    monkeypatch.setattr(catalog.belongings, "sees", lambda belonging: False)
    (refused,) = ask_at_once(about("plane"))
    assert refused.status == 404


def test_an_answer_is_kept_for_the_same_question_in_the_same_format(tiny, readings):
    twice = [*ask_at_once(about("plane")), *ask_at_once(about("plane"))]
    assert twice[0] == twice[1]
    assert readings == [1]
    ask_at_once(about("plane", 2))
    ask_at_once(about("fly"))
    assert readings == [1, 1, 1]


def test_an_answer_is_not_kept_longer_than_its_model_and_what_is_known_beside_it(tiny, readings):
    (first,) = ask_at_once(about("plane"))
    folder = catalog.folder("tiny")
    (folder / SISTERS).write_bytes(b"damaged")
    (damaged,) = ask_at_once(about("plane"))
    assert isinstance(damaged, Refusal)
    (folder / SISTERS).unlink()
    assert ask_at_once(about("plane")) == [first]
    assert readings == [1, 1]
    (folder / CARD).write_text(f"{CARD_TEXT}\n# another model\n")
    catalog.load("tiny")
    assert ask_at_once(about("plane")) == [first]
    assert len(readings) == 3


def test_what_was_asked_for_last_is_kept_and_keeps_no_model_open(tiny):
    answers = AnswerCache(most=3_000)  # for two of 300 characters, with what they are found by
    basis = Neighbours(**about("plane")).basis()
    for word in ("a", "b", "c"):
        answers.keep(word * 300, basis, word)
        answers.get(basis, "a")
    assert [bool(answers.get(basis, word)) for word in ("a", "b", "c")] == [True, False, True]
    answers.keep("d" * 3_000, basis, "d")
    assert not any(answers.get(basis, word) for word in "abcd")
    model = tiny.subset(slice(None))
    answers.keep("e", Basis(model, None), "e")
    is_there = weakref.ref(model)
    del model
    gc.collect()
    assert is_there() is None
    answers.keep("f" * 1_800, basis, "f")  # in the place of the one whose model is gone
    assert answers.get(basis, "f")


def test_what_is_kept_takes_no_more_memory_than_it_may(tiny):
    most, question = 2**20, Neighbours(**about("plane", 1))
    text, basis = json.dumps(alone(about("plane", 1))), question.basis()
    tracemalloc.start()
    answers = AnswerCache(most)
    for number in range(3_000):
        answers.keep(f"{text}{number}", basis, Neighbours(**about(f"plane{number}", 1)), "json", "")
    size, _highest = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert most / 2 < size < most


def test_the_api_answers_the_same_with_and_without_the_layers_of_the_pages(tiny):
    routes = [Mount("/api", routes=ROUTES)]
    short, long = (TestClient(Starlette(routes=routes, middleware=layers)) for layers in ([Middleware(Shortcut)], []))
    address = "/api/v1/neighbours?word=plane&model=tiny&n=7"
    for headers in ({"accept-encoding": "gzip"}, {"accept-encoding": "identity"}):
        answer = short.get(address, headers=headers)
        assert answer.json() == long.get(address).json()
        assert answer.headers.get("content-encoding", "identity") == headers["accept-encoding"]
        assert Headers(raw=answer.headers.raw).getlist("vary") == ["Accept-Encoding"]
    for path in ("/api/v1/openapi.json", "/api/v1/nothing", "/api/models", "/api/v1", "/api/v12"):
        assert (short.get(path).status_code, short.get(path).text) == (long.get(path).status_code, long.get(path).text)
