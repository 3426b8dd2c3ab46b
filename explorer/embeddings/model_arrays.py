"""The arrays as which a model is kept, written from a file of vectors: these, and what follows from them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from explorer.arrays import inverse
from explorer.embeddings.bounds import UNIVERSAL_TAGS
from explorer.embeddings.columns import LANGUAGE, own_names, write_columns
from explorer.embeddings.embedding import Array
from explorer.embeddings.formats import FormatError, VectorFile
from explorer.embeddings.keys import carried_languages, tagged
from explorer.embeddings.lexicon import Lexicon, read_lexicon
from explorer.embeddings.model_files import COLUMNS
from explorer.embeddings.tags import UNKNOWN, carried_tags, encode_shares, encode_tags
from explorer.texts import _

ARRAYS = {"vectors": ("<f4", 2), "inverse_norms": ("<f4", 1), "counts": ("<i8", 1), "tag_codes": ("|u1", 1)}
_COUNTS, _TAGS = own_names(["count", "pos"])  # columns that say what the arrays hold, as our own files have them
_LOOKED_AT = 1000  # words by which the language of a model is judged
CHECKED = "checked"  # the state of the files whose numbers were all looked at


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
            inverse_norms.append(inverse_norms_of(block.norms))
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
    (folder / CHECKED).write_text(state(folder))
    return len(words)


def inverse_norms_of(norms: Array) -> Array:
    """1/‖row‖ (n,) float32, and 0 for a row of zeros."""
    return inverse(norms).astype(np.float32)


def state(folder: Path) -> str:
    """What changes when a file of the arrays does; a copy has another state, for nobody looked at it."""
    files = [folder / f"{name}.npy" for name in (*ARRAYS, "tag_shares", "subwords")] + [folder / "words.txt"]
    states = [path.stat() for path in files if path.exists()]
    return repr([(s.st_size, s.st_mtime_ns, s.st_ctime_ns) for s in states])


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


def are_universal(tags: Sequence[str]) -> bool:
    """Whether a column holds universal tags; others, such as Penn's, stay a column as they are."""
    return bool(tags) and {"", *UNIVERSAL_TAGS}.issuperset(tags)


def _tags(lexicon: Path, words: Sequence[str], tags: Sequence[str]) -> tuple[NDArray[np.uint8], NDArray[np.uint8]]:
    """The main tag of each word (V,), and the shares of all its tags (V, 17). Those that a file has, or that words
    carry themselves, are theirs; the others are the lexicon's, where the words are English, as it is."""
    own = tags if are_universal(tags) else carried_tags(words)
    if own is not None:
        return encode_tags(own), encode_shares([{tag: 1.0} if tag else {} for tag in own])
    try:
        known = read_lexicon(lexicon)
        if not known.covers(words[:_LOOKED_AT]):
            known = Lexicon({})
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
