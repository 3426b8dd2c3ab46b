"""The command line: `explorer …`, or `python -m explorer …`. It asks the functions that the pages ask, so it gives the
same numbers.

Each command imports what it needs when it runs, so that a look-up need not wait for gensim.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from explorer import __version__
from explorer.cli import (
    asking,
    comparing,
    doctor,
    health,
    initialisation,
    lesson,
    maps,
    models,
    serving,
    training,
    transformer,
    words,
)
from explorer.errors import UserError

_GROUPS = (
    words,
    asking,
    comparing,
    health,
    maps,
    models,
    transformer,
    lesson,
    training,
    initialisation,
    serving,
    doctor,
)


def main(arguments: Sequence[str] | None = None) -> int:
    """Run one command; returns the exit status: 0, 2 for what the user can mend, 130 after Ctrl-C."""
    options = _parser().parse_args(arguments)
    try:
        options.run(options)
    except UserError as error:
        print(f"explorer: {error}", file=sys.stderr)
        return 2
    except MemoryError:
        print("explorer: that needs more memory than this machine has. Ask for smaller sizes.", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        print("explorer: stopped.", file=sys.stderr)
        return 130
    except BrokenPipeError:
        # The reader, such as head, has had enough; nothing more may be written, not even on the way out.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 0
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="explorer" if Path(sys.argv[0]).name == "explorer" else "python -m explorer",
        description="Words, vectors, and what a transformer makes of them.",
    )
    parser.add_argument("--version", action="version", version=f"explorer {__version__}")
    commands = parser.add_subparsers(required=True, metavar="COMMAND")
    for group in _GROUPS:
        group.add_to(commands)
    return parser
