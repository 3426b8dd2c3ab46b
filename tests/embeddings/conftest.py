"""A small model in the layout of models/: eight words, three dimensions, counts, tags."""

import gzip
import lzma
from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors

from explorer.embeddings import catalog, store

WORDS = {
    "the": (1000, "DET", [0.1, 0.1, -0.9]),
    "plane": (400, "NOUN", [0.9, 0.1, 0.0]),
    "fly": (300, "VERB", [0.8, 0.5, 0.1]),
    "aircraft": (200, "NOUN", [0.95, 0.2, 0.05]),
    "Paris": (150, "PROPN", [0.0, 1.0, 0.3]),
    "airplane": (90, "NOUN", [1.0, 0.15, 0.02]),
    "don't": (80, "AUX", [-0.2, 0.4, -0.6]),
    "dc-3": (30, "NOUN", [0.7, 0.0, 0.6]),
}


def write_model(folder: Path, words=WORDS) -> Path:
    """Write a model folder as training does: word2vec binary and counts, compressed, and the lexicon beside it."""
    folder.mkdir(parents=True)
    vectors = KeyedVectors(len(next(iter(words.values()))[2]))
    vectors.add_vectors(list(words), np.array([vector for _, _, vector in words.values()], dtype=np.float32))
    plain = folder / "plain.bin"
    vectors.save_word2vec_format(str(plain), binary=True)
    (folder / store.VECTORS).write_bytes(lzma.compress(plain.read_bytes()))
    plain.unlink()
    counts = "".join(f"{word} {count}\n" for word, (count, _, _) in words.items())
    (folder / store.VOCABULARY).write_bytes(lzma.compress(counts.encode()))
    return folder


def write_lexicon(path: Path, words=WORDS) -> Path:
    lines = "".join(f"{word}\t{count}\t{tag}:1.00\n" for word, (count, tag, _) in words.items())
    path.write_bytes(gzip.compress(lines.encode()))
    return path


@pytest.fixture
def model_folder(tmp_path):
    return write_model(tmp_path / "models" / "tiny")


@pytest.fixture
def lexicon(tmp_path):
    return write_lexicon(tmp_path / "lexicon.tsv.gz")


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "cache"


@pytest.fixture
def tiny(model_folder, lexicon, cache):
    return store.open_model(model_folder, lexicon, cache)


@pytest.fixture
def own_models(tmp_path, monkeypatch):
    """An empty models/ with a lexicon, and a cache, that the catalogue uses instead of the project's."""
    models = tmp_path / "models"
    models.mkdir()
    monkeypatch.setattr(catalog, "MODELS", models)
    monkeypatch.setattr(catalog, "SHIPPED_MODELS", models)
    monkeypatch.setattr(catalog, "LEXICON", write_lexicon(models / "lexicon.tsv.gz"))
    monkeypatch.setattr(catalog, "CACHE", tmp_path / "cache")
    monkeypatch.setattr(catalog, "_opened", {})
    return models
