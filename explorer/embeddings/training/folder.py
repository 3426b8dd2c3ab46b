"""Writing a model folder: vectors and counts as gensim reads them, small enough for a repository, and the card."""

import lzma
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import tomli_w

from explorer.embeddings.training.corpus import Progress

# Literals are predicted from their place within a 4-byte float: the rows are aligned for it, see `write_vectors`.
_XZ_FOR_FLOATS = [{"id": lzma.FILTER_LZMA2, "preset": 9 | lzma.PRESET_EXTREME, "lc": 2, "lp": 2, "pb": 2}]


def grid_step(dimensions: int) -> float:
    """The step that vectors of length 1 are rounded to: a power of two, 0.15 to 0.3 of the spread of their values.

    Rounding then turns a vector by two to five degrees, which moves a benchmark score by half a point at most.
    """
    return 2.0 ** math.floor(math.log2(0.3 / math.sqrt(dimensions)))


def round_to_grid(unit_vectors: np.ndarray) -> np.ndarray:
    """Vectors (V, d) of length 1 as float32 multiples of `grid_step(d)`: few distinct values, which pack well."""
    step = grid_step(unit_vectors.shape[1])
    return (np.rint(unit_vectors / step) * step + 0.0).astype(np.float32)  # + 0.0: no negative zeros


def write_vectors(
    path: Path, words: Sequence[str], vectors: np.ndarray, progress: Progress = lambda share: None
) -> None:
    """Write word2vec's binary format, xz-compressed; vectors is (V, d) float32.

    Newlines, which readers of the format skip before a word, pad every row to whole 4-byte units, as xz packs aligned
    floats better. `progress` is called with the fraction written (0 to 1).
    """
    count, dimensions = vectors.shape
    with lzma.open(path, "wb", filters=_XZ_FOR_FLOATS) as out:
        written = out.write(f"{count} {dimensions}\n".encode())
        for row, (word, vector) in enumerate(zip(words, vectors.astype("<f4"), strict=True)):
            name = f"{word} ".encode()
            padding = b"\n" * (-(written + len(name)) % 4)
            written += out.write(padding + name + vector.tobytes())
            if row % 256 == 0:
                progress(row / count)


def write_subwords(path: Path, vectors: np.ndarray) -> None:
    """Write the vectors of n-gram buckets (B, d) as NumPy's .npy format in float32, xz-compressed."""
    with lzma.open(path, "wb", filters=_XZ_FOR_FLOATS) as out:
        np.lib.format.write_array(out, vectors.astype("<f4"), allow_pickle=False)


def write_vocabulary(path: Path, counts: Mapping[str, int]) -> None:
    """Write gensim's vocabulary format, xz-compressed: a line "word count" for each word, in the order given."""
    with lzma.open(path, "wt", encoding="utf-8", newline="\n") as out:
        out.writelines(f"{word} {count}\n" for word, count in counts.items())


def write_card(path: Path, card: Mapping[str, object]) -> None:
    """Write a card as TOML."""
    text = tomli_w.dumps(card, multiline_strings=True)
    path.write_text(text, encoding="utf-8", errors="replace")  # the name of a corpus need not be UTF-8
