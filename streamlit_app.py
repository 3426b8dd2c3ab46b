"""The process that serves the pages: `streamlit run streamlit_app.py`."""

import gc
import os
import signal
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from types import FrameType
from typing import Any

import anyio
import anyio.to_thread
import streamlit as st
from starlette.middleware import Middleware
from starlette.routing import Mount, Route
from streamlit import config, file_util, net_util, runtime
from streamlit.web.server import server_util

# Before NumPy is imported: with a thread each, many visitors are served sooner than with all threads for one.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")


# To compare a page's origin with its own, Streamlit would ask a server on the internet for this machine's address.
net_util.get_external_ip = net_util.get_internal_ip = lambda: None


def announce() -> None:
    """Print where the app is: Streamlit's own message, which asks the internet for it, is switched off."""
    everywhere = ADDRESS in ("0.0.0.0", "::")
    hosts = ["localhost", *own_addresses()] if everywhere else [f"[{ADDRESS}]" if ":" in ADDRESS else ADDRESS]
    urls = [server_util.get_url(host) for host in hosts]
    print(announcement(urls, is_loopback(ADDRESS), serving.settings()), flush=True)


def end_like_sigterm() -> None:
    """Let SIGHUP, of a terminal that is closed, end the server in order with the jobs that it began, unless nohup has
    set it aside."""
    in_charge = threading.current_thread() is threading.main_thread()
    if in_charge and signal.getsignal(signal.SIGHUP) is signal.SIG_DFL:

        def end(number: int, frame: FrameType | None) -> None:
            jobs.interrupt_own()
            signal.raise_signal(signal.SIGTERM)

        signal.signal(signal.SIGHUP, end)


def end_questions_first() -> None:
    """Let a signal that ends the server end its questions first, for it waits for their answers: those in flight have
    their time of grace after SIGTERM, and none after Ctrl-C, which ends the jobs as well that it began."""

    def end(number: int, frame: FrameType | None) -> None:
        if number == signal.SIGINT:
            jobs.interrupt_own()
        end_questions(serving.settings().grace if number == signal.SIGTERM else 0)
        then[number](number, frame)

    handlers = {int(number): signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    then = {number: handler for number, handler in handlers.items() if callable(handler)}
    if threading.current_thread() is threading.main_thread():
        for number in then:
            signal.signal(number, end)


def uploaded() -> int:
    """The bytes of all files that visitors have sent: Streamlit holds them until their sessions end."""
    families = runtime.get_instance().uploaded_file_mgr.get_stats()
    return sum(getattr(stat, "byte_length", 0) for stats in families.values() for stat in stats)


async def tell_sisters() -> None:
    """Say now and then what this worker does of what is bounded for all of them together."""
    while True:
        commons().say(FILES, uploaded())
        await anyio.sleep(1)


@asynccontextmanager
async def lifespan(_: st.App) -> AsyncIterator[dict[str, Any]]:
    await anyio.to_thread.run_sync(before_the_first_visit)
    # What stands now stays for good: no collection need walk through it again.
    gc.collect()
    gc.freeze()
    end_questions_first()
    end_like_sigterm()
    if not is_worker() or FIRST in os.environ:
        announce()
    threading.Thread(target=during_the_first_visit, name="warm-up", daemon=True).start()
    async with anyio.create_task_group() as group:
        if is_worker():
            group.start_soon(tell_sisters)
        yield {}
        group.cancel_scope.cancel()


from explorer import serving  # noqa: E402  after the variable that NumPy reads
from explorer.access import belongings, rights  # noqa: E402
from explorer.embeddings import catalog  # noqa: E402
from explorer.places import PACKAGE  # noqa: E402
from explorer.questions import QUESTIONS  # noqa: E402
from explorer.service import health, journal, metrics, webvectors  # noqa: E402
from explorer.service.answering import end as end_questions  # noqa: E402
from explorer.service.api import ROUTES, Shortcut, nothing  # noqa: E402
from explorer.service.asking import Asker, patience, watch  # noqa: E402
from explorer.service.atlas import routes as atlases  # noqa: E402
from explorer.service.commons import FILES, commons, is_worker  # noqa: E402
from explorer.service.first_page import FirstPage  # noqa: E402
from explorer.service.http import METHODS, Unroutable  # noqa: E402
from explorer.service.jobs import queue  # noqa: E402
from explorer.service.limits import Limits, Rate  # noqa: E402
from explorer.service.login import Unreachable, check_login  # noqa: E402
from explorer.service.owners import Owners, People, SecureLogins  # noqa: E402
from explorer.service.reach import Door, announcement, is_loopback, own_addresses, own_names  # noqa: E402
from explorer.service.talks import routes as talks  # noqa: E402
from explorer.service.worker import Visitors, of_sisters  # noqa: E402
from explorer.service.workers import FIRST  # noqa: E402
from explorer.ui import jobs  # noqa: E402
from explorer.ui.navigation import PATHS, WITH_LOGIN  # noqa: E402
from explorer.ui.rights import is_here  # noqa: E402
from explorer.ui.warm_up import before_the_first_visit, during_the_first_visit  # noqa: E402

SCRIPTS = Path(file_util.get_static_dir()) / "static" / "js"
ADDRESS = config.get_option("server.address") or "0.0.0.0"
names = own_names() | {config.get_option("server.address"), config.get_option("browser.serverAddress")}
names |= set(config.get_option("server.allowedHosts"))
origins = config.get_option("server.corsAllowedOrigins") if config.get_option("server.enableCORS") else ["*"]

settings = serving.settings()
config.set_option("server.maxUploadSize", settings.upload)
catalog.most_bytes = settings.memory * 2**20
log = settings.log or ("none" if is_loopback(ADDRESS) else "answers")
journal.begin(log)
watch(QUESTIONS.values(), page=lambda: Asker("page", patience(settings.seconds, is_here())))

if not commons().number:  # one worker does it for all
    queue.sweep()
    queue.cancel_what_may_not_begin()

pages: tuple[str, ...] = PATHS
logins: list[Middleware] = []
if settings.login:
    logins = [*[Middleware(SecureLogins)] * check_login(settings.login), Middleware(Unreachable)]
    config.set_option("secrets.files", [str(settings.login)])
    belongings.sees = rights.sees
    pages += WITH_LOGIN

routes = [
    Route("/api", nothing, methods=METHODS),
    Mount("/api", routes=ROUTES),
    *talks(),
    *atlases(),
    *health.ROUTES,
    # All workers see the same jobs: one counts them.
    metrics.route(dict if commons().number else queue.counts, of_sisters if is_worker() else None),
    *webvectors.ROUTES,
]
# Who runs it by Streamlit itself has one process, whatever the options say.
visitors = [Middleware(Visitors, number=commons().number, port=config.get_option("server.port"))] if is_worker() else []
owners = [Middleware(Owners)] if settings.open else []
# The pages live behind a script of its own: beside `pages/`, Streamlit would make its own navigation of them.
app = st.App(
    PACKAGE / "ui" / "shell.py",
    routes=routes,
    middleware=[
        Middleware(journal.Journal, queries=log == "queries"),
        Middleware(Door, names=names, origins=origins),
        *visitors,
        Middleware(People),
        Middleware(Limits, rate=Rate(settings.requests, memory=commons()), held=uploaded, memory=commons()),
        *owners,
        *logins,
        Middleware(Unroutable),
        Middleware(Shortcut),
        Middleware(FirstPage, pages=pages, routes=routes, scripts=SCRIPTS),
    ],
    lifespan=lifespan,
)
