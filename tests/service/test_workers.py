"""Several processes behind one port: who gets a connection, and what happens when one of them ends."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import time
from contextlib import contextmanager
from threading import Timer

import pytest
from prometheus_client.openmetrics.parser import text_string_to_metric_families
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from explorer.places import CHECKOUT
from explorer.service.worker import Visitors
from explorer.service.workers import cookie, named
from tests.patience import PATIENCE

HOST = "127.0.0.1"


def free_port():
    with socket.create_server((HOST, 0)) as free:
        return free.getsockname()[1]


@contextmanager
def serving():
    """The port of a server of two small workers, and its process."""
    port = free_port()
    process = subprocess.Popen(
        [sys.executable, "-m", "tests.service.several", str(port)], cwd=CHECKOUT, stderr=subprocess.PIPE, text=True
    )
    try:
        wait_for(port, {0, 1})
        yield port, process
    finally:
        process.terminate()
        process.communicate(timeout=PATIENCE)


@pytest.fixture(scope="module")
def server():
    with serving() as (port, _):
        yield port


def ask(port, path="/", worker=None, connection=None):
    """The answer at a path for somebody who has the cookie of a worker, and its headers."""
    connection = connection or http.client.HTTPConnection(HOST, port, timeout=PATIENCE)
    connection.request("GET", path, headers={} if worker is None else {"Cookie": f"a=b; {cookie(port)}={worker}; c=d"})
    answer = connection.getresponse()
    body = answer.read().decode()
    return (json.loads(body) if body.startswith("{") else body), answer


def wait_for(port, numbers):
    """Return when these workers answer."""
    there = set()
    deadline = time.monotonic() + PATIENCE
    while there != numbers and time.monotonic() < deadline:
        try:
            there = {ask(port, worker=number)[0]["number"] for number in numbers}
        except (OSError, http.client.HTTPException):
            there = set()
    assert there == numbers


def test_a_visitor_stays_with_a_worker_and_a_new_one_comes_to_the_next(server):
    assert {ask(server)[0]["number"] for _ in range(2)} == {0, 1}
    for number in (0, 1):
        answers = [ask(server, worker=number)[0] for _ in range(3)]
        assert {answer["number"] for answer in answers} == {number}
        assert {answer["address"] for answer in answers} == {HOST}
    answer, response = ask(server)
    assert response.headers["set-cookie"].startswith(f"{cookie(server)}={answer['number']}; Path=/; HttpOnly")
    assert ask(server, worker=9)[0]["number"] in (0, 1)  # of a server that had more of them


def test_a_connection_that_was_open_before_another_worker_got_the_visitor_is_left(server):
    connection = http.client.HTTPConnection(HOST, server)
    assert ask(server, worker=0, connection=connection)[0]["number"] == 0
    again = ask(server, "/media/picture?size=1", 1, connection)[1]
    assert (again.status, again.headers["location"], again.headers["connection"]) == (
        307, "/media/picture?size=1", "close",
    )  # fmt: skip
    assert ask(server, again.headers["location"], 1)[0] == ask(server, "/media/picture", 1)[0]


def test_a_large_file_that_comes_to_another_worker_is_read_before_it_is_sent_again(server):
    connection = http.client.HTTPConnection(HOST, server, timeout=PATIENCE)
    assert ask(server, worker=0, connection=connection)[0]["number"] == 0
    connection.request("POST", "/slow", body=bytes(20_000_000), headers={"Cookie": f"{cookie(server)}=1"})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["connection"]) == (307, "close")


def test_what_comes_in_pieces_or_not_at_all_or_is_not_read_holds_up_nobody(server):
    idle = [socket.create_connection((HOST, server)) for _ in range(1000)]
    with socket.create_connection((HOST, server), timeout=PATIENCE) as slow, slow.makefile("rb") as answer:
        for piece in (b"GET /slowly HTTP/1.1\r\n", f"Cookie: {cookie(server)}=1\r\n".encode(), b"Host: a\r\n"):
            slow.sendall(piece)
            assert ask(server, worker=1)[0]["number"] == 1
        slow.sendall(b"Connection: close\r\n\r\n")
        assert json.loads(answer.read().partition(b"\r\n\r\n")[2])["number"] == 1
    idle[0].sendall(
        f"GET /large HTTP/1.1\r\nHost: a\r\nCookie: {cookie(server)}=0\r\n\r\n".encode()
    )  # and reads nothing
    idle[-1].sendall(f"GET / HTTP/1.1\r\nHost: a\r\nCookie: {cookie(server)}=0\r\n\r\n".encode())
    assert idle[-1].recv(100).startswith(b"HTTP/1.1 200")
    for connection in idle:
        connection.close()


def test_metrics_are_those_of_all_workers(server):
    families = {family.name: family for family in text_string_to_metric_families(ask(server, "/metrics")[0])}
    jobs = {
        sample.labels["worker"]: sample.value
        for sample in families["explorer_jobs"].samples
        if sample.labels["kind"] == "Import"
    }
    assert jobs == {"0": 0, "1": 1}
    assert {sample.labels["worker"] for sample in families["process_resident_memory_bytes"].samples} == {"0", "1"}
    own = ask(server, "/metrics?own", worker=1)[0]
    assert re.search(r'explorer_jobs\{kind="Import",state="running"\} 1', own)


def number_in_the_end(port, worker):
    """Who answers somebody that asks again until there is an answer."""
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        try:
            answer, response = ask(port, worker=worker)
        except (OSError, http.client.HTTPException):  # it was with the worker that has just ended
            continue
        if response.status == 200:
            return answer["number"]
    raise AssertionError("There is no answer.")


def test_a_worker_that_ends_is_started_again_and_all_end_when_answers_in_flight_are_finished():
    with serving() as (port, process):
        with pytest.raises((OSError, http.client.HTTPException)):
            ask(port, "/cut-short", worker=1)
        assert number_in_the_end(port, 1) in (0, 1)  # the other one, unless it is back already
        wait_for(port, {0, 1})
        processes = [ask(port, worker=number)[0]["process"] for number in (0, 1)]
        with (
            socket.create_connection((HOST, port), timeout=PATIENCE) as connection,
            connection.makefile("rb") as answer,
        ):
            head = f"POST /slow HTTP/1.1\r\nHost: a\r\nContent-Length: 4\r\nCookie: {cookie(port)}=1\r\n"
            connection.sendall(f"{head}Connection: close\r\nExpect: 100-continue\r\n\r\n".encode())
            assert answer.readline().startswith(b"HTTP/1.1 100")  # it is with its worker
            process.terminate()
            connection.sendall(b"done")
            assert b'"body":"done"' in answer.read()
        assert (
            f"Worker 1 ended with status -{signal.SIGBUS:d}. It starts again."
            in process.communicate(timeout=PATIENCE)[1]
        )
        assert process.returncode == 0
        assert all(map(has_ended, processes))


@pytest.mark.nightly
def test_workers_end_with_who_brings_their_visitors():
    with serving() as (port, process):
        processes = [ask(port, worker=number)[0]["process"] for number in (0, 1)]
        process.kill()
        deadline = time.monotonic() + PATIENCE
        while not all(map(has_ended, processes)):
            assert time.monotonic() < deadline


def has_ended(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return True
    return False


def test_where_the_first_worker_cannot_begin_the_server_ends_with_its_status():
    code = (
        "import socket, sys; from explorer.service.workers import run; "
        "sys.exit(run(socket.create_server(('127.0.0.1', 0)), 2, [sys.executable, '-c', 'raise SystemExit(3)']))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=CHECKOUT, timeout=PATIENCE).returncode == 3


def test_more_workers_than_there_are_threads_for_other_work_are_all_started_again():
    """The last of three ends at once, and the first two would take all threads with their waiting."""
    worker = (
        f"import os, signal; os.write(int(os.environ['EXPLORER_CHANNEL']), {bytes([255])!r}); "
        "os.environ['EXPLORER_WORKER'] == '2' or signal.pause()"
    )
    code = f"""
import asyncio, socket, sys
from concurrent.futures import ThreadPoolExecutor
from explorer.service import commons
from explorer.service.workers import Workers

async def serve(memory):
    asyncio.get_running_loop().set_default_executor(ThreadPoolExecutor(1))
    listening = socket.create_server(({HOST!r}, 0))
    await Workers(listening, 3, [sys.executable, "-S", "-c", {worker!r}], memory).serve()

with commons.new() as memory:
    asyncio.run(serve(memory.fileno()))
"""
    process = subprocess.Popen([sys.executable, "-c", code], cwd=CHECKOUT, stderr=subprocess.PIPE, text=True)
    watchdog = Timer(PATIENCE, process.kill)
    watchdog.start()
    assert process.stderr.readline() == "Worker 2 ended with status 0. It starts again.\n"
    process.terminate()
    process.communicate(timeout=PATIENCE)
    watchdog.cancel()


@pytest.mark.parametrize(
    ("cookies", "number"),
    [
        ("NAME=1", 1),
        ("a=b; NAME=0; c=d", 0),
        ("a=b;NAME=63 ", 63),
        ("NAME=01", None),
        ("NAME=1.5", None),
        ("NAME=1000", None),
        ('NAME="1"', None),
        ("x-NAME=1", None),
        ("NAME=", None),
    ],
)
def test_both_ends_read_the_same_in_the_cookie(cookies, number, client):
    cookies = cookies.replace("NAME", cookie(8501))
    match = named(8501).search(f"GET / HTTP/1.1\r\nCookie: {cookies}\r".encode())
    assert (int(match[1]) if match else None) == number
    answer = client.get("/", headers={"Cookie": cookies})
    assert answer.status_code == (200 if number in (0, None) else 307)
    assert ("set-cookie" in answer.headers) == (number is None)


@pytest.fixture
def client():
    app = Starlette(
        routes=[Route("/{path:path}", lambda request: PlainTextResponse("ok"), methods=["GET", "PUT"])],
        middleware=[Middleware(Visitors, number=0, port=8501)],
    )
    return TestClient(app, follow_redirects=False)


def test_a_proxy_gets_a_new_connection_for_each_request(client):
    client.cookies.set(cookie(8501), "0")
    assert "connection" not in client.get("/").headers
    assert client.get("/", headers={"X-Forwarded-For": "192.0.2.1"}).headers["connection"] == "close"


def test_the_api_needs_no_worker_of_its_own(client):
    client.cookies.set(cookie(8501), "1")
    assert client.get("/api/v1/models").text == "ok"
    assert client.put("/_stcore/upload_file/session/file").status_code == 307


def test_what_is_asked_again_stays_on_this_server(client):
    client.cookies.set(cookie(8501), "1")
    assert client.get("http://testserver//elsewhere.example/").headers["location"].startswith("/.//")
