"""Numbers with Fortran's exponents or a typesetter's minus sign are read as what they are, words as they stand."""

import numpy as np
import pytest

from explorer.embeddings.formats import open_vectors
from tests.embeddings.formats.test_everyday import WORDS, read, rows, written


def test_words_keep_the_signs_that_their_numbers_change(tmp_path):
    file, words, vectors = read(written(tmp_path / "x.txt", "−5 1.5D+00 2D-1\nferry −.5 3\n3D −1e−1 0.5\n"))
    assert words == ["−5", "ferry", "3D"]
    np.testing.assert_array_equal(vectors, np.array([[1.5, 0.2], [-0.5, 3], [-0.1, 0.5]], dtype=np.float32))
    assert file.notes == ["Numbers of x.txt such as “1.5D+00” were read as 1.5e+00."]
    (tmp_path / "x.tsv").write_text("−1.5\t2\n0.5\t−3\n", encoding="utf-8")
    assert read(tmp_path / "x.tsv", written(tmp_path / "words.txt", "−1\n−2\n"))[1] == ["−1", "−2"]
    assert read(tmp_path / "x.tsv", tmp_path / "words.txt")[2].tolist() == [[-1.5, 2], [0.5, -3]]


def test_codes_with_a_d_in_them_are_no_numbers(tmp_path):
    file, words, vectors = read(written(tmp_path / "x.txt", "2D10 0.1 0.2\n5D40 0.3 0.4\n1D01 0.5 0.6\n"))
    assert (words, file.notes) == (["2D10", "5D40", "1D01"], [])
    np.testing.assert_array_equal(vectors, np.array([[0.1, 0.2], [0.3, 0.4], [0.5, 0.6]], dtype=np.float32))
    with open_vectors(written(tmp_path / "x.csv", "word,code,d0,d1\na,2D10,0.1,0.2\nb,5D40,0.3,0.4\n")) as file:
        assert [values for block in file.blocks() for values in block.fields] == [("2D10",), ("5D40",)]


@pytest.mark.parametrize(
    "content", ["\ufeff−1.5\t2\n−0.5\t−3\n", "d0\td1\n−1.5\t2\n−0.5\t−3\n", '"−1.5","2"\n"−0.5","−3"\n']
)
def test_numbers_alone_have_their_signs_in_the_first_column_too(tmp_path, content):
    words = written(tmp_path / "words.txt", "a\nb\n")
    assert read(written(tmp_path / "x.tsv", content), words)[2].tolist() == [[-1.5, 2], [-0.5, -3]]


def test_numbers_in_quotes_have_their_signs_and_words_keep_theirs(tmp_path):
    content = '"word","note","d0","d1"\n"−5","−6, or so","−1.5","2"\n"ferry","−7 degrees","2.5D-1","−3"\n'
    file, words, vectors = read(written(tmp_path / "x.csv", content))
    assert (words, vectors.tolist()) == (["−5", "ferry"], [[-1.5, 2], [0.25, -3]])
    assert "Numbers of x.csv such as “−1.5” were read as -1.5." in file.notes


@pytest.mark.parametrize("between", [", ", ",\n"])
def test_the_words_of_json_keep_their_signs(tmp_path, between):
    entries = (f'{{"text": "It was –{degrees} outside", "embedding": [0.1, 0.2]}}' for degrees in (5, 7))
    file, words, _vectors = read(written(tmp_path / "x.json", f"\ufeff[{between.join(entries)}]"))
    assert words == ["It was –5 outside", "It was –7 outside"]
    assert not any("were read as" in note for note in file.notes)


def test_one_number_in_another_notation_is_left_out_and_named(tmp_path):
    content = rows().replace("1.5 0.125", "1.5D+00 0.125").replace("0.75 -0.5", "0.75 −0.5")
    file, words, _vectors = read(written(tmp_path / "x.txt", content))
    assert words == WORDS[:2]
    assert "line 3 (“anchor”), “1.5D+00” is not a number" in " ".join(file.notes)
