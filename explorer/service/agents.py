"""Every question as a tool for agents, over the Model Context Protocol (modelcontextprotocol.io)."""

from __future__ import annotations

import signal
import socket
from typing import Any

import anyio
import uvicorn
from mcp import types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

import explorer
from explorer.questions import QUESTIONS
from explorer.questions.question import Question
from explorer.service.answering import Refusal, answered
from explorer.texts import _


def server() -> Server[Any]:
    """The server; its tools only read."""
    return Server(
        "embedding-explorer",
        version=explorer.__version__,
        instructions=_("Ask word embeddings and a small transformer. Every number is computed, none is made up."),
        on_list_tools=_list,
        on_call_tool=_call,
    )


def serve_stdio() -> None:
    """Serve the program that started this one, until it closes the pipe. What is printed meanwhile goes to standard
    error, for standard output belongs to the protocol."""

    async def run() -> None:
        served = server()
        async with stdio_server() as (reader, writer):
            await served.run(reader, writer, served.create_initialization_options())

    for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(number, signal.SIG_DFL)  # nothing need be tidied, and a thread that reads a pipe hears no other
    anyio.run(run)


def serve_http(listening: socket.socket) -> None:
    """Serve programs of this machine, at /mcp of a socket that listens, until a signal ends it.

    What comes under another name than localhost, as a page of another site would, is refused.
    """
    app = server().streamable_http_app(stateless_http=True, json_response=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)).run(sockets=[listening])


async def _list(_context: Any, _page: types.PaginatedRequestParams | None) -> types.ListToolsResult:
    return types.ListToolsResult(
        tools=[
            types.Tool(
                name=question.name,
                description=question.summary(),
                input_schema=question.schema(),
                annotations=types.ToolAnnotations(read_only_hint=True, open_world_hint=False),
            )
            for question in QUESTIONS.values()
        ]
    )


async def _call(_context: Any, call: types.CallToolRequestParams) -> types.CallToolResult:
    if call.name in QUESTIONS:
        question = QUESTIONS[call.name]
        values = call.arguments or {}

        def ask() -> Question:
            question.check_remote(values)
            return question(**values)

        answer = await answered(question, ask)
    else:
        tools = ", ".join(QUESTIONS)
        answer = Refusal(_("There is no question “{name}”. Take one of {tools}.", name=call.name, tools=tools), 404)
    text = types.TextContent(type="text", text=_text(answer))
    return types.CallToolResult(content=[text], is_error=isinstance(answer, Refusal))


def _text(answer: str | Refusal) -> str:
    """What an agent reads: the answer as JSON, or the sentence with what may have been meant."""
    if isinstance(answer, str):
        return answer
    if not answer.suggestions:
        return answer.sentence
    return answer.sentence + " " + _("Suggestions: {words}.", words=", ".join(answer.suggestions))
