"""The memory that a training frees after each step, and asks for again in the next one."""

from __future__ import annotations

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_THRESHOLD = -1, -3  # names of glibc's malloc.h
_FREE = 256 << 20  # bytes at the end of the heap that stay with the process
_LARGEST = 32 << 20  # bytes of the largest array on the heap; glibc allows no more


def keep_freed_memory() -> None:
    """Let this process, which trains, keep up to 256 MiB of what it frees, from now on, where its C library is glibc.

    By itself glibc gives freed memory back to the system, and the next step gets it back page by page, each of them
    zeroed: thousands of pages a step with d_model = 256 and 4+4 layers. See `man mallopt`.
    """
    if sys.platform == "linux" and hasattr(library := ctypes.CDLL(None), "mallopt"):
        library.mallopt(_MMAP_THRESHOLD, _LARGEST)
        library.mallopt(_TRIM_THRESHOLD, _FREE)
