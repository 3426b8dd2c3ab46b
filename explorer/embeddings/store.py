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
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from explorer.arrays import inverse
from explorer.embeddings.bounds import UNIVERSAL_TAGS
from explorer.embeddings.columns import LANGUAGE, own_names, read_columns, write_columns
from explorer.embeddings.drafts import sweep_cache
from explorer.embeddings.embedding import Array, Embedding
from explorer.embeddings.formats import FormatError, VectorFile, open_vectors
from explorer.embeddings.formats.rows import compared
from explorer.embeddings.formats.source import open_source
from explorer.embeddings.keys import carried_languages, tagged
from explorer.embeddings.lexicon import read_lexicon
from explorer.embeddings.model_files import CARD, COLUMNS, SUBWORDS, VECTORS, VOCABULARY
from explorer.embeddings.subwords import LONGEST_NGRAM, Subwords
from explorer.embeddings.tags import TAGS, UNKNOWN, carried_tags, encode_shares, encode_tags
from explorer.errors import UserError
from explorer.files import whole_folder
from explorer.texts import _, _n
from explorer.toml_text import read_toml

_LAYOUT = 2  # counts up when the arrays below change, so that older conversions are left alone
_ARRAYS = {"vectors": ("<f4", 2), "inverse_norms": ("<f4", 1), "counts": ("<i8", 1), "tag_codes": ("|u1", 1)}
_SUBWORDS = ("<f4", 2)
_COUNTS, _TAGS = own_names(["count", "pos"])  # columns that say what the arrays hold, as our own files have them
_TAG_SHARES = ("|u1", 2)  # models that were imported before there were any have none
_CHECKED = "checked"  # the state of the files whose numbers were all looked at
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
    return all(_is_as_long(array) for array in _arrays(embedding) if isinstance(array, np.memmap))


def _arrays(embedding: Embedding) -> list[Array | None]:
    arrays = [getattr(embedding, name) for name in (*_ARRAYS, "tag_shares")]
    return [*arrays, embedding.subwords.vectors if embedding.subwords else None]


def _is_as_long(array: np.memmap[Any, Any]) -> bool:
    try:
        return os.stat(array.filename or "").st_size >= array.offset + array.nbytes
    except FileNotFoundError:
        return True


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
    fields: list[tuple[str, ...]] = []
    inverse_norms: list[Array] = []
    with _rows_to(folder / "vectors.npy", file.dimensions) as out:
        for block in file.blocks():
            out.write(np.ascontiguousarray(block.vectors, dtype="<f4").data)
            inverse_norms.append(_inverse(block.norms))
            words += block.words
            known += block.counts or []
            fields += block.fields or []
    columns = dict(zip(own_names(file.columns), zip(*fields, strict=True), strict=True)) if fields else {}
    if not known and all(map(str.isdigit, columns.get(_COUNTS, ("",)))):
        known = list(map(int, columns.pop(_COUNTS)))
    if counts is not None:
        known = [counts[word] for word in words]
    np.save(folder / "inverse_norms.npy", np.concatenate(inverse_norms))
    counted = np.array(known or np.zeros(len(words)), dtype=np.int64)
    if (counted < 0).any():
        raise FormatError(_("{name} has a word with a count below zero.", name=file.source.name))
    if (np.diff(counted) > 0).any():  # in another order than by frequency, nothing that goes by it would be true
        counted[:] = 0
    np.save(folder / "counts.npy", counted)
    tag_codes, tag_shares = _tags(lexicon, words, columns.get(_TAGS, ()))
    np.save(folder / "tag_codes.npy", tag_codes)
    np.save(folder / "tag_shares.npy", tag_shares)
    if are_universal(columns.get(_TAGS, ())):
        columns.pop(_TAGS)
    if languages := carried_languages(words):
        columns.setdefault(LANGUAGE, tuple(languages))
    if columns:
        write_columns(folder / COLUMNS, columns)
    if file.subwords is not None:
        np.save(folder / "subwords.npy", file.subwords.vectors)
    (folder / "words.txt").write_text("\n".join(words), encoding="utf-8", newline="\n")
    (folder / _CHECKED).write_text(_state(folder))
    return len(words)


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
    arrays = {name: _mapped(converted / f"{name}.npy", *layout) for name, layout in _ARRAYS.items()}
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
    state = _state(converted)
    try:
        checked = (converted / _CHECKED).read_text() == state
    except (OSError, ValueError):
        checked = False
    if not checked:
        _check(embedding)
        with suppress(OSError):
            (converted / _CHECKED).write_text(state)
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
    return array


def _check(embedding: Embedding) -> None:
    """Look at all numbers. Raises ValueError for those that `write_arrays` would not have written."""
    for first in range(0, embedding.size, _ROWS):
        rows = slice(first, first + _ROWS)
        norms = compared(embedding.vectors[rows], lambda row: f"“{embedding.words[row]}”", "vectors.npy")
        if not np.allclose(embedding.inverse_norms[rows], _inverse(norms), rtol=1e-4, atol=0):
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


def _inverse(norms: Array) -> Array:
    """1/‖row‖ (n,) float32, and 0 for a row of zeros."""
    return inverse(norms).astype(np.float32)


def _state(folder: Path) -> str:
    """What changes when a file of the arrays does; a copy has another state, for nobody looked at it."""
    files = [folder / f"{name}.npy" for name in (*_ARRAYS, "tag_shares", "subwords")] + [folder / "words.txt"]
    states = [path.stat() for path in files if path.exists()]
    return repr([(s.st_size, s.st_mtime_ns, s.st_ctime_ns) for s in states])


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
            (draft / _CHECKED).write_text(_state(draft))
    except OSError:
        raise  # such as a disk that is full
    except FormatError as error:
        raise FormatError(_("The vectors in {folder} cannot be read: {error}", folder=folder, error=error)) from error
    except (lzma.LZMAError, KeyError, *_DAMAGE) as error:
        raise FormatError(
            _("The vectors in {folder} cannot be read: {error}. Get the files again.", folder=folder, error=error)
        ) from error


def are_universal(tags: Sequence[str]) -> bool:
    """Whether a column holds universal tags; others, such as Penn's, stay a column as they are."""
    return bool(tags) and {"", *UNIVERSAL_TAGS}.issuperset(tags)


def _tags(lexicon: Path, words: Sequence[str], tags: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The main tag of each word (V,), and the shares of all its tags (V, 17). Those that a file has, or that words
    carry themselves, are theirs; the others are the lexicon's."""
    own = tags if are_universal(tags) else carried_tags(words)
    if own is not None:
        return encode_tags(own), encode_shares([{tag: 1.0} if tag else {} for tag in own])
    try:
        known = read_lexicon(lexicon)
        shares = [known.shares(word) or known.shares(word.lower()) or _carried(word) for word in words]
        return encode_tags([next(iter(tags), UNKNOWN) for tags in shares]), encode_shares(shares)
    except (OSError, EOFError, ValueError, KeyError, IndexError) as error:
        raise FormatError(
            _("The lexicon {lexicon} cannot be read: {error}. Get the file again.", lexicon=lexicon, error=error)
        ) from error


def _carried(word: str) -> Mapping[str, float]:
    """The tag that one word carries where most carry none."""
    key = tagged(word)
    return {key.tag: 1.0} if key else {}


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
