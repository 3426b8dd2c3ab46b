"""The classifier: every gradient against PyTorch, each pooling against its sentence, and that it learns labels."""

import numpy as np
import pytest

from explorer.errors import UserError
from explorer.transformer.batches import Batches
from explorer.transformer.classification import classifier, label_loss
from explorer.transformer.classifier import Classifier
from explorer.transformer.configuration import Configuration
from explorer.transformer.layers import sinusoidal_positions
from explorer.transformer.passing import labelled_pass
from explorer.transformer.tape import Tape
from explorer.transformer.training import Recipe, Training, measure
from explorer.transformer.vocabulary import START, Vocabulary
from tests.transformer.conftest import ENGLISH, random_sizes, toy_pairs, uneven_parameters
from tests.transformer.golden_transformer import assert_same_tensors

POOLINGS = ("mean", "first", "attention")
WORDS = Vocabulary.of([ENGLISH])


def small(pooling="mean", seed=0, **changes):
    sizes = {"d_model": 8, "heads": 2, "layers": 1, "longest": 8, "pooling": pooling} | changes
    return Classifier.fresh(Configuration(**sizes), WORDS, ("few", "many"), seed)


def labelled(count, seed=0):
    """Texts of one to four numbers; “many” are those with a six."""
    return [(words, ("many" if "six" in words else "few",)) for words, _ in toy_pairs(count, seed)]


def random_case(seed):
    """A random configuration, uneven parameters, and a padded batch with repeated tokens."""
    random = np.random.default_rng(seed)
    configuration = Configuration(
        **random_sizes(random, seed),
        source_words=9,
        labels=int(random.integers(2, 6)),
        pooling=POOLINGS[seed % 3],
    )
    parameters = uneven_parameters(configuration, seed, random)
    source = random.integers(1, 9, (int(random.integers(1, 6)), int(random.integers(2, 8))))
    source[:, 1] = source[:, 0]
    for row in source[1:]:
        row[int(random.integers(1, len(row) + 1)) :] = 0
    return configuration, parameters, source, random.integers(0, configuration.labels, (len(source), 1))


@pytest.mark.parametrize("seed", range(18))
def test_every_gradient_equals_pytorchs(seed):
    pytest.importorskip("torch", reason="the live comparison needs PyTorch: pip install torch==2.13.0")
    from tests.transformer.pytorch_transformer import as_arrays, pytorch_pass

    configuration, parameters, source, expected = random_case(seed)
    tape = Tape(parameters)
    gradients = tape.backward(label_loss(classifier(tape, source, configuration), expected))
    sines = sinusoidal_positions(configuration.longest, configuration.d_model)
    tensors, leaves = pytorch_pass(configuration, parameters, sines, source, None, expected)
    assert_same_tensors(tape, *as_arrays(tensors, leaves))
    assert set(gradients) == set(leaves)


@pytest.mark.parametrize("pooling", POOLINGS)
def test_training_takes_the_gradients_of_the_trace_and_padding_changes_nothing(pooling):
    model = small(pooling)
    texts = [(["one"], ("few",)), (["six", "two", "one", "one"], ("many",))]
    (batch,) = Batches(model, texts, 2).in_order()
    traced, quick = Tape(model.parameters), Tape(model.parameters, tracing=False)
    both = [tape.backward(label_loss(model.logits(tape, batch), batch.expected)) for tape in (traced, quick)]
    for name, gradient in both[0].items():
        np.testing.assert_allclose(both[1][name], gradient, atol=1e-12, err_msg=name)
    together = model.logits(Tape(model.parameters), batch).value
    for row, text in enumerate(texts):
        alone = model.logits(Tape(model.parameters), model.ids(text)).value
        np.testing.assert_allclose(alone, together[row], atol=1e-12)


def test_a_pooling_weighs_the_words_as_its_name_says():
    words = ["one", "two", "six"]
    weights = {pooling: labelled_pass(small(pooling), words, "many")["pooling.weights"].value for pooling in POOLINGS}
    np.testing.assert_allclose(weights["mean"], [[1 / 3] * 3])
    np.testing.assert_allclose(weights["attention"], weights["mean"])  # as long as its query is 0
    assert weights["first"].tolist() == [[1, 0, 0, 0]]
    assert small("first").read(words)[0] == START


@pytest.mark.parametrize("pooling", POOLINGS)
def test_every_tensor_is_written_and_every_number_adds_up(pooling):
    trace = labelled_pass(small(pooling, layers=1), ["one", "two"], "few")
    for tensor in [*trace, *trace.parameters.values()]:
        if tensor.name.startswith(("pooling", "labels")):
            assert len(tensor.axes) == len(tensor.shape)
            assert all(map(len, trace.labels(tensor.name)))
            assert "{0}" not in tensor.formula
    assert trace.labels("labels.logits")[1] == ("few", "many")
    for name in ("pooling.pooled", "labels.logits", "labels.probabilities"):
        assert trace.explain(name, 0, 1).total == pytest.approx(trace[name].value[0, 1])
        assert trace.explain_gradient(name, 0, 1).total == pytest.approx(trace[name].gradient[0, 1])


@pytest.mark.parametrize("pooling", POOLINGS)
def test_it_learns_which_texts_hold_a_word(pooling):
    training = Training(small(pooling, d_model=16, dropout=0.1), Recipe(epochs=6, batch_size=16, rate=1e-2))
    training.run(labelled(300), labelled(40, seed=1))
    assert measure(training.translator, Batches(training.translator, labelled(80, seed=2), 16)).accuracy > 0.95


def test_a_frozen_table_stays():
    before = small()
    after = Training(before, Recipe(epochs=1, frozen=("source.table",))).run(labelled(40)).translator
    np.testing.assert_array_equal(after.parameters["source.table"], before.parameters["source.table"])
    assert not np.array_equal(after.parameters["labels.output.weight"], before.parameters["labels.output.weight"])


def test_what_does_not_fit_is_said():
    with pytest.raises(UserError, match=r"no label “lots”\. The classifier gives few, many"):
        labelled_pass(small(), ["one"], "lots")
    with pytest.raises(UserError, match="pooling is “max”, but must be mean or first or attention"):
        small("max")
    with pytest.raises(UserError, match="for 10 words and 2 labels, but there are 10 and 1"):
        Classifier(small().configuration, small().parameters, WORDS, ("few",))
