"""Hubness, anisotropy and frequency bias, against plain loops, SciPy and scikit-learn, and on spaces made to be ill."""

import itertools

import numpy as np
import pytest
from scipy.stats import skew
from sklearn.linear_model import Ridge
from sklearn.metrics import r2_score

from explorer.embeddings import catalog
from explorer.embeddings.health import (
    MOST_WORDS,
    anisotropy,
    examine,
    frequency_bias,
    health,
    hubness,
    isotropy,
    predictability,
    spaces,
)
from explorer.embeddings.search.exact import nearest_of_each
from explorer.errors import UserError
from explorer.questions.models import Health
from tests.embeddings.small import embedding_of
from tests.embeddings.test_percentiles import cosine, embedding

COUNTS = [10**7 // rank for rank in range(1, 301)]


@pytest.fixture(scope="module")
def cloud():
    """300 vectors without any preference."""
    return embedding(np.random.default_rng(0).normal(size=(300, 12)), COUNTS)


@pytest.fixture(scope="module")
def cone():
    """300 vectors that share a direction, and of which another tells how frequent they are."""
    vectors = np.random.default_rng(1).normal(size=(300, 12))
    vectors[:, 0] += 8
    vectors[:, 1] += 3 * np.log(COUNTS) - 3 * np.mean(np.log(COUNTS))
    return embedding(vectors, COUNTS)


def test_hubs_are_counted_as_a_plain_loop_does(cone):
    nearest = nearest_of_each(cone.vectors, cone.inverse_norms, 10)
    times = [sum(row in near for near in nearest.tolist()) for row in range(300)]
    measured = hubness(cone, nearest)
    assert measured.occurrences.tolist() == times
    assert sum(times) == 300 * 10
    assert measured.skewness == pytest.approx(skew(times))
    assert measured.orphans == pytest.approx(times.count(0) / 300)
    assert measured.hubs[0] == (f"w{int(np.argmax(times))}", max(times))


def test_the_mean_cosine_is_that_of_all_pairs(cone):
    every = [cosine(a, b) for a, b in itertools.combinations(cone.vectors, 2)]
    measured = anisotropy(cone)
    assert measured.mean_cosine == pytest.approx(np.mean(every), abs=1e-6)
    assert np.mean(measured.cosines) == pytest.approx(np.mean(every), abs=0.02)
    assert sum(measured.variance) <= 1


def test_isotropy_is_equation_7(cloud, cone):
    def plain(vectors):
        _, axes = np.linalg.eigh(vectors.T @ vectors)
        sums = [sum(np.exp(np.dot(c, v)) for v in vectors) for axis in axes.T for c in (axis, -axis)]
        return min(sums) / max(sums)

    for space in (cloud, cone):
        assert isotropy(space) == pytest.approx(plain(space.vectors.astype(np.float64)), rel=1e-9)


def test_the_share_of_neighbours_in_the_same_band(cone):
    nearest = nearest_of_each(cone.vectors, cone.inverse_norms, 10)
    same = [np.mean([row * 10 // 300 == near * 10 // 300 for near in nearest[row]]) for row in range(300)]
    measured = frequency_bias(cone, nearest)
    assert measured.same_band == pytest.approx(np.mean(same))
    assert measured.by_band == pytest.approx([np.mean(same[start : start + 30]) for start in range(0, 300, 30)])
    assert measured.chance == pytest.approx(29 / 299)


def test_predictability_is_scikit_learns_on_words_that_were_held_out(cone):
    unit = cone.vectors * cone.inverse_norms[:, None]
    regression = Ridge(alpha=1).fit(unit[::2], np.log(COUNTS[::2]))
    expected = r2_score(np.log(COUNTS[1::2]), regression.predict(unit[1::2]))
    assert predictability(cone) == pytest.approx(expected, abs=1e-6)


def test_a_word_that_never_occurs_is_as_rare_as_can_be():
    vectors = np.random.default_rng(2).normal(size=(200, 5))
    never, once = ([10**6 // rank for rank in range(1, 200)] + [last] for last in (0, 1))
    assert predictability(embedding(vectors, never)) == predictability(embedding(vectors, once))


def test_illness_is_found_and_the_remedies_help(cloud, cone):
    healthy = health(cloud)
    raw, centred, rest = examine(cone, 300, 1)
    assert raw.anisotropy.mean_cosine > 0.5 > abs(healthy.anisotropy.mean_cosine) + 0.4
    assert raw.anisotropy.isotropy < healthy.anisotropy.isotropy
    assert raw.frequency.r_squared > 0.5 > healthy.frequency.r_squared
    assert centred.anisotropy.mean_cosine < 0.1
    assert rest.hubness.skewness < raw.hubness.skewness
    assert rest.frequency.same_band < raw.frequency.same_band


def test_progress_reaches_the_end_and_a_known_answer_comes_at_once(cone):
    shares: list[float] = []
    first = examine(cone, 200, 2, shares.append)
    assert shares == sorted(shares)
    assert shares[-1] == pytest.approx(1)
    assert examine(cone, 200, 2, pytest.fail) is first


def test_a_progress_that_raises_stops_the_work(cone):
    def stop(share):
        raise InterruptedError

    with pytest.raises(InterruptedError):
        examine(cone, 150, 2, stop)


def test_the_shipped_model_is_measured():
    raw, centred, _ = examine(catalog.load(), 1000)
    assert raw.words == 1000
    assert abs(centred.anisotropy.mean_cosine) < abs(raw.anisotropy.mean_cosine)
    assert set(raw.as_json()) == {"name", "words", "left_out", "hubness", "anisotropy", "frequency_bias"}


def test_too_few_or_too_many_words_are_refused(cone, tiny):
    for words in (0, 99, MOST_WORDS + 1):
        with pytest.raises(UserError, match="Health is measured over 100 to 50,000 words"):
            examine(cone, words)
    with pytest.raises(UserError, match="tiny has 8 words"):
        examine(tiny)
    with pytest.raises(UserError, match="The vectors of small have one dimension"):
        examine(embedding_of([f"word{row}" for row in range(100)], dimensions=1))


def test_an_answer_says_how_healthy_a_model_is_and_what_centring_does_to_a_word():
    answer = Health(model=catalog.DEFAULT, words=1000, word="king").answer()
    assert answer.verdict[0].startswith("Good for varied lists")
    raw, _, rest = spaces(catalog.load(), 1000)
    for near, space in zip((answer.example.near[0], answer.example.near[2]), (raw, rest), strict=True):
        unit = space.vectors * space.inverse_norms[:, None]
        cosines = unit @ unit[space.words.index("king")]
        order = [space.words[row] for row in np.argsort(-cosines)[1:9]]
        assert [row.word for row in near] == order
    assert [row[0] for row in answer.table().rows][-1] == "neighbour 8 of king"
    assert answer.as_json()["example"]["neighbours"][0][0]["word"] == answer.example.near[0][0].word
