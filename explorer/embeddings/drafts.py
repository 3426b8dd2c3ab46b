"""What processes that were killed have left of models and of what can be made anew; `explorer.files` makes drafts."""

from __future__ import annotations

import os
import re
from pathlib import Path

from explorer.embeddings.model_files import COLUMNS, SISTERS
from explorer.files import STALE, sweep

_ENDING = "-[a-z0-9_]{8}"
_PARTS = {  # a card is written last, so that what has one is no draft
    *("vectors.npy", "inverse_norms.npy", "counts.npy", "tag_codes.npy", "tag_shares.npy", "subwords.npy", "words.txt"),
    COLUMNS,
    *("sentences.txt", "model", SISTERS),
}
_BEGUN_AGAIN = 60  # seconds, in which another process has locked what it makes
_IN_CACHE = re.compile(rf"(\..+|upload){_ENDING}|.+-[0-9a-f]{{12}}\.[0-9]+")  # conversions, uploads, indices


def sweep_models(models: Path, name: str = "") -> None:
    """Delete the drafts of models that were left in a folder a day ago or longer; of one that is begun again, by its
    name, those of a minute ago.

    The folder may hold whatever a user keeps there, so only what consists of parts of a model goes.
    """
    pattern = re.compile(rf"\.{re.escape(name) if name else '.+'}{_ENDING}")
    sweep(models, pattern, lambda path: _PARTS.issuperset(os.listdir(path)), _BEGUN_AGAIN if name else STALE)


def sweep_cache(cache: Path) -> None:
    """Delete the drafts and uploads that were left in the cache a day ago or longer."""
    sweep(cache, _IN_CACHE)
