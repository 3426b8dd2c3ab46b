"""Bringing vectors along, in a real browser: good files, broken ones, and a catalogue that hardly answers."""

import os
import re
import shutil
import threading
import time
from contextlib import suppress
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
from gensim.test.utils import datapath
from playwright.sync_api import expect

from explorer.embeddings import catalog
from explorer.embeddings.importing import name_for
from tests.browser.conftest import choose_option, serving


class Catalogue(BaseHTTPRequestHandler):
    """Cuts every connection, but for one model, which drips so slowly that it never arrives."""

    def do_GET(self):
        if "glove-wiki-gigaword-50" not in self.path:
            return
        self.send_response(200)
        self.end_headers()
        with suppress(OSError):
            while True:
                self.wfile.write(bytes(200_000))
                time.sleep(0.05)

    def log_message(self, *_):
        pass


@pytest.fixture(scope="module")
def own_server(tmp_path_factory):
    """A server with a models/ and a cache of its own, where the shipped model stands too."""
    models = tmp_path_factory.mktemp("models")
    for name in (catalog.DEFAULT, "lexicon.tsv.gz"):
        os.symlink(catalog.MODELS / name, models / name)
    shutil.copy(datapath("test_glove.txt"), models / "glove.txt")
    cache = tmp_path_factory.mktemp("cache")
    for converted in catalog.CACHE.glob(f"{catalog.DEFAULT}-*"):
        os.symlink(converted, cache / converted.name)
    with ThreadingHTTPServer(("127.0.0.1", 0), Catalogue) as http:
        threading.Thread(target=http.serve_forever, daemon=True).start()
        downloads = f"http://127.0.0.1:{http.server_port}"
        with serving(EXPLORER_MODELS=str(models), EXPLORER_CACHE=str(cache), EXPLORER_DOWNLOADS=downloads) as address:
            yield address
        http.shutdown()


def choose(page, name, content):
    page.locator("input[type=file]").first.set_input_files({"name": name, "mimeType": "", "buffer": content})
    expect(page.get_by_label("Name of the model")).to_have_attribute("placeholder", name_for(name))
    page.get_by_role("button", name="Import", exact=True).click()


def card(page, title):
    return page.get_by_role("heading", name=title, exact=True)


def test_an_uploaded_file_can_be_asked_and_removed(own_server, page):
    page.goto(f"{own_server}/models")
    expect(card(page, catalog.DEFAULT)).to_be_visible()
    with open(datapath("lee_fasttext_new.bin"), "rb") as file:
        page.get_by_label("Name of the model").fill("lee")
        choose(page, "lee_fasttext_new.bin", file.read())
    expect(page.get_by_text("lee is imported: 1,763 words × 10 dimensions.")).to_be_visible()
    expect(card(page, "lee")).to_be_visible()

    page.get_by_role("link", name="Explore lee →").click()
    expect(page).to_have_url(re.compile(r"/neighbours\?model=lee"))
    box = page.get_by_label("Word", exact=True)
    box.fill("Australia")
    box.press("Enter")
    expect(page.get_by_role("table", name="Nearest to Australia")).to_be_visible()

    page.goto(f"{own_server}/models")
    page.get_by_role("table", name="Choose a model").get_by_role("link", name="lee", exact=True).click()
    page.get_by_role("button", name="Remove", exact=True).click()
    page.get_by_role("button", name="Remove lee").click()
    expect(card(page, "lee")).to_have_count(0)
    expect(card(page, catalog.DEFAULT)).to_be_visible()


BROKEN = {
    "glove-1.txt": (b"3 2\na 1 2\nb 3 4\n", "promises 3 words, but the file holds 2"),
    "glove-2.txt": (b"a 1 2\nb nan 4\n", "The vector of “b” in glove-2.txt has NaN"),
    "glove-3.txt": (b"a 1 2\na 3 4\n", "“a” stands twice"),
    "glove-4.gz": (b"\x1f\x8b\x08" + b"?" * 40, "cut short"),
    "<script>alert(1)<script>.kv": (b"\x80\x04", "is a pickle"),
    "numbers.tsv": (b"1\t2\n3\t4\n", "Give the metadata file"),
}


@pytest.mark.nightly
def test_broken_uploads_get_a_sentence_each_and_the_page_stays_usable(own_server, page):
    dialogs = []
    page.on("dialog", lambda dialog: (dialogs.append(dialog.message), dialog.dismiss()))
    page.goto(f"{own_server}/models")
    page.get_by_text("Import nothing if any line is wrong").click()
    for name, (content, says) in BROKEN.items():
        choose(page, name, content)
        expect(page.get_by_role("alert")).to_contain_text(says)
    expect(page.get_by_label("Its metadata")).to_be_visible()
    words = {"name": "words.tsv", "mimeType": "", "buffer": b"a\nb\n"}
    page.locator("input[type=file]").nth(1).set_input_files(words)
    expect(page.get_by_text("words.tsv")).to_be_visible()
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("numbers is imported: 2 words × 2 dimensions.")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    page.get_by_role("button", name="Remove", exact=True).click()
    page.get_by_role("button", name="Remove numbers", exact=True).click()
    expect(card(page, "numbers")).to_have_count(0)
    assert dialogs == []


@pytest.mark.nightly
def test_bad_rows_are_left_out_and_named_beside_the_model(own_server, page):
    page.goto(f"{own_server}/models")
    expect(page.get_by_role("button", name="Import", exact=True)).to_be_visible()
    choose(page, "few.txt", b"a 1 2\na 3 4\nb nan 1\nc 2 1\n")
    expect(page.get_by_text("few is imported: 2 words × 2 dimensions.")).to_be_visible()
    report = page.get_by_text("1 duplicate row was skipped (the first was kept): line 2 (“a”). 1 row was left out")
    expect(report).to_have_count(2)  # of the import, and on the card
    page.get_by_role("button", name="Remove", exact=True).last.click()
    page.get_by_role("button", name="Remove few", exact=True).click()
    expect(card(page, "few")).to_have_count(0)


@pytest.mark.nightly
def test_a_file_in_models_can_be_chosen(own_server, page):
    page.goto(f"{own_server}/models")
    choose_option(page, "The file", "glove.txt")
    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_text("glove is imported: 76 words × 50 dimensions.")).to_be_visible()


@pytest.mark.nightly
def test_a_download_goes_on_behind_a_closed_tab_and_can_be_cancelled(own_server, new_page):
    page = new_page("light")
    page.goto(f"{own_server}/models")
    page.get_by_role("button", name="Download").first.click()
    expect(page.get_by_role("alert")).to_contain_text("Check the network connection.")
    page.get_by_role("button", name="Download").nth(1).click()
    expect(page.get_by_text("glove-wiki-gigaword-50: downloading")).to_be_visible()
    page.close()
    page = new_page("dark")
    page.goto(f"{own_server}/models")
    expect(page.get_by_text(re.compile(r"glove-wiki-gigaword-50: downloading, \d+%"))).to_be_visible()
    page.get_by_role("button", name="Cancel").click()
    expect(page.get_by_text("The download of glove-wiki-gigaword-50 was cancelled.")).to_be_visible()
    expect(page.get_by_role("button", name="Download").nth(1)).to_be_enabled()


@pytest.mark.nightly
def test_a_model_of_ones_own_opens_with_a_word_of_its_own_and_notes_are_for_who_imports(own_server, new_page):
    page = new_page("light")
    page.goto(f"{own_server}/models")
    choose(page, "pets.txt", "🐈 1 2\n🐕 2 1\n🐎 1 1\n".encode())
    expect(page.get_by_text("pets is imported: 3 words × 2 dimensions.")).to_be_visible()
    other = new_page("light")
    other.goto(f"{own_server}/models")
    expect(other.get_by_role("link", name="pets", exact=True)).to_be_visible()
    expect(other.get_by_role("button", name="Import", exact=True)).to_be_visible()
    expect(other.get_by_text("pets is imported")).to_have_count(0)

    page.get_by_role("button", name="Import", exact=True).click()
    expect(page.get_by_role("alert")).to_contain_text("There is a model called “pets” already")
    expect(page.get_by_text("pets is imported")).to_have_count(0)

    page.get_by_role("link", name="pets", exact=True).click()
    expect(card(page, "pets")).to_be_visible()
    page.get_by_role("link", name="Explore", exact=True).click()
    expect(page.get_by_role("table", name="Nearest to 🐈")).to_be_visible()
    page.get_by_text("Search the vocabulary").click()
    expect(page.get_by_text("3 words of pets match.")).to_be_visible()
    expect(page.get_by_role("alert")).to_have_count(0)
    page.goto(f"{own_server}/models?model=pets")
    page.get_by_role("button", name="Remove", exact=True).click()
    page.get_by_role("button", name="Remove pets").click()
    expect(card(page, "pets")).to_have_count(0)
