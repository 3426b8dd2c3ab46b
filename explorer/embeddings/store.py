"""The one-time conversion of a model folder to arrays that every process maps instead of reading.

A converted model is a folder of its own in the cache, named after the model and the state of its files, so that a
changed file is converted anew. It is written beside its place and moved there whole: a reader sees all of it or none.
"""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from explorer.embeddings.embedding import Embedding
from explorer.embeddings.formats import VECTORS, VOCABULARY, FormatError, read_model_folder
from explorer.embeddings.lexicon import read_lexicon
from explorer.embeddings.tags import encode_tags
from explorer.errors import UserError

_LAYOUT = 1  # counts up when the arrays below change, so that older conversions are left alone
_ARRAYS = ("vectors", "inverse_norms", "counts", "tag_codes")


def open_model(folder: Path, lexicon: Path, cache: Path) -> Embedding:
    """The model in `folder`, memory-mapped from `cache`, converted first where that has not been done.

    Raises FormatError for files that cannot be read, UserError where the cache cannot be written.
    """
    converted = cache / f"{folder.name}-{_fingerprint(folder, lexicon)}"
    try:
        return _map(folder.name, converted)
    except (OSError, ValueError, EOFError):
        _convert(folder, lexicon, converted)
        return _map(folder.name, converted)


def _map(name: str, converted: Path) -> Embedding:
    words = (converted / "words.txt").read_text(encoding="utf-8").split("\n")
    arrays = {array: np.load(converted / f"{array}.npy", mmap_mode="r") for array in _ARRAYS}
    if any(len(array) != len(words) for array in arrays.values()):
        raise ValueError(f"{converted} does not fit together")
    return Embedding(name=name, words=words, **arrays)


def _convert(folder: Path, lexicon: Path, converted: Path) -> None:
    vectors = read_model_folder(folder)
    words = vectors.index_to_key
    if not np.isfinite(vectors.vectors).all():
        raise FormatError(f"The vectors in {folder} hold NaN or infinite values, so nothing can be compared with them.")
    norms = np.linalg.norm(vectors.vectors, axis=1)
    arrays = {
        "vectors": vectors.vectors,
        "inverse_norms": np.divide(1, norms, out=np.zeros_like(norms), where=norms > 0),
        "counts": np.array([vectors.get_vecattr(word, "count") for word in words], dtype=np.int64),
        "tag_codes": _tag_codes(lexicon, words),
    }
    try:
        converted.parent.mkdir(parents=True, exist_ok=True)
        draft = Path(tempfile.mkdtemp(prefix=f".{folder.name}-", dir=converted.parent))
        try:
            for name, array in arrays.items():
                np.save(draft / f"{name}.npy", array)
            (draft / "words.txt").write_text("\n".join(words), encoding="utf-8")
            _put_in_place(draft, converted)
        finally:
            shutil.rmtree(draft, ignore_errors=True)
    except OSError as error:
        raise UserError(
            f"The converted vectors of {folder.name} cannot be written to {converted.parent}: {error.strerror}. "
            "Free some space, or name another folder in the environment variable EXPLORER_CACHE."
        ) from error
    for older in converted.parent.glob(f"{folder.name}-{'?' * len(_fingerprint(folder, lexicon))}"):
        if older != converted:
            shutil.rmtree(older, ignore_errors=True)


def _tag_codes(lexicon: Path, words: list[str]) -> NDArray[np.uint8]:
    try:
        return encode_tags(read_lexicon(lexicon).main_tags(words))
    except (OSError, EOFError, ValueError, KeyError, IndexError) as error:
        raise FormatError(f"The lexicon {lexicon} cannot be read: {error}. Get the file again.") from error


def _put_in_place(draft: Path, converted: Path) -> None:
    try:
        os.rename(draft, converted)
    except OSError:
        # Either another process was quicker, and its conversion is as good, or a damaged one stands there.
        try:
            _map(converted.name, converted)
        except (OSError, ValueError, EOFError):
            shutil.rmtree(converted)
            os.rename(draft, converted)


def _fingerprint(folder: Path, lexicon: Path) -> str:
    try:
        states = [path.stat() for path in (folder / VECTORS, folder / VOCABULARY, lexicon)]
    except FileNotFoundError as error:
        missing = Path(error.filename).name
        raise FormatError(f"The model in {folder} is not complete: {missing} is missing.") from error
    state = repr((_LAYOUT, [(s.st_size, s.st_mtime_ns) for s in states]))
    return hashlib.sha256(state.encode()).hexdigest()[:12]
