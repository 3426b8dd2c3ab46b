"""Copy as: what each page shows is its own question, and what is copied gives the answer of the page."""

import json
import subprocess
import sys

import pytest

from explorer.places import CHECKOUT
from explorer.questions import copies
from explorer.questions.maps import Graph, Map
from explorer.questions.models import AlignedMap, Disagreement, Drift, Evaluate, Health, Models, SideBySide, Verdict
from explorer.questions.recipes import recipe
from explorer.questions.vectors import Analogy, Matrix, OddOneOut, Percentile, Placement, Similarity, Why
from explorer.questions.words import Neighbours
from tests.test_pages import visit

MODEL = "wiki-en-word2vec"
OF_PAIR = {"model": MODEL, "first": "airplane", "second": "aeroplane"}
TWO = {"first": MODEL, "second": "wiki-en-glove"}

PAGES = [
    (
        "neighbours",
        {"word": "king - man + woman", "n": "3", "min_count": "20", "regex": "e", "band": "HIGH", "pos": "noun"},
        [
            Neighbours(
                model=MODEL, word="king - man + woman", n=3, minimum_count=20, pattern="e", band="high", pos="NOUN"
            )
        ],
    ),
    ("map", {"word": "airplane", "n": "5"}, [Map(model=MODEL, around="airplane", n=5)]),
    (
        "map",
        {"show": "list", "words": 'cat "new york" dog', "view": "graph", "threshold": "0.1", "seed": "3"},
        [Graph(model=MODEL, words=["cat", "new york", "dog"], threshold=0.1, seed=3)],
    ),
    (
        "calculator",
        {"formula": "2 * king - queen", "method": "multiply", "n": "3"},
        [Analogy(model=MODEL, formula="2 * king - queen", method="multiply", n=3)],
    ),
    ("calculator", {"ask": "pairs", "pairs": "king, queen"}, [Similarity(model=MODEL, pairs=[("king", "queen")])]),
    ("calculator", {"ask": "matrix", "words": "king,car,queen"}, [Matrix(model=MODEL, words=["king", "car", "queen"])]),
    ("calculator", {"ask": "odd", "among": "king,car,queen"}, [OddOneOut(model=MODEL, words=["king", "car", "queen"])]),
    (
        "calculator",
        {"ask": "axes", "placed": "bread,yacht", "left": "cheap", "right": "dear,expensive", "lower": "", "upper": ""},
        [Placement(model=MODEL, words=["bread", "yacht"], axis=[(["cheap"], ["dear", "expensive"])])],
    ),
    (
        "side_by_side",
        {"word": "airplane", "models": f"{MODEL},wiki-en-glove", "n": "3", "most": "200"},
        [
            SideBySide(word="airplane", models=[MODEL, "wiki-en-glove"], n=3),
            Drift(word="airplane", models=[MODEL, "wiki-en-glove"]),
            Disagreement(**TWO, most=200),
            AlignedMap(word="airplane", **TWO, n=3),
        ],
    ),
    ("health", {"words": "300"}, [Health(model=MODEL, words=300, word="time")]),
    ("health", {"show": "benchmarks", "restrict_vocab": "300"}, [Evaluate(model=MODEL, restrict_vocab=300)]),
    ("health", {"show": "why", "second": "aeroplane", "n": "4"}, [Why(**OF_PAIR, n=4), Percentile(**OF_PAIR)]),
    ("models", {}, [Models(), Verdict(model=MODEL)]),
]


def copied(page: str, **url: str) -> list[str]:
    """What the bars of a page copy, and its link."""
    app = visit(page, python="true", **url)
    assert not app.exception
    bars = [json.loads(part.proto.json) for part in app.get("bidi_component") if "bar" in part.key]
    assert all(bar["open"] for bar in bars)
    forms = {}
    for bar in bars:
        for name, text in bar["forms"].items():
            forms.setdefault(name, []).append(text)
    return ["\n".join(texts).rstrip() for texts in forms.values()] + [bars[0]["link"]]


@pytest.mark.parametrize(("page", "url", "questions"), PAGES, ids=lambda case: case if isinstance(case, str) else "")
def test_a_page_copies_its_own_question(page, url, questions):
    recipes = "\n".join(filter(None, map(recipe, questions)))
    *texts, link = copied(page, **url)
    assert texts == [
        "\n".join(map(copies.python, questions)).rstrip(),
        *([recipes.rstrip()] if recipes else []),
        "\n".join(map(copies.command, questions)),
        "\n".join(map(copies.curl, questions)),
    ]
    assert link.startswith("http://")
    assert "python=" not in link
    for name in url:
        assert f"{name}=" in link


def test_what_a_page_shows_runs_and_gives_its_answer():
    program, recipe, command, *_ = copied("neighbours", word="airplane", n="3", pos="NOUN")
    rows = Neighbours(model=MODEL, word="airplane", n=3, pos="NOUN").answer().rows
    ours, theirs = {}, {}
    exec(program, ours)
    exec(recipe, theirs)
    assert ours["answer"].rows == rows
    assert [word for word, _ in theirs["answer"]] == [row.word for row in rows]
    explorer = f"{sys.executable} -m {command} --json"
    printed = subprocess.run(explorer, shell=True, cwd=CHECKOUT, capture_output=True, text=True, check=True).stdout
    assert [row.word in printed for row in rows] == [True] * 3
