"""As which parts of speech a word passes, on made-up words, and how right the shipped lexicon is."""

import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from explorer.embeddings import catalog, store
from explorer.embeddings.filters import Filters, candidates
from explorer.embeddings.lexicon import read_lexicon
from explorer.embeddings.neighbours import neighbours
from explorer.embeddings.tags import encode_shares, encode_tags, tags_in, written
from explorer.questions.words import Neighbours
from tests.embeddings.conftest import write_model
from tests.embeddings.small import embedding_of
from tools.parts_of_speech import BANDS, judgements, shares_of_right

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "vectors.md"
SHARES = [
    {"NOUN": 0.85, "VERB": 0.15},
    {"NOUN": 0.86, "VERB": 0.14},
    {"NOUN": 0.1, "PROPN": 0.9},
    {"VERB": 0.5, "ADJ": 0.3, "NOUN": 0.2},
    {},
]


@pytest.fixture
def five():
    """Five words with the shares above."""
    words = embedding_of(["run", "dog", "university", "open", "qwert"])
    return replace(
        words, tag_codes=encode_tags([next(iter(shares), "") for shares in SHARES]), tag_shares=encode_shares(SHARES)
    )


def passing(embedding, pos):
    return [word for word, may in zip(embedding.words, candidates(embedding, Filters(pos=pos)), strict=True) if may]


def test_a_word_passes_as_what_it_is_in_15_percent_of_its_uses_and_as_its_main_tag(five):
    assert passing(five, "VERB") == ["run", "open"]
    assert passing(five, "NOUN") == ["run", "dog", "university", "open"]
    assert passing(five, "PROPN") == ["university"]
    assert passing(five, "ADV") == []
    assert list(map(five.tags, range(5))) == [
        {"NOUN": 0.85, "VERB": 0.15},
        {"NOUN": 0.86},
        {"NOUN": 0.1, "PROPN": 0.9},
        {"VERB": 0.5, "ADJ": 0.3, "NOUN": 0.2},
        {},
    ]


def test_several_parts_of_speech_let_every_word_of_one_pass(five):
    for pos in ("ADJ,PROPN", "adj, propn", ["ADJ", "PROPN"], ("PROPN", "ADJ", "ADJ")):
        assert passing(five, pos) == ["university", "open"]
    assert tags_in("noun,, Verb ") == ("NOUN", "VERB")
    assert tags_in(None) == ()


def test_without_shares_the_main_tag_is_all_that_is_known(five):
    plain = replace(five, tag_shares=None)
    assert passing(plain, "NOUN") == ["run", "dog", "university"]
    assert [plain.tags(0), plain.tags(4)] == [{"NOUN": 1.0}, {}]
    assert plain.subset([0]).tags(0) == {"NOUN": 1.0}


def test_a_part_of_the_words_keeps_their_tags(five):
    part = five.subset([3, 0])
    assert passing(part, "NOUN") == ["open", "run"]
    assert part.tags(1) == five.tags(0)


def test_tags_are_written_with_their_shares_where_there_are_several():
    assert written({"NOUN": 1.0}) == "NOUN"
    assert written({"NOUN": 0.57, "VERB": 0.37}) == "NOUN 57% · VERB 37%"
    assert written({}) == ""


def test_an_answer_has_tags_and_shares_in_json_and_in_its_rows(five):
    answer = neighbours(five, "dog", 4, "VERB")
    rows = {row["word"]: row for row in answer.as_json()["neighbours"]}
    assert rows["run"]["pos"] == "NOUN"
    assert rows["run"]["tags"] == {"NOUN": 0.85, "VERB": 0.15}
    table = answer.table()
    place = table.header.index("pos")
    assert {row[place] for row in table.rows} == {"NOUN 85% · VERB 15%", "VERB 50% · ADJ 30% · NOUN 20%"}
    assert "NOUN 85% · VERB 15%" in answer.as_csv()


def test_a_model_imported_before_there_were_shares_is_read(own_models, tmp_path, lexicon):
    store.open_model(write_model(tmp_path / "packed"), lexicon, tmp_path / "converted")
    (converted,) = (tmp_path / "converted").iterdir()
    converted.rename(own_models / "old")
    (own_models / "old" / "card.toml").write_text('title = "old"')
    assert catalog.load("old").tag_shares is not None
    catalog.close("old")
    (own_models / "old" / "tag_shares.npy").unlink()
    old = catalog.load("old")
    assert old.tag_shares is None
    assert [row.word for row in neighbours(old, "airplane", 2, "NOUN").rows] == ["plane", "aircraft"]


def test_words_that_carry_their_tag_have_that_alone(own_models, tmp_path, lexicon):
    words = {"run_NOUN": (9, "", [1.0, 0.0]), "run_VERB": (8, "", [0.9, 0.1]), "dog_NOUN": (7, "", [0.5, 0.5])}
    tagged = store.open_model(write_model(tmp_path / "tagged", words), lexicon, tmp_path / "converted")
    assert [tagged.tags(row) for row in range(3)] == [{"NOUN": 1.0}, {"VERB": 1.0}, {"NOUN": 1.0}]
    assert neighbours(tagged, "run", 3, "VERB,NOUN").word == "run_VERB"
    assert [row.word for row in neighbours(tagged, "dog", 3, "VERB").rows] == ["run_VERB"]


@pytest.fixture(scope="module")
def lexicon_of_english():
    return read_lexicon(catalog.LEXICON)


def words_near(word, pos, n=60):
    return {row.word for row in Neighbours(word=word, n=n, pos=pos).answer().rows}


def test_puppies_are_nouns_and_laptops_no_adjectives():
    assert not {"puppy", "poodle", "geese"} & words_near("dog", "ADJ", 300)
    assert {"puppy", "poodle"} <= words_near("dog", "NOUN", 100)
    assert "laptop" not in words_near("computer", "ADJ", 300)
    assert "laptop" in words_near("computer", "NOUN")
    assert "ugly" in words_near("beautiful", "ADJ", 300)
    assert "ugly" not in words_near("beautiful", "ADV", 300)


@pytest.mark.parametrize(
    ("word", "tags"),
    [
        ("ugly", ["ADJ"]),
        ("dog", ["NOUN"]),
        ("puppy", ["NOUN"]),
        ("geese", ["NOUN"]),
        ("yonkers", ["PROPN"]),
        ("quickly", ["ADV"]),
    ],
)
def test_the_lexicon_says_what_a_linguist_expects(lexicon_of_english, word, tags):
    embedding = catalog.load()
    assert list(embedding.tags(embedding.rows[word])) == tags


def test_several_parts_of_speech_are_asked_at_once_and_nearest_stays_first():
    both, nouns, verbs = (Neighbours(word="fly", n=40, pos=pos).answer().rows for pos in ("NOUN,VERB", "NOUN", "VERB"))
    asked = {row.word: row.similarity for row in (*nouns, *verbs)}
    assert [row.word for row in both] == sorted(asked, key=lambda word: -asked[word])[:40]
    assert any({"NOUN", "VERB"} <= set(row.tags) for row in both)


def test_the_judged_words_are_500_and_of_the_vocabulary():
    embedding, judged = catalog.load(), judgements()
    assert len({row.word for row in judged}) == 500
    assert all(embedding.count(row.word) == row.count for row in judged)
    assert all(row.groups and not row.common & row.also for row in judged)


def test_the_lexicon_is_as_right_as_the_documentation_says(lexicon_of_english):
    document = DOCUMENT.read_text(encoding="utf-8")
    for band, bounds in BANDS.items():
        words, mains, sets = shares_of_right(lexicon_of_english, *bounds)
        assert f"| {band} | {words} |" in document
        assert f"| {mains:.1%} | {sets:.1%} |" in next(
            line for line in document.splitlines() if line.startswith(f"| {band} |")
        )


def test_the_command_prints_the_table():
    command = [sys.executable, "-m", "tools.parts_of_speech", "--wrong", str(catalog.LEXICON)]
    printed = subprocess.run(command, capture_output=True, text=True, check=True, cwd=DOCUMENT.parents[1]).stdout
    assert "| all | 500 |" in printed
    assert ", but passes as " in printed


def test_shares_are_whole_percents():
    shares = encode_shares([{"NOUN": 0.57, "X": 0.29}, {}])
    assert shares.shape == (2, 17)
    assert (shares.sum(axis=1) == [86, 0]).all()
    assert shares.dtype == np.uint8
