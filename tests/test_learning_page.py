"""The page that trains, through Streamlit's own test runner."""

import time
import weakref

import pytest

from explorer.initialisation import library, runner
from explorer.lesson import learning
from tests.initialisation.small import small_plan
from tests.test_pages import sentences, visit

SMALL = {"d_model": "8", "heads": "2"}


def train(app, label="Train"):
    (button,) = [button for button in app.button if button.label == label]
    return button.click().run()


def trained(app):
    """Press Train and wait until it has ended."""
    train(app)
    app.session_state["learning"].wait(120)
    return app.run()


def problems(app):
    return [said for said in sentences(app) if "alert" in said]


def test_a_training_ends_and_can_be_looked_back_at():
    app = trained(visit("learning", **SMALL, updates="12", moment="5"))
    assert "8,234 pairs" in sentences(app)[0]
    assert any("After 5 updates" in said for said in sentences(app))
    app.select_slider(key="moment").set_value(0).run()
    assert any("After 0 updates" in said for said in sentences(app))
    assert app.query_params["moment"] == "0"
    assert list(app.dataframe[1].value.columns) == ["neighbour", "cosine", "risen since the start"]
    assert len(app.get("download_button")) == 4


def test_pasted_pairs_are_learnt_or_refused_and_nothing_is_lost():
    app = trained(visit("learning", **SMALL, data="pasted pairs", updates="3", source="good night"))
    assert "4 pairs" in sentences(app)[0]
    assert "4 of them in an update. They are too few to keep some for validation." in sentences(app)[0]
    assert any("After 3 updates: the pairs it learns from: loss" in said for said in sentences(app))
    for broken, why in (
        ("only one column", "line 1: a line needs 2 columns"),
        ("  \n", "The pasted text is empty"),
        ("one\t!!!", "has a side without words"),
        ("test\tone\tuno", "None of the pairs is for training"),
        (f"one\t{'uno ' * 70}", "reads at most 64"),
    ):
        app.text_area[0].set_value(broken).run()
        train(app)
        (sentence,) = problems(app)
        assert why in sentence
        assert app.text_area[0].value == broken
        assert any("After 3 updates" in said for said in sentences(app))  # the one before is still there
    app.selectbox(key="data").set_value("phrase book").run()
    app.selectbox(key="data").set_value("pasted pairs").run()
    assert app.text_area[0].value == broken


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        ({"d_model": "9", "heads": "4"}, "4 heads do not divide d_model = 9"),
        ({"rate": "fast"}, "“fast” is not a number"),
        ({"rate": "-1"}, "must be a number above 0"),
        ({"data": "mine"}, "There are no pairs called “mine”"),
        ({"vectors": "mine"}, "mine"),
        ({"updates": "9999"}, "“9999” is not a whole number from 1 to 5,000"),
    ],
)
def test_bad_settings_get_a_sentence(settings, said):
    (sentence,) = problems(train(visit("learning", **settings)))
    assert said in sentence


def test_bad_questions_get_a_sentence_and_the_rest_stays():
    app = trained(visit("learning", **SMALL, updates="3"))
    for name, text, why in (
        ("source", "", "The source is empty"),
        ("source", "good " * 30, "30 words, but a lesson shows 24 at most"),
        ("source", "xyzzy plugh", "The model knows none of the words"),
        ("target", "de xyzzy", "The model cannot say “xyzzy”"),
        ("matrix", "nowhere", "This model has no matrix “nowhere”"),
        ("moment", "soon", "“soon” is not a whole number"),
    ):
        app.query_params[name] = text
        app.run()
        (sentence,) = problems(app)
        assert why in sentence
        assert len(app.header) == 4
        del app.query_params[name]
    app.query_params.update({"source": "you xyzzy", "word": "xyzzy"})
    told = " ".join(sentences(app.run()))
    assert "reads the mark for unknown words instead: “xyzzy”." in told
    assert "“xyzzy” is not among the source words it learns from." in told


@pytest.mark.filterwarnings("ignore:(overflow|invalid|divide)")
def test_a_rate_that_is_too_high_is_said_and_what_was_learnt_is_kept():
    app = trained(visit("learning", **SMALL, updates="12", rate="1e36"))
    (sentence,) = problems(app)
    assert "diverged at step" in sentence
    assert "Lower the learning rate" in sentence


def test_a_run_of_a_comparison_is_trained_once_more(tmp_path, monkeypatch):
    monkeypatch.setattr(library, "RESULTS", tmp_path)
    plan = small_plan(tmp_path)
    runner.run(plan, tmp_path / plan.name, workers=1)
    (tmp_path / plan.name / runner.PLAN).write_text(plan.as_toml(), encoding="utf-8")
    app = visit("learning", run=plan.name, arm="random", share="0.5", seed="1")
    assert "learning" not in app.session_state  # an address alone, which any page can frame, starts no work
    (offer,) = sentences(app)
    assert "can be trained once more" in offer
    train(app, "Train it once more")
    app.session_state["learning"].wait(60)
    told = " ".join(sentences(app.run()))
    assert "The run “random” of “small” with 50% of the pairs and seed 1, trained once more." in told
    assert "All 4 validation losses are those of the comparison, to the last digit." in told
    assert problems(app) == []
    assert len(app.header) == 4
    assert "Train it once more" not in [button.label for button in app.button]
    app.query_params["seed"] = "0"
    (offer,) = sentences(app.run())
    assert "seed 0 can be trained once more" in offer
    assert len(app.header) == 0
    run = weakref.ref(app.session_state["learning"])
    del app.query_params["run"]
    app.query_params.update(SMALL | {"updates": "1"})
    trained(app.run())
    assert run() is None  # another training frees the one before, and its moments
    (sentence,) = problems(visit("learning", run=plan.name, arm="nowhere"))
    assert "has no finished run of “nowhere”" in sentence
    (sentence,) = problems(visit("learning", run="nowhere"))
    assert "There is no comparison “nowhere”" in sentence


def test_a_closed_tab_ends_the_training(monkeypatch):
    monkeypatch.setattr(learning, "_ABANDONED", 0.3)
    app = train(visit("learning", **SMALL, updates="5000"))
    thread = app.session_state["learning"]
    deadline = time.monotonic() + 60
    while thread.running and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not thread.running
    assert "nobody was watching" in problems(app.run())[0]
