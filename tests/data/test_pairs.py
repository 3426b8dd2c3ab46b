"""Reading parallel files: two or three columns, and a sentence for everything that can be wrong with them."""

from pathlib import Path

import pytest

from explorer.data.pairs import TEST, TRAIN, VALIDATION, Pair, PairsError, read_pairs, shuffled, write_pairs


@pytest.fixture
def table(tmp_path: Path):
    """A function that writes a file's content, text or bytes, and returns its path."""

    def write(content: str | bytes) -> Path:
        path = tmp_path / "pairs.tsv"
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    return write


def test_three_columns_name_the_part(table):
    path = table("train\tyou are welcome\tde nada\ntest\tgood night\tbuenas noches\n")
    assert read_pairs(path) == [Pair(TRAIN, "you are welcome", "de nada"), Pair(TEST, "good night", "buenas noches")]


def test_what_is_written_is_read_again(tmp_path):
    pairs = [Pair(TRAIN, "tomorrow", "mañana"), Pair(VALIDATION, "three o'clock", "las tres")]
    write_pairs(tmp_path / "pairs.tsv", pairs)
    assert read_pairs(tmp_path / "pairs.tsv") == pairs


def test_blank_lines_blanks_windows_line_ends_and_a_byte_order_mark_do_no_harm(table):
    path = table(b"\xef\xbb\xbfhello \thola\r\n\r\n  thanks\tgracias")
    assert read_pairs(path) == [Pair(TRAIN, "hello", "hola"), Pair(TRAIN, "thanks", "gracias")]


def test_two_columns_are_divided_by_the_seed(table):
    lines = [f"source {i}\ttarget {i}" for i in range(200)]
    pairs = read_pairs(table("\n".join(lines)), seed=3)
    parts = [pair.part for pair in pairs]
    assert [pair.source for pair in pairs] == [f"source {i}" for i in range(200)]  # the order is the file's
    assert (parts.count(TRAIN), parts.count(VALIDATION), parts.count(TEST)) == (160, 20, 20)
    assert set(read_pairs(table("\n".join(reversed(lines))), seed=3)) == set(pairs)
    assert read_pairs(table("\n".join(lines)), seed=4) != pairs


def test_a_source_that_occurs_twice_is_in_one_part(table):
    pairs = read_pairs(table("".join(f"source {i % 50}\ttarget {i}\n" for i in range(100))))
    assert len({(pair.part, pair.source) for pair in pairs}) == 50


def test_a_small_file_is_for_training_altogether(table):
    assert [pair.part for pair in read_pairs(table("you are welcome\tde nada"))] == [TRAIN]


def test_the_drawn_order_is_fixed_for_all_time():
    assert shuffled(["a", "b", "c", "d", "e"], seed=1) == ["c", "a", "b", "e", "d"]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ("", "is empty"),
        (" \n\n", "is empty"),
        ("hello\thola\nthanks\n", "line 2: a line needs 2 columns .* this one has 1"),
        ("hello\thola\n\na\tb\tc\td\n", "line 3: a line needs 2 columns .* this one has 4"),
        ("hello\thola\ntrain\thello\thola\n", "line 2 has 3 columns, but the lines before it have 2"),
        ("go\tvete\tCC-BY 2.0\n", "line 1: the first of 3 columns must be train, validation or test, not 'go'"),
        ("hello\thola\nthanks\t \n", "line 2: the target is empty"),
        ("train\t\thola\n", "line 1: the source is empty"),
        ("hello\thola\nma\xf1ana\ttomorrow\n".encode("latin-1"), "not UTF-8 text: line 2"),
    ],
)
def test_a_bad_file_is_refused_in_a_sentence(table, content, message):
    with pytest.raises(PairsError, match=message):
        read_pairs(table(content))


def test_a_missing_file_is_refused_in_a_sentence(tmp_path):
    with pytest.raises(PairsError, match="There is no parallel file at"):
        read_pairs(tmp_path / "nowhere.tsv")
    with pytest.raises(PairsError, match="There is no parallel file at"):
        read_pairs(tmp_path)
