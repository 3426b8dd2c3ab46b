"""A bare word finds the keys that stand for it, whatever sense, tag, language or spelling these carry."""

import pytest

from explorer.embeddings import catalog
from explorer.embeddings.analogy import analogy
from explorer.embeddings.importing import import_model
from explorer.embeddings.keys import key_of, most_are, other_forms
from explorer.embeddings.lookup import WordNotFound, find, known
from explorer.embeddings.neighbours import neighbours
from explorer.embeddings.queries import resolve
from explorer.embeddings.similarity import similarity
from explorer.embeddings.tags import carried_tags
from tests.embeddings.small import embedding_of

SENSE2VEC = ["duck|NOUN", "duck|VERB", "goose|NOUN", "New_Harbour|GPE", "swim|VERB"]
MYSTEM = ["кот_S", "бежать_V", "красный_A", "новый::порт_S", "быстро_ADV"]
PENN = ["dog_NN", "dogs_NNS", "run_VB", "run_NN", "quickly_RB"]


@pytest.mark.parametrize(
    ("words", "asked", "label"),
    [
        (SENSE2VEC, "duck", "duck|NOUN"),
        (SENSE2VEC, "Duck", "duck|NOUN"),
        (SENSE2VEC, "duck|verb", "duck|VERB"),
        (SENSE2VEC, "new harbour", "New_Harbour|GPE"),
        (MYSTEM, "кот", "кот_S"),
        (MYSTEM, "Новый порт", "новый::порт_S"),
        (PENN, "dogs", "dogs_NNS"),
        (["hammer.n.01", "hammer.v.01", "swim.v.01"], "hammer", "hammer.n.01"),
        (["duck%1:05:00::", "goose%1:05:00::"], "duck", "duck%1:05:00::"),
        (["/c/en/duck", "/c/de/ente", "/c/en/new_harbour"], "ente", "/c/de/ente"),
        (["/c/en/duck/n", "/c/en/new_harbour/n/wn"], "new harbour", "/c/en/new_harbour/n/wn"),
        (["gull", "DBPEDIA_ID/Apple", "ENTITY/New_York"], "apple", "DBPEDIA_ID/Apple"),
        (["gull", "DBPEDIA_ID/Apple", "ENTITY/New_York"], "New York", "ENTITY/New_York"),
        (["gull", "<http://example.org/entity/Duck>"], "duck", "<http://example.org/entity/Duck>"),
        (["Ġduck", "ing", "▁goose"], "goose", "▁goose"),
        (["en:duck", "de:ente", "fr:canard"], "ente", "de:ente"),
        (["duck@en", "ente@de", "canard@fr"], "canard", "canard@fr"),
        (["duck-n", "swim-v", "red-j"], "swim", "swim-v"),
        (["duck#n#1", "duck#v#1", "goose#n#1"], "goose", "goose#n#1"),
        (["duck/NN", "swim/VB", "new_york/NNP"], "New York", "new_york/NNP"),
        (["duck__NOUN", "swim__VERB"], "swim", "swim__VERB"),
        (["duck#1", "duck#2", "goose#1"], "goose", "goose#1"),
        (["duck_noun", "swim_verb", "red_adj"], "swim", "swim_verb"),
        (["duck/nn", "swim/vb", "red/jj"], "duck", "duck/nn"),
        (["duck::NOUN", "swim::VERB"], "duck", "duck::NOUN"),
        (["duck[NOUN]", "swim[VERB]"], "swim", "swim[VERB]"),
        (["NOUN_duck", "VERB_swim", "NOUN_New_York"], "new york", "NOUN_New_York"),
        (["duck.n", "swim.v", "red.a"], "red", "red.a"),
        (["duck_NN1", "swim_VV0", "geese_NN2"], "geese", "geese_NN2"),
        (["Haus_NN", "Berlin_NE", "gehen_VVINF", "Ente_NN", "gut_NN"], "gehen", "gehen_VVINF"),
        (["en_duck", "de_ente", "fr_canard"], "ente", "de_ente"),
        (["/c/zh_TW/鴨", "/c/en/duck"], "鴨", "/c/zh_TW/鴨"),
        (["duck</w>", "ing"], "duck", "duck</w>"),
        (["it’s", "1984", "ｆｕｌｌ"], "it's", "it’s"),
        (["it’s", "1984", "ｆｕｌｌ"], "١٩٨٤", "1984"),
        (["it’s", "1984", "ｆｕｌｌ"], "full", "ｆｕｌｌ"),
        (["soft\u00adhyphen", "gull"], "softhyphen", "soft\u00adhyphen"),
        (["\ufeffship", "gull"], "ship", "\ufeffship"),
        (["می\u200cخواهم", "gull"], "میخواهم", "می\u200cخواهم"),
        (["ship", "gull"], "ship\u200e", "ship"),
        (["gull", "tern", "take-n", "off-v", "bus", "car"], "take", None),  # where few are so, it is no tag
        (["istanbul", "ısparta", "straße"], "İstanbul", "istanbul"),
        (["istanbul", "ısparta", "straße"], "ISPARTA", "ısparta"),
        (["istanbul", "ısparta", "straße"], "STRASSE", "straße"),
        (["❤️", "☺", ":)"], "❤", "❤️"),
        (["❤️", "☺", ":)"], "☺️", "☺"),
    ],
)
def test_the_bare_word_finds_its_key(words, asked, label):
    assert known(embedding_of(words), asked) == label


@pytest.mark.parametrize(
    ("words", "asked", "label"),
    [
        (["in", "0000", "00th", "0.00"], "1984", "0000"),
        (["in", "0000", "00th", "0.00"], "19th", "00th"),
        (["/c/en/##_years", "####"], "20 years", "/c/en/##_years"),
        (["in", "0000", "1984", "00"], "1985", None),  # numbers are written out here
        (["in", "0", "5"], "7", None),
    ],
)
def test_folded_digits_are_found_where_all_are_folded_and_it_is_said(words, asked, label):
    embedding = embedding_of(words)
    assert known(embedding, asked) == label
    if label:
        digit = "#" if "#" in label else "0"
        assert f"Digits are written as {digit} here." in resolve(embedding, asked).note


def test_what_stands_exactly_so_is_found_before_any_key():
    embedding = embedding_of(["duck|NOUN", "duck", "duck|VERB"])
    assert find(embedding, "duck") == "duck"
    assert resolve(embedding, "duck").note == ""
    for word in (*SENSE2VEC, *MYSTEM, *PENN):
        assert find(embedding_of([*SENSE2VEC, *MYSTEM, *PENN]), word) == word


def test_the_senses_are_said_and_can_be_chosen():
    embedding = embedding_of(SENSE2VEC)
    query = resolve(embedding, "duck")
    assert query.note.endswith("these are the neighbours of “duck|NOUN”. It also stands for “duck|VERB”.")
    assert neighbours(embedding, "duck").suggestions == ("duck|VERB",)
    assert resolve(embedding, "duck", "VERB").label == "duck|VERB"
    assert resolve(embedding_of(PENN), "run", "NOUN").label == "run_NN"
    pair = similarity(embedding, "duck|VERB", "goose")
    assert (pair.first, pair.second) == ("duck|VERB", "goose|NOUN")
    assert pair.notes == ("“goose” is taken as “goose|NOUN”.",)


def test_an_unknown_word_gets_suggestions_by_the_bare_words():
    with pytest.raises(WordNotFound) as caught:
        find(embedding_of(SENSE2VEC), "gooze")
    assert caught.value.suggestions == ["goose|NOUN"]


@pytest.mark.parametrize(
    ("words", "tags"),
    [
        (SENSE2VEC, ["NOUN", "VERB", "NOUN", "PROPN", "VERB"]),
        (MYSTEM, ["NOUN", "VERB", "ADJ", "NOUN", "ADV"]),
        (PENN, ["NOUN", "NOUN", "VERB", "NOUN", "ADV"]),
        (["hammer.n.01", "swim.v.01", "red.s.02"], ["NOUN", "VERB", "ADJ"]),
        (["duck_NOUN", "swim_VERB", "odd_FOO"], ["NOUN", "VERB", ""]),
        (["duck_noun", "swim_verb", "new_york"], ["NOUN", "VERB", ""]),
        (["duck.n", "swim.v", "odd.x"], ["NOUN", "VERB", ""]),
        (["duck", "swim", "AT_S"], None),
    ],
)
def test_the_part_of_speech_of_a_tag_is_known(words, tags):
    assert carried_tags(words) == tags


def test_the_filter_by_part_of_speech_knows_the_tags_of_an_import(own_models, tmp_path):
    (file := tmp_path / "mystem.txt").write_text(
        "".join(f"{word} {row} 1 2\n" for row, word in enumerate([*MYSTEM, "пёс_S"])), encoding="utf-8"
    )
    import_model(file, "mystem")
    answer = neighbours(catalog.load("mystem"), "кот", pos="NOUN")
    assert {row.word for row in answer.rows} == {"новый::порт_S", "пёс_S"}


def test_a_key_among_words_without_tags_is_found_by_its_bare_word_too(own_models, tmp_path):
    words = [
        "кот",
        "порт",
        "мост",
        "река",
        "якорь_S",
        "лодка_NOUN",
        "vitamin_A",
        "маяк",
        "STATE_LAW",
        "море",
        "якорь_V",
    ]
    embedding = embedding_of(words)
    assert [find(embedding, word) for word in ("якорь", "Лодка", "лодка_S", "кот_S")] == [
        "якорь_S", "лодка_NOUN", "лодка_NOUN", "кот",
    ]  # fmt: skip
    assert neighbours(embedding, "якорь").suggestions == ("якорь_V",)
    for word in ("vitamin", "state", "кот_QQ"):
        with pytest.raises(WordNotFound):
            find(embedding, word)
    (file := tmp_path / "few.txt").write_text(
        "".join(f"{word} {row} 1 2\n" for row, word in enumerate(words)), encoding="utf-8"
    )
    import_model(file, "few")
    tags = {row.word: row.pos for row in neighbours(catalog.load("few"), "кот", 10).rows}
    assert (tags["якорь_S"], tags["якорь_V"], tags["лодка_NOUN"], tags["vitamin_A"]) == ("NOUN", "VERB", "NOUN", "")


def test_words_with_signs_of_keys_are_none_where_they_have_no_tag():
    for word in ("a|b", "e.g.01", "and/or", "x_FOO", "50%", "http://", "Ġ", "re:duck"):
        assert key_of(word, most_are(["duck_NOUN"])) is None


ROYAL = ["king", "man", "woman", "queen", "King", "KING", "king's", "kings", "Woman", "gull", "women"]


@pytest.mark.parametrize(
    ("asked", "forms"),
    [
        ("king", ["King", "KING", "king's", "kings"]),
        ("Kings", ["king", "King", "KING", "king's", "kings"]),
        ("city", ["cities", "city’s"]),
        ("bus", ["buses"]),
        ("princes", ["prince"]),  # and not princess
        ("duck|NOUN", ["duck|VERB", "ducks|NOUN"]),
    ],
)
def test_other_forms_of_a_word(asked, forms):
    words = [*ROYAL, "city", "cities", "city’s", "bus", "buses", "princess", "prince", *SENSE2VEC, "ducks|NOUN"]
    embedding = embedding_of(words)
    assert [embedding.words[row] for row in other_forms(embedding, [asked])] == forms


def test_neighbours_and_analogies_leave_other_forms_out_on_request_and_say_which():
    embedding = embedding_of(ROYAL)
    assert "King" in [row.word for row in neighbours(embedding, "king", 10).rows]
    answer = neighbours(embedding, "king", 10, without_forms=True)
    assert {row.word for row in answer.rows} == {"man", "woman", "queen", "Woman", "gull", "women"}
    assert answer.note == "Other forms of the asked words are left out: “King”, “KING”, “king's”, “kings”."
    for method in ("add", "multiply"):
        answers = analogy(embedding, "King - man + woman", 10, method, without_forms=True)
        assert {row.word for row in answers.rows} == {"queen", "gull", "women"}
        assert answers.notes[-1].startswith("Other forms of the asked words are left out: “king”, ")
    assert neighbours(embedding, "gull", 10, without_forms=True).note == ""
