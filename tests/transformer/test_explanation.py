"""Every number says how it came about: the terms add up to it, for values and for gradients."""

import json
import math

import numpy as np
import pytest

from explorer.errors import UserError
from explorer.transformer import article
from explorer.transformer.notation import in_unicode
from explorer.transformer.passing import teacher_forced_pass
from explorer.transformer.trace import Trace
from tests.transformer.conftest import toy_translator
from tests.transformer.test_transformer import random_case, run

CELLS = 6


@pytest.fixture(scope="module", params=[2, 5, 6, 11, 19])
def trace(request):
    tape, _, _ = run(random_case(request.param))
    return Trace(tape, [])


def some_cells(shape, seed=0):
    random = np.random.default_rng(seed)
    return {tuple(int(random.integers(n)) for n in shape) for _ in range(CELLS)}


def assert_terms_add_up_to_values(trace):
    for tensor in [*trace, *trace.parameters.values()]:
        for index in some_cells(tensor.shape):
            explanation = trace.explain(tensor.name, *index)
            assert explanation.number == tensor.value[index]
            if math.isfinite(explanation.number):
                assert explanation.total == pytest.approx(explanation.number, rel=1e-12, abs=1e-12), explanation
            else:
                assert sum(term.number for term in explanation.terms) == explanation.number


def assert_terms_add_up_to_gradients(trace):
    checked = 0
    for tensor in [*trace, *trace.parameters.values()]:
        if tensor.gradient is None:
            continue
        for index in some_cells(tensor.shape, seed=1):
            explanation = trace.explain_gradient(tensor.name, *index)
            assert explanation.total == pytest.approx(float(tensor.gradient[index]), rel=1e-12, abs=1e-12), explanation
            checked += 1
    assert checked > 100


def assert_factors_are_the_cells_that_they_name(trace):
    for tensor in trace:
        for explain in (trace.explain, trace.explain_gradient):
            if tensor.gradient is None and explain == trace.explain_gradient:
                continue
            for index in some_cells(tensor.shape, seed=2):
                for term in explain(tensor.name, *index).terms:
                    for factor in term.factors:
                        if factor.tensor is None:
                            assert factor.symbol
                            continue
                        source = trace[factor.tensor]
                        stands = source.gradient if factor.gradient else source.value
                        assert factor.number == stands[factor.index], factor


def test_the_terms_of_a_value_add_up_to_it(trace):
    assert_terms_add_up_to_values(trace)


def test_the_terms_of_a_gradient_add_up_to_it(trace):
    assert_terms_add_up_to_gradients(trace)


def test_an_explanation_never_recomputes_what_it_shows(trace):
    assert_factors_are_the_cells_that_they_name(trace)


def test_a_trace_stays_as_it_was_when_its_translator_trains_on():
    translator = article.translator()
    trace = teacher_forced_pass(translator, article.TOKENS, article.TARGET)
    for array in translator.parameters.values():
        array += 0.1
    assert_terms_add_up_to_values(trace)
    assert_terms_add_up_to_gradients(trace)


def test_a_position_is_its_sine_or_cosine_with_numbers_put_in():
    trace = teacher_forced_pass(article.translator(), article.TOKENS, article.TARGET)
    explained = trace.explain("source.positions", 1, 2)
    assert (explained.operation, explained.formula) == (
        "Sinusoid",
        r"\mathit{PE}_{2,3} = \sin(1 / 10000^{2/4})",
    )
    (factor,) = explained.terms[0].factors
    assert in_unicode(factor.symbol) == "sin(1 / 10000^(2/4))"
    for index in np.ndindex(trace["source.positions"].shape):
        explained = trace.explain("source.positions", *index)
        assert explained.total == pytest.approx(explained.number, abs=1e-15)
    learned = teacher_forced_pass(toy_translator(positions="learned"), ["one", "two"], ["uno"])
    assert learned.explain("source.positions", 1, 2).operation == "Lookup"


def test_a_layer_norms_constants_come_with_the_numbers_they_are_made_of():
    trace = teacher_forced_pass(article.translator(), article.TOKENS, article.TARGET)
    name, norm = "encoder.0.self_attention.residual", "encoder.0.self_attention.norm"
    x = trace[name].value[1]
    hat = (x - x.mean()) / np.sqrt(x.var() + 1e-5)
    scaled = in_unicode(trace.explain(norm, 1, 0).terms[0].factors[1].symbol)
    assert scaled == f"1 / √(σ² + ε), σ² = {x.var():.4g}, ε = 0.00001"
    for k, term in enumerate(trace.explain_gradient(name, 1, 2).terms):
        *_, deviation, inner = term.factors
        assert in_unicode(deviation.symbol) == scaled
        text = in_unicode(inner.symbol).replace("−", "-")
        assert text.endswith(f"= {int(k == 2)} - (1 + ({hat[2]:.4f}) ({hat[k]:.4f})) / 4")
        assert inner.number == pytest.approx((k == 2) - 1 / 4 - hat[2] * hat[k] / 4)


def test_every_gradient_leads_back_to_the_loss(trace):
    name, index = next(iter(trace)).name, (0, 0, 0)
    seen = []
    while name != "loss":
        largest = max(trace.explain_gradient(name, *index).terms, key=lambda term: abs(term.number))
        name, index = largest.factors[0].tensor, largest.factors[0].index
        seen.append(name)
    assert "probabilities" in seen
    assert trace.explain_gradient("loss").number == 1


def test_an_explanation_travels_as_json(trace):
    document = json.dumps(trace.explain("logits", 0, 0, 0).as_json())
    assert json.loads(document)["operation"] in ("Linear", "Add")


def test_a_cell_that_is_not_there_is_refused_in_words(trace):
    with pytest.raises(UserError, match="no tensor called “nothing”"):
        trace.explain("nothing", 0)
    with pytest.raises(UserError, match=r"logits has .* numbers, counted from 0: none stands at \[0, 0, 999\]"):
        trace.explain("logits", 0, 0, 999)
    with pytest.raises(UserError, match=r"probabilities has .* numbers"):
        trace.explain_gradient("probabilities", 0, 0)
    with pytest.raises(UserError, match=r"loss is a single number: none stands at \[9\]"):
        trace.explain("loss", 9)


def test_a_word_too_unlikely_for_a_number_is_named():
    translator = article.translator()
    translator.parameters["output.bias"][translator.target.ids(["nada"])] = 1e6
    with pytest.raises(UserError, match="The probability of “de” after <start> is too small for a number"):
        teacher_forced_pass(translator, article.TOKENS, article.TARGET)


def test_a_tensor_that_is_not_there_gets_a_sentence():
    with pytest.raises(UserError, match=r"“encoder.*”\. Did you mean encoder\.0\.self_attention\.scores\?"):
        teacher_forced_pass(article.translator(), article.TOKENS, article.TARGET)["encoder.0.self_atention.scores"]
