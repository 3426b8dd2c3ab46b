"""The approximate index beside the exact search: what it finds, what it says of itself, what it leaves to the other."""

from dataclasses import replace

import numpy as np
import pytest

from explorer.embeddings.neighbours import neighbours
from explorer.embeddings.search import approximate
from explorer.errors import UserError
from tests.embeddings.small import embedding_of

pytest.importorskip("faiss", reason="the approximate index is an optional extra: pip install faiss-cpu")


@pytest.fixture(scope="module")
def thousands():
    return embedding_of([f"word{number}" for number in range(3000)], dimensions=16)


@pytest.fixture(scope="module")
def cache(tmp_path_factory):
    return tmp_path_factory.mktemp("cache")


@pytest.fixture(scope="module")
def index(thousands, cache):
    heard = []
    built = approximate.build(thousands, cache, heard.append)
    assert heard == [0.5, 1.0]
    return built


def test_it_finds_what_exact_search_finds_as_often_as_it_says(thousands, cache, index):
    again = approximate.opened(thousands, cache)
    assert again.recall == index.recall >= 0.95
    shares = []
    for word in thousands.words[::30]:
        answer, true = neighbours(thousands, word, index=again), neighbours(thousands, word)
        assert (answer.recall, true.recall) == (index.recall, None)
        assert f"finds {index.recall:.1%} of the 10 true nearest" in answer.sentences[0]
        similarities = {row.word: row.similarity for row in true.rows}
        shares.append(sum(row.word in similarities for row in answer.rows) / 10)
        for row in answer.rows:
            assert row.similarity == pytest.approx(similarities.get(row.word, row.similarity), abs=1e-5)
    assert np.mean(shares) == pytest.approx(index.recall, abs=0.03)


def test_filters_and_other_metrics_are_searched_exactly(thousands, index):
    for options in ({"pattern": "7$"}, {"metric": "euclidean"}, {"metric": "dot"}):
        assert neighbours(thousands, "word1", index=index, **options) == neighbours(thousands, "word1", **options)


def test_other_vectors_have_no_index_and_a_damaged_one_is_said(thousands, cache, index):
    assert approximate.opened(replace(thousands, inverse_norms=2 * thousands.inverse_norms), cache) is None
    (path,) = cache.glob("*.ivf")
    whole = path.read_bytes()
    path.write_bytes(whole[:100])
    with pytest.raises(UserError, match="Delete it and build it anew"):
        approximate.opened(thousands, cache)
    path.write_bytes(whole)
