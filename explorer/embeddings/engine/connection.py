"""The connection to an engine: made when it is needed, made anew when it has broken, and never waited for long."""

from __future__ import annotations

import os
import threading
from functools import lru_cache
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit

from explorer.errors import UserError, cut
from explorer.texts import _

ADDRESS, TOKEN = "EXPLORER_ENGINE", "EXPLORER_ENGINE_TOKEN"  # variables of the environment
_CONNECTING, ANSWERING = 3.0, 10.0  # seconds after which it counts as gone
_LOADING_ANEW = 1_800.0  # for who has just pushed, and can wait
_CHANNEL = {"grpc.use_local_subchannel_pool": 1}  # else a new connection waits as long as the broken one would
_NEEDS_LOADING = ("search", "query", "get")
_LONGEST_REASON = 200


class Unreachable(UserError):
    """An engine that does not answer, or that refuses to."""


class Engine:
    """Milvus at an address: `vectors.db`, a file that one process at a time has open, or `http://host:19530`.

    Raises UserError for an address that is none.
    """

    def __init__(self, address: str) -> None:
        self.address = _checked(address)
        self._client: Any = None
        self._loaded: set[str] = set()
        self._connecting = threading.Lock()

    def ask(self, method: str, *arguments: Any, timeout: float = ANSWERING, again: bool = True, **named: Any) -> Any:
        """What a method of MilvusClient answers; `arguments` begin with the name of a collection, where it takes one.

        A server that was started anew is asked `again`, once, unless that would do something twice. Raises Unreachable.
        """
        milvus, client = pymilvus(), None
        try:
            client = self._connected(milvus)
            if method in _NEEDS_LOADING:
                self._load(client, arguments[0], timeout)
            return getattr(client, method)(*arguments, timeout=timeout, **named)
        except milvus.FAILURES as error:
            if milvus.is_loading(error):
                raise Unreachable(_("The engine is still loading this model. Ask again in a moment.")) from error
            self._disconnect(client)
            if again and client is not None and not milvus.is_late(error):
                return self.ask(method, *arguments, timeout=timeout, again=False, **named)
            raise self._unreachable(error, milvus) from error

    def load_anew(self, collection: str) -> None:
        """Have the engine search what it has built since it loaded a collection. Raises Unreachable."""
        self.ask("release_collection", collection)
        self._loaded.discard(collection)
        self.ask("query", collection, filter="", output_fields=["count(*)"], timeout=_LOADING_ANEW)

    def _connected(self, milvus: ModuleType) -> Any:
        with self._connecting:
            if self._client is None:
                token = os.environ.get(TOKEN, "")
                self._client = milvus.MilvusClient(
                    uri=self.address, token=token, timeout=_CONNECTING, dedicated=True, grpc_options=_CHANNEL
                )
            return self._client

    def _load(self, client: Any, collection: str, timeout: float) -> None:
        """A server that was started anew has its collections on disk only."""
        if collection not in self._loaded:
            client.load_collection(collection, timeout=timeout)
            self._loaded.add(collection)

    def _disconnect(self, client: Any) -> None:
        with self._connecting:
            if client is not None and self._client is client:
                self._client, self._loaded = None, set()
                client.close()

    def _unreachable(self, error: Exception, milvus: ModuleType) -> Unreachable:
        if isinstance(error, milvus.NotOpened):
            return Unreachable(
                _(
                    "The file of the engine cannot be opened. Its folder must exist, milvus-lite must be installed, "
                    "and one process at a time can have it open: for several, start a server of Milvus."
                )
            )
        if milvus.is_late(error) or milvus.is_gone(error):
            return Unreachable(_("The engine does not answer. Start it, or correct its address."))
        reason = str(getattr(error, "message", "") or error).partition("\n")[0].rstrip(".")
        return Unreachable(_("The engine refuses: {reason}.", reason=cut(reason, _LONGEST_REASON)))


def engine() -> Engine | None:
    """The engine that this process asks, None where EXPLORER_ENGINE names none."""
    address = os.environ.get(ADDRESS, "")
    return at(address) if address else None


@lru_cache(maxsize=8)
def at(address: str) -> Engine:
    """The engine at an address, one a process. Raises UserError for what is no address."""
    return Engine(address)


def pymilvus() -> ModuleType:
    """What is needed of it. Raises UserError where it is not installed."""
    try:
        from explorer.embeddings.engine import milvus
    except ImportError:
        raise UserError(_("An engine needs pymilvus: pip install pymilvus milvus-lite.")) from None
    return milvus


def _checked(address: str) -> str:
    try:
        parts = urlsplit(address)
        is_server = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
        has_password = "@" in parts.netloc
    except ValueError:
        is_server = has_password = False
    if has_password:
        raise UserError(
            _("The address of an engine holds no password: put its token into the variable {token}.", token=TOKEN)
        )
    if is_server or (address.endswith(".db") and "://" not in address and Path(address).stem):
        return address
    raise UserError(
        _(
            "“{address}” is no address of an engine. Write a file that ends in .db, or a server such as "
            "http://localhost:19530.",
            address=cut(address),
        )
    )
