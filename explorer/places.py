"""Where things are: what comes along, and what a user adds.

A checkout keeps all of it in its own folder. An installed package may be read-only and serve many users: what comes
along is inside it, and each user has a data folder. The environment names other folders: EXPLORER_HOME for all that a
user adds; EXPLORER_MODELS, EXPLORER_RESULTS, EXPLORER_TALKS, EXPLORER_TOKENS and EXPLORER_CACHE for one kind of it.
"""

from __future__ import annotations

import os
from pathlib import Path

PACKAGE = Path(__file__).resolve().parent
_IN_WHEEL = PACKAGE / "_shipped"  # pyproject.toml puts there what a checkout has beside the package

CHECKOUT = None if _IN_WHEEL.is_dir() else PACKAGE.parent
FOLDERS = ("home", "models", "results", "talks", "tokens", "cache")
"""What the environment and a configuration file may name."""

SHIPPED = CHECKOUT or _IN_WHEEL  # never written to, but for a checkout's models/
SHIPPED_MODELS = SHIPPED / "models"
PAGES = SHIPPED / "pages"
APP = SHIPPED / "streamlit_app.py"


def _named(variable: str) -> Path | None:
    """The folder that a variable of the environment names; an empty one names none."""
    value = os.environ.get(variable)
    return Path(os.path.expanduser(value)) if value else None


def _of_user() -> tuple[Path, Path]:
    """The folder of what a user adds, and that of what can be made anew."""
    if home := _named("EXPLORER_HOME"):
        return home, home / "cache"
    if CHECKOUT:
        return CHECKOUT, CHECKOUT / ".cache"
    from platformdirs import user_cache_path, user_data_path  # a checkout starts sooner without

    return user_data_path("embedding-explorer", False), user_cache_path("embedding-explorer", False)


_home, _cache = _of_user()
MODELS = _named("EXPLORER_MODELS") or _home / "models"
TALKS = _named("EXPLORER_TALKS") or _home / "talks"
RESULTS = _named("EXPLORER_RESULTS") or _home / "results"
TOKENS = _named("EXPLORER_TOKENS") or _home / "tokens"
CACHE = _named("EXPLORER_CACHE") or _cache


def label(path: Path) -> str:
    """A path to read and to pass on: relative to the checkout where it lies inside one."""
    return path.relative_to(CHECKOUT).as_posix() if CHECKOUT and path.is_relative_to(CHECKOUT) else path.as_posix()
