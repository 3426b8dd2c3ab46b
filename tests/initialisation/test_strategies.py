"""Each strategy's table is what its source says, and what does not go together is refused."""

from dataclasses import replace

import numpy as np
import pytest

from explorer.embeddings.embedding import Embedding
from explorer.embeddings.subwords import Subwords
from explorer.errors import UserError
from explorer.initialisation.strategies import FROM_VECTORS, RANDOM, SCALES, Strategy, start, vectors
from explorer.transformer.batches import Batches
from explorer.transformer.configuration import Configuration
from explorer.transformer.training import Recipe, Training
from explorer.transformer.translator import Translator
from explorer.transformer.vocabulary import MARKS, Vocabulary

WORDS = [f"w{number}" for number in range(300)]
VOCABULARY = Vocabulary([*MARKS, *WORDS, "unknown", "missing"])


@pytest.fixture(scope="module")
def embedding():
    vectors = np.random.default_rng(0).normal(0, 2.5, (300, 24)).astype(np.float32)
    inverse = (1 / np.linalg.norm(vectors, axis=1)).astype(np.float32)
    return Embedding("wide", WORDS, vectors, inverse, np.arange(300, 0, -1), np.zeros(300, np.uint8))


def vectors_of(start="pretrained", scale="raw", **more):
    return Strategy(start, "wide", scale, **more)


WIDE = {"start": "pretrained", "model": "wide", "scale": "raw"}
SPREADS = {
    "zeros": 0, "uniform": 0.25 / 3**0.5, "normal": 0.02, "xavier": (2 / 330) ** 0.5, "he": (2 / 24) ** 0.5,
    "pytorch": 1, "keras": 0.05 / 3**0.5, "unit": 24**-0.5, "lsuv": 1,
    "gpt-2": 0.02, "bert": 0.02, "fairseq": 24**-0.5, "t5": 1, "glorot": (2 / 330) ** 0.5, "kaiming": (2 / 24) ** 0.5,
}  # fmt: skip


@pytest.mark.parametrize(("name", "spread"), SPREADS.items())
def test_random_starts_have_the_spread_of_their_papers(name, spread):
    initial = start(Strategy(name), VOCABULARY, 24, None, seed=0)
    assert initial.table.shape == (306, 24)
    assert initial.table.std() == pytest.approx(spread, rel=0.03)
    assert initial.covered == 0


def test_a_constant_start_tells_no_words_apart():
    assert np.unique(start(Strategy("constant"), VOCABULARY, 24, None, 0).table).tolist() == [0.1]


def test_pretrained_rows_are_the_vectors_and_the_others_have_their_spread(embedding):
    initial = start(vectors_of(), VOCABULARY, 24, embedding, seed=0)
    np.testing.assert_array_equal(initial.table[len(MARKS) : len(MARKS) + 300], embedding.vectors)
    assert initial.covered == 300
    others = np.concatenate([initial.table[: len(MARKS)], initial.table[-2:]])
    assert others.std() == pytest.approx(embedding.vectors.std(), rel=0.15)


def test_scales(embedding):
    unit = start(vectors_of(scale="unit"), VOCABULARY, 24, embedding, 0).table[4:304]
    np.testing.assert_allclose(np.linalg.norm(unit, axis=1), 1)
    xavier = start(vectors_of(scale="xavier"), VOCABULARY, 24, embedding, 0).table[4:304]
    assert xavier.std() == pytest.approx((2 / 330) ** 0.5)
    np.testing.assert_allclose(xavier / xavier.std(), embedding.vectors / embedding.vectors.std(), rtol=1e-5)


def test_controls_keep_the_distribution_or_the_spread_alone(embedding):
    rows = start(vectors_of(), VOCABULARY, 24, embedding, 0).table[4:304]
    shuffled = start(vectors_of("shuffled"), VOCABULARY, 24, embedding, 0).table[4:304]
    assert sorted(map(tuple, shuffled)) == sorted(map(tuple, rows))
    assert (shuffled == rows).all(axis=1).mean() < 0.05
    matched = start(vectors_of("matched"), VOCABULARY, 24, embedding, 0).table
    assert matched.std() == pytest.approx(rows.std(), rel=0.03)
    assert np.abs(np.corrcoef(matched[4:304].ravel(), rows.ravel())[0, 1]) < 0.05


def test_vectors_of_another_size_keep_their_neighbourhoods(embedding):
    narrow = start(vectors_of(), VOCABULARY, 8, embedding, 0).table[4:304]
    centred = embedding.vectors - embedding.vectors.mean(axis=0)
    _, _, directions = np.linalg.svd(centred.astype(float), full_matrices=False)
    np.testing.assert_allclose(np.abs(narrow), np.abs(centred @ directions[:8].T), atol=1e-4)
    with pytest.raises(UserError, match=r"24 dimensions, fewer than d_model = 32. .*projection = \"learned\""):
        start(vectors_of(), VOCABULARY, 32, embedding, 0)


@pytest.mark.parametrize("d_model", [8, 24, 32])
def test_with_a_learned_projection_the_vectors_keep_their_size(embedding, d_model):
    initial = start(vectors_of(projection="learned"), VOCABULARY, d_model, embedding, seed=0)
    assert initial.source_width == 24
    assert initial.table.shape == (306, 24)
    np.testing.assert_array_equal(initial.table[4:304], embedding.vectors)
    assert start(vectors_of(), VOCABULARY, 8, embedding, 0).source_width == 0
    matched = start(vectors_of("matched", projection="learned"), VOCABULARY, d_model, embedding, 0).table
    assert matched.shape == (306, 24)


def test_a_frozen_table_stays_while_its_projection_is_trained(embedding):
    strategy = vectors_of(scale="xavier", training="frozen", projection="learned")
    initial = start(strategy, VOCABULARY, 8, embedding, seed=0)
    sizes = {"source_words": len(VOCABULARY), "target_words": len(VOCABULARY), "source_width": initial.source_width}
    configuration = Configuration(8, layers=1, **sizes)
    fresh = Translator.fresh(configuration, VOCABULARY, VOCABULARY, seed=0)
    parameters = fresh.parameters | {"source.table": initial.table}
    training = Training(Translator(configuration, parameters, VOCABULARY, VOCABULARY), Recipe(frozen=("source.table",)))
    pairs = [([word], [word]) for word in WORDS[:32]]
    for batch in Batches(training.translator, pairs, 32).in_order():
        training.update(batch)
    trained = training.translator.parameters
    np.testing.assert_array_equal(trained["source.table"], initial.table)
    assert (trained["source.projection"] != fresh.parameters["source.projection"]).all()


def test_lsuv_has_columns_at_right_angles_and_variance_1_over_the_words_of_the_text():
    sentences = [[f"w{number}"] * (300 - number) for number in range(300)]
    table = start(Strategy("lsuv"), VOCABULARY, 24, None, 0, sentences).table
    seen = table[[number for sentence in sentences for number in VOCABULARY.ids(sentence)]]
    assert seen.std() == pytest.approx(1)
    np.testing.assert_allclose(table.T @ table, table[:, 0] @ table[:, 0] * np.eye(24), atol=1e-9)


def test_centring_takes_the_mean_away_and_all_but_the_top_the_leading_directions_too(embedding):
    shifted = replace(embedding, vectors=embedding.vectors + np.arange(24, dtype=np.float32))
    mean = vectors([shifted], centring="centred")
    np.testing.assert_allclose(mean.vectors.mean(axis=0), 0, atol=1e-5)
    top = vectors([shifted], centring="all-but-the-top")
    assert top is vectors([shifted], centring="all-but-the-top")  # a second job of the arm computes nothing
    np.testing.assert_allclose(top.vectors.mean(axis=0), 0, atol=1e-5)
    assert np.linalg.matrix_rank(top.vectors, tol=1e-3) == 23
    table = start(vectors_of(centring="centred"), VOCABULARY, 24, mean, 0).table
    np.testing.assert_array_equal(table[4:304], mean.vectors)


def test_zeros_fill_up_what_is_too_short_and_nothing_else(embedding):
    table = start(vectors_of(projection="padded"), VOCABULARY, 32, embedding, 0).table
    np.testing.assert_array_equal(table[4:304, :24], embedding.vectors)
    assert not table[4:304, 24:].any()
    with pytest.raises(UserError, match="24 dimensions, more than d_model = 8, so zeros cannot"):
        start(vectors_of(projection="padded"), VOCABULARY, 8, embedding, 0)


def test_several_models_are_joined_word_by_word(embedding):
    narrow = small_embedding(["w1", "other"], [[3, 4], [0, 2]])
    for join, expected in (("concatenated", [*unit(embedding, "w1"), 0.6, 0.8]), ("averaged", None)):
        both = vectors([embedding, narrow], join)
        assert both.size == 301
        if expected is None:
            expected = (unit(embedding, "w1") + np.array([0.6, 0.8, *[0] * 22])) / 2
        np.testing.assert_allclose(both.vector("w1"), expected, rtol=1e-5)
        own = both.vector("other")
        assert np.linalg.norm(own) == pytest.approx(1)  # the model that lacks a word has no say
        np.testing.assert_allclose(both.vector("w0")[:24], unit(embedding, "w0"), rtol=1e-5)


def unit(embedding, word):
    return embedding.vector(word) / np.linalg.norm(embedding.vector(word))


def small_embedding(words, rows, subwords=None):
    rows = np.array(rows, np.float32)
    norms = (1 / np.linalg.norm(rows, axis=1)).astype(np.float32)
    counts, tags = np.zeros(len(words), np.int64), np.zeros(len(words), np.uint8)
    return Embedding("small", words, rows, norms, counts, tags, subwords=subwords)


def test_missing_words_are_the_mean_of_the_words_beside_them(embedding):
    sentences = [["w1", "missing", "w2"], ["w9", "w3", "missing"], ["unknown"]]
    options = vectors_of(missing="neighbours"), VOCABULARY, 24, embedding, 0, sentences
    table, drawn = start(*options).table, start(vectors_of(), VOCABULARY, 24, embedding, 0).table
    beside = [embedding.vector(f"w{number}") for number in (1, 2, 9, 3)]
    np.testing.assert_allclose(table[-1], np.mean(beside, axis=0), rtol=1e-5)
    np.testing.assert_array_equal(table[-2], drawn[-2])  # nothing stands beside it
    np.testing.assert_array_equal(table[:-1], drawn[:-1])


def test_missing_words_are_guessed_from_their_parts():
    subwords = Subwords(np.random.default_rng(0).normal(0, 1, (50, 2)).astype(np.float32), 3, 4)
    model = small_embedding(["w1", "w2"], [[1, 0], [0, 1]], subwords)
    initial = start(vectors_of(missing="subwords"), VOCABULARY, 2, model, 0)
    np.testing.assert_allclose(initial.table[-1], subwords.vector("missing"), rtol=1e-5)
    assert initial.covered == len(VOCABULARY) - len(MARKS)
    assert initial.missing == tuple(range(len(MARKS)))


def trained(recipe, updates=3):
    """A table before and after a few updates."""
    translator = Translator.fresh(Configuration(8, layers=1), VOCABULARY, VOCABULARY, seed=0)
    training = Training(translator, recipe)
    (batch,) = Batches(translator, [([word, "missing"], [word]) for word in WORDS[:8]], 8).in_order()
    for _ in range(updates):
        training.update(batch)
    return translator.parameters["source.table"], training.translator.parameters["source.table"]


def test_a_slower_table_moves_by_its_share_and_a_gradual_one_by_more_and_more():
    name = ("source.table",)
    before, whole = trained(Recipe(), updates=1)
    np.testing.assert_allclose(trained(Recipe(slow=name, slow_share=0.1), 1)[1] - before, (whole - before) / 10)
    np.testing.assert_allclose(trained(Recipe(slow=name, slow_steps=4), 1)[1] - before, (whole - before) / 4)
    np.testing.assert_array_equal(trained(Recipe(slow=name, slow_steps=1))[1], trained(Recipe())[1])


def test_missing_words_are_learned_while_the_others_stay():
    row = len(VOCABULARY) - 1
    before, after = trained(Recipe(frozen=("source.table",), trained_rows=(row,)))
    assert (before[row] != after[row]).all()
    np.testing.assert_array_equal(before[:row], after[:row])


def test_the_same_seed_draws_the_same_table_and_another_another():
    first, again, other = (start(Strategy("xavier"), VOCABULARY, 8, None, seed).table for seed in (1, 1, 2))
    np.testing.assert_array_equal(first, again)
    assert (first != other).all()


@pytest.mark.parametrize(
    ("fields", "sentence"),
    [
        ({"start": "magic"}, "no start “magic”"),
        ({"start": "xavier", "training": "melted"}, "no training “melted”"),
        ({"start": "xavier", "training": "thawed"}, "needs the step"),
        ({"start": "xavier", "thaw": 5}, "no other has one"),
        ({"start": "xavier", "model": "wide"}, "needs no vectors"),
        ({"start": "pretrained", "model": "wide"}, "needs a scale"),
        ({"start": "pretrained", "scale": "raw"}, "needs a model"),
        ({"start": "scratch", "scale": "raw", "model": "wide"}, "takes no model"),
        ({"start": "pretrained", "scale": "raw", "model": "wide", "projection": "tsne"}, "no projection “tsne”"),
        ({"start": "xavier", "projection": "learned"}, "nothing is there to project"),
        ({"start": "scratch", "scale": "raw", "projection": "learned"}, "nothing is there to project"),
        ({"start": "xavier", "centring": "centred"}, "no vectors of a model, so centring says nothing"),
        ({"start": "xavier", "training": "gradual"}, "a gradual one that of its full rate"),
        ({"start": "xavier", "training": "slower"}, "slower table needs a rate above 0 and below 1"),
        ({"start": "xavier", "rate": 0.5}, "no other has one; this has 0.5"),
        (WIDE | {"centring": "median"}, "no centring “median”. Take one of centred, all-but-the-top"),
        (WIDE | {"missing": "guessed"}, "no missing “guessed”. Take one of drawn, subwords"),
        (WIDE | {"others": ("glove",)}, "others, the further models, and join, which says how"),
        (WIDE | {"join": "averaged"}, "others, the further models, and join, which says how"),
        (WIDE | {"missing": "subwords", "centring": "centred"}, "leave centring and others out"),
        (WIDE | {"missing": "learned"}, "are learned in any case: leave it out"),
    ],
)
def test_what_does_not_go_together_is_said(fields, sentence):
    with pytest.raises(UserError, match=sentence):
        Strategy(**fields)


def test_vectors_without_a_common_word_are_refused(embedding):
    with pytest.raises(UserError, match="holds none of the 5 words"):
        start(vectors_of(), Vocabulary([*MARKS, "nichts"]), 24, embedding, 0)


def test_every_strategy_says_what_it_is():
    names = {Strategy(name).name for name in RANDOM}
    names |= {vectors_of(s, scale).name for s in FROM_VECTORS if s != "scratch" for scale in SCALES}
    assert len(names) == len(RANDOM) + 3 * len(SCALES)
    assert vectors_of(training="thawed", thaw=100).name == "pretrained wide, raw, thawed at 100"
    joined = vectors_of(others=("glove",), join="averaged", centring="centred", missing="neighbours")
    assert joined.name == "pretrained wide + glove averaged, centred, raw, missing words neighbours, tuned"
    assert "Coates & Bollegala 2018" in joined.source
    assert vectors_of(training="slower", rate=0.1).name == "pretrained wide, raw, tuned at 0.1 of the rate"
    assert vectors_of(training="gradual", thaw=9).name == "pretrained wide, raw, gradually tuned up to 9"
    assert vectors_of().decides.keys() == {"start", "model", "scale", "training", "thaw", "projection"}
    learned = vectors_of(scale="xavier", projection="learned", training="frozen")
    assert learned.name == "pretrained wide, xavier, learned projection, frozen"
    assert "Kim 2014" in vectors_of().source
    assert learned.source.endswith("kept at their own size, with a matrix to d_model that is trained in any case.")
