"""Tables of every format and kind of mark: the cells that went in come out, and what cannot be read is said."""

import gzip
import io
import json
import zipfile
import zlib
from functools import partial

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from explorer.data import tables, unpacked
from explorer.data.tables import TableError, open_table
from explorer.data.unpacked import is_plain_text
from tests.initialisation.texts import write, write_lines

ROWS = [("good, really", "1"), ('she said "no"', "0"), ("two\nlines", "1"), ("naïve café 😀", "0"), ("", "1")]


def parquet(path, rows):
    texts, labels = zip(*rows, strict=True)
    pq.write_table(pa.table({"text": texts, "label": list(map(int, labels))}), path)
    return path


def packed(path, rows):
    plain = write(path.with_suffix(".plain"), rows)
    path.write_bytes(gzip.compress(plain.read_bytes()))
    return path


def utf_16(path, rows):
    plain = write(path.with_suffix(".plain"), rows)
    path.write_bytes(plain.read_text(encoding="utf-8").encode("utf-16"))
    return path


def as_saved_by_spreadsheets(path, rows):
    path.write_bytes(b"\xef\xbb\xbf" + write(path, rows, delimiter=";").read_bytes())
    return path


def lines_of_old_macs(path, rows):
    path.write_bytes(write(path, rows).read_bytes().replace(b"\r\n", b"\r"))
    return path


def with_its_delimiter_said(path, rows):
    path.write_bytes(b"sep=;\r\n" + write(path, rows, delimiter=";").read_bytes())
    return path


def document(path, rows):
    path.write_text(json.dumps({"rows": [dict(zip(("text", "label"), row, strict=True)) for row in rows]}, indent=1))
    return path


def with_marks_of_order(path, rows):
    path.write_bytes(b"\xef\xbb\xbf" * 2 + b"\n" + write(path, rows).read_bytes())
    return path


def with_a_blank_line_before_the_header(path, rows):
    path.write_bytes(b"sep=;\r\n  \r\n" + write(path, rows, delimiter=";").read_bytes())
    return path


def of_pandas(path, rows, orient, key="{}"):
    index = [key.format(number) for number in range(len(rows))]
    pd.DataFrame(rows, index, ["text", "label"]).to_json(path, orient=orient)
    return path


def by_columns_in_another_order(path, rows):
    texts, labels = (dict(enumerate(column)) for column in zip(*rows, strict=True))
    path.write_text(json.dumps({"text": texts, "label": dict(reversed(labels.items()))}))
    return path


def zipped(*names):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name in names:
            archive.writestr(name, "application/epub+zip" if name == "mimetype" else "xl/workbook.xml")
    return file.getvalue()


@pytest.mark.parametrize(
    "written",
    [write, write_lines, parquet, packed, utf_16, as_saved_by_spreadsheets, lines_of_old_macs, with_its_delimiter_said,
     with_a_blank_line_before_the_header, with_marks_of_order, document, by_columns_in_another_order,
     *(partial(of_pandas, orient=orient) for orient in ("columns", "index", "split", "records")),
     partial(of_pandas, orient="columns", key="r{}"), partial(of_pandas, orient="index", key="r{}"),
     *(partial(write, delimiter=delimiter) for delimiter in "\t|")],
)  # fmt: skip
def test_what_was_written_is_read_whatever_the_format(written, tmp_path):
    table = open_table(written(tmp_path / "reviews.any", ROWS))
    assert table.columns == ("text", "label")
    rows = list(table.rows("label", "text"))
    assert rows == [(number, (label, text)) for number, (text, label) in enumerate(ROWS, start=1)]


def test_quotation_marks_between_tabs_are_plain_where_they_close_nothing(tmp_path):
    path = tmp_path / "sst.tsv"
    path.write_text('sentence\tlabel\n"Good" it was\t1\n"whole"\t0\n', encoding="utf-8")
    assert [cells for _, cells in open_table(path).rows("sentence")] == [('"Good" it was',), ('"whole"',)]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"", "x.csv is empty"),
        (b"\x00\x01\x02", "x.csv is no text, nor Parquet"),
        (zipped("docProps/app.xml", "xl/workbook.xml", "[Content_Types].xml"), "x.csv is a spreadsheet. Save it as"),
        (zipped("[Content_Types].xml", "word/document.xml"), "x.csv is a text document, .* as plain text"),
        (zipped("mimetype", "page.xhtml"), "x.csv is a text document, a book"),
        (zipped("reviews.csv", "model-xl/a.csv"), "x.csv is an archive. Unpack it"),
        (b"Rar!\x1a\x07\x01\0", "x.csv is an archive. Unpack it"),
        (b"FEA1" + b"\0" * 4, "x.csv is a file of Arrow"),
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", "of an old office program. Save a spreadsheet as CSV, a document as"),
        (b"<?xml version='1.0'?>\n<rows>", "x.csv is XML, which is not read"),
        (b"<?xml version='1.0'?>\n<!DOCTYPE html>", "x.csv is a web page. Open its address"),
        (b"\x80\x04\x95 a frame", "x.csv is a pickle, .* Save it as CSV"),
        (b"<!DOCTYPE html>\n<html>", "x.csv is a web page. Open its address"),
        (b"__label__a __label__b two\n", "line 1 has 2 labels, but a text can have one here"),
        (b"PAR1 damaged", r"x.csv is damaged: it begins as Parquet, but a part of it is missing or wrong\. Get"),
        (b"\x1f\x8b damaged", "x.csv is damaged"),
        ("text,label\ncafé,1\n".encode("utf-16")[:-1], "x.csv is damaged"),
        ('{"text": "a"}\n{"text": "é"}'.encode("utf-16")[:-1], "x.csv is damaged"),
        (b"text,text\na,b\n", "two columns “text”"),
        (b"text,label\ngood, really,1\n", "line 2: there are 3 columns, but the first line names 2"),
        (b'text,label\nbad,0\n"good,1\nfine,1\n', "row of lines 3 to 4 has 1 of 2 columns. Perhaps a quotation mark"),
        (b"text,label\ngood\n", "line 2: there is 1 column, but the first line names 2"),
        (b'text,label\n"good,1\n' + b"x" * 2**20, "a quotation mark is not closed"),
        ("text,label\ncafé,1\n".encode("latin-1"), "row 1 is not UTF-8: the byte 0xe9 stands after “caf”"),
        ("text,label\ncafé,1\n".encode() + b"caf\xe9,1\n", "row 2 is not UTF-8.*What stands before it is UTF-8"),
        (b'{"text": "a", "label": 1}\nnothing\n', "line 2 is no JSON object"),
        (b'[\n{"text": "a"}, 3]', "neither a list of objects nor JSON Lines"),
        (b'{"text": [1]\n', "neither a list of objects nor JSON Lines"),
        (b'{"meta": [{"a": 1}], "data": [{"text": "a"}]}', "has several lists of objects: “meta”, “data”"),
        (b'{"text": {"0": "a"}, "label": {"1": "b"}}', "column “text” and a column “label”, but not with the same"),
        (b'{"0": ["a", "b"], "": ["b"]}', "a column “0” and a column “”, but not with the same rows"),
        (b'{"0": ["a"], "1": ["b"], "2": ["c"]}', "no column “text”. It has “0”, “1”, “2”"),
        (b'{"text": ["a", "b"], "label": ["b"]}', "column “text” and a column “label”, but not with the same"),
        (b'{\n"columns": ["text", "label"], "data": [["a"]]}', "neither a list of objects nor JSON Lines"),
        ('[{"text": "café"}]'.encode("cp1252"), "row 1 is not UTF-8: the byte 0xe9 stands after “caf”"),
        ('[\n{"café": 1}]'.encode("cp1252"), "row 0 is not UTF-8: the byte 0xe9 stands after “caf”"),
        ('[{"text": "a"}]'.encode("utf-16")[:-1], "x.csv is damaged"),
        (b"," * 1_000, "x.csv has 1,001 columns, but may have 1,000"),
        (b'""', "no column “text”"),
        (b"words,label\na,1\n", "no column “text”. It has “words”, “label”.*If this is a row, write"),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_said(content, message, tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(content)
    with pytest.raises(TableError, match=message):
        list(open_table(path).rows("text"))


def test_a_packed_file_is_not_unpacked_without_end(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacked, "LARGEST", 2**20)
    path = tmp_path / "bomb.csv.gz"
    path.write_bytes(gzip.compress(b"text,label\n" + b"a,1\n" * 2**19))
    with pytest.raises(TableError, match="has more than 0 GB"):
        list(open_table(path).rows("text"))
    with pytest.raises(TableError, match="no file at"):
        open_table(tmp_path / "none.csv")


@pytest.mark.parametrize("rows", [10, 40_000])  # damaged in the sample that tells the format, and after it
def test_a_packed_file_with_another_byte_is_damaged(rows, tmp_path):
    pack = zlib.compressobj(wbits=31)  # as gzip does
    packed = bytearray(pack.compress(b"text,label\n" + b"a,1\n" * rows) + pack.flush(zlib.Z_FULL_FLUSH) + pack.flush())
    packed[packed.rindex(b"\0\0\xff\xff")] ^= 0xFF  # the length of the last block but one
    path = tmp_path / "x.csv.gz"
    path.write_bytes(packed)
    with pytest.raises(TableError, match="reviews is damaged: Error -3"):
        list(open_table(path, "reviews").rows("text"))


@pytest.mark.parametrize("written", [write, write_lines, parquet])
def test_a_cell_has_a_bound_whatever_the_format(written, tmp_path, monkeypatch):
    monkeypatch.setattr(tables, "_LONGEST_CELL", 5)
    monkeypatch.setattr(tables, "_BATCH", 1)
    rows = open_table(written(tmp_path / "x", [("short", "1"), ("longer", "0")])).rows("text")
    assert next(rows) == (1, ("short",))
    with pytest.raises(TableError, match="x, row 2 has a cell of 6 characters, but may have 5"):
        next(rows)


def test_a_line_of_json_has_a_bound(tmp_path, monkeypatch):
    monkeypatch.setattr(unpacked, "LONGEST_LINE", 40)
    rows = [("short", "1"), ("x" * 40, "0")]
    with pytest.raises(TableError, match="line 2 is no JSON object"):
        list(open_table(write_lines(tmp_path / "x", rows)).rows("text"))


def test_two_readers_at_once_do_not_disturb_each_other(tmp_path):
    path = write(tmp_path / "x.csv", [("short", "1"), ("x" * 200_000, "0")])
    first, second = open_table(path).rows("text"), open_table(path).rows("text")
    next(first), next(second)
    assert list(first) == list(second) == [(2, ("x" * 200_000,))]


def test_columns_without_a_name_are_called_by_their_place(tmp_path):
    path = tmp_path / "frame.csv"
    path.write_bytes(b"\xef\xbb\xbf\xef\xbb\xbf,text,\n0,a film,good\n")
    table = open_table(path)
    assert table.columns == ("column 1", "text", "column 3")
    assert list(table.rows("column 3", "column 1")) == [(1, ("good", "0"))]


def test_a_column_without_a_name_takes_that_of_no_other(tmp_path):
    path = tmp_path / "frame.csv"
    path.write_text("column 2,,text\n1,2,a film\n", encoding="utf-8")
    assert open_table(path).columns == ("column 2", "(column 2)", "text")


def test_json_lines_have_the_keys_of_all_objects_at_the_beginning(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"id": 1, "": 2}\n{"text": "a film", "label": "good"}\n', encoding="utf-8")
    table = open_table(path)
    assert table.columns == ("id", "text", "label")
    assert list(table.rows("text", "id")) == [(1, ("", "1")), (2, ("a film", ""))]


def test_only_a_line_feed_ends_a_line_of_json(tmp_path):
    path = tmp_path / "a.jsonl"
    path.write_text('{"text": "a\u2028film", "label": "good\u0085"}\n' * 3, encoding="utf-8")
    table = open_table(path)
    assert table.columns == ("text", "label")
    assert len(list(table.rows("text"))) == 3


def test_the_delimiter_is_that_which_makes_rows_as_wide_as_the_header(tmp_path):
    path = tmp_path / "reviews.csv"
    path.write_text("text, of a review;label\ngood, really, so good;1\nbad, and\tlong;0\n", encoding="utf-8")
    table = open_table(path)
    assert table.columns == ("text, of a review", "label")
    assert [cells for _, cells in table.rows("label")] == [("1",), ("0",)]


def test_labelled_lines_of_fasttext_are_a_table_and_no_plain_text(tmp_path):
    path = tmp_path / "reviews.txt"
    path.write_text("__label__good a film, \tand a good one\n\n__label__bad a film\nno label\n", encoding="utf-8")
    assert not is_plain_text(path)
    rows = [cells for _, cells in open_table(path).rows("label", "text")]
    assert rows == [("good", "a film, \tand a good one"), ("bad", "a film"), ("", "no label")]


@pytest.mark.parametrize("first", ["FEA1", "Rar!", "BZh", "ARROW1", "%PDF", "__label__"])
def test_columns_may_be_called_as_other_files_begin(first, tmp_path):
    path = tmp_path / "x.csv"
    path.write_text(f"{first},a text\npos,good one\n", encoding="utf-8")
    table = open_table(path)
    assert table.columns == (first, "a text")
    assert list(table.rows(first, "a text")) == [(1, ("pos", "good one"))]


def test_the_name_of_a_column_may_be_broken_between_quotation_marks(tmp_path):
    path = tmp_path / "x.csv"
    path.write_bytes(b'"text\r\nof a review";label\r\n"a, b";1\r\n')
    table = open_table(path)
    assert table.columns == ("text of a review", "label")
    assert list(table.rows("label")) == [(1, ("1",))]


def test_a_first_line_of_json_may_be_longer_than_what_tells_the_format(tmp_path):
    rows = [("long " * 20_000, "1"), ("short", "0")]
    table = open_table(write_lines(tmp_path / "x.jsonl", rows))
    assert (table.format, table.columns) == ("JSON Lines", ("text", "label"))
    assert [cells for _, cells in table.rows("label")] == [("1",), ("0",)]
    table = open_table(of_pandas(tmp_path / "x.json", rows, "columns"))
    assert (table.format, table.columns) == ("JSON", ("text", "label"))


def test_a_document_has_a_bound_and_is_read_once(tmp_path, monkeypatch):
    path = document(tmp_path / "x.json", ROWS)
    table = open_table(path)
    path.unlink()
    assert len(list(table.rows("text"))) == len(ROWS)
    monkeypatch.setattr(tables, "_LARGEST_DOCUMENT", 20)
    with pytest.raises(TableError, match=r"x\.json is a JSON document of more than 0 MB\. Write JSON Lines"):
        open_table(document(path, ROWS))
