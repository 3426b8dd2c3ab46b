"""The formulas of gradients are LaTeX that renders, and name every way by which a tensor reaches the loss."""

import re

import numpy as np
import pytest

from explorer.errors import UserError
from explorer.transformer import article, checkpoint
from explorer.transformer.passing import teacher_forced_pass
from explorer.translation.translators import SHIPPED


@pytest.fixture(scope="module", params=["article", "phrase book"])
def trace(request):
    if request.param == "article":
        return teacher_forced_pass(article.translator(), article.TOKENS, article.TARGET)
    return teacher_forced_pass(checkpoint.load(SHIPPED), ["you", "are", "welcome"], ["de", "nada"])


def test_every_tensor_on_the_way_to_the_loss_has_a_formula_that_latex_can_read(trace):
    for tensor in [*trace, *trace.parameters.values()]:
        formula = trace.gradient_formula(tensor.name)
        assert ("=" in formula) == (tensor.gradient is not None), tensor.name
        assert formula.count("{") == formula.count("}")
        assert not re.search(r"\^(\{[^{}]*\}|.)\^", formula), f"a double superscript in {formula}"
        assert not re.search(r"_(\{[^{}]*\}|.)_", formula), f"a double subscript in {formula}"


def test_what_is_used_four_times_has_four_ways_to_the_loss():
    trace = teacher_forced_pass(article.translator(), article.TOKENS, article.TARGET)
    assert trace.gradient_formula("source.input") == (
        r"\begin{aligned}\overline{X^{(0)}} &= \overline{Q}\,{W^Q}^\top + \overline{K}\,{W^K}^\top"
        r" \\ &\quad + \overline{V}\,{W^V}^\top + \overline{R}\end{aligned}"
    )
    assert trace.gradient_formula("loss") == r"\overline{\mathcal{L}} = 1"
    assert trace.explain_gradient("logits", 0, 0).formula == trace.gradient_formula("logits")
    with pytest.raises(UserError, match="no tensor called “nothing”"):
        trace.gradient_formula("nothing")


def test_every_use_of_a_tensor_is_a_summand_and_what_letters_mean_stands_below(trace):
    for tensor in [*trace, *trace.parameters.values()]:
        users = [user for user in trace if tensor.node in user.node.inputs and user.gradient is not None]
        lines = (
            trace.gradient_formula(tensor.name)
            .removeprefix(r"\begin{aligned}")
            .replace(r" \\ &\quad", "")
            .split(r" \\ ")
        )
        for user in users:
            bar = rf"\overline{{{user.symbol}}}"
            assert bar in lines[0], (tensor.name, lines)
            assert not any(bar in line for line in lines[1:])
        assert all("&=" in line for line in lines[1:])
        assert "," not in lines[0].replace(r"\,", "").replace(r"t:\, ", "")


def test_the_residual_of_a_pre_norm_stands_outside_the_layer_norm():
    trace = teacher_forced_pass(checkpoint.load(SHIPPED), ["you", "are", "welcome"], ["de", "nada"])
    name = "encoder.0.self_attention.residual"
    first, meaning, _ = trace.gradient_formula(name).split(r" \\ ")
    assert first.endswith(r"\overline{R} &= \mathrm{LN}'(\overline{N'} \odot \gamma) + \overline{R'}")
    assert meaning.startswith(r"\mathrm{LN}'(G) &= \frac{G - a - \hat x \, b}{s}")
    x = trace[name].value
    gamma = trace.parameters["encoder.0.feed_forward.norm.gain"].value
    by_norm, by_sum = (trace[f"encoder.0.feed_forward.{end}"].gradient for end in ("normalised", "residual"))
    deviation = np.sqrt(x.var(axis=1, keepdims=True) + 1e-5)
    hat = (x - x.mean(axis=1, keepdims=True)) / deviation
    g = by_norm * gamma
    by_x = (g - g.mean(axis=1, keepdims=True) - hat * (g * hat).mean(axis=1, keepdims=True)) / deviation
    np.testing.assert_allclose(trace[name].gradient, by_x + by_sum, atol=1e-14)


def test_a_bias_that_every_token_shares_sums_over_them():
    trace = teacher_forced_pass(checkpoint.load(SHIPPED), ["you", "are", "welcome"], ["de", "nada"])
    assert trace.gradient_formula("output.bias") == r"\overline{b^L} = \textstyle\sum_t \overline{L}_t"


def test_no_formula_of_a_layer_writes_two_tensors_alike(trace):
    for tensor in trace:
        if tensor.node.operation is not None:
            names = [tensor.name, *(source.name for source in tensor.node.inputs)]
            assert len({trace[name].symbol for name in names}) == len(names), names
