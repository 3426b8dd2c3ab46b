"""The command that starts the app."""

from __future__ import annotations

import argparse
import os
import sys
from typing import TYPE_CHECKING

from explorer.cli.questions import add_option, values_of
from explorer.errors import UserError
from explorer.serving import Serving, chosen, configured, variable
from explorer.texts import _

if TYPE_CHECKING:
    import socket

    from explorer.cli.output import Commands


def add_to(commands: Commands) -> None:
    serve = commands.add_parser(
        Serving.name,
        help=_("start the app and print its address"),
        description=_(
            "Start the app and print its address. Each option is an environment variable as well, such as "
            "EXPLORER_OPEN=1 for --open, and a key of a configuration file, such as open = true."
        ),
    )
    for option in Serving.parameters.values():
        add_option(serve, option)
    serve.set_defaults(run=_serve)


def _serve(options: argparse.Namespace) -> None:
    from explorer.places import APP

    serving = chosen(dict(values_of(Serving, options)))
    check_place(serving.host, serving.port)
    if serving.login:
        from explorer.service.login import check_login

        check_login(serving.login)
    if serving.config:
        for name, folder in configured(serving.config)[1].items():
            variable_of_folder = f"EXPLORER_{name.upper()}"
            os.environ[variable_of_folder] = os.environ.get(variable_of_folder) or folder
    for name, option in Serving.parameters.items():
        if (value := serving.values[name]) is not None:
            os.environ[variable(option)] = option.write(value)[0]
    # Who serves does not edit: with each visit, Streamlit would look for changes of all modules.
    os.environ.setdefault("STREAMLIT_SERVER_FILE_WATCHER_TYPE", "none")
    sys.stdout.flush()
    if serving.workers > 1:
        from explorer.service.workers import run

        sys.exit(run(listener(serving.host, serving.port), serving.workers))
    # -P: from whatever folder it is started, no file there passes for a module
    command = [sys.executable, "-P", "-m", "streamlit", "run", str(APP)]
    command += ["--server.address", serving.host, "--server.port", str(serving.port)]
    # In the place of this process, so that whatever signal ends it ends the server.
    os.execv(sys.executable, command)


def check_place(host: str, port: int) -> None:
    """Raise UserError where a server could not listen, which it would say with a traceback."""
    if not 1 <= port <= 65_535:
        raise UserError(_("The port is {port}, but must be from 1 to 65535.", port=port))
    listener(host, port).close()


def listener(host: str, port: int) -> socket.socket:
    """A socket that listens there. Raises UserError where it cannot."""
    import socket

    try:
        listening = socket.socket(socket.AF_INET6 if ":" in host else socket.AF_INET)
        try:
            listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            if host == "::":
                listening.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 0)
            listening.bind((host, port))
            listening.listen(2048)
        except BaseException:
            listening.close()
            raise
        return listening
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
