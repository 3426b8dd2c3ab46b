"""Cards: whatever is wrong with one takes down its own model alone, with a sentence, on every page and over HTTP."""

import gc
import json
import weakref

import pytest
from starlette.applications import Starlette
from starlette.routing import Mount
from starlette.testclient import TestClient

from explorer.embeddings import catalog, store
from explorer.embeddings.importing import import_model
from explorer.embeddings.patterns import beginning_with
from explorer.errors import NotThere, UserError
from explorer.service.api import ROUTES
from tests.embeddings.conftest import WORDS, write_model
from tests.embeddings.test_store import with_subwords
from tests.test_pages import PAGES, visit

GOOD = 'title = "Good"\nwords = 8\ndimensions = 3\nsize = 1\n'
ORIGIN = '[source]\nfile = "x.txt"\nformat = "GloVe"\ndate = 2024-01-01\n'

BAD = {
    "half copied": (GOOD[:-8], "cannot be read as TOML"),
    "empty": ("", "lacks title and words and dimensions and size"),
    "no text": (b"\xff\xfe\x00", "not UTF-8"),
    "a title of another type": (GOOD.replace('"Good"', "5"), "title is no text in quotation marks, but 5"),
    "a title that is a list": (GOOD.replace('"Good"', '["Good"]'), "title is no text"),
    "a title nested deep": (GOOD.replace('"Good"', "[" * 500 + "]" * 500), "lists or tables within each other"),
    "a nest in a table": (GOOD + "[training]\nx = " + "[" * 90 + "]" * 90, "lists or tables within each other"),
    "a key of very many parts": (GOOD + "a" + ".a" * 20_000 + " = 1", "parts with dots between them"),
    "too long": (GOOD + "#" * 200_000, "more than the 100,000 characters"),
    "a description of another type": (GOOD + "description = 1.5", "description is no text"),
    "a source of another type": (GOOD + "source = 5", "source is not a table"),
    "a source without its file": (GOOD + ORIGIN.replace("file", "other"), "lacks source.file"),
    "a source with another file": (GOOD + ORIGIN.replace('"x.txt"', "5"), "source.file is no text"),
    "a corpus whose name is another": (GOOD + "[corpus]\nname = 5", "corpus.name is no text"),
    "scores that are text": (GOOD + '[scores]\nanalogies = "x"', "scores.analogies is no number"),
    "scores that are none": (GOOD + "[scores]\nanalogies = nan", "one of its numbers is nan"),
    "a number that is none within": (GOOD + "[training]\nx = [{y = inf}]", "one of its numbers is inf"),
    "numbers that are true": (GOOD.replace("words = 8", "words = true"), "words is no whole number"),
    "numbers that are text": (GOOD.replace("words = 8", 'words = "8"'), "words is no whole number"),
}


def write_card(models, name, text):
    """A model that can be opened, but for its card."""
    folder = write_model(models / name)
    (folder / "card.toml").write_bytes(text if isinstance(text, bytes) else text.encode())


@pytest.mark.parametrize("name", BAD)
def test_a_bad_card_is_said_and_the_other_models_stay(own_models, name):
    text, says = BAD[name]
    write_card(own_models, "bad", text)
    write_card(own_models, "good", GOOD)
    with pytest.raises(UserError, match=r"card.*bad.*cannot be read") as error:
        catalog.card("bad")
    assert says in str(error.value)
    assert len(str(error.value)) < 400
    cards, (problem,) = catalog.cards()
    assert ([card.name for card in cards], problem) == (["good"], str(error.value))
    assert (catalog.title("bad"), catalog.title("good")) == ("bad", "Good")


def test_dates_are_text_and_every_card_is_json(own_models):
    write_card(own_models, "good", GOOD + "[training]\nwhen = [{at = 2024-01-01T10:00:00Z}, 10:00:00]\n" + ORIGIN)
    card = catalog.card("good")
    assert card.training == {"when": [{"at": "2024-01-01T10:00:00+00:00"}, "10:00:00"]}
    assert card.source["date"] == "2024-01-01"
    json.dumps(card.as_json(), allow_nan=False)


def test_the_list_of_models_over_http_lacks_the_bad_one_alone(own_models):
    for number, (text, _) in enumerate(BAD.values()):
        write_card(own_models, f"bad{number}", text)
    write_card(own_models, "good", GOOD + "[training]\nwhen = 2024-01-01")
    answer = TestClient(Starlette(routes=[Mount("/api", routes=ROUTES)])).get("/api/models")
    assert answer.status_code == 200
    assert [card["name"] for card in answer.json()] == ["good"]


@pytest.mark.parametrize("page", sorted(path.stem for path in PAGES.glob("*.py")))
def test_every_page_bears_bad_cards(own_models, monkeypatch, page):
    monkeypatch.setattr(catalog, "DEFAULT", "good")
    write_card(own_models, "good", GOOD)
    for number, name in enumerate(("half copied", "a title of another type", "scores that are text")):
        write_card(own_models, f"bad{number}", BAD[name][0])
    assert not visit(page).exception


def test_subwords_without_their_numbers_are_said(own_models, lexicon, cache):
    folder = write_model(own_models / "guessing")
    with_subwords(folder)
    for text in ("", "subwords = 5", '[subwords]\nminimum = "3"\nmaximum = 4\nbuckets = 6'):
        (folder / "card.toml").write_text(text, encoding="utf-8")
        with pytest.raises(UserError, match=r"lacks \[subwords\] with the whole numbers minimum, maximum, buckets"):
            store.open_model(folder, lexicon, cache)


def test_beyond_the_budget_the_model_that_was_asked_longest_ago_is_let_go(own_models, tmp_path, monkeypatch):
    for name in ("one", "two", "three"):
        (file := tmp_path / f"{name}.txt").write_text("king 1 0\nqueen 0 1\n")
        import_model(file, name)
    size = catalog.load("one").vectors.nbytes
    monkeypatch.setattr(catalog, "most_bytes", 2 * size)
    asked = [weakref.ref(catalog.load(name)) for name in ("one", "two")]
    for model in asked:  # also by what keeps something for each model
        assert beginning_with(model(), "k").total == 1
    catalog.load("one")
    catalog.load("three")
    gc.collect()
    assert list(catalog.opened()) == ["one", "three"]
    assert [model() is None for model in asked] == [False, True]
    monkeypatch.setattr(catalog, "most_bytes", 1)
    assert list(catalog.load("two").words) == ["king", "queen"]
    assert list(catalog.opened()) == ["two"]


def test_a_run_of_a_page_sees_a_model_as_it_was_at_first(own_models, tmp_path):
    (file := tmp_path / "words.txt").write_text("king 1 0\nqueen 0 1\n")
    import_model(file, "one")
    with catalog.steady():
        first = catalog.load("one")
        file.write_text("dog 1 0\ncat 0 1\n")
        import_model(file, "one", replace=True)
        assert catalog.load("one") is first
    assert list(catalog.load("one").words) == ["dog", "cat"]


def test_examples_may_be_asked_for_among_the_most_frequent_words(own_models, tmp_path):
    (file := tmp_path / "words.txt").write_text("the 1 0\nking 0 1\nqueen 1 1\n")
    import_model(file, "one")
    assert catalog.examples("one", ["queen", "king"]) == ["queen", "king"]
    assert catalog.examples("one", ["queen", "king"], among=2) == ["king"]
    assert catalog.examples("one", ["queen", "king"], among=1) == ["the", "king"]


@pytest.mark.parametrize(
    ("text", "models"),
    [
        ("plane", ["has", "has-too"]),
        ("plane - fly", ["has", "has-too"]),
        ("plane fly", ["has", "has-too"]),
        ("car", ["other"]),
        ("", []),
    ],
)
def test_the_models_that_have_a_word_a_phrase_or_a_formula_are_opened_one_after_the_other(own_models, text, models):
    for name, words in (("has", WORDS), ("has-too", WORDS), ("other", {"car": (1, "NOUN", [1, 0, 0])})):
        (write_model(own_models / name, words) / "card.toml").write_text(GOOD)
    having = catalog.models_with(text)
    assert catalog.opened() == {}
    assert list(having) == models
    catalog.close("has-too")
    next(catalog.models_with("plane"))
    assert "has-too" not in catalog.opened()


@pytest.mark.parametrize("sees", [catalog.belongings.everything, lambda belonging: True], ids=["all", "who logged in"])
@pytest.mark.parametrize("name", ["x" * 100_000, "é" * 200, "x\0", "../x"])
def test_a_name_that_no_folder_can_have_is_no_model(own_models, monkeypatch, sees, name):
    write_card(own_models, "good", GOOD)
    monkeypatch.setattr(catalog.belongings, "sees", sees)
    with pytest.raises(NotThere, match=r"There is no model called .* There are: good\.") as error:
        catalog.load(name)
    assert len(str(error.value)) < 400


def test_a_run_of_a_page_holds_no_model_that_it_only_looks_into(own_models, tmp_path, monkeypatch):
    for name in ("one", "two", "three"):
        (file := tmp_path / f"{name}.txt").write_text("king 1 0\nqueen 0 1\n")
        import_model(file, name)
    monkeypatch.setattr(catalog, "most_bytes", 1)
    opened = []
    open_model = catalog.open_model
    monkeypatch.setattr(
        catalog, "open_model", lambda *where: opened.append(weakref.ref(it := open_model(*where))) or it
    )
    with catalog.steady():
        assert list(catalog.models_with("nowhere")) == []
        gc.collect()
        assert [model() is None for model in opened] == [True] * (len(opened) - 1) + [False]
