"""The formulas of gradients are LaTeX that renders, and name every way by which a tensor reaches the loss."""

import re

import pytest

from explorer.errors import UserError
from explorer.initialisation.fitting import SHIPPED
from explorer.transformer import article, checkpoint
from explorer.transformer.passing import teacher_forced_pass


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
        r"\overline{X^{(0)}} = \overline{Q}\,{W^Q}^\top + \overline{K}\,{W^K}^\top + \overline{V}\,{W^V}^\top"
        r" + \overline{R}"
    )
    assert trace.gradient_formula("loss") == r"\overline{\mathcal{L}} = 1"
    assert trace.explain_gradient("logits", 0, 0).formula == trace.gradient_formula("logits")
    with pytest.raises(UserError, match="no tensor called “nothing”"):
        trace.gradient_formula("nothing")
