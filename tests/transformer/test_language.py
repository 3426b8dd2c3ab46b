"""The language model: every gradient against PyTorch, no word told by a later one, and a sentence learned by heart."""

import numpy as np
import pytest

from explorer.errors import UserError
from explorer.transformer.batches import Batches
from explorer.transformer.configuration import Configuration
from explorer.transformer.language import LanguageModel
from explorer.transformer.layers import sinusoidal_positions
from explorer.transformer.model import cross_entropy, language_model
from explorer.transformer.passing import language_pass
from explorer.transformer.tape import Tape
from explorer.transformer.training import Recipe, Training, measure
from explorer.transformer.vocabulary import END, START, UNKNOWN, Vocabulary
from tests.transformer.conftest import ENGLISH, random_sizes, uneven_parameters
from tests.transformer.golden_transformer import assert_same_tensors

WORDS = Vocabulary.of([ENGLISH])


def small(seed=0, **changes):
    sizes = {"d_model": 8, "heads": 2, "layers": 1, "longest": 9} | changes
    return LanguageModel.fresh(Configuration(**sizes), WORDS, seed)


def random_case(seed):
    """A random configuration, uneven parameters, and a padded batch with repeated tokens."""
    random = np.random.default_rng(seed)
    configuration = Configuration(
        **random_sizes(random, seed),
        positions=("sinusoidal", "learned")[seed // 4 % 2],
        tied=seed % 3 > 0,
        target_words=9,
    )
    parameters = uneven_parameters(configuration, seed, random)
    ids = random.integers(1, 9, (int(random.integers(1, 6)), int(random.integers(3, 9))))
    ids[:, 1] = ids[:, 0]
    for row in ids[1:]:
        row[int(random.integers(2, len(row) + 1)) :] = 0
    return configuration, parameters, ids


@pytest.mark.parametrize("seed", range(18))
def test_every_tensor_and_every_gradient_equals_pytorchs(seed):
    pytest.importorskip("torch", reason="the live comparison needs PyTorch: pip install torch==2.13.0")
    from tests.transformer.pytorch_transformer import as_arrays, pytorch_pass

    configuration, parameters, ids = random_case(seed)
    shown, expected = ids[:, :-1].copy(), ids[:, 1:].copy()
    tape = Tape(parameters)
    gradients = tape.backward(cross_entropy(language_model(tape, shown, configuration), expected))
    sines = sinusoidal_positions(configuration.longest, configuration.d_model)
    tensors, leaves = pytorch_pass(configuration, parameters, sines, None, shown, expected)
    assert_same_tensors(tape, *as_arrays(tensors, leaves))
    assert {node.name for node in tape.nodes} - set(tensors) - set(leaves) == {"losses"}
    assert set(gradients) == set(leaves)


@pytest.mark.parametrize("norm", ["post", "pre"])
def test_a_later_token_changes_no_earlier_logit(norm):
    model = small(norm=norm, layers=2)
    ids = np.random.default_rng(0).integers(1, len(WORDS), 8)
    logits = language_model(Tape(model.parameters), ids, model.configuration).value
    for place in range(1, len(ids)):
        changed = ids.copy()
        changed[place:] = 1 + changed[place:] % (len(WORDS) - 1)
        others = language_model(Tape(model.parameters), changed, model.configuration).value
        np.testing.assert_array_equal(others[:place], logits[:place])
        assert (others[place] != logits[place]).any()


@pytest.mark.parametrize("tied", [False, True])
def test_training_takes_the_gradients_of_the_trace_and_padding_changes_nothing(tied):
    model = small(tied=tied)
    texts = [(), ("one", "two")], [(), ("six", "two", "one", "one")]
    (batch,) = Batches(model, texts, 2).in_order()
    traced, quick = Tape(model.parameters), Tape(model.parameters, tracing=False)
    both = [tape.backward(cross_entropy(model.logits(tape, batch), batch.expected)) for tape in (traced, quick)]
    for name, gradient in both[0].items():
        np.testing.assert_allclose(both[1][name], gradient, atol=1e-12, err_msg=name)
    together = model.logits(Tape(model.parameters), batch).value
    for row, (_, words) in enumerate(texts):
        alone = language_pass(model, words)["logits"].value
        np.testing.assert_allclose(together[row, : len(words) + 1], alone, atol=1e-12)


def test_it_overfits_a_sentence():
    sentence = ("one", "two", "two", "six", "one", "five", "two")
    training = Training(small(d_model=16), Recipe(epochs=120, rate=1e-2)).run([((), sentence)])
    (batch,) = Batches(training.translator, [((), sentence)], 1).in_order()
    said = training.translator.logits(Tape(training.translator.parameters), batch).value.argmax(axis=-1)
    assert training.translator.source.sentence(said[0]) == list(sentence)
    assert said[0, -1] == END
    assert measure(training.translator, Batches(training.translator, [((), sentence)], 1)).perplexity < 1.05


def test_perplexity_is_e_to_the_mean_over_all_words_and_ends():
    model, texts = small(), [((), ("one",)), ((), ("six", "seven", "two"))]  # 2 + 4 tokens, one of them unknown
    losses = [language_pass(model, words)["losses"].value for _, words in texts]
    measured = measure(model, Batches(model, texts, 2))
    assert measured.perplexity == pytest.approx(np.exp(np.concatenate(losses).mean()))
    assert model.shifted(texts[1][1])[0].tolist()[::2] == [START, UNKNOWN]
    assert small(tied=True, d_model=8).parameters.keys() - {"output.bias"} == model.parameters.keys() - {
        "output.weight", "output.bias",
    }  # fmt: skip


def test_every_tensor_is_written_and_every_number_adds_up():
    trace = language_pass(small(tied=True, source_width=5), ["one", "two"])
    for tensor in [*trace, *trace.parameters.values()]:
        assert len(tensor.axes) == len(tensor.shape)
        assert all(map(len, trace.labels(tensor.name)))
        assert "{0}" not in tensor.formula
    assert trace.target == ("<start>", "one", "two")
    assert trace.labels("decoder.0.self_attention.weights")[1:] == (trace.target, trace.target)
    for name in ("projected_table", "target.projected", "decoder.0.feed_forward.residual", "logits", "probabilities"):
        assert trace.explain(name, 0, 1).total == pytest.approx(trace[name].value[0, 1])
        assert trace.explain_gradient(name, 0, 1).total == pytest.approx(trace[name].gradient[0, 1])


def test_what_does_not_fit_is_said():
    with pytest.raises(UserError, match="The text is empty"):
        language_pass(small(), [])
    with pytest.raises(UserError, match=r"target has 10 tokens.*at most 9"):
        language_pass(small(), ["one"] * 9)
    with pytest.raises(UserError, match="for 10 words to say and 0 to read beside them"):
        LanguageModel(small().configuration, small().parameters, Vocabulary.of([["one"]]))
