"""Vectors trained on the training text alone: what pre-training gives where it has seen nothing else."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from explorer.embeddings.embedding import Embedding
from explorer.errors import UserError
from explorer.texts import _

NAME = "the training text"
_WINDOW = 2  # phrases are short, and a narrow window finds what can stand in a word's place
_WORDS_SEEN, _FEWEST, _MOST = 500_000, 5, 200  # words to go through in all, and passes over the text


def embedding(sentences: Sequence[Sequence[str]], dimensions: int, seed: int) -> Embedding:
    """Word2Vec's skip-gram vectors of every word of `sentences`, such as the source side of the drawn training pairs.

    It goes over about half a million words however many there are: 9 passes for the whole phrase book, 195 for a
    twentieth of it, under a second each. One thread, so the same seed gives the same bits. Neishi et al. 2017 start
    their translator like that. Raises UserError where no sentence has two words, as there is nothing to learn then.
    """
    if all(len(words) < 2 for words in sentences):
        raise UserError(_("Word2Vec learns from words side by side, but every training text is a single word."))
    from gensim.models import Word2Vec  # takes a second to import

    passes = _WORDS_SEEN // sum(map(len, sentences))
    model = Word2Vec(
        [list(words) for words in sentences],
        sg=1,
        vector_size=dimensions,
        window=_WINDOW,
        min_count=1,
        sample=0,
        seed=seed,
        workers=1,
        epochs=min(max(passes, _FEWEST), _MOST),
    )
    words = list(model.wv.index_to_key)
    vectors = np.asarray(model.wv.vectors, dtype=np.float32)
    counts = np.array([model.wv.get_vecattr(word, "count") for word in words], dtype=np.int64)
    lengths = np.linalg.norm(vectors, axis=1)
    inverse = np.divide(1, lengths, where=lengths > 0, out=np.zeros_like(lengths))
    return Embedding(NAME, words, vectors, inverse, counts, np.zeros(len(words), np.uint8))
