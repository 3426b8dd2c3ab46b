"""The HTML page that a browser asks for first: what it has to know before the app begins, and a sentence for a page
that there is not."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from difflib import get_close_matches
from html import escape
from pathlib import Path

from starlette.datastructures import Headers, MutableHeaders
from starlette.responses import HTMLResponse
from starlette.routing import BaseRoute, Mount, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from explorer.texts import _

THEME = "explorer-theme"
"""Under which name the browser keeps whether the reader chose the light or the dark theme."""

# Streamlit keeps a theme for each path at which it was loaded; a choice of the reader is one for all pages.
_HEAD = f"""<script>
try {{
  const chosen = localStorage.getItem("{THEME}");
  if (chosen) localStorage.setItem(`stActiveTheme-${{location.pathname}}-v2`, JSON.stringify(chosen));
}} catch {{}}
</script>
</head>""".encode()
# Without this the app would look for its server beneath the page's own address first, and fail.
_BASE = b"""<script>
window.__streamlit = { ...window.__streamlit, BACKEND_BASE_URL: new URL("%s", location.href).href };
</script>"""
# What the controls of the pages are drawn with: the app would ask for each only when it meets the first of its kind,
# and show a grey place of another height until then. Charts are large, so they come when the page stands.
_SOON = ("BidiComponent", "BaseButton", "Button", "ButtonGroup", "Multiselect", "NumberInput", "Selectbox", "TextInput")
# These wait for scripts of their own.
_BEHIND = ("Html", "purify.es", "serialization", "recordbatch", "WidgetLabel", "useBasicWidgetState")
_LATER = ("rehype-katex", "PlotlyChart")
# Addresses of its own beside those of pages.
_STREAMLITS = ("/static", "/_stcore", "/component", "/media", "/auth", "/oauth2callback")


class FirstPage:
    """Middleware that completes the first page of the app, and answers for `pages` that there are not.

    Requests to the `routes` go by. `scripts` is the folder of those that the app loads by and by.
    """

    def __init__(self, app: ASGIApp, pages: Collection[str], routes: Iterable[BaseRoute], scripts: Path | None = None):
        paths = (route.path for route in routes if isinstance(route, (Mount, Route)))
        self.app, self.pages = app, frozenset(pages)
        self.head = (script_links(scripts) if scripts else "").encode() + _HEAD
        self.others = (*_STREAMLITS, *(path for path in paths if not path.startswith("/{")))

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path = scope.get("path", "")
        if scope["type"] != "http" or scope["method"] != "GET" or self._is_other(path) or "." in path:
            return await self.app(scope, receive, send)
        name = path.strip("/")
        if "/" not in name and name not in self.pages:
            return await self._nothing(name)(scope, receive, send)
        # What is packed could not be completed.
        plain = [(key, value) for key, value in scope["headers"] if key != b"accept-encoding"]
        base = b"" if "/" in name else _BASE % (b".." if name and path.endswith("/") else b".")
        start: Message | None = None
        body = b""

        async def complete(message: Message) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start" and _is_html(message):
                start = message
            elif start is None:
                await send(message)
            else:
                body += message.get("body", b"")
                if not message.get("more_body"):
                    await _send_whole(send, start, body.replace(b"</head>", base + self.head, 1))

        return await self.app({**scope, "headers": plain}, receive, complete)

    def _is_other(self, path: str) -> bool:
        return any(path == other or path.startswith(f"{other}/") for other in self.others)

    def _nothing(self, name: str) -> HTMLResponse:
        sentence = _("There is no page called “{name}”.", name=name[:80])
        close = get_close_matches(name.lower(), sorted(self.pages - {""}), 3)
        links = "".join(f' <a href="/{page}">{page}</a>' for page in close)
        meant, home = escape(_("Did you mean:")), escape(_("Home"))
        instead = f"<p>{meant}{links}</p>" if close else ""
        page = (
            f'<!DOCTYPE html><html lang="en"><meta charset="utf-8"><meta name="viewport" content="width=device-width">'
            f"<title>{escape(sentence)}</title><style>:root {{color-scheme: light dark; font: 1.1rem/1.6 sans-serif}} "
            f"body {{max-width: 40rem; margin: 4rem auto; padding: 0 1rem}}</style>"
            f'<h1>{escape(sentence)}</h1>{instead}<p><a href="/">{home}</a></p></html>'
        )
        return HTMLResponse(page, 404)


def script_links(scripts: Path) -> str:
    """What the browser may load beforehand, of the folder of scripts that the app has."""
    groups = (*_SOON, *_BEHIND), _LATER
    soon, later = ([file.name for name in names for file in scripts.glob(f"{name}.*.js")] for names in groups)
    return "".join(
        [f'<link rel="modulepreload" crossorigin href="./static/js/{name}">' for name in soon]
        + [f'<link rel="prefetch" as="script" crossorigin href="./static/js/{name}">' for name in later]
    )


def _is_html(message: Message) -> bool:
    headers = Headers(raw=message["headers"])
    return headers.get("content-type", "").startswith("text/html") and "content-encoding" not in headers


async def _send_whole(send: Send, start: Message, body: bytes) -> None:
    headers = MutableHeaders(raw=list(start["headers"]))
    headers["content-length"] = str(len(body))
    for name in ("etag", "last-modified"):  # of another body
        if name in headers:
            del headers[name]
    await send({**start, "headers": headers.raw})
    await send({"type": "http.response.body", "body": body})
