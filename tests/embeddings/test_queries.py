"""From what a reader types to a vector: variants, tags, phrases, subwords, each with the sentence that says so."""

from dataclasses import replace

import numpy as np
import pytest
from gensim.models import FastText, KeyedVectors

from explorer.embeddings import lookup
from explorer.embeddings import neighbours as neighbours_module
from explorer.embeddings.analogy import analogy
from explorer.embeddings.embedding import Embedding
from explorer.embeddings.lookup import WordNotFound, closest_spellings, find, variant
from explorer.embeddings.matrix import matrix
from explorer.embeddings.neighbours import neighbours
from explorer.embeddings.queries import are_spelling_variants, resolve
from explorer.embeddings.similarity import similarities
from explorer.embeddings.subwords import Subwords
from explorer.errors import UserError
from tests.embeddings.small import embedding_of

TAGGED = embedding_of(["fly_VERB", "airplane_NOUN", "fly_NOUN", "Paris_PROPN", "united::states_PROPN"])
PLAIN = embedding_of(["new", "york", "airplane", "new_york", "take-off", "Los_Angeles"])


@pytest.mark.parametrize(
    ("asked", "pos", "found"),
    [
        ("airplane", None, "airplane_NOUN"),
        ("Airplane", "VERB", "airplane_NOUN"),
        ("fly", None, "fly_VERB"),
        ("fly", "NOUN", "fly_NOUN"),
        ("fly", "noun", "fly_NOUN"),
        ("FLY_noun", None, "fly_NOUN"),
        ("paris", None, "Paris_PROPN"),
        ("united states", None, "united::states_PROPN"),
    ],
)
def test_a_word_is_found_with_the_tag_that_the_models_words_carry(asked, pos, found):
    assert find(TAGGED, asked, pos) == found
    assert resolve(TAGGED, asked, pos).label == found


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("airplane_NOUN", "airplane"),
        ("airplane_ADV", "airplane"),
        ("new york", "new_york"),
        ("New  York", "new_york"),
        ("take off", "take-off"),
        ("take_off", "take-off"),
        ("los angeles", "Los_Angeles"),
    ],
)
def test_a_word_is_found_without_its_tag_and_a_phrase_as_one_token(asked, found):
    query = resolve(PLAIN, asked)
    assert (query.label, query.kind, query.rows) == (found, "variant", (PLAIN.rows[found],))
    assert query.note.startswith(f"“{asked}” is not in the vocabulary; these are the neighbours of “{found}”.")
    np.testing.assert_array_equal(query.vector, PLAIN.vector(found))


def test_a_hyphened_rarity_does_not_stand_for_a_phrase(tiny):
    counts = dict.fromkeys(PLAIN.words, 1000) | {"take-off": 1, "take": 1000, "off": 900}
    words = list(counts)
    vectors = np.eye(len(words), dtype=np.float32)
    rare = Embedding(
        "rare", words, vectors, np.ones(len(words)), np.array(list(counts.values())), np.zeros(len(words), np.uint8)
    )
    assert resolve(rare, "take off").kind == "mean"
    common = replace(rare, counts=np.where(rare.counts == 1, 2, rare.counts))
    assert resolve(common, "take off").label == "take-off"
    assert resolve(rare, "take-off").kind == "word"


def test_a_word_as_it_is_written_needs_no_note():
    query = resolve(PLAIN, " airplane ")
    assert (query.label, query.kind, query.note) == ("airplane", "word", "")
    assert variant(PLAIN, "aeroplane") is None


def test_a_phrase_that_is_no_token_is_the_mean_that_gensim_searches_with(tiny, model_folder):
    answer = neighbours(tiny, "Airplane fly", n=6)
    assert (answer.word, answer.found) == ("Airplane fly", "mean")
    assert "the mean of “airplane” and “fly”" in answer.note
    expected = KeyedVectors.load_word2vec_format(str(model_folder / "vectors.bin.xz"), binary=True).most_similar(
        positive=["airplane", "fly"], topn=6
    )
    assert [row.word for row in answer.rows] == [word for word, _ in expected]
    np.testing.assert_allclose([row.similarity for row in answer.rows], [s for _, s in expected], atol=1e-6)


def test_with_a_plus_between_its_words_a_phrase_is_the_mean_also_where_it_is_a_token():
    token = resolve(PLAIN, "new york")
    assert "another question: “new + york”" in token.note
    mean = resolve(PLAIN, *token.suggestions)
    assert (mean.kind, mean.words) == ("mean", ("new", "york"))


@pytest.mark.parametrize(
    "asked", ["airplane+york", '"new york" + airplane', '"take-off" + new', "new_york + “new york”"]
)
def test_a_sum_is_the_same_for_both_who_read_formulas(asked):
    query, answer = resolve(PLAIN, asked), analogy(PLAIN, asked, 2)
    assert (query.kind, query.label) == ("formula", str(answer.formula))
    assert [row.word for row in neighbours(PLAIN, asked, 2).rows] == [row.word for row in answer.rows]


@pytest.mark.parametrize("asked", ["airplane – new take", "airplane - new take", "airplane new × take"])
def test_a_dash_in_a_phrase_is_no_word_and_no_minus(asked):
    query = resolve(embedding_of(["new", "take", "airplane"]), asked)
    assert (query.kind, query.words) == ("mean", ("airplane", "new", "take"))


@pytest.mark.parametrize("asked", ["new york -", "- new york", "2 * new york", "new - (york airplane)", "new york * 2"])
def test_what_is_meant_as_a_formula_is_not_taken_for_a_phrase(asked):
    with pytest.raises(UserError, match=r"There is no \+ or -|no parentheses|A number must stand before"):
        resolve(PLAIN, asked)


@pytest.mark.parametrize("asked", ["new-york", "New-York+airplane", "new-york + airplane"])
def test_a_minus_without_spaces_is_said(asked):
    with pytest.raises(WordNotFound, match=r"(?i)put spaces around the sign: new - york\."):
        resolve(embedding_of(["new", "york", "airplane"]), asked)


def test_an_unknown_word_of_a_phrase_is_named_and_the_phrase_suggested_anew():
    with pytest.raises(WordNotFound, match="“airplne” is not among") as error:
        resolve(PLAIN, "york airplne")
    assert error.value.suggestions == ["york airplane"]


@pytest.fixture(scope="module")
def fasttext():
    sentences = [["aeroplane", "airplane", "plane", "jet"], ["cat", "dog", "pet", "animal"]] * 20
    return FastText(sentences, vector_size=8, min_count=1, bucket=500, min_n=3, max_n=5, seed=1, workers=1).wv


@pytest.fixture(scope="module")
def guessing(fasttext):
    return replace(
        embedding_of(fasttext.index_to_key),
        vectors=fasttext.vectors,
        inverse_norms=1 / np.linalg.norm(fasttext.vectors, axis=1),
        subwords=Subwords(fasttext.vectors_ngrams, fasttext.min_n, fasttext.max_n),
    )


def test_an_unknown_word_is_inferred_from_subwords_as_gensim_does(guessing, fasttext):
    answer = neighbours(guessing, "airplne", n=5)
    assert (answer.word, answer.found) == ("airplne", "subwords")
    assert "inferred from its subwords" in answer.note
    assert answer.suggestions[0] == "airplane"
    expected = fasttext.most_similar("airplne", topn=5)
    assert [row.word for row in answer.rows] == [word for word, _ in expected]
    np.testing.assert_allclose([row.similarity for row in answer.rows], [s for _, s in expected], atol=1e-5)


def test_suggestions_are_looked_for_only_where_an_answer_shows_them(guessing, monkeypatch):
    """Each costs a walk through the vocabulary: a list of phrases of unknown words would take minutes of them."""
    sought = []

    def counted(embedding, word):
        sought.append(word)
        return closest_spellings(embedding, word)

    for module in (neighbours_module, lookup):
        monkeypatch.setattr(module, "closest_spellings", counted)
    phrases = [" ".join(f"{i}qw{j}" for j in range(15)) for i in range(50)]
    similarities(guessing, list(zip(phrases, reversed(phrases), strict=True)))
    matrix(guessing, phrases)
    analogy(guessing, " + ".join(f"qwzx{i}" for i in range(50)))
    assert sought == []
    known = embedding_of(["plane", "jet"])
    similarities(known, [(f"unknown{i}", f"more{i}") for i in range(500)])
    assert len(sought) == 20
    neighbours(guessing, phrases[0])
    assert len(sought) == 20
    neighbours(guessing, "airplne")
    assert sought[20:] == ["airplne"]


def test_a_word_too_short_to_have_subwords_is_refused(guessing):
    with pytest.raises(UserError, match="“x” is too short"):
        resolve(replace(guessing, subwords=Subwords(guessing.subwords.vectors, 4, 5)), "x")


def test_neighbours_that_are_spelling_variants_only_are_told_from_others():
    assert are_spelling_variants("airplne", ["airplane", "airplanes", "airplay", "airline"])
    assert are_spelling_variants("pokemania", ["beatlemania", "romania", "pokemon", "kleptomania", "egomania"])
    assert not are_spelling_variants("seaplanes", ["boat", "jet", "helicopter", "aircraft", "seaplane"])
    assert not are_spelling_variants("seaplanes", ["airplanes", "airplane", "boat", "jet", "plane"])
    assert not are_spelling_variants("airplne", [])


def test_the_warning_stands_in_the_answer_only_where_the_vector_was_inferred(guessing):
    alike = embedding_of(["airplane", "airplanes", "airplanez"], subwords=guessing.subwords)
    assert "mostly other spellings of “airplne”" in neighbours(alike, "airplne").warning
    assert neighbours(alike, "airplane").warning == ""


@pytest.mark.parametrize(
    ("asked", "name"), [("non\u00a0break", "no-break space"), ("non\u200b break", "zero width space")]
)
def test_a_character_that_cannot_be_seen_is_named(asked, name):
    note = resolve(embedding_of(["non break", "other"]), asked).note
    assert f"What was asked has a character that cannot be seen: {name}." in note
