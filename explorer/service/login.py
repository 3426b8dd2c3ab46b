"""By which OpenID provider people log in: the file of `explorer serve --login`, in the form that Streamlit has for
`st.login`. It holds secrets, so no sentence repeats a value of it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from starlette.responses import PlainTextResponse
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from explorer.errors import UserError
from explorer.serving import is_loopback
from explorer.texts import _
from explorer.toml_text import read_toml

CALLBACK = "/oauth2callback"
_LOGIN = "/auth/login"  # Streamlit's address that leads to the provider
_NEEDED = ("redirect_uri", "cookie_secret", "client_id", "client_secret", "server_metadata_url")
_LEAST_SECRET = 32  # characters: who guesses it is whoever they like


def check_login(file: Path) -> bool:
    """Whether people log in over TLS. Raises UserError for a file by which nobody could log in, and where what logs in
    is not installed."""
    if missing := [name for name in ("authlib", "httpx") if find_spec(name) is None]:
        raise UserError(
            _("A login needs {missing}: pip install 'embedding-explorer[login]'.", missing=_(" and ").join(missing))
        )
    entries = read_toml(file, _("The file of the login {file}", file=file)).get("auth")
    if not isinstance(entries, dict):
        raise UserError(_("The file of the login {file} has no table [auth].", file=file))
    if lacking := [name for name in _NEEDED if not isinstance(entries.get(name), str) or not entries[name]]:
        raise UserError(
            _("The file of the login {file} lacks {lacking} in [auth].", file=file, lacking=_(" and ").join(lacking))
        )
    if len(entries["cookie_secret"]) < _LEAST_SECRET:
        raise UserError(
            _(
                "The cookie_secret in {file} must have {least} characters or more, from a generator of random numbers: "
                "python -c 'import secrets; print(secrets.token_urlsafe(32))'.",
                file=file,
                least=_LEAST_SECRET,
            )
        )
    for name in ("redirect_uri", "server_metadata_url"):
        address = urlsplit(entries[name])
        if address.scheme != "https" and not (address.scheme == "http" and is_loopback(address.hostname or "")):
            raise UserError(_("The {name} in {file} must begin with https://.", name=name, file=file))
    if not entries["redirect_uri"].endswith(CALLBACK):
        raise UserError(_("The redirect_uri in {file} must end in {callback}.", file=file, callback=CALLBACK))
    return bool(urlsplit(entries["redirect_uri"]).scheme == "https")


class Unreachable:
    """Middleware that says in a sentence that the provider cannot be reached, and how to go on: Streamlit answers so
    with two words, and logs why."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or not scope["path"].endswith(_LOGIN):
            await self._app(scope, receive, send)
            return
        is_refused = False

        async def send_unless_refused(message: Message) -> None:
            nonlocal is_refused
            if message["type"] == "http.response.start":
                is_refused = message["status"] >= 400
            if not is_refused:
                await send(message)

        await self._app(scope, receive, send_unless_refused)
        if is_refused:
            sentence = _(
                "The login cannot begin: the server cannot reach the provider at which people log in, or is not set up "
                "for it. Go back and log in again in some minutes. If it stays so, tell who runs this server: its log "
                "says why."
            )
            await PlainTextResponse(f"{sentence}\n", 503)(scope, receive, send)
