"""fastText: the same vectors as gensim's own, for words it knows and for words it does not."""

import lzma
import os
import tomllib
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from gensim.models import FastText, KeyedVectors

from explorer.arrays import unit
from explorer.embeddings.model_files import SUBWORDS, VECTORS, VOCABULARY
from explorer.embeddings.subwords import Subwords
from explorer.embeddings.training.fasttext import Options, round_buckets, train
from explorer.embeddings.training.folder import round_to_grid
from explorer.embeddings.training.making import About, TrainingError
from tests.embeddings.training.test_word2vec import write_corpus

OPTIONS = Options(window=3, dimensions=8, epochs=2, shortest=3, longest=4, buckets=40, minimum_count=5, seed=7)


@pytest.fixture(scope="module")
def trained(tmp_path_factory):
    """The model folder, its card, the progress reported, and gensim's own model of the same sentences."""
    folder = tmp_path_factory.mktemp("fasttext")
    corpus = write_corpus(folder / "corpus.txt")
    reported = []
    card = train(
        corpus,
        folder / "model",
        OPTIONS,
        About(title="small", probes=("plane",)),
        lambda stage, share: reported.append((stage, share)),
    )
    assert sorted(os.listdir(folder)) == ["corpus.txt", "model"]

    sentences = folder / "sentences.txt"
    sentences.write_text(corpus.read_text().lower().replace(".", "").replace(":", "").replace("us\n", "u.s\n"))
    reference = FastText(
        sg=1, window=3, vector_size=8, sample=1e-4, min_n=3, max_n=4, bucket=40, min_count=5, seed=7, workers=1
    )
    vectors = KeyedVectors.load_word2vec_format(
        folder / "model" / VECTORS, fvocab=folder / "model" / VOCABULARY, binary=True
    )
    counts = {word: vectors.get_vecattr(word, "count") for word in vectors.index_to_key}
    reference.build_vocab_from_freq(counts, corpus_count=401)
    reference.train(corpus_file=str(sentences), total_examples=401, total_words=2003, epochs=2)
    return folder / "model", card, reported, reference.wv


@pytest.fixture(scope="module")
def subwords(trained):
    folder, *_ = trained
    with lzma.open(folder / SUBWORDS) as packed:
        return Subwords(np.lib.format.read_array(packed, allow_pickle=False), OPTIONS.shortest, OPTIONS.longest)


def test_words_have_gensims_vectors_but_for_length_and_rounding(trained):
    folder, *_, reference = trained
    vectors = KeyedVectors.load_word2vec_format(folder / VECTORS, binary=True)
    np.testing.assert_array_equal(vectors.vectors, round_to_grid(unit(reference[vectors.index_to_key])))


def test_unknown_words_have_gensims_vectors_but_for_rounding(trained, subwords):
    *_, reference = trained
    assert subwords.vectors.dtype == np.float32
    np.testing.assert_array_equal(subwords.vectors, round_buckets(reference.vectors_ngrams))
    for word in ("planes", "aircrafts", "zeppelin"):
        assert word not in reference.key_to_index
        expected = reference[word]
        vector = subwords.vector(word)
        assert vector @ expected / np.linalg.norm(vector) / np.linalg.norm(expected) > 0.98


def test_rounding_hardly_turns_a_bucket_and_leaves_few_values():
    rng = np.random.default_rng(0)
    buckets = rng.normal(size=(500, 100)) * rng.uniform(0.2, 0.4, size=(500, 1))
    rounded = round_buckets(buckets)
    cosines = (buckets * rounded).sum(axis=1) / np.linalg.norm(buckets, axis=1) / np.linalg.norm(rounded, axis=1)
    assert cosines.min() > 0.98
    assert len(np.unique(rounded)) < 128


def test_the_card_says_how_the_model_was_made_and_how_to_use_its_buckets(trained):
    folder, card, *_ = trained
    written = tomllib.loads((folder / "card.toml").read_text())
    assert written["subwords"] == {"minimum": 3, "maximum": 4, "buckets": 40}
    assert (written["words"], written["dimensions"], written["date"]) == (15, 8, date.today())
    assert written["size"] == sum((folder / name).stat().st_size for name in (VECTORS, VOCABULARY, SUBWORDS))
    assert written["training"]["method"] == "fasttext"
    assert written["training"]["epochs"] == 2
    assert list(written["neighbours"]) == ["plane"]
    assert card["scores"] == written["scores"]


def test_progress_goes_through_the_stages_and_never_back(trained):
    *_, reported, _ = trained
    assert list(dict(reported)) == ["reading", "training", "evaluating", "writing"]
    assert [share for stage, share in reported if stage == "training"] == [0, 1 / 2, 1]


@pytest.mark.parametrize(
    "wrong",
    [
        {"algorithm": "glove"},
        {"window": 0},
        {"buckets": 0},
        {"shortest": 0},
        {"shortest": 5, "longest": 4},
        {"sample": 1.0},
        {"seed": -1},
    ],
)
def test_options_that_cannot_work_are_refused_with_a_sentence(wrong):
    with pytest.raises(TrainingError, match=r"\.$"):
        replace(OPTIONS, **wrong)
