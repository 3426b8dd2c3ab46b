"""Vectors from n-grams: those of gensim's FastText, on the real files that come with gensim."""

import numpy as np
import pytest
from gensim.models.fasttext import load_facebook_vectors
from gensim.test.utils import datapath

from explorer.embeddings.subwords import Subwords
from explorer.errors import UserError


@pytest.mark.parametrize("file", ["crime-and-punishment.bin", "lee_fasttext_new.bin"])
@pytest.mark.parametrize("word", ["airplane", "преступленный", "@", "ночью…", "two words", "🛩️"])
def test_an_unknown_word_has_the_vector_that_gensim_gives_it(file, word):
    theirs = load_facebook_vectors(datapath(file))
    ours = Subwords(theirs.vectors_ngrams, theirs.min_n, theirs.max_n)
    assert word not in theirs.key_to_index
    vector = ours.vector(word)
    assert (vector.shape, vector.dtype) == ((theirs.vector_size,), np.float32)
    np.testing.assert_allclose(vector, theirs.get_vector(word), rtol=1e-5, atol=1e-7)


def test_a_word_too_short_for_an_n_gram_is_said():
    subwords = Subwords(np.ones((10, 2), dtype=np.float32), minimum=4, maximum=6)
    np.testing.assert_array_equal(subwords.vector("ab"), [1, 1])
    with pytest.raises(UserError, match="“a” is too short"):
        subwords.vector("a")
