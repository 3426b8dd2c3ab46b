"""The answer in plain words: no more than the tests allow, at each size."""

from dataclasses import replace

import pytest

from explorer.initialisation.cautions import limits
from explorer.initialisation.strategies import Strategy
from explorer.initialisation.summary import Summary
from tests.initialisation.made_up import collected, plan

ARMS = {
    "random": Strategy("unit"),
    "glove": Strategy("pretrained", "wiki-en-glove", "xavier"),
    "glove, raw": Strategy("pretrained", "wiki-en-glove", "raw"),
}
FEW, ALL = (0.05, 1.0)


def made_up(few=None, every=None, **options):
    """Gains of arms at 5% and at all pairs."""
    begun = collected(plan(arms=ARMS, **options), few or {})
    other = collected(begun.plan, every or {})
    rows = {job: (begun if job.share == FEW else other).compared[job] for job in begun.compared}
    return Summary(replace(begun, compared=rows))


@pytest.mark.parametrize(
    ("few", "every", "says"),
    [
        (
            {"glove": -1.0},
            {},
            "Judged by held-out loss, pre-trained vectors help with 5% of the training pairs (50). With all 1,000 "
            "training pairs, no gain could be shown, which does not show that there is none.",
        ),
        (
            {"glove, raw": 1.0},
            {"glove": -1.0},
            "Judged by held-out loss, pre-trained vectors help with all 1,000 training pairs, if they are used in the "
            "right way. With 5% of the training pairs (50), no gain could be shown, which does not show",
        ),
        (
            {"glove": -1.0, "glove, raw": 1.0},
            {"glove": -1.0},
            "Judged by held-out loss, pre-trained vectors help, if they are used in the right way.",
        ),
        (
            {"glove, raw": 1.0},
            {},
            "Judged by held-out loss, pre-trained vectors are not shown to help here, and some ways to use them harm.",
        ),
        (
            {"glove": 1.0, "glove, raw": 1.0},
            {"glove": 1.0, "glove, raw": 1.0},
            "Judged by held-out loss, pre-trained vectors do not help here: they harm.",
        ),
        (
            {},
            {},
            "No difference in held-out loss between pre-trained and random vectors could be shown, which does not show",
        ),
    ],
)
def test_it_says_at_which_sizes_vectors_help(few, every, says):
    assert made_up(few, every).headline.startswith(says)


def test_the_answer_is_careful_where_the_intervals_do_not_cover_the_search():
    of_one = made_up({"glove": -1.0}, search_seeds=1, rates=(0.001, 0.003))
    assert of_one.headline.startswith("Judged by held-out loss, pre-trained vectors seem to help with 5% of the")
    assert any("chosen with one seed only" in sentence for sentence in limits(of_one))


def test_each_size_has_its_arms_and_the_answer_what_it_holds_for():
    headline = made_up({"glove": -1.0, "glove, raw": 1.0}, {"glove": -1.0, "glove, raw": -1.0}).headline
    assert (
        "With 5% of the training pairs (50), “glove” does better than “random”; “glove, raw” does worse "
        "than it. With all 1,000 training pairs, “glove” and “glove, raw” do better than “random”. This "
        "holds for these data and this small model (d_model 64, layers 1); for others it may not."
    ) in headline


def test_sizes_that_show_the_same_are_said_once():
    assert (
        "With 5% and 100% of the training pairs (50 and 1,000), “glove” does better"
        in made_up({"glove": -1.0}, {"glove": -1.0}).headline
    )


def test_a_task_that_every_start_masters_is_called_too_easy():
    easy = collected(plan(arms=ARMS, sizes=(1.0,), task="parts of speech"), {})
    rows = {
        job: replace(row, exact=0.99 + 0.0001 * (job.seed % 3), best_step=row.steps[-1])
        for job, row in easy.compared.items()
    }
    summary = Summary(replace(easy, compared=rows))
    assert any(row.improving for row in summary.arms(1.0))
    headline = summary.headline
    assert "longer training" not in headline  # what decides cannot rise
    assert headline.startswith("This task is too easy to tell the starts apart. With all 1,000 training pairs, every")
    assert "every arm has 99.0% or more, which leaves nothing to gain." in headline


def test_without_a_random_baseline_or_vectors_there_is_nothing_to_decide():
    summary = Summary(collected(plan(arms=ARMS, baseline="glove")))
    assert summary.decision("loss") == ()
    assert summary.headline == summary.answer("loss")
