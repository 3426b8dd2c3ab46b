"""How many words of one's own texts have a vector: said before the first run and in the answer."""

import gc
import weakref
from types import SimpleNamespace

from explorer.initialisation.collected import Collected, collect
from explorer.initialisation.coverage import Coverage, before, coverage, sentences, warnings
from explorer.initialisation.facts import FACTS_FILE, Facts, facts
from explorer.initialisation.strategies import Strategy
from explorer.initialisation.summary import Summary
from explorer.initialisation.tasks import Task
from explorer.questions.jobs import Compare
from explorer.transformer.vocabulary import Vocabulary
from tests.initialisation.texts import plan, reviews, write

HAS = (
    "wiki-en-glove has a vector for {}% of the running words, each counted as often as it occurs, and for {}% of the "
    "different words."
)
GERMAN = {"a": "ein", "good": "großartiger", "bad": "schlechter", "film": "Zeichentrickfilm", "story": "Erzählung"}


def translated(text):
    return " ".join(GERMAN.get(word, word + "ß") for word in text.split())


def test_shares_are_of_running_and_of_different_words(tmp_path):
    table = write(tmp_path / "reviews.csv", [(text.replace("film", "filmß"), label) for text, label in reviews()])
    (each,) = coverage(plan(table))
    assert each.model == "wiki-en-glove"
    assert (each.running, each.different) == (1 - 8 / 240, 18 / 19)  # "filmß" is in 8 of 80 texts of 3 words
    assert before(plan(table)) == (HAS.format(97, 95),)


def test_models_that_have_the_same_share_a_sentence():
    word2vec, glove, other = (Coverage(name, 0.9, share) for name, share in (("a", 0.7), ("b", 0.699), ("c", 0.5)))
    both, one = sentences([word2vec, other, glove])
    assert both.startswith("a and b have a vector for 90% of the running words")
    assert one.startswith("c has a vector for 90%")


def test_at_the_bound_the_percentages_of_a_warning_agree():
    shown = [warning for share in (0.846, 0.85, 0.851) for warning in warnings([Coverage("a", share, 0.5)])]
    assert len(shown) == 2
    for warning in shown:
        assert warning.startswith("a has no vector for 15% of the running words. If 15% or more are lacking")


def test_vectors_that_arms_make_of_subwords_count(tmp_path):
    table = write(tmp_path / "reviews.csv", [(text.replace("film", "filmß"), label) for text, label in reviews()])
    arms = {
        "random": Strategy("unit"),
        "drawn": Strategy("pretrained", "wiki-en-fasttext", "fresh"),
        "made": Strategy("pretrained", "wiki-en-fasttext", "fresh", missing="subwords"),
    }
    drawn, made = coverage(plan(table, arms=arms))
    assert (drawn.name, drawn.running) == ("wiki-en-fasttext", 1 - 8 / 240)
    assert (made.name, made.running) == ("wiki-en-fasttext with subwords", 1)


def test_vectors_of_another_language_are_a_warning_before_and_in_the_answer(tmp_path):
    table = write(tmp_path / "german.csv", [(translated(text), label) for text, label in reviews()])
    german = plan(table)
    has, warning = before(german)
    assert warning.startswith("wiki-en-glove has no vector for ")
    summary = Summary(collect(german, tmp_path / "results"))
    assert warning in summary.headline
    assert has in summary.sentences
    assert summary.as_json()["coverage"] == [vars(each) for each in coverage(german)]


def test_it_is_kept_for_when_the_texts_are_gone(tmp_path):
    table = write(tmp_path / "reviews.csv", reviews())
    known = Facts.of(plan(table)).covered(plan(table))
    assert known.coverage
    (tmp_path / FACTS_FILE).write_text(known.as_toml(), encoding="utf-8")
    table.unlink()
    assert facts(plan(table), tmp_path) == known


def test_what_is_measured_opens_no_model(tmp_path, monkeypatch):
    reviewed = plan(write(tmp_path / "reviews.csv", reviews()))
    monkeypatch.delattr("explorer.embeddings.catalog.load")
    assert facts(reviewed, tmp_path).measures[0] == "accuracy"


def test_a_task_is_not_kept_for_its_coverage():
    pairs = ((("a", "film"), ("good",)),)
    words, labels = (Vocabulary.of(pair[side] for pair in pairs) for side in (0, 1))
    arms = {"vectors": Strategy("pretrained", "wiki-en-glove", "fresh")}
    asked = SimpleNamespace(arms=arms, data=Task("a", pairs, pairs, pairs, words, labels))
    assert coverage(asked)[0].running == 1
    kept = weakref.ref(asked.data)
    del asked
    gc.collect()
    assert kept() is None


def test_a_command_says_it_before_the_first_run(tmp_path, monkeypatch):
    table = write(tmp_path / "reviews.csv", reviews())
    announced = []
    monkeypatch.setattr("explorer.initialisation.runner.run", lambda plan, *_: Collected(plan, {}, {}, 10))
    Compare(data=table, vectors="wiki-en-glove", out=tmp_path / "out").answer(announce=announced.append)
    assert HAS.format(100, 100) in announced
