"""The shipped model: gensim reads it, its card tells the truth, and it is as good and as small as it has to be."""

import tomllib
from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors

from explorer.embeddings import catalog
from explorer.embeddings.evaluation import RESTRICTED_VOCABULARY, word_pairs
from explorer.embeddings.lexicon import read_lexicon
from explorer.embeddings.model_files import ATLAS
from explorer.embeddings.neighbours import neighbours
from tests.embeddings.test_evaluation import share_of_analogies_right

MODELS = Path(__file__).resolve().parents[2] / "models"
FOLDER = MODELS / "wiki-en-word2vec"
THE_ARTICLES_NINE = "aeroplane aircraft plane airliner helicopter biplane airship dc-3 seaplane".split()


@pytest.fixture(scope="module")
def card():
    return tomllib.loads((FOLDER / "card.toml").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def vectors():
    return KeyedVectors.load_word2vec_format(
        FOLDER / "vectors.bin.xz", fvocab=FOLDER / "vocabulary.txt.xz", binary=True
    )


def test_gensim_reads_what_the_card_describes(vectors, card):
    assert vectors.vectors.shape == (card["words"], card["dimensions"])
    assert len(vectors) >= 60_000
    assert np.isfinite(vectors.vectors).all()
    np.testing.assert_allclose(np.linalg.norm(vectors.vectors, axis=1), 1, atol=0.05)
    counts = [vectors.get_vecattr(word, "count") for word in vectors.index_to_key]
    assert counts == sorted(counts, reverse=True)
    assert counts[-1] >= card["training"]["minimum_count"]
    assert {"airplane", "dc-3", "u.s", "don't"} <= vectors.key_to_index.keys()


def test_the_models_are_small_enough_for_the_repository():
    """The map of all words, which is computed from a model and kept beside it, is none of its files."""
    folders = list(catalog.MODELS.glob("wiki-en-*"))
    sizes = {
        folder.name: sum(path.stat().st_size for path in folder.iterdir() if path.name != ATLAS) for folder in folders
    }
    maps = [path.stat().st_size for folder in folders for path in folder.glob(ATLAS)]
    assert set(sizes) == {"wiki-en-word2vec", "wiki-en-glove", "wiki-en-fasttext"}
    assert max(sizes.values()) <= 16_000_000
    for name, size in sizes.items():
        assert catalog.card(name).size == size - (catalog.MODELS / name / "card.toml").stat().st_size
    assert max(maps) <= 500_000
    assert sum(sizes.values()) + sum(maps) <= 48_000_000


@pytest.mark.parametrize("benchmark", ["wordsim353", "simlex999"])
def test_word_pairs_score_what_the_card_says(vectors, card, benchmark):
    score = word_pairs(vectors, benchmark)
    assert score.value == pytest.approx(card["scores"][benchmark], abs=1e-4)
    assert score.coverage == pytest.approx(card["scores"][f"{benchmark}_coverage"], abs=1e-4)


def test_analogies_score_what_the_card_says(vectors, card):
    """The card's figure is gensim's own, which takes minutes; this reckons it in matrix products."""
    words = vectors.index_to_key[:RESTRICTED_VOCABULARY]
    unit = vectors.get_normed_vectors()[:RESTRICTED_VOCABULARY]
    share, count = share_of_analogies_right(words, unit)
    assert share == pytest.approx(card["scores"]["analogies"], abs=1e-3)
    assert count / 19_544 == pytest.approx(card["scores"]["analogies_coverage"], abs=1e-4)


def test_scores_reach_what_was_aimed_at(card):
    assert card["scores"]["analogies"] >= 0.50
    assert card["scores"]["wordsim353"] >= 0.68
    assert card["scores"]["simlex999"] >= 0.34


def test_seven_of_the_articles_nine_words_are_among_the_nearest_20_nouns(vectors):
    lexicon = read_lexicon(MODELS / "lexicon.tsv.gz")
    nouns = [word for word, _ in vectors.most_similar("airplane", topn=200) if lexicon.main_tag(word) == "NOUN"]
    assert len(set(nouns[:20]) & set(THE_ARTICLES_NINE)) >= 7


def test_neighbours_on_the_card_are_the_models(vectors, card):
    listed = card["neighbours"]["airplane"]
    similarities = dict(vectors.most_similar("airplane", topn=len(listed)))
    assert list(similarities) == list(listed)
    assert similarities == pytest.approx(listed, abs=1e-4)


@pytest.mark.parametrize("word", ["airplane", "dc-3", "don't", "paris", "run"])
def test_the_neighbours_we_show_are_gensims(vectors, word):
    answer = neighbours(catalog.load(), word, 50)
    expected = vectors.most_similar(word, topn=50)
    assert [row.word for row in answer.rows] == [name for name, _ in expected]
    np.testing.assert_allclose([row.similarity for row in answer.rows], [s for _, s in expected], atol=1e-5)
