"""Reading vectors from files, through gensim."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from explorer.errors import UserError

if TYPE_CHECKING:
    from gensim.models import KeyedVectors

VECTORS = "vectors.bin.xz"
VOCABULARY = "vocabulary.txt.xz"


class FormatError(UserError):
    """A file of vectors that cannot be read; the message says which and why."""


def read_model_folder(folder: Path) -> KeyedVectors:
    """The word2vec binary and the word counts of a model folder, as gensim's own reader gives them."""
    # gensim takes a second to import, and only the first load of a model needs it
    from gensim.models import KeyedVectors

    try:
        return KeyedVectors.load_word2vec_format(str(folder / VECTORS), fvocab=str(folder / VOCABULARY), binary=True)
    except FileNotFoundError as error:
        raise FormatError(f"The model in {folder} is not complete: {Path(error.filename).name} is missing.") from error
    except Exception as error:  # gensim and the decompressors raise whatever they meet
        raise FormatError(f"The vectors in {folder} cannot be read: {error}. Get the files again.") from error
