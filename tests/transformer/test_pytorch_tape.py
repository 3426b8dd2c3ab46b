"""A step that PyTorch computes has the loss, the gradients and the changes of the step that NumPy computes."""

from dataclasses import replace

import numpy as np
import pytest

from explorer.errors import UserError
from explorer.transformer.batches import Batches
from explorer.transformer.classifier import Classifier
from explorer.transformer.configuration import Configuration
from explorer.transformer.convolution import ConvolutionalClassifier
from explorer.transformer.language import LanguageModel
from explorer.transformer.training import Recipe, Training
from explorer.transformer.translator import Translator
from explorer.transformer.vocabulary import MARKS, Vocabulary

pytest.importorskip("torch")

WORDS = Vocabulary([*MARKS, "a", "b", "c", "d", "e", "f"])
PAIRS = [(["a", "b"], ["c"]), (["d", "e", "f", "a"], ["b", "c", "d"]), (["e"], ["f", "f"])]
TEXTS = [(["a", "b"], ["yes"]), (["d", "e", "f", "a"], ["no"]), (["e"], ["no"])]
LINES = [(sentence, sentence) for _, sentence in PAIRS]
SMALL = Configuration(8, heads=2, layers=2, dropout=0.2)


def translator(**changes):
    return Translator.fresh(replace(SMALL, **changes), WORDS, WORDS, 3), PAIRS


def classifier(**changes):
    return Classifier.fresh(replace(SMALL, **changes), WORDS, ["yes", "no"], 3), TEXTS


def convolution():
    table = np.random.default_rng(0).normal(size=(len(WORDS), 8))
    return ConvolutionalClassifier.fresh(SMALL, WORDS, ["yes", "no"], 3, table), TEXTS


def language_model():
    return LanguageModel.fresh(replace(SMALL, tied=True), WORDS, 3), LINES


@pytest.mark.parametrize(
    ("model", "pairs"),
    [
        translator(),
        translator(norm="pre", activation="gelu", positions="learned", scaled=True),
        translator(tied=True, dropout=0.0),
        classifier(),
        classifier(pooling="first"),
        classifier(pooling="attention"),
        convolution(),
        language_model(),
    ],
    ids=["translator", "pre-norm", "tied", "mean", "first", "attention", "convolution", "language model"],
)
@pytest.mark.parametrize("smoothing", [0.0, 0.1])
def test_steps_are_those_of_numpy(model, pairs, smoothing):
    by_numpy, by_pytorch = (
        Training(model, Recipe(batch_size=3, rate=0.01, smoothing=smoothing, backend=backend))
        for backend in ("numpy", "pytorch")
    )
    (batch,) = Batches(model, pairs, 3).in_order()
    for _ in range(3):
        assert by_pytorch.update(batch) == pytest.approx(by_numpy.update(batch), rel=1e-10)
        assert by_pytorch.gradient_length == pytest.approx(by_numpy.gradient_length, rel=1e-9)
    for name, array in by_numpy.translator.parameters.items():
        np.testing.assert_allclose(by_pytorch.translator.parameters[name], array, rtol=1e-7, atol=1e-9, err_msg=name)


def test_a_frozen_table_stays():
    model, pairs = translator()
    training = Training(model, Recipe(rate=0.01, frozen=("source.table",), backend="pytorch"))
    training.update(*Batches(model, pairs, 3).in_order())
    now = training.translator.parameters
    assert {name for name in now if (now[name] == model.parameters[name]).all()} == {"source.table"}


def test_a_backend_that_is_none_is_named():
    with pytest.raises(UserError, match="The backend is “jax”, but must be numpy or pytorch"):
        Recipe(backend="jax")
