"""A translator from pairs and vectors: its words, its table, what the vectors cover."""

import numpy as np
import pytest

from explorer.data.pairs import Pair
from explorer.embeddings.embedding import Embedding
from explorer.errors import UserError
from explorer.initialisation.strategies import Strategy, start
from explorer.transformer.configuration import Configuration
from explorer.translation.sentences import word_pairs, words_of
from explorer.translation.translators import covered_words, new_translator, unknown_held_out_words

PHRASES = [
    Pair("train", "the plane", "el avión"),
    Pair("train", "a fast plane", "un avión rápido"),
    Pair("test", "the fast plane", "el avión rápido"),
]


ALL_WORDS = [*PHRASES, Pair("test", "a train", "un tren")]  # that the vectors hold


@pytest.fixture
def embedding():
    return random_vectors(["the", "plane", "a", "fast", "train"])


def random_vectors(words):
    number = len(words)
    vectors = np.random.default_rng(0).normal(0, 3, (number, 6)).astype(np.float32)
    norms = np.linalg.norm(vectors, axis=1)
    return Embedding("small", words, vectors, 1 / norms, np.arange(number, 0, -1), np.zeros(number, np.uint8))


def test_words_come_from_the_training_part_alone(embedding):
    translator, covered = new_translator([*PHRASES, Pair("test", "boats", "barcos")], Configuration(6), embedding, 0)
    assert translator.source.words == ("<pad>", "<start>", "<end>", "<unk>", "plane", "a", "fast", "the")
    assert "barcos" not in translator.target
    assert covered == 4
    assert word_pairs(PHRASES, "test") == [(["the", "fast", "plane"], ["el", "avión", "rápido"])]


def test_a_word_of_the_other_parts_that_the_vectors_hold_keeps_its_vector(embedding):
    phrases = [*PHRASES, Pair("test", "a train xyzzy", "un tren"), Pair("validation", "fast train", "tren rápido")]
    translator, covered = new_translator(phrases, Configuration(6), embedding, 1)
    bare, _ = new_translator(phrases, Configuration(6), None, 1)
    assert translator.source.words == (*bare.source.words, "train")
    assert covered == 5
    table, vector = translator.parameters["source.table"], embedding.vector("train")
    np.testing.assert_allclose(table[-1] / np.linalg.norm(table[-1]), vector / np.linalg.norm(vector), rtol=1e-5)
    for name, array in bare.parameters.items():  # so that a training with vectors and one without are a pair
        assert name == "source.table" or np.array_equal(array, translator.parameters[name])
    assert unknown_held_out_words(translator, phrases) == (["xyzzy"], ["tren"])
    assert unknown_held_out_words(bare, phrases) == (["train", "xyzzy"], ["tren"])


def test_vectors_of_the_target_start_its_table_and_nothing_else():
    spanish = random_vectors(["el", "avión", "rápido", "tren"])
    configuration = Configuration(6, tied=True)
    translator, covered = new_translator(PHRASES, configuration, None, 1, target_embedding=spanish)
    bare, _ = new_translator(PHRASES, configuration, None, 1)
    assert translator.target.words == bare.target.words  # a word that training never says is not learnt by its vector
    assert (covered, covered_words(translator.target, spanish)) == (0, 3)
    for name, array in bare.parameters.items():
        assert (name == "target.table") != np.array_equal(array, translator.parameters[name])
    rows = translator.parameters["target.table"]
    cosine = rows @ spanish.vector("avión") / np.linalg.norm(rows, axis=1) / np.linalg.norm(spanish.vector("avión"))
    assert int(cosine.argmax()) == translator.target.ids(["avión"])[0]
    assert cosine.max() == pytest.approx(1, abs=1e-6)


def test_a_learned_projection_keeps_the_vectors_own_size(embedding):
    translator, covered = new_translator(PHRASES, Configuration(8), embedding, 0, projection="learned")
    assert covered == 4
    assert translator.parameters["source.table"].shape == (8, 6)
    assert translator.vectors("source").shape == (8, 8)


def test_vectors_of_none_of_the_words_are_refused(embedding):
    with pytest.raises(UserError, match="holds none of the 5 words"):
        new_translator([Pair("train", "eins", "one")], Configuration(6), embedding, 0)


def test_pre_trained_rows_keep_their_directions_and_take_a_new_models_spread(embedding):
    configuration = Configuration(6)
    translator, _ = new_translator(ALL_WORDS, configuration, embedding, seed=1)
    fresh, _ = new_translator(ALL_WORDS, configuration, None, seed=1)
    table = translator.parameters["source.table"]
    for word in embedding.words:
        row, vector = table[translator.source.ids([word])[0]], embedding.vector(word)
        cosine = row @ vector / np.linalg.norm(row) / np.linalg.norm(vector)
        assert cosine == pytest.approx(1, abs=1e-6)
    assert table[4:].std() == pytest.approx(6**-0.5, rel=1e-5)
    compared = start(Strategy("pretrained", "small", "fresh"), translator.source, 6, embedding, seed=1).table
    np.testing.assert_array_equal(table, compared.astype(np.float32))  # the special tokens, too, which have no vectors
    np.testing.assert_array_equal(translator.parameters["target.table"], fresh.parameters["target.table"])


def test_vectors_of_another_size_are_projected_so_that_the_largest_differences_stay(embedding):
    translator, _ = new_translator(ALL_WORDS, Configuration(2), embedding, seed=0)
    words = embedding.words
    table = translator.parameters["source.table"][translator.source.ids(words)].astype(float)
    vectors = np.array([embedding.vector(word) for word in words], dtype=float)
    _, singular, _ = np.linalg.svd(vectors - vectors.mean(axis=0))
    directions = np.linalg.svd(table - table.mean(axis=0))[1]
    assert directions[0] / directions[1] == pytest.approx(singular[0] / singular[1], rel=1e-5)


def test_too_few_words_for_a_projection_are_said():
    with pytest.raises(UserError, match=r"3 words, too few for a PCA to 5 dimensions\. Take a smaller d_model, or"):
        new_translator(PHRASES, Configuration(5, heads=1), random_vectors(["the", "plane", "a"]), seed=0)


@pytest.mark.parametrize(
    ("sentence", "words"),
    [
        ("What’s this?", "what is this"),
        ("Let's go", "let us go"),
        ("the man's house", "the man house"),
        ("It's John's", "it is john"),
        ("de nada", "de nada"),
    ],
)
def test_an_s_that_stands_for_a_verb_is_written_out(sentence, words):
    assert " ".join(words_of(sentence)) == words
