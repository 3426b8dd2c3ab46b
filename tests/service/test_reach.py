"""Who is answered: by which names the server may be called, and which pages may frame it or open its websocket."""

import socket

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.testclient import TestClient
from starlette.websockets import WebSocketDisconnect

from explorer.service import reach
from explorer.service.reach import Door, announcement, is_loopback, own_addresses, own_names
from explorer.serving import Serving

HERE = "http://localhost:8501"


async def stream(websocket):
    await websocket.accept()
    await websocket.close()


def secret(_):
    return PlainTextResponse("secret")


def broken(_):
    return PlainTextResponse("none", 404)


@pytest.fixture
def client():
    door = Middleware(Door, names=["localhost", "*.school.example", None], origins=["https://portal.example/"])
    routes = [Route("/", secret), Route("/none", broken), WebSocketRoute("/stream", stream)]
    return TestClient(Starlette(routes=routes, middleware=[door]), base_url=HERE)


@pytest.mark.parametrize(
    "host",
    ["localhost:8501", "LOCALHOST", "localhost.", "127.0.0.1:8501", "192.168.1.7", "[::1]:8501", "pc.school.example"],
)
def test_a_host_of_its_own_is_answered(client, host):
    assert client.get("/", headers={"Host": host}).text == "secret"


@pytest.mark.parametrize(
    "host",
    [
        "evil.example:8501",
        "localhost.evil.example",
        "127.0.0.1.evil.example",
        "school.example.evil",
        "user@evil.example",
        "[::1",
        "",
    ],
)
def test_a_name_that_is_pointed_here_reads_nothing(client, host):
    answer = client.get("/", headers={"Host": host})
    assert answer.status_code == 400
    assert "secret" not in answer.text
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/stream", headers={"Host": host}):
        pass


@pytest.mark.parametrize(
    "origin",
    [
        "https://evil.example",
        "http://localhost:3000",
        "http://127.0.0.1:8501",
        "null",
        "",
        "http://[",
        "localhost:8501",
    ],
)
def test_a_websocket_of_a_foreign_page_is_refused(client, origin):
    headers = {"Host": "localhost:8501", "Origin": origin}
    with pytest.raises(WebSocketDisconnect), client.websocket_connect("/stream", headers=headers):
        pass


@pytest.mark.parametrize("origin", [HERE, "https://localhost:8501", "https://portal.example", None])
def test_a_websocket_of_its_own_page_is_opened(client, origin):
    headers = {"Host": "localhost:8501"} | ({"Origin": origin} if origin else {})
    with client.websocket_connect("/stream", headers=headers):
        pass


@pytest.mark.parametrize(("path", "host"), [("/", "localhost"), ("/none", "localhost"), ("/", "evil.example")])
def test_every_answer_says_who_may_frame_it(client, path, host):
    headers = client.get(path, headers={"Host": host}).headers
    assert "frame-ancestors 'self'" in headers["content-security-policy"].split("; ")
    assert "default-src 'self'" in headers["content-security-policy"].split("; ")
    assert headers["referrer-policy"] == "same-origin"
    assert headers["x-frame-options"] == "SAMEORIGIN"
    assert headers["x-content-type-options"] == "nosniff"


def test_the_machine_knows_its_addresses_itself(monkeypatch):
    def connection(*_):
        raise AssertionError("somebody was asked")

    for question in ("getaddrinfo", "gethostbyname", "gethostbyname_ex", "getfqdn", "create_connection"):
        monkeypatch.setattr(socket, question, connection)
    for address in own_addresses():
        socket.inet_aton(address)
        assert not is_loopback(address)
    assert "localhost" in own_names()
    monkeypatch.setattr(reach.socket, "gethostname", lambda: "PC.school.example")
    assert own_names() == {"localhost", "pc.school.example", "pc.local"}


def test_served_wider_it_says_so():
    assert "everybody who reaches" not in announcement([HERE], True, Serving())
    text = announcement([HERE, "http://192.168.1.7:8501"], False, Serving())
    assert "http://192.168.1.7:8501" in text
    assert "everybody who reaches these addresses can use it. From this machine you can import" in " ".join(
        text.split()
    )
    text = " ".join(announcement([HERE], False, Serving(open=True)).split())
    assert "everybody who reaches these addresses can use it, import models, and delete" in text
    assert [is_loopback(host) for host in ("localhost", "127.0.0.1", "::1")] == [True] * 3
    assert [is_loopback(host) for host in ("0.0.0.0", "::", "192.168.1.7", "pc.school.example")] == [False] * 4
