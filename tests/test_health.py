"""The commands about a model's health: the numbers of the functions, and gensim's."""

import json

import pytest
from gensim.test.utils import datapath

from explorer.embeddings import catalog
from explorer.embeddings.contributions import contributions
from explorer.embeddings.evaluation import as_keyed_vectors
from explorer.embeddings.health import examine
from explorer.embeddings.percentiles import percentile
from explorer.embeddings.verdict import verdict
from tests.test_cli import ask  # noqa: F401  a fixture


def test_evaluate_gives_gensims_figures(ask):  # noqa: F811
    status, output, _ = ask("evaluate", catalog.DEFAULT, "--restrict-vocab", "2000", "--json")
    answer, vectors = json.loads(output), as_keyed_vectors(catalog.load())
    share, sections = vectors.evaluate_word_analogies(datapath("questions-words.txt"), restrict_vocab=2000)
    assert status == 0
    assert answer["model"] == catalog.DEFAULT
    assert answer["analogies"]["value"] == pytest.approx(share, abs=1e-9)
    assert answer["analogies"]["restrict_vocab"] == 2000
    assert list(answer["analogies"]["sections"]) == [section["section"] for section in sections[:-1]]
    for benchmark, file in (("wordsim353", "wordsim353.tsv"), ("simlex999", "simlex999.txt")):
        pearson, spearman, unknown_percent = vectors.evaluate_word_pairs(datapath(file))
        expected = {
            "spearman": spearman.statistic,
            "pearson": pearson.statistic,
            "coverage": 1 - unknown_percent / 100,
        }
        figures = {name: answer[benchmark][name] for name in expected}
        assert figures == pytest.approx(expected, abs=1e-9)


def test_evaluate_for_people_lists_every_section(ask):  # noqa: F811
    _, output, _ = ask("evaluate", "--restrict-vocab", "2000")
    assert len(output.splitlines()) == 2 + 2 + 3 + 14  # what it is about, headings, then rows
    assert any(line.split()[0] == "wordsim353" and line.split()[-2:] == ["353", "353"] for line in output.splitlines())


def test_percentile(ask):  # noqa: F811
    _, output, _ = ask("percentile", "Airplane", "aeroplane", "--json")
    expected = percentile(catalog.load(), "airplane", "aeroplane").as_json()
    assert json.loads(output) == {"model": catalog.DEFAULT} | expected
    assert "of 10,000 random pairs of equally frequent words" in ask("percentile", "airplane", "aeroplane")[2]


def test_health(ask):  # noqa: F811
    _, output, _ = ask("health", "--words", "300", "--components", "2", "--json")
    spaces = examine(catalog.load(), 300, 2)
    answer = json.loads(output)
    assert (answer["model"], answer["spaces"]) == (catalog.DEFAULT, [space.as_json() for space in spaces])
    good, beware = answer["verdict"]  # the words of the page Models, where it has the same model
    assert good == "No measure is good by the rules."
    assert beware.startswith("Beware of rare words and names")
    assert set(beware.removeprefix("Beware of ").rstrip(".").split("; ")) <= set(verdict(catalog.load()).of("beware"))
    assert "all but the top 2" in ask("health", "--words", "300", "--components", "2")[1]


def test_why(ask):  # noqa: F811
    _, output, _ = ask("why", "airplane", "helicopter", "-n", "3", "--json")
    answer = json.loads(output)
    assert answer == json.loads(json.dumps(contributions(catalog.load(), "airplane", "helicopter", 3).as_json()))
    assert len(answer["largest"]) == 3
    assert "aircraft" in ask("why", "airplane", "helicopter")[2]


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["evaluate", "nope"], "no model called “nope”"),
        (["evaluate", "--restrict-vocab", "0"], "restrict_vocab is 0, but must be a whole number from 1"),
        (["health", "--words", "5"], "words is 5, but must be a whole number from 100 to 50,000"),
        (["health", "--components", "300"], "300 components cannot be taken away"),
        (["percentile", "airplne", "plane"], "Did you mean airplane"),
        (["why", "airplane", "plane", "-n", "0"], "n is 0"),
    ],
)
def test_what_cannot_be_is_a_sentence(ask, arguments, says):  # noqa: F811
    status, output, error = ask(*arguments)
    assert (status, output) == (2, "")
    assert says in error
