"""Finding words: as written, in another case, by the closest spelling, or not at all, but always in words."""

import pytest

from explorer.embeddings.vocabulary import WordNotFound, closest_spellings, find, look_up
from explorer.errors import UserError


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
