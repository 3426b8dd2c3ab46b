"""The translator that comes along: small, as good as its card says, and the one that pages open with."""

import tomllib

import pytest

from explorer.data.pairs import PHRASEBOOK, TEST, read_pairs
from explorer.transformer import checkpoint
from explorer.transformer.decoding import beam_search, greedy
from explorer.transformer.scoring import score, translate_all
from explorer.translation.sentences import word_pairs
from explorer.translation.translators import SHIPPED


@pytest.fixture(scope="module")
def translator():
    return checkpoint.load(SHIPPED)


@pytest.fixture(scope="module")
def card():
    return tomllib.loads(SHIPPED.with_suffix(".toml").read_text(encoding="utf-8"))


def test_you_are_welcome_is_de_nada(translator):
    for decoding in (greedy, beam_search):
        assert decoding(translator, ["you", "are", "welcome"]).words == ("de", "nada")


def test_it_scores_on_the_test_part_what_its_card_says(translator, card):
    scores = score(translator, word_pairs(read_pairs(PHRASEBOOK), TEST)).as_json()
    assert scores == pytest.approx(card["test"], abs=0.002)
    assert scores["exact"] >= 0.9


def test_a_batch_is_translated_as_each_sentence_alone(translator):
    sentences = [source for source, _ in word_pairs(read_pairs(PHRASEBOOK), TEST)[:12]]
    assert translate_all(translator, sentences) == [list(greedy(translator, words).words) for words in sentences]


def test_it_is_small_and_its_card_is_in_the_file_too(card):
    assert SHIPPED.stat().st_size <= 5_000_000
    assert checkpoint.card(SHIPPED)["test"] == card["test"]
