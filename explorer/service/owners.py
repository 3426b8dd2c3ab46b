"""Who stands at a door, and how they are known again: by the login of a person, by a person's token, or, where nobody
logs in, by a cookie of their browser. What somebody makes is theirs, and others cannot remove it."""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from hashlib import sha256
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import cookie_parser
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from explorer import serving
from explorer.access import rights, tokens
from explorer.access.rights import HERE, Kind, Somebody
from explorer.texts import _

COOKIE = "explorer-visitor"
_LOGINS = b"_streamlit_user"  # what the names of the cookies begin with in which Streamlit keeps a login
_YEAR = 365 * 24 * 3600  # seconds
_NAMES = ("email", "preferred_username", "name", "sub")  # claims that say what somebody is called, the best first


def owner(secret: str | None) -> str:
    """What stands beside what a browser or a person made, of whom nobody learns the secret; empty for one that has
    none."""
    return sha256(secret.encode()).hexdigest()[:32] if secret else ""


def somebody(is_here: bool, cookies: Mapping[str, str], bearer: str = "") -> Somebody:
    """Who asks with these cookies, or with the token `bearer`: the one answer for pages, API and uploads."""
    if is_here:
        return HERE
    if not serving.settings().login:
        return Somebody(Kind.VISITOR, owner(cookies.get(COOKIE)))
    if bearer:
        token = tokens.find(bearer)
        if token is None:
            return Somebody(Kind.STRANGER, refusal=_("This token is unknown here, or was revoked."))
        kind = Kind.ADMINISTRATOR if rights.Right.ADMINISTER in token.scopes else Kind.PERSON
        return Somebody(kind, token.owner, token.person, token.scopes)
    claims = _login(cookies)
    if not claims.get("sub"):
        return Somebody(Kind.STRANGER)
    named = [each for each in _NAMES if claims.get(each) and (each != "email" or _is_verified(claims))]
    name = str(claims[named[0]])
    kind = Kind.ADMINISTRATOR if _administers(claims) else Kind.PERSON
    # A subject is unique with its provider alone.
    return Somebody(kind, owner(f"{claims.get('iss', '')} {claims['sub']}"), name[:200])


def _login(cookies: Mapping[str, str]) -> dict[str, Any]:
    """What the provider has said of who logged in with this browser, from the cookie that Streamlit has signed and
    holds for 30 days; nothing where nobody did."""
    from streamlit.auth_util import get_cookie_with_chunks
    from streamlit.web.server.server_util import get_cookie_secret
    from streamlit.web.server.starlette.starlette_app_utils import decode_signed_value
    from streamlit.web.server.starlette.starlette_server_config import USER_COOKIE_NAME

    def signed(name: str) -> bytes | None:
        value = cookies.get(name)
        return None if value is None else decode_signed_value(get_cookie_secret(), name, value.encode("latin-1"))

    if USER_COOKIE_NAME not in cookies:
        return {}
    try:
        claims = json.loads(get_cookie_with_chunks(signed, USER_COOKIE_NAME) or "{}")
    except ValueError:
        return {}
    return claims if isinstance(claims, dict) and claims.get("is_logged_in") is True else {}


def _administers(claims: Mapping[str, Any]) -> bool:
    """Whether the configuration names this person: by their address, or as claim=value by what the provider says."""
    for entry in (serving.settings().administrators or "").split(","):
        claim, is_claim, value = entry.strip().partition("=")
        claim, value = (claim, value) if is_claim else ("email", claim)
        if claim == "email" and not _is_verified(claims):
            continue
        held = claims.get(claim)
        values = [_written(each) for each in (held if isinstance(held, list) else [held]) if each is not None]
        if claim == "email":
            value, values = value.casefold(), [each.casefold() for each in values]
        if value and value in values:
            return True
    return False


def _is_verified(claims: Mapping[str, Any]) -> bool:
    """Whether the provider stands by an address; where it says that it does not, people say it themselves."""
    return str(claims.get("email_verified")).casefold() != "false"


def _written(value: object) -> str:
    """A value of a claim as the configuration has it."""
    return json.dumps(value) if isinstance(value, bool) else str(value)


class People:
    """Middleware by which every door knows who asks. A page's websocket tells its script itself."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        headers, client = Headers(scope=scope), scope.get("client")
        scheme, _space, bearer = headers.get("authorization", "").partition(" ")
        is_here = serving.is_here(client[0] if client else None, headers)
        cookies = {} if is_here else cookie_parser(headers.get("cookie", ""))
        with rights.acting(somebody(is_here, cookies, bearer.strip() if scheme.lower() == "bearer" else "")):
            await self._app(scope, receive, send)


class Owners:
    """Middleware that gives the cookie to a browser which loads a page without it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http" or COOKIE in cookie_parser(Headers(scope=scope).get("cookie", "")):
            await self._app(scope, receive, send)
            return

        async def send_with_cookie(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = MutableHeaders(raw=list(message["headers"]))
                if headers.get("content-type", "").startswith("text/html"):
                    own = f"{COOKIE}={secrets.token_urlsafe(24)}; Path=/; Max-Age={_YEAR}; HttpOnly; SameSite=Lax"
                    headers.append("set-cookie", own)
                    message = {**message, "headers": headers.raw}
            await send(message)

        await self._app(scope, receive, send_with_cookie)


class SecureLogins:
    """Middleware by which a browser sends the cookies of a login over TLS alone; Streamlit leaves that open."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        async def send_secure(message: Message) -> None:
            if message["type"] == "http.response.start":
                headers = [(name, _secure(name, value)) for name, value in message["headers"]]
                message = {**message, "headers": headers}
            await send(message)

        await self._app(scope, receive, send_secure)


def _secure(name: bytes, value: bytes) -> bytes:
    return value + b"; Secure" if name.lower() == b"set-cookie" and value.startswith(_LOGINS) else value
