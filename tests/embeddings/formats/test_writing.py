"""What is written is what gensim would write, and is read again as the same model."""

import gzip
import os

import numpy as np
import pytest
from gensim.models import KeyedVectors

from explorer.embeddings.bounds import EXPORT_FORMATS
from explorer.embeddings.embedding import Embedding
from explorer.embeddings.formats import writing
from explorer.embeddings.formats.writing import export
from explorer.errors import UserError
from tests.embeddings.conftest import WORDS
from tests.embeddings.formats.test_reading import embedding_of


@pytest.mark.parametrize(("form", "binary"), [("word2vec-text", False), ("word2vec-binary", True)])
def test_word2vec_is_written_as_gensim_writes_it(tiny, tmp_path, form, binary):
    theirs = KeyedVectors(tiny.dimensions)
    theirs.add_vectors(list(tiny.words), np.array(tiny.vectors))
    theirs.save_word2vec_format(str(tmp_path / "theirs"), binary=binary)
    assert export(tiny, tmp_path / "ours", form) == [tmp_path / "ours"]
    assert (tmp_path / "ours").read_bytes() == (tmp_path / "theirs").read_bytes()
    export(tiny, tmp_path / "ours.gz", form)
    assert gzip.decompress((tmp_path / "ours.gz").read_bytes()) == (tmp_path / "theirs").read_bytes()


@pytest.mark.parametrize("form", EXPORT_FORMATS)
@pytest.mark.parametrize("name", ["vectors.tsv", "mine.tsv.gz"])
def test_what_was_written_is_read_as_it_was(tiny, tmp_path, form, name, monkeypatch):
    monkeypatch.setattr(writing, "_ROWS", 3)
    shares = []
    paths = export(tiny, tmp_path / name, form, shares.append)
    assert all(path.is_file() for path in paths)
    assert shares == [3 / 8, 6 / 8, 1]
    _, words, vectors = embedding_of(tmp_path / name)
    assert words == list(tiny.words)
    np.testing.assert_array_equal(vectors, tiny.vectors)


def test_the_projector_gets_parts_of_speech_and_counts(tiny, tmp_path):
    _, metadata = export(tiny, tmp_path / "vectors.tsv", "projector")
    assert metadata == tmp_path / "metadata.tsv"
    expected = [f"{word}\t{tag}\t{count}" for word, (count, tag, _) in WORDS.items()]
    assert metadata.read_text().splitlines() == ["word\tpos\tcount", *expected]


def test_nothing_is_overwritten_and_no_other_format_is_known(tiny, tmp_path):
    (tmp_path / "mine-metadata.tsv").write_text("mine")
    with pytest.raises(UserError, match=r"mine-metadata\.tsv is there already"):
        export(tiny, tmp_path / "mine.tsv", "projector")
    with pytest.raises(UserError, match="“excel” is not a format"):
        export(tiny, tmp_path / "mine.csv", "excel")
    assert [path.name for path in tmp_path.glob("mine*")] == ["mine-metadata.tsv"]


def test_a_disk_that_is_full_leaves_nothing(tiny, tmp_path, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    (out := tmp_path / "out").mkdir()
    monkeypatch.setattr(os, "replace", full)
    with pytest.raises(UserError, match="No space left on device"):
        export(tiny, out / "x", "projector")
    assert list(out.iterdir()) == []
    with pytest.raises(UserError, match="There is no folder"):
        export(tiny, tmp_path / "nowhere" / "x", "word2vec-text")


def test_a_word_that_a_format_cannot_hold_is_named(tiny, tmp_path):
    arrays = (tiny.vectors, tiny.inverse_norms, tiny.counts, tiny.tag_codes)
    spaced = Embedding("spaced", ["New York", *tiny.words[1:]], *arrays)
    with pytest.raises(UserError, match="“New York” has a space in it"):
        export(spaced, tmp_path / "x", "word2vec-binary")
    for form in ("projector", "npy", "csv", "json-lines", "parquet"):
        export(spaced, tmp_path / form, form)
        assert embedding_of(tmp_path / form)[1][0] == "New York"


@pytest.mark.parametrize("form", ["csv", "json-lines", "parquet"])
def test_every_word_can_be_written_and_read_again(tiny, tmp_path, form):
    words = ["null", "nan", 'a "b"', "1,5", "a;b", "{x}", "007", "\u00a0"]
    arrays = (tiny.vectors, tiny.inverse_norms, tiny.counts, tiny.tag_codes)
    export(Embedding("odd", words, *arrays), tmp_path / "x", form)
    assert embedding_of(tmp_path / "x")[1] == words
