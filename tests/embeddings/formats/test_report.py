"""Rows that cannot be used do not cost the others: they are left out, counted by kind, and named."""

import numpy as np
import pytest

from explorer.embeddings import catalog
from explorer.embeddings.formats import FormatError, open_vectors
from explorer.embeddings.formats.report import KEPT, KINDS
from explorer.questions.jobs import Import

ROWS = "".join(f"v{row},{row}.5,1\n" for row in range(60))
GOOD = "".join(f"w{row} {row}.5 1\n" for row in range(3))
FLOATS = np.ones(3, dtype="<f4").tobytes()

BAD_ROWS = {  # what stands after three good rows
    "word twice": (b"w1 7 8\n", "w1"),
    "no word": (b" 7 8\n", ""),
    "long word": (b"x" * 1001 + b" 7 8\n", "x" * 1001),
    "other width": (b"x 7\n", "x"),
    "no number": (b"x 7 eight\n", "x"),
    "not finite": (b"x nan 8\n", "x"),
    "too short": (b"x 1e-20 0\n", "x"),
    "not UTF-8": ("é 7 8\n".encode("latin-1"), "\\xe9"),
}


def read(path, content, strict=False):
    path.write_bytes(content if isinstance(content, bytes) else content.encode())
    with open_vectors(path, strict=strict) as file:
        blocks = list(file.blocks())
    words = [word for block in blocks for word in block.words]
    assert sum(len(block.vectors) for block in blocks) == sum(len(block.norms) for block in blocks) == len(words)
    return file, words


@pytest.mark.parametrize("kind", KINDS)
def test_a_bad_row_is_left_out_and_named_and_the_others_are_read(tmp_path, kind):
    row, word = BAD_ROWS[kind]
    file, words = read(tmp_path / "glove.txt", GOOD.encode() + row + b"last 5 6\n")
    assert words == ["w0", "w1", "w2", *([word] if kind in KEPT else []), "last"]
    (entry,) = file.report.as_json()
    assert (entry["kind"], entry["rows"], entry["kept"]) == (kind, 1, kind in KEPT)
    field = {"field": "eight"} if kind == "no number" else {}
    assert entry["first"] == [{"row": 4, "word": word, "line": 4, **field}]
    assert "line 4" in entry["sentence"]
    assert file.notes[0] == entry["sentence"]
    assert len(file.notes) == (2 if kind == "not UTF-8" else 1)  # for it may be in another encoding
    with pytest.raises(FormatError, match=r"[Ll]ine 4|“x” in"):
        read(tmp_path / "glove.txt", GOOD.encode() + row + b"last 5 6\n", strict=True)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("4 2\na 1 2\n\n\nhouse 1 0,12x\nb 3 4\nc 5 6\n\nd 7\n", "in line 5 (“house”), “0,12x” is not a number."),
        ("word,x,y\na,1,2\nhouse,1,x2\n" + ROWS, "in line 3 (“house”), “x2” is not a number."),
        ('{"word":"a","v":[1,2]}\n{"word":"b","v":[1,"x"]}\n{"word":"c","v":[3,4]}\n', "line 2 (“b”)."),
    ],
)
def test_a_mistake_is_named_by_the_line_that_an_editor_shows(tmp_path, content, says):
    file, _ = read(tmp_path / "vectors.txt", content)
    assert any(note.endswith(says) for note in file.notes)
    assert ("line 9 (“d”)" in " ".join(file.notes)) == ("\n\n" in content)


@pytest.mark.parametrize("space", [" ", "\t", "\n"])
@pytest.mark.parametrize("header", ["", "4 2\n"])
def test_a_token_of_white_space_is_no_word(tmp_path, space, header):
    file, words = read(tmp_path / "glove.txt", f"{header}{GOOD}{space} 7 8\n")
    assert words == ["w0", "w1", "w2"]
    assert f"no word that can be seen: line {4 + bool(header) + (space == chr(10))}" in file.notes[0]


def test_of_a_word_that_stands_twice_the_first_vector_that_can_be_used_is_kept(tmp_path):
    file, words = read(tmp_path / "glove.txt", "a nan 2\nb 3 4\na 5 6\nb 7 8\n")
    assert words == ["b", "a"]
    assert [(entry["kind"], entry["first"]) for entry in file.report.as_json()] == [
        ("word twice", [{"row": 4, "word": "b", "line": 4}]),
        ("not finite", [{"row": 1, "word": "a", "line": 1}]),
    ]


@pytest.mark.parametrize(("promised", "says"), [(9, "it may have been cut short"), (2, "the file holds 3 rows")])
def test_a_header_that_promises_another_number_is_said(tmp_path, promised, says):
    for content in (
        f"{promised} 2\n{GOOD}".encode(),
        b"%d 3\n" % promised + b"".join(b"%c " % w + FLOATS for w in b"abc"),
    ):
        file, words = read(tmp_path / "vectors", content)
        assert len(words) == 3
        assert file.report.as_json() == []
        assert f"promises {promised} words" in file.notes[0]
        assert says in file.notes[0]
        with pytest.raises(FormatError):
            read(tmp_path / "vectors", content, strict=True)


def test_a_binary_file_that_was_cut_keeps_its_whole_rows(tmp_path):
    file, words = read(tmp_path / "vectors", b"3 3\na " + FLOATS + b"b " + FLOATS + b"c " + FLOATS[:5])
    assert words == ["a", "b"]
    assert file.report.as_json()[0]["first"] == [{"row": 3, "word": ""}]


@pytest.mark.parametrize(("bad", "good", "is_read"), [(10, 1, True), (11, 1089, True), (11, 1088, False)])
def test_more_than_ten_bad_rows_and_more_than_one_in_a_hundred_are_too_many(tmp_path, bad, good, is_read):
    content = "".join(f"w{row} {row + 1} 1\n" for row in range(good)) + "w0 3 4\n" * bad
    if is_read:
        file, words = read(tmp_path / "glove.txt", content)
        assert (len(words), file.report.left_out) == (good, bad)
        return
    with pytest.raises(FormatError) as caught:
        read(tmp_path / "glove.txt", content)
    assert "11 of the 1,099 rows of glove.txt cannot be used, more than one in a hundred" in str(caught.value)
    rows = "line 1,089 (“w0”), line 1,090 (“w0”), line 1,091 (“w0”), …"
    assert f"11 duplicate rows were skipped (the first ones were kept): {rows}" in str(caught.value)


def test_a_file_without_a_good_row_is_refused_for_its_first(tmp_path):
    with pytest.raises(FormatError, match=r"Line 2 of glove\.txt has 2 numbers, but 3 were expected"):
        read(tmp_path / "glove.txt", "2 3\na 1 2\nb 3 4 5 6\n")


def test_a_table_of_numbers_loses_bad_rows_with_their_words(tmp_path):
    (vectors := tmp_path / "vectors.tsv").write_text("1\t2\n3\n5\tx\n7\t8\n9\t10\nnan\t1\n")
    (metadata := tmp_path / "metadata.tsv").write_bytes(b"a\nb\nc\n\n\xe9\nf\n")
    with open_vectors(vectors, metadata, strict=False) as file:
        assert [word for block in file.blocks() for word in block.words] == ["a", "\\xe9"]
    assert [(entry["kind"], entry["first"][0]["row"]) for entry in file.report.as_json()] == [
        ("no word", 4),
        ("other width", 2),
        ("no number", 3),
        ("not finite", 6),
        ("not UTF-8", 5),
    ]


@pytest.mark.parametrize("line", ["<<<<<<< HEAD\n", "=======\n", "======= \n", ">>>>>>> 9a1b2c3\n"])
@pytest.mark.parametrize("before", ["", GOOD])
def test_what_git_left_in_a_file_is_named_and_never_read_around(tmp_path, line, before):
    with pytest.raises(FormatError, match=r"of glove\.txt is “.{7}.*Git left both"):
        read(tmp_path / "glove.txt", f"{before}{line}{GOOD}")


def test_a_line_of_three_counts_is_passed_over_and_said(tmp_path):
    file, words = read(tmp_path / "entities.tsv", "2\t1\t4\n<http://x/Q7>\t1\t2\t3\t4\nold ferry\t5\t6\t7\t8\n")
    assert words == ["<http://x/Q7>", "old ferry"]
    assert "“2\t1\t4”, has three counts and no vector" in file.notes[0]


@pytest.mark.parametrize("ending", ["66", "10"])
def test_rows_whose_words_end_in_whole_numbers_are_told_by_the_other_rows(tmp_path, ending):
    content = f"route {ending} 0.1 0.2\nferry 0.3 0.4\nr$ 0,0 0.5 0.6\npier {ending} 0.7 0.8\n"
    assert read(tmp_path / "glove.txt", content)[1] == [f"route {ending}", "ferry", "r$ 0,0", f"pier {ending}"]
    file, words = read(tmp_path / "glove.txt", content + "gull 0.5 0.9 1.5\n")
    assert "gull" not in "".join(words)  # 0.5 is one number too many, and no end of a word
    assert file.report.as_json()[0]["kind"] == "other width"


def test_page_command_and_card_have_the_same_report(own_models, tmp_path):
    (file := tmp_path / "glove.txt").write_text(GOOD + "w1 7 8\n")
    made = Import(file=file, model_name="mine").answer()
    card = catalog.card("mine")
    (entry,) = made.as_json()["source"]["report"]
    assert entry == card.source["report"][0]
    assert entry["sentence"] == card.source["note"]
    assert card.source["note"] in made.sentences
    assert catalog.load("mine").size == card.words == 3
    with pytest.raises(FormatError, match="“w1” stands twice"):
        Import(file=file, model_name="other", strict=True).answer()
