"""Kim's network: every gradient against PyTorch, padding, the bound of its weights, and that it learns labels."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from explorer.errors import UserError
from explorer.transformer.batches import Batches
from explorer.transformer.classification import label_loss
from explorer.transformer.configuration import Configuration
from explorer.transformer.convolution import FILTERS, LONGEST, WINDOWS, ConvolutionalClassifier, Features
from explorer.transformer.tape import Tape
from explorer.transformer.training import Recipe, Training, measure
from explorer.transformer.vocabulary import Vocabulary
from tests.transformer.conftest import ENGLISH, toy_pairs
from tests.transformer.test_operations import assert_vjp_is_right, leading, quick, random_array, seeds, sizes

WORDS = Vocabulary.of([ENGLISH])


def small(seed=0, width=0):
    table = random_array(seed, len(WORDS), width or 6)
    return ConvolutionalClassifier.fresh(Configuration(6, source_width=width), WORDS, ("few", "many"), seed, table)


def labelled(count, seed=0):
    """Texts of one to four numbers; “many” are those with a six."""
    return [(words, ("many" if "six" in words else "few",)) for words, _ in toy_pairs(count, seed)]


@quick
@given(lead=leading, words=st.integers(1, 5), d=sizes, filters=sizes, seed=seeds)
def test_the_fused_operation_has_the_slopes_of_differences(lead, words, d, filters, seed):
    lengths = np.random.default_rng(seed).integers(1, words + 1, lead)
    windows = (2, 3)
    parameters = [random_array(seed + w, *shape) for w in windows for shape in ((w * d, filters), (filters,))]
    operation = Features(windows, np.arange(words) < lengths[..., None])
    assert_vjp_is_right(operation, random_array(seed, *lead, words, d), *parameters)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize("width", [0, 9])
def test_logits_and_every_gradient_equal_pytorchs(seed, width):
    torch = pytest.importorskip("torch", reason="the live comparison needs PyTorch: pip install torch==2.13.0")
    model, random = small(seed, width), np.random.default_rng(seed)
    ids = random.integers(1, len(WORDS), (5, 7))
    for row in ids[1:]:
        row[int(random.integers(1, 7)) :] = 0
    expected = random.integers(0, 2, (5, 1))
    leaves = {name: torch.tensor(array, requires_grad=True) for name, array in model.parameters.items()}
    logits = []
    for row in ids:  # one text at a time: nothing is padded but by the convolution itself
        x = leaves["source.table"][torch.tensor(row[row > 0])]
        x = x @ leaves["source.projection"] if width else x
        features = []
        for w in WINDOWS:
            kernel = leaves[f"convolution.{w}.weight"].reshape(w, 6, FILTERS).permute(2, 1, 0)
            sums = torch.nn.functional.conv1d(x.T[None], kernel, leaves[f"convolution.{w}.bias"], padding=w - 1)
            features.append(torch.relu(sums).max(dim=-1).values[0])
        logits.append(torch.cat(features) @ leaves["labels.output.weight"] + leaves["labels.output.bias"])
    loss = torch.nn.functional.cross_entropy(torch.stack(logits), torch.tensor(expected[:, 0]))
    loss.backward()

    tape = Tape(model.parameters, tracing=False)
    own = model.logits(tape, model.ids((["one"], ("few",)))._replace(source=ids))
    np.testing.assert_allclose(own.value[:, 0], torch.stack(logits).detach().numpy(), atol=1e-12)
    gradients = tape.backward(label_loss(own, expected))
    assert set(gradients) == set(leaves)
    for name, leaf in leaves.items():
        np.testing.assert_allclose(gradients[name], leaf.grad.numpy(), atol=1e-12, err_msg=name)


def test_weights_of_a_label_are_at_most_three_long_after_an_update():
    model = small()
    model.parameters["labels.output.weight"][:] *= [1, 100]
    short = model.parameters["labels.output.weight"][:, 0].copy()
    model.constrain()
    lengths = np.linalg.norm(model.parameters["labels.output.weight"], axis=0)
    assert lengths[1] == pytest.approx(LONGEST)
    np.testing.assert_array_equal(model.parameters["labels.output.weight"][:, 0], short)
    training = Training(model, Recipe(rate=1.0, batch_size=4, epochs=3))
    training.run(labelled(8))
    assert np.linalg.norm(training.translator.parameters["labels.output.weight"], axis=0).max() <= LONGEST + 1e-9


def test_it_learns_labels_that_training_shows():
    training = Training(small(), Recipe(rate=0.01, batch_size=16, epochs=6))
    training.run(labelled(96))
    assert measure(training.translator, Batches(training.translator, labelled(40, seed=1), 16)).accuracy == 1


def test_parameters_of_another_shape_are_said():
    model = small()
    with pytest.raises(UserError, match="but this network needs"):
        ConvolutionalClassifier(model.configuration, {}, model.source, model.labels)
