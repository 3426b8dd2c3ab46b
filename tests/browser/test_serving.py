"""The server process: whom it asks, who may frame it, and how it ends."""

import http.client
import http.server
import signal
import socket
import subprocess
import threading
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import expect

from explorer.questions import QUESTIONS
from explorer.service.reach import HEADERS, own_addresses
from tests.browser.conftest import HOST, free_port, nightly_but, started
from tests.patience import PATIENCE

# Python runs it at the start of each process: it writes down whom the process asks for anything.
RECORDER = """
import os, sys

def record(event, arguments):
    if event in {"socket.connect", "socket.sendto", "socket.sendmsg"}:
        whom = arguments[1]
    elif event in {"socket.getaddrinfo", "socket.gethostbyname", "socket.gethostbyaddr"}:
        whom = arguments[0]
    else:
        return
    with open(os.environ["RECORD"], "a") as record:
        record.write(f"{whom[0] if isinstance(whom, tuple) else whom}\\n")

sys.addaudithook(record)
"""
HERE = {HOST, "localhost", "0.0.0.0", "::1", "None"}
WAYS = {
    "serve": ["explorer", "serve", "--port", "{port}"],
    "serve --host": ["explorer", "serve", "--host", "0.0.0.0", "--port", "{port}"],
    "streamlit run, wider": [
        *("streamlit", "run", "streamlit_app.py", "--server.port", "{port}"),
        *("--server.address", "0.0.0.0"),
    ],
}
HANDSHAKE = {
    "Connection": "Upgrade",
    "Upgrade": "websocket",
    "Sec-WebSocket-Version": "13",
    "Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==",
}


@pytest.fixture(params=nightly_but({way: [command] for way, command in WAYS.items()}, "serve", "serve --host"))
def recorded(request, tmp_path):
    """A way to start the server; its port, its process, and what function tells whom it has asked."""
    (tmp_path / "sitecustomize.py").write_text(RECORDER)
    record, port = tmp_path / "record", free_port()
    environment = {"PYTHONPATH": str(tmp_path), "RECORD": str(record), "STREAMLIT_SERVER_HEADLESS": "true"}
    environment |= dict.fromkeys(("http_proxy", "https_proxy", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"), "")
    with started([part.format(port=port) for part in request.param], port, environment) as process:
        yield port, process, lambda: set(record.read_text().split()) if record.exists() else set()


def answer(port: int, path: str, host: str = HOST, **headers: str) -> http.client.HTTPResponse:
    connection = http.client.HTTPConnection(host, port)
    connection.request("GET", path, headers=headers)
    response = connection.getresponse()
    response.read()
    return response


def test_the_server_asks_nobody_however_it_is_started_and_finishes_its_last_answer(recorded, page):
    port, process, requests = recorded
    page.goto(f"http://{HOST}:{port}/neighbours?word=airplane")
    expect(page.get_by_role("table", name="Nearest to airplane")).to_be_visible()
    for origin in ("https://elsewhere.example", f"http://{HOST}:{port + 1}", "null"):
        assert answer(port, "/_stcore/stream", **HANDSHAKE, Origin=origin).status == 403
        assert "access-control-allow-origin" not in answer(port, "/_stcore/health", Origin=origin).headers
    wider = "0.0.0.0" in process.args
    for address in own_addresses() if wider else ():
        assert answer(port, "/api/models", address).status == 200
    assert last_answer(port, process).startswith(b"HTTP/1.1 200")
    output = process.communicate()[0]
    assert "Traceback" not in output
    with socket.create_server((HOST, port)):  # which is free again, though a visitor was there
        pass
    for address in own_addresses():
        assert (f"http://{address}:{port}" in output) == wider
    rights = "everybody who reaches these addresses can use it. From this machine you can import"
    assert (rights in " ".join(output.split())) == wider
    assert requests() <= HERE


@pytest.mark.nightly
@pytest.mark.usefixtures("hangup")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP])
def test_a_signal_ends_serve_with_a_visitor_there_and_frees_the_port(page, number):
    port = free_port()
    with started(["explorer", "serve", "--port", str(port)], port, {"STREAMLIT_SERVER_HEADLESS": "true"}) as process:
        page.goto(f"http://{HOST}:{port}/calculator")
        expect(page.get_by_role("heading", name="Calculator")).to_be_visible()
        process.send_signal(number)
        output = process.communicate()[0]
        assert "Traceback" not in output
        with socket.create_server((HOST, port)):
            pass


@pytest.fixture
def elsewhere(server):
    """The address of another server, whose page frames the app."""

    class Framing(http.server.BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(f"<iframe src='{server}/learning'></iframe>".encode())

        def log_message(self, *_):
            pass

    with http.server.HTTPServer((HOST, 0), Framing) as other:
        threading.Thread(target=other.serve_forever, daemon=True).start()
        yield f"http://{HOST}:{other.server_port}"
        other.shutdown()


def test_a_page_of_another_origin_cannot_frame_it(elsewhere, page):
    page.goto(elsewhere)
    assert [urlsplit(frame.url).scheme for frame in page.frames] == ["http", "chrome-error"]


def test_every_kind_of_answer_says_who_may_frame_it(server):
    port = urlsplit(server).port
    api = ("/api", "/api/models", "/api/v1", "/api/v1/docs", "/api/v1/static-offline-docs/swagger-ui.css", "/api/v1/..")
    for path in ("/", "/learning", *api, "/_stcore/health", "/media/none", "/component/none", "/.."):
        headers = answer(port, path).headers
        assert {name: headers[name] for name in HEADERS} == HEADERS, path


def test_a_name_that_is_pointed_here_reads_nothing(server):
    port = urlsplit(server).port
    for path in ("/", "/api/models", "/api/v1/models", "/_stcore/health"):
        assert answer(port, path, Host=f"rebound.example:{port}").status == 400
    rebound = {"Host": f"rebound.example:{port}", "Origin": f"http://rebound.example:{port}"}
    assert answer(port, "/_stcore/stream", **HANDSHAKE, **rebound).status == 403


def test_the_api_answers_without_a_slash_as_with_one(server):
    port = urlsplit(server).port
    answers = [answer(port, path) for path in ("/api", "/api/")]
    assert [(a.status, a.headers["content-type"], a.headers["content-length"]) for a in answers] == [
        (404, "application/json", answers[0].headers["content-length"])
    ] * 2


def test_the_page_of_the_questions_lists_them_without_asking_elsewhere(server, page):
    page.goto(f"{server}/api/v1/docs")
    for question in QUESTIONS.values():
        expect(page.get_by_text(question.summary(), exact=True).first).to_be_visible()
    page.get_by_role("button", name="GET /complete The most frequent").click()
    page.get_by_role("button", name="Try it out").click()
    page.get_by_placeholder("prefix").fill("airpl")
    page.get_by_role("button", name="Execute").click()
    expect(page.locator(".live-responses-table")).to_contain_text('"airplane"')


def last_answer(port: int, process: subprocess.Popen[str]) -> bytes:
    """The status of an answer that is in flight when a server is told to end."""
    body = b'{"words": 300}'
    with socket.create_connection((HOST, port), timeout=PATIENCE) as connection, connection.makefile("rb") as answer:
        head = f"POST /api/v1/health HTTP/1.1\r\nHost: {HOST}\r\nContent-Length: {len(body)}\r\n"
        connection.sendall(f"{head}Connection: close\r\nExpect: 100-continue\r\n\r\n".encode())
        assert answer.readline().startswith(b"HTTP/1.1 100")  # the question is being read
        process.terminate()
        while accepts(port):
            pass
        connection.sendall(body)
        return next(line for line in answer if line.startswith(b"HTTP/1.1"))


def accepts(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex((HOST, port)) == 0


@pytest.mark.nightly
def test_a_long_question_ends_with_the_server(tmp_path):
    port = free_port()
    environment = {"STREAMLIT_SERVER_HEADLESS": "true", "EXPLORER_GRACE": "0"}
    with started(["explorer", "serve", "--port", str(port)], port, environment) as process:
        connection = http.client.HTTPConnection(HOST, port)
        connection.request("GET", "/api/v1/health?words=50000")
        process.terminate()
        assert "Traceback" not in process.communicate()[0]
