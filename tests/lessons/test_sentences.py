"""What a lesson says of its own numbers, on the way forward, is true of them."""

import math
import re
from dataclasses import replace

import numpy as np
import pytest

from explorer.lessons import glossary
from explorer.lessons.example import article_example, own_example
from explorer.lessons.lesson import lesson
from explorer.lessons.numbers import rounded
from explorer.lessons.prose import spans
from explorer.lessons.steps import VALUE, Shown
from explorer.transformer.configuration import Configuration
from explorer.transformer.layers import sinusoidal_positions
from explorer.transformer.operations import CrossEntropy
from explorer.transformer.parameters import initial_parameters
from explorer.writing.documents import literal
from tests.lessons.examples import EXAMPLES, example_lesson, small_embedding


@pytest.fixture(scope="module", params=EXAMPLES)
def told(request):
    return example_lesson(request.param)


@pytest.mark.parametrize(("smoothing", "words"), [(0.1, 1531), (0.1, 6)])
def test_label_smoothing_has_a_floor_and_the_lesson_says_which(smoothing, words):
    """The least loss is the entropy of q: no probabilities that gradient descent finds are below it."""
    told = lesson(replace(EXAMPLES["article" if words == 6 else "phrase book"](), smoothing=smoothing))
    q = np.full(words, smoothing / words)
    q[0] += 1 - smoothing
    floor, plain = -(q * np.log(q)).sum(), -math.log(q[0])
    if words == 1531:
        assert (floor, plain, q[0]) == pytest.approx((1.0578, 0.1053, 0.90007), abs=5e-5)
    prose = told.step("losses").prose
    assert f"It cannot fall below {floor:.4f}" in prose
    assert f"is {plain:.4f}." in prose
    operation = CrossEntropy(np.zeros(1, int), np.ones(1, bool), smoothing)
    assert operation.forward(q[np.newaxis])[0][0] == pytest.approx(floor)
    for seed in range(20):
        other = q * np.exp(0.1 * np.random.default_rng(seed).normal(size=words))
        assert operation.forward(other[np.newaxis] / other.sum())[0][0] > floor
    assert told.trace["losses"].value.min() >= floor
    assert told.trace["losses"].formula.startswith(r"\ell = -\textstyle\sum_i q_{t, i} \ln p")
    assert f"1 - {smoothing:g}" in told.trace.gradient_formula("probabilities")


def test_a_lesson_says_what_its_pass_has_and_what_training_had():
    plain, article_told = EXAMPLES["phrase book"](), lesson(EXAMPLES["article"]())
    shipped = replace(plain, trained_with=(0.1, 0.1))
    said = {
        plain: "trained with dropout 0.1. This pass has neither",
        shipped: "trained with label smoothing 0.1 and dropout 0.1. This pass has neither",
        replace(shipped, smoothing=0.1): "and dropout 0.1; this pass has label smoothing 0.1.",
    }
    for example, words in said.items():
        assert words in lesson(example).step("losses").prose
    assert "trained with" not in lesson(replace(shipped, smoothing=0.1, dropout=0.1)).step("losses").prose
    assert "trained with" not in article_told.step("losses").prose


def test_dropout_is_told_where_it_is_and_decoding_is_without_it():
    told, plain = lesson(EXAMPLES["as in training"]()), lesson(replace(EXAMPLES["as in training"](), dropout=0.0))
    steps = [step for step in told.steps if step.key.endswith(".dropout") and not step.key.startswith("back.")]
    assert len(steps) == 7  # both inputs and five parts of layers, as section 5.4 of the paper has it
    for step in steps:
        kept = told.trace[step.key].node.operation.kept
        assert "r = 0.2. The others are divided by 1 − r" in step.prose
        become = "becomes" if (~kept).sum() == 1 else "become"
        assert f"Here {(~kept).sum()} of {kept.size} numbers {become} 0." in step.prose
        before = told.trace[step.key].node.inputs[0].value
        np.testing.assert_allclose(told.trace[step.key].value, np.where(kept, before / 0.8, 0))
    assert not any(name.key.endswith(".dropout") for name in plain.steps)
    assert "Decoding has no dropout" in glossary.plain(told.step("next.greedy").prose)
    assert told.step("next.greedy").tables == plain.step("next.greedy").tables


def test_the_bar_and_the_gradient_of_a_logit_are_explained():
    told = lesson(article_example())
    assert "x̄ is the gradient of the loss with respect to x" in told.step("back.loss").prose
    assert "(p − q) / n" in told.step("back.logits").prose
    p, n = told.trace["probabilities"].value, len(told.trace.target)
    words = told.example.translator.target.ids([*told.example.target, "<end>"])
    np.testing.assert_allclose(told.trace["logits"].gradient, (p - np.eye(p.shape[1])[words]) / n, atol=1e-15)


def test_a_cross_attention_is_told_in_words_of_its_own():
    told = lesson(article_example())
    steps = ("query", "key", "value", "scores", "heads")
    own, cross = (
        [told.step(f"decoder.0.{kind}_attention.{step}").prose for step in steps] for kind in ("self", "cross")
    )
    assert all(first != second and "source" in second for first, second in zip(own, cross, strict=True))
    pointed = {term for step in told.steps for term in glossary.terms_of(step.prose)}
    assert {"encoder", "decoder", "cross-attention", "back-propagation", "cosine"} <= pointed


def test_each_chapter_of_the_way_forward_ends_with_what_has_been_reached(told):
    chapters = [
        chapter for chapter in told.chapters if chapter.title.split(":")[0] not in ("Back", "One step of the optimiser")
    ]
    trace = told.trace
    for chapter in chapters:
        (step,) = (step for step in chapter.steps if "So far:" in step.prose)
        assert step is [step for step in chapter.steps if not step.key.startswith("next.")][-1]
        summary = "".join(span.text for span in spans(step.prose)).split("So far: ")[1]
        scope = re.match(r"(encoder|decoder)\.\d+\.(?!feed_forward)\w+\.", step.key)
        scope = scope or re.match(r"encoder\.\d+\.", step.key)
        if scope:
            name = scope[0] + ("weights" if "attention" in scope[0] else "self_attention.weights")
            mean = trace[name].value.mean(axis=0)[-1]
            attended = trace.labels(name)[2][mean.argmax()]
            itself = "self_attention" in name and mean.argmax() == len(mean) - 1
            assert (
                f"attends most to {'itself' if itself else f'“{attended}”'} (attention weight {mean.max():.2f}"
                in summary
            )
    assert f"the loss {float(trace['loss'].value):.4f}." in told.step("loss").prose
    words = told.example.translator.target.words
    last = trace["probabilities"].value[-1]
    prose = "".join(span.text for span in spans(told.step("probabilities").prose))
    assert f"the most probable is “{words[last.argmax()]}” ({last.max():.3f})." in prose


def test_the_square_roots_are_given_as_numbers(told):
    width = told.example.translator.configuration
    d_k = width.d_model // width.heads
    for step in told.steps:
        if step.key.endswith("attention.scaled") and not step.key.startswith("back."):
            assert f"√d_k = √{d_k} = {math.sqrt(d_k):.4f}".removesuffix(".0000") in step.prose
        if step.key.endswith("scaled_embedding") and not step.key.startswith("back."):
            assert f"√d = √{width.d_model} = {math.sqrt(width.d_model):.4f}".removesuffix(".0000") in step.prose


def test_what_the_division_by_the_root_does_is_said_in_this_lessons_numbers(told):
    trace = told.trace
    names = [tensor.name for tensor in trace if tensor.name.endswith("attention.scaled")]
    assert names
    for name in names:
        prose = told.step(name).prose
        before, after = trace[name.replace("scaled", "scores")].value, trace[name].value
        assert f"a standard deviation of {before.std():.4f} before and of {after.std():.4f} after" in prose
        without, shares = (
            np.array([np.exp(row - row.max()).max() / np.exp(row - row.max()).sum() for row in each[:, -1]])
            for each in (before, after)
        )
        head = (without - shares).argmax()  # where it does most
        said = f"in head {head + 1} would be {without[head]:.2f} instead of {shares[head]:.2f}"
        assert (said in prose) == (without[head] - shares[head] >= 0.01)
        assert shares == pytest.approx(trace[name.replace("scaled", "weights")].value[:, -1].max(axis=-1))


def test_a_score_of_independent_numbers_has_variance_d_k():
    random, d_k = np.random.default_rng(0), 24
    scores = (random.normal(size=(20_000, d_k)) * random.normal(size=(20_000, d_k))).sum(axis=1)
    assert scores.var() == pytest.approx(d_k, rel=0.05)
    assert (scores / math.sqrt(d_k)).var() == pytest.approx(1, rel=0.05)


def test_a_new_table_of_variance_one_over_d_suits_a_tied_output():
    d, words = 64, 2000
    table = initial_parameters(Configuration(d, source_words=words, target_words=words), 0)["target.table"]
    assert np.linalg.norm(table, axis=1).mean() == pytest.approx(1, rel=0.02)
    rows = np.random.default_rng(0).normal(size=(50, d))  # as a layer norm leaves them
    assert (rows @ table.T).std() == pytest.approx(1, rel=0.05)
    np.testing.assert_allclose(np.linalg.norm(sinusoidal_positions(9, d), axis=1), math.sqrt(d / 2))


def test_steps_that_many_layers_have_tell_their_own_numbers(told):
    trace = told.trace
    prose = {step.key: "".join(span.text for span in spans(step.prose)) for step in told.steps}
    for tensor in trace:
        labels, value, kind = trace.labels(tensor.name), tensor.value, tensor.name.rpartition(".")[2]
        said = prose.get(tensor.name, "")
        if kind in ("query", "key", "value"):
            lengths = np.linalg.norm(value, axis=-1)
            head, row = np.unravel_index(lengths.argmax(), lengths.shape)
            assert f"The longest {kind} here is that of “{labels[1][row]}” in head {head + 1};" in said
            assert f"its length is {lengths.max():.4f}." in said
        elif kind in ("scores", "scaled"):
            is_masked = tensor.name.startswith("decoder.") and "self_attention" in tensor.name
            allowed = np.where(np.tri(*value.shape[1:]), value, -np.inf) if is_masked else value
            head, row, column = np.unravel_index(allowed.argmax(), value.shape)
            assert (
                f"The highest score here{' that the mask allows' * is_masked} is {rounded(allowed.max())}: "
                f"in head {head + 1}, “{labels[1][row]}” looks" in said
            )
            assert f"looks at “{labels[2][column]}”." in said
        elif kind == "masked":
            n = value.shape[-1]
            assert f"Here {n * (n - 1) // 2} of the {n * n} scores of each head" in said
        elif kind == "weights":
            rows = value[:, 1:] if f"{tensor.name.removesuffix('weights')}masked" in trace else value
            assert f"The largest share here is {rounded(rows.max())}: in head" in said
        elif kind == "activation" and "GELU" not in said:
            assert f"Here {(value == 0).sum():,} of {value.size:,} numbers become zero." in said
        elif kind == "residual":
            shown = prose[tensor.name] if tensor.name in prose else prose[tensor.name.replace("residual", "norm")]
            before, added = (np.linalg.norm(node.value[-1]) for node in tensor.node.inputs)
            after = np.linalg.norm(value[-1])
            lengths = f"had the length {before:.4f}, what is added to it has {added:.4f}, and the sum has {after:.4f}."
            assert lengths in shown
        elif tensor.name == "losses":
            assert f"Here the costs go from {rounded(value.min())} (“" in said
            assert f"to {rounded(value.max())} (“" in said


def test_the_unit_of_the_loss_is_explained_where_it_is_first_met(told):
    pointed = [step.key for step in told.steps if "nat" in glossary.terms_of(step.prose)]
    assert pointed == ["losses"]
    assert f"1/e = {1 / math.e:.4f}" in glossary.TERMS["nat"]


def test_how_long_words_and_positions_are_is_said(told):
    for side in ("source", "target"):
        prose, node = told.step(f"{side}.input").prose, told.trace[f"{side}.input"].node
        words, places = (np.linalg.norm(each.value, axis=1).mean() for each in node.inputs)
        assert f"the mean length {words:.4f}, the rows of the positions {places:.4f}, as always √(d/2)" in prose
        assert ("drown the order of words" in prose) == (words > 1.5 * places)
        assert ("positions outweigh the words" in prose) == (places > 1.5 * words)


def test_ones_own_vectors_are_multiplied_by_the_root_on_request():
    for scaled in (False, True):
        told = lesson(own_example(small_embedding(), ["you", "are"], ["de"], Configuration(4, scaled=scaled)))
        assert ("source.scaled_embedding" in [step.key for step in told.steps]) == scaled
    trace = told.trace
    names = ("source.embedding", "source.scaled_embedding")
    before, after = (np.linalg.norm(trace[name].value, axis=1) for name in names)
    np.testing.assert_allclose(after, 2 * before)
    said = f"grows from {before.mean():.4f} to {after.mean():.4f}"
    assert said in told.step("source.scaled_embedding").prose


def test_what_guessing_costs_and_where_the_loss_comes_from_is_said(told):
    prose, losses = told.step("loss").prose, told.trace["losses"].value
    words = len(told.example.translator.target)
    assert f"ln {words:,} = {math.log(words):.4f}" in prose
    assert f"“{literal(told.trace.target[losses.argmax()])}”: {losses.max() / losses.sum():.0%}." in prose


def test_the_formula_of_the_positions_counts_from_one_and_is_true():
    trace = lesson(article_example()).trace
    assert r"\sin\frac{t-1}{10000^{(2i-2)/d}}" in trace["source.positions"].formula
    d, rows = 4, trace["source.positions"].value
    for t in (1, 2, 3):
        for i in (1, 2):
            angle = (t - 1) / 10000 ** ((2 * i - 2) / d)
            assert rows[t - 1, 2 * i - 1 - 1] == pytest.approx(math.sin(angle))
            assert rows[t - 1, 2 * i - 1] == pytest.approx(math.cos(angle))


def test_every_layer_norm_comes_with_mean_and_deviation(told):
    tables = {shown.name: step.tables for step in told.steps for shown in step.shown if shown.side == VALUE}
    norms = [tensor for tensor in told.trace if type(tensor.node.operation).__name__ == "LayerNorm"]
    assert norms
    for tensor in norms:
        rows = tensor.node.inputs[0].value
        (table,) = tables[tensor.name]
        (prose,) = (step.prose for step in told.steps if Shown(tensor.name) in step.shown)
        assert "multiplies each column by a weight γ and adds a weight β" in prose
        tokens, means, deviations = zip(*table.rows, strict=True)
        assert tokens == told.trace.labels(tensor.name)[0]
        np.testing.assert_allclose(means, [row.sum() / len(row) for row in rows])
        np.testing.assert_allclose(deviations, [math.sqrt(np.mean(np.square(row - row.mean()))) for row in rows])


def test_shares_of_what_is_masked_are_spoken_of_where_there_are_some(told):
    for step in told.steps:
        if step.key.endswith("attention.weights") and not step.key.startswith("back."):
            zero = (told.array(step.shown[0]) == 0).any()
            assert ("Where the mask put minus infinity, the share is zero" in step.prose) == zero, step.key
            assert "above zero" not in step.prose


@pytest.mark.parametrize("activation", ["relu", "gelu"])
def test_the_activation_is_told_as_this_model_has_it(activation):
    example = own_example(small_embedding(), ["you"], ["de"], Configuration(4, activation=activation))
    prose = lesson(example).step("encoder.0.feed_forward.activation").prose
    assert ("GELU" in prose) == (activation == "gelu")
    assert ("below zero becomes zero" in prose) == (activation == "relu")
