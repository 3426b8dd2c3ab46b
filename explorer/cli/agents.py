"""The command that serves the questions to agents."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from explorer.errors import UserError

if TYPE_CHECKING:
    from explorer.cli.output import Commands

_PORT = 8502  # beside that of the pages


def add_to(commands: Commands) -> None:
    mcp = commands.add_parser(
        "mcp",
        help="serve the questions to agents, as tools of the Model Context Protocol",
        description="Serve the questions, which only read, as tools of the Model Context Protocol: over standard input "
        "and output to the program that starts this command, or with --http to programs of this machine.",
    )
    mcp.add_argument("--http", action="store_true", help="serve over HTTP, at http://localhost:PORT/mcp")
    mcp.add_argument("--port", type=int, help=f"with --http (default: {_PORT})")
    mcp.set_defaults(run=_mcp)


def _mcp(options: argparse.Namespace) -> None:
    from explorer.cli.serving import check_place

    if options.port is not None and not options.http:
        raise UserError("--port needs --http: without it, nothing listens at a port.")
    if not options.http:
        from explorer.service.agents import serve_stdio

        serve_stdio()
        return
    port = _PORT if options.port is None else options.port
    check_place("localhost", port)
    import socket

    from explorer.service.agents import serve_http

    with socket.create_server(("localhost", port)) as listening:
        print(f"The questions are at http://localhost:{port}/mcp, for programs of this machine.", file=sys.stderr)
        serve_http(listening)
