"""Models as arrays that every process maps instead of reading.

An imported model is kept as such arrays. A shipped one, which is packed small, is converted once: into a folder of its
own in the cache, named after the model and the state of its files, so that a changed file is converted anew. A
conversion is written beside its place and moved there whole: a reader sees all of it or none.
"""

from __future__ import annotations

import errno
import hashlib
import lzma
import os
import shutil
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from explorer.embeddings.drafts import draft, sweep_cache
from explorer.embeddings.embedding import Array, Embedding
from explorer.embeddings.formats import VECTORS, VOCABULARY, FormatError, VectorFile, open_vectors
from explorer.embeddings.lexicon import read_lexicon
from explorer.embeddings.subwords import Subwords
from explorer.embeddings.tags import encode_tags, suffix_tags
from explorer.errors import UserError

SUBWORDS = "subwords.npy.xz"

_LAYOUT = 1  # counts up when the arrays below change, so that older conversions are left alone
_ARRAYS = ("vectors", "inverse_norms", "counts", "tag_codes")


def open_model(folder: Path, lexicon: Path, cache: Path) -> Embedding:
    """The model in `folder`, memory-mapped; from `cache` where it is packed, converted first if that was not done yet.

    Raises FormatError for files that cannot be read, UserError where the cache cannot be written.
    """
    if is_converted(folder):
        try:
            return _map(folder, folder)
        except (OSError, ValueError, EOFError, KeyError) as error:
            raise FormatError(f"The model in {folder} is damaged: {error}. Remove it, and import it again.") from error
    converted = cache / f"{folder.name}-{_fingerprint(folder, lexicon)}"
    try:
        return _map(folder, converted)
    except (OSError, ValueError, EOFError, KeyError):
        _convert(folder, lexicon, converted)
        return _map(folder, converted)


def is_converted(folder: Path) -> bool:
    """Whether a model folder holds the arrays themselves, as imported models do."""
    return (folder / "vectors.npy").exists()


def write_arrays(file: VectorFile, lexicon: Path, folder: Path, counts: Mapping[str, int] | None = None) -> int:
    """Write a file's vectors and what follows from them into `folder`, block by block as they are read; how many.

    `counts` says how often each word occurs where the file itself does not. Raises FormatError for what cannot be
    read, OSError for what cannot be written.
    """
    words: list[str] = []
    known: list[int] = []
    inverse_norms: list[Array] = []
    with _rows_to(folder / "vectors.npy", file.dimensions) as out:
        for block in file.blocks():
            out.write(np.ascontiguousarray(block.vectors, dtype="<f4").data)
            norms = np.linalg.norm(block.vectors.astype(np.float64), axis=1)  # a float32 square can vanish
            inverse = np.divide(1, norms, out=np.zeros_like(norms), where=norms > 0)
            inverse_norms.append(inverse.astype(np.float32))
            words += block.words
            known += block.counts or []
    if counts is not None:
        known = [counts[word] for word in words]
    np.save(folder / "inverse_norms.npy", np.concatenate(inverse_norms))
    counted = np.array(known or np.zeros(len(words)), dtype=np.int64)
    if (np.diff(counted) > 0).any():  # in another order than by frequency, nothing that goes by it would be true
        counted[:] = 0
    np.save(folder / "counts.npy", counted)
    np.save(folder / "tag_codes.npy", _tag_codes(lexicon, words))
    if file.subwords is not None:
        np.save(folder / "subwords.npy", file.subwords.vectors)
    (folder / "words.txt").write_text("\n".join(words), encoding="utf-8", newline="\n")
    return len(words)


@contextmanager
def writing(what: str, where: Path, remedy: str) -> Iterator[None]:
    """Say by a UserError what could not be written where, and what to do, such as about a disk that is full."""
    try:
        yield
    except OSError as error:
        free = "Free some space" if error.errno in (errno.ENOSPC, errno.EDQUOT) else "Mend that"
        raise UserError(f"{what} cannot be written to {where}: {error.strerror}. {free}, or {remedy}.") from error


def _map(folder: Path, converted: Path) -> Embedding:
    with (converted / "words.txt").open(encoding="utf-8", newline="\n") as file:
        words = file.read().split("\n")
    arrays = {array: np.load(converted / f"{array}.npy", mmap_mode="r") for array in _ARRAYS}
    if any(len(array) != len(words) for array in arrays.values()):
        raise ValueError(f"{converted} does not fit together")
    return Embedding(name=folder.name, words=words, **arrays, subwords=_map_subwords(folder, converted))


def _map_subwords(folder: Path, converted: Path) -> Subwords | None:
    path = converted / "subwords.npy"
    if not path.exists():
        return None
    vectors = np.load(path, mmap_mode="r")
    settings = tomllib.loads((folder / "card.toml").read_text(encoding="utf-8"))["subwords"]
    if len(vectors) != settings["buckets"]:
        raise FormatError(
            f"{folder.name} has {len(vectors):,} buckets, but its card says {settings['buckets']:,}. Mend its card."
        )
    return Subwords(vectors, settings["minimum"], settings["maximum"])


@contextmanager
def _rows_to(path: Path, dimensions: int) -> Iterator[BinaryIO]:
    """A .npy file to write rows of float32 to; how many they were is entered at the end."""
    with path.open("wb") as out:
        header = {"descr": "<f4", "fortran_order": False, "shape": (0, dimensions)}
        npy.write_array_header_1_0(out, header)
        start = out.tell()
        yield out
        header["shape"] = ((out.tell() - start) // (4 * dimensions), dimensions)
        out.seek(0)
        npy.write_array_header_1_0(out, header)  # as long as before: NumPy leaves room for the first axis to grow


def _convert(folder: Path, lexicon: Path, converted: Path) -> None:
    remedy = "name another folder in the environment variable EXPLORER_CACHE"
    with writing(f"The converted vectors of {folder.name}", converted.parent, remedy):
        sweep_cache(converted.parent)
        with draft(converted) as work:
            _unpack(folder, lexicon, work)
            _put_in_place(folder, work, converted)
    for older in converted.parent.glob(f"{folder.name}-{'?' * len(_fingerprint(folder, lexicon))}"):
        if older != converted:
            shutil.rmtree(older, ignore_errors=True)


def _unpack(folder: Path, lexicon: Path, draft: Path) -> None:
    try:
        with lzma.open(folder / VOCABULARY, "rt", encoding="utf-8", newline="\n") as lines:
            counts = {word: int(count) for word, _, count in (line.rpartition(" ") for line in lines)}
        with open_vectors(folder / VECTORS) as file:
            write_arrays(file, lexicon, draft, counts)
        if (folder / SUBWORDS).exists():
            with lzma.open(folder / SUBWORDS) as packed:
                np.save(draft / "subwords.npy", npy.read_array(packed, allow_pickle=False))
    except FormatError as error:
        raise FormatError(f"The vectors in {folder} cannot be read: {error}") from error
    except (lzma.LZMAError, EOFError, ValueError, KeyError) as error:
        raise FormatError(f"The vectors in {folder} cannot be read: {error}. Get the files again.") from error


def _tag_codes(lexicon: Path, words: Sequence[str]) -> NDArray[np.uint8]:
    if (tags := suffix_tags(words)) is not None:
        return encode_tags(tags)
    try:
        known = read_lexicon(lexicon)
        return encode_tags([known.main_tag(word) or known.main_tag(word.lower()) for word in words])
    except (OSError, EOFError, ValueError, KeyError, IndexError) as error:
        raise FormatError(f"The lexicon {lexicon} cannot be read: {error}. Get the file again.") from error


def _put_in_place(folder: Path, draft: Path, converted: Path) -> None:
    try:
        os.rename(draft, converted)
    except OSError:
        # Either another process was quicker, and its conversion is as good, or a damaged one stands there.
        try:
            _map(folder, converted)
        except (OSError, ValueError, EOFError, KeyError):
            shutil.rmtree(converted)
            os.rename(draft, converted)


def _fingerprint(folder: Path, lexicon: Path) -> str:
    try:
        files = [folder / VECTORS, folder / VOCABULARY, lexicon]
        states = [path.stat() for path in files]
        if (folder / SUBWORDS).exists():
            states.append((folder / SUBWORDS).stat())
    except FileNotFoundError as error:
        missing = Path(error.filename).name
        raise FormatError(f"The model in {folder} is not complete: {missing} is missing.") from error
    state = repr((_LAYOUT, [(s.st_size, s.st_mtime_ns) for s in states]))
    return hashlib.sha256(state.encode()).hexdigest()[:12]
