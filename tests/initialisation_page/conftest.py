"""Comparisons of which all is known, in the place of those that came along."""

from functools import partial

import pytest

from explorer.initialisation import library, runner
from explorer.ui import comparisons
from tests.initialisation import made_up
from tests.initialisation.small import small_plan
from tests.initialisation_page.drawn import keep


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """A folder with a comparison of which all is known, and one that was trained."""
    folder = tmp_path_factory.mktemp("results")
    keep(made_up.plan(watch=("good",)), folder)
    small = small_plan(folder)
    runner.run(small, folder / small.name, workers=1)
    return folder


@pytest.fixture(autouse=True)
def at_hand(results, monkeypatch, tmp_path):
    monkeypatch.setattr(library, "SHIPPED", results)
    monkeypatch.setattr(library, "RESULTS", tmp_path)
    monkeypatch.setattr(comparisons, "run", partial(runner.run, workers=1))
