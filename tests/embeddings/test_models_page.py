"""The models page through Streamlit's own test runner: it reads what it offers, and a failure leaves nothing."""

import os
import shutil

import numpy as np
import pytest

from explorer.embeddings import catalog
from explorer.embeddings.embedding import Embedding
from explorer.embeddings.importing import import_model
from explorer.service.jobs import queue
from explorer.ui import jobs
from tests.embeddings.conftest import write_model
from tests.test_pages import sentences, visit


@pytest.fixture
def page(own_models, jobs_in_threads, monkeypatch):
    monkeypatch.setattr(jobs, "_QUICK", 30)
    (own_models / "glove.txt").write_text("a 1 2\nb 2 1\n")
    (own_models.parent / "secret.txt").write_text("a 1 2\nb 2 1\n")
    return visit("models")


def choose_and_import(page, file):
    page.selectbox[0].set_value("glove.txt").run()  # which enables the button
    page.selectbox[0].options.append(file)
    page.selectbox[0].set_value(file)
    next(button for button in page.button if button.label == "Import").click().run()
    return "\n".join(sentences(page))


def test_a_file_that_lies_in_models_is_imported(page):
    assert "glove is imported: 2 words × 2 dimensions" in choose_and_import(page, "glove.txt")
    assert catalog.names() == ["glove"]


def test_numbers_are_uploaded_with_a_list_of_their_words_and_what_was_taken_stays_on_the_card(page):
    page.file_uploader[0].set_value(("mine.txt", b"0.5 1\n0 0\n", "text/plain"))
    page.file_uploader[1].set_value(("words.lst", b"fruit\napple\npear\n", "text/plain")).run()
    next(button for button in page.button if button.label == "Import").click().run()
    assert list(catalog.load("mine").words) == ["apple", "pear"]
    note = "its first line, with “fruit”, was taken for a header. 1 of 2 vectors is all zeros"
    assert note in "\n".join(sentences(page))
    assert note in catalog.card("mine").source["note"]


def test_no_other_file_is(page, own_models):
    assert "secret" not in choose_and_import(page, "../secret.txt")
    assert sorted(os.listdir(own_models)) == ["glove.txt", "lexicon.tsv.gz"]


def test_an_upload_that_cannot_be_kept_leaves_nothing(page, own_models, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(shutil, "copyfileobj", full)
    page.file_uploader[0].set_value(("mine.txt", b"a 1 2\n", "text/plain")).run()
    next(button for button in page.button if button.label == "Import").click().run()
    assert "No space left on device. Free some space" in "\n".join(sentences(page))
    assert list(queue.place().glob("[0-9]*")) == []


@pytest.mark.parametrize(
    ("wanted", "least", "asked"),
    [
        (["airplane"], 1, ["airplane"]),
        (["paris"], 1, ["paris"]),  # found in another case
        (["helicopter"], 1, ["the"]),
        (["airplane", "helicopter"], 1, ["airplane"]),
        (["airplane", "helicopter"], 2, ["the", "plane"]),
    ],
)
def test_a_model_is_asked_for_words_that_it_has(own_models, wanted, least, asked):
    write_model(own_models / "tiny")
    (own_models / "tiny" / "card.toml").write_text('title = "Tiny"\nwords = 8\ndimensions = 3\nsize = 1\n')
    assert catalog.examples("tiny", wanted, least) == asked


def test_words_that_no_list_can_hold_are_no_examples(monkeypatch):
    words, lengths = [", ", "new york", "zero", "x" * 101, "🛩"], np.array([1, 1, 0, 1, 1], dtype=np.float32)
    odd = Embedding("odd", words, lengths[:, None], lengths, np.zeros(5, int), np.zeros(5, np.uint8))
    monkeypatch.setattr(catalog, "load", lambda name: odd)
    assert catalog.examples("odd") == ["🛩"]


def test_a_model_that_cannot_be_opened_is_asked_what_is_wanted(own_models):
    assert catalog.examples("nowhere") == ["airplane"]


OWN = [f"{letter}{number}" for letter in "klm" for number in range(40)]
ASKED = [
    ("home", {}),
    ("neighbours", {"vocabulary": "true", "why": "true"}),
    ("side_by_side", {"models": "own", "most": "60", "first": "own", "second": "own"}),
    ("map", {}),
    ("map", {"show": "list"}),
    *(("calculator", {"ask": ask}) for ask in ("formula", "pairs", "matrix", "odd", "axes")),
    ("health", {"show": "why"}),
    ("health", {"models": "own", "words": "110"}),
    ("lesson", {"lesson": "own", "encoder_only": "true", "source": "k0,k1"}),
]


@pytest.mark.parametrize(("page", "url"), ASKED, ids=lambda value: value if isinstance(value, str) else "&".join(value))
def test_every_page_opens_with_words_of_a_model_of_ones_own(own_models, page, url):
    rows = np.random.default_rng(0).normal(size=(len(OWN), 8)).round(3).tolist()
    file = own_models.parent / "own.txt"
    file.write_text("".join(f"{word} {' '.join(map(str, row))}\n" for word, row in zip(OWN, rows, strict=True)))
    import_model(file, "own")
    own = {} if "models" in url else {"model": "own"}  # a page has one of the two, and says that it does not know more
    text = "".join(sentences(visit(page, **own, **url)))
    assert "explorer-problem" not in text
    assert not url.get("vocabulary") or "120 words of own match. The 20 most frequent:" in text


def test_no_filter_is_offered_for_what_a_model_does_not_know_of_its_words(own_models):
    file = own_models.parent / "own.txt"
    file.write_text("".join(f"k{row} {row} 1 2\n" for row in range(5)))
    import_model(file, "own")
    of_counts = {"Frequency", "Minimum count", "Maximum count"}

    def offered(**url):
        app = visit("neighbours", model="own", word="k0", **url)
        return {control.label for control in (*app.number_input, *app.selectbox, *app.multiselect)}

    assert not offered() & (of_counts | {"Part of speech"})
    assert offered(min_count="2") >= of_counts


def test_a_failure_takes_the_place_of_the_success_before_it(page):
    assert "glove is imported" in choose_and_import(page, "glove.txt")
    page.text_input("name").set_value("glove").run()
    assert "glove is imported" in "".join(sentences(page))
    text = choose_and_import(page, "glove.txt")
    assert "There is a model called “glove” already" in text
    assert "is imported" not in text


def test_success_leads_to_the_model_and_the_note_goes_with_it(page):
    choose_and_import(page, "glove.txt")
    links = {link.proto.label: link.proto.query_string for link in page.get("page_link")}
    assert links["Explore glove →"] == "model=glove"
    assert [header.value for header in page.subheader] == ["glove"]
    next(button for button in page.button if button.key == "remove glove").click().run()
    assert not any("imported" in sentence for sentence in sentences(page))


def test_a_note_that_was_read_has_gone_when_one_comes_back(page):
    choose_and_import(page, "glove.txt")
    page.switch_page("../../pages/talks.py").run()
    page.switch_page("../../pages/models.py").run()
    assert sentences(page) == []


def test_another_visitor_does_not_read_how_it_ended(page):
    assert "glove is imported" in choose_and_import(page, "glove.txt")
    assert sentences(visit("models")) == []
