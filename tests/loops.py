"""A loop for what is asynchronous in tests."""

from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import anyio


def in_a_thread(session: Callable[[], Awaitable[Any]]) -> Any:
    """What a session returns; the main thread may belong to the loop of Playwright, whose tests share a process."""
    with ThreadPoolExecutor(1) as pool:
        return pool.submit(anyio.run, session).result()
