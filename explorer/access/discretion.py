"""What a sentence does not say to those who ask from another machine: where this one keeps its files."""

from __future__ import annotations

import os
import sys
import tempfile
from pathlib import Path


def without_places(sentence: str) -> str:
    """A sentence with the names of files, but not the folders in which this machine has them.

    Only folders that are this machine's are left out: a word, such as /c/en/dog, may look like a path.
    """
    for place in sorted(_places(), key=lambda place: -len(str(place))):
        sentence = sentence.replace(f"{place}/", "").replace(str(place), place.name)
    return sentence


def _places() -> set[Path]:
    from explorer import places
    from explorer.embeddings import catalog

    own = {catalog.MODELS, catalog.SHIPPED_MODELS, catalog.CACHE, places.RESULTS, places.TALKS, places.SHIPPED}
    machine = {Path(os.path.expanduser("~")), Path(tempfile.gettempdir()), Path(sys.prefix), places.PACKAGE}
    return {place for place in own | machine if len(place.parts) > 1}
