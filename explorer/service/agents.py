"""Every question as a tool for agents, over the Model Context Protocol (modelcontextprotocol.io)."""

from __future__ import annotations

import json
from typing import Any

import anyio
from anyio.to_thread import run_sync
from mcp import types
from mcp.server.lowlevel import Server
from mcp.server.stdio import stdio_server

import explorer
from explorer.errors import UserError
from explorer.questions import QUESTIONS


def server() -> Server[Any]:
    """The server; its tools only read."""
    return Server(
        "embedding-explorer",
        version=explorer.__version__,
        instructions="Ask word embeddings and a small transformer. Every number is computed, none is made up.",
        on_list_tools=_list,
        on_call_tool=_call,
    )


def serve_stdio() -> None:
    """Serve the program that started this one, until it closes the pipe."""

    async def run() -> None:
        served = server()
        async with stdio_server() as (read, write):
            await served.run(read, write, served.create_initialization_options())

    anyio.run(run)


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
    return await run_sync(_answered, call.name, call.arguments or {})


def _answered(name: str, values: dict[str, Any]) -> types.CallToolResult:
    try:
        if name not in QUESTIONS:
            raise UserError(f"There is no question “{name}”. Take one of {', '.join(QUESTIONS)}.")
        QUESTIONS[name].check_remote(values)
        text, failed = (
            json.dumps(QUESTIONS[name](**values).answer().as_json(), ensure_ascii=False, allow_nan=False),
            False,
        )
    except UserError as error:
        suggestions = f" Suggestions: {', '.join(error.suggestions)}." if error.suggestions else ""
        text, failed = f"{error}{suggestions}", True
    return types.CallToolResult(content=[types.TextContent(type="text", text=text)], is_error=failed)
