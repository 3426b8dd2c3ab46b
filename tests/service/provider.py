"""A small OpenID provider on loopback, for tests: discovery, codes with PKCE, tokens signed with a key that it shows.

It believes whoever says who they are: its page has a link for each person.
"""

import secrets
import time
from base64 import b64decode, urlsafe_b64encode
from contextlib import contextmanager
from hashlib import sha256
from html import escape
from threading import Thread
from urllib.parse import urlencode

import uvicorn
from joserfc import jwt
from joserfc.jwk import RSAKey
from starlette.applications import Starlette
from starlette.responses import HTMLResponse, JSONResponse, RedirectResponse
from starlette.routing import Route

ID, SECRET = "explorer", "secret-of-the-client"
PEOPLE = {
    "ada": {"email": "ada@example.org", "email_verified": True, "groups": ["words"]},
    "ben": {"email": "ben@example.org", "email_verified": True},
    "eve": {"email": "ada@example.org", "email_verified": False},  # says that she is Ada
}


class Provider:
    """The provider, and how often somebody asked it for a token."""

    def __init__(self):
        self._key = RSAKey.generate_key(2048, {"kid": "1", "use": "sig"})
        self._codes = {}
        self.address, self.tokens = "", 0

    @property
    def app(self):
        return Starlette(
            routes=[
                Route("/.well-known/openid-configuration", self._discovery),
                Route("/keys", self._keys),
                Route("/authorize", self._choose),
                Route("/authorize/{name}", self._authorize),
                Route("/token", self._token, methods=["POST"]),
            ]
        )

    async def _discovery(self, request):
        return JSONResponse(
            {
                "issuer": self.address,
                "authorization_endpoint": f"{self.address}/authorize",
                "token_endpoint": f"{self.address}/token",
                "jwks_uri": f"{self.address}/keys",
                "response_types_supported": ["code"],
                "code_challenge_methods_supported": ["S256"],
                "id_token_signing_alg_values_supported": ["RS256"],
            }
        )

    async def _keys(self, request):
        return JSONResponse({"keys": [self._key.as_dict(private=False)]})

    async def _choose(self, request):
        query = escape(str(request.query_params))
        links = (f'<p><a href="/authorize/{name}?{query}">{name}</a></p>' for name in PEOPLE)
        return HTMLResponse("".join(links))

    async def _authorize(self, request):
        asked, code = request.query_params, secrets.token_urlsafe(16)
        assert (asked["client_id"], asked["response_type"], asked["code_challenge_method"]) == (ID, "code", "S256")
        self._codes[code] = (request.path_params["name"], asked["nonce"], asked["code_challenge"])
        return RedirectResponse(f"{asked['redirect_uri']}?{urlencode({'code': code, 'state': asked['state']})}", 302)

    async def _token(self, request):
        form = await request.form()
        client = b64decode(request.headers["authorization"].split()[1]).decode()
        name, nonce, challenge = self._codes.pop(form["code"])
        digest = urlsafe_b64encode(sha256(form["code_verifier"].encode()).digest()).decode().rstrip("=")
        if (client, digest) != (f"{ID}:{SECRET}", challenge):
            return JSONResponse({"error": "invalid_grant"}, 400)
        self.tokens += 1
        now = int(time.time())
        claims = {"iss": self.address, "aud": ID, "sub": f"subject of {name}", "nonce": nonce, "iat": now}
        claims |= {"exp": now + 600, **PEOPLE[name]}
        token = jwt.encode({"alg": "RS256", "kid": "1"}, claims, self._key)
        return JSONResponse({"access_token": "access", "token_type": "Bearer", "expires_in": 600, "id_token": token})


@contextmanager
def provider():
    """The provider, as long as this lasts."""
    own = Provider()
    server = uvicorn.Server(uvicorn.Config(own.app, port=0, log_level="error", lifespan="off"))
    sockets = [server.config.bind_socket()]
    own.address = "http://{}:{}".format(*sockets[0].getsockname())
    thread = Thread(target=server.run, kwargs={"sockets": sockets})
    thread.start()
    try:
        yield own
    finally:
        server.should_exit = True
        thread.join()


def login_file(folder, address, app):
    """The file of `explorer serve --login` for this provider, of an app at an address."""
    (file := folder / "login.toml").write_text(
        f'[auth]\nredirect_uri = "{app}/oauth2callback"\ncookie_secret = "{"c" * 40}"\nclient_id = "{ID}"\n'
        f'client_secret = "{SECRET}"\nserver_metadata_url = "{address}/.well-known/openid-configuration"\n'
    )
    return file
