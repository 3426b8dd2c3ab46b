"""Analogies against gensim's most_similar and most_similar_cosmul, and a plain loop for what gensim lacks."""

import csv
import io
import math

import numpy as np
import pytest
from gensim.models import KeyedVectors

from explorer.embeddings import catalog
from explorer.embeddings.analogy import analogy
from explorer.embeddings.embedding import Embedding
from explorer.embeddings.lookup import WordNotFound
from explorer.embeddings.tags import encode_tags
from explorer.errors import UserError

pytestmark = pytest.mark.filterwarnings("ignore:Call to deprecated `init_sims`")  # gensim's own call

WORDS = ["king", "queen", "man", "woman", "new", "york", "take-off", "Paris", *(f"word{i}" for i in range(60))]


@pytest.fixture(scope="module")
def keyed():
    vectors = KeyedVectors(10)
    vectors.add_vectors(WORDS, np.random.default_rng(3).normal(size=(len(WORDS), 10)).astype(np.float32))
    return vectors


@pytest.fixture(scope="module")
def embedding(keyed):
    return Embedding(
        name="random",
        words=WORDS,
        vectors=keyed.vectors,
        inverse_norms=1 / np.linalg.norm(keyed.vectors, axis=1),
        counts=np.arange(len(WORDS), 0, -1),
        tag_codes=encode_tags(["NOUN"] * len(WORDS)),
    )


def compare(answer, expected):
    assert [row.word for row in answer.rows] == [word for word, _ in expected]
    np.testing.assert_allclose(
        [row.score for row in answer.rows], [score for _, score in expected], atol=1e-6, rtol=1e-6
    )
    assert [row.rank for row in answer.rows] == list(range(1, len(expected) + 1))


@pytest.mark.parametrize(
    ("formula", "positive", "negative"),
    [
        ("king - man + woman", ["king", "woman"], ["man"]),
        ("king", ["king"], []),
        ("-king", [], ["king"]),
        ("word1 + word2 + word3 - word5 - word6", ["word1", "word2", "word3"], ["word5", "word6"]),
        ("0.5 * queen + 2 * take-off - .25 * man", [("queen", 0.5), ("take-off", 2)], [("man", -0.25)]),
        ("king + king - man", ["king", "king"], ["man"]),
    ],
)
def test_adding_is_gensims_most_similar(embedding, keyed, formula, positive, negative):
    compare(analogy(embedding, formula, 20), keyed.most_similar(positive, negative, topn=20))


@pytest.mark.parametrize(
    ("formula", "positive", "negative"),
    [
        ("king - man + woman", ["king", "woman"], ["man"]),
        ("king + queen", ["king", "queen"], []),
        ("word1 + word2 + word3 - word5 - word6", ["word1", "word2", "word3"], ["word5", "word6"]),
    ],
)
def test_multiplying_is_gensims_most_similar_cosmul(embedding, keyed, formula, positive, negative):
    compare(analogy(embedding, formula, 20, "multiply"), keyed.most_similar_cosmul(positive, negative, topn=20))


@pytest.mark.parametrize("formula", ["king - man + woman", "berlin - germany + france"])
def test_the_shipped_vectors_answer_as_in_gensim(formula):
    shipped = catalog.load()
    keyed = KeyedVectors(shipped.dimensions)
    keyed.vectors, keyed.index_to_key, keyed.key_to_index = shipped.vectors, shipped.words, shipped.rows
    a, _, b, _, c = formula.split()
    compare(analogy(shipped, formula, 20), keyed.most_similar([a, c], [b], topn=20))
    compare(analogy(shipped, formula, 20, "multiply"), keyed.most_similar_cosmul([a, c], [b], topn=20))


def test_weights_are_exponents_when_multiplying(embedding, keyed):
    def score(word):
        shifted = {other: (1 + float(keyed.similarity(word, other))) / 2 for other in ("king", "man", "woman")}
        return shifted["king"] * shifted["woman"] ** 0.5 / (shifted["man"] ** 2 + 1e-6)

    rows = analogy(embedding, "king - 2 * man + 0.5 * woman", len(WORDS), "multiply").rows
    assert len(rows) == len(WORDS) - 3
    for row in rows:
        assert math.isclose(row.score, score(row.word), rel_tol=1e-4)
    assert [row.score for row in rows] == sorted((row.score for row in rows), reverse=True)


def test_heavy_weights_do_not_lose_the_order(embedding):
    heavy, light = (analogy(embedding, f"{weight} * king", 10, "multiply").rows for weight in (100, 1))
    assert [row.word for row in heavy] == [row.word for row in light]


def test_a_phrase_is_the_mean_of_its_words_none_of_which_is_an_answer(embedding, keyed):
    answer = analogy(embedding, '"new york" - KING', len(WORDS))
    assert str(answer.formula) == '"new york" - king'
    assert {row.word for row in answer.rows} == set(WORDS) - {"new", "york", "king"}
    assert "mean of “new” and “york”" in answer.notes[0]
    mean = keyed.get_mean_vector(["new", "york"], pre_normalize=True, post_normalize=True)
    expected = keyed.most_similar([mean], ["king"], topn=len(WORDS))
    compare(answer, [(word, score) for word, score in expected if word not in ("new", "york")])


def test_the_vocabularys_words_are_taken_in_whatever_case(embedding):
    answer = analogy(embedding, "PARIS - King", 1)
    assert str(answer.formula) == "Paris - king"


def test_an_answer_travels_as_json_and_csv(embedding):
    answer = analogy(embedding, "king - man + woman", 3, "multiply")
    document = answer.as_json()
    assert {key: document[key] for key in ("model", "formula", "method")} == {
        "model": "random",
        "formula": "king - man + woman",
        "method": "multiply",
    }
    rows = list(csv.DictReader(io.StringIO(answer.as_csv())))
    assert [float(row["3CosMul"]) for row in rows] == [row["score"] for row in document["answers"]]


@pytest.mark.parametrize(
    ("asked", "says"),
    [
        ({"formula": "king man"}, "no \\+ or -"),
        ({"formula": "king - king"}, "cancel each other out"),
        ({"formula": "0.3 * king + 0.3 * king - 0.6 * king"}, "cancel each other out"),
        ({"formula": "king-man + woman"}, "“king-man” is not among .* spaces around the sign: king - man\\."),
        ({"formula": "king", "n": 0}, "n is 0"),
        ({"formula": "king", "method": "divide"}, "no method called “divide”: take add or multiply"),
    ],
)
def test_what_cannot_be_asked_is_said(embedding, asked, says):
    with pytest.raises(UserError, match=says):
        analogy(embedding, **asked)
    with pytest.raises(WordNotFound, match="Did you mean woman"):
        analogy(embedding, "king - man + womann")
