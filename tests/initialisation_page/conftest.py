"""Comparisons of which all is known, in the place of those that came along."""

import pytest

from explorer.initialisation import library, runner
from tests.initialisation import made_up
from tests.initialisation.small import small_plan
from tests.initialisation_page.drawn import keep

run = runner.run


def one_process(plan, folder, workers, *rest):
    """What carries out a plan, without processes of its own."""
    return run(plan, folder, 1, *rest)


@pytest.fixture(scope="module")
def results(tmp_path_factory):
    """A folder with a comparison of which all is known, and one that was trained."""
    folder = tmp_path_factory.mktemp("results")
    keep(made_up.plan(watch=("good",)), folder)
    small = small_plan(folder)
    runner.run(small, folder / small.name, workers=1)
    return folder


@pytest.fixture(autouse=True)
def at_hand(results, monkeypatch, tmp_path, jobs_in_threads):
    monkeypatch.setattr(library, "SHIPPED", results)
    monkeypatch.setattr(library, "RESULTS", tmp_path)
    monkeypatch.setattr(runner, "run", one_process)
