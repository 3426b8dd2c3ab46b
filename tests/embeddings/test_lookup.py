"""Finding words: as written, in another case, by the closest spelling, or not at all, but always in words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.embeddings.analogy import analogy
from explorer.embeddings.filters import as_list, on_list, words_in
from explorer.embeddings.formula import Formula, Term
from explorer.embeddings.lookup import WordNotFound, closest_spellings, find, look_up
from explorer.embeddings.neighbours import neighbours
from explorer.embeddings.queries import resolve
from explorer.embeddings.similarity import read_pairs, similarity
from explorer.embeddings.word_lists import is_unknown
from explorer.errors import UserError
from tests.embeddings.small import embedding_of


@pytest.mark.parametrize(
    ("asked", "found"),
    [
        ("airplane", "airplane"),
        (" airplane\n", "airplane"),
        ("AIRPLANE", "airplane"),
        ("paris", "Paris"),
        ("DC-3", "dc-3"),
        ("don’t", "don't"),
    ],
)
def test_a_word_is_found_in_the_case_the_vocabulary_has(tiny, asked, found):
    assert find(tiny, asked) == found


def test_closest_spellings_come_nearest_first(tiny):
    assert closest_spellings(tiny, "airplne") == ["airplane"]
    assert closest_spellings(tiny, "plnae")[0] == "plane"
    with pytest.raises(WordNotFound, match="Did you mean plane") as error:
        find(tiny, "plene")
    assert error.value.suggestions == ["plane"]


def test_a_phrase_without_its_accent_leads_to_the_phrase_that_has_it():
    with pytest.raises(WordNotFound, match="Did you mean San José") as error:
        resolve(embedding_of(["San José", "sand", "island"]), "san jose")
    assert error.value.suggestions[0] == "San José"


def test_of_spellings_as_close_those_come_first_that_keep_the_letters_typed():
    words = ["won", "women", "woman", "worn", "womb", "airplay", "airplane", "airplanes"]
    assert closest_spellings(embedding_of(words), "womn") == ["women", "woman", "won", "worn", "womb"]
    assert closest_spellings(embedding_of(words), "Airplan") == ["airplane", "airplay", "airplanes"]


@pytest.mark.parametrize("asked", ["🛩", "🛩️", "x", "??", "\u200b"])
def test_nothing_is_suggested_where_no_letter_would_stay(asked):
    assert closest_spellings(embedding_of(["a", "1", "2", "i", "3", "of"]), asked) == []


ODD = (
    "п’ять", "’", "don’t", "ba\u09dci", "বা\u09a1\u09bcি", "\u0958लम", "क\u093cलम", "\ufb2a", "cafe\u0301", "\u212b",
    "港\u3000口", "10\xa0km", "\xa0", "\u3000", "a" * 150, "https://example.org/" + "x" * 100, "c\u200bd", "\u200b",
    " a ", "a  b", "new york", "new_york", "_", "__", "+", "-", "−", "*", "c++", "a+b", "king - man", "(",
    '""', "“", "“a”", '"a"', '" a "', ",", ";", "a,b", "a;b", "\t", "a\tb", "a\nb", "a\u2028b", "\x85", "/",
    "and/or", "/a", "a/", "c#", "100%", "%2F", "%", "?", "&", "=", "a=b&c", "\\", "café", "King", "king", "KING",
    "king_NOUN", "fly_VERB", "fly", "take-off", "dc-3", "-3", "0.5", "❤", "❤️", "\u202eabc", "<b>", "$x$", "İ", "i̇",
    ".", "..", "//", "2 * king", '"',
)  # fmt: skip


@pytest.mark.parametrize("word", ODD)
def test_each_word_of_a_vocabulary_can_be_asked_for_as_it_stands_there(word):
    embedding = embedding_of(ODD)
    assert find(embedding, word, "NOUN") == word
    answer = neighbours(embedding, word, n=len(ODD), pos=None)
    assert (answer.word, answer.note, len(answer.rows)) == (word, "", len(ODD) - 1)
    assert resolve(embedding, word, "NOUN").label == word
    assert on_list(embedding, [word]) == ((embedding.rows[word],), ())
    assert on_list(embedding, words_in(f'king, "{word.replace(chr(34), chr(34) * 2)}"'))[0] == tuple(
        dict.fromkeys((embedding.rows["king"], embedding.rows[word]))
    )
    assert similarity(embedding, word, "King").first == word
    assert not is_unknown(embedding, word)
    (term,) = analogy(embedding, word).formula.terms
    assert term.word == word
    written = str(Formula((Term(1.0, "King"), Term(-0.5, word))))
    assert [term.word for term in analogy(embedding, written).formula.terms] == ["King", word]
    if not set(word) & set("\t\r\n"):
        assert read_pairs(f"{word}\tKing\r\n\n") == [(word, "King")]


@settings(deadline=None)
@given(st.lists(st.text(min_size=1, max_size=120), min_size=2, max_size=8, unique=True))
def test_a_click_on_a_neighbour_leads_to_that_neighbour(words):
    embedding = embedding_of(words)
    for word in words:
        for neighbour in neighbours(embedding, word).rows:
            assert neighbours(embedding, neighbour.word).word == neighbour.word


@pytest.mark.parametrize(
    "asked", ["🛩️", "<script>alert(1)</script>", "مرحبا", "مرحبا\u202eabc", "a b", "\x00", "{0}", "%s"]
)
def test_what_is_no_word_of_the_model_is_said_with_the_word(tiny, asked):
    with pytest.raises(WordNotFound) as error:
        find(tiny, asked)
    assert asked in str(error.value)


def test_nothing_and_far_too_much_are_refused(tiny):
    for nothing in ("", "  \n"):
        with pytest.raises(UserError, match="no word"):
            find(tiny, nothing)
    with pytest.raises(UserError, match="10,000 characters") as error:
        find(tiny, "x" * 10_000)
    assert len(str(error.value)) < 200


def test_looking_up_gives_words_and_their_rows(tiny):
    words, vectors = look_up(tiny, ["Airplane", "the"])
    assert words == ("airplane", "the")
    assert vectors.tolist() == [tiny.vector("airplane").tolist(), tiny.vector("the").tolist()]
    with pytest.raises(WordNotFound):
        look_up(tiny, ["airplane", "zzzzzz"])


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("cat dog", ["cat", "dog"]),
        ("cat, dog,new york", ["cat", "dog", "new york"]),
        ("cat; new york\ndog", ["cat", "new york", "dog"]),
        ('cat "new york" dog', ["cat", "new york", "dog"]),
        ('"a, b", "say ""hi""", c d', ["a, b", 'say "hi"', "c d"]),
        ('cat "a,b" dog', ["cat", "a,b", "dog"]),
        (" , ;", []),
        ("cat, \n  dog ,;", ["cat", "dog"]),
        ("cat" + ", " * 50_000, ["cat"]),  # which would take minutes, were each separator tried anew
        ('12" disc, record', ['12" disc', "record"]),
    ],
)
def test_a_list_is_parted_by_commas_or_else_by_spaces(text, words):
    assert words_in(text) == words


def test_a_phrase_of_a_list_that_is_no_word_stands_for_its_parts():
    embedding = embedding_of(["new", "york", "take-off", "cat"])
    assert on_list(embedding, ["cat", "new york"]) == ((3, 0, 1), ())
    assert on_list(embedding, ["take off", "york foo"]) == ((2, 1), ("foo",))


@given(st.lists(st.text(st.sampled_from('ab ,;"'), min_size=1).map(lambda text: " ".join(text.split())).filter(bool)))
def test_a_list_is_read_as_it_was_written(words):
    assert words_in(as_list(words)) == words
