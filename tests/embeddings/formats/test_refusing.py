"""What cannot be read gets a sentence, early, and never more memory or time than the file itself is worth."""

import gzip
import io
import lzma
import pickle
import struct
import tarfile
import tracemalloc
import zipfile
from pathlib import Path

import numpy as np
import pytest
from gensim.models import KeyedVectors
from gensim.test.utils import datapath

from explorer.embeddings.formats import FormatError, arrays, open_vectors
from explorer.embeddings.formats.source import open_source
from explorer.errors import Cancelled
from tests.embeddings.formats.test_mutated import fasttext as made

FLOATS = np.ones(3, dtype="<f4").tobytes()


def zipped():
    with zipfile.ZipFile(archive := io.BytesIO(), "w") as out:
        out.writestr("glove.50d.txt", "a 1 2\n")
        out.writestr("glove.100d.txt", "a 1 2\n")
    return archive.getvalue()


def tarred():
    with tarfile.open(fileobj=(archive := io.BytesIO()), mode="w:gz") as out:
        out.addfile(tarfile.TarInfo("glove.50d.txt"))
        out.addfile(tarfile.TarInfo("glove.100d.txt"))
    return archive.getvalue()


def npy(**options):
    np.save(file := io.BytesIO(), np.array([1, {}], dtype=object), **options)
    return file.getvalue()


def real(name):
    return Path(datapath(name)).read_bytes()


def fasttext(name, at, layout, *values):
    """A real fastText file with other numbers at some place."""
    content = bytearray(real(name))
    content[at : at + struct.calcsize(layout)] = struct.pack(layout, *values)
    return bytes(content)


BUCKETS, WORDS, LABELS, PRUNED = 8 + 8 * 4, 8 + 12 * 4 + 8, 8 + 12 * 4 + 16, 8 + 12 * 4 + 28

BAD = {
    "empty": (b"", "is empty"),
    "empty gzip": (gzip.compress(b""), "is empty"),
    "prose": (b"It was the best of times,\nit was the worst of times.\n", "has text and no numbers"),
    "random bytes": (np.random.default_rng(0).bytes(5000), "is no file of vectors"),
    "zeros": (bytes(2**21), "a line of more than"),
    "one long line": (b"word" + b" 1" * 2**20, "a line of more than"),
    "header alone, of nothing": (b"0 5\n", "holds no words"),
    "header alone": (b"2 5\n", "promises 2 words, but the file holds 0"),
    "header of no dimensions": (b"2 0\na\nb\n", "0 dimensions, but 1 to 10,000"),
    "header of many dimensions": (b"2 999999999\na 1\n", "999,999,999 dimensions"),
    "text shorter than its header": (b"3 2\na 1 2\nb 3 4\n", "promises 3 words, but the file holds 2"),
    "text much shorter": (b"999999999999 300\na" + b" 1" * 300, "promises 999,999,999,999 words, .* holds 1"),
    "text longer than its header": (b"1 2\na 1 2\nb 3 4\n", "promises 1 words, but the file holds 2"),
    "binary shorter than its header": (b"3 3\na " + FLOATS + b"b " + FLOATS, "promises 3 words, but the file holds 2"),
    "binary much shorter": (b"999999999999 10000\na " + bytes(50), "promises 999,999,999,999 words, .* holds 0"),
    "binary longer than its header": (b"1 3\na " + FLOATS + b"b " + FLOATS, "goes on after the 1 words"),
    "binary of float64": (b"2 3\na " + bytes(FLOATS * 2) + b"b " + bytes(FLOATS * 2), "3 numbers of four bytes, which"),
    "binary of more dimensions": (b"3 2\n" + b"".join(w + FLOATS for w in (b"a ", b"b ", b"c ")), "of another type"),
    "binary without a word": (b"2 3\na " + FLOATS + b"\0" * 20_000, "damaged in row 2"),
    "NaN in text": (b"a 1 2\nb nan 4\n", "vector of “b” in .* has NaN or infinite values"),
    "infinity in text": (b"a 1 2\nb 3 -inf\n", "vector of “b”"),
    "beyond float32": (b"a 1 2\nb 3 1e39\n", "vector of “b”"),
    "squares beyond float32": (b"a 1 2\nb 3 -1e25\n", "vector of “b” .* or so large ones"),
    "NaN in binary": (b"1 3\na " + np.array([0, np.nan, 0], "<f4").tobytes(), "vector of “a”"),
    "a row too short": (b"a 1 2 3\nb 4 5\n", "Line 2 of .* has 2 numbers, but 3 were expected"),
    "a row too long": (b"a 1 2\nb 3 4 5\n", "Line 2 of .* has 3 numbers, but 2 were expected"),
    "rows that disagree with the header": (b"2 3\na 1 2\nb 3 4\n", "Line 2 of .* has 2 numbers, but 3 were expected"),
    "a word for a number": (b"a 1 2\nb three 4\n", "Line 2 of .* has “three” where a number belongs"),
    "one number, and then none": (b"2 1\na 1\nb\n", "Line 3"),
    "a word twice": (b"a 1 2\nb 3 4\na 5 6\n", "“a” stands twice in .*, in line 1 and line 3"),
    "a word twice in binary": (b"2 3\na " + FLOATS + b"a " + FLOATS, "“a” stands twice"),
    "no word": (b"a 1 2\n 3 4\n", "Line 2 of .* has no word"),
    "a line break in a word": (b"1 3\na\nb " + FLOATS, "has no word, or one with a line break"),
    "Latin-1": ("the 1 2\né 3 4\n".encode("latin-1"), r"line 2 of .* is not UTF-8 \(b'\\xe9'\)"),
    "Latin-1 at once": ("é 1 2\n".encode("latin-1"), "line 1 of .* is not UTF-8"),
    "Latin-1 in a real file": (real("pang_lee_polarity_fasttext.vec"), "line 150 of .* is not UTF-8"),
    "half a letter in binary": (b"1 3\n\xc3 " + FLOATS, "is not UTF-8"),
    "lengths whose squares vanish": (b"a 1 2\nb 1e-20 0\n", "vector of “b” .* has a length of only 1.0e-20"),
    "lengths whose inverse is infinite": (b"a 1 2\nb 1e-39 1e-40\n", "vector of “b” .* has a length of only 1.0e-39"),
    "a length beyond float32": (b"1 2\na " + np.array([3e38, 3e38], "<f4").tobytes(), "vector of “a”"),
    "numbers with spaces alone": (b"0.1 0.2 0.3\n0.3 0.4 0.5\n", "has numbers only. Give .* a list of its words"),
    "numbers alone with a header": (b"2 3\n0.1 0.2 0.3\n0.3 0.4 0.5\n", "has numbers only"),
    "numbers alone as NumPy writes them": (b"# 2 3\n1.0e-01 2e-01 3e-01\n3e-01 4e-01 5e-01\n", "has numbers only"),
    "numbers alone under names": (b"x\ty\n0.1\t0.2\n0.3\t0.4\n", "has numbers only"),
    "numbers alone after a byte order mark": (b"\xef\xbb\xbf0.1\t0.2\n0.3\t0.4\n", "has numbers only"),
    "whole numbers that repeat are no words": (b"1 0.3 0.2\n0 1 0.4\n0 0 0.1\n", "has numbers only"),
    "a long word": (b"a 1 2\n" + b"b" * 1001 + b" 3 4\n", "Line 2 of .* has a word of 1,001 bytes"),
    "a very long word": (b"a 1 2\n" + b"b" * 9000 + b" 3 4\n", "Line 2 of .* has 9,005 bytes"),
    "many spaces": (b"a 1 2\nb 3" + b" " * 9000 + b"4\n", "Line 2 of .* has 9,005 bytes"),
    "a long word in binary": (b"1 3\n" + b"b" * 1001 + b" " + FLOATS, "has a word of 1,001 bytes"),
    "lines of 1 MB, packed": (gzip.compress((b"w" * 999_000 + b" 1 2\n") * 99, 1), "Line 1 of .* has 999,005 bytes"),
    "a million empty lines, packed": (gzip.compress(b"a 1 2\n" + b"\n" * 1_100_000), "more than 1,000,000 empty lines"),
    "numbers alone": (b"1\t2\n3\t4\n", "has numbers only. Give the metadata file"),
    "zip": (zipped(), "2 files .*glove.100d.txt.*unpack it, and import the file"),
    "tar.gz": (tarred(), "2 files .*glove.100d.txt.*unpack it, and import the file"),
    "a pickle": (pickle.dumps({"a": 1}), "is a pickle, which could run any program.*save_word2vec_format"),
    "an old pickle": (pickle.dumps({"a": 1}, protocol=0), "is a pickle"),
    "a gzipped pickle": (gzip.compress(pickle.dumps({"a": 1})), "is a pickle"),
    "gensim's own file": (real("old_keyedvectors_320.dat"), "is a pickle"),
    "npy with a pickle in it": (npy(allow_pickle=True), "is a NumPy array"),
    "gzip cut short": (gzip.compress(real("toy-model.vec"))[:-100], "cut short|damaged"),
    "xz cut short": (lzma.compress(real("toy-model.vec"))[:-100], "cut short|damaged"),
    "LZMA without a container": (lzma.compress(b"a 1 2\n", lzma.FORMAT_ALONE), "packed in a way that cannot"),
    "gzip with another byte": (gzip.compress(real("toy-model.vec"))[:300] + b"?" * 500, "damaged|cut"),
    "fastText cut in its head": (real("toy-model.bin")[:60], "cut short"),
    "fastText cut in its words": (real("toy-model.bin")[:150], "cut short"),
    "fastText cut in its vectors": (real("toy-model.bin")[:600], "cut short"),
    "fastText, gzipped and cut": (gzip.compress(real("toy-model.bin")[:600]), "cut short"),
    "fastText that promises words": (fasttext("toy-model.bin", WORDS, "<2i", 2**31 - 1, 2**31 - 1), "cut|damaged"),
    "fastText with a word that occurs less than never": (
        (toy := real("toy-model.bin"))[: (count := toy.index(b"\0", WORDS + 28) + 1)] + b"\xff" * 8 + toy[count + 8 :],
        "occurs -1 times",
    ),
    "fastText that promises buckets": (fasttext("toy-model.bin", BUCKETS, "<i", 2**31 - 1), "do not fit together"),
    "a fastText classifier": (real("pang_lee_polarity_fasttext.bin"), "is a fastText classifier"),
    "a quantised fastText": (fasttext("toy-model.bin", PRUNED, "<q", 5), "is a quantised fastText model"),
    "fastText of fewer than no buckets": (fasttext("toy-model.bin", BUCKETS, "<i", -1), "do not fit together"),
    "fastText with long n-grams": (fasttext("toy-model.bin", BUCKETS + 4, "<2i", 1, 99), "up to 99 char.* 20 can"),
    "fastText of too many words": (fasttext("toy-model.bin", WORDS, "<2i", 10**8, 10**8), "100,000,000 words"),
    "fastText of words without letters": (toy[: WORDS + 28] + b"\0" + toy[count:], "row 1 has no word"),
    "fastText of one word often": (toy[: WORDS + 28] + toy[WORDS + 28 : count + 9] * 9 + bytes(999), "stands twice"),
    "fastText with NaN in a bucket that no word has": (made()[:-4] + struct.pack("<f", np.nan), "bucket 6 .* has NaN"),
    "fastText with 3e38 in a bucket": (made()[:-4] + struct.pack("<f", 3e38), "bucket 6 .* so large"),
    "fastText of many dimensions": (fasttext("toy-model.bin", 8, "<i", 10**9), "1,000,000,000 dimensions"),
}  # fmt: skip


@pytest.mark.parametrize(("content", "says"), BAD.values(), ids=BAD)
def test_a_bad_file_is_refused_with_a_sentence_and_little_memory(tmp_path, content, says):
    (file := tmp_path / "vectors.dat").write_bytes(content)
    tracemalloc.start()
    try:
        with pytest.raises(FormatError, match=says) as caught, open_vectors(file) as vectors:
            for _ in vectors.blocks():
                pass
        assert tracemalloc.get_traced_memory()[1] < 32e6
    finally:
        tracemalloc.stop()
    assert str(caught.value).endswith(".")
    assert "vectors.dat" in str(caught.value)


def refused(path, metadata=None):
    with pytest.raises(FormatError) as caught, open_vectors(path, metadata) as vectors:
        list(vectors.blocks())
    return str(caught.value)


def test_names_beneath_names_are_refused(tmp_path):
    (file := tmp_path / "deep.json").write_bytes(b'{"a":' * 900 + b"1" + b"}" * 900)
    assert "is one JSON document without words and vectors" in refused(file)


def test_what_is_no_file_is_refused(tmp_path):
    assert "is a folder" in refused(tmp_path)
    assert "There is no file" in refused(tmp_path / "nowhere.txt")
    assert "not a regular file" in refused(Path("/dev/zero"))


@pytest.mark.parametrize("ending", [".kv", ".model", ".pkl"])
def test_gensims_pickles_are_known_by_their_names_too(tmp_path, ending):
    vectors = KeyedVectors(2)
    vectors.add_vectors(["a"], [[1, 2]])
    vectors.save(str(tmp_path / f"vectors{ending}"))
    assert "save_word2vec_format" in refused(tmp_path / f"vectors{ending}")


def test_metadata_that_does_not_belong_to_the_vectors(tmp_path):
    (vectors := tmp_path / "vectors.tsv").write_text("1\t2\n3\t4\n")
    (words := tmp_path / "words.tsv").write_text("a\n")
    assert refused(vectors, words) == (
        "words.tsv names 1 words, but vectors.tsv has 2 vectors: they do not belong together."
    )
    words.write_text("a\nb\nc\nd\n")
    assert "names 4 words, but vectors.tsv has 2 vectors" in refused(vectors, words)
    words.write_bytes("é\nb\n".encode("latin-1"))
    assert "Line 1 of words.tsv is not UTF-8" in refused(vectors, words)
    words.write_text("count\tword\n1\n")
    assert "names 1 words after its header, but vectors.tsv has 2 vectors" in refused(vectors, words)
    words.write_text("count\tword\n1\n2\tb\n")
    assert "Line 2 of words.tsv has no word in column 2" in refused(vectors, words)
    words.write_text("a\n\nb\n")
    assert "Line 2 of words.tsv has no word" in refused(vectors, words)
    vectors.write_text("1\t2\n3\n")
    words.write_text("a\nb\n")
    assert "Row 2 of vectors.tsv has 1 numbers, but 2 were expected" in refused(vectors, words)


@pytest.mark.parametrize(
    "content", ["2 2\na 0.5 1\nb 2 -1.5\n", "0.5\t1\n2\t1.5\n", "0.5,1\n2,1.5\n", "a 0.5 1\nb 2 1.5\n"]
)
def test_metadata_that_are_vectors_are_refused_whatever_their_number(tmp_path, content):
    (vectors := tmp_path / "vectors.tsv").write_text("1\t2\n3\t4\n5\t6\n")
    (words := tmp_path / "words.tsv").write_text(content)
    sentence = refused(vectors, words)
    assert sentence.startswith("words.tsv has vectors, as in its line “")
    assert "The metadata of vectors.tsv are its words: a list of them, one a line, or a table" in sentence


def test_a_table_of_words_may_have_counts_and_places(tmp_path):
    (vectors := tmp_path / "vectors.tsv").write_text("1\t2\n3\t4\n")
    (words := tmp_path / "words.tsv").write_text("word\tx\ty\na\t0.5\t1.5\nb\t2.5\t3.5\n")
    with open_vectors(vectors, words) as file:
        assert file.columns == ("x", "y")


def test_what_has_words_needs_no_metadata(tmp_path):
    (vectors := tmp_path / "glove.txt").write_text("a 1 2\nb 3 4\n")
    (words := tmp_path / "words.txt").write_text("a\nb\n")
    assert "was read as GloVe text, which has words of its own: leave words.txt out" in refused(vectors, words)


@pytest.mark.parametrize(
    "content", [b"a\n" * 1_100_000, b"\n" * 1_100_000, b"a" * 3_000_000], ids=["words", "empty lines", "one line"]
)
def test_metadata_is_not_read_further_than_there_are_vectors(tmp_path, content):
    (vectors := tmp_path / "vectors.tsv").write_text("1\t2\n3\t4\n")
    (words := tmp_path / "words.tsv.gz").write_bytes(gzip.compress(content))
    tracemalloc.start()
    try:
        assert "words.tsv.gz" in refused(vectors, words)
        assert tracemalloc.get_traced_memory()[1] < 8e6
    finally:
        tracemalloc.stop()


def test_more_vectors_than_words_with_an_infinite_one_among_them(tmp_path):
    (vectors := tmp_path / "vectors.tsv").write_text("1\t2\n" * 3 + "1\tinf\n")
    (words := tmp_path / "words.tsv").write_text("a\n")
    assert "names 1 words, but vectors.tsv has 4 vectors" in refused(vectors, words)


def test_words_of_many_ngrams_are_composed_a_few_at_a_time_so_that_cancelling_is_heard(tmp_path):
    words = [f"{row}{'x' * 900}" for row in range(40)]
    head = struct.pack("<12id", 1, 5, 5, 1, 5, 1, 1, 2, 3, 1, 20, 100, 1e-4) + struct.pack("<3iq", 40, 40, 0, 1)
    dictionary = b"".join(word.encode() + b"\0" + struct.pack("<qb", 1, 0) for word in words)
    content = head + dictionary + struct.pack("<2q", 43, 1) + np.ones(43, "<f4").tobytes()
    (file := tmp_path / "old.bin").write_bytes(content)
    with open_vectors(file) as vectors:
        sizes = [len(block.words) for block in vectors.blocks()]
    assert sum(sizes) == 40
    assert max(sizes) <= 6


def read_lines(path, **options):
    with open_source(path, **options) as source:
        for _ in source.lines():
            source.step()


@pytest.mark.parametrize("pack", [gzip.compress, lzma.compress])
def test_an_archive_that_unpacks_to_too_much(tmp_path, pack):
    (file := tmp_path / "bomb").write_bytes(pack(b"".join(b"%d 1 2\n" % row for row in range(100_000))))
    with pytest.raises(FormatError, match="bomb unpacks to more than"):
        read_lines(file, largest=500_000)
    read_lines(file)


def test_an_archive_of_arrays_is_unpacked_as_far_as_their_headers_say(tmp_path, monkeypatch):
    def packed(array, more=b""):
        np.save(stream := io.BytesIO(), array)
        return stream.getvalue() + more

    words, year = np.array(["a", "b"]), np.array(["1987", "1988"])
    with zipfile.ZipFile(tmp_path / "bomb.npz", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("vectors.npy", packed(np.ones((2, 3), "<f4")))
        archive.writestr("words.npy", packed(words, bytes(50_000_000)))
        archive.writestr("year.npy", packed(year))
    tracemalloc.start()
    with open_vectors(tmp_path / "bomb.npz") as vectors:
        assert [word for block in vectors.blocks() for word in block.words] == ["a", "b"]
    assert tracemalloc.get_traced_memory()[1] < 5_000_000
    tracemalloc.stop()
    monkeypatch.setattr(arrays, "_LARGEST_WORDS", year.nbytes + words.nbytes - 1)
    with pytest.raises(FormatError, match=r"words and columns of bomb\.npz have more than"):
        open_vectors(tmp_path / "bomb.npz").__enter__()


def test_what_would_unpack_to_too_much_is_not_unpacked_to_look_for_its_end(tmp_path):
    (file := tmp_path / "bomb").write_bytes(gzip.compress(bytes(1000)))
    with open_source(file, largest=500) as source, pytest.raises(FormatError, match="unpacks to more than"):
        source.holds(501)
    with open_source(file, largest=2000) as source:
        assert (source.holds(1000), source.holds(1001)) == (True, False)


def test_reading_can_be_cancelled():
    with pytest.raises(Cancelled, match=r"toy-model\.vec was cancelled"):
        read_lines(Path(datapath("toy-model.vec")), cancelled=lambda: True)
