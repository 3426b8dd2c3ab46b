"""Whether the server lives, at /healthz, and whether it should be asked, at /readyz."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from explorer.errors import UserError
from explorer.service.answering import is_ending


def _lives(request: Request) -> Response:
    return JSONResponse({"status": "ok"})


def _is_ready(request: Request) -> Response:
    """503 while it ends, and where the default model cannot be opened."""
    from explorer.embeddings import catalog

    try:
        model = catalog.load().name
    except UserError:
        model = None
    ready = model is not None and not is_ending()
    return JSONResponse(
        {"status": "ready" if ready else "not ready", "model": model, "ending": is_ending()}, 200 if ready else 503
    )


ROUTES = [Route("/healthz", _lives), Route("/readyz", _is_ready)]
