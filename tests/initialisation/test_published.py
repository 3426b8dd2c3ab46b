"""The published table beside the runs that came along, and the page of the documentation that is made from them."""

import pytest

from explorer.initialisation import library
from explorer.initialisation.plan_checks import NETWORKS
from explorer.initialisation.published import ARMS, KIM, NOT_SHOWN, BesidePublished, comparison
from tools import initialisation

SETS = {network: [name for name in KIM if comparison(name, network) in library.names()] for network in NETWORKS}


@pytest.mark.parametrize("name", [comparison(name, network) for network, names in SETS.items() for name in names])
def test_each_comparison_is_whole_and_no_arm_is_at_the_edge_of_its_grid(name):
    summary = library.summary(name)
    assert not summary.collected.missing
    assert not summary.collected.failures
    assert not summary.plan.too_few_seeds
    assert summary.plan.search_seeds >= 3
    for share in summary.plan.sizes:
        assert not [arm for arm in summary.plan.arms if summary.edge(arm, share)]
        improving, runs = (sum(getattr(row, of) for row in summary.arms(share)) for of in ("improving", "finished"))
        assert (improving > runs / 20) == ("still improving at their end" in summary.headline)


def test_the_table_has_the_published_numbers_and_says_where_they_agree():
    answer = BesidePublished()
    assert {(row.set, row.network) for row in answer.rows} == {(s, n) for n, names in SETS.items() for s in names}
    for row in answer.rows:
        assert row.published == KIM[row.set][ARMS.index(row.arm)]
        assert row.low <= row.here <= row.high
        assert (row.verdict == "") == (row.gain is None) == (row.arm == "rand")
    for network, names in ((network, names) for network, names in SETS.items() if names):
        assert f"on {len(names)} of {len(KIM)} data sets" in answer.headline
        unclear = [row for row in answer.rows if (row.network, row.verdict) == (network, NOT_SHOWN)]
        assert any(all(f"{row.arm} on {row.set}" in sentence for row in unclear) for sentence in answer.sentences)
        for arm in ("static", "non-static"):
            assert any(f"Over {len(names)} comparisons" in s and f"“{arm}”" in s for s in answer.sentences)
        gone = [name for name in KIM if name not in names]
        assert all(any(name in s and "no runs with" in s for s in answer.sentences) for name in gone)


def test_the_documentation_has_what_the_rows_say():
    text = initialisation.FILE.read_text(encoding="utf-8")
    assert initialisation.written(text) == text
    with pytest.raises(ValueError, match="has no block “phrase-book”"):
        initialisation.written("nothing")
