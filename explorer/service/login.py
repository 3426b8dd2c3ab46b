"""By which OpenID provider people log in: the file of `explorer serve --login`, in the form that Streamlit has for
`st.login`. It holds secrets, so no sentence repeats a value of it."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from urllib.parse import urlsplit

from explorer.errors import UserError
from explorer.serving import is_loopback
from explorer.texts import _
from explorer.toml_text import read_toml

CALLBACK = "/oauth2callback"
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
