"""Tokens by which programs ask the API for a person: a file each, which holds the token's hash and never the token.

A file is named by the hash, so a token is found without a search, and one whose file is deleted counts no more, at all
processes at once.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256
from pathlib import Path

import tomli_w

from explorer import places
from explorer.access.rights import Right
from explorer.errors import NotThere, UserError, cut
from explorer.files import write_file
from explorer.texts import _
from explorer.toml_text import read_toml

TOKENS = places.TOKENS
SCOPES = (Right.ASK, Right.ADMINISTER)  # the API changes nothing, so nobody needs one to change something
MOST = 20  # of a person
_PREFIX = "explorer_"  # by which one that was published by mistake is found
_HASH = re.compile(r"[0-9a-f]{64}")
_ID = 8  # digits of the hash by which people name one


@dataclass(frozen=True)
class Token:
    """What is known of a token: its `hash`, its `name`, what it may, and whose it is."""

    hash: str
    name: str
    scopes: frozenset[Right]
    made: str  # the day
    owner: str = ""
    person: str = ""

    @property
    def id(self) -> str:
        return self.hash[:_ID]


def make(name: str, scopes: Iterable[str], owner: str = "", person: str = "") -> str:
    """A new token, which stands nowhere else afterwards. One without an owner is of who administers the machine, and
    sees what all see. Raises UserError for a name or scope that cannot be, and for one too many."""
    name, scopes = name.strip(), [*dict.fromkeys(scopes)]
    if not name or len(name) > 60 or not name.isprintable():
        raise UserError(_("A token needs a name of 1 to 60 characters, such as the program that uses it."))
    if not scopes or not set(scopes) <= set(SCOPES):
        raise UserError(_("A token may {scopes}, or both. Choose what.", scopes=_(" or ").join(SCOPES)))
    if len(of(owner)) >= MOST:
        raise UserError(_("There are {most} tokens already. Revoke one first.", most=MOST))
    secret = _PREFIX + secrets.token_urlsafe(32)
    entries = {"name": name, "scopes": scopes, "made": datetime.now(UTC).date().isoformat()}
    entries |= {key: value for key, value in (("owner", owner), ("person", person)) if value}
    try:
        TOKENS.mkdir(mode=0o700, parents=True, exist_ok=True)
    except OSError as error:
        raise UserError(_("{place} cannot be written: {reason}.", place=TOKENS, reason=error.strerror)) from error
    write_file(_file(sha256(secret.encode()).hexdigest()), tomli_w.dumps(entries).encode())
    return secret


def find(secret: str) -> Token | None:
    """The token, if it counts."""
    return _read(_file(sha256(secret.encode()).hexdigest()))


def of(owner: str | None = None) -> list[Token]:
    """The tokens of an owner, or all; the oldest first."""
    files = TOKENS.glob("*.toml") if TOKENS.is_dir() else ()
    tokens = [token for token in map(_read, files) if token and (owner is None or token.owner == owner)]
    return sorted(tokens, key=lambda token: (token.made, token.name, token.hash))


def revoke(id: str, owner: str | None = None) -> Token:
    """Have a token count no more; `id` is the first digits of its hash, or its whole, or the name of one without an
    owner: people choose their names themselves. Raises NotThere for one that there is not, among those of the owner
    where one is named."""
    named = [token for token in of(owner) if id in (token.id, token.hash, *[token.name] * (not token.owner))]
    if len(named) != 1:
        known = ", ".join(f"{token.id} ({token.name})" for token in of(owner))
        if not known:
            raise NotThere(_("There is no token “{id}”: there are no tokens.", id=cut(id)))
        raise NotThere(_("There is no one token “{id}”. There are: {known}.", id=cut(id), known=known))
    with suppress(FileNotFoundError):
        _file(named[0].hash).unlink()
    return named[0]


def _file(hash: str) -> Path:
    return TOKENS / f"{hash}.toml"


def _read(file: Path) -> Token | None:
    try:
        entries = read_toml(file, str(file))
        scopes = frozenset(Right(scope) for scope in entries.get("scopes", ()))
    except (OSError, UserError, ValueError, TypeError):
        return None
    if not _HASH.fullmatch(file.stem):
        return None
    texts = {name: str(entries.get(name, "")) for name in ("name", "made", "owner", "person")}
    return Token(file.stem, scopes=scopes & frozenset(SCOPES), **texts)
