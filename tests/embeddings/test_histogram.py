"""Numbers in bins."""

import numpy as np
import pytest

from explorer.embeddings import catalog
from explorer.embeddings.histogram import histogram
from explorer.embeddings.percentiles import percentile


def test_every_number_between_the_ends_is_counted_once():
    answer = histogram(np.array([0.0, 0.1, 0.5, 0.9, 1.0]), 2, 0, 1)
    assert answer.edges == (0.0, 0.5, 1.0)
    assert answer.counts == (2, 3)
    assert answer.middles == (0.25, 0.75)
    assert answer.width == 0.5


def test_a_percentile_has_the_histogram_of_its_random_pairs():
    answer = percentile(catalog.load(), "airplane", "aeroplane")
    assert sum(answer.histogram.counts) == answer.pairs
    assert answer.as_json()["histogram"] == answer.histogram.as_json()
    assert answer.histogram.edges[-1] == pytest.approx(1)
