"""Measures of labels against scikit-learn's, and calibration against a sum over bins."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.metrics import confusion_matrix, f1_score, precision_recall_fscore_support

from explorer.transformer.confusion import Confusion, calibration_error, label_scores
from explorer.transformer.tape import Tape
from tests.transformer.test_classification import labelled, small


@settings(max_examples=30, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=30))
def test_the_measures_are_scikit_learns(pairs):
    right, given_labels = zip(*pairs, strict=True)
    counts = confusion_matrix(right, given_labels, labels=range(4))
    confusion = Confusion.of(counts.ravel().tolist())
    np.testing.assert_array_equal(confusion.counts, counts)
    assert confusion.accuracy == pytest.approx(np.mean(np.equal(right, given_labels)))
    expected = precision_recall_fscore_support(right, given_labels, labels=range(4), zero_division=0)
    ours = [(label.precision, label.recall, label.f1, label.texts) for label in confusion.by_label]
    np.testing.assert_allclose(np.transpose(ours), expected)
    there = sorted(set(right))
    macro = f1_score(right, given_labels, labels=there, average="macro", zero_division=0)
    assert confusion.macro_f1 == pytest.approx(macro)


def test_calibration_is_the_gap_between_how_sure_and_how_often_right():
    sure, right = np.array([0.95, 0.94, 0.55, 0.56]), np.array([True, False, True, True])
    assert calibration_error(sure, right) == pytest.approx((0.5 * abs(0.945 - 0.5)) + 0.5 * abs(0.555 - 1))
    assert calibration_error(np.ones(3), np.ones(3, bool)) == 0


def test_scores_are_those_of_the_model_text_by_text():
    model, texts = small(dropout=0.5), labelled(30)
    scores = label_scores(model, texts, batch_size=7)
    losses, counts = [], np.zeros((2, 2), int)
    for words, (label,) in texts:
        logits = model.logits(Tape(model.parameters, tracing=False), model.ids((words, (label,)))).value[0]
        number = model.labels.index(label)
        losses.append(np.log(np.exp(logits).sum()) - logits[number])
        counts[number, logits.argmax()] += 1
    assert scores.loss == pytest.approx(np.mean(losses))
    np.testing.assert_array_equal(scores.confusion.counts, counts)
    assert scores.confusion.accuracy == pytest.approx(np.trace(counts) / 30)
