"""Whatever the model and the sentence, every number comes about by its terms, and the notebook computes it again."""

import json
import math
from dataclasses import replace

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from explorer.lessons.cells import behind
from explorer.lessons.example import trained_example
from explorer.lessons.grids import grids
from explorer.lessons.lesson import lesson
from explorer.lessons.renderings import render
from explorer.lessons.steps import Shown
from explorer.transformer.translator import Translator
from explorer.transformer.vocabulary import END, MARKS
from tests.transformer.conftest import ENGLISH, SPANISH, toy_translator

MODELS = st.fixed_dictionaries(
    {
        "d_model": st.sampled_from([4, 12]),
        "heads": st.sampled_from([1, 2, 4]),
        "layers": st.integers(1, 2),
        "d_ff": st.integers(1, 6),
        "norm": st.sampled_from(["pre", "post"]),
        "activation": st.sampled_from(["relu", "gelu"]),
        "positions": st.sampled_from(["sinusoidal", "learned"]),
        "scaled": st.booleans(),
        "tied": st.booleans(),
        "source_width": st.sampled_from([0, 5]),
    }
)
SOURCES = st.lists(st.sampled_from([*ENGLISH, "xyzzy"]), max_size=4).map(lambda words: ["one", *words, "one"])
TARGETS = st.lists(st.sampled_from(SPANISH), min_size=1, max_size=5)


def trained(model, seed):
    """A translator none of whose gains is 1 and none of whose biases is 0."""
    translator, random = toy_translator(seed, np.float64, **model), np.random.default_rng(seed)
    parameters = {name: array + random.normal(0, 0.3, array.shape) for name, array in translator.parameters.items()}
    return Translator(translator.configuration, parameters, translator.source, translator.target)


@given(MODELS, SOURCES, TARGETS, st.integers(0, 99), st.sampled_from([0.0, 0.1]), st.sampled_from([0.0, 0.2]))
@settings(max_examples=12, deadline=None)
def test_every_number_is_its_terms_and_the_notebook_finds_the_same(model, source, target, seed, smoothing, dropout):
    example = trained_example(trained(model, seed), source, target)
    told = lesson(replace(example, smoothing=smoothing, dropout=dropout))
    random = np.random.default_rng(seed)
    for step in told.steps:
        for shown in (*step.shown, *behind(told, step)):
            array = told.array(shown)
            index = tuple(int(random.integers(size)) for size in array.shape)
            explanation = told.explain(shown, *index)
            assert explanation.number == array[index]
            if math.isfinite(explanation.number):
                assert math.isclose(explanation.total, explanation.number, rel_tol=1e-9, abs_tol=1e-11), (shown, index)
    (grid,) = grids(told, Shown("probabilities"), most_columns=2)
    assert {*target, MARKS[END]} <= set(grid.columns)
    cells = json.loads(render(told, "ipynb"))["cells"]
    exec("\n".join(cell["source"] for cell in cells if cell["cell_type"] == "code"), {})
