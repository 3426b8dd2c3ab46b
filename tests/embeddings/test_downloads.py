"""Downloads, from a server on this machine that speaks the catalogue's protocol and misbehaves as servers do."""

import gzip
import hashlib
import os
import random
import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from explorer.embeddings import catalog, downloadable, downloads
from explorer.embeddings.downloadable import Downloadable, entry
from explorer.embeddings.downloads import GENSIM_DATA, download
from explorer.embeddings.neighbours import neighbours
from explorer.errors import Cancelled, UserError
from tests.patience import PATIENCE

NAME = "glove-tiny-3"
UNCHECKED = "tiny.en"  # of which neither size nor checksum are published


def archive() -> bytes:
    draw = random.Random(0)
    rows = "".join(f"w{row} " + " ".join(f"{draw.gauss(0, 1):.5f}" for _ in range(3)) + "\n" for row in range(2000))
    return gzip.compress(f"2000 3\n{rows}".encode(), mtime=0)


@dataclass
class Catalogue:
    """What the server sends: each request takes the next of `behaviours`, and a good answer when there are no more."""

    content: bytes
    behaviours: list[Callable] = field(default_factory=list)
    requests: list[tuple[str, str | None]] = field(default_factory=list)  # the path and the range asked for

    def answer(self, request: BaseHTTPRequestHandler) -> None:
        self.requests.append((request.path, request.headers["Range"]))
        behaviour = self.behaviours.pop(0) if self.behaviours else good
        behaviour(request, self.content)


def start_of(request) -> int:
    range = request.headers["Range"]
    return int(range.removeprefix("bytes=").removesuffix("-")) if range else 0


def good(request, content, sent=None):
    """All that was asked for, or so many bytes of it, and then the connection is cut."""
    start = start_of(request)
    request.send_response(206 if start else 200)
    if start:
        request.send_header("Content-Range", f"bytes {start}-{len(content) - 1}/{len(content)}")
    request.send_header("Content-Length", str(len(content) - start))
    request.end_headers()
    request.wfile.write(content[start:][:sent])


def cut_after(sent):
    return lambda request, content: good(request, content, sent)


def without_ranges(request, content):
    request.send_response(200)
    request.end_headers()
    request.wfile.write(content)


def another_range(request, content):
    request.send_response(206)
    request.send_header("Content-Range", f"bytes 7-{len(content) - 1}/{len(content)}")
    request.end_headers()
    request.wfile.write(content[7:])


def corrupt(request, content):
    good(request, content[:500] + b"?" + content[501:])


def too_much(request, content):
    without_ranges(request, content + b"more")


def refusing(status):
    return lambda request, content: request.send_error(status)


@pytest.fixture
def server(own_models, monkeypatch):
    content = archive()
    serving = Catalogue(content)

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            serving.answer(self)

        def log_message(self, *_):
            pass

    address = f"{GENSIM_DATA}/{NAME}/{NAME}.gz"
    md5 = hashlib.md5(content).hexdigest()
    model = Downloadable(NAME, "Tiny", "a corpus", "PDDL 1.0", address, 3, 2000, len(content), md5)
    unchecked = Downloadable(UNCHECKED, "Tiny", "a corpus", "PDDL 1.0", "https://vectors.example/en/tiny.gz")
    monkeypatch.setattr(downloadable, "downloadable", lambda: (model, unchecked))
    monkeypatch.setattr(downloads, "PAUSE", 0.001)
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        threading.Thread(target=http.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
        monkeypatch.setenv("EXPLORER_DOWNLOADS", f"http://127.0.0.1:{http.server_port}/releases/")
        yield serving
        http.shutdown()


def files() -> list[str]:
    folder = catalog.CACHE / "downloads"
    return os.listdir(folder) if folder.exists() else []


def test_a_model_is_fetched_checked_imported_and_answers(server):
    heard = []
    card = download(NAME, lambda stage, share: heard.append((stage, share)))
    assert (card.name, card.title, card.words, card.dimensions) == (NAME, "Tiny", 2000, 3)
    assert card.corpus == {"name": "a corpus", "licence": "PDDL 1.0"}
    assert len(neighbours(catalog.load(NAME), "w7", 10).rows) == 10
    assert server.requests == [(f"/releases/{NAME}/{NAME}.gz", None)]
    assert [stage for stage, share in heard if share == 1] == ["downloading", "importing"]
    assert files() == []


MISBEHAVIOUR = {
    "one cut": ([cut_after(9000)], [None, "bytes=9000-"]),
    "many cuts": ([cut_after(5000)] * 3, [None, "bytes=5000-", "bytes=10000-", "bytes=15000-"]),
    "nothing for a while": ([cut_after(0), refusing(503), refusing(429)], [None] * 4),
    "a cut, then no ranges": ([cut_after(9000), without_ranges], [None, "bytes=9000-"]),
    "a cut, then another range": ([cut_after(9000), another_range], [None, "bytes=9000-", "bytes=9000-"]),
    "damaged once": ([corrupt], [None, None]),
    "a cut, then damaged": ([cut_after(100), corrupt], [None, "bytes=100-", None]),
    "more than it should": ([too_much], [None]),
}


@pytest.mark.parametrize(("behaviours", "ranges"), MISBEHAVIOUR.values(), ids=MISBEHAVIOUR)
def test_a_server_that_misbehaves_and_then_does_not(server, behaviours, ranges):
    server.behaviours = list(behaviours)
    assert download(NAME).words == 2000
    assert [start for _, start in server.requests] == ranges
    assert files() == []


HOPELESS = {
    "damaged every time": ([corrupt] * 9, 2, "arrived damaged from", []),
    "cut every time": ([cut_after(0)] * 99, downloads.ATTEMPTS, "cannot be downloaded .* ended early", []),
    "out of order": ([refusing(500)] * 99, downloads.ATTEMPTS, "cannot be downloaded .* 500", []),
    "not there": ([refusing(404)] * 99, 1, "not available at .* 404", []),
    "cut, then nothing": ([cut_after(9000), *[cut_after(0)] * 99], 1 + downloads.ATTEMPTS, "is kept", [f"{NAME}.gz"]),
}  # fmt: skip


@pytest.mark.parametrize(("behaviours", "requests", "says", "left"), HOPELESS.values(), ids=HOPELESS)
def test_a_server_that_never_sends_it_is_said_after_a_few_attempts(server, behaviours, requests, says, left):
    server.behaviours = list(behaviours)
    with pytest.raises(UserError, match=says):
        download(NAME)
    assert len(server.requests) == requests
    assert catalog.names() == []
    assert files() == left


def test_the_next_download_goes_on_where_one_was_cancelled(server, monkeypatch):
    monkeypatch.setattr(downloads, "_PIECE", 1000)
    calls = iter(range(100))
    with pytest.raises(Cancelled, match="goes on from there"):
        download(NAME, cancelled=lambda: next(calls) == 5)
    held = (catalog.CACHE / "downloads" / f"{NAME}.gz").stat().st_size
    assert 0 < held <= 5000
    assert download(NAME).words == 2000
    assert [start for _, start in server.requests] == [None, f"bytes={held}-"]


def test_ctrl_c_keeps_what_has_come(server, monkeypatch):
    monkeypatch.setattr(downloads, "_PIECE", 1000)

    def interrupt(stage, share):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        download(NAME, interrupt)
    assert catalog.names() == []
    (left,) = (catalog.CACHE / "downloads").iterdir()
    held = left.stat().st_size
    assert download(NAME).words == 2000
    assert server.requests[-1][1] == f"bytes={held}-"


def test_what_lies_in_the_cache_is_not_trusted(server):
    (catalog.CACHE / "downloads").mkdir(parents=True)
    (catalog.CACHE / "downloads" / f"{NAME}.gz").write_bytes(b"?" * len(server.content))
    assert download(NAME).words == 2000
    (catalog.CACHE / "downloads" / f"{NAME}.gz").write_bytes(b"?" * 100)


def test_two_at_once_do_not_disturb_each_other(server):
    begun, go_on = threading.Event(), threading.Event()

    def wait(request, content):
        begun.set()
        go_on.wait(PATIENCE)
        good(request, content)

    server.behaviours = [wait]
    first = threading.Thread(target=download, args=(NAME,))
    first.start()
    begun.wait(PATIENCE)
    with pytest.raises(UserError, match="is being downloaded already"):
        download(NAME)
    go_on.set()
    first.join()
    assert catalog.names() == [NAME]


def test_what_cannot_be_downloaded_is_said_before_anything_is_fetched(server, own_models):
    with pytest.raises(UserError, match=f"“nonsense” is not in the catalogue. There are: {NAME}, {UNCHECKED}"):
        download("nonsense")
    download(NAME)
    server.requests.clear()
    with pytest.raises(UserError, match="already"):
        download(NAME)
    assert server.requests == []


def test_no_network_is_said(server, monkeypatch):
    monkeypatch.setenv("EXPLORER_DOWNLOADS", "http://127.0.0.1:9")
    with pytest.raises(UserError, match="Check the network connection"):
        download(NAME)
    assert files() == []


def corrupt_at_its_end(request, content):
    good(request, content[:-6] + bytes(6))


def refusing_more(request, content):
    """As a server answers that is asked for what comes after the end."""
    request.send_response(416)
    request.send_header("Content-Range", f"bytes */{len(content)}")
    request.end_headers()


WITHOUT_CHECKSUM = {
    "good": ([], [None]),
    "one cut": ([cut_after(9000)], [None, "bytes=9000-"]),
    "without a length": ([without_ranges], [None]),
    "damaged once": ([corrupt_at_its_end], [None, None]),
}


@pytest.mark.parametrize(("behaviours", "ranges"), WITHOUT_CHECKSUM.values(), ids=WITHOUT_CHECKSUM)
def test_without_a_published_checksum_the_one_in_the_file_is_compared(server, behaviours, ranges):
    server.behaviours = list(behaviours)
    assert download(UNCHECKED).words == 2000
    assert server.requests == [("/releases/vectors.example/en/tiny.gz", start) for start in ranges]
    assert files() == []


def test_what_is_whole_in_the_cache_is_not_fetched_again(server):
    (catalog.CACHE / "downloads").mkdir(parents=True)
    (catalog.CACHE / "downloads" / f"{UNCHECKED}.gz").write_bytes(server.content)
    server.behaviours = [refusing_more]
    assert download(UNCHECKED).words == 2000
    assert [start for _, start in server.requests] == [f"bytes={len(server.content)}-"]


def test_the_catalogue_is_known_offline():
    catalogue = downloadable.downloadable()
    names = {model.name for model in catalogue}
    assert {"word2vec-google-news-300", "glove-wiki-gigaword-50", "glove-twitter-200"} <= names
    assert {"fasttext-wiki-news-subwords-300", "conceptnet-numberbatch-17-06-300", "glove.840B.300d"} <= names
    for model in catalogue:
        assert model.licence
        assert model.address.startswith(("https://", "http://vectors.nlpl.eu/"))
        assert model.size is None or len(bytes.fromhex(model.md5 or "")) == 16


@pytest.mark.parametrize(
    ("name", "address"),
    {
        "cc.fr.300.vec": "https://dl.fbaipublicfiles.com/fasttext/vectors-crawl/cc.fr.300.vec.gz",
        "cc.zh.300.bin": "https://dl.fbaipublicfiles.com/fasttext/vectors-crawl/cc.zh.300.bin.gz",
        "nlpl.222": "http://vectors.nlpl.eu/repository/20/222.zip",
        "nlpl.7": "http://vectors.nlpl.eu/repository/20/7.zip",
    }.items(),
)
def test_a_name_of_a_family_has_its_address(name, address):
    model = entry(name)
    assert (model.name, model.address, model.is_family) == (name, address, False)


@pytest.mark.parametrize("name", ["cc.xx.300.vec", "cc..300.vec", "cc.fr.300", "nlpl.0", "nlpl.x", "nlpl.../../7", ""])
def test_a_name_that_no_family_has_is_not_in_the_catalogue(name):
    with pytest.raises(UserError, match=r"not in the catalogue.*cc\.LANGUAGE\.300\.vec"):
        entry(name)
