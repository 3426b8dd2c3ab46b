"""The command that starts the app."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from explorer.errors import UserError
from explorer.texts import _

if TYPE_CHECKING:
    from explorer.cli.output import Commands


def add_to(commands: Commands) -> None:
    serve = commands.add_parser("serve", help=_("start the app and print its address"))
    serve.add_argument("--port", type=int, default=8501, help=_("default: 8501"))
    serve.add_argument(
        "--host",
        default="localhost",
        help=_(
            "where to listen: an address of this machine, or 0.0.0.0 for all of them; everybody who reaches it can "
            "use, import and delete (default: localhost, this machine alone)"
        ),
    )
    serve.set_defaults(run=_serve)


def _serve(options: argparse.Namespace) -> None:
    from explorer.places import APP

    check_place(options.host, options.port)
    # -P: from whatever folder it is started, no file there passes for a module
    command = [sys.executable, "-P", "-m", "streamlit", "run", str(APP)]
    command += ["--server.address", options.host, "--server.port", str(options.port)]
    sys.stdout.flush()
    # In the place of this process, so that whatever signal ends it ends the server.
    os.execv(sys.executable, command)


def check_place(host: str, port: int) -> None:
    """Raise UserError where a server could not listen, which it would say with a traceback."""
    if not 1 <= port <= 65_535:
        raise UserError(_("The port is {port}, but must be from 1 to 65535.", port=port))
    import socket

    try:
        with socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind((host, port))
    except (OSError, UnicodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else _("this is no name of a host")
        raise UserError(
            _(
                "The app cannot listen at {host}, port {port}: {reason}. Give --host an address of this machine, or "
                "--port another number.",
                host=host,
                port=port,
                reason=reason,
            )
        ) from error
