"""The questions as tools of agents, asked by the protocol's own client over real pipes and over real HTTP."""

import http.client
import json
import signal
import socket
import subprocess
import sys
from contextlib import contextmanager

import pytest
from mcp import Client, StdioServerParameters

from explorer.cli import main
from explorer.questions import QUESTIONS
from tests.loops import in_a_thread

EXPLORER = ["-m", "explorer", "mcp"]


def ask(server, *calls):
    """What the server at an address or behind a command lists, and what it answers to each call."""

    async def session():
        async with Client(server) as client:
            return await client.list_tools(), [await client.call_tool(name, values) for name, values in calls]

    return in_a_thread(session)


@contextmanager
def serving():
    """The port of a server over HTTP in a process of its own."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, *EXPLORER, "--http", "--port", str(port)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert f"http://localhost:{port}/mcp" in process.stderr.readline()
        try:
            yield port, process
        finally:
            process.terminate()


CALLS = [
    ("neighbours", {"word": "airplane", "n": 3, "pos": "NOUN"}),
    ("similarity", {"first": "king", "second": "queen"}),
    ("neighbours", {"word": "airplne"}),
    ("neighbours", {"word": "airplane", "n": 0}),
    ("neighbours", {}),
    ("neighbours", {"word": "airplane", "nonsense": 1}),
    ("nonsense", {}),
]


def check(tools, answers):
    """What both ways of asking have to give."""
    assert [tool.name for tool in tools.tools] == [*QUESTIONS]
    for tool, question in zip(tools.tools, QUESTIONS.values(), strict=True):
        assert tool.description == question.summary()
        assert tool.input_schema == json.loads(json.dumps(question.schema()))
        assert tool.annotations.read_only_hint
    texts = [answer.content[0].text for answer in answers]
    assert [answer.is_error for answer in answers] == [False, False, True, True, True, True, True]
    for text, (name, values) in zip(texts[:2], CALLS[:2], strict=True):
        assert json.loads(text) == json.loads(json.dumps(QUESTIONS[name](**values).answer().as_json()))
    assert "“airplne” is not among" in texts[2]
    assert "Suggestions: airplane" in texts[2]
    assert texts[3] == "n is 0, but must be a whole number from 1 to 10,000."
    assert texts[4].startswith("word is missing")
    assert "no parameter “nonsense”" in texts[5]
    assert texts[6].startswith("There is no question “nonsense”. Take one of neighbours, ")


def test_an_agent_asks_over_standard_input_and_output():
    check(*ask(StdioServerParameters(command=sys.executable, args=EXPLORER), *CALLS))


def test_an_agent_asks_over_http_and_nobody_under_another_name():
    with serving() as (port, process):
        check(*ask(f"http://localhost:{port}/mcp", *CALLS))
        for headers in ({"Host": f"rebound.example:{port}"}, {"Origin": "https://elsewhere.example"}):
            connection = http.client.HTTPConnection("localhost", port)
            body = {"Content-Type": "application/json", "Accept": "application/json"}
            connection.request("POST", "/mcp", b"{}", body | headers)
            assert connection.getresponse().status in (403, 421)
        process.terminate()
        out, error = process.communicate()
        assert (out, "Traceback" in error) == ("", False)
    assert process.returncode == 128 + signal.SIGTERM


@pytest.mark.parametrize("end", [lambda process: process.stdin.close(), lambda process: process.terminate()])
def test_nothing_but_the_protocol_is_printed_and_the_end_is_quiet(end):
    command = [sys.executable, *EXPLORER]
    pipes = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
    with subprocess.Popen(command, text=True, **pipes) as process:
        hello = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "test", "version": "1"}}
        process.stdin.write(json.dumps({"jsonrpc": "2.0", "id": 1, "method": "initialize", "params": hello}) + "\n")
        process.stdin.flush()
        assert json.loads(process.stdout.readline())["result"]["serverInfo"]["name"] == "embedding-explorer"
        end(process)
        assert process.stdout.read() == ""
        assert "Traceback" not in process.stderr.read()
        assert process.wait() in (0, -signal.SIGTERM)


def test_what_cannot_be_served_is_a_sentence(capsys):
    assert main(["mcp", "--port", "9"]) == 2
    assert "--port needs --http" in capsys.readouterr().err
    assert main(["mcp", "--http", "--port", "0"]) == 2
    assert "must be from 1 to 65535" in capsys.readouterr().err
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert main(["mcp", "--http", "--port", str(taken.getsockname()[1])]) == 2
    assert "cannot listen at localhost" in capsys.readouterr().err
