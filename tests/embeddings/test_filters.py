"""Filters against a plain loop over the words, tiers against their definition."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.embeddings import catalog
from explorer.embeddings.bounds import TIERS
from explorer.embeddings.filters import Filters, candidates, on_list
from explorer.embeddings.frequency import tiers, within
from explorer.errors import UserError
from tests.embeddings.small import embedding_of

COUNTS = [5_000_000, 100_001, 101, 100, 6, 5, 4, 1]


def test_tiers_are_shares_of_all_occurrences():
    counts = [9_989_895, 10_000, 100, 5, 0]
    small = embedding_of("abcde", counts)
    assert sum(counts) == 10_000_000
    assert tiers(small).tolist() == ["high", "high", "medium", "medium", "low"]
    assert tiers(small, np.array([4, 1])).tolist() == ["low", "high"]
    for tier in TIERS:
        assert within(small, tier).tolist() == [t == tier for t in tiers(small)]


def test_the_shipped_models_words_are_in_all_three_tiers():
    embedding = catalog.load()
    total = sum(embedding.counts.tolist())
    for word in ("the", "airplane", "aeroplane", embedding.words[-1]):
        share = embedding.count(word) / total
        expected = "high" if share > 1e-5 else "low" if share < 5e-7 else "medium"
        assert tiers(embedding, embedding.rows[word]) == expected
    assert set(tiers(embedding).tolist()) == set(TIERS)


@given(
    minimum=st.integers(0, 200), maximum=st.none() | st.integers(200, 10**6), band=st.none() | st.sampled_from(TIERS)
)
def test_counts_are_filtered_as_a_loop_does(minimum, maximum, band):
    small = embedding_of("abcdefgh", COUNTS)
    expected = [
        minimum <= count and (maximum is None or count <= maximum) and (band is None or band == tier)
        for count, tier in zip(COUNTS, tiers(small), strict=True)
    ]
    assert within(small, band, minimum, maximum).tolist() == expected


def test_all_filters_hold_at_once(tiny):
    assert candidates(tiny, Filters()) is None
    allowed = candidates(
        tiny,
        Filters(pos="noun", minimum_count=50, maximum_count=300, among=["Airplane", "plane", "fly"], pattern="ne$"),
    )
    assert [word for word, may in zip(tiny.words, allowed, strict=True) if may] == ["airplane"]


def test_a_list_says_which_of_its_words_are_unknown(tiny):
    rows, unknown = on_list(tiny, ["Paris", "", "zeppelin", "plane", "zeppelin", "x" * 1000])
    assert [tiny.words[row] for row in rows] == ["Paris", "plane"]
    assert unknown == ("zeppelin", "x" * 1000)
    assert len(on_list(tiny, [f"word{i}" for i in range(1000)])[1]) == 1000


@pytest.mark.parametrize(
    ("filters", "says"),
    [
        (Filters(pos="FOO"), "“FOO” is not a part of speech"),
        (Filters(band="huge"), "“huge” is not a frequency band"),
        (Filters(minimum_count=-5), "minimum count is -5"),
        (Filters(minimum_count=5, maximum_count=4), "maximum count is 4"),
        (Filters(among=[]), "list has no words"),
        (Filters(among=[" ", ""]), "list has no words"),
        (Filters(among=["a"] * 10_001), "list has 10,001 words"),
        (Filters(pattern="("), "not a regular expression"),
    ],
)
def test_filters_that_make_no_sense_are_refused_in_words(tiny, filters, says):
    with pytest.raises(UserError, match=says):
        candidates(tiny, filters)


def test_nobody_pretends_to_know_frequencies_that_are_not_there():
    small = embedding_of(["a", "b"])
    assert tiers(small).tolist() == ["", ""]
    for filters in (Filters(band="high"), Filters(minimum_count=1), Filters(maximum_count=9)):
        with pytest.raises(UserError, match="came without counts"):
            candidates(small, filters)
