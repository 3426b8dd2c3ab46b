"""Formulas as plain text, for terminals."""

import re

import pytest

from explorer.lessons.lesson import lesson
from explorer.writing.mathematics import plain
from tests.lessons.test_equations import EXAMPLES

FORMULAS = {
    "S_h = Q_h\\,{K_h}^\\top": "S_h = Q_h K_hᵀ",
    "\\tilde S_h = \\frac{ S_h }{ \\sqrt{d_k} }": "S̃_h = S_h / √d_k",
    "\\frac{ X^{(0)} - \\mu }{ \\sqrt{ \\sigma^2 + \\varepsilon } } \\odot \\gamma": "(X⁽⁰⁾ − μ) / √(σ² + ε) ⊙ γ",
    "\\overline{N} = \\overline{Q}\\,{W^Q}^\\top": "N̄ = Q̄ W^Qᵀ",
    "\\ell = -\\log p_{t, y_t}": "ℓ = −log p_(t, y_t)",
    "\\sin\\frac{t-1}{10000^{(2i-2)/d}}": "sin((t − 1) / 10000^((2i − 2) / d))",
    "\\frac{1}{\\sqrt{d_k}}\\,\\overline{S_h}": "(1 / √d_k) S̄_h",
    "X = E[\\mathit{ids}]": "X = E[ids]",
    "\\begin{aligned}a &= b \\\\ c &= -d\\end{aligned}": "a = b\nc = −d",
}


@pytest.mark.parametrize("formula", FORMULAS)
def test_a_formula_without_latex(formula):
    assert plain(formula) == FORMULAS[formula]


@pytest.mark.parametrize("name", EXAMPLES)
def test_no_formula_of_a_lesson_keeps_a_sign_of_latex(name):
    told = lesson(EXAMPLES[name]())
    formulas = {formula for step in told.steps for formula in step.formulas}
    formulas |= {tensor.symbol for tensor in told.trace}
    assert len(formulas) > 30
    for formula in formulas:
        text = plain(formula)
        assert not re.search(r"[\\\\{}$&]|  [^w]", text.replace("  where", " where").replace(",  or", ", or")), text
        assert text.count("(") == text.count(")")
