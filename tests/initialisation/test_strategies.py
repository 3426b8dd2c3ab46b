"""Each strategy's table is what its source says, and what does not go together is refused."""

import numpy as np
import pytest

from explorer.embeddings.embedding import Embedding
from explorer.errors import UserError
from explorer.initialisation.strategies import FROM_VECTORS, RANDOM, SCALES, Strategy, start
from explorer.transformer.batches import Batches
from explorer.transformer.model import Configuration
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


SPREADS = {"zeros": 0, "uniform": 0.25 / 3**0.5, "normal": 0.02, "xavier": (2 / 330) ** 0.5, "he": (2 / 24) ** 0.5}


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
    learned = vectors_of(scale="xavier", projection="learned", training="frozen")
    assert learned.name == "pretrained wide, xavier, learned projection, frozen"
    assert "Kim 2014" in vectors_of().source
    assert learned.source.endswith("kept at their own size, with a matrix to d_model that is trained in any case.")
