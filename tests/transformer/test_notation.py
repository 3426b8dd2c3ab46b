"""Every tensor of every kind of pass has a symbol, a role and axes, and the axes count what they say."""

import re

import numpy as np
import pytest

from explorer.transformer import notation
from explorer.transformer.decoding import greedy
from explorer.transformer.encoding import encode
from explorer.transformer.model import cross_entropy, transformer
from explorer.transformer.passing import teacher_forced_pass
from explorer.transformer.tape import Tape
from explorer.transformer.trace import Trace
from tests.transformer.conftest import toy_translator

SOURCE, TARGET = ["one", "two", "three"], ["tres", "dos", "uno", "uno"]
COUNTED = {"head": 2, "source": len(SOURCE), "target": len(TARGET) + 1, "word": 10, "source word": 10, "position": 8}
SWITCHES = [
    {"norm": "post", "tied": True, "scaled": True},
    {"norm": "pre", "tied": False, "scaled": False},
    {"norm": "pre", "tied": True, "positions": "learned", "source_width": 5},
    {"norm": "post", "tied": False, "positions": "learned", "scaled": True, "activation": "gelu"},
]


def assert_is_written(tensor):
    assert tensor.symbol
    assert tensor.role
    assert len(tensor.axes) == len(tensor.shape)
    assert set(tensor.axes) <= {*COUNTED, "feature"}
    assert "{0}" not in tensor.formula
    assert tensor.formula.count("{") == tensor.formula.count("}")


@pytest.mark.parametrize("switches", SWITCHES)
def test_every_tensor_of_a_pass_is_written_and_its_axes_count_what_they_say(switches):
    trace = teacher_forced_pass(toy_translator(layers=2, **switches), SOURCE, TARGET)
    for tensor in [*trace, *trace.parameters.values()]:
        assert_is_written(tensor)
        for axis, size in zip(tensor.axes, tensor.shape, strict=True):
            assert size == COUNTED.get(axis, size), (tensor.name, axis)
        if tensor.name in trace.parameters:
            assert tensor.role == "parameter"


def test_dropout_a_projection_and_cached_keys_are_written_too():
    translator = toy_translator(dropout=0.5)
    tape = Tape(translator.parameters, random=np.random.default_rng(0))
    source, (inputs, expected) = translator.read(SOURCE), translator.shifted(TARGET)
    cross_entropy(transformer(tape, source, inputs, translator.configuration), expected)
    second = greedy(translator, SOURCE, tracing=True).root.children[0].trace
    traces = Trace(tape, SOURCE), encode(SOURCE, np.eye(3, 4), d_model=2), second
    for trace, name in zip(
        traces,
        ("encoder.0.self_attention.dropout", "projected", "decoder.0.self_attention.next_key"),
        strict=True,
    ):
        assert name in trace
        for tensor in [*trace, *trace.parameters.values()]:
            assert_is_written(tensor)


def test_attention_scores_have_queries_in_rows_and_keys_in_columns():
    kinds = {"encoder.0.self": ("source", "source"), "decoder.0.self": ("target", "target")}
    for kind, sides in (kinds | {"decoder.0.cross": ("target", "source")}).items():
        for name in ("scores", "scaled", "masked", "weights"):
            assert notation.axes(f"{kind}_attention.{name}") == ("head", *sides)
        assert notation.axes(f"{kind}_attention.projected_query") == (sides[0], "feature")
        assert notation.axes(f"{kind}_attention.heads") == ("head", sides[0], "feature")
        for name in ("projected_key", "projected_value"):
            assert notation.axes(f"{kind}_attention.{name}") == (sides[1], "feature")


def test_the_longest_known_end_of_a_name_counts():
    assert notation.symbol("encoder.0.self_attention.query") == "Q_h"
    assert notation.symbol("encoder.0.self_attention.query.weight") == "W^Q"
    assert notation.symbol("encoder.1.self_attention.output.weight") == "W^O"
    assert notation.symbol("decoder.1.feed_forward.output.weight") == "W_2"
    assert notation.symbol("output.weight") == "W^L"
    for name, symbol in {"embedding": "", "scaled_embedding": "_d", "input": "^{(0)}"}.items():
        assert (notation.symbol(f"source.{name}"), notation.symbol(f"target.{name}")) == (f"X{symbol}", f"Y{symbol}")


def test_each_kind_of_attention_has_letters_of_its_own():
    marks = {"encoder.0.self": "", "decoder.0.self": "m", "decoder.1.cross": "c"}
    letters = ("query", "key", "value", "projected_key", "scores", "scaled", "masked", "weights", "heads", "output")
    for ending in (*letters, "concatenated", "query.weight", "key.bias"):
        symbols = {notation.symbol(f"{kind}_attention.{ending}") for kind in marks}
        assert len(symbols) == len(marks), symbols
    for kind, mark in marks.items():
        superscript = f"^{{\\mathrm{{{mark}}}}}" if mark else ""
        assert notation.symbol(f"{kind}_attention.query") == f"Q{superscript}_h"
        assert notation.symbol(f"{kind}_attention.scaled") == f"\\tilde S{superscript}_h"
    assert notation.symbol("decoder.0.cross_attention.query.weight") == r"W^{Q\mathrm{c}}"
    assert notation.symbol("decoder.0.cross_attention.query.bias") == r"b^{Q\mathrm{c}}"


def test_a_block_hands_on_what_the_next_one_counts_from():
    for side, letter in (("encoder", "X"), ("decoder", "Y")):
        for layer in (0, 1, 11):
            name = f"{side}.{layer}.feed_forward.norm"
            assert notation.symbol(name) == f"{letter}^{{({layer + 1})}}"
            assert notation.role(name) == "residual"
            assert notation.role(f"{name}.gain") == "parameter"


@pytest.mark.parametrize("asked", [notation.symbol, notation.role, notation.axes])
@pytest.mark.parametrize("name", ["", "nothing", "encoder.0.nothing", "query.nothing"])
def test_a_name_without_notation_is_a_key_error_that_names_it(asked, name):
    with pytest.raises(KeyError, match=re.escape(f"No notation for a tensor called {name}.")):
        asked(name)
