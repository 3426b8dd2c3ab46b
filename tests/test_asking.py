"""The commands that ask about several words: the answers of the functions, plain sentences, exit statuses."""

import io
import json

import pytest

from explorer.cli import main
from explorer.embeddings import catalog
from explorer.embeddings.analogy import analogy
from explorer.embeddings.axes import place
from explorer.embeddings.matrix import matrix
from explorer.embeddings.odd_one_out import odd_one_out
from explorer.embeddings.similarity import similarities, similarity

SHIPPED = ["--model", catalog.DEFAULT]


@pytest.fixture
def ask(capsys):
    """Run a command; give its exit status, standard output and standard error."""

    def run(*arguments):
        status = main(arguments)
        output = capsys.readouterr()
        assert "Traceback" not in output.err
        return status, output.out, output.err

    return run


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["similarity", "king", "Queen"], lambda model: similarity(model, "king", "queen")),
        (["similarity", "king man", "queen"], lambda model: similarity(model, "king man", "queen")),
        (["matrix", "king", "car", "queen"], lambda model: matrix(model, ["king", "car", "queen"])),
        (["analogy", "king - man + woman", "-n", "4"], lambda model: analogy(model, "king - man + woman", 4)),
        (
            ["analogy", "2 * king - man", "--method", "multiply"],
            lambda model: analogy(model, "2 * king - man", 10, "multiply"),
        ),
        (["odd-one-out", "lunch", "dinner", "car"], lambda model: odd_one_out(model, ["lunch", "dinner", "car"])),
        (["odd-one-out", "lunch dinner car"], lambda model: odd_one_out(model, ["lunch", "dinner", "car"])),
        (["odd-one-out", "new york, lunch, car"], lambda model: odd_one_out(model, ["new york", "lunch", "car"])),
        (
            ["axes", "hut", "villa", "--axis", "cheap", "expensive, rich", "--axis", "small", "large"],
            lambda model: place(model, ["hut", "villa"], [(["cheap"], ["expensive", "rich"]), (["small"], ["large"])]),
        ),
    ],
)
def test_json_is_the_answer_of_the_function(ask, arguments, answer):
    status, output, _ = ask(*arguments, *SHIPPED, "--json")
    assert status == 0
    assert json.loads(output) == json.loads(json.dumps(answer(catalog.load(catalog.DEFAULT)).as_json()))


def test_answers_for_people_have_four_decimals(ask):
    model = catalog.load(catalog.DEFAULT)
    (first,) = analogy(model, "king - man + woman", 1).rows
    _, headings, nearest, *_ = ask("analogy", "king - man + woman", *SHIPPED)[1].splitlines()
    assert headings.split()[:2] == ["rank", "word"]
    rank, word, *tags, score = nearest.split()
    assert (rank, word, score) == ("1", first.word, f"{first.score:.4f}")
    assert "NOUN" in tags
    _, headings, *rows = ask("matrix", "king", "car", *SHIPPED)[1].splitlines()
    assert headings.split() == [row.split()[0] for row in rows] == list(matrix(model, ["king", "car"]).words)
    assert all("1.0000" in row for row in rows)
    assert ask("odd-one-out", "lunch", "dinner", "car", *SHIPPED)[1].startswith("car")
    _, headings, first, *_ = ask("axes", "hut", "palace", "--axis", "cheap", "expensive", *SHIPPED)[1].splitlines()
    assert headings.endswith("cheap – expensive")
    assert first.startswith("hut")


@pytest.mark.parametrize(
    "arguments",
    [
        ["similarity", "king man", "queen"],
        ["matrix", "king man", "queen"],
        ["analogy", '"king man" + queen'],
        ["odd-one-out", "king man", "queen", "car"],
        ["axes", "king man", "--axis", "cheap", "expensive"],
    ],
)
def test_what_is_no_word_of_the_vocabulary_is_said_beside_the_answer(ask, arguments):
    status, output, notes = ask(*arguments, *SHIPPED)
    assert status == 0
    assert output
    assert "king man" in notes


def test_pairs_come_from_a_file_or_from_standard_input(ask, tmp_path, monkeypatch):
    text = "king, queen\nking\tqqqqqqqq\n"
    (tmp_path / "pairs.txt").write_text(text)
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    expected = similarities(catalog.load(catalog.DEFAULT), [("king", "queen"), ("king", "qqqqqqqq")]).as_json()
    for name in (str(tmp_path / "pairs.txt"), "-"):
        status, output, _ = ask("similarity", "--pairs", name, *SHIPPED, "--json")
        assert (status, json.loads(output)) == (0, expected)
    monkeypatch.setattr("sys.stdin", io.StringIO(text))
    assert "not both" in ask("similarity", "king", "queen", "--pairs", "-", *SHIPPED)[2]
    for_people = ask("similarity", "--pairs", str(tmp_path / "pairs.txt"), *SHIPPED)[1].splitlines()
    assert "0.5594" in for_people[2]
    assert "“qqqqqqqq” is not among" in for_people[3]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["analogy", "king man"], "no + or - between “king” and “man”"),
        (["analogy", ""], "There is no formula"),
        (["analogy", "king - king"], "cancel each other out"),
        (["analogy", "king", "--method", "divide"], "method is “divide”, but must be one of add or multiply"),
        (["analogy", "king", "-n", "0"], "n is 0"),
        (["analogy", "king-man + woman"], "spaces around the sign"),
        (["similarity", "king"], "asked of two words"),
        (["similarity"], "asked of two words"),
        (["similarity", "--pairs", "nowhere.txt"], "nowhere.txt cannot be read: No such file"),
        (["similarity", "--pairs", "models/lexicon.tsv.gz"], "it is not UTF-8"),
        (["similarity", "--pairs", "LICENSE"], "is no pair"),
        (["matrix"], "words is missing: give the words or phrases to compare with each other"),
        (["matrix", *["king"] * 1000], "words has 1,000 entries, but must have 2 to 100"),
        (["odd-one-out", "king", "queen"], "words has 2 entries, but must have 3 to 100"),
        (["odd-one-out", "king", "king", "queen"], "at least 3 different words"),
        (["odd-one-out", "king", "qqqqq", "zzzzzq"], "“qqqqq”, “zzzzzq” are not among"),
        (["axes", "king", "--axis", "cheap", ""], "nothing at the other"),
        (["axes", "king", "--axis", "cheap", "cheap"], "are the same"),
        (["axes", "--axis", "cheap", "expensive"], "words is missing"),
    ],
)
def test_bad_input_is_a_sentence_and_exit_status_2(ask, arguments, says):
    status, output, error = ask(*arguments, *SHIPPED)
    assert (status, output) == (2, "")
    assert says in error
