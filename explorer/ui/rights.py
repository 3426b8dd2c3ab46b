"""What the visitor of a page may do, see `explorer.serving`."""

from __future__ import annotations

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from explorer import serving
from explorer.embeddings import catalog
from explorer.errors import UserError
from explorer.service import owners
from explorer.texts import _, _n

CLOSED = _(
    "Visitors may ask everything here, but not import, delete, train or write talks. Who runs the server can allow it: "
    "explorer serve --open."
)


def is_here() -> bool:
    """Whether the visitor sits at the machine that serves the page; one whose connection is lost does not.

    Address and headers are of one look at the connection, for it may be lost between two. What no visit asks, such as
    a job, and what no server serves, such as a page in a test, is of this machine.
    """
    visit = get_script_run_ctx()
    if visit is None or type(server := runtime.get_instance()) is not runtime.Runtime:
        return True
    client = server.get_client(visit.session_id)
    connection = client.client_context if client else None
    if connection is None:
        return False
    return serving.is_here(connection.remote_ip, {name.lower() for name, _value in connection.headers})


def may_change() -> bool:
    """Whether the visitor may import, delete, train and write talks."""
    return serving.may_change(is_here())


def owner() -> str:
    """Whose is what this visitor makes: empty for one at the machine itself, and for one without cookies."""
    secret = st.context.cookies.get(owners.COOKIE)
    return "" if is_here() else owners.owner(secret)


def may_remove(model: str) -> bool:
    """Whether the visitor may remove an imported model: at the machine itself each, from elsewhere their own."""
    return may_change() and (is_here() or owner() == catalog.owner(model) != "")


def check_job(running: int) -> None:
    """Raise UserError for a visitor who may not begin one more job beside those that run."""
    check_change()
    if not is_here() and running >= serving.settings().jobs:
        raise UserError(
            _n(
                "{count} job runs already, and this server carries out no more at once. Wait until it ends.",
                "{count} jobs run already, and this server carries out no more at once. Wait until one ends.",
                running,
            )
        )


def check_change() -> None:
    """Raise UserError for a visitor who may not."""
    if not may_change():
        raise UserError(CLOSED)
