"""The terms of a comparison say what is so of it."""

from dataclasses import replace

import pytest

from explorer.initialisation.facts import Facts
from explorer.initialisation.measures import MEASURES, OF_LABELS, OF_LANGUAGE, OF_TRANSLATIONS
from explorer.initialisation.strategies import Strategy
from explorer.initialisation.summary import Summary
from tests.initialisation.made_up import ARMS, collected, plan


def meanings(measures=OF_TRANSLATIONS, **options):
    task = Facts("", "", measures)
    return dict(Summary(replace(collected(plan(**options)), task=task)).terms)


def test_arms_may_differ_in_more_than_their_start():
    frozen = Strategy("pretrained", "wiki-en-glove", "xavier", "frozen")
    said = meanings(arms={**ARMS, "frozen": frozen})
    assert "differ only in the arm" in said["Seed"]
    assert "of the weights that are trained" in said["Update"]


@pytest.mark.parametrize("keys", [OF_TRANSLATIONS, OF_LANGUAGE, OF_LABELS])
def test_the_measures_of_each_kind_of_task_are_explained(keys):
    said, measures = meanings(keys, threshold=1.5), [MEASURES[key] for key in keys]
    for measure in measures:
        assert measure.title in said or "loss" in measure.noun or measure.key == "accuracy"
    assert ("Nat" in said) == any("nats" in measure.unit for measure in measures)
    assert ("Perplexity" in said) == ("perplexity" in keys)
    assert "steps" not in keys or "is 1.5 or less" in said["Updates to the threshold"]


def test_a_loss_has_its_unit_explained_in_any_language(monkeypatch):
    for key in ("loss", "area"):
        monkeypatch.setitem(MEASURES, key, replace(MEASURES[key], unit="Nats je Token"))
    assert "Nat" in meanings(("loss", "area"))
