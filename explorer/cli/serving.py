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
    from explorer.embeddings.catalog import ROOT

    command = [sys.executable, "-m", "streamlit", "run", str(ROOT / "streamlit_app.py")]
    subprocess.run([*command, "--server.port", str(options.port)], check=False)
