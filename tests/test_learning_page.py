"""The page that trains, through Streamlit's own test runner."""

import time

from tests.test_pages import sentences, visit


def trained(app):
    """Press Train and wait until it has ended."""
    app.button[0].click().run()
    deadline = time.monotonic() + 120
    while app.session_state["learning"].running and time.monotonic() < deadline:
        app.session_state["learning"].look()
        time.sleep(0.1)
    return app.run()


def test_a_training_ends_and_can_be_looked_back_at():
    app = trained(visit("learning", d_model="8", heads="2", updates="12"))
    assert "8,234 pairs" in sentences(app)[0]
    assert any("After 12 updates" in said for said in sentences(app))
    app.select_slider(key="moment").set_value(0).run()
    assert any("After 0 updates" in said for said in sentences(app))
    assert len(app.dataframe) == 2
    assert list(app.dataframe[1].value.columns) == ["neighbour", "cosine", "rank since the start"]


def test_pasted_pairs_are_learnt_or_refused_in_a_sentence():
    app = visit("learning", data="pasted pairs", d_model="8", heads="2", updates="3", source="good night")
    app = trained(app)
    assert "4 pairs" in sentences(app)[0]
    app.text_area[0].set_value("only one column").run()
    app.button[0].click().run()
    (sentence,) = [said for said in sentences(app) if "alert" in said]
    assert "a line needs 2 columns" in sentence


def test_bad_settings_get_a_sentence():
    app = visit("learning", d_model="9", heads="4")
    app.button[0].click().run()
    (sentence,) = sentences(app)
    assert "4 heads do not divide d_model = 9" in sentence
