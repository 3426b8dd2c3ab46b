"""The terms of a comparison say what is so of it."""

from explorer.initialisation.strategies import Strategy
from explorer.initialisation.summary import Summary
from tests.initialisation.made_up import ARMS, collected, plan


def meanings(**options):
    return dict(Summary(collected(plan(**options))).terms)


def test_arms_may_differ_in_more_than_their_start():
    frozen = Strategy("pretrained", "wiki-en-glove", "xavier", "frozen")
    said = meanings(arms={**ARMS, "frozen": frozen})
    assert "differ only in the arm" in said["Seed"]
    assert "of the weights that are trained" in said["Update"]
