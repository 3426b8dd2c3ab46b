"""The same words and numbers as people write them: in every file they are the same words and numbers."""

import io
import json

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest

from explorer.embeddings.formats import FormatError, open_vectors
from explorer.embeddings.formats.layouts import LAYOUTS

WORDS = ["harbour", "ferry", "anchor", "lantern"]
ROWS = np.array([[0.5, -1.25, 2.75], [-0.375, 3.5, 0.25], [1.5, 0.125, -2.5], [0.75, -0.5, 1.25]], dtype=np.float32)
PAIRS = list(zip(WORDS, ROWS.tolist(), strict=True))
LIST = "\n".join(WORDS) + "\n"


def rows(separator=" ", header="", line="{word}{separator}{numbers}\n", words=WORDS, number=str, between=None):
    pairs = zip(words, ROWS.tolist(), strict=True)
    return header + "".join(
        line.format(word=word, separator=separator, numbers=(between or separator).join(map(number, row)))
        for word, row in pairs
    )


def comma(number):
    return str(number).replace(".", ",")


def typeset(number):
    return str(number).replace("-", "−")


def csv(frame, **options):
    return frame.to_csv(**options)


def in_cells():
    """What pandas writes of a column of arrays: each in a cell, over more than one line."""
    return csv(pd.DataFrame({"word": WORDS, "vector": [f"[{a} {b}\n {c}]" for a, b, c in ROWS.tolist()]}))


def json_lines(*entries):
    return "".join(json.dumps(entry) + "\n" for entry in entries)


def parquet(**columns):
    pyarrow.parquet.write_table(pa.table(columns), out := io.BytesIO())
    return out.getvalue()


INDEXED = pd.DataFrame({"word": WORDS, **dict(enumerate(ROWS.T))})
TEXT = rows(header="4 3\n")
FILES = {
    "line ends of old Macs": TEXT.replace("\n", "\r"),
    "UTF-16 of Windows": TEXT.replace("\n", "\r\n").encode("utf-16"),
    "UTF-16, big-endian": b"\xfe\xff" + TEXT.encode("utf-16-be"),
    "UTF-16 without a mark": TEXT.encode("utf-16-le"),
    "UTF-32": TEXT.encode("utf-32"),
    "a tab, then spaces": rows("\t", between=" "),
    "a tab, then commas": rows("\t", between=","),
    "commas and spaces": rows(", "),
    "semicolons and spaces": rows("; "),
    "a line for Excel": rows(";", header="sep=;\r\nword;x;y;z\r\n"),
    "bars": rows("|"),
    "bars and spaces": rows(" | ", header="word | x1 | x2 | x3\n"),
    "bars and quotes": rows("|", words=[f'"{word}"' for word in WORDS]),
    "single quotes": rows(words=[f"'{word}'" for word in WORDS]),
    "colons": rows(line="{word}: {numbers}\n"),
    "rows with their numbers": "".join(f"{row} {w} {a} {b} {c}\n" for row, (w, (a, b, c)) in enumerate(PAIRS)),
    "rows with their numbers, tabs": "".join(f"{n}\t{w}\t{a}\t{b}\t{c}\n" for n, (w, (a, b, c)) in enumerate(PAIRS)),
    "a text behind each word": "".join(f"{w}\tNOUN\t{a}\t{b}\t{c}\n" for w, (a, b, c) in PAIRS),
    "brackets behind a tab": rows(line="{word}\t[{numbers}]\n"),
    "brackets": rows(line="{word} [{numbers}]\n"),
    "a dictionary of Python": rows(line='"{word}": [{numbers}],\n', between=", "),
    "exponents of Fortran": rows(header="4 3\n", number=lambda number: f"{number:.4e}".replace("e", "D")),
    "a minus sign of typesetters": rows(number=typeset),
    "hyphens for minus": rows(number=lambda number: str(number).replace("-", "‐")),
    "what Python prints of tensors": rows(line="{word} tensor([{numbers}])\n", between=", "),
    "what Python prints of arrays": rows(line="{word}: array([{numbers}], dtype=float32)\n", between=", "),
    "what Python prints of tuples": rows(line="{word}\t({numbers})\n", between=", "),
    "decimal commas in quotes": rows(line='{word},"{numbers}"\n', between='","', number=comma),
    "a header with other dimensions": rows(header="4 300\n"),
    "a header the wrong way round": rows(header="3 4\n"),
    "columns that are counted": rows(header="token 0 1 2\n"),
    "columns that are counted, with tabs": rows("\t", header="word\t1\t2\t3\n"),
    "R's table": rows(header='"V1" "V2" "V3"\n', words=[f'"{word}"' for word in WORDS]),
    "pandas, by words": csv(pd.DataFrame(ROWS, index=WORDS)),
    "pandas, counted columns": csv(pd.DataFrame(ROWS, index=pd.Index(WORDS, name="word"))),
    "pandas, with its index": csv(INDEXED),
    "pandas, with an index that had been read": csv(INDEXED.reset_index(names="Unnamed: 0"), index=False),
    "pandas, arrays in cells": in_cells(),
    "a pair on each line": json_lines(*map(list, PAIRS)),
    "a vector under each word": json_lines(*({word: row} for word, row in PAIRS)),
    "a number under each name": json_lines(
        *({"d0": row[0], "word": word, "d1": row[1], "d2": row[2]} for word, row in PAIRS)
    ),
    "a table of one row": json_lines(*({"text": word, "embedding": [row]} for word, row in PAIRS)),
    "texts under another name": json_lines(*({"kind": "boat", "input": word, "embedding": row} for word, row in PAIRS)),
    "vectors as texts": json_lines(*({"word": word, "vector": " ".join(map(str, row))} for word, row in PAIRS)),
    "one object": json.dumps(dict(PAIRS)),
    "one list of objects": json.dumps([{"word": word, "vector": row} for word, row in PAIRS], indent=1),
    "pandas, records": INDEXED.to_json(orient="records"),
    "a row of a list on each line":
        json.dumps([{"word": w, "vector": row} for w, row in PAIRS]).replace("{", "\n{"),
    "two lists in one object": json.dumps({"labels": WORDS, "rows": ROWS.tolist()}),
    "an object under a name": json.dumps({"size": 3, "vectors": dict(PAIRS)}),
    "a list under a name": json.dumps({"data": [{"word": word, "vector": row} for word, row in PAIRS]}),
    "a first line without a word":
        json_lines({"word": None, "vector": [1, 2, 3]}, *({"word": w, "vector": row} for w, row in PAIRS)),
    "a first line without a vector": json_lines({"word": "none"}, *({"word": w, "vector": row} for w, row in PAIRS)),
    "Parquet, words as bytes": parquet(word=[word.encode() for word in WORDS], vector=ROWS.tolist()),
    "Parquet, a category first": parquet(kind=["boat"] * 4, lemma=WORDS, vector=ROWS.tolist()),
    "Parquet, other lists": parquet(word=WORDS, senses=[[1, 2]] * 4, embedding=ROWS.tolist()),
}  # fmt: skip
"""Whole files, with their own words."""

LISTS = {
    "a list in JSON": json.dumps(WORDS),
    "rows by words": json.dumps({word: row for row, word in reversed(list(enumerate(WORDS)))}, indent=1),
    "words by rows": json.dumps(dict(enumerate(WORDS))),
    "UTF-16": LIST.encode("utf-16"),
    "line ends of old Macs": LIST.replace("\n", "\r"),
    "CSV of one column": '"word"\n' + "".join(f'"{word}"\n' for word in WORDS),
    "spaces at the ends": LIST.replace("\n", "  \r\n"),
    "words and their rows": "".join(f"{WORDS[row]}\t{row}\n" for row in (2, 0, 3, 1)),
}
"""Lists of words for numbers that have none."""


RUSSIAN = ["кот", "собака", "порт", "якорь"]


def read(path, metadata=None):
    with open_vectors(path, metadata, strict=False) as file:
        blocks = list(file.blocks())
        return file, [word for each in blocks for word in each.words], np.concatenate([each.vectors for each in blocks])


def written(path, content):
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


@pytest.mark.parametrize("content", FILES.values(), ids=FILES)
def test_a_file_is_read_as_it_was_meant(tmp_path, content):
    _file, words, vectors = read(written(tmp_path / "x.dat", content))
    assert words == WORDS
    np.testing.assert_array_equal(vectors, ROWS)


@pytest.mark.parametrize("content", LISTS.values(), ids=LISTS)
def test_a_list_of_words_is_read_as_it_was_meant(tmp_path, content):
    np.save(tmp_path / "x.npy", ROWS)
    _file, words, vectors = read(tmp_path / "x.npy", written(tmp_path / "words.dat", content))
    assert words == WORDS
    np.testing.assert_array_equal(vectors, ROWS)


def test_words_of_numpy_are_a_list_too(tmp_path):
    np.save(tmp_path / "x.npy", ROWS)
    np.save(tmp_path / "words.npy", np.array(WORDS))
    assert read(tmp_path / "x.npy", tmp_path / "words.npy")[1] == WORDS


def test_an_archive_of_several_arrays_has_its_vectors_words_and_columns(tmp_path):
    np.savez(
        tmp_path / "x.npz", contexts=-ROWS, vectors=ROWS, words=np.array(WORDS), year=np.arange(4), bias=np.ones(3)
    )
    file, words, vectors = read(tmp_path / "x.npz")
    assert (words, file.columns) == (WORDS, ("year",))
    np.testing.assert_array_equal(vectors, ROWS)
    assert "“contexts” were left out" in file.notes[0]


def test_words_as_python_objects_can_be_given_in_a_list_of_their_own(tmp_path):
    np.savez(tmp_path / "x.npz", vectors=ROWS, words=np.array(WORDS, dtype=object))
    assert read(tmp_path / "x.npz", written(tmp_path / "words.txt", LIST))[1] == WORDS


def test_a_parquet_without_words_takes_a_list_and_numbers_stand_for_words(tmp_path):
    path = written(tmp_path / "x.parquet", parquet(vector=ROWS.tolist()))
    assert read(path, written(tmp_path / "words.txt", LIST))[1] == WORDS
    written(path, parquet(id=[7, 5, 3, 9], vector=ROWS.tolist()))
    file, words, _ = read(path)
    assert words == ["7", "5", "3", "9"]
    assert "are the numbers in its column id" in file.notes[0]


@pytest.mark.parametrize(
    ("vectors", "words"),
    [("tensors.tsv", "metadata.tsv"), ("embeddings.tsv", "metadata.tsv"), ("vecs.tsv", "meta.tsv"),
     ("vectors.tsv", "labels.tsv")],
)  # fmt: skip
def test_words_are_found_beside_vectors(tmp_path, vectors, words):
    written(tmp_path / words, LIST)
    assert read(written(tmp_path / vectors, rows("\t", line="{numbers}\n")))[1] == WORDS


def test_a_line_of_spaces_is_answered_at_once_and_empty_brackets_have_no_numbers():
    split = next(each.split for each in LAYOUTS if each.title == "text with brackets")
    assert split(line := "a" + " " * 200_000 + "b") == [line]
    assert [split("cat []"), split("cat ()"), split("cat (1, 2)")] == [["cat", "[]"], ["cat", "[]"], ["cat", "[1, 2]"]]


def test_numbers_with_commas_between_thousands_are_read_and_doubtful_ones_named(tmp_path):
    content = 'word,a,b,c\nx,"1,234.5",0.5,"1,234"\ny,"-2,000.25",1.5,12\nz,7,2.5,"1,500"\n'
    file, _words, vectors = read(written(tmp_path / "x.csv", content))
    np.testing.assert_array_equal(vectors, [[1234.5, 0.5, 1234], [-2000.25, 1.5, 12], [7, 2.5, 1500]])
    assert file.notes == ["Numbers of x.csv with commas between thousands, such as “1,234.5”, were read."]
    content = 'word,a,b,c\nx,1.5,0.5,"1,234"\ny,-2.25,1.5,12\nz,7,2.5,"1,500"\n'
    file, _words, vectors = read(written(tmp_path / "x.csv", content))
    assert (vectors.shape, file.columns) == ((3, 2), ("c",))
    assert any("c has numbers with a comma, such as “1,234”, and is not in the vector" in note for note in file.notes)


@pytest.mark.parametrize("titles", ["", "word,occurrences,x,y,z\n"])
def test_counts_in_a_csv_are_no_dimension(tmp_path, titles):
    lines = [f"{word},{1990 - 10 * row},{a},{b},{c}\n" for row, (word, (a, b, c)) in enumerate(PAIRS)]
    with open_vectors(written(tmp_path / "x.csv", titles + "".join(lines)), strict=False) as file:
        (block,) = file.blocks()
    np.testing.assert_array_equal(block.vectors, ROWS)
    assert block.counts == [1990, 1980, 1970, 1960]
    assert "were taken for counts" in file.notes[0]


def test_further_columns_are_named_beside_the_vector_and_a_row_by_its_word(tmp_path):
    lines = [f"{word},{1990 + row},{a},{b},{c}\n" for row, (word, (a, b, c)) in enumerate(PAIRS)]
    content = "word,year,d1,d2,d3\n" + "".join(lines) + "bad,1999,1.5,,\n"
    file, words, _ = read(written(tmp_path / "x.csv", content))
    assert words == WORDS
    assert file.notes[0] == "3 columns are the vector; year is kept beside it."
    assert file.report.as_json()[0]["first"] == [{"row": 5, "word": "bad", "line": 6, "field": "(empty)"}]
    content = json_lines(*({"word": word, "kind": "boat", "vector": row} for word, row in PAIRS))
    assert read(written(tmp_path / "x.jsonl", content))[0].notes == [
        "The field vector is the vector; kind is kept beside it."
    ]
    content = parquet(word=WORDS, year=[1, 2, 3, 4], kind=WORDS, embedding=ROWS.tolist())
    file, _, _ = read(written(tmp_path / "x.parquet", content))
    assert file.notes == ["The column embedding is the vector; year, kind are kept beside it."]


def test_a_list_of_another_size_says_both_numbers(tmp_path):
    np.save(tmp_path / "x.npy", np.ones((18, 3)))
    with pytest.raises(FormatError, match=r"words\.txt names 20 words, but x\.npy has 18 vectors"):
        read(tmp_path / "x.npy", written(tmp_path / "words.txt", "word\n" * 20))


@pytest.mark.parametrize("first", ["# 4 words of a harbour", "4 3 harbour", "4 3 1"])
def test_a_comment_ahead_of_a_text_is_taken_for_a_header(tmp_path, first):
    file, words, _ = read(written(tmp_path / "x.txt", f"{first}\n{rows()}"))
    assert words == WORDS
    assert file.report.left_out == 0
    assert f"“{first}”, has" in file.notes[0]


@pytest.mark.parametrize("index", [False, True])
def test_a_csv_that_lies_on_its_side_can_be_turned(tmp_path, index, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = written(tmp_path / "x.csv", csv(pd.DataFrame(ROWS.T, columns=WORDS), index=index))
    with pytest.raises(FormatError, match=r"“harbour”, “ferry” ….*lies on its side") as refusal:
        read(path)
    options = {"index_col": 0} if index else {}
    assert ("index_col=0" in str(refusal.value)) == index
    pd.read_csv("x.csv", **options).T.to_csv("turned.csv")
    _file, words, vectors = read(tmp_path / "turned.csv")
    assert words == WORDS
    np.testing.assert_array_equal(vectors, ROWS)


def answer(*beside):
    """What an embedding service answers, which leaves out the texts that it was asked for."""
    data = [{"object": "embedding", "index": row, "embedding": numbers} for row, numbers in enumerate(ROWS.tolist())]
    return json.dumps({"object": "list", "data": data, "model": "small"}) if not beside else json_lines(*data)


@pytest.mark.parametrize(
    "content",
    [answer(), answer("lines"), json.dumps({"model": "small", "embeddings": ROWS.tolist()}), json.dumps(ROWS.tolist())],
    ids=["a document", "lines", "rows under a name", "rows"],
)
def test_what_is_the_same_in_every_row_is_no_word(tmp_path, content):
    path = written(tmp_path / "answer.json", content)
    with pytest.raises(FormatError, match=r"answer\.json has vectors and no words.*--metadata FILE.*a field “word”"):
        read(path)
    _file, words, vectors = read(path, written(tmp_path / "texts.txt", LIST))
    assert words == WORDS
    np.testing.assert_array_equal(vectors, ROWS)


@pytest.mark.parametrize(
    "content",
    ["[[1, 2]]", '{"model": "m", "embeddings": [[1, 2]]}', '{"rows": {"embeddings": [[1, 2]], "total": 1}}'],
)
def test_the_only_vector_of_a_document_has_no_word_that_nobody_wrote(tmp_path, content):
    with pytest.raises(FormatError):
        read(written(tmp_path / "x.json", content))


def test_words_and_vectors_of_two_sizes_say_both(tmp_path):
    path = written(tmp_path / "x.json", json.dumps({"words": WORDS[:3], "embeddings": ROWS.tolist()}))
    with pytest.raises(FormatError, match=r"x\.json has a list of 3 texts and one of 4 vectors"):
        read(path)


def test_columns_of_later_lines_travel_too(tmp_path):
    entries = [{"word": word, "vector": row} for word, row in PAIRS]
    entries[2]["kind"] = "iron"
    with open_vectors(written(tmp_path / "x.jsonl", json_lines(*entries))) as file:
        (block,) = file.blocks()
    assert (file.columns, block.fields) == (("kind",), [("",), ("",), ("iron",), ("",)])


@pytest.mark.parametrize(
    ("line", "kind"),
    [('{"word": "x", "vector": [1, 2, ' + "9" * 400 + "]}", "not finite"),
     ('{"word": "x", "vector": [1, 2]}', "other width"), ('{"word": "x"}', "no number")],
)  # fmt: skip
def test_a_bad_line_of_json_costs_no_other(tmp_path, line, kind):
    content = json_lines(*({"word": word, "vector": row} for word, row in PAIRS)) + line
    file, words, _ = read(written(tmp_path / "x.jsonl", content))
    assert words == WORDS
    assert [each["kind"] for each in file.report.as_json()] == [kind]


def test_a_field_too_many_is_no_word_cut_short_and_a_line_break_ends_no_word(tmp_path):
    content = rows(",", header="word,x1,x2,x3\n") + '1,000,0.5,1.5,2.5\n"an\nchor",1,2,3\n",1,2,3\n'
    file, words, _ = read(written(tmp_path / "x.csv", content))
    assert words == [*WORDS, '"']
    assert file.report.left_out == 3


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("a 0.5\nb 0.25\nc 1.5\n", r"write a line with the number of its words and a 1.*“3 1”"),
        (b"\x04\x22\x4d\x18" + bytes(40), "is packed in a way that cannot be unpacked here"),
        (
            rows(words=["h\xe4fen", "f\xe4hre", "l\xf6we", "m\xf6we"]).encode("latin-1") * 3,
            "may be in the encoding CP1252, in which its words are “häfen”, “fähre”, “löwe”.*iconv -f CP1252",
        ),
        (rows(words=RUSSIAN).encode("cp1251") * 3, "encoding CP1251, in which its words are “кот”, “собака”, “порт”"),
        (b"999999999999 300\n" + bytes([1, 2] * 400), "ends within row 1 of the 999,999,999,999.*cut short"),
        (b"PK\x05\x06" + bytes(18), "is an archive without a file in it"),
        ("a 1e30 2e30\nb 3e30 1e30\n", "divide them by one large number"),
        (rows(words=RUSSIAN).encode("koi8-r") * 3, "encoding KOI8-R, in which its words are “кот”, “собака”, “порт”"),
        (rows(words=["человек", "время", "дело", "ребёнок"]).encode("koi8-r") * 3, "KOI8-R.*iconv -f KOI8-R"),
        ("\n \r\n", "is empty: .*get it again"),
        ("version https://git-lfs.github.com/spec/v1\noid sha256:12\nsize 123\n", "not the file itself of 123 bytes"),
        ("a list\nof words\n", "has text and no numbers.*--metadata x.dat"),
        ("gull => 1.25, 0.5\n", "its first line is “gull => 1.25, 0.5”"),
    ],
    ids=[
        "one number",
        "lz4",
        "Latin-1",
        "Windows-1251",
        "cut within its first row",
        "empty zip",
        "squares beyond float32",
        "KOI8-R",
        "KOI8-R, by chance UTF-8",
        "blank",
        "LFS",
        "words alone",
        "arrows",
    ],
)
def test_a_refusal_says_what_to_do(tmp_path, content, says):
    with pytest.raises(FormatError, match=says):
        read(written(tmp_path / "x.dat", content))


def test_a_few_words_in_another_encoding_are_kept_and_the_encoding_is_said(tmp_path):
    path = written(tmp_path / "x.vec", rows(words=["café", *WORDS[:3]]).encode("cp1252"))
    file, words, _ = read(path)
    assert words[0] == "caf\\xe9"
    assert "x.vec may be in the encoding CP1252, in which its words are “café”" in file.notes[-1]
    written(path, "кот 1 2\nпорт 3 4\nкафе 5 6\nboat 7 8\n".encode("cp1251"))
    assert "seems to be in another encoding" in read(path)[0].notes[-1]  # three words do not tell which
    written(path, rows(words=["café", "crêpe", *WORDS[:2]]).encode().replace("ê".encode(), b"\xea"))
    assert not any("encoding" in note for note in read(path)[0].notes)  # the other word shows that it is in UTF-8


@pytest.mark.parametrize("separator", ["\t", " "])
def test_counts_behind_the_words_are_no_dimension(tmp_path, separator):
    pairs = enumerate(zip(["new york", *WORDS[1:]], ROWS.tolist(), strict=True))
    lines = [separator.join([word, str(100 - row), *map(str, numbers)]) + "\n" for row, (word, numbers) in pairs]
    titles = separator.join(["word", "count", "1", "2", "3"]) + "\n"
    with open_vectors(written(tmp_path / "x.txt", "".join([titles, *lines, "gull 1\n"])), strict=False) as file:
        (block,) = file.blocks()
    assert block.words == ["new york", *WORDS[1:]]
    assert block.counts == [100, 99, 98, 97]
    np.testing.assert_array_equal(block.vectors, ROWS)
    assert "were read as counts" in file.notes[0]


def test_a_sparse_matrix_is_named(tmp_path):
    np.savez(tmp_path / "x.npz", indices=np.arange(3), indptr=np.arange(4), data=np.ones(3), shape=np.array([3, 4]))
    with pytest.raises(FormatError, match=r"is a sparse matrix of SciPy: save all its numbers by numpy\.save"):
        read(tmp_path / "x.npz")


@pytest.mark.parametrize("separator", [",", " ", "\t"])
def test_titles_that_count_the_columns_are_no_word_beside_whole_numbers(tmp_path, separator):
    lines = ["word,1,2,3", "cat,1,0,0", "dog,0,1,0", "cow,0.5,0,1"]
    _file, words, _ = read(written(tmp_path / "x.txt", "".join(f"{line.replace(',', separator)}\n" for line in lines)))
    assert words == ["cat", "dog", "cow"]
