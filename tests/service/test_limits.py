"""How much others may ask, and who may send files."""

import socket
import struct
import threading
import time

import pytest
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from explorer.service import commons
from explorer.service.commons import Commons
from explorer.service.http import asker_of
from explorer.service.limits import Limits, Rate
from explorer.service.owners import People
from explorer.serving import Serving
from tests.patience import PATIENCE


class Clock:
    now = 0.0

    def __call__(self):
        return self.now


def test_an_address_may_ask_so_often_a_minute_and_is_told_when_again():
    clock = Clock()
    rate = Rate(6, clock)
    assert [rate.wait("192.0.2.1") for _ in range(7)] == [0] * 6 + [10]
    assert rate.wait("192.0.2.2") == 0
    clock.now = 9.0
    assert rate.wait("192.0.2.1") == 1
    clock.now = 10.5
    assert [rate.wait("192.0.2.1"), rate.wait("192.0.2.1")] == [0, 10]
    clock.now = 1000.0
    assert [rate.wait("192.0.2.1") for _ in range(7)] == [0] * 6 + [10]


def test_a_clock_that_is_set_changes_no_limit(monkeypatch):
    rate = Rate(2)
    now = time.time()
    waits = []
    for step in (0, 365 * 86_400, -365 * 86_400):
        monkeypatch.setattr(time, "time", lambda step=step: now + step)
        waits.append(rate.wait("192.0.2.1") > 0)
    assert waits == [False, False, True]


def test_a_network_of_ipv6_is_one_address():
    rate = Rate(1, Clock())
    assert [rate.wait(f"2001:db8::{n}") for n in range(1, 4)] == [0, 60, 60]
    assert rate.wait("2001:db8:0:1::1") == 0


def test_an_address_of_ipv4_is_itself_also_as_one_of_ipv6():
    rate = Rate(1, Clock())
    assert [rate.wait(address) for address in ("::ffff:192.0.2.1", "192.0.2.1", "::ffff:192.0.2.2")] == [0, 60, 0]
    request = Request({"type": "http", "headers": [], "client": ("2001:db8::1", 50_000)})
    assert asker_of(request).address == "2001:db8::/64"


def test_no_limit_and_no_end_of_addresses(monkeypatch):
    assert [Rate(0).wait("192.0.2.1") for _ in range(100)] == [0] * 100
    monkeypatch.setattr("explorer.service.limits.SLOTS", 3)
    clock = Clock()
    rate = Rate(1, clock)
    for clock.now in range(10):
        assert rate.wait(f"192.0.2.{clock.now}") == 0
    assert [rate.wait(f"192.0.2.{last}") > 0 for last in (9, 8, 7, 6)] == [True, True, True, False]


@pytest.fixture
def workers():
    """The memory of two processes, as each sees it."""
    with commons.new() as file:
        yield [Commons(file.fileno(), number) for number in (0, 1)]


def test_an_address_has_one_limit_at_all_workers(workers):
    clock = Clock()
    one, other = (Rate(2, clock, memory) for memory in workers)
    assert [one.wait("192.0.2.1"), other.wait("192.0.2.1"), one.wait("192.0.2.1"), other.wait("192.0.2.1")] == [
        0, 0, 30, 30,
    ]  # fmt: skip


def test_the_files_that_another_worker_holds_count_until_it_begins_anew(workers, monkeypatch):
    monkeypatch.setattr("explorer.serving.settings", lambda: Serving(open=True, upload=1))
    limits = Middleware(Limits, rate=Rate(0), memory=workers[0])
    app = Starlette(routes=[Route(UPLOAD, ok, methods=["PUT"])], middleware=[Middleware(People), limits])
    elsewhere = TestClient(app, client=("192.0.2.1", 50_000))
    workers[1].say(commons.FILES, 2**20)
    workers[1].say(commons.COMING, 2**20 - 4)
    assert [elsewhere.put(UPLOAD, content=content).status_code for content in (b"file", b"files")] == [200, 503]
    Commons(workers[1]._file, 1)
    assert elsewhere.put(UPLOAD, content=b"files").status_code == 200


def ok(_):
    return PlainTextResponse("ok")


PATHS = {
    "page": "/neighbours",
    "api": "/api/models",
    "webvectors": "/model/word/api/json/",
    "talk": "/talk",
    "view": "/talk/view",
    "atlas": "/atlas",
}
UPLOAD = "/_stcore/upload_file/session/file"


@pytest.fixture
def client_at(monkeypatch):
    monkeypatch.setattr("explorer.serving.settings", lambda: Serving())
    routes = [Route(path, ok) for path in PATHS.values()] + [Route(UPLOAD, ok, methods=["PUT", "DELETE", "OPTIONS"])]
    app = Starlette(routes=routes, middleware=[Middleware(People), Middleware(Limits, rate=Rate(1, Clock()))])
    return lambda address: TestClient(app, client=(address, 50_000))


@pytest.mark.parametrize("path", [PATHS[kind] for kind in ("api", "webvectors", "talk", "view", "atlas")])
def test_a_request_too_many_is_429_with_the_time_to_wait(client_at, path):
    client = client_at("192.0.2.1")
    assert client.get(path).text == "ok"
    answer = client.get(path)
    assert (answer.status_code, answer.headers["retry-after"]) == (429, "60")
    assert answer.json()["error"].endswith("Ask again in 60 seconds.")


def test_what_boxes_ask_while_people_type_is_counted_apart(client_at):
    client = client_at("192.0.2.1")
    answers = [client.get(path).status_code for path in 2 * ("/api/v1/complete?prefix=a", PATHS["api"])]
    assert [status == 429 for status in answers] == [False, False, True, True]


def test_pages_and_this_machine_have_no_limit(client_at):
    assert [client_at("192.0.2.1").get(PATHS["page"]).status_code for _ in range(3)] == [200] * 3
    assert [client_at("127.0.0.1").get(PATHS["api"]).status_code for _ in range(3)] == [200] * 3
    proxied = {"X-Forwarded-For": "127.0.0.1"}
    assert [client_at("127.0.0.1").get(PATHS["api"], headers=proxied).status_code for _ in range(2)] == [200, 429]


def test_who_breaks_off_a_connection_is_elsewhere(monkeypatch):
    monkeypatch.setattr("explorer.serving.settings", lambda: Serving())
    came, addresses = threading.Event(), []

    async def app(scope, receive, send):
        if scope["type"] == "http":
            addresses.append((scope["client"], asker_of(Request(scope)).address))
            came.set()

    with socket.create_server(("127.0.0.1", 0)) as listening:
        with socket.create_connection(listening.getsockname()) as visitor:
            visitor.sendall(b"GET /api/models HTTP/1.1\r\nHost: localhost\r\n\r\n")
            visitor.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # reset when it closes
        server = uvicorn.Server(uvicorn.Config(app, log_level="critical"))
        thread = threading.Thread(target=server.run, kwargs={"sockets": [listening]})
        thread.start()
        assert came.wait(PATIENCE)
        server.should_exit = True
        thread.join(30)
    assert addresses == [(None, "unknown")]


def test_who_has_no_address_has_the_limits_and_rights_of_one_elsewhere(client_at):
    client = TestClient(without_address(client_at("192.0.2.1").app))
    assert [client.get(PATHS["api"]).status_code for _ in range(2)] == [200, 429]
    assert client.put(UPLOAD, content=b"file").status_code == 403


def without_address(app):
    async def asked(scope, receive, send):
        await app({**scope, "client": None}, receive, send)

    return asked


def test_a_file_is_taken_of_who_may_import(client_at, monkeypatch):
    def put(address):
        return client_at(address).put(UPLOAD, content=b"file")

    assert (put("127.0.0.1").status_code, put("192.0.2.1").status_code) == (200, 403)
    assert put("192.0.2.1").json()["error"] == "Visitors may not import here, so no file is taken."
    monkeypatch.setattr("explorer.serving.settings", lambda: Serving(open=True))
    assert put("192.0.2.1").status_code == 200
    monkeypatch.setattr("explorer.serving.settings", lambda: Serving(closed=True))
    assert put("127.0.0.1").status_code == 403


def test_files_of_others_do_not_fill_the_memory(monkeypatch):
    monkeypatch.setattr("explorer.serving.settings", lambda: Serving(open=True, upload=1))
    limits = Middleware(Limits, rate=Rate(0), held=lambda: 2 * 2**20 - 4)
    app = Starlette(routes=[Route(UPLOAD, ok, methods=["PUT", "DELETE"])], middleware=[Middleware(People), limits])
    elsewhere, here = (TestClient(app, client=(address, 50_000)) for address in ("192.0.2.1", "127.0.0.1"))
    assert elsewhere.put(UPLOAD, content=b"file").status_code == 200
    answer = elsewhere.put(UPLOAD, content=b"files")
    assert (answer.status_code, answer.headers["retry-after"]) == (503, "60")
    assert here.put(UPLOAD, content=b"files").status_code == 200
    assert elsewhere.delete(UPLOAD).status_code == 200


def test_files_that_are_on_their_way_count_and_those_of_unknown_length_as_the_largest(monkeypatch):
    monkeypatch.setattr("explorer.serving.settings", lambda: Serving(open=True, upload=1))
    outer = f"{UPLOAD}-that-takes-long"

    def put(path, content):
        return elsewhere.put(path, content=content).status_code

    def meanwhile(_):
        return PlainTextResponse(f"{put(UPLOAD, bytes(2**20))} {put(UPLOAD, iter([b'file']))}")

    limits = Middleware(Limits, rate=Rate(0), held=lambda: 1)
    app = Starlette(
        routes=[Route(UPLOAD, ok, methods=["PUT"]), Route(outer, meanwhile, methods=["PUT"])],
        middleware=[Middleware(People), limits],
    )
    elsewhere = TestClient(app, client=("192.0.2.1", 50_000))
    assert elsewhere.put(outer, content=bytes(2**20 - 1)).text == "200 200"
    assert elsewhere.put(outer, content=bytes(2**20)).text == "503 503"
    assert elsewhere.put(outer, content=iter([b"file"])).text == "503 503"
    assert put(UPLOAD, bytes(2**20)) == 200
