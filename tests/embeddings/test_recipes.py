"""Each recipe is run, and gives the numbers that the page shows."""

import lzma
import shutil

import numpy as np
import pytest

from explorer import places
from explorer.embeddings import catalog, recipes, store
from explorer.embeddings.analogy import analogy
from explorer.embeddings.axes import place
from explorer.embeddings.matrix import matrix
from explorer.embeddings.neighbours import neighbours
from explorer.embeddings.odd_one_out import odd_one_out
from explorer.embeddings.similarity import similarity
from tests.embeddings.conftest import write_lexicon, write_model

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
    lexicon = write_lexicon(models / "lexicon.tsv.gz", words)
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
    monkeypatch.setattr(catalog, "LEXICON", folder / "lexicon.tsv.gz")
    monkeypatch.chdir(folder.parent)
    return store.open_model(folder / request.param, folder / "lexicon.tsv.gz", folder.parent / "cache")


def run(recipe):
    """What the program leaves in `answer`."""
    assert "explorer" not in recipe
    names = {}
    exec(recipe, names)
    return names["answer"]


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
        {"pos": "VERB", "pattern": "7", "minimum_count": 10},
    ],
    ids=str,
)
def test_neighbours(model, metric, filters):
    rows = neighbours(model, "word50", metric=metric, **filters).rows
    answer = run(recipes.neighbours(model, "word50", metric=metric, **filters))
    assert rows
    assert_same(answer, [(row.word, row.score) for row in rows])


@pytest.mark.parametrize("asked", [*ODD_ONES, "WORD7", "new word9"])
def test_neighbours_of_odd_words_and_phrases(model, asked):
    for filters in ({}, {"pos": "NOUN"}):
        rows = neighbours(model, asked, **filters).rows
        assert_same(run(recipes.neighbours(model, asked, **filters)), [(row.word, row.score) for row in rows])


@pytest.mark.parametrize("metric", ["cosine", "dot"])
def test_neighbours_of_a_word_guessed_from_its_subwords(model, metric):
    rows = neighbours(model, "wordiness", metric=metric).rows
    answer = run(recipes.neighbours(model, "wordiness", metric=metric))
    assert_same(answer, [(row.word, row.score) for row in rows])


@pytest.mark.parametrize("pair", [("word1", "word1"), ("don't", 'in"ch'), ("new york", "wordy"), ("wordy", "wordy")])
def test_similarity(model, pair):
    assert run(recipes.similarity(model, *pair)) == pytest.approx(similarity(model, *pair).similarity, abs=1e-6)


@pytest.mark.parametrize("method", ["add", "multiply"])
@pytest.mark.parametrize(
    "formula", ["word1 - word2 + word3", "word1 + 0.333333333 * dc-3", '"new york" - 2 * word5', "- word1", "2 * wordy"]
)
def test_analogy(model, formula, method):
    rows = analogy(model, formula, 7, method).rows
    assert_same(run(recipes.analogy(model, formula, 7, method)), [(row.word, row.score) for row in rows])


LISTS = [["word1", "new", "Word9", "don't", "word1"], ["word1", "new york", "wordy", "dc-3"]]


@pytest.mark.parametrize("asked", LISTS, ids=str)
def test_matrix(model, asked):
    np.testing.assert_allclose(run(recipes.matrix(model, asked)), matrix(model, asked).cosines, atol=1e-6)


@pytest.mark.parametrize("asked", LISTS, ids=str)
def test_odd_one_out(model, asked):
    answer = [(word, score) for score, word in run(recipes.odd_one_out(model, asked))]
    assert_same(answer, [(row.word, row.similarity) for row in odd_one_out(model, asked).rows])


@pytest.mark.parametrize("asked", LISTS, ids=str)
def test_axes(model, asked):
    ends = [(["word2"], ["word3"]), (["word4", "york"], [asked[1]])]
    answer, placed = run(recipes.axes(model, asked, ends)), place(model, asked, ends)
    assert [word for word, _ in answer] == list(placed.words)
    np.testing.assert_allclose([positions for _, positions in answer], placed.positions, atol=1e-6)


def test_paths_are_relative_to_the_project_wherever_models_lie_inside_it(model, folder, monkeypatch):
    assert f'"models/{model.name}/' in recipes.similarity(model, "new", "york")
    monkeypatch.setattr(places, "CHECKOUT", folder / "elsewhere")
    assert f'"{folder.as_posix()}/{model.name}/' in recipes.similarity(model, "new", "york")


def test_the_shipped_models_recipe_is_short_and_true():
    recipe = recipes.neighbours(catalog.load(), "airplane", 5)
    assert len(recipe.splitlines()) <= 12
    assert_same(run(recipe), [(row.word, row.similarity) for row in neighbours(catalog.load(), "airplane", 5).rows])
