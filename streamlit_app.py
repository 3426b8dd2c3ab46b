"""The process that serves the pages: `streamlit run streamlit_app.py`."""

import gc
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Any

import anyio.to_thread
import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Mount

# Before NumPy is imported: with a thread each, many visitors are served sooner than with all threads for one.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


def warm_up() -> None:
    """Open the default model and import what the first visit needs, so that it is as quick as the others."""
    import pandas  # noqa: F401  Streamlit imports it in its first run
    import plotly.graph_objects  # noqa: F401

    from explorer.embeddings import catalog
    from explorer.errors import UserError
    from explorer.transformer import article, encoding  # noqa: F401
    from explorer.ui import lesson_view, messages, neighbour_table  # noqa: F401
    from explorer.ui.lesson_view import exports, layers  # noqa: F401

    with suppress(UserError):  # the pages say what is wrong with the model
        catalog.load()


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[dict[str, Any]]:
    await anyio.to_thread.run_sync(warm_up)
    # What stands now stays for good: no collection need walk through it again.
    gc.collect()
    gc.freeze()
    yield {}


from explorer.places import PACKAGE  # noqa: E402  after the variable that NumPy reads
from explorer.service.api import ROUTES, Unroutable  # noqa: E402

# The pages live behind a script of its own: beside `pages/`, Streamlit would make its own navigation of them.
app = st.App(
    PACKAGE / "ui" / "shell.py",
    routes=[Mount("/api", routes=ROUTES)],
    middleware=[Middleware(Unroutable)],
    lifespan=lifespan,
)
