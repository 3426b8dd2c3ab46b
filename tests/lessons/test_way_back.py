"""What a lesson says of the way back is true of its own gradients."""

import re

import numpy as np
import pytest

from explorer.lessons.example import article_example
from explorer.lessons.lesson import lesson
from explorer.lessons.numbers import read, rounded
from explorer.lessons.prose import spans
from explorer.lessons.steps import GRADIENT, Shown
from explorer.writing.documents import literal
from tests.lessons.examples import EXAMPLES, example_lesson


@pytest.fixture(scope="module", params=EXAMPLES)
def told(request):
    return example_lesson(request.param)


@pytest.mark.parametrize(
    ("key", "ways"),
    [
        ("loss", ["with respect to itself is 1."]),
        ("losses", ["The loss is a mean"]),
        ("probabilities", ["minus one over the probability"]),
        ("logits", ["is its share times a difference", "Each entry of the weight matrix gets"]),
        (
            "decoder.0.self_attention.query",
            [
                "gradient of the scores times the other factor, the keys",
                "put side by side",
                "Each entry of the weight matrix gets",
            ],
        ),
        ("encoder.0.feed_forward.hidden", ["below zero", "Each entry of the weight matrix gets"]),
        ("source.embedding", ["A sum passes", "Each row of the table"]),
    ],
)
def test_a_step_back_tells_how_its_own_gradients_arrived(key, ways):
    prose = lesson(article_example()).step(f"back.{key}").prose
    places = [prose.index(way) for way in ways]
    assert places == sorted(places)


# kind of operation that used a tensor → words that only its way back has
WAYS = {
    "Mean": "The loss is a mean",
    "CrossEntropy": "over the probability, times",
    "Softmax": "less the mean of the row",
    "Linear": "same matrix, transposed",
    "MatMul": "the other factor, the",
    "Scale": "by the same number",
    "Mask": "not allowed to look",
    "Add": "on unchanged",
    "LayerNorm": "would undo such a change",
    "ReLU": "below zero, the gradient is zero",
    "SplitHeads": "put side by side",
    "MergeHeads": "one part per head",
}


def test_a_step_back_speaks_of_what_its_tensor_went_into_and_of_nothing_else(told):
    for step in told.steps:
        if step.key.startswith("back.") and len({s.name for s in step.shown} - set(told.trace.parameters)) == 1:
            (name,) = {shown.name for shown in step.shown} - set(told.trace.parameters)
            nodes = [tensor.node for tensor in told.trace if tensor.gradient is not None]
            own = [told.trace[name].node, *(s for s in told.trace[name].node.inputs if "projected_" in s.name)]
            kinds = {type(node.operation).__name__ for node in nodes if any(n in node.inputs for n in own)}
            shared = {"MatMul", "Scale", "Linear"} if len(step.shown) > 1 else set()  # what parameters went into
            said = {kind for kind, words in WAYS.items() if words in step.prose}
            assert kinds & set(WAYS) <= said <= kinds | shared, step.key


def test_a_step_back_tells_its_own_numbers(told):
    """Where the gradient furthest from 0 stands, of what a step shows first and of its weight matrix."""
    steps = [step for step in told.steps if step.key.startswith("back.") and "loss" not in step.key]
    for step in steps:
        first = told.trace[step.shown[0].name]
        prose = "".join(span.text for span in spans(step.prose))
        if first.node.operation is None:
            assert "furthest from 0" not in prose, step.key  # positions, whose gradient nobody uses
            continue
        weights = [shown.name for shown in step.shown if shown.name.endswith(".weight")]
        for name in (*weights, *([] if first.name == "probabilities" else [first.name])):
            gradient = told.array(Shown(name, GRADIENT))
            index = np.unravel_index(np.abs(gradient).argmax(), gradient.shape)
            of_weights = "In the gradient of the weight matrix it is"
            begun = of_weights if name in weights else "The gradient furthest from 0 here is"
            written = re.search(rf"{begun} (\S+) \((.*?)\)\.", prose)
            assert written, (step.key, prose)
            assert read(written[1]) == pytest.approx(gradient[index], abs=5e-5, rel=0.06)
            labels = [names[place] for names, place in zip(told.trace.labels(name), index, strict=True)]
            assert [part.split(" ")[-1].strip("“”") for part in written[2].split(", ")] == labels


def test_the_gradient_of_the_least_probable_right_word_is_told(told):
    p, gradient = told.trace["probabilities"].value, told.trace["probabilities"].gradient
    row, word = np.unravel_index(gradient.argmin(), gradient.shape)
    prose = told.step("back.probabilities").prose
    if told.example.smoothing:
        assert "With label smoothing, every word counts" in prose
        assert f"furthest from 0 here is {rounded(gradient[row, word])}" in prose
    else:
        assert gradient[row, word] == pytest.approx(-1 / (len(p) * p[row, word]))
        said = re.search(r"its probability is p = (\S+), so the gradient is −1 / \((\d+) p\) = (\S+)\.", prose)
        assert rounded(gradient[row, word]) == said[3] == rounded(-1 / (len(p) * read(said[1])))
        assert (int(said[2]), read(said[1])) == (len(p), pytest.approx(p[row, word], abs=5e-5))
    assert f"1/{len(p)} = {1 / len(p):.4f}" in told.step("back.losses").prose


def test_how_many_gradients_are_zero_is_told(told):
    for step in told.steps:
        for kind, ending in (("hidden", "activation"), ("scaled", "masked")):
            name = step.key.removeprefix("back.")
            after = name.removesuffix(kind) + ending
            if step.key.startswith("back.") and name.endswith(f".{kind}") and after in told.trace:
                zero = int((told.trace[name].gradient == 0).sum())
                assert zero
                verb = "is" if zero == 1 else "are"
                assert f"Here {zero:,} of {told.trace[name].gradient.size:,} gradients {verb} 0." in step.prose


def test_the_row_with_the_longest_gradient_and_the_two_uses_of_a_tied_table_are_told(told):
    for side in ("source", "target"):
        prose, table = told.step(f"back.{side}.embedding").prose, told.trace[f"{side}.table"]
        lengths = np.linalg.norm(table.gradient, axis=1)
        words = told.trace.labels(f"{side}.table")[0]
        assert f"The row of “{literal(words[lengths.argmax()])}” has the longest gradient here" in prose
        assert f"of length {lengths.max():.4f}; {(lengths == 0).sum():,} of {len(lengths):,} rows" in prose
    assert ("This table is used twice" in prose) == told.example.translator.configuration.tied
    if told.example.translator.configuration.tied:
        trace = told.trace
        output = trace["similarities"].gradient.T @ trace["decoder.norm"].value
        lookup = table.gradient - output
        said = re.search(r"add up to (\S+)\) and as the weights of the output layer \((\S+)\)", prose)
        assert [read(number) for number in said.groups()] == pytest.approx(
            [np.abs(each).sum() for each in (lookup, output)], abs=1e-4
        )
        assert np.abs(output).sum() > 8 * np.abs(lookup).sum()  # of the shipped model; that is why it is said


def test_what_nobody_uses_and_what_is_zero_by_rounding_alone_are_said():
    for told in (lesson(EXAMPLES["article"]()), lesson(EXAMPLES["phrase book"]())):
        for side in ("source", "target"):
            assert "nothing uses their gradient" in told.step(f"back.{side}.positions").prose
        biases = [name for name in told.trace.parameters if name.endswith("key.bias")]
        assert biases
        for name in biases:
            noise = told.trace[name].gradient
            assert 0 < np.abs(noise).max() < 1e-9
            assert not told.array(Shown(name, GRADIENT)).any()
            assert told.explain(Shown(name, GRADIENT), 1).number == 0
            assert "changes no share of the softmax" in told.step(f"back.{name.removesuffix('.bias')}").prose
