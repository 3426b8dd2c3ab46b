"""What a model is good for, and of what to beware: measured values, each held against its rule."""

import pytest

from explorer.embeddings import catalog
from explorer.embeddings import verdict as verdicts
from explorer.embeddings.bounds import MEASURED
from explorer.embeddings.health import examine
from explorer.embeddings.importing import import_model, remove
from explorer.embeddings.verdict import BEWARE, GOOD, RULES, Finding, Rule, Verdict, verdict
from tests.embeddings.conftest import own_models  # noqa: F401


@pytest.mark.parametrize(
    ("rule", "value", "says"),
    [
        (Rule("high", 0.5, 0.3), 0.5, "good"),
        (Rule("high", 0.5, 0.3), 0.3, "fair"),
        (Rule("high", 0.5, 0.3), 0.29, "beware"),
        (Rule("low", 0.1, 0.2, lower=True), 0.1, "good"),
        (Rule("low", 0.1, 0.2, lower=True), 0.2, "fair"),
        (Rule("low", 0.1, 0.2, lower=True), 0.21, "beware"),
        (Rule("only good", 1, None), 0, ""),
        (Rule("only bad", None, 1), 1, ""),
        (Rule("high", 0.5, 0.3), None, "not known"),
    ],
)
def test_a_rule_has_two_limits(rule, value, says):
    assert rule.verdict(value) == says


def test_the_verdict_about_the_shipped_models_follows_from_their_cards():
    judged = {name: verdict(catalog.load(name)) for name in catalog.SHIPPED}
    for name, answer in judged.items():
        card = catalog.card(name)
        values = {each.rule.measure: each.value for each in answer.findings}
        assert [each.rule for each in answer.findings] == list(RULES)
        assert card.scores.items() >= {measure: values[measure] for measure in ("analogies", "simlex999")}.items()
        assert card.health.items() <= values.items()
        assert card.differs
    assert "English analogies such as king − man + woman (67% of Google’s are answered correctly)" in judged[
        catalog.DEFAULT
    ].of(GOOD)
    assert "high cosines: even random words have 0.26 on average, so go by “pairs as high”" in judged[
        "wiki-en-fasttext"
    ].of(BEWARE)


def test_the_health_on_a_card_is_what_is_measured():
    name = "wiki-en-fasttext"
    (space, *_) = examine(catalog.load(name), MEASURED)
    assert catalog.card(name).health == pytest.approx(
        {
            "hubness": space.hubness.skewness,
            "mean_cosine": space.anisotropy.mean_cosine,
            "same_frequency": space.frequency.same_band,
        },
        abs=1e-3,
    )


def test_what_was_measured_of_a_model_is_not_said_of_another_with_its_name(own_models, tmp_path):  # noqa: F811
    (file := tmp_path / "mine.txt").write_text("king 1 0\nqueen 0 1\n")
    import_model(file, "mine")
    rule = next(rule for rule in RULES if rule.measure == "hubness")
    verdicts._judged[catalog.load("mine")] = Verdict("mine", (Finding(rule, 2.0),))
    assert verdicts.known(catalog.card("mine")) == {"hubness": 2.0}
    assert verdicts.is_known(catalog.card("mine"))
    remove("mine")
    import_model(file, "mine")
    for _ in ("not open", "open"):
        assert verdicts.known(catalog.card("mine")) == {}
        assert not verdicts.is_known(catalog.card("mine"))
        catalog.load("mine")


def test_the_benchmarks_are_said_to_be_english():
    for measure in verdicts._BENCHMARKS:
        assert all("English" in text for text in (verdicts.NAMES[measure], *verdicts._sentences(0.5)[measure]))
