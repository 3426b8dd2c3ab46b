"""A small server of several processes, for tests: `python -m tests.service.several PORT`."""

import mmap
import os
import socket
import sys
import tempfile

import anyio
import uvicorn
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import JSONResponse, StreamingResponse
from starlette.routing import Route

from explorer.service import metrics
from explorer.service.commons import commons
from explorer.service.worker import Visitors, of_sisters, serve
from explorer.service.workers import run

WORKERS = 2


def who(request):
    return JSONResponse(
        {"number": commons().number, "process": os.getpid(), "address": request.client[0], "path": request.url.path}
    )


async def slow(request):
    """Answer when the body is whole."""
    return JSONResponse({"number": commons().number, "body": (await request.body()).decode()})


async def cut_short(request):
    """Read a mapped file that somebody cuts short meanwhile: the kernel ends the process."""

    def read():
        with tempfile.TemporaryFile() as file:
            file.truncate(mmap.PAGESIZE)
            vectors = mmap.mmap(file.fileno(), mmap.PAGESIZE)
            file.truncate(0)
            return vectors[0]

    return JSONResponse(await anyio.to_thread.run_sync(read))


async def large(request):
    """More than any buffer takes of what nobody reads."""

    async def parts():
        for _ in range(1000):
            yield bytes(2**20)

    return StreamingResponse(parts())


def work():
    """Be a worker."""
    routes = [
        Route("/slow", slow, methods=["POST"]),
        Route("/cut-short", cut_short),
        Route("/large", large),
        metrics.route(lambda: {("Import", "running"): commons().number}, of_sisters),
        Route("/{path:path}", who),
    ]
    app = Starlette(
        routes=routes, middleware=[Middleware(Visitors, number=commons().number, port=os.environ["PORT_OF_TEST"])]
    )
    serve(uvicorn.Config(app, log_level="error"))


if __name__ == "__main__":
    os.environ |= {"PORT_OF_TEST": sys.argv[1], "EXPLORER_WORKERS": str(WORKERS)}
    listening = socket.create_server(("127.0.0.1", int(sys.argv[1])))
    sys.exit(run(listening, WORKERS, [sys.executable, "-c", "from tests.service.several import work; work()"]))
