"""Whose a model or a comparison is that somebody has made by a page, and whether others see it.

It stands in a file of TOML beside what was made: a model's card, the file `OWNER` of a comparison. What has no owner
belongs to who administers the machine, and to everybody who may ask.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

import tomli_w

from explorer.errors import UserError
from explorer.files import write_file
from explorer.toml_text import read_toml

OWNER = "owner.toml"


@dataclass(frozen=True)
class Belonging:
    """Its `owner`, whom a server knows again by that; what this `person` is called, for who administers it; and whether
    it is `shared` with all who may ask."""

    owner: str = ""
    person: str = ""
    shared: bool = False

    @property
    def entries(self) -> dict[str, Any]:
        """What stands in the file, without what is usual."""
        return {name: value for name, value in vars(self).items() if value}


_UNREADABLE = Belonging("nobody")  # it may have been somebody's


def everything(belonging: Belonging) -> bool:
    """What is seen where nobody has anything for themselves: all."""
    return True


sees: Callable[[Belonging], bool] = everything
"""Whether who asks at the moment sees what belongs so. A server at which people log in sets it."""


def is_seen(file: Path) -> bool:
    """Whether who asks at the moment sees what has this file."""
    return sees is everything or sees(belonging(file))


def belonging(file: Path) -> Belonging:
    """What a file says; nothing, where there is none."""
    try:
        state = file.stat().st_mtime_ns
    except (FileNotFoundError, ValueError):  # no file has a name with a null byte
        return Belonging()
    except OSError:
        return _UNREADABLE
    try:
        return _belonging(file, state)
    except FileNotFoundError:
        return Belonging()
    except (OSError, UserError):
        return _UNREADABLE


@lru_cache(maxsize=1024)
def _belonging(file: Path, _state: int) -> Belonging:
    entries = read_toml(file, str(file))
    return Belonging(str(entries.get("owner", "")), str(entries.get("person", "")), entries.get("shared") is True)


def share(file: Path, shared: bool) -> None:
    """Show it to all who may ask, or to its owner alone again. Raises UserError where the file cannot be written."""
    entries = {**read_toml(file, str(file)), "shared": shared}
    write_file(file, tomli_w.dumps(entries).encode())
