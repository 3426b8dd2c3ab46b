"""What an answer is taken along as keeps its words: also those that a reader of CSV takes for something else."""

import csv
import io

import pandas
import pytest

from explorer.answers import Answer, Table

WORDS = (
    "null",
    "nan",
    "NaN",
    "NA",
    "none",
    "true",
    "inf",
    "",
    "=1+1",
    'say "it"',
    "a,b",
    "two\nlines",
    "ñandú",
    "−1",
    " x ",
    "-",
    "=",
    "--",
    "@",
    "＝1",
    "-lrb-",
)
FORMULAS = {"=1+1", "＝1", "-lrb-"}


class Words(Answer):
    """Each word with its number, and one number that is not known."""

    def table(self):
        return Table(("word", "number"), (*((word, 1.5) for word in WORDS), ("last", None)))


@pytest.mark.parametrize("byte_order_mark", [False, True])
def test_csv_gives_pandas_every_word_back(byte_order_mark):
    text = Words().as_csv(byte_order_mark)
    frame = pandas.read_csv(io.BytesIO(text.encode()), keep_default_na=False, na_values={"number": [""]})
    assert list(frame.columns) == ["word", "number"]
    words = [f"\t{word}" if byte_order_mark and word in FORMULAS else word for word in WORDS]
    assert frame["word"].tolist() == [*words, "last"]
    assert frame["number"].iloc[:-1].tolist() == [1.5] * len(WORDS)
    assert frame["number"].isna().tolist() == [False] * len(WORDS) + [True]


def test_excel_computes_no_word_and_a_sign_alone_stays_as_it_is():
    rows = list(csv.reader(io.StringIO(Words().as_csv(byte_order_mark=True), newline="")))
    words = [word for word, _ in rows]
    assert not FORMULAS & {*words}
    assert {f"\t{word}" for word in FORMULAS} | {"-", "=", "--", "@"} <= {*words}


def test_a_word_that_looks_like_a_missing_value_stands_in_quotes():
    lines = Words().as_csv().splitlines()
    assert lines[1:7] == ['"null",1.5', '"nan",1.5', '"NaN",1.5', '"NA",1.5', '"none",1.5', '"true",1.5']
    assert list(csv.reader(io.StringIO(Words().as_csv(), newline="")))[1:-1] == [[word, "1.5"] for word in WORDS]


def test_a_frame_has_the_rows_as_they_are():
    frame = Words().as_frame()
    assert frame["word"].tolist() == [*WORDS, "last"]
    assert frame["number"].isna().sum() == 1
