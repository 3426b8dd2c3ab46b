"""Reading the lexicon that is shipped: it knows the words a reader asks for, with the tags a reader expects."""

from pathlib import Path

import pytest

from explorer.embeddings.lexicon import read_lexicon

PATH = Path(__file__).resolve().parents[2] / "models" / "lexicon.tsv.gz"


@pytest.fixture(scope="module")
def lexicon():
    return read_lexicon(PATH)


@pytest.mark.parametrize(
    ("tag", "words"),
    [
        ("NOUN", "airplane aeroplane aircraft plane airliner helicopter biplane airship seaplane king university city"),
        ("PROPN", "paris london john dc-3 boeing u.s microsoft"),
        ("VERB", "went fly become said"),
        ("AUX", "is was have don't would"),
        ("ADJ", "large german new beautiful"),
        ("ADV", "quickly often very"),
        ("DET", "the a every"),
        ("PRON", "he which who"),
        ("ADP", "of with"),
        ("CCONJ", "and or"),
        ("SCONJ", "because although"),
        ("NUM", "1942 two"),
        ("INTJ", "hello oh hey wow yes amen"),
        ("", "qwertzuiop"),
    ],
)
def test_main_tags_are_what_a_reader_expects(lexicon, tag, words):
    assert dict.fromkeys(words.split(), tag) == dict(
        zip(words.split(), map(lexicon.main_tag, words.split()), strict=True)
    )


def test_shares_are_shares(lexicon):
    shares = lexicon.shares("airplane")
    assert shares["NOUN"] > 0.8
    for word in ("airplane", "to", "have", "march", "that"):
        assert sum(lexicon.shares(word).values()) == pytest.approx(1, abs=0.03)


def test_it_says_where_it_comes_from_and_is_small():
    import gzip

    header = [line for line in gzip.decompress(PATH.read_bytes()).decode().splitlines() if line.startswith("#")]
    assert "CC BY-SA 3.0" in " ".join(header)
    assert PATH.stat().st_size < 1_500_000


@pytest.mark.parametrize(
    ("words", "is_english"),
    [
        ("airplane aeroplane glider king queen Cat dog 1942 new_york", True),
        ("der die das und Hund Katze Haus gut rot Junge Frau Auto Stadt gehen nicht", False),
        ("le la de un chien chat maison rouge bleu grand petit main pain manger", False),
        ("il gatto cane casa albero rosso blu verde piccolo mangiare di che non", False),
        ("собака кошка дом", False),
        ("", False),
    ],
)
def test_it_covers_english_and_no_other_language(lexicon, words, is_english):
    assert lexicon.covers(words.split()) is is_english
