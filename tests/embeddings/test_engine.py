"""Models in an engine give the answers that they give on this machine; servers that are killed lose nothing."""

import json
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import explorer
from explorer.cli import main
from explorer.embeddings import catalog
from explorer.embeddings.columns import Columns
from explorer.embeddings.engine import connection, entries, models, pushing, removing, vocabulary
from explorer.embeddings.engine.connection import ADDRESS, Engine, Unreachable
from explorer.embeddings.engine.pushing import push
from explorer.embeddings.engine.vocabulary import open_model
from explorer.embeddings.importing import import_model
from explorer.embeddings.neighbours import neighbours
from explorer.embeddings.tags import encode_shares, encode_tags
from explorer.errors import Cancelled, UserError
from explorer.serving import Serving
from tests.embeddings.conftest import own_models  # noqa: F401  a fixture
from tests.embeddings.engines import Server, Standalone, free_port
from tests.embeddings.small import embedding_of
from tests.patience import PATIENCE

pytest.importorskip("pymilvus", reason="the engine is an optional extra: pip install pymilvus milvus-lite")
pytest.importorskip("milvus_lite", reason="the engine is an optional extra: pip install pymilvus milvus-lite")

SIZE = 600
CARD = {"title": "Small", "words": SIZE, "dimensions": 8, "size": 1}
ODD = [
    'say "so"',
    "it's",
    "back\\slash",
    "emoji😀",
    "a=b or 1==1",
    "new\u2028line",
    "%_like%",
    "king",
    "kings",
    "queen",
]
ZERO = 17  # a row of zeros


def small(seed=0):
    """Words with counts, tags and shares of them, two further columns and a vector of zeros."""
    words = ODD + [f"word{number}" for number in range(SIZE - len(ODD))]
    plain = embedding_of(words, sorted(range(2, 2 * SIZE + 2, 2), reverse=True), seed=seed)
    vectors, inverse_norms = plain.vectors.copy(), plain.inverse_norms.astype(np.float32)
    vectors[ZERO], inverse_norms[ZERO] = 0, 0
    shares = [{"NOUN": 0.8, "VERB": 0.2}, {"NOUN": 0.95, "VERB": 0.05}, {"ADJ": 1.0}, {}]
    tags = ["NOUN", "NOUN", "ADJ", ""]
    return replace(
        plain,
        vectors=vectors,
        inverse_norms=inverse_norms,
        tag_codes=encode_tags([tags[row % 4] for row in range(SIZE)]),
        tag_shares=encode_shares([shares[row % 4] for row in range(SIZE)]),
        columns=Columns(
            ("kind", "of year"),
            np.array([np.arange(SIZE) % 3, np.arange(SIZE) % 2], dtype=np.int32),
            (("bird", 'a "boat"', ""), ("1987", "")),
        ),
    )


@pytest.fixture(scope="module")
def here():
    return small()


@pytest.fixture(scope="module")
def engine(tmp_path_factory):
    return Engine(str(tmp_path_factory.mktemp("engine") / "vectors.db"))


@pytest.fixture(scope="module")
def there(here, engine):
    """The same model in the engine."""
    return open_model(engine, push(here, CARD, engine).entry)


def test_all_that_is_known_of_the_words_comes_back(here, there):
    assert there.words == here.words
    for name in ("inverse_norms", "counts", "tag_codes", "tag_shares"):
        np.testing.assert_array_equal(getattr(there, name), getattr(here, name))
    assert there.columns.names == here.columns.names
    assert [there.further(row) for row in range(SIZE)] == [here.further(row) for row in range(SIZE)]
    np.testing.assert_array_equal(there.vectors[:], here.vectors)
    np.testing.assert_array_equal(there.vectors[[5, 3, 5]], here.vectors[[5, 3, 5]])
    np.testing.assert_array_equal(there.vectors[-1], here.vectors[-1])
    np.testing.assert_array_equal(there.vectors[:9, [1, 4]], here.vectors[:9, [1, 4]])


FILTERS = [
    {},
    {"pos": "VERB"},
    {"pos": ["ADJ", "VERB"]},
    {"pos": "INTJ"},
    {"minimum_count": 300, "maximum_count": 900},
    {"band": "high"},
    {"band": "medium", "pos": "NOUN"},
    {"band": "low", "minimum_count": 3},
    {"where": ['kind=a "boat"', "kind=bird", "of year=1987"]},
    {"where": ["of year="], "pos": "NOUN"},
    {"among": ["king", "queen", "word3", "it's"]},
    {"pattern": "7$"},
    {"pattern": "[0-8]$", "minimum_count": 100},
    {"without_forms": True},
    {"without_forms": True, "pos": "NOUN"},
]


@pytest.mark.parametrize("filters", FILTERS, ids=str)
@pytest.mark.parametrize("word", ["king", "king - queen + word5"])
def test_neighbours_are_those_of_the_exact_search(here, there, word, filters, monkeypatch):
    from explorer.embeddings.engine import vectors

    monkeypatch.setattr(vectors, "_MOST_NAMED", 100)  # so that longer lists of rows are asked part by part
    assert_alike(*(neighbours(model, word, 12, **filters) for model in (here, there)))


def assert_alike(mine, theirs):
    """The same words in their order, and their cosines; the engine's say how far they can be trusted."""
    assert [row.word for row in theirs.rows] == [row.word for row in mine.rows]
    for my, their in zip(mine.rows, theirs.rows, strict=True):
        assert their.similarity == pytest.approx(my.similarity, abs=1e-5)
        assert replace(their, similarity=0, score=0) == replace(my, similarity=0, score=0)
    assert theirs.candidates == mine.candidates
    assert mine.recall is None
    assert (theirs.recall, theirs.probes) == (1.0, 200)
    assert any(
        "The engine finds 100.0% of the 10 true nearest words, as measured on 200 words" in each
        for each in theirs.sentences
    )


def test_a_vector_of_zeros_is_near_to_nothing_and_nothing_to_it(here, there):
    every = neighbours(there, "king", SIZE)
    assert [row.word for row in every.rows] == [row.word for row in neighbours(here, "king", SIZE).rows]
    assert here.words[ZERO] not in {row.word for row in every.rows}
    assert neighbours(there, here.words[ZERO], 3).rows == ()


@pytest.mark.parametrize(
    "ask",
    [
        lambda there: neighbours(there, "king", metric="euclidean"),
        lambda there: np.asarray(there.vectors),
        lambda there: there.vectors @ there.vectors[0],
        lambda there: there.vectors - 1,
        lambda there: there.vectors.mean(axis=0),
    ],
)
def test_what_needs_all_vectors_says_so(there, ask):
    with pytest.raises(UserError, match=r"small@engine.* a model on this machine"):
        ask(there)


def test_a_model_is_loaded_once_and_no_other_one_over_it(here, there, engine):
    again = push(here, CARD, engine)
    assert again.loaded == 0
    with pytest.raises(UserError, match="has another model called small"):
        push(small(seed=1), CARD, engine)
    with pytest.raises(UserError, match="in an engine already"):
        push(there, CARD, engine)


def test_an_entry_of_another_layout_is_refused(here, engine, there, monkeypatch):
    other = replace(there.vectors.entry, name="later", layout=2)
    entries.write_entry(engine, other)
    assert list(entries.models_of(engine).entries) == ["small"]
    with pytest.raises(UserError, match="has later in layout 2, but this version reads layout 1"):
        push(replace(here, name="later"), CARD, engine)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("server") / "data")
    server.start()
    yield server
    server.kill()


def test_a_load_that_is_cut_off_goes_on_from_there(here, server, monkeypatch):
    monkeypatch.setattr(pushing, "_BATCH", 100)

    def kill(doing, share):
        if share == 0.5:
            server.kill()

    def cancel(doing, share):
        if share > 0.8:
            raise Cancelled("stopped")

    with pytest.raises(Unreachable, match=r"does not answer.*confirmed stay there: push again"):
        push(here, CARD, Engine(server.address), kill)
    server.start()
    heard = []
    with pytest.raises(Cancelled):
        push(here, CARD, Engine(server.address), lambda *progress: (heard.append(progress), cancel(*progress)))
    assert heard[0] == ("loading", 0.5)
    engine = Engine(server.address)
    assert not entries.models_of(engine).entries  # a part is no model

    def lose(doing, share):
        if doing == "measuring":
            raise Unreachable("Gone.")

    with pytest.raises(Unreachable, match="confirmed stay there: push again"):
        push(here, CARD, engine, lose)
    pushed = push(here, CARD, engine)
    assert pushed.loaded == 0
    there = open_model(engine, pushed.entry)
    assert there.words == here.words
    np.testing.assert_array_equal(there.vectors[:], here.vectors)


def test_an_engine_that_is_gone_is_missed_by_its_models_alone(here, server, monkeypatch, capsys):
    push(here, CARD, Engine(server.address))
    monkeypatch.setenv(ADDRESS, server.address)
    monkeypatch.setattr(entries, "_lists", {})
    monkeypatch.setattr(models, "_opened", {})
    asked = explorer.neighbours("king", model="small@engine", n=3).as_json()
    assert "small@engine" in catalog.names()
    with ThreadPoolExecutor() as pool:
        server.hang()
        waiting = pool.submit(explorer.neighbours, "queen", model="small@engine")
        server.kill()
        with pytest.raises(UserError, match="The engine does not answer"):
            waiting.result()
    with pytest.raises(UserError, match="The engine does not answer"):
        explorer.neighbours("king", model="small@engine")
    assert explorer.complete("queen", model="small@engine").as_json()["total"] == 1  # its words are here
    assert explorer.neighbours("king", n=3).rows
    both = explorer.side_by_side("king", models=["wiki-en-glove", "small@engine"]).as_json()["models"]
    assert ["does not answer" in column.get("problem", "") for column in both] == [False, True]
    monkeypatch.setattr(entries, "_KNOWN_FOR", 0)
    assert main(["models"]) == 0
    out, err = capsys.readouterr()
    assert "wiki-en-glove" in out
    assert "small@engine" not in catalog.names()
    assert "The engine does not answer" in err
    server.start()
    assert explorer.neighbours("king", model="small@engine", n=3).as_json() == asked


def test_two_names_of_one_content_are_two_models_also_after_a_cut_in_the_first_batch(here, tmp_path, monkeypatch):
    engine = Engine(str(tmp_path / "vectors.db"))
    send, twin, methods = engine.ask, replace(here, name="twin"), []

    def cut(method, collection="", rows=(), **named):
        if method == "insert":
            send(method, collection, rows[:7], **named)
            raise Unreachable("It is gone.")
        return send(method, *filter(None, (collection, rows)), **named)

    monkeypatch.setattr(engine, "ask", cut)
    with pytest.raises(Unreachable, match="push again to go on"):
        push(here, CARD, engine)
    monkeypatch.setattr(
        engine, "ask", lambda method, *what, **how: (methods.append(method), send(method, *what, **how))[1]
    )
    assert push(here, CARD, engine).loaded == SIZE
    assert "insert" not in methods  # it would have the first rows twice
    assert push(twin, CARD, engine).loaded == SIZE
    monkeypatch.setattr(models, "engine", lambda: engine)
    monkeypatch.setattr(models, "_opened", {})
    assert models.if_open("twin@engine") is None
    loaded = [models.load(f"{name}@engine") for name in ("small", "twin")]
    assert [model.name for model in loaded] == ["small@engine", "twin@engine"]
    assert [model.words for model in loaded] == [here.words] * 2
    assert models.if_open("twin@engine") is loaded[1]


def test_rows_that_are_too_many_are_said(here, tmp_path):
    engine = Engine(str(tmp_path / "vectors.db"))

    def cancel(doing, share):
        if doing == "indexing":
            raise Cancelled("stopped")

    with pytest.raises(Cancelled):
        push(here, CARD, engine, cancel)
    rows = [record | {"row": SIZE + number} for number, record in enumerate(vocabulary.records(here, 0, 3))]
    engine.ask("insert", entries.entry_of(engine, here.name).collection, rows)
    with pytest.raises(UserError, match="has 603 rows of small, but the model has 600 words"):
        push(here, CARD, engine)


def test_a_model_that_a_server_still_loads_says_so_in_time(monkeypatch):
    engine, waits = Engine("http://localhost:1"), []

    def load(collection, timeout):
        waits.append(timeout)
        raise connection.pymilvus().FAILURES[0](
            message=f"wait for loading collection timeout, collection: {collection}"
        )

    monkeypatch.setattr(engine, "_client", SimpleNamespace(load_collection=load))
    with pytest.raises(Unreachable, match="still loading this model"):
        engine.ask("search", "x", timeout=4)
    assert waits == [4]


@pytest.mark.nightly
def test_the_standalone_server_answers_as_this_machine_does_also_after_it_was_killed(here, tmp_path, monkeypatch):
    if reason := Standalone.is_missing():
        pytest.skip(reason)
    monkeypatch.setattr(pushing, "_BATCH", 100)
    server = Standalone(tmp_path / "milvus")
    server.start()
    try:

        def kill(doing, share):
            if share == 0.5:
                server.kill()

        engine = Engine(server.address)
        with pytest.raises(Unreachable):
            push(here, CARD, engine, kill)
        server.start()
        pushed = push(here, CARD, engine)
        assert pushed.loaded == 300
        assert pushed.entry.index == "HNSW"
        there = open_model(engine, pushed.entry)
        assert there.words == here.words
        np.testing.assert_array_equal(there.vectors[:], here.vectors)
        for filters in FILTERS:
            assert_alike(*(neighbours(model, "king", 12, **filters) for model in (here, there)))
        server.kill()
        with pytest.raises(Unreachable):
            neighbours(there, "king")
        server.start()
        engine.ask("load_collection", pushed.entry.collection, timeout=PATIENCE)  # a question waits for it less long
        assert_alike(*(neighbours(model, "king", 12) for model in (here, there)))
    finally:
        server.kill()


@pytest.fixture
def ask(monkeypatch, capsys):
    """A command with an engine, and what it said."""

    def run(address, *words):
        monkeypatch.setenv(ADDRESS, address)
        status = main([*words])
        return (status, *capsys.readouterr())

    monkeypatch.setattr(entries, "_lists", {})
    monkeypatch.setattr(models, "_opened", {})
    return run


@pytest.mark.usefixtures("own_models")
def test_from_push_to_answer_on_the_command_line(ask, tmp_path):
    lines = [f"{word},{9 - row},{row % 3},1,{row}" for row, word in enumerate("king queen car bus tram ship".split())]
    (tmp_path / "own.csv").write_text("word,count,x1,x2,x3\n" + "\n".join(lines))
    import_model(tmp_path / "own.csv", "own")
    address = str(tmp_path / "vectors.db")
    status, out, _err = ask(address, "push", "own", "--to", address)
    assert status == 0
    assert out.startswith("own is in the engine: 6 words × 3 dimensions.\nThe engine finds 100.0%")
    assert f"EXPLORER_ENGINE={address} explorer neighbours WORD --model own@engine" in out
    assert "already: nothing was loaded" in ask(address, "push", "own", "--to", address)[1]
    mine, theirs = (
        json.loads(ask(address, "neighbours", "car", "--json", "--model", name)[1]) for name in ("own", "own@engine")
    )
    words = [[row["word"] for row in each["neighbours"]] for each in (mine, theirs)]
    assert words[0] == words[1]
    assert (theirs["recall"], theirs["probes"]) == (1.0, 6)
    card = json.loads(ask(address, "card", "own@engine", "--json")[1])
    assert card["engine"] == {"index": "FLAT", "all": 1.0, "filtered": 1.0, "probes": 6, "nearest": 10}
    assert [row["name"] for row in json.loads(ask(address, "models", "--json")[1])["models"]] == ["own", "own@engine"]
    assert "has no model called “nothing”. It has: own@engine." in ask(address, "card", "nothing@engine")[2]
    assert "EXPLORER_ENGINE" in ask("", "card", "own@engine")[2]
    gone_from_here = ask(address, "remove", "own", "--yes")
    assert gone_from_here[:2] == (0, "own is removed.\n")
    assert [row["name"] for row in json.loads(ask(address, "models", "--json")[1])["models"]] == ["own@engine"]
    status, _out, err = ask(address, "remove", "own", "--from", address)
    assert status == 2
    assert f"Delete own from {address}, 6 words? Nobody can be asked here: give --yes to delete it." in err
    assert ask("", "remove", "own@engine", "--from", address, "--yes")[:2] == (0, "own is removed from the engine.\n")
    assert "has no model called “own”. It has: none." in ask("", "remove", "own", "--from", address, "--yes")[2]
    assert json.loads(ask(address, "models", "--json")[1])["models"] == []


def test_a_model_that_was_pushed_in_part_is_removed_as_well(tmp_path, monkeypatch):
    monkeypatch.setattr("explorer.embeddings.engine.pushing._finish_index", lambda *_: 1 / 0)
    engine = Engine(str(tmp_path / "vectors.db"))
    with pytest.raises(ZeroDivisionError):
        push(small(), CARD, engine)
    assert removing.rows_of(engine, "small") == SIZE
    removing.remove(engine, "small")
    assert entries.names_of(engine) == []
    assert engine.ask("list_collections") == ["explorer_models"]


@pytest.mark.parametrize(
    ("address", "sentence"),
    [
        ("nonsense", "no address of an engine"),
        ("ftp://host:1", "no address of an engine"),
        ("http://host:99999", "no address of an engine"),
        ("http://me:secret@host", "holds no password"),
        ("http://127.0.0.1:{free_port}", "The engine does not answer"),
        ("/no/such/folder/x.db", "file of the engine cannot be opened"),
    ],
)
def test_an_address_that_is_wrong_gets_a_sentence(ask, address, sentence):
    address = address.format(free_port=free_port())
    status, _out, err = ask("", "push", "wiki-en-glove", "--to", address)
    assert status == 2
    assert sentence in err
    assert "secret" not in err
    status, out, err = ask(address, "models")
    assert (status, "wiki-en-glove" in out, sentence in err) == (0, True, True)
    assert sentence in ask(address, "neighbours", "king", "--model", "x@engine")[2]
    if "http://127" not in address and "/no/" not in address:
        with pytest.raises(UserError, match=sentence):
            Serving(engine=address)


def test_without_pymilvus_there_is_a_sentence(ask, monkeypatch):
    for name in ("pymilvus", "explorer.embeddings.engine.milvus"):
        monkeypatch.setitem(sys.modules, name, None)
    monkeypatch.delattr("explorer.embeddings.engine.milvus", raising=False)
    monkeypatch.setattr(connection, "at", Engine)
    status, _out, err = ask("", "push", "wiki-en-glove", "--to", "http://localhost:1")
    assert (status, err) == (2, "explorer: An engine needs pymilvus: pip install pymilvus milvus-lite.\n")
