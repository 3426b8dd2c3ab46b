"""The traps that NumPy transformers fall into, set one by one: each check must pass before, and fail at the right place
after. The checks are those of the other tests."""

from functools import partial

import numpy as np
import pytest

from explorer.transformer import article, layers, model
from explorer.transformer.explanation import Factor
from explorer.transformer.operations import LayerNorm, Lookup, Mean, MergeHeads, Scale, Softmax, SplitHeads, products
from explorer.transformer.passing import teacher_forced_pass
from explorer.transformer.tape import Tape
from tests.transformer import test_explanation as explanations
from tests.transformer.golden_transformer import CASES, assert_equals_golden, golden_array, run
from tests.transformer.test_operations import assert_vjp_is_right, random_array


def golden(name):
    return partial(assert_equals_golden, name)


def slopes(operation, *inputs):
    return partial(assert_vjp_is_right, operation, *inputs)


def explained(check):
    def explain_the_article():
        check(teacher_forced_pass(article.translator(), article.TOKENS, article.TARGET))

    return explain_the_article


def a_repeated_token_keeps_one_gradient(patch):
    def vjp(self, saved, gradient):
        by_table = np.zeros((saved[0], gradient.shape[-1]))
        by_table[self.ids] = gradient
        return (by_table,)

    patch.setattr(Lookup, "vjp", vjp)


def the_memory_asks_the_target(patch):
    attention = layers.multi_head_attention

    def swapped(x, memory, heads, allowed=None):
        return attention(memory, x, heads, allowed if memory is x else None)

    patch.setattr(layers, "multi_head_attention", swapped)


def padding_is_looked_at(patch):
    patch.setattr(model, "key_mask", lambda ids: None)


def the_target_looks_at_the_sources_padding(patch):
    decoder = model.decoder
    patch.setattr(
        model, "decoder", lambda y, memory, configuration, causal, _: decoder(y, memory, configuration, causal)
    )


def the_target_sees_what_comes(patch):
    patch.setattr(model, "causal_mask", lambda length: np.ones((length, length), dtype=bool))


def heads_are_cut_across_tokens(patch):
    def forward(self, x):
        return x.reshape(*x.shape[:-2], self.heads, x.shape[-2], -1), ()

    patch.setattr(SplitHeads, "forward", forward)


def heads_are_taken_for_one(patch):
    forward = SplitHeads.forward
    patch.setattr(SplitHeads, "forward", lambda self, x: forward(SplitHeads(1), x))


def heads_are_joined_in_reverse(patch):
    forward = MergeHeads.forward
    patch.setattr(MergeHeads, "forward", lambda self, x: forward(self, x[..., ::-1, :, :]))


def scores_are_scaled_by_all_of_d(patch):
    patch.setattr(layers, "Scale", lambda factor, *names: Scale(factor / np.sqrt(2), *names))  # with two heads


def the_variance_is_unbiased(patch):
    def forward(self, x, gain, bias):
        mean, inverse = x.mean(axis=-1, keepdims=True), 1 / np.sqrt(x.var(axis=-1, ddof=1, keepdims=True) + 1e-5)
        normalised = (x - mean) * inverse
        return normalised * gain + bias, (normalised, inverse, gain, mean)

    patch.setattr(LayerNorm, "forward", forward)


def mean_and_variance_pass_for_constants(patch):
    vjp = LayerNorm.vjp

    def by_the_gain_alone(self, saved, gradient):
        _, inverse, gain, _ = saved
        return gradient * gain * inverse, *vjp(self, saved, gradient)[1:]

    patch.setattr(LayerNorm, "vjp", by_the_gain_alone)


def softmax_has_its_diagonal_alone(patch):
    patch.setattr(Softmax, "vjp", lambda self, saved, gradient: (gradient * saved[0] * (1 - saved[0]),))


def the_target_has_no_positions(patch):
    constant = Tape.constant

    def without(self, value, name):
        return constant(self, value * (self.full_name(name) != "target.positions"), name)

    patch.setattr(Tape, "constant", without)


def padding_counts_in_the_loss(patch):
    patch.setattr(model, "Mean", lambda counted: Mean(np.ones_like(counted)))


def explanations_recompute_in_single_precision(patch):
    patch.setattr(products, "cell", lambda node, at: Factor(float(np.float32(node.value[at])), node.name, at))


X, REPEATED = random_array(0, 2, 3, 4), np.array([[1, 2, 1], [1, 0, 0]])
TRAPS = [
    (a_repeated_token_keeps_one_gradient, golden("post"), "gradient of source.table"),
    (a_repeated_token_keeps_one_gradient, slopes(Lookup(REPEATED), random_array(0, 3, 4)), "input 0"),
    (the_memory_asks_the_target, golden("as long"), "value of decoder.0.cross_attention.projected_query"),
    (the_memory_asks_the_target, golden("post"), "could not be broadcast"),
    (padding_is_looked_at, golden("post"), "value of encoder.0.self_attention.masked is missing"),
    (the_target_looks_at_the_sources_padding, golden("pre"), "decoder.0.cross_attention.masked is missing"),
    (the_target_sees_what_comes, golden("post"), "value of decoder.0.self_attention.masked"),
    (heads_are_cut_across_tokens, golden("post"), "value of encoder.0.self_attention.query"),
    (heads_are_taken_for_one, golden("post"), "value of encoder.0.self_attention.query"),
    (heads_are_joined_in_reverse, golden("post"), "value of encoder.0.self_attention.concatenated"),
    (scores_are_scaled_by_all_of_d, golden("post"), "value of encoder.0.self_attention.scaled"),
    (the_variance_is_unbiased, golden("post"), "value of encoder.0.self_attention.norm"),
    (mean_and_variance_pass_for_constants, golden("post"), "gradient of decoder.0.feed_forward.residual"),
    (mean_and_variance_pass_for_constants, slopes(LayerNorm(), X, random_array(1, 4), random_array(2, 4)), "input 0"),
    (softmax_has_its_diagonal_alone, golden("post"), "gradient of logits"),
    (softmax_has_its_diagonal_alone, slopes(Softmax(), X), "input 0"),
    (the_target_has_no_positions, golden("post"), "value of target.positions"),
    (padding_counts_in_the_loss, golden("post"), "value of loss"),
    (
        explanations_recompute_in_single_precision,
        explained(explanations.assert_terms_add_up_to_values),
        "Explanation",
    ),
    (
        explanations_recompute_in_single_precision,
        explained(explanations.assert_factors_are_the_cells_that_they_name),
        "Factor",
    ),
]


@pytest.mark.parametrize(("trap", "check", "says"), TRAPS)
def test_the_check_passes_and_finds_the_trap(trap, check, says, monkeypatch):
    check()
    trap(monkeypatch)
    with pytest.raises((AssertionError, ValueError), match=says):  # ValueError where shapes do not even fit
        check()


@pytest.mark.parametrize(
    "trap", [heads_are_cut_across_tokens, scores_are_scaled_by_all_of_d, the_target_sees_what_comes]
)
def test_sentences_of_one_token_would_hide_it(trap, monkeypatch):
    """A softmax over one score is 1 whatever the score: no gradient reaches the query, and nothing can be wrong."""
    case, parameters = CASES["post"]._replace(source=[[4]], sentences=[[1, 4]]), golden_array("post", "parameters")
    query = "encoder.0.self_attention.query"
    assert np.abs(golden_array("post", "gradients")[query]).max() > 1e-3
    before = run(case, parameters)
    trap(monkeypatch)
    for ours, trapped in zip(before.nodes, run(case, parameters).nodes, strict=True):
        if not ours.name.endswith(("scaled", "masked")):
            np.testing.assert_allclose(trapped.value, ours.value, atol=1e-15, rtol=0, err_msg=ours.name)
        np.testing.assert_allclose(trapped.gradient, ours.gradient, atol=1e-15, rtol=0, err_msg=ours.name)
        if ours.name == query:
            assert not ours.gradient.any()
