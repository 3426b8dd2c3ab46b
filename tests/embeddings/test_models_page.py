"""The models page through Streamlit's own test runner: it reads what it offers, and a failure leaves nothing."""

import os
import shutil

import pytest

from explorer.embeddings import catalog
from tests.test_pages import sentences, visit


@pytest.fixture
def page(own_models):
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
    assert os.listdir(catalog.CACHE) == []
