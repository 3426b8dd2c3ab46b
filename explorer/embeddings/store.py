"""Models as arrays that every process maps instead of reading.

An imported model is kept as such arrays. A shipped one, which is packed small, is converted once: into a folder of its
own in the cache, named after the model and the state of its files, so that a changed file is converted anew. A
conversion is written beside its place and moved there whole: a reader sees all of it or none. Reading
a mapped file that somebody has cut short ends the process (SIGBUS): files are replaced, never written over, and a model
is opened anew where one of its files has become shorter.
"""

from __future__ import annotations

import errno
import hashlib
import lzma
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.lib import format as npy

from explorer.embeddings.columns import read_columns
from explorer.embeddings.drafts import sweep_cache
from explorer.embeddings.embedding import Array, Embedding
from explorer.embeddings.formats import FormatError, open_vectors
from explorer.embeddings.formats.rows import compared
from explorer.embeddings.formats.source import open_source
from explorer.embeddings.model_arrays import ARRAYS, CHECKED, inverse_norms_of, state, write_arrays
from explorer.embeddings.model_files import CARD, COLUMNS, SUBWORDS, VECTORS, VOCABULARY
from explorer.embeddings.subwords import LONGEST_NGRAM, Subwords
from explorer.embeddings.tags import TAGS
from explorer.errors import UserError
from explorer.files import whole_folder
from explorer.texts import _, _n
from explorer.toml_text import read_toml

_LAYOUT = 2  # counts up when the arrays change, so that older conversions are left alone
_SUBWORDS = ("<f4", 2)
_TAG_SHARES = ("|u1", 2)  # models that were imported before there were any have none
_ROWS = 10_000  # looked at at a time
_DAMAGE = (FormatError, OSError, ValueError, EOFError, TypeError, MemoryError, OverflowError)


def open_model(folder: Path, lexicon: Path, cache: Path) -> Embedding:
    """The model in `folder`, memory-mapped; from `cache` where it is packed, converted first if that was not done yet.

    Raises FormatError for files that cannot be read, UserError where the cache cannot be written.
    """
    if is_converted(folder):
        try:
            return _map(folder, folder)
        except _DAMAGE as error:
            raise _damaged(folder, error, _("Remove it, and import it again.")) from error
    converted = cache / f"{folder.name}-{_fingerprint(folder, lexicon)}"
    try:
        return _map(folder, converted)
    except _DAMAGE:
        _convert(folder, lexicon, converted)
    try:
        return _map(folder, converted)
    except _DAMAGE as error:
        raise _damaged(folder, error, _("Get its files again.")) from error


def _damaged(folder: Path, error: Exception, remedy: str) -> FormatError:
    problem = _("The model in {folder} is damaged: {error}.", folder=folder, error=str(error).rstrip("."))
    return FormatError(f"{problem} {remedy}")


def is_whole(embedding: Embedding) -> bool:
    """Whether the files that a model maps are as long as they were.

    To read where a file was cut short would end the process, and no exception says so before. A file that is gone is
    still there for who has mapped it.
    """
    files = (None if array is None else array.base for array in _arrays(embedding))
    return all(_is_as_long(file) for file in files if isinstance(file, np.memmap))


def _arrays(embedding: Embedding) -> list[Array | None]:
    arrays = [getattr(embedding, name) for name in (*ARRAYS, "tag_shares")]
    return [*arrays, embedding.subwords.vectors if embedding.subwords else None]


def _is_as_long(file: np.memmap[Any, Any]) -> bool:
    try:
        return os.stat(file.filename or "").st_size >= file.offset + file.nbytes
    except FileNotFoundError:
        return True


def is_converted(folder: Path) -> bool:
    """Whether a model folder holds the arrays themselves, as imported models do."""
    return (folder / "vectors.npy").exists()


@contextmanager
def writing(what: str, where: Path, remedy: str) -> Iterator[None]:
    """Turn an OSError into a UserError that says what could not be written where, and the `remedy`, which begins with
    a verb."""
    try:
        yield
    except OSError as error:
        is_full = error.errno in (errno.ENOSPC, errno.EDQUOT)
        advice = _("Free some space, or {remedy}", remedy=remedy) if is_full else f"{remedy[0].upper()}{remedy[1:]}"
        raise UserError(
            _(
                "{subject} cannot be written to {where}: {reason}. {advice}.",
                subject=what,
                where=where,
                reason=error.strerror,
                advice=advice,
            )
        ) from error


def _map(folder: Path, converted: Path) -> Embedding:
    """The arrays in `converted`. Raises one of _DAMAGE where they are not what `write_arrays` writes.

    Their types and shapes are compared each time. All numbers are looked at only where the files are not those that
    were looked at before, for that takes as long as reading them.
    """
    with (converted / "words.txt").open(encoding="utf-8", newline="\n") as file:
        words = file.read().split("\n")
    arrays = {name: _mapped(converted / f"{name}.npy", *layout) for name, layout in ARRAYS.items()}
    for name, array in arrays.items():
        if len(array) != len(words):
            raise ValueError(
                _("{name}.npy has {rows:,} rows for {words:,} words", name=name, rows=len(array), words=len(words))
            )
    shares = converted / "tag_shares.npy"
    tag_shares = _mapped(shares, *_TAG_SHARES) if shares.exists() else None
    if tag_shares is not None and tag_shares.shape != (len(words), TAGS - 1):
        raise ValueError(_("tag_shares.npy does not belong to words.txt"))
    subwords = _map_subwords(folder, converted)
    if subwords and subwords.vectors.shape[1] != arrays["vectors"].shape[1]:
        raise ValueError(_("subwords.npy has other dimensions than vectors.npy"))
    columns = read_columns(converted / COLUMNS, len(words))
    embedding = Embedding(
        name=folder.name, words=words, **arrays, tag_shares=tag_shares, subwords=subwords, columns=columns
    )
    if len(embedding.rows) != len(words) or "" in embedding.rows:
        raise ValueError(_("words.txt has a word twice, or an empty one"))
    current = state(converted)
    try:
        checked = (converted / CHECKED).read_text() == current
    except (OSError, ValueError):
        checked = False
    if not checked:
        _check(embedding)
        with suppress(OSError):
            (converted / CHECKED).write_text(current)
    return embedding


def _mapped(path: Path, dtype: str, axes: int) -> Array:
    array = np.load(path, mmap_mode="r", allow_pickle=False)
    if not isinstance(array, np.ndarray):
        raise ValueError(_("{name} is an archive of arrays, not an array", name=path.name))
    if array.dtype != np.dtype(dtype) or array.ndim != axes or array.shape[-1] < 1:
        kind = _n("{dtype} with {count} axis", "{dtype} with {count} axes", axes, dtype=np.dtype(dtype))
        raise ValueError(
            _(
                "{name} has {dtype} of shape {shape}, where {kind} belong",
                name=path.name,
                dtype=array.dtype,
                shape=array.shape,
                kind=kind,
            )
        )
    return array.view(np.ndarray)  # whose parts are made in a tenth of the time that those of a memmap take


def _check(embedding: Embedding) -> None:
    """Look at all numbers. Raises ValueError for those that `write_arrays` would not have written."""
    for first in range(0, embedding.size, _ROWS):
        rows = slice(first, first + _ROWS)
        norms = compared(embedding.vectors[rows], lambda row: f"“{embedding.words[row]}”", "vectors.npy")
        if not np.allclose(embedding.inverse_norms[rows], inverse_norms_of(norms), rtol=1e-4, atol=0):
            raise ValueError(_("inverse_norms.npy does not belong to vectors.npy"))
    if (embedding.counts[-1] < 0) or (np.diff(embedding.counts) > 0).any():
        raise ValueError(_("counts.npy has numbers below zero, or that do not fall from word to word"))
    if embedding.tag_codes.max() >= TAGS:
        raise ValueError(_("tag_codes.npy has a code that no part of speech has"))
    if embedding.tag_shares is not None and embedding.tag_shares.max() > 100:
        raise ValueError(_("tag_shares.npy has a share of more than all uses"))
    if embedding.subwords:
        _check_buckets(embedding.subwords.vectors)


def _check_buckets(vectors: Array) -> None:
    for first in range(0, len(vectors), _ROWS):

        def name(row: int, first: int = first) -> str:
            return _("bucket {number:,}", number=first + row)

        compared(vectors[first : first + _ROWS], name, "subwords.npy")


def _map_subwords(folder: Path, converted: Path) -> Subwords | None:
    path = converted / "subwords.npy"
    if not path.exists():
        return None
    vectors = _mapped(path, *_SUBWORDS)
    card = folder / CARD
    settings = read_toml(card, _("The card {card}", card=card)).get("subwords")
    names = ("minimum", "maximum", "buckets")
    if not isinstance(settings, dict) or any(type(settings.get(name)) is not int for name in names):
        raise FormatError(
            _(
                "The card {card} lacks [subwords] with the whole numbers {names}. Correct it.",
                card=card,
                names=", ".join(names),
            )
        )
    minimum, maximum, buckets = (settings[name] for name in names)
    if not 0 <= minimum <= maximum <= LONGEST_NGRAM:
        raise ValueError(
            _("its card says that its n-grams have {minimum} to {maximum} characters", minimum=minimum, maximum=maximum)
        )
    if len(vectors) != buckets:
        raise ValueError(
            _("it has {vectors:,} buckets, but its card says {buckets:,}", vectors=len(vectors), buckets=buckets)
        )
    return Subwords(vectors, minimum, maximum)


def _convert(folder: Path, lexicon: Path, converted: Path) -> None:
    remedy = _("name another folder in the environment variable EXPLORER_CACHE")
    with writing(_("The converted vectors of {name}", name=folder.name), converted.parent, remedy):
        sweep_cache(converted.parent)
        with whole_folder(converted) as work:
            _unpack(folder, lexicon, work)
            _put_in_place(folder, work, converted)
    for older in converted.parent.glob(f"{folder.name}-{'?' * len(_fingerprint(folder, lexicon))}"):
        if older != converted:
            shutil.rmtree(older, ignore_errors=True)


def _unpack(folder: Path, lexicon: Path, draft: Path) -> None:
    try:
        with open_source(folder / VOCABULARY) as source:
            lines = (line.decode().rpartition(" ") for line in source.lines())
            counts = {word: int(count) for word, _, count in lines}
        with open_vectors(folder / VECTORS) as file:
            write_arrays(file, lexicon, draft, counts)
        if (folder / SUBWORDS).exists():
            with lzma.open(folder / SUBWORDS) as packed:
                np.save(draft / "subwords.npy", npy.read_array(packed, allow_pickle=False))
            _check_buckets(_mapped(draft / "subwords.npy", *_SUBWORDS))
            (draft / CHECKED).write_text(state(draft))
    except OSError:
        raise  # such as a disk that is full
    except FormatError as error:
        raise FormatError(_("The vectors in {folder} cannot be read: {error}", folder=folder, error=error)) from error
    except (lzma.LZMAError, KeyError, *_DAMAGE) as error:
        raise FormatError(
            _("The vectors in {folder} cannot be read: {error}. Get the files again.", folder=folder, error=error)
        ) from error


def _put_in_place(folder: Path, draft: Path, converted: Path) -> None:
    try:
        os.rename(draft, converted)
    except OSError:
        # Either another process was quicker, and its conversion is as good, or a damaged one stands there.
        try:
            _map(folder, converted)
        except _DAMAGE:
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
        raise FormatError(
            _("The model in {folder} is not complete: {missing} is missing.", folder=folder, missing=missing)
        ) from error
    state = repr((_LAYOUT, [(s.st_size, s.st_mtime_ns) for s in states]))
    return hashlib.sha256(state.encode()).hexdigest()[:12]
