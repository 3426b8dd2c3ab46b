"""Tagging many sentences at once: NLTK's own answers, and what a dictionary forbids."""

from __future__ import annotations

import gzip
from types import SimpleNamespace

import pytest
from nltk.tag import PerceptronTagger

from explorer.embeddings.training import dictionary as dictionaries
from explorer.embeddings.training.dictionary import Dictionary, read_dictionary
from explorer.embeddings.training.tagging import _Perceptron, by_dictionary
from explorer.errors import UserError

TEXT = """The/DT old/JJ dog/NN barks/VBZ at/IN the/DT feral/JJ cats/NNS ./.
Paris/NNP dogs/NNS saw/VBD two/CD planes/NNS in/IN 1942/CD ./.
He/PRP quickly/RB planes/VBZ the/DT wood-panel/NN ;/: they/PRP do/VBP not/RB ./.
A/DT well-known/JJ pilot/NN flew/VBD to/TO London/NNP and/CC back/RB ./."""
TAGGED = [[tuple(pair.rsplit("/", 1)) for pair in line.split()] for line in TEXT.splitlines()]
UNSEEN = [
    "The pilot saw the old planes quickly .".split(),
    ["Dogs"],
    [],
    "In London two well-fed cats flew to the dog in 1950 ; 3 saw Paris .".split(),
]


@pytest.fixture(scope="module")
def nltk():
    """NLTK's tagger, which has seen four sentences often enough to be sure of some words."""
    tagger = PerceptronTagger(load=False)
    tagger.train(TAGGED * 20, nr_iter=3)
    assert tagger.tagdict
    return tagger


def many_at_once(nltk, rule=None):
    return _Perceptron(nltk.model.weights, nltk.tagdict, nltk.classes, nltk.normalize, rule)


def test_where_nothing_is_forbidden_the_tags_are_nltks(nltk):
    sentences = UNSEEN + [[token for token, _ in tagged] for tagged in TAGGED]
    expected = [[tag for _, tag in nltk.tag(sentence)] for sentence in sentences]
    tagger = many_at_once(nltk)
    assert tagger(sentences) == expected
    assert tagger(sentences[::-1]) == expected[::-1]
    assert tagger([]) == []


def test_what_a_rule_forbids_is_not_taken(nltk):
    verbs = frozenset(tag for tag in nltk.classes if tag.startswith("V"))
    tagger = many_at_once(nltk, lambda token, is_first: verbs if token == "planes" else frozenset(nltk.classes))
    (tags,) = tagger(["Paris dogs saw two planes".split()])
    assert tags[-1].startswith("V")
    assert tags[:-1] == [tag for _, tag in nltk.tag("Paris dogs saw two planes".split())][:-1]


DICTIONARY = Dictionary({"dog": {"NOUN", "VERB"}, "ugly": {"ADJ"}, "london": {"PROPN"}, "run": {"NOUN", "VERB"}})


@pytest.mark.parametrize(
    ("token", "tags"),
    [
        ("dog", {"NN", "VB"}),
        ("Dog", {"NN", "VB", "NNP"}),
        ("dogs", {"NN", "VB"}),
        ("ugly", {"JJ"}),
        ("puppyish", {"NN", "VB", "JJ", "RB", "FW"}),
        ("London", {"NNP"}),
        ("Ossetian", {"NNP", "JJ"}),
        ("Xingbu", {"NNP"}),
        ("MPI", {"NNP", "NN"}),
        ("the", {"RB", "IN", "DT", "CC"}),
        ("something", {"NN"}),
        ("Eleven", {"CD", "NNP"}),
        ("1942", {"CD"}),
        ("6th", {"JJ"}),
        ("1830s", {"NN"}),
        ("a6", {"NN"}),
        ("B-52", {"NN", "NNP"}),
        ("&", {"CC"}),
    ],
)
def test_case_closed_classes_and_the_dictionary_say_what_a_token_may_be(token, tags):
    kinds = {"NN", "VB", "JJ", "RB", "NNP", "FW", "IN", "DT", "CD", "CC", "."}
    plural = {"NNS": "NN"}.get
    allowed = {plural(tag, tag) for tag in by_dictionary(DICTIONARY)(token, False)} & kinds
    assert allowed == tags


def test_a_capital_at_the_beginning_of_a_sentence_is_none():
    allowed = by_dictionary(DICTIONARY)
    assert "RB" in allowed("Puppyish", True)
    assert "RB" not in allowed("Puppyish", False)


@pytest.fixture
def wordnet(tmp_path, monkeypatch):
    """A folder as WordNet's, and LemmInflect's table."""
    folder = tmp_path / "dict"
    folder.mkdir()
    lines = {
        "data.noun": ["00000001 03 n 03 dog 0 Paris 0 hot_dog 0 000 | a", "00000002 03 n 01 goose 0 000 | b"],
        "data.verb": ["00000003 30 v 01 try 0 000 | c"],
        "data.adj": ["00000004 00 a 02 big 0 galore(ip) 0 000 | d"],
        "data.adv": ["00000005 02 r 01 quickly 0 000 | e"],
    }
    for name, text in lines.items():
        (folder / name).write_text("\n".join(["  1 This software and database is provided …", *text]) + "\n")
    package = tmp_path / "lemminflect"
    (package / "resources").mkdir(parents=True)
    table = "geese,noun,goose\nbigger,adj,big\nbark,noun,bark\nAaron,noun,Aaron\nwill,aux,will\n"
    (package / "resources" / "lemma_lu.csv.gz").write_bytes(gzip.compress(table.encode()))
    monkeypatch.setattr(dictionaries, "find_spec", lambda name: SimpleNamespace(origin=str(package / "__init__.py")))
    return folder


@pytest.mark.parametrize(
    ("word", "tags"),
    [
        ("dog", {"NOUN"}),
        ("dogs", {"NOUN"}),
        ("paris", {"PROPN"}),
        ("geese", {"NOUN"}),
        ("tries", {"VERB"}),
        ("trying", {"VERB"}),
        ("bigger", {"ADJ"}),
        ("galore", {"ADJ"}),
        ("quickly", {"ADV"}),
        ("bark", {"NOUN"}),
        ("aaron", {"PROPN"}),
        ("will", set()),
        ("hot_dog", set()),
    ],
)
def test_a_word_or_its_stem_is_in_one_of_both_dictionaries(wordnet, word, tags):
    assert read_dictionary(wordnet).allowed(word) == tags


def test_a_dictionary_that_is_not_there_is_named(wordnet, tmp_path, monkeypatch):
    with pytest.raises(UserError, match=r"WordNet's data.noun is not in .*elsewhere"):
        read_dictionary(tmp_path / "elsewhere")
    monkeypatch.setattr(dictionaries, "find_spec", lambda name: None)
    with pytest.raises(UserError, match="pip install lemminflect"):
        read_dictionary(wordnet)
