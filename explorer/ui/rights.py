"""What the visitor of a page may do, see `explorer.access.rights`."""

from __future__ import annotations

import streamlit as st
from streamlit import runtime
from streamlit.runtime.scriptrunner import get_script_run_ctx

from explorer import serving
from explorer.access import rights
from explorer.access.rights import Kind, Right, Somebody
from explorer.embeddings import catalog, importing
from explorer.embeddings.downloadable import is_downloadable
from explorer.errors import UserError, cut
from explorer.service import owners
from explorer.texts import _

CLOSED = _(
    "Visitors may ask everything here, but not import, delete, train or write talks. Who runs the server can allow it, "
    "with --open or without --closed."
)


def is_here() -> bool:
    """Whether the visitor sits at the machine that serves the page; one whose connection is lost does not.

    Address and headers are of one look at the connection, for it may be lost between two. What no visit asks, such as
    a job, and what no server serves, such as a page in a test, is of this machine.
    """
    visit, server = get_script_run_ctx(suppress_warning=True), _server()
    if visit is None or server is None:
        return True
    client = server.get_client(visit.session_id)
    connection = client.client_context if client else None
    if connection is None:
        return False
    return serving.is_here(connection.remote_ip, {name.lower() for name, _value in connection.headers})


def _server() -> runtime.Runtime | None:
    """What serves the pages; a page in a test has another, or none."""
    server = runtime.get_instance() if runtime.exists() else None
    return server if type(server) is runtime.Runtime else None


def visitor() -> Somebody:
    """Who looks at the page. Where people log in, what no visit asks is nobody's, unless it says for whom it acts."""
    if serving.settings().login and _server() and get_script_run_ctx(suppress_warning=True) is None:
        return Somebody(Kind.STRANGER)
    here = is_here()
    return owners.somebody(here, {} if here else st.context.cookies)


rights.of_page = visitor


def may_ask() -> bool:
    """Whether the visitor may ask anything: where people log in, not before they have."""
    return rights.somebody().may(Right.ASK)


def may_change() -> bool:
    """Whether the visitor may import, delete, train and write talks."""
    return rights.somebody().may(Right.CHANGE)


def may_remove(model: str) -> bool:
    """Whether the visitor may remove an imported model: who administers the server each, others their own."""
    return rights.somebody().may_remove(catalog.belonging(model))


def check_model_name(name: str) -> None:
    """Raise UserError for a name that an imported model cannot have. What somebody imports for themselves does not take
    a name of the catalogue from all others."""
    importing.check_name(name)
    if rights.somebody().owner and is_downloadable(name):
        raise UserError(
            _("“{name}” is a model of the catalogue, which all may download. Take another name.", name=cut(name))
        )


def may_administer() -> bool:
    """Whether the visitor may see what belongs to the machine, such as the names of its folders."""
    return rights.somebody().may(Right.ADMINISTER)


def check_change() -> None:
    """Raise UserError for a visitor who may not."""
    if not may_change():
        raise UserError(CLOSED)
