"""What a cosine is made of, against plain sums."""

import json
import math

import numpy as np
import pytest

from explorer.embeddings import catalog
from explorer.embeddings.contributions import contributions
from explorer.embeddings.lookup import WordNotFound
from explorer.errors import UserError
from tests.embeddings.test_percentiles import cosine, embedding


@pytest.fixture(scope="module")
def model():
    return embedding(np.random.default_rng(0).normal(size=(200, 12)))


def test_shares_add_up_to_the_cosine_exactly(model):
    answer = contributions(model, "w3", "w7")
    assert len(answer.shares) == 12
    assert math.fsum(answer.shares) == answer.similarity
    assert answer.similarity == pytest.approx(cosine(*model.vectors[[3, 7]].astype(float)), abs=1e-12)


def test_the_largest_come_first_whatever_their_sign(model):
    answer = contributions(model, "w3", "w7", n=5)
    assert [abs(each.share) for each in answer.largest] == sorted(
        (abs(share) for share in answer.shares), reverse=True
    )[:5]
    for each in answer.largest:
        assert each.share == answer.shares[each.index] == each.first * each.second
        lengths = np.linalg.norm(model.vectors.astype(float), axis=1)
        assert each.first == pytest.approx(model.vectors[3, each.index] / lengths[3])


def test_the_ends_of_a_dimension_are_its_most_extreme_words(model):
    unit = model.vectors * model.inverse_norms[:, None]
    for each in contributions(model, "w3", "w7", n=3).largest:
        ascending = sorted(range(200), key=lambda row, i=each.index: unit[row, i])
        assert each.lowest == tuple(f"w{row}" for row in ascending[:5])
        assert each.highest == tuple(f"w{row}" for row in ascending[::-1][:5])


def test_shared_neighbours_are_near_to_both(model):
    answer = contributions(model, "w3", "w7")

    def nearest(row):
        others = [
            (-cosine(model.vectors[row], model.vectors[other]), other) for other in range(200) if other not in {3, 7}
        ]
        return {f"w{other}" for _, other in sorted(others)[:50]}

    assert answer.looked_at == 50
    assert {neighbour.word for neighbour in answer.shared} == nearest(3) & nearest(7)
    for neighbour in answer.shared:
        vector = model.vector(neighbour.word)
        assert neighbour.to_first == pytest.approx(cosine(model.vectors[3], vector), abs=1e-6)
        assert neighbour.to_second == pytest.approx(cosine(model.vectors[7], vector), abs=1e-6)
    weaker = [min(neighbour.to_first, neighbour.to_second) for neighbour in answer.shared]
    assert weaker == sorted(weaker, reverse=True)


def test_two_aircraft_share_other_aircraft():
    answer = contributions(catalog.load(), "Airplane", "helicopter")
    assert answer.first == "airplane"
    assert "aircraft" in [neighbour.word for neighbour in answer.shared]
    assert json.loads(json.dumps(answer.as_json()))["similarity"] == answer.similarity


def test_what_has_no_cosine_is_said(model):
    with pytest.raises(WordNotFound):
        contributions(model, "w3", "nowhere")
    with pytest.raises(UserError, match="all zeros"):
        contributions(embedding([[1.0, 0.0], [0.0, 0.0]]), "w0", "w1")
    with pytest.raises(UserError, match="n is 0"):
        contributions(model, "w3", "w7", n=0)
