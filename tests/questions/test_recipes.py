"""Each recipe is run, and gives the numbers that the page shows."""

import lzma
import shutil

import numpy as np
import pytest

from explorer import places
from explorer.embeddings import catalog, store
from explorer.questions.models import Health
from explorer.questions.recipes import recipe
from explorer.questions.vectors import Analogy, Matrix, OddOneOut, Placement, Similarity
from explorer.questions.words import Neighbours
from tests.embeddings.conftest import write_lexicon, write_model

SEVERAL = "NOUN:0.55\tADJ:0.15\tADV:0.14\tVERB"  # … as a line of a lexicon goes on: VERB:1.00
ODD_ONES = ["new", "york", "don't", "dc-3", 'in"ch', "back\\slash", "naïve"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """models/ with the same 200 words packed, as a shipped model is, and as arrays, as an imported one is."""
    models = tmp_path_factory.mktemp("project") / "models"
    random = np.random.default_rng(0)
    names = [*ODD_ONES, *(f"word{i}" for i in range(193))]
    counts = np.geomspace(3_000_000, 2, 200).astype(int)
    tags = random.choice(["NOUN", "VERB"], 200)
    words = {
        name: (int(count), tag, random.normal(size=20).tolist())
        for name, count, tag in zip(names, counts, tags, strict=True)
    }
    write_model(models / "packed", words)
    lexicon = write_lexicon(models / "lexicon.tsv.gz", words | {"word3": (9, SEVERAL, []), "word4": (8, SEVERAL, [])})
    store.open_model(models / "packed", lexicon, models.parent / "cache")
    (converted,) = (models.parent / "cache").iterdir()
    shutil.copytree(converted, models / "imported")
    buckets = random.normal(size=(500, 20)).astype(np.float32)
    np.save(models / "imported" / "subwords.npy", buckets)
    with lzma.open(models / "packed" / store.SUBWORDS, "wb") as packed:
        np.save(packed, buckets)
    for name in ("imported", "packed"):
        (models / name / "card.toml").write_text("[subwords]\nbuckets = 500\nminimum = 3\nmaximum = 5\n")
    return models


@pytest.fixture(params=["packed", "imported"])
def model(request, folder, monkeypatch):
    monkeypatch.setattr(places, "CHECKOUT", folder.parent)
    monkeypatch.setattr(catalog, "MODELS", folder)
    monkeypatch.setattr(catalog, "CACHE", folder.parent / "cache")
    monkeypatch.setattr(catalog, "LEXICON", folder / "lexicon.tsv.gz")
    monkeypatch.chdir(folder.parent)
    return store.open_model(folder / request.param, folder / "lexicon.tsv.gz", folder.parent / "cache")


def run(question):
    """What the program of a question leaves in `answer`."""
    program = recipe(question)
    assert "explorer" not in program
    names = {}
    exec(program, names)
    return names["answer"]


def scores(question):
    return [(row.word, row.score) for row in question.answer().rows]


def assert_same(answer, rows):
    assert [word for word, _ in answer] == [word for word, _ in rows]
    np.testing.assert_allclose([score for _, score in answer], [score for _, score in rows], rtol=1e-6, atol=1e-6)


@pytest.mark.parametrize("metric", ["cosine", "dot", "euclidean"])
@pytest.mark.parametrize(
    "filters",
    [
        {},
        {"n": 3, "pos": "noun"},
        {"minimum_count": 100, "maximum_count": 100_000},
        {"band": "high"},
        {"band": "medium"},
        {"band": "low"},
        {"among": ["Word1", "word2", "word3", 'in"ch', "nowhere"]},
        {"pattern": "^word1[0-5]$"},
        {"pos": "verb,ADJ"},
        {"pos": "VERB", "pattern": "7", "minimum_count": 10},
    ],
    ids=str,
)
def test_neighbours(model, metric, filters):
    question = Neighbours(model=model.name, word="word50", metric=metric, **filters)
    assert scores(question)
    assert_same(run(question), scores(question))


FORMULAS = ["word1 - word2 + word3", "word1 + 0.333333333 * dc-3", '"new york" - 2 * word5', "2 * wordy - word1"]


@pytest.mark.parametrize("word", [*ODD_ONES, *FORMULAS, "WORD7", "new word9"])
def test_neighbours_of_odd_words_phrases_and_formulas(model, word):
    for filters in ({}, {"pos": "NOUN"}, {"metric": "euclidean"}):
        question = Neighbours(model=model.name, word=word, **filters)
        assert_same(run(question), scores(question))


@pytest.mark.parametrize("metric", ["cosine", "dot"])
def test_neighbours_of_a_word_guessed_from_its_subwords(model, metric):
    question = Neighbours(model=model.name, word="wordiness", metric=metric)
    assert_same(run(question), scores(question))


@pytest.mark.parametrize("pair", [("word1", "word1"), ("don't", 'in"ch'), ("new york", "wordy"), ("wordy", "wordy")])
def test_similarity(model, pair):
    question = Similarity(model=model.name, first=pair[0], second=pair[1])
    similarity = pytest.approx(question.answer().similarity, abs=1e-6)
    assert run(question) == similarity
    assert run(Similarity(model=model.name, pairs=[pair])) == similarity


def test_what_has_no_recipe(model):
    assert recipe(Similarity(model=model.name, pairs=[("word1", "word2")] * 2)) is None
    assert recipe(Health(model=model.name)) is None


@pytest.mark.parametrize("method", ["add", "multiply"])
@pytest.mark.parametrize("formula", [*FORMULAS, "- word1", "2 * wordy"])
def test_analogy(model, formula, method):
    question = Analogy(model=model.name, formula=formula, n=7, method=method)
    assert_same(run(question), scores(question))


LISTS = [["word1", "new", "Word9", "don't", "word1"], ["word1", "new york", "wordy", "dc-3"]]


@pytest.mark.parametrize("words", LISTS, ids=str)
def test_matrix(model, words):
    question = Matrix(model=model.name, words=words)
    np.testing.assert_allclose(run(question), question.answer().cosines, atol=1e-6)


@pytest.mark.parametrize("words", LISTS, ids=str)
def test_odd_one_out(model, words):
    question = OddOneOut(model=model.name, words=words)
    answer = [(word, score) for score, word in run(question)]
    assert_same(answer, [(row.word, row.similarity) for row in question.answer().rows])


@pytest.mark.parametrize("words", LISTS, ids=str)
def test_axes(model, words):
    axis = [(["word2"], ["word3"]), (["word4", "york"], [words[1]])]
    question = Placement(model=model.name, words=words, axis=axis)
    answer, placed = run(question), question.answer()
    assert [word for word, _ in answer] == list(placed.words)
    np.testing.assert_allclose([positions for _, positions in answer], placed.positions, atol=1e-6)


def test_paths_are_relative_to_the_project_wherever_models_lie_inside_it(model, folder, monkeypatch):
    question = Similarity(model=model.name, first="new", second="york")
    assert f'"models/{model.name}/' in recipe(question)
    monkeypatch.setattr(places, "CHECKOUT", folder / "elsewhere")
    assert f'"{folder.as_posix()}/{model.name}/' in recipe(question)


def test_the_shipped_models_recipe_is_short_and_true():
    question = Neighbours(word="airplane", n=5)
    assert len(recipe(question).splitlines()) <= 12
    assert_same(run(question), scores(question))
