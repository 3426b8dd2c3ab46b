"""The command that starts the app."""

from __future__ import annotations

import argparse
import subprocess
import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from explorer.cli.output import Commands


def add_to(commands: Commands) -> None:
    serve = commands.add_parser("serve", help="start the app and print its address")
    serve.add_argument("--port", type=int, default=8501)
    serve.set_defaults(run=_serve)


def _serve(options: argparse.Namespace) -> None:
    from explorer.errors import UserError
    from explorer.places import APP

    # -P: from whatever folder it is started, no file there passes for a module
    command = [sys.executable, "-P", "-m", "streamlit", "run", str(APP)]
    if not 1 <= options.port <= 65_535:
        raise UserError(f"The port is {options.port}, but must be from 1 to 65535.")
    finished = subprocess.run([*command, "--server.port", str(options.port)], check=False)
    if finished.returncode:
        raise UserError(f"The server ended with status {finished.returncode}; its own words stand above.")
