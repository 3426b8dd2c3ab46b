"""Counting tags: sentences, the step from Penn to universal tags, what is counted, and the file."""

import gzip
from collections import Counter

import pytest

from explorer.embeddings.lexicon import read_lexicon
from explorer.embeddings.training.corpus import CorpusError, tokenise
from explorer.embeddings.training.dictionary import Dictionary
from explorer.embeddings.training.lexicon import (
    TagCounts,
    count_tags,
    sentences,
    tag_sentences,
    universal_tags,
    write_lexicon,
)
from explorer.embeddings.training.tagging import perceptron_tagger
from explorer.errors import UserError

PARAGRAPH = "The pilot’s DC-3 hasn’t landed. Airplanes of the U.S. fly to Paris; they aren't cars!"


def capitals_are_names(sentences):
    """A tagger to test with: NNP for what is capitalised, NN for the rest, a full stop for punctuation."""
    return [
        ["NNP" if token[0].isupper() else "NN" if token[0].isalnum() else "." for token in tokens]
        for tokens in sentences
    ]


def tag_sentence(sentence, tagger):
    (tagged,) = tag_sentences([sentence], tagger)
    return tagged


def test_sentences_keep_case_and_punctuation_for_the_tagger():
    assert list(sentences(PARAGRAPH)) == [
        ["The", "pilot", "'s", "DC-3", "hasn't", "landed", "."],
        ["Airplanes", "of", "the", "U.S", ".", "fly", "to", "Paris", ";", "they", "aren't", "cars", "!"],
    ]


def test_counted_words_are_the_tokens_that_are_trained_on():
    all_nouns = lambda sentences: [["NN"] * len(tokens) for tokens in sentences]  # noqa: E731
    counted = [token.lower() for sentence in sentences(PARAGRAPH) for token, _ in tag_sentence(sentence, all_nouns)]
    assert counted == tokenise(PARAGRAPH)


@pytest.mark.parametrize(
    ("tagged", "tags"),
    [
        ("The/DT DC-3/NNP has/VBZ not/RB been/VBN flown/VBN ./.", "DET PROPN AUX PART AUX VERB PUNCT"),
        ("He/PRP has/VBZ two/CD planes/NNS", "PRON VERB NUM NOUN"),
        ("did/VBD he/PRP go/VB", "AUX PRON VERB"),
        ("they/PRP do/VBP it/PRP", "PRON VERB PRON"),
        ("to/TO fly/VB to/TO Paris/NNP", "PART VERB ADP PROPN"),
        ("because/IN of/IN that/DT", "SCONJ ADP DET"),
        ("which/WDT may/MD ,/, oh/UH ,/, and/CC there/EX", "PRON AUX PUNCT INTJ PUNCT CCONJ PRON"),
        ("something/NN is/VBZ nothing/NN", "PRON AUX PRON"),
        ("Smith/NNP 's/POS plane/NN is/VBZ better/JJR", "PROPN PART NOUN AUX ADJ"),
    ],
)
def test_penn_tags_become_universal_tags(tagged, tags):
    assert universal_tags([tuple(pair.rsplit("/", 1)) for pair in tagged.split()]) == tags.split()


def test_a_contraction_counts_as_one_word_with_the_tag_of_its_first_part():
    seen = []

    def tagger(sentences):
        (tokens,) = sentences
        seen.extend(tokens)
        return [[{"does": "VBZ", "n't": "RB", "fly": "VB"}.get(token, "PRP") for token in tokens]]

    assert tag_sentence(["It", "doesn't", "fly"], tagger) == [("It", "PRON"), ("doesn't", "AUX"), ("fly", "VERB")]
    assert seen == ["It", "does", "n't", "fly"]


def test_the_capital_of_a_first_word_proves_no_name():
    assert [token for token, _ in tag_sentence(["Airplanes", "fly", "over", "Paris"], capitals_are_names)] == [
        "fly",
        "over",
        "Paris",
    ]


def test_counting_takes_every_kth_paragraph_and_no_headings(tmp_path):
    long = "and then the {} flew over the wide river to Paris once more."
    corpus = tmp_path / "corpus.txt"
    corpus.write_text("\n".join([long.format("plane"), "A Heading", "Another", long.format("kite"), "", "", ""]))
    counts = count_tags(corpus, capitals_are_names, every=3)
    assert counts.tags["the"] == {"NOUN": 4}
    assert counts.tags["paris"] == {"PROPN": 2}
    assert "heading" not in counts.tags
    assert count_tags(corpus, capitals_are_names, every=4).tags.keys() == counts.tags.keys() - {"kite"}
    assert counts.tagged_words == 26
    assert (counts.lower["plane"], counts.lower["paris"]) == (1, 0)
    assert (counts.capital["plane"], counts.capital["paris"]) == (0, 2)
    corpus.write_text("A Heading\n")
    with pytest.raises(CorpusError, match="no sentences"):
        count_tags(corpus, capitals_are_names)


COUNTS = TagCounts(
    tags={
        "plane": Counter(NOUN=98, PROPN=2),
        "university": Counter(PROPN=90, NOUN=10),
        "paris": Counter(PROPN=199, NOUN=1),
        "rare": Counter(ADJ=1),
    },
    lower=Counter(plane=98, university=9),
    capital=Counter(plane=2, university=90, paris=200),
)


def test_a_word_that_is_also_written_in_lower_case_is_no_proper_noun():
    assert COUNTS.ranked("university") == [("NOUN", 0.1), ("PROPN", 0.9)]
    assert COUNTS.ranked("paris")[0] == ("PROPN", 0.995)
    only_a_name = TagCounts({"x": Counter(PROPN=5)}, Counter(x=5), Counter())
    assert only_a_name.ranked("x") == [("PROPN", 1.0)]


def test_a_word_that_mostly_has_no_capital_is_no_name_though_it_is_part_of_some():
    assert COUNTS.ranked("plane") == [("NOUN", 1.0)]


def test_an_interjection_is_no_name_though_a_quotation_gives_it_a_capital():
    counts = TagCounts({"hello": Counter(PROPN=15, NOUN=1, INTJ=4)}, Counter(hello=5), Counter(hello=15))
    assert counts.ranked("hello") == [("INTJ", 0.95), ("NOUN", 0.05)]


def test_what_the_dictionary_lacks_is_a_name_where_most_of_its_uses_are():
    assert COUNTS.ranked("university", Dictionary({"university": {"NOUN"}}))[0] == ("NOUN", 0.1)
    assert COUNTS.ranked("university", Dictionary({}))[0] == ("PROPN", 0.9)
    assert COUNTS.ranked("plane", Dictionary({})) == [("NOUN", 1.0)]


def test_a_word_that_a_dictionary_has_and_not_as_a_name_is_no_name_though_it_often_stands_in_one():
    counts = TagCounts({"affairs": Counter(PROPN=6, NOUN=4)}, Counter(affairs=4), Counter(affairs=6))
    assert counts.ranked("affairs", Dictionary({"affairs": {"NOUN"}})) == [("NOUN", 1.0)]
    assert dict(counts.ranked("affairs", Dictionary({"affairs": {"NOUN", "PROPN"}}))) == {"NOUN": 0.4, "PROPN": 0.6}
    assert dict(counts.ranked("affairs", Dictionary({}))) == {"NOUN": 0.4, "PROPN": 0.6}


def test_the_file_reads_back_and_repeats_bit_for_bit(tmp_path):
    path, again = tmp_path / "lexicon.tsv.gz", tmp_path / "again.tsv.gz"
    write_lexicon(path, COUNTS, ["Counted from nothing.", "CC0"])
    write_lexicon(again, COUNTS, ["Counted from nothing.", "CC0"])
    assert path.read_bytes() == again.read_bytes()
    assert gzip.decompress(path.read_bytes()).decode().splitlines() == [
        "# Counted from nothing.",
        "# CC0",
        "paris\t200\tPROPN:0.99\tNOUN:0.01",
        "plane\t100\tNOUN:1.00",
        "university\t100\tNOUN:0.10\tPROPN:0.90",
    ]
    lexicon = read_lexicon(path)
    assert [*map(lexicon.main_tag, ["plane", "university", "paris", "rare", ""])] == ["NOUN", "NOUN", "PROPN", "", ""]
    assert lexicon.shares("university") == {"NOUN": 0.1, "PROPN": 0.9}
    assert lexicon.shares("rare") == {}


def test_the_real_tagger_knows_an_airplane():
    try:
        tagger = perceptron_tagger()
    except UserError as error:
        pytest.skip(str(error))
    counted = dict(tag_sentence("Two pilots have flown the old airplane to Paris .".split(), tagger))
    assert counted == {
        "Two": "NUM", "pilots": "NOUN", "have": "AUX", "flown": "VERB", "the": "DET", "old": "ADJ", "airplane": "NOUN",
        "to": "ADP", "Paris": "PROPN",
    }  # fmt: skip
