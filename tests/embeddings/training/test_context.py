"""What the words around a word say of its tag, where the tagger said something else."""

import pytest

from explorer.embeddings.training.context import by_context
from explorer.embeddings.training.dictionary import Dictionary

DICTIONARY = Dictionary(
    {
        "surrounding": {"ADJ", "NOUN", "VERB"},
        "sampling": {"NOUN", "VERB"},
        "retreating": {"VERB"},
        "flawed": {"ADJ", "VERB"},
        "painting": {"NOUN", "VERB"},
        "vice-president": {"NOUN"},
        "chechen": {"ADJ", "PROPN"},
    },
    capital_adjectives=frozenset({"chechen"}),
)


@pytest.mark.parametrize(
    ("tagged", "expected"),
    [
        ("the/DT surrounding/VBG area/NN", "JJ"),
        ("a/DT flawed/VBN design/NN", "JJ"),
        ("was/VBD flawed/VBN", "VBN"),
        ("walls/NNS surrounding/VBG gardens/NNS", "VBG"),
        ("the/DT sampling/VBG of/IN", "NN"),
        ("random/JJ sampling/VBG", "NN"),
        ("a/DT retreating/VBG army/NN", "VBG"),
        ("for/IN painting/VBG walls/NNS", "VBG"),
        ("that/DT painting/VBG the/DT", "VBG"),
        ("many/JJ Chechen/NNP rebels/NNS", "JJ"),
        ("the/DT Chechen/NNP Republic/NNP", "NNP"),
        ("the/DT Paris/NNP streets/NNS", "NNP"),
        ("a/DT cross-border/NN raid/NN", "JJ"),
        ("a/DT vice-president/NN candidate/NN", "NN"),
        ("one/CD cross-border/NN", "NN"),
    ],
)
def test_the_second_word_is_what_those_around_it_say(tagged, expected):
    tokens, tags = zip(*(pair.split("/") for pair in tagged.split()), strict=True)
    (mended,) = by_context(lambda sentences: [list(tags)], DICTIONARY)([list(tokens)])
    assert mended[1] == expected
    assert (mended[0], *mended[2:]) == (tags[0], *tags[2:])
