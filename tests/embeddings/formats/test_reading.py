"""Every format as gensim reads it: on the real files that come with gensim, and on drawn ones."""

import gzip
import lzma
import re
from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors
from gensim.models.fasttext import load_facebook_vectors
from gensim.test.utils import datapath
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.embeddings.formats import FormatError, open_vectors
from explorer.embeddings.formats import numbers as number_reader

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


def embedding_of(path, **options):
    """The format, the words and the vectors (V, d) of a file."""
    with open_vectors(Path(path), **options) as file:
        blocks = list(file.blocks())
        return file, [word for block in blocks for word in block.words], np.concatenate([b.vectors for b in blocks])


def assert_equal(path, theirs, form):
    file, words, vectors = embedding_of(path)
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
    file, words, vectors = embedding_of(datapath(name))
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
    plain, words, vectors = embedding_of(datapath(name))
    again, words_again, vectors_again = embedding_of(packed)
    assert (again.format, words_again) == (plain.format, words)
    np.testing.assert_array_equal(vectors_again, vectors)


@settings(max_examples=50, deadline=None)
@given(
    words=st.lists(
        st.text(
            st.characters(exclude_categories=["Cs", "Cc", "Zs", "Zl", "Zp"], exclude_characters="\ufeff"), min_size=1
        ),
        unique=True,
        min_size=1,
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
        embedding_of(datapath("lee_fasttext.bin")),
        embedding_of(datapath("euclidean_vectors.bin")),
        embedding_of(datapath("lee_fasttext.vec")),
    )
    monkeypatch.setattr("explorer.embeddings.formats.rows._BLOCK", 70)
    pieces = (
        embedding_of(datapath("lee_fasttext.bin")),
        embedding_of(datapath("euclidean_vectors.bin")),
        embedding_of(datapath("lee_fasttext.vec")),
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
    _, words, vectors = embedding_of(write(tmp_path / "glove.txt", header + content))
    odd = ["\u00a0", "\x85", "\u2028", '"', "nan"]
    assert words == ([". . .", "at name@domain.com", *odd[:1], *odd[3:]] if ". . ." in content else odd)
    np.testing.assert_array_equal(vectors, np.arange(1, 11, dtype=np.float32).reshape(5, 2))


def test_line_breaks_after_vectors_in_binary(tmp_path):
    rows = np.arange(6, dtype="<f4").reshape(2, 3)
    content = b"2 3\nthe " + rows[0].tobytes() + b"\nof " + rows[1].tobytes() + b"\n"
    _, words, vectors = embedding_of(write(tmp_path / "vectors", content))
    assert words == ["the", "of"]
    np.testing.assert_array_equal(vectors, rows)


@pytest.mark.parametrize("word", ["Rio de {} São Paulo", "new york{:05}", "new yor{:04}", "new w{}", "a b"])
@pytest.mark.parametrize("places", [(0,), (70, 71), (299,), range(300)])
@pytest.mark.parametrize("end", [b"", b"\n"])
@pytest.mark.parametrize("order", ["<f4", ">f4"])
def test_words_with_spaces_and_numbers_of_another_machine_in_binary(tmp_path, word, places, end, order):
    """gensim writes such words and does not read them again. Some are cut where the rest has whole numbers of bytes."""
    words = [f"word{place}" for place in range(300)]
    for place in places if "{" in word else places[:1]:
        words[place] = word.format(place)
    rows = np.random.default_rng(0).normal(size=(300, 40)).astype("<f4")
    rows[5] = 0
    lines = (word.encode() + b" " + row.astype(order).tobytes() + end for word, row in zip(words, rows, strict=True))
    file, its_words, its_rows = embedding_of(write(tmp_path / "vectors", b"300 40\n" + b"".join(lines)))
    assert its_words == words
    np.testing.assert_array_equal(its_rows, rows)
    assert any("order of bytes" in note for note in file.notes) == (order == ">f4")


def test_numbers_of_all_magnitudes_in_binary(tmp_path):
    random = np.random.default_rng(0)
    rows = (random.normal(size=(9_000, 40)) * 10.0 ** random.integers(-20, 3, (9_000, 40))).astype("<f4")
    words = [f"w{place}" for place in range(len(rows))]
    lines = (word.encode() + b" " + row.tobytes() for word, row in zip(words, rows, strict=True))
    _, its_words, its_rows = embedding_of(write(tmp_path / "vectors", b"9000 40\n" + b"".join(lines)))
    assert its_words == words
    np.testing.assert_array_equal(its_rows, rows)


def test_the_projectors_two_files(tmp_path):
    vectors = write(tmp_path / "mine_tensor.tsv", "1\t2\n3\t4\n")
    write(tmp_path / "mine_metadata.tsv", "king\nold queen\n")
    file, words, rows = embedding_of(vectors)
    assert (file.format, words) == ("projector TSV", ["king", "old queen"])
    np.testing.assert_array_equal(rows, [[1, 2], [3, 4]])
    several = write(tmp_path / "other.tsv", "count\tWord\n5\tking\n4\tqueen\n")
    assert embedding_of(vectors, metadata=several)[1] == ["king", "queen"]


NUMBERS = "0.5 1.5\n-2 3e-1\n4 0.25\n"
FRUITS = ["apple", "pear", "old plum"]


@pytest.mark.parametrize(
    "content",
    [
        NUMBERS,
        NUMBERS.replace(" ", "\t"),
        NUMBERS.replace(" ", "   ").replace("-2", " -2"),
        "\ufeff" + NUMBERS,
        "3 2\n" + NUMBERS,
        "# x y\n" + NUMBERS,
        "x\ty\n" + NUMBERS.replace(" ", "\t"),
        "".join(f"{row} {line}\n" for row, line in enumerate(NUMBERS.splitlines())),
        "3 2\n" + "".join(f"{row} {line}\n" for row, line in enumerate(NUMBERS.splitlines())),
        "".join(f"{row:.1e} {line}\n" for row, line in enumerate(NUMBERS.splitlines())),
        "\n" + NUMBERS + "\n\n",
    ],
    ids=["spaces", "tabs", "columns", "mark", "header", "NumPy", "names", "keys", "both", "float keys", "empty lines"],
)
@pytest.mark.parametrize("end", ["\n", "", "\n\n"])
def test_numbers_with_a_list_of_words(tmp_path, content, end):
    _, words, vectors = embedding_of(
        write(tmp_path / "embeddings.txt", content),
        metadata=write(tmp_path / "words.lst", "\ufeff" + "\n".join(FRUITS) + end),
    )
    assert words == FRUITS
    np.testing.assert_array_equal(vectors, np.array([[0.5, 1.5], [-2, 0.3], [4, 0.25]], dtype=np.float32))


@pytest.mark.parametrize(
    ("metadata", "note"),
    [
        ("apple\npear\nold plum\n", ""),
        ("fruit\napple\npear\nold plum\n", "its first line, with “fruit”, was taken for a header"),
        ("apple\tNOUN\npear\tNOUN\nold plum\tNOUN\n", "column 1 of .* as many lines as there are vectors"),
        ("index\ttext\n0\tapple\n1\tpear\n2\told plum\n", "column 2 of .* with “text”, was taken for a header"),
        ("0\tapple\n1\tpear\n2\told plum\n", "column 2 of"),
        ("7.5\tNOUN\tapple\n-1\tNOUN\tpear\n7.5\tADJ\told plum\n", "column 3 of"),
        ("kind\tLabel\nfruit\tapple\nstone\tpear\npome\told plum\n", "column 2 of .* with “Label”"),
        ("label\tname\n0\tapple\n1\tpear\n0\told plum\n", "column 2 of .* with “name”"),
        ('0,"apple"\n1,pear\n2,old plum\n', "column 2 of"),
        ("word;count\napple;5\npear;4\nold plum;1\n", "column 1 of .* with “word”"),
    ],
)
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_the_words_of_metadata_are_found_and_what_was_taken_is_said(tmp_path, metadata, note, mark):
    vectors = write(tmp_path / "vectors.tsv", NUMBERS.replace(" ", "\t"))
    write(tmp_path / "metadata.tsv", mark + metadata)
    file, words, _ = embedding_of(vectors)
    assert words == FRUITS
    assert re.search(note, " ".join(file.notes))
    assert bool(file.notes) == bool(note)


def test_the_counts_of_a_vocabulary_are_no_part_of_its_words(tmp_path):
    vectors = write(tmp_path / "vectors.txt", NUMBERS)
    file, words, _ = embedding_of(vectors, metadata=write(tmp_path / "vocab.txt", "the 12\napple 5\npear 5\n"))
    assert words == ["the", "apple", "pear"]
    assert "column 1 of vocab.txt" in file.notes[0]
    rising = write(tmp_path / "phrases.txt", "pier 39\nroute 66\nferry 7\n")
    assert embedding_of(vectors, metadata=rising)[1] == ["pier 39", "route 66", "ferry 7"]


def test_whole_numbers_each_once_are_words_and_that_is_said(tmp_path):
    for separator in (" ", "\t"):
        content = "101 0.1 0.5\n205 0.2 -0.7\n7 -0.6 -0.6\n".replace(" ", separator)
        file, words, vectors = embedding_of(write(tmp_path / "nodes.tsv", content))
        assert (words, vectors.shape) == (["101", "205", "7"], (3, 2))
        assert "whole numbers, each once: they were taken as its words" in file.notes[0]


def test_a_header_says_that_numbers_are_words(tmp_path):
    _, words, _ = embedding_of(write(tmp_path / "numbers.vec", "3 2\n0.5 1 2\nnan 3 4\n-7 5.5 6\n"))
    assert words == ["0.5", "nan", "-7"]


def test_words_that_are_numbers_or_have_spaces_between_tabs(tmp_path):
    content = "pier 39\t1\t2\nNaN\t3\t4\n1\t5\t6\nroute 66\t7\t8\n"
    _, words, vectors = embedding_of(write(tmp_path / "odd.txt", content))
    assert words == ["pier 39", "NaN", "1", "route 66"]
    np.testing.assert_array_equal(vectors, np.arange(1, 9).reshape(4, 2))


def test_a_header_says_where_a_phrase_that_ends_in_a_number_ends(tmp_path):
    _, words, _ = embedding_of(write(tmp_path / "phrases.txt", "3 2\nroute 66 1 2\nferry 3 4\nworld war 2 5 6\n"))
    assert words == ["route 66", "ferry", "world war 2"]
    with pytest.raises(FormatError, match=r"Line 2 of .* has 3 numbers, but 2 were expected"):
        embedding_of(write(tmp_path / "header.txt", "2 2\na 1 2 3\nb 4 5 6\n"))


@pytest.mark.parametrize("header", ["", "\ufeff", "2 2\n", "\ufeff2 2\n", "2 2\n\ufeff", "2\t2\n"])
def test_a_byte_order_mark_is_no_part_of_a_word(tmp_path, header):
    for separator in (" ", "\t"):
        content = header + "a 1 2\nb 3 4\n".replace(" ", separator)
        assert embedding_of(write(tmp_path / "marked.txt", content))[1] == ["a", "b"]


def test_binary_without_a_line_break_for_a_megabyte(tmp_path):
    vectors = np.ones((2, 10_000), dtype="<f4") * np.linspace(1, 2, 2).astype("<f4")[:, None]
    content = b"200 10000\n" + b"".join(b"w%d " % row + vectors[row % 2].tobytes() for row in range(200))
    assert len(embedding_of(write(tmp_path / "vectors", content))[1]) == 200


@pytest.mark.parametrize("name", ["lee_fasttext.vec", "lee_fasttext.bin", "euclidean_vectors.bin"])
def test_progress_rises_to_one(monkeypatch, name):
    monkeypatch.setattr("explorer.embeddings.formats.rows._BLOCK", 1000)
    shares = []
    embedding_of(datapath(name), progress=shares.append)
    assert len(shares) > 3
    assert shares == sorted(shares)
    assert shares[-1] == 1


@pytest.mark.parametrize("form", ["", ".5g", ".40f", ".25e", "+.3E"])
def test_many_numbers_are_read_as_few_are(monkeypatch, form):
    """simdjson reads many, NumPy few: the same floats to the last bit, also where a number lies between two."""
    rng = np.random.default_rng(4)
    floats = rng.normal(size=(40, 3)).astype(np.float32)
    between = (floats.astype(np.float64) + np.nextafter(floats, np.float32(9)).astype(np.float64)) / 2
    numbers = [*between.ravel(), *(rng.normal(size=120) * 10.0 ** rng.integers(-40, 38, 120)), -1e-300, 0, -0.0, 3, -7]
    texts = [f"{number:{form}}" for number in map(float, numbers)]
    rows = [" ".join(texts[place : place + 5]).encode() for place in range(0, len(texts), 5)]
    few = number_reader.loaded(rows, b" ")
    monkeypatch.setattr(number_reader, "_MANY", 0)
    many = number_reader.loaded(rows, b" ")
    true = np.array(list(map(float, texts))).astype(np.float32)
    for read in (few, many):
        np.testing.assert_array_equal(read.ravel().view(np.uint32), true.view(np.uint32))


@pytest.mark.parametrize(
    "odd", ["x", "nan", "1 2", "1_0", '"1"', "", "1\r2", "1,2", "[3]", ".5", "1e999", "-0", "9" * 30]
)
def test_what_is_no_number_is_left_to_numpy(monkeypatch, odd):
    rows = [b"1 2 3", b"1 2 " + odd.encode(), b"4 5 6"]
    few = number_reader.loaded(rows, b" ")
    monkeypatch.setattr(number_reader, "_MANY", 0)
    many = number_reader.loaded(rows, b" ")
    assert (many is None) == (few is None)
    if few is not None:
        np.testing.assert_array_equal(many.view(np.uint32), few.view(np.uint32))
