"""Several comparisons together, against a published meta-analysis and against simulations whose truth is known."""

import re

import numpy as np
import pytest

from explorer.errors import UserError
from explorer.initialisation.report import together_report
from explorer.initialisation.summary import Summary
from explorer.initialisation.together import Together, pool
from tests.initialisation.made_up import collected, plan

# the 13 trials of the vaccine BCG, log relative risks and their variances (Colditz et al. 1994)
TRIALS = {
    -0.8893: 0.3256, -1.5854: 0.1946, -1.3481: 0.4154, -1.4416: 0.0200, -0.2175: 0.0512, -0.7861: 0.0069,
    -1.6209: 0.2230, 0.0120: 0.0040, -0.4694: 0.0564, -1.3713: 0.0730, -0.3394: 0.0124, 0.4459: 0.5325, -0.0173: 0.0714,
}  # fmt: skip


def test_it_is_the_published_analysis_of_the_trials_of_bcg():
    found = pool(np.array([*TRIALS]), np.sqrt([*TRIALS.values()]))
    assert found.mean == pytest.approx(-0.7141, abs=2e-3)
    assert found.spread**2 == pytest.approx(0.3088, abs=2e-3)
    assert found.heterogeneity == pytest.approx(0.9212, abs=2e-3)
    assert found.next_low < found.low < found.mean < found.high < found.next_high
    assert sum(found.weights) == pytest.approx(1)


def test_the_interval_holds_the_mean_of_few_studies_as_often_as_it_says():
    random, held = np.random.default_rng(1), 0
    for _ in range(400):
        errors = random.uniform(0.1, 0.5, 5)
        found = pool(random.normal(1.0, 0.3, 5) + random.normal(0, errors), errors)
        held += found.low <= 1.0 <= found.high
    assert held / 400 >= 0.95 - 3 * (0.95 * 0.05 / 400) ** 0.5


def test_comparisons_are_pooled_and_what_they_lack_is_said():
    summaries = [
        Summary(collected(plan(name=name, sizes=(1.0,)), gains={"glove": gain}))
        for name, gain in (("one", -0.5), ("two", -0.4), ("three", -0.6))
    ]
    answer = Together(summaries, "glove", None)
    assert answer.headline.startswith(
        "Over 3 comparisons, “glove” reaches a lower held-out loss than the baseline: −0."
    )
    assert "One more comparison would find" in answer.sentences[1]
    assert [row[0] for row in answer.table().rows] == ["one", "two", "three", "together"]
    assert "no significant difference" in Together(summaries, "he", "chrf").headline
    with pytest.raises(UserError, match="“one” has no arm “random” besides its baseline"):
        Together(summaries, "random", None)
    tagged = Summary(collected(plan(name="tagged", sizes=(1.0,), task="parts of speech")))
    with pytest.raises(UserError, match=r"“one” does not measure accuracy\. All of these .* measure loss, "):
        Together([summaries[0], tagged], "glove", "accuracy")
    again = Summary(collected(plan(name="again", sizes=(1.0,), task="parts of speech"), gains={"glove": 0.1}))
    points = Together([tagged, again], "glove", "token_accuracy")
    row, whole = (dict(zip(points.table().header, row, strict=True)) for row in points.table().rows[::2])
    assert (row["difference"], whole["low"]) == (100 * points.rows[0].difference, 100 * points.mean_effect.low)
    assert points.as_json()["unit"] == "percentage points"
    assert points.as_json()["together"]["spread"] == 100 * points.mean_effect.spread
    assert Together([tagged, summaries[0]], "glove", None).measure.key in summaries[0].task.measures
    with pytest.raises(UserError, match="named twice"):
        Together([summaries[0], summaries[0]], "glove", None)


def test_they_are_a_page_with_their_forest():
    summaries = [Summary(collected(plan(name=name, sizes=(1.0,)))) for name in ("one", "two")]
    answer = Together(summaries, "glove", None)
    page = together_report(answer).decode()
    assert answer.headline in page
    drawn = " ".join(re.findall(r"<text[^>]*>([^<]*)", page))
    for words in ("one", "two", "all together", "← better", "worse →", "to the baseline of each"):
        assert words in drawn
