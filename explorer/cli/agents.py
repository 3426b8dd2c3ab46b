"""The command that serves the questions to agents."""

from __future__ import annotations

import argparse
import sys
from typing import TYPE_CHECKING

from explorer.errors import UserError
from explorer.texts import _

if TYPE_CHECKING:
    from explorer.cli.output import Commands

_PORT = 8502  # beside that of the pages


def add_to(commands: Commands) -> None:
    mcp = commands.add_parser(
        "mcp",
        help=_("serve the questions to agents, as tools of the Model Context Protocol"),
        description=_(
            "Serve the questions, which only read, as tools of the Model Context Protocol: over standard input "
            "and output to the program that starts this command, or with --http to programs of this machine."
        ),
    )
    mcp.add_argument("--http", action="store_true", help=_("serve over HTTP, at http://localhost:PORT/mcp"))
    mcp.add_argument("--port", type=int, help=_("with --http (default: {port})", port=_PORT))
    mcp.set_defaults(run=_mcp)


def _mcp(options: argparse.Namespace) -> None:
    from explorer.cli.serving import check_place

    if options.port is not None and not options.http:
        raise UserError(_("--port needs --http: without it, nothing listens at a port."))
    if not options.http:
        from explorer.service.agents import serve_stdio

        serve_stdio()
        return
    port = _PORT if options.port is None else options.port
    check_place("localhost", port)
    import socket

    from explorer.service.agents import serve_http

    with socket.create_server(("localhost", port)) as listening:
        print(
            _("The questions are at http://localhost:{port}/mcp, for programs of this machine.", port=port),
            file=sys.stderr,
        )
        serve_http(listening)
