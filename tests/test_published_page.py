"""The published table of Kim 2014 beside our runs, on the page."""

from explorer.initialisation.plan_checks import CNN, TRANSFORMER
from explorer.initialisation.published import ARMS, KIM, NOT_SHOWN, BesidePublished
from tests.initialisation_page.drawn import figure
from tests.test_pages import sentences, visit


def test_the_picture_has_each_gain_that_is_published_and_each_of_ours():
    app, answer = visit("initialisation", show="published"), BesidePublished()
    assert answer.headline in sentences(app)[0]
    marks = [trace for trace in figure(app, "published")["data"] if trace["mode"] == "markers"]
    assert [trace["name"] for trace in marks] == 2 * ["published", "his network, here", "our transformer, here"]
    for arm, (published, *ours) in zip(ARMS[1:], (marks[:3], marks[3:]), strict=True):
        gains = [round(numbers[ARMS.index(arm)] - numbers[0], 1) for numbers in KIM.values()]
        assert list(published["x"]) == gains
        for network, trace in zip((CNN, TRANSFORMER), ours, strict=True):
            rows = [row for row in answer.rows if (row.network, row.arm) == (network, arm)]
            assert len(rows) == len(KIM)
            assert list(trace["x"]) == [row.gain for row in rows]
            open_marks = [symbol.endswith("-open") for symbol in trace["marker"]["symbol"]]
            assert open_marks == [row.verdict == NOT_SHOWN for row in rows]


def test_the_table_is_that_of_the_documentation():
    (table,) = visit("initialisation", show="published").table
    assert [tuple(row) for row in table.value.values.tolist()] == list(BesidePublished().beside().rows)
