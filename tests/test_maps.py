"""The commands that draw words: the answers of the functions, plain sentences, exit statuses."""

import json

import pytest

from explorer.cli import main
from explorer.embeddings import catalog
from explorer.embeddings.graph import neighbour_graph
from explorer.embeddings.map_words import around, listed, most_frequent
from explorer.embeddings.pictures import WordGraph, WordMap
from explorer.embeddings.projection import project

SHIPPED = ["--model", catalog.DEFAULT]


@pytest.fixture
def ask(capsys):
    """Run a command; give its exit status, standard output and standard error."""

    def run(*arguments):
        status = main([*arguments, *SHIPPED])
        output = capsys.readouterr()
        assert "Traceback" not in output.err
        return status, output.out, output.err

    return run


def pictured(model, words, *how, **more):
    return WordMap(project(model, words.words, *how, **more), words)


def joined(model, words, *how):
    return WordGraph(neighbour_graph(model, words.words, *how), words)


@pytest.mark.parametrize(
    ("arguments", "answer"),
    [
        (["map", "cat", "dog", "car"], lambda model: pictured(model, listed(model, ["cat", "dog", "car"]))),
        (
            ["map", "--around", "airplane", "-n", "12", "--method", "t-sne", "--seed", "4", "--dimensions", "3"],
            lambda model: pictured(model, around(model, "airplane", 12), "t-sne", 3, seed=4),
        ),
        (["map", "--most-frequent", "40"], lambda model: pictured(model, most_frequent(model, 40))),
        (
            ["graph", "--around", "airplane", "-n", "20", "--threshold", "0.5", "--seed", "1"],
            lambda model: joined(model, around(model, "airplane", 20), 0.5, 1),
        ),
    ],
)
def test_commands_give_what_the_functions_give(ask, arguments, answer):
    expected = answer(catalog.load(catalog.DEFAULT))
    assert json.loads(ask(*arguments, "--json")[1]) == json.loads(json.dumps(expected.as_json()))
    assert ask(*arguments, "--csv")[1].splitlines() == expected.as_csv().splitlines()


def test_people_read_how_far_to_trust_the_map_and_what_is_unknown(ask):
    status, output, errors = ask("map", "cat", "dog", "cow", "zzqqxx")
    assert status == 0
    assert "trustworthiness" in output.splitlines()[0]
    assert "1 word of your list is not in the vocabulary: “zzqqxx”" in errors


def test_people_read_the_first_edges_and_how_many_more_there_are(ask):
    _, output, errors = ask("graph", "--around", "airplane", "--threshold", "0.4")
    assert len(output.splitlines()) == 2 + 30  # what it is about, headings, rows
    assert "more rows: --csv or --json has them all" in errors


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["map"], "one of the three"),
        (["map", "cat", "--around", "dog"], "one of the three"),
        (["map", "cat"], "map of 1 word shows nothing"),
        (["map", "cat", "qqqq"], "vocabulary: “qqqq”. That leaves too few words to draw"),
        (["graph", "qqqq", "zzzzy"], "“qqqq”, “zzzzy”. That leaves too few words to draw"),
        (["map", "--most-frequent", "9999"], "most_frequent is 9,999, but must be a whole number from 2 to 5,000"),
        (["map", "cat", "dog", "--dimensions", "4"], "dimensions is 4, but must be a whole number from 2 to 3"),
        (["graph", "cat", "dog", "--threshold", "2"], "threshold is 2"),
        (["map", "cat", "dog", "-n", "3"], "n has an effect only with around. Give around, or leave n out."),
        (["graph", "--most-frequent", "9", "-n", "3"], "n has an effect only with around"),
        (["atlas", "cat", "dog", "-n", "3"], "n has an effect only with around"),
        (["map", "cat", "dog", "--seed", "3"], "Give the method t-sne or umap, or leave seed out."),
        (
            ["graph", "cat", "dog", "--threshold", "0.3", "--nearest", "2"],
            "threshold has no effect with nearest",
        ),
    ],
)
def test_what_cannot_be_drawn_is_one_sentence(ask, arguments, sentence):
    status, output, errors = ask(*arguments)
    assert (status, output) == (2, "")
    assert sentence in errors
