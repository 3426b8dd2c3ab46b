"""Every format as gensim reads it: on the real files that come with gensim, and on drawn ones."""

import gzip
import lzma
from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors
from gensim.models.fasttext import load_facebook_vectors
from gensim.test.utils import datapath
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.embeddings.formats import open_vectors

TEXTS = [
    "crime-and-punishment.vec",
    "lee_fasttext.vec",
    "toy-model.vec",
    "word2vec_pre_kv_c",
    "high_precision.kv.txt",
    "EN.1-10.cbow1_wind5_hs0_neg10_size300_smpl1e-05.txt",
]
BINARIES = ["euclidean_vectors.bin", "poincare_vectors.bin", "high_precision.kv.bin"]
FASTTEXTS = [
    "crime-and-punishment.bin",
    "toy-model.bin",
    "lee_fasttext_new.bin",
    "lee_fasttext.bin",  # without magic number and version, as fastText wrote at first
    "non_ascii_fasttext.bin",
    "cp852_fasttext.bin",  # not UTF-8
]


def read(path, **options):
    """The format, the words and the vectors (V, d) of a file."""
    with open_vectors(Path(path), **options) as file:
        blocks = list(file.blocks())
        return file, [word for block in blocks for word in block.words], np.concatenate([b.vectors for b in blocks])


def assert_equal(path, theirs, form):
    file, words, vectors = read(path)
    assert file.format == form
    assert words == theirs.index_to_key
    assert vectors.dtype == np.float32
    np.testing.assert_array_equal(vectors, theirs.vectors)


@pytest.mark.parametrize("name", TEXTS)
def test_word2vec_text(name):
    assert_equal(datapath(name), KeyedVectors.load_word2vec_format(datapath(name)), "word2vec text")


@pytest.mark.parametrize("name", BINARIES)
def test_word2vec_binary(name):
    assert_equal(datapath(name), KeyedVectors.load_word2vec_format(datapath(name), binary=True), "word2vec binary")


def test_glove_without_a_header():
    path = datapath("test_glove.txt")
    assert_equal(path, KeyedVectors.load_word2vec_format(path, no_header=True), "GloVe text")


@pytest.mark.parametrize("name", FASTTEXTS)
def test_fasttext_with_its_subwords(name):
    theirs = load_facebook_vectors(datapath(name))
    file, words, vectors = read(datapath(name))
    assert file.format == "fastText"
    assert words == theirs.index_to_key
    np.testing.assert_allclose(vectors, theirs.vectors, rtol=1e-5, atol=1e-7)
    np.testing.assert_array_equal(file.subwords.vectors, theirs.vectors_ngrams)
    for word in ("airplane", "neznámý"):
        np.testing.assert_allclose(file.subwords.vector(word), theirs.get_vector(word), rtol=1e-5, atol=1e-7)
    with open_vectors(Path(datapath(name))) as file:
        counts = [count for block in file.blocks() for count in block.counts]
    assert counts == [theirs.get_vecattr(word, "count") for word in words]


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
@pytest.mark.parametrize("name", ["toy-model.vec", "euclidean_vectors.bin", "toy-model.bin", "test_glove.txt"])
def test_a_packed_file_reads_as_the_plain_one_whatever_its_name(tmp_path, pack, name):
    packed = tmp_path / "vectors.dat"
    packed.write_bytes(pack(Path(datapath(name)).read_bytes()))
    plain, words, vectors = read(datapath(name))
    again, words_again, vectors_again = read(packed)
    assert (again.format, words_again) == (plain.format, words)
    np.testing.assert_array_equal(vectors_again, vectors)


@settings(max_examples=50, deadline=None)
@given(
    words=st.lists(
        st.text(st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"]), min_size=1), unique=True, min_size=1
    ),
    dimensions=st.integers(2, 5),
    seed=st.integers(0, 2**32 - 1),
    binary=st.booleans(),
)
def test_what_gensim_writes_is_read_as_gensim_reads_it(tmp_path_factory, words, dimensions, seed, binary):
    path = str(tmp_path_factory.mktemp("drawn") / "vectors")
    vectors = KeyedVectors(dimensions)
    rows = np.random.default_rng(seed).normal(size=(len(words), dimensions)) * 10.0 ** (seed % 20 - 10)
    vectors.add_vectors(words, rows.astype(np.float32))
    vectors.save_word2vec_format(path, binary=binary)
    assert_equal(
        path, KeyedVectors.load_word2vec_format(path, binary=binary), f"word2vec {'binary' if binary else 'text'}"
    )


def test_small_blocks_read_as_one(monkeypatch):
    whole = (
        read(datapath("lee_fasttext.bin")),
        read(datapath("euclidean_vectors.bin")),
        read(datapath("lee_fasttext.vec")),
    )
    monkeypatch.setattr("explorer.embeddings.formats.rows._BLOCK", 70)
    pieces = (
        read(datapath("lee_fasttext.bin")),
        read(datapath("euclidean_vectors.bin")),
        read(datapath("lee_fasttext.vec")),
    )
    for (_, words, vectors), (_, words_again, vectors_again) in zip(whole, pieces, strict=True):
        assert words_again == words
        np.testing.assert_array_equal(vectors_again, vectors)


def write(path, content):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return path


@pytest.mark.parametrize(
    "content",
    [
        '\u00a0 1 2\n\x85 3 4\n\u2028 5 6\n" 7 8\nnan 9 10\n',  # each of them a word
        '. . . 1 2\nat name@domain.com 3 4\n\u00a0 5 6\n" 7 8\nnan 9 10\n',  # GloVe 840B has words with spaces
        '\u00a0 1 2\r\n\x85 3 4\r\n\u2028 5 6\r\n" 7 8\r\nnan 9 10\r\n',  # as Windows ends lines
        '\u00a0 1 2 \n\x85 3 4 \n\u2028 5 6 \n" 7 8 \nnan 9 10 \n\n',  # as the first word2vec tool does
        '\u00a0\t1\t2\n\x85\t3\t4\n\u2028\t5\t6\n"\t7\t8\nnan\t9\t10',  # tabs, and no end
        '\u00a0  1  2\n\x85 3 4\n\u2028 5 6\n" 7 8\nnan 9 10\n',  # two spaces
    ],
    ids=["odd words", "words with spaces", "Windows", "trailing spaces", "tabs", "two spaces"],
)
@pytest.mark.parametrize("header", ["", "5 2\n", "\ufeff5 2\n"], ids=["no header", "header", "byte order mark"])
def test_pitfalls_of_real_text(tmp_path, content, header):
    _, words, vectors = read(write(tmp_path / "glove.txt", header + content))
    odd = ["\u00a0", "\x85", "\u2028", '"', "nan"]
    assert words == ([". . .", "at name@domain.com", *odd[:1], *odd[3:]] if ". . ." in content else odd)
    np.testing.assert_array_equal(vectors, np.arange(1, 11, dtype=np.float32).reshape(5, 2))


def test_line_breaks_after_vectors_in_binary(tmp_path):
    rows = np.arange(6, dtype="<f4").reshape(2, 3)
    content = b"2 3\nthe " + rows[0].tobytes() + b"\nof " + rows[1].tobytes() + b"\n"
    _, words, vectors = read(write(tmp_path / "vectors", content))
    assert words == ["the", "of"]
    np.testing.assert_array_equal(vectors, rows)


def test_the_projectors_two_files(tmp_path):
    vectors = write(tmp_path / "mine_tensor.tsv", "1\t2\n3\t4\n")
    write(tmp_path / "mine_metadata.tsv", "king\nold queen\n")
    file, words, rows = read(vectors)
    assert (file.format, words) == ("projector TSV", ["king", "old queen"])
    np.testing.assert_array_equal(rows, [[1, 2], [3, 4]])
    several = write(tmp_path / "other.tsv", "count\tWord\n5\tking\n4\tqueen\n")
    assert read(vectors, metadata=several)[1] == ["king", "queen"]


@pytest.mark.parametrize("name", ["lee_fasttext.vec", "lee_fasttext.bin", "euclidean_vectors.bin"])
def test_progress_rises_to_one(monkeypatch, name):
    monkeypatch.setattr("explorer.embeddings.formats.rows._BLOCK", 1000)
    shares = []
    read(datapath(name), progress=shares.append)
    assert len(shares) > 3
    assert shares == sorted(shares)
    assert shares[-1] == 1
