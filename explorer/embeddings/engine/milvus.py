"""What is needed of pymilvus, and what its errors mean. Importing this raises ImportError where it is not installed."""

from __future__ import annotations

import logging
from typing import Any

import grpc
from pymilvus import DataType, MilvusClient
from pymilvus.exceptions import ConnectionConfigException, MilvusException

__all__ = ["FAILURES", "DataType", "MilvusClient", "NotOpened", "is_gone", "is_late", "is_loading"]

NotOpened = ConnectionConfigException  # of a file
FAILURES = (MilvusException, grpc.RpcError, ValueError, OSError)  # ValueError: of a channel that has just been closed
_NO_CONNECTION = 2  # pymilvus's own code

for _name in ("pymilvus", "pymilvus.decorators", "pymilvus.client.connection_manager"):
    logging.getLogger(_name).setLevel(logging.CRITICAL)  # what these log is said as a sentence


def is_late(error: Exception) -> bool:
    """Whether there was no answer in time."""
    return _status(error) is grpc.StatusCode.DEADLINE_EXCEEDED


def is_gone(error: Exception) -> bool:
    """Whether nobody listens."""
    return _status(error) is grpc.StatusCode.UNAVAILABLE or getattr(error, "code", None) == _NO_CONNECTION


def is_loading(error: Exception) -> bool:
    """Whether a collection was not in the server's memory in time; pymilvus has no code for it."""
    return "wait for loading" in str(getattr(error, "message", ""))


def _status(error: Exception) -> Any:
    code = getattr(error, "code", None)
    return code() if callable(code) else None
